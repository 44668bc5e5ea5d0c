# Enters this environment: overlay use bin/activate.nu
# `deactivate` hides the overlay, and with it all that was set here.

export-env {
    let virtual_env = __VENVWRAP_ENV__
    let name = __VENVWRAP_PROMPT__

    # An environment that was moved is found where its script is. Its other scripts still name the old place.
    let place = (if ($virtual_env | path exists) { $virtual_env } else {
        let parent = ($env.FILE_PWD? | default "" | path dirname)
        let told = $"the environment is no longer ($virtual_env): 'venvwrap repair' mends what still names it"
        let marks = ["pyvenv.cfg" "bin/activate.nu"]
        if not ($marks | all {|mark| $parent | path join $mark | path exists }) {
            error make { msg: $told }
        }
        print --stderr $told
        $parent
    })

    let search = ($env.PATH? | default [])
    let directories = (if ($search | describe) == "string" { $search | split row (char esep) } else { $search })
    load-env {
        VIRTUAL_ENV: $place
        VIRTUAL_ENV_PROMPT: $name
        PATH: ($directories | prepend ($place | path join "bin"))
    }
    hide-env --ignore-errors PYTHONHOME

    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default "" | is-empty) {
        let old = ($env.PROMPT_COMMAND? | default "")
        $env.PROMPT_COMMAND = {||
            let drawn = (if ($old | describe) == "closure" { do $old } else { $old })
            $"\(($name)\) ($drawn)"
        }
    }
}

# The program of this name on PATH may belong to another Python.
export alias pydoc = ^python -m pydoc

export alias deactivate = overlay hide activate
