# The functions that plans call, for fish, and the long ones behind the commands. A shell reads them when it first needs
# one, since reading takes longer than anything else at its start: the program brings them with the first plan.

# Makes an environment in the foreground, then applies the plan: VIRTUALENVWRAPPER_VIRTUALENV may name a function of
# this shell.
function __venvwrap_create
    if builtin functions -q -- (string split -- ' ' "$VIRTUALENVWRAPPER_VIRTUALENV")[1]
        __venvwrap_plan by-function $argv
        or return $status
    else
        __venvwrap_do $argv
        or return $status
    end
    __venvwrap_plan $argv
end

# The `deactivate` of a shell that was started inside an environment.
function __venvwrap_inherited
    if builtin contains -- "$argv[1]" -h --help
        __venvwrap_do deactivate --help
        return $status
    end
    __venvwrap_forget
    builtin functions -e deactivate
end

# Plan: leaves the active environment, whoever activated it.
function __venvwrap_leave
    if test -n "$VIRTUAL_ENV"; and builtin functions -q deactivate
        deactivate
    end
    if test -n "$VIRTUAL_ENV"
        __venvwrap_forget
    end
    __venvwrap_unnote
    __venvwrap_reap
end

# Tells others that this shell has left its environment.
function __venvwrap_unnote
    if test -n "$__venvwrap_note" -a -w "$__venvwrap_note"
        builtin echo -n >$__venvwrap_note
    end
    set -e __venvwrap_note
    return 0
end

# Plan: activates, ENVIRONMENT ACTIVATE FLAG.. [note FILE RECORD] [text TEXT] -- and the words of `renew`. TEXT stands for
# the script; RECORD in FILE tells others that this shell is in the environment.
function __venvwrap_enter
    set -l before $PATH
    # One loop: each substitution of a command would be a pipe.
    set -l flags
    set -l text
    set -l note
    set -l record
    set -l renewal
    set -l next flag
    for word in $argv[3..-1]
        switch $next
            case flag
                switch $word
                    case note text
                        set next $word
                    case --
                        set next renewal
                    case '*'
                        set -a flags $word
                end
            case note
                set note $word
                set next record
            case record text
                set $next $word
                set next flag
            case renewal
                set -a renewal $word
        end
    end
    builtin contains -- hide-prompt $flags
    and set -lx VIRTUAL_ENV_DISABLE_PROMPT 1
    if builtin count $text >/dev/null
        builtin eval $text
    else
        __venvwrap_source $argv[2]
    end
    if test "$VIRTUAL_ENV" != $argv[1]
        set -l expected (builtin realpath -- $argv[1] 2>/dev/null)
        set -l actual (test -n "$VIRTUAL_ENV"; and builtin realpath -- $VIRTUAL_ENV 2>/dev/null)
        if test -z "$actual" -o "$actual" != "$expected"
            __venvwrap_do not-activated $argv[2] $argv[1]
            __venvwrap_leave
            return 1
        end
    end
    if test -z "$VIRTUAL_ENV_PROMPT"
        set -gx VIRTUAL_ENV_PROMPT (string replace -r '.*/' '' -- $argv[1] | string collect)
    end
    set -g __venvwrap_env $argv[1]
    set -g __venvwrap_active $VIRTUAL_ENV
    set -g __venvwrap_prompt $VIRTUAL_ENV_PROMPT
    set -g __venvwrap_note $note
    if test -n "$note" -a -w "$note"
        # Appended: ext4 writes a file to the disk that is emptied and written at once, and the next one would wait.
        if test -s "$note"
            builtin echo -n >$note
        end
        builtin printf %s $record >>$note
    end
    __venvwrap_outlive_direnv $before
    __venvwrap_renew $renewal
    __venvwrap_wrap_deactivate
    if builtin contains -- automatic $flags
        set -gx VENVWRAP_AUTO_ENV $VIRTUAL_ENV
    end
    if builtin contains -- temporary $flags
        set -g __venvwrap_temporary $argv[1]
    end
    return 0
end

# Plan: replaces the hooks for leaving the active environment, CONSENT LEAVING.. -- LEFT..
function __venvwrap_renew
    set -g __venvwrap_consent $argv[1]
    set -g __venvwrap_leaving
    set -g __venvwrap_left
    set -l list __venvwrap_leaving
    for word in $argv[2..-1]
        if test "$word" = --
            set list __venvwrap_left
        else
            set -ga $list $word
        end
    end
