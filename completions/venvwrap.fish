# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_venvwrap_global_optspecs
    string join \n workon-home= h/help V/version
end

function __fish_venvwrap_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_venvwrap_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_venvwrap_using_subcommand
    set -l cmd (__fish_venvwrap_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c venvwrap -n "__fish_venvwrap_needs_command" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_needs_command" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "create" -d 'Make an environment'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "mk" -d 'Make an environment'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "create-project" -d 'Make a project directory and an environment for it'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "list" -d 'List the environments'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "ls" -d 'List the environments'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "show" -d 'Show what is known of one environment'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "remove" -d 'Remove environments'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "rm" -d 'Remove environments'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "run" -d 'Run a command in an environment, without activating it'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "project" -d 'Show or change which project directory an environment belongs to'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "init" -d 'Print the code that a shell\'s start-up file evaluates'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "setup" -d 'Add the line that loads venvwrap to the shell\'s start-up file'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "generate" -d 'Print the manual page or the command reference'
complete -c venvwrap -n "__fish_venvwrap_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -s a -l associate -d 'Associate the environment with this project directory' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -s i -l install -d 'Install this package afterwards; may be repeated' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -s r -l requirement -d 'Install what this requirements file lists afterwards; may be repeated' -r -F
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -s p -l python -d 'The Python to use: a version (3.12), a range (>=3.11), a command or a path' -r -f -a "(__fish_complete_command)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l prompt -d 'What the shell\'s prompt shows instead of the name; `.` stands for the current directory\'s name' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l pip -d 'Install this version of pip' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l setuptools -d 'Install this version of setuptools' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l extra-search-dir -d 'Look for wheels in this directory first; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l activators -d 'The activation scripts to write: bash, fish, cshell, powershell, nushell, python' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l wheel -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l creator -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l seeder -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l app-data -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l try-first-with -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l system-site-packages -d 'Make the packages of the base Python visible'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l clear -d 'Replace an environment of this name'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l copies -l always-copy -d 'Copy the interpreter instead of linking to it'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l symlinks -d 'Link to the interpreter (the default)'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l no-seed -l without-pip -d 'Install neither pip nor setuptools'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l no-pip -d 'Do not install pip'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l no-setuptools -d 'Do not install setuptools'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l download -d 'Ask the package index for the newest pip'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l no-download -l never-download -d 'Never ask the package index'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l no-vcs-ignore -d 'Write no .gitignore into the environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l no-site-packages
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l distribute
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l unzip-setuptools
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l no-wheel
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l no-periodic-update
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l upgrade-embed-wheels
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l reset-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l read-only-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l symlink-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -s q -l quiet
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -s v -l verbose
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -l with-traceback
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -s a -l associate -d 'Associate the environment with this project directory' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -s i -l install -d 'Install this package afterwards; may be repeated' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -s r -l requirement -d 'Install what this requirements file lists afterwards; may be repeated' -r -F
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -s p -l python -d 'The Python to use: a version (3.12), a range (>=3.11), a command or a path' -r -f -a "(__fish_complete_command)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l prompt -d 'What the shell\'s prompt shows instead of the name; `.` stands for the current directory\'s name' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l pip -d 'Install this version of pip' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l setuptools -d 'Install this version of setuptools' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l extra-search-dir -d 'Look for wheels in this directory first; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l activators -d 'The activation scripts to write: bash, fish, cshell, powershell, nushell, python' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l wheel -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l creator -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l seeder -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l app-data -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l try-first-with -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l system-site-packages -d 'Make the packages of the base Python visible'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l clear -d 'Replace an environment of this name'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l copies -l always-copy -d 'Copy the interpreter instead of linking to it'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l symlinks -d 'Link to the interpreter (the default)'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l no-seed -l without-pip -d 'Install neither pip nor setuptools'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l no-pip -d 'Do not install pip'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l no-setuptools -d 'Do not install setuptools'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l download -d 'Ask the package index for the newest pip'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l no-download -l never-download -d 'Never ask the package index'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l no-vcs-ignore -d 'Write no .gitignore into the environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l no-site-packages
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l distribute
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l unzip-setuptools
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l no-wheel
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l no-periodic-update
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l upgrade-embed-wheels
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l reset-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l read-only-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l symlink-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -s q -l quiet
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -s v -l verbose
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -l with-traceback
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand mk" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s t -l template -d 'Fill the project directory by this template; may be repeated' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s a -l associate -d 'Associate the environment with this project directory' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s i -l install -d 'Install this package afterwards; may be repeated' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s r -l requirement -d 'Install what this requirements file lists afterwards; may be repeated' -r -F
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s p -l python -d 'The Python to use: a version (3.12), a range (>=3.11), a command or a path' -r -f -a "(__fish_complete_command)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l prompt -d 'What the shell\'s prompt shows instead of the name; `.` stands for the current directory\'s name' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l pip -d 'Install this version of pip' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l setuptools -d 'Install this version of setuptools' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l extra-search-dir -d 'Look for wheels in this directory first; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l activators -d 'The activation scripts to write: bash, fish, cshell, powershell, nushell, python' -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l wheel -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l creator -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l seeder -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l app-data -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l try-first-with -r
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s f -l force -d 'Use the project directory if it exists already'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l system-site-packages -d 'Make the packages of the base Python visible'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l clear -d 'Replace an environment of this name'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l copies -l always-copy -d 'Copy the interpreter instead of linking to it'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l symlinks -d 'Link to the interpreter (the default)'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l no-seed -l without-pip -d 'Install neither pip nor setuptools'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l no-pip -d 'Do not install pip'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l no-setuptools -d 'Do not install setuptools'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l download -d 'Ask the package index for the newest pip'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l no-download -l never-download -d 'Never ask the package index'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l no-vcs-ignore -d 'Write no .gitignore into the environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l no-site-packages
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l distribute
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l unzip-setuptools
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l no-wheel
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l no-periodic-update
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l upgrade-embed-wheels
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l reset-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l read-only-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l symlink-app-data
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s q -l quiet
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s v -l verbose
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -l with-traceback
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand create-project" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand list" -l sort -d 'Sort by this column' -r -f -a "name\t'By name'
python\t'By version of Python, newest first'
health\t'By health, broken ones first'
project\t'By project directory'
packages\t'By number of packages, most first'
used\t'By last use, latest first'
created\t'By creation, latest first'
size\t'By size, largest first; measures it'"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand list" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand list" -s b -l brief -d 'Print the names only'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand list" -s l -l long -d 'Print a paragraph for each environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand list" -l json -d 'Print everything as JSON'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand list" -l size -d 'Measure how much space each environment takes, too'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand list" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand ls" -l sort -d 'Sort by this column' -r -f -a "name\t'By name'
python\t'By version of Python, newest first'
health\t'By health, broken ones first'
project\t'By project directory'
packages\t'By number of packages, most first'
used\t'By last use, latest first'
created\t'By creation, latest first'
size\t'By size, largest first; measures it'"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand ls" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand ls" -s b -l brief -d 'Print the names only'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand ls" -s l -l long -d 'Print a paragraph for each environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand ls" -l json -d 'Print everything as JSON'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand ls" -l size -d 'Measure how much space each environment takes, too'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand ls" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand show" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand show" -l json -d 'Print as JSON'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand show" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand show" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand remove" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand remove" -s f -l force -d 'Remove a directory that is not an environment, too'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand remove" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand remove" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand rm" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand rm" -s f -l force -d 'Remove a directory that is not an environment, too'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand rm" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand rm" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand run" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand run" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand run" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and not __fish_seen_subcommand_from set show unset help" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and not __fish_seen_subcommand_from set show unset help" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and not __fish_seen_subcommand_from set show unset help" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and not __fish_seen_subcommand_from set show unset help" -f -a "set" -d 'Associate an environment with a project directory'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and not __fish_seen_subcommand_from set show unset help" -f -a "show" -d 'Print the project directory of an environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and not __fish_seen_subcommand_from set show unset help" -f -a "unset" -d 'Forget the project directory of an environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and not __fish_seen_subcommand_from set show unset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from set" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from set" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from show" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from unset" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from unset" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from help" -f -a "set" -d 'Associate an environment with a project directory'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print the project directory of an environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from help" -f -a "unset" -d 'Forget the project directory of an environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand project; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand init" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand init" -l virtualenvwrapper -d 'Do what sourcing virtualenvwrapper.sh does, too: set its variables and make the empty hook scripts'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand init" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand setup" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand setup" -s y -l yes -d 'Do not ask'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand setup" -l print -d 'Only print the line and the file it belongs into'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand setup" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand generate" -l workon-home -d 'The directory of the environments, instead of `WORKON_HOME`' -r -f -a "(__fish_complete_directories)"
complete -c venvwrap -n "__fish_venvwrap_using_subcommand generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand generate" -s V -l version -d 'Print version'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "create" -d 'Make an environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "create-project" -d 'Make a project directory and an environment for it'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "list" -d 'List the environments'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "show" -d 'Show what is known of one environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "remove" -d 'Remove environments'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "run" -d 'Run a command in an environment, without activating it'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "project" -d 'Show or change which project directory an environment belongs to'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "init" -d 'Print the code that a shell\'s start-up file evaluates'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "setup" -d 'Add the line that loads venvwrap to the shell\'s start-up file'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "generate" -d 'Print the manual page or the command reference'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and not __fish_seen_subcommand_from create create-project list show remove run project init setup generate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and __fish_seen_subcommand_from project" -f -a "set" -d 'Associate an environment with a project directory'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and __fish_seen_subcommand_from project" -f -a "show" -d 'Print the project directory of an environment'
complete -c venvwrap -n "__fish_venvwrap_using_subcommand help; and __fish_seen_subcommand_from project" -f -a "unset" -d 'Forget the project directory of an environment'
