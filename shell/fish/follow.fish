# Entering and leaving environments as the directory changes, for fish; needs commands.fish.
#
# When the directory changes the hook looks for one that leads to an environment, with tests of files alone. Only when
# that is another one than before is the program asked, and it decides what is to happen.

# What another shell has exported is not where this one is.
if not builtin functions -q __venvwrap_follow
    set -eg __venvwrap_follow_root
    set -eg __venvwrap_follow_seen
    set -eg __venvwrap_follow_told
    set -eg __venvwrap_follow_pending
    set -eg __venvwrap_follow_busy
    set -eg __venvwrap_follow_has_path
end

# The directory that leads to an environment; the first value is none, so that an inherited environment is looked at.
set -q __venvwrap_follow_root
or set -g __venvwrap_follow_root '?'
builtin contains path (builtin --names)
and set -g __venvwrap_follow_has_path 1

# Runs when the directory changes. Looks where the shell is now, and goes on only when another directory leads to an
# environment than before, or when something was told.
function __venvwrap_follow --on-variable PWD
    status is-interactive
    and not status is-command-substitution
    and not set -q __venvwrap_follow_busy
    and test "$VENVWRAP_AUTO" != 0
    or return 0
    # Not local: what is local here does not exist in functions called from here.
    set -g __venvwrap_reply
    __venvwrap_follow_find $PWD
    set -l root $__venvwrap_reply
    set -e __venvwrap_reply
    if test "$root" != "$__venvwrap_follow_root"; or set -q __venvwrap_follow_pending
        set -g __venvwrap_follow_busy 1
        __venvwrap_follow_act "$root"
        set -e __venvwrap_follow_busy
    end
    return 0
end

# Runs before each prompt: looks again where something was told, because consent may have been given meanwhile, and where
# an environment is active, because it may have been withdrawn.
function __venvwrap_follow_prompt --on-event fish_prompt
    set -q __venvwrap_follow_pending
    or return 0
    if test "$__venvwrap_follow_pending" != active
        __venvwrap_follow
    else if not set -q __venvwrap_follow_busy; and test "$VENVWRAP_AUTO" != 0
        set -g __venvwrap_follow_busy 1
        __venvwrap_follow_act "$__venvwrap_follow_root"
        set -e __venvwrap_follow_busy
    end
    return 0
end

# Does what is to be done where $argv[1] leads to an environment, or nothing does, unless all is as it was when that was
# told.
function __venvwrap_follow_act
    set -l generation
    test -f $__venvwrap_follow_tree/@generation -a -r $__venvwrap_follow_tree/@generation
    and read generation <$__venvwrap_follow_tree/@generation
    if test "$argv[1]" = "$__venvwrap_follow_root" -a "$generation" = "$__venvwrap_follow_seen"
        return 0
    else if test "$argv[1]" = "$__venvwrap_follow_root" -a "$__venvwrap_follow_pending" = active
        if test -z "$VIRTUAL_ENV" -o "$VIRTUAL_ENV" != "$VENVWRAP_AUTO_ENV"
            # The user has left it, or gone elsewhere.
            set -e __venvwrap_follow_pending
            return 0
        end
    end
    set -g __venvwrap_follow_seen $generation
    set -g __venvwrap_follow_root $argv[1]
    set -e __venvwrap_follow_pending
    # An environment that only its variable names, in a shell that has reset PATH, is not active: the program looks.
    if test -n "$VIRTUAL_ENV" -a "$VIRTUAL_ENV" != "$VENVWRAP_AUTO_ENV"
        and test -z "$__venvwrap_follow_root" -o "$PATH[1]" = "$VIRTUAL_ENV/bin"
        return 0
    else if test -n "$__venvwrap_follow_root"; or test -n "$__venvwrap_consent" -a -n "$VIRTUAL_ENV"
        if test -x "$__venvwrap_bin"; or command -sq venvwrap
            __venvwrap_plan follow "$__venvwrap_follow_root" "$__venvwrap_consent"
        end
    else if test -n "$VIRTUAL_ENV"
        __venvwrap_late leave
    end
    if test -z "$VIRTUAL_ENV"
        set -e VENVWRAP_AUTO_ENV
    else if test "$VIRTUAL_ENV" = "$VENVWRAP_AUTO_ENV"; and not set -q __venvwrap_follow_pending
        # It may be denied while the shell is in it.
        set -g __venvwrap_follow_pending active
    end
end

# Finds the innermost directory, down to $argv[1], that leads to an environment. Where none does, and a part of it is a
# link, the directory that it really is counts. Starts no process. Going down and reading the parts from a pipe is much
# faster than cutting the last part off again and again, and keeps line breaks.
function __venvwrap_follow_find
    __venvwrap_follow_is_nowhere $argv[1]
    and return 0
    # One empty word, not none: a list of none takes what is written beside it along.
    set -l dir ''
    set -l tree $__venvwrap_follow_tree
    set -l link
    builtin printf %s $argv[1] | read -z -a -d / -l parts
    test "$argv[1]" = /
    and set parts
    test -f $tree/@env -o -e /.venv -o -f /.python-envs
    and set __venvwrap_reply /
    for part in $parts[2..-1]
        set dir $dir/$part
        # All in one command: further ones would cost more than what they test.
        if test -e $dir/.venv -o -f $dir/.python-envs -o -L $dir
            test -e $dir/.venv -o -f $dir/.python-envs
            and set __venvwrap_reply $dir
            test -L $dir
            and set link $dir
        end
        # Where the mirror ends there is nothing further down.
        if set -q tree[1]
            if test -d $tree$dir
                test -f $tree$dir/@env
                and set __venvwrap_reply $dir
            else
                set -e tree[1]
            end
        end
    end
    if set -q link[1]; and test -z "$__venvwrap_reply" -a -z "$argv[2]"
        set -l real (builtin pwd -P | string collect)
        if string match -q '/*' -- $real
            __venvwrap_follow_find $real physical
        end
    end
end

# Tells in three commands, however many directories there are, that neither $argv[1] nor what is above it leads to an
# environment, or is a link. Fails where fish is too old for that (before 3.5) or the path too long, as where it is not so.
function __venvwrap_follow_is_nowhere
    set -q __venvwrap_follow_has_path
    and string match -qr '^(?<a>/[^/]+)(?<b>/[^/]+)?(?<c>/[^/]+)?(?<d>/[^/]+)?(?<e>/[^/]+)?(?<f>/[^/]+)?(?<g>/[^/]+)?(?<h>/[^/]+)?(?<i>/[^/]+)?(?<j>/[^/]+)?$' -- $argv[1]
    or return 1
    # Where a part is missing all of these words are.
    set -l dirs $a $a$b $a$b$c $a$b$c$d $a$b$c$d$e $a$b$c$d$e$f $a$b$c$d$e$f$g $a$b$c$d$e$f$g$h $a$b$c$d$e$f$g$h$i $a$b$c$d$e$f$g$h$i$j
    not builtin path is -- $dirs/.venv $dirs/.python-envs $__venvwrap_follow_tree$dirs/@env /.venv /.python-envs $__venvwrap_follow_tree/@env
    and not builtin path is -l -- $dirs
end

# Plan: tells something, once in this shell; it may be asked for again when something has changed.
function __venvwrap_tell
    set -g __venvwrap_follow_pending 1
    if not builtin contains -- $argv[1] $__venvwrap_follow_told
        set -ga __venvwrap_follow_told $argv[1]
        builtin printf '%s\n' $argv[1] >&2
    end
    return 0
end

__venvwrap_follow