end

# direnv puts back the PATH that it has noted, whichever environment was active then. Where it runs at the prompt, PATH is
# looked at after it; the active environment is remembered for that, unless it was on PATH before, which are the arguments.
function __venvwrap_outlive_direnv
    builtin contains -- "$VIRTUAL_ENV/bin" $argv $__venvwrap_been
    or set -ga __venvwrap_been "$VIRTUAL_ENV/bin"
    set -q DIRENV_DIFF
    or builtin functions -q __direnv_export_eval
    or return 0
    if not set -q __venvwrap_settled
        set -g __venvwrap_settled "$PATH"
        set -g __venvwrap_diff "$DIRENV_DIFF"
    end
    # Handlers run in the order in which they were defined.
    builtin functions -e __venvwrap_settle
    function __venvwrap_settle --on-event fish_prompt --on-event fish_preexec
        test "$PATH" = "$__venvwrap_settled"
        and test "$DIRENV_DIFF" = "$__venvwrap_diff"
        or __venvwrap_settle_path
    end
    return 0
end

# Puts the active environment on PATH again, and takes those off it that were left.
function __venvwrap_settle_path
    test "$DIRENV_DIFF" = "$__venvwrap_diff"
    or __venvwrap_settle_environment
    set -l wanted
    set -l rest (string replace -- "$__venvwrap_settled" '' "$PATH" | string collect)
    if test "$rest" != "$PATH"; and test -z "$__venvwrap_diff" -o "$__venvwrap_diff" = "$DIRENV_DIFF"
        # It has only got longer, and direnv has put nothing back: somebody has added them.
        set wanted 1
    end
    set -l been
    for entry in $__venvwrap_been
        if test "$entry" = "$VIRTUAL_ENV/bin"
            set -a been $entry
            continue
        end
        builtin contains -- $entry $PATH
        and set -q wanted[1]
        and continue
        # Where direnv has noted nothing, what was left is forgotten: who has it on PATH later wants it there.
        test -n "$DIRENV_DIFF"
        and set -a been $entry
        __venvwrap_take_off $entry
    end
    set -g __venvwrap_been $been
    if test -n "$__venvwrap_env"; and builtin contains -- "$VIRTUAL_ENV/bin" $been
        builtin contains -- "$VIRTUAL_ENV/bin" $PATH
        or set -gx PATH "$VIRTUAL_ENV/bin" $PATH
    end
    set -g __venvwrap_settled "$PATH"
    set -g __venvwrap_diff "$DIRENV_DIFF"
end

# Where direnv has changed VIRTUAL_ENV: what an .envrc sets wins, and the prompt does not name another one; what direnv puts
# back does not, be it the environment of another time or none.
function __venvwrap_settle_environment
    if builtin functions -q deactivate
        # Another tool's: somebody has sourced a script.
        test -n "$__venvwrap_env"
        and builtin functions deactivate | string match -q '*__venvwrap_deactivate*'
        or return 0
    else if test -z "$VIRTUAL_ENV"; or not builtin contains -- "$VIRTUAL_ENV/bin" $__venvwrap_been
        return 0
    end
    if test -n "$__venvwrap_env" -a "$VIRTUAL_ENV" = "$__venvwrap_active"
        __venvwrap_show_name
    else if test -n "$DIRENV_DIFF"; and __venvwrap_do direnv-sets $DIRENV_DIFF VIRTUAL_ENV
        test -z "$__venvwrap_env"
        or __venvwrap_give_way
    else if test -n "$__venvwrap_env"
        set -gx VIRTUAL_ENV $__venvwrap_active
        __venvwrap_show_name
    else
        set -e VIRTUAL_ENV
        set -e VIRTUAL_ENV_PROMPT
    end
end

# Lets the environment of an .envrc stand before ours: on PATH, and without our name in the prompt.
function __venvwrap_give_way
    __venvwrap_take_off "$__venvwrap_active/bin"
    if test -n "$VIRTUAL_ENV"; and not builtin contains -- "$VIRTUAL_ENV/bin" $PATH
        set -gx PATH "$VIRTUAL_ENV/bin" $PATH
        set -ga __venvwrap_been "$VIRTUAL_ENV/bin"
    end
    test "$VIRTUAL_ENV_PROMPT" = "$__venvwrap_prompt"
    and set -e VIRTUAL_ENV_PROMPT
    if set -q _OLD_FISH_PROMPT_OVERRIDE; and builtin functions -q fish_prompt _old_fish_prompt
        and not builtin functions -q __venvwrap_shown_prompt
        builtin functions -c fish_prompt __venvwrap_shown_prompt
        builtin functions -e fish_prompt
        builtin functions -c _old_fish_prompt fish_prompt
    end
