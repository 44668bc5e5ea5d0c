# shellcheck shell=sh
# Enters this environment. Source it from bash, zsh, ksh or any POSIX shell: . bin/activate
#
# It starts no process, and calls builtins with a backslash so that no alias stands in for them. Tests are written with
# `case`, and the function keeps its values in the positional parameters, the one kind of local that every shell has.

# What a file says about itself begins here: bash and zsh tell whether a shell of its own runs it, which would change
# nothing for the user's.
# shellcheck disable=SC3028 # other shells have no such variable
case "${BASH_SOURCE-}:${ZSH_EVAL_CONTEXT-}" in
    "$0": | *:toplevel)
        \echo "You must source this script: \$ source $0" >&2
        \exit 1
        ;;
esac
# An environment that was moved is found where its script is, if the shell tells; if not, nothing changes. Its other scripts
# still name the old place.
_venvwrap_place=__VENVWRAP_ENV__
# Where there may be a function over `test`, it is passed by.
case "${BASH_VERSION:+has}${ZSH_VERSION:+has}" in
    has) \builtin test -d "${_venvwrap_place}" ;;
    *) \test -d "${_venvwrap_place}" ;;
esac || {
    \printf '%s\n' "the environment is no longer ${_venvwrap_place}: 'venvwrap repair' mends what still names it" >&2
    # shellcheck disable=SC2016 # the texts are for eval, each in its own shell
    case "${BASH_VERSION:+bash}${ZSH_VERSION:+zsh}${KSH_VERSION-}" in
        bash) \eval '_venvwrap_place=${BASH_SOURCE[0]}' ;;
        zsh) \eval '_venvwrap_place=${(%):-%x}' ;;
        *' 93'*) \eval '_venvwrap_place=${.sh.file}' ;;
        *) _venvwrap_place='' ;;
    esac
    case "${_venvwrap_place}" in
        */*) _venvwrap_place="${_venvwrap_place%/*}/.." ;;
        ?*) _venvwrap_place='..' ;;
    esac
    # A pipe lies in no environment, and neither does a file that evaluates this text: only a place that is one is taken.
    _venvwrap_place="$(
        \unset -f test 2>/dev/null || :
        CDPATH='' \cd -- "${_venvwrap_place:-/dev/null}" >/dev/null 2>&1 && \test -f pyvenv.cfg && \test -f bin/activate && \pwd
    )" || _venvwrap_place=''
}
case "${_venvwrap_place}" in
    '')
        \unset _venvwrap_place
        \return 1
        ;;
esac
# What a file says about itself ends here.

# A word that is an alias cannot be defined as a function.
\unalias deactivate 2>/dev/null || :

# What `deactivate` does stands under a name of its own, so that whoever puts another `deactivate` in its place can go
# on calling this one, and need not copy its text.
_venvwrap_leave() {
    # 1: the argument, 2: our entry in PATH, 3: PATH with each of its entries between two colons.
    \set -- "${1-}" "${VIRTUAL_ENV-}/bin" ":${PATH-}:"

    case "${_VENVWRAP_PATH+set}${_VENVWRAP_PATH-}" in
        "set${PATH-}")
            # Nobody has changed PATH: it becomes what it was, byte for byte.
            case "${_OLD_VIRTUAL_PATH+set}" in
                set) PATH="${_OLD_VIRTUAL_PATH}" ;;
                *) \unset PATH ;;
            esac
            ;;
        *)
            # Only our entry goes, so that later changes stay; "/bin" alone means that no environment is active.
            case "$2$3" in
                /bin:*) ;;
                *":$2:"*)
                    \set -- "$1" "$2" "${3%%":$2:"*}:${3#*":$2:"}"
                    \set -- "$1" "$2" "${3#:}"
                    PATH="${3%:}"
                    ;;
            esac
            ;;
    esac

    case "${_OLD_VIRTUAL_PYTHONHOME+set}" in
        set)
            # zsh warns of a variable that is assigned in a function, and bash with `set -k` takes the words for its own.
            case "${ZSH_VERSION+zsh}" in
                zsh) \export PYTHONHOME="${_OLD_VIRTUAL_PYTHONHOME}" ;;
                *)
                    PYTHONHOME="${_OLD_VIRTUAL_PYTHONHOME}"
                    \export PYTHONHOME
                    ;;
            esac
            ;;
    esac
    # Where there was no prompt, as in a script, none stays. In zsh, PS1 would be an ordinary variable after `unset`.
    case "${_OLD_VIRTUAL_PS1+set}${_OLD_VIRTUAL_PS1:+text}${ZSH_VERSION+zsh}" in
        set) \unset PS1 ;;
        set*) PS1="${_OLD_VIRTUAL_PS1}" ;;
    esac

    \unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    \unset -f pydoc 2>/dev/null || :
    \unset _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _OLD_VIRTUAL_PS1 _VENVWRAP_PATH
    case "$1" in
        nondestructive) ;;
        *) \unset -f deactivate _venvwrap_leave ;;
    esac

    # The shell may remember programs of this environment; some shells have no `hash`.
    \hash -r 2>/dev/null || :
}

deactivate() {
    \_venvwrap_leave "${1-}"
}

# Leaves the environment that is active here, whichever tool made it.
\deactivate nondestructive

# No word of `export` is an assignment, which `set -k` would take away.
VIRTUAL_ENV=__VENVWRAP_ENV__
VIRTUAL_ENV_PROMPT=__VENVWRAP_PROMPT__

# What a file says about itself begins here. `workon` reads assignments, and must see for which place this was made.
# shellcheck disable=SC2016 # the text is for eval
case "${_venvwrap_place}" in
    "${VIRTUAL_ENV}") ;;
    *) \eval 'VIRTUAL_ENV="${_venvwrap_place}"' ;;
esac
\unset _venvwrap_place
# What a file says about itself ends here.
\export VIRTUAL_ENV VIRTUAL_ENV_PROMPT

case "${PATH+set}" in
    set) _OLD_VIRTUAL_PATH="${PATH}" ;;
esac
# An empty entry would stand for the current directory: no colon without something behind it.
PATH="${VIRTUAL_ENV}/bin${PATH:+:${PATH}}"
_VENVWRAP_PATH="${PATH}"
\export PATH

case "${PYTHONHOME+set}" in
    set)
        _OLD_VIRTUAL_PYTHONHOME="${PYTHONHOME}"
        \unset PYTHONHOME
        ;;
esac

# The program of this name on PATH may belong to another Python.
\unalias pydoc 2>/dev/null || :
pydoc() {
    \python -m pydoc "$@"
}

# The shell expands PS1 each time it draws it: each of these texts comes out of that as the name. PS1 stays as it is
# when it cannot be assigned to; it is not exported, since it means nothing to another program.
case "${VIRTUAL_ENV_DISABLE_PROMPT:+off}${PS1+set}${ZSH_VERSION+zsh}" in
    setzsh)
        # shellcheck disable=SC2016 # the text is for eval
        if \eval '[[ ${(t)PS1} != *readonly* ]]'; then
            _OLD_VIRTUAL_PS1="${PS1}"
            PS1=__VENVWRAP_PS1_ZSH__"${PS1}"
        fi
        ;;
    set | '')
        # shellcheck disable=SC2016 # the text is for eval
        if \command eval 'PS1="${PS1-}"' 2>/dev/null; then
            _OLD_VIRTUAL_PS1="${PS1}"
            case "${BASH_VERSION+bash}" in
                bash) PS1=__VENVWRAP_PS1_BASH__"${PS1}" ;;
                *) PS1=__VENVWRAP_PS1_POSIX__"${PS1}" ;;
            esac
        fi
        ;;
esac

\hash -r 2>/dev/null || :
