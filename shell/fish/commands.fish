# venvwrap for fish. The `venvwrap` program decides what is to happen and prints a plan; the functions here apply it,
# because only code that runs inside the shell can. No rule about environments lives in this file.
#
# Hooks that are sourced have the names of virtualenvwrapper's with `.fish` at the end.

# The version of the plans that these functions apply. A program that speaks another one is not obeyed.
set -g __venvwrap_protocol 2

# What another shell has exported says nothing about this one, which has no functions yet.
if not builtin functions -q __venvwrap_exec
    set -eg __venvwrap_env
    set -eg __venvwrap_note
    set -eg __venvwrap_temporary
    set -eg __venvwrap_consent
    set -eg __venvwrap_leaving
    set -eg __venvwrap_left
    set -eg __venvwrap_kept
end

# Runs the program. Settings that were never exported are passed on from here.
function __venvwrap_exec
    set -l program $__venvwrap_bin
    if not test -f "$program" -a -x "$program"
        set program (command -s venvwrap)
        if not string match -q '/*' -- $program
            builtin printf 'error: cannot run the venvwrap program `%s`\n' "$__venvwrap_bin" >&2
            return 127
        end
    end
    # Not a loop: the variables would end with its block.
    # generated: variables; `just generate` writes these lines
    set -q WORKON_HOME; and set -lx WORKON_HOME $WORKON_HOME
    set -q PROJECT_HOME; and set -lx PROJECT_HOME $PROJECT_HOME
    set -q VIRTUALENVWRAPPER_HOOK_DIR; and set -lx VIRTUALENVWRAPPER_HOOK_DIR $VIRTUALENVWRAPPER_HOOK_DIR
    set -q VIRTUALENVWRAPPER_PROJECT_FILENAME
    and set -lx VIRTUALENVWRAPPER_PROJECT_FILENAME $VIRTUALENVWRAPPER_PROJECT_FILENAME
    set -q VIRTUALENVWRAPPER_WORKON_CD; and set -lx VIRTUALENVWRAPPER_WORKON_CD $VIRTUALENVWRAPPER_WORKON_CD
    set -q VIRTUALENVWRAPPER_VIRTUALENV; and set -lx VIRTUALENVWRAPPER_VIRTUALENV $VIRTUALENVWRAPPER_VIRTUALENV
    set -q VIRTUALENVWRAPPER_VIRTUALENV_ARGS
    and set -lx VIRTUALENVWRAPPER_VIRTUALENV_ARGS $VIRTUALENVWRAPPER_VIRTUALENV_ARGS
    set -q VIRTUALENVWRAPPER_VIRTUALENV_CLONE
    and set -lx VIRTUALENVWRAPPER_VIRTUALENV_CLONE $VIRTUALENVWRAPPER_VIRTUALENV_CLONE
    set -q VIRTUALENVWRAPPER_PYTHON; and set -lx VIRTUALENVWRAPPER_PYTHON $VIRTUALENVWRAPPER_PYTHON
    set -q VIRTUALENVWRAPPER_LOG_FILE; and set -lx VIRTUALENVWRAPPER_LOG_FILE $VIRTUALENVWRAPPER_LOG_FILE
    set -q VENVWRAP_PICKER; and set -lx VENVWRAP_PICKER $VENVWRAP_PICKER
    set -q VIRTUAL_ENV; and set -lx VIRTUAL_ENV $VIRTUAL_ENV
    set -q VENVWRAP_STUBS; and set -lx VENVWRAP_STUBS $VENVWRAP_STUBS
    # end of variables
    command $program $argv
end

# Runs `venvwrap __do FUNCTION ARG..` in the foreground.
function __venvwrap_do
    __venvwrap_exec __do $argv
end

# Asks for the plan of FUNCTION ARG.. and applies it; lines of the plan may set `_vw_status`. The first plan
# brings the functions that plans call.
function __venvwrap_plan
    set -l _vw_status 0
    # `__load` brings the functions in verbs.fish along.
    set -l request __load
    builtin functions -q __venvwrap_enter
    and set request __plan
    # Not in parentheses: what stands there keeps its standard error when that of the function is sent elsewhere.
    __venvwrap_exec $request fish $argv | read -z -l _vw_text
    set -l answered $pipestatus[1]
    test $answered -eq 0
    or return $answered
    # A plan begins with a test of the version; a program that prints none speaks the first.
    if not string match -q 'test "$__venvwrap_protocol"*' -- $_vw_text
        builtin printf 'error: this shell has loaded another version of venvwrap; start a new shell\n' >&2
        return 1
    end
    builtin eval $_vw_text
    return $_vw_status
end

# Calls the function in verbs.fish that has this name after `__venvwrap_`.
function __venvwrap_late
    if not builtin functions -q __venvwrap_enter
        __venvwrap_plan
        or return $status
    end
    __venvwrap_$argv[1] $argv[2..-1]
end

# Plan: sources a hook if it exists by now, whatever it returns. A relative path is never meant.
function __venvwrap_source
    if string match -q '/*' -- $argv[1]; and test -f $argv[1]
        builtin source $argv
    end
    return 0
end

# Returns whether one of these hooks does something: it has a line that is no comment.
function __venvwrap_any_hook
    for file in $argv
        test -f "$file" -a -s "$file"
        or continue
        # What cannot be read is the program's business.
        test -r "$file"
        or return 0
        while read -l line
            string match -qr '^\s*(#|$)' -- $line
            or return 0
        end <$file
    end
    return 1
end

# Sources the `initialize` hook, FILE, if it does something and nobody else could change it: that the program knows.
function __venvwrap_initialize
    if __venvwrap_any_hook $argv[1]
        __venvwrap_source (__venvwrap_do initialize fish | string collect)
    end