end

# Shows the name again that gave way.
function __venvwrap_show_name
    set -gx VIRTUAL_ENV_PROMPT $__venvwrap_prompt
    if builtin functions -q __venvwrap_shown_prompt
        builtin functions -e fish_prompt
        builtin functions -c __venvwrap_shown_prompt fish_prompt
        builtin functions -e __venvwrap_shown_prompt
    end
end

# Takes an entry off PATH. Compared one by one: `string match` would take `*` and `?` in a name for a pattern.
function __venvwrap_take_off
    while set -l index (builtin contains -i -- $argv[1] $PATH)
        set -e PATH[$index]
    end
    return 0
end

# Plan: runs a program or a function of this shell, ON_FAILURE CWD PROGRAM ARGUMENT..
function __venvwrap_run
    set -l ran 0
    if builtin functions -q -- $argv[3]
        set -l before $PWD
        builtin cd -- $argv[2]
        or return 1
        $argv[3..-1]
        set ran $status
        builtin cd -- $before
    else
        # There is no subshell to change the directory in, and going there and back would be seen by PWD handlers.
        command /bin/sh -c 'cd -- "$1" >/dev/null && shift && exec "$@"' sh $argv[2..-1]
        set ran $status
    end
    test $argv[1] = ignore
    or return $ran
end

# Plan: changes the directory; only absolute paths, so that CDPATH has no say.
function __venvwrap_cd
    builtin cd -- $argv[1]
end

# Plan: sets and exports a variable, SCOPE NAME VALUE, or unsets it, SCOPE NAME. In the scope `environment` it becomes
# again what it was when the environment is left.
function __venvwrap_set
    if test $argv[1] = environment
        __venvwrap_keep $argv[2]
    end
    if set -q argv[3]
        set -gx $argv[2] $argv[3]
    else
        set -e $argv[2]
    end
    return 0
end

# Remembers a variable before the environment sets it.
function __venvwrap_keep
    set -ga __venvwrap_kept $argv[1]
    if set -qgx $argv[1]
        set -g __venvwrap_kept_$argv[1] exported $$argv[1]
    else if set -qg $argv[1]
        set -g __venvwrap_kept_$argv[1] global $$argv[1]
    else
        set -g __venvwrap_kept_$argv[1] unset
    end
end

# Gives the variables back that were set for the environment.
function __venvwrap_restore
    for name in $__venvwrap_kept
        set -l kept __venvwrap_kept_$name
        set -l old $$kept
        switch "$old[1]"
            case exported
                set -gx $name $old[2..-1]
            case global
                set -gu $name $old[2..-1]
            case unset
                set -eg $name
        end
        set -eg $kept
    end
    set -eg __venvwrap_kept
    return 0
end

# Keeps the environment's own `deactivate` under another name and puts ours in its place.
function __venvwrap_wrap_deactivate
    builtin functions -e virtualenv_deactivate
    if builtin functions -q deactivate
        builtin functions -c deactivate virtualenv_deactivate
    else
        function virtualenv_deactivate
            __venvwrap_forget
        end
    end
    function deactivate --description 'leave the active virtual environment'
        __venvwrap_deactivate $argv
    end
end

