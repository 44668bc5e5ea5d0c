# Enters this environment. Source it from fish 3.1 or newer: source bin/activate.fish
#
# It starts no process. `builtin` stands where a user may have a function of the same name.

# What a file says about itself begins here: an environment that was moved is found where its script is. Its other scripts
# still name the old place. A script that comes through a pipe lies in no environment: where none is found, nothing
# changes.
set -g _venvwrap_place __VENVWRAP_ENV__
if not test -d "$_venvwrap_place"
    echo "the environment is no longer $_venvwrap_place: 'venvwrap repair' mends what still names it" >&2
    set -g _venvwrap_place
    if test -f (status filename | string collect)
        set -l place (builtin realpath (status dirname | string collect)/.. | string collect)
        test -f "$place/pyvenv.cfg" -a -f "$place/bin/activate.fish"
        and set -g _venvwrap_place $place
    end
    if test -z "$_venvwrap_place"
        set -e _venvwrap_place
        return 1
    end
end
# What a file says about itself ends here.

function deactivate --description 'Leave the Python environment'
    if set -q _VENVWRAP_PATH; and test "$_VENVWRAP_PATH" = "$PATH"
        # Nobody has changed PATH: it becomes what it was.
        if set -q _OLD_VIRTUAL_PATH
            set -gx PATH $_OLD_VIRTUAL_PATH
        else
            set -e PATH
        end
    else if set -q VIRTUAL_ENV
        # Only our entry goes, so that later changes stay.
        if set -l index (builtin contains -i -- "$VIRTUAL_ENV/bin" $PATH)
            set -e PATH[$index]
        end
    end

    if set -q _OLD_VIRTUAL_PYTHONHOME
        set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
    end

    # Other tools' scripts look for the old prompt under the same two names.
    if set -q _OLD_FISH_PROMPT_OVERRIDE
        set -e _OLD_FISH_PROMPT_OVERRIDE
        if builtin functions -q _old_fish_prompt
            builtin functions -e fish_prompt
            builtin functions -c _old_fish_prompt fish_prompt
            builtin functions -e _old_fish_prompt
        end
    end

    for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _VENVWRAP_PATH
        set -e $name
    end
    builtin functions -e pydoc
    if test "$argv[1]" != nondestructive
        builtin functions -e deactivate
    end
end

# Leaves the environment that is active here, whichever tool made it.
deactivate nondestructive

set -gx VIRTUAL_ENV __VENVWRAP_ENV__
set -gx VIRTUAL_ENV_PROMPT __VENVWRAP_PROMPT__

# What a file says about itself begins here. `workon` reads lines that begin with `set`, and must see for which place this
# script was made.
test "$_venvwrap_place" = "$VIRTUAL_ENV"
or set -gx VIRTUAL_ENV $_venvwrap_place
set -e _venvwrap_place
# What a file says about itself ends here.

if set -q PATH
    set -g _OLD_VIRTUAL_PATH $PATH
end
set -gx PATH "$VIRTUAL_ENV/bin" $PATH
set -g _VENVWRAP_PATH $PATH

if set -q PYTHONHOME
    set -g _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
    set -e PYTHONHOME
end

# The program of this name on PATH may belong to another Python.
function pydoc --description 'Show the documentation of this environment'
    command python -m pydoc $argv
end

# A prompt that speaks of VIRTUAL_ENV shows the environment by itself.
if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
    and builtin functions -q fish_prompt
    and not builtin functions fish_prompt | string match -q '*VIRTUAL_ENV*'
    builtin functions -c fish_prompt _old_fish_prompt
    set -g _OLD_FISH_PROMPT_OVERRIDE "$VIRTUAL_ENV"

    function fish_prompt
        # Drawn before anything else runs, while $status and $pipestatus are those of the user's command.
        set -l drawn (_old_fish_prompt | string collect --no-trim-newlines)
        # It prints nothing where the terminal has no colours, and no word would move the others.
        set -l normal (set_color normal)
        builtin printf '%s(%s) %s' "$normal" "$VIRTUAL_ENV_PROMPT" "$drawn"
    end
end