end

# The shell has to say whether this is a terminal: what the program prints is a plan, in a pipe.
function workon --description 'Activate an environment, or choose one from a list'
    if begin
            not set -q argv[1]; or string match -q -- '-*' $argv[1]
        end; and test -t 0 -a -t 1 -a -t 2
        __venvwrap_plan pick $argv
    else
        __venvwrap_plan workon $argv
    end
end

function mkvirtualenv --description 'Create an environment, activate it and install packages into it'
    __venvwrap_late create mkvirtualenv $argv
end

function mkproject --description 'Create a project directory with an environment, and activate it'
    __venvwrap_late create mkproject $argv
end

# The token makes both calls of the program choose the same name.
function mktmpenv --description 'Create and activate an environment that is removed when you deactivate it'
    __venvwrap_late create mktmpenv --token $fish_pid.(builtin random)(builtin random) $argv
end

function mktempenv --description 'Create and activate an environment that is removed when you deactivate it'
    mktmpenv $argv
end

function rmvirtualenv --description 'Remove environments'
    __venvwrap_late rmvirtualenv $argv
end

function cpvirtualenv --description 'Copy an environment and activate the copy'
    __venvwrap_late cpvirtualenv $argv
end

function mvvirtualenv --description 'Rename an environment; if it is active, it stays active'
    __venvwrap_late mvvirtualenv $argv
end

# generated: functions; `just generate` writes these lines
function lsvirtualenv --description 'List environments'
    __venvwrap_do lsvirtualenv $argv
end

function showvirtualenv --description 'Show the details of an environment'
    __venvwrap_do showvirtualenv $argv
end

function setvirtualenvproject --description 'Associate an environment with a project directory'
    __venvwrap_late setvirtualenvproject $argv
end

function cdproject --description 'Change to the project directory of the active environment'
    __venvwrap_late cdproject $argv
end

function cdvirtualenv --description 'Change to the directory of the active environment, or to one inside it'
    __venvwrap_late cdvirtualenv $argv
end

function cdsitepackages --description 'Change to the site-packages of the active environment, or to a directory inside them'
    __venvwrap_late cdsitepackages $argv
end

function lssitepackages --description 'List the site-packages of the active environment'
    __venvwrap_do lssitepackages $argv
end

function add2virtualenv --description 'Add directories to the import path of the active environment'
    __venvwrap_do add2virtualenv $argv
end

function toggleglobalsitepackages --description 'Show or hide the packages of the base Python in the active environment'
    __venvwrap_do toggleglobalsitepackages $argv
end

function wipeenv --description 'Remove all packages from the active environment except pip and setuptools'
    __venvwrap_do wipeenv $argv
end

function allvirtualenv --description 'Run a command in every environment, one after another'
    __venvwrap_late allvirtualenv $argv
end

function virtualenvwrapper --description 'List the shell functions and the directories in use'
    __venvwrap_do virtualenvwrapper $argv
end
# end of functions

# A shell started inside an environment inherits its variables but not the way out of it.
if test -n "$VIRTUAL_ENV"; and not builtin functions -q deactivate
    function deactivate --description 'Deactivate the active environment'
        __venvwrap_late inherited $argv
    end
end

# Read anew with the next plan, of the version that speaks now.
builtin functions -e __venvwrap_enter
# end of init: the rest is for files alone.

# What is in parentheses costs as much as half of the functions above.
if not test -x "$__venvwrap_bin"
    # Finds the program next to this file ($argv[1]), in the `bin` next to its directory or the package's, or on PATH.
    function __venvwrap_find
        set -l dir (string replace -r '/[^/]*$' '' -- $argv[1])
        if not string match -q '*/*' -- $argv[1]
            set dir $PWD
        else if not string match -q '/*' -- $argv[1]
            set dir $PWD/$dir
        end
        for bin in $dir $dir/../bin (string replace -r '/share/venvwrap$' '' -- $dir)/bin
            if test -f $bin/venvwrap -a -x $bin/venvwrap
                set -g __venvwrap_bin $bin/venvwrap
                return 0
            end
        end
        set -g __venvwrap_bin (command -s venvwrap; or builtin echo venvwrap)
    end
    __venvwrap_find (status filename)
    builtin functions -e __venvwrap_find
end
# Only the program knows the directory where it is not written in full, or a configuration file may name it.
if string match -qr '^$|^[^/]|[$~]|//' -- "$VIRTUALENVWRAPPER_HOOK_DIR" "$WORKON_HOME"
    set -l config $HOME/.config
    test -n "$XDG_CONFIG_HOME"
    and set config $XDG_CONFIG_HOME
    set config $config/venvwrap/config.toml
    test -n "$VENVWRAP_CONFIG"
    and set config $VENVWRAP_CONFIG
    if test -f $config -o -f "$HOME/Library/Application Support/venvwrap/config.toml"
        or string match -qr '^[^/]|[$~]|//' -- "$VIRTUALENVWRAPPER_HOOK_DIR" "$WORKON_HOME"
        __venvwrap_source (__venvwrap_do initialize fish | string collect)
    else if test -n "$VIRTUALENVWRAPPER_HOOK_DIR"
        __venvwrap_initialize $VIRTUALENVWRAPPER_HOOK_DIR/initialize.fish
    else if test -n "$WORKON_HOME"
        __venvwrap_initialize $WORKON_HOME/initialize.fish
    else
        __venvwrap_initialize $HOME/.virtualenvs/initialize.fish
    end
else
    __venvwrap_initialize $VIRTUALENVWRAPPER_HOOK_DIR/initialize.fish
end
