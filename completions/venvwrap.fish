# Completion of venvwrap and its shell functions for fish. `venvwrap init fish` prints this file before the functions; it
# also works alone, from a directory in `fish_complete_path`. The program returns the names as data; fish matches and
# quotes them.

# Prints the candidates for the word at the cursor. Where the command is another name for one of venvwrap's, that counts.
function __venvwrap_complete
    set -l words (builtin commandline -opc)
    set -l token (builtin commandline -ct)
    set -l name (string replace -r '.*/' '' -- $words[1])
    while not builtin contains -- "$name" $__venvwrap_names
        set name (builtin complete -- "$name" | string match -r -- '--wraps[ =]([^ ]+)')[2]
        or return 0
    end
    set -l lines
    if builtin functions -q __venvwrap_exec
        set lines (__venvwrap_exec __complete fish $name $words[2..-1] "$token" 2>/dev/null)
    else
        set lines (command venvwrap __complete fish $name $words[2..-1] "$token" 2>/dev/null)
    end
    switch "$lines[1]"
        case files
            __fish_complete_path "$token"
        case directories
            __fish_complete_directories "$token" ''
        case values
            set -q lines[2]
            and builtin printf '%s\n' $lines[2..-1]
    end
    return 0
end

# end of completion: what follows is for the start of a shell.

# generated: names; `just generate` writes these lines
set -g __venvwrap_names venvwrap workon deactivate mkvirtualenv mkproject mktmpenv mktempenv cpvirtualenv mvvirtualenv \
    rmvirtualenv lsvirtualenv showvirtualenv setvirtualenvproject cdproject cdvirtualenv cdsitepackages lssitepackages \
    add2virtualenv toggleglobalsitepackages wipeenv allvirtualenv virtualenvwrapper virtualenvwrapper_run_hook
# end of names
builtin complete -c$__venvwrap_names -e
builtin complete -c$__venvwrap_names -f -a '(__venvwrap_complete)'
