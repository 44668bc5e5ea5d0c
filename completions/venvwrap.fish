# Completion of venvwrap and its shell functions for fish. `venvwrap init fish` prints this file before the functions; it
# also works alone, from a directory in `fish_complete_path`. The program returns the names as data; fish matches and
# quotes them.

# Prints the candidates for the word at the cursor, which belongs to the command $argv[1].
function __venvwrap_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    set -l lines
    if builtin functions -q __venvwrap_exec
        set lines (__venvwrap_exec __complete fish $argv[1] $words[2..-1] "$token" 2>/dev/null)
    else
        set lines (command venvwrap __complete fish $argv[1] $words[2..-1] "$token" 2>/dev/null)
    end
    switch "$lines[1]"
        case files
            __fish_complete_path "$token"
        case directories
            __fish_complete_directories "$token" ''
        case values
            set -q lines[2]
            and printf '%s\n' $lines[2..-1]
    end
    return 0
end

# generated: names; `just generate` writes these lines
for __venvwrap_name in venvwrap workon deactivate mkvirtualenv mkproject mktmpenv mktempenv cpvirtualenv mvvirtualenv \
    rmvirtualenv lsvirtualenv showvirtualenv setvirtualenvproject cdproject cdvirtualenv cdsitepackages lssitepackages \
    add2virtualenv toggleglobalsitepackages wipeenv allvirtualenv virtualenvwrapper virtualenvwrapper_run_hook
    # end of names
    complete -c $__venvwrap_name -e
    complete -c $__venvwrap_name -f -a "(__venvwrap_complete $__venvwrap_name)"
end
set -e __venvwrap_name