# What `deactivate` does in an environment that we entered. Starts a process only where a hook does something, or consent
# was needed to enter: what others could change in the meantime does not run.
function __venvwrap_deactivate
    if builtin contains -- "$argv[1]" -h --help
        __venvwrap_do deactivate --help
        return $status
    end
    set -l env $__venvwrap_env
    set -l judged
    # direnv may have run since the last prompt.
    if set -q __venvwrap_settled; and test "$DIRENV_DIFF" != "$__venvwrap_diff"
        __venvwrap_settle_path
    end
    # An .envrc has named another one: both are left.
    if test -n "$env" -a -n "$__venvwrap_active" -a "$VIRTUAL_ENV" != "$__venvwrap_active"
        __venvwrap_take_off "$VIRTUAL_ENV/bin"
        set -gx VIRTUAL_ENV $__venvwrap_active
    end
    builtin functions -e __venvwrap_shown_prompt
    if test -n "$__venvwrap_consent"; or __venvwrap_any_hook $__venvwrap_leaving $__venvwrap_left
        set judged 1
        set -l words "$__venvwrap_consent" $__venvwrap_leaving -- $__venvwrap_left
        # Without an answer none runs.
        __venvwrap_renew '' --
        __venvwrap_plan leave "$env" $words
        for hook in $__venvwrap_leaving
            __venvwrap_source $hook
        end
    end
    virtualenv_deactivate $argv
    __venvwrap_restore
    # Activate scripts from before this variable existed leave it behind.
    set -e VIRTUAL_ENV_PROMPT
    # The second is the name in virtualenvwrapper's documentation, the first what its code uses.
    set -g VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV $env
    set -g VIRTUALENVWRAPPER_LAST_VIRTUALENV $env
    if test -n "$judged"
        for hook in $__venvwrap_left
            # As in virtualenvwrapper, a temporary environment is gone when the hooks outside of it run.
            if test -n "$__venvwrap_temporary" -a "$argv[1]" != nondestructive
                test (string replace -- "$env/" '' $hook | string collect) != $hook
                or __venvwrap_reap
            end
            __venvwrap_source $hook (string replace -r '^.*/' '' -- $env | string collect)
        end
    end
    set -e VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV
    set -e VIRTUALENVWRAPPER_LAST_VIRTUALENV
    if test "$argv[1]" != nondestructive
        builtin functions -e virtualenv_deactivate deactivate
        set -e __venvwrap_env
        __venvwrap_renew '' --
        __venvwrap_unnote
        __venvwrap_reap
    end
    return 0
end

# Leaves an environment that was only inherited: unsets the variables that it has left behind, and takes it out of PATH.
# Of what fish's activate scripts keep for their `deactivate`, everything is exported, so a child shell has to drop it.
function __venvwrap_forget
    __venvwrap_plan forget
    __venvwrap_outlive_direnv
    __venvwrap_take_off "$VIRTUAL_ENV/bin"
    if set -q _OLD_VIRTUAL_PYTHONHOME
        set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
    end
    set -e _OLD_VIRTUAL_PATH
    set -e _OLD_VIRTUAL_PYTHONHOME
    set -e _OLD_FISH_PROMPT_OVERRIDE
    set -e VIRTUAL_ENV
    set -e VIRTUAL_ENV_PROMPT
    return 0
end

# Prints site-packages of the active environment; of several, the one of its Python version.
function __venvwrap_find_site_packages
    set -l wanted
    if test -f $VIRTUAL_ENV/pyvenv.cfg -a -r $VIRTUAL_ENV/pyvenv.cfg
        while read -l line
            set -l found (string match -r '^version.*= *([0-9]+\.[0-9]+)' -- $line)
            and set wanted $found[2]
        end <$VIRTUAL_ENV/pyvenv.cfg
    end
    set -l site_packages
    for dir in $VIRTUAL_ENV/lib/*/site-packages
        set -l ending (string match -r '[a-z]([0-9.]+)t?/site-packages$' -- $dir)
        if test -z "$site_packages" -o "$ending[2]" = "$wanted"
            set site_packages $dir
        end
    end
    builtin printf '%s\n' $site_packages
end

# Runs a function of this shell as if an environment were active, ACTIVATE HEADING UNDERLINE VARIABLE.. -- FUNCTION ARG..;
# the shell is in its directory. A VARIABLE is `set NAME VALUE` or `unset NAME`.
function __venvwrap_in_each
    # It calls itself with what is left: a variable that is local here is seen in functions called from here.
    switch "$argv[1]"
        case --
            $argv[2..-1]
        case set
            set -lx $argv[2] $argv[3]
            __venvwrap_in_each $argv[4..-1]
        case unset
            # A local variable would not hide it from functions.
            set -l old $$argv[2]
            set -eg $argv[2]
            __venvwrap_in_each $argv[3..-1]
            set -gx $argv[2] $old
        case '*'
            set -l environment (string replace -r '/bin/[^/]*$' '' -- $argv[1] | string collect)
            set -lx PATH $environment/bin $PATH
            set -lx VIRTUAL_ENV $environment
            builtin printf '%s\n' $argv[2] $argv[3]
            __venvwrap_in_each $argv[4..-1]
            builtin echo
    end
    return 0
end

# Fails unless an environment is active and still there.
function __venvwrap_require_active
    if test -z "$VIRTUAL_ENV"; or not test -d "$VIRTUAL_ENV"
        __venvwrap_do none-active
        return 1
    end
end

# The same where an environment is looked into: virtualenvwrapper first makes the directory of all of them.
function __venvwrap_require_inside
    test -z "$WORKON_HOME" -o -d "$WORKON_HOME"
    or __venvwrap_do verify-home
    or return 1
    __venvwrap_require_active
end

# Lets the program remove the temporary environment that was just left.
function __venvwrap_reap
    if test -n "$__venvwrap_temporary"
        set -l env $__venvwrap_temporary
        set -e __venvwrap_temporary
        __venvwrap_do reap $env
        __venvwrap_step_out
    end
    return 0
end

# Moves to where the program says when the current directory has gone.
function __venvwrap_step_out
    if not test -d $PWD
        __venvwrap_plan rmvirtualenv $argv
    end
end

# Runs when the shell ends: makes sure that a temporary environment goes.
function __venvwrap_exit --on-event fish_exit
    if test -n "$__venvwrap_temporary"
        set -e VIRTUAL_ENV
        __venvwrap_reap
    end
end

function __venvwrap_rmvirtualenv
    __venvwrap_do rmvirtualenv $argv
    set -l removed $status
    __venvwrap_step_out $argv
    return $removed
end

function __venvwrap_cpvirtualenv
    if test -n "$VIRTUALENVWRAPPER_VIRTUALENV_CLONE"
        __venvwrap_plan copy-by-program $argv
    else
        __venvwrap_do cpvirtualenv $argv
    end
    or return $status
    __venvwrap_plan cpvirtualenv $argv
end

# Leaves the environment first, while its hooks are there; one that keeps its name is activated again.
function __venvwrap_mvvirtualenv
    set -l before "$VIRTUAL_ENV"
    __venvwrap_plan before-mvvirtualenv $argv
    or return $status
    __venvwrap_do mvvirtualenv $argv
    set -l moved $status
    if test $moved -eq 0
        set -l after
        test -n "$before"
        or set after after-
        __venvwrap_plan "$after"mvvirtualenv $argv
        return $status
    end
    if test -n "$before" -a -z "$VIRTUAL_ENV"
        if test -d "$before"
            __venvwrap_plan workon --no-cd -- (string replace -r '.*/' '' -- $before | string collect)
        else
            __venvwrap_plan mvvirtualenv $argv
        end
    end
    return $moved
end

# The active environment may be the one that gets another project.
function __venvwrap_setvirtualenvproject
    __venvwrap_do setvirtualenvproject $argv
    or return $status
    if test -n "$__venvwrap_env"
        __venvwrap_plan renew $__venvwrap_env "$__venvwrap_consent"
    end
end

# Functions run in this shell; `deactivate` and hooks have no part in it. The program says which environments may be
# entered, and prints their headings.
function __venvwrap_allvirtualenv
    if builtin contains -- "$argv[1]" -h --help; or not builtin functions -q -- $argv[1]
        __venvwrap_do allvirtualenv $argv
        return $status
    end
    __venvwrap_plan each $argv
end

# Changes to a directory that the user has named; the program says why where that fails.
function __venvwrap_go
    builtin cd -- $argv[1] 2>/dev/null
    and return 0
    __venvwrap_do no-directory $argv[1]
    return 1
end

# Returns whether the first argument asks for help, FUNCTION ARG..; shows it then.
function __venvwrap_helps
    builtin contains -- "$argv[2]" -h --help
    and __venvwrap_do $argv[1] --help
end

function __venvwrap_cdvirtualenv
    __venvwrap_helps cdvirtualenv $argv
    and return 0
    __venvwrap_require_inside
    or return 1
    __venvwrap_go $VIRTUAL_ENV/"$argv[1]"
end

function __venvwrap_cdsitepackages
    __venvwrap_helps cdsitepackages $argv
    and return 0
    __venvwrap_require_inside
    or return 1
    set -l site_packages (__venvwrap_find_site_packages | string collect)
    if test -z "$site_packages"
        builtin printf 'ERROR: `%s` has no site-packages directory\n' $VIRTUAL_ENV >&2
        return 1
    end
    __venvwrap_go $site_packages/"$argv[1]"
end

function __venvwrap_cdproject
    __venvwrap_helps cdproject $argv
    and return 0
    __venvwrap_require_active
    or return 1
    __venvwrap_plan cdproject
end
