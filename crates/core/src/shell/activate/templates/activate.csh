# Enters this environment. Source it from csh or tcsh: source bin/activate.csh
#
# `deactivate` has to be an alias, as csh has no functions. The shell expands a whole line before it looks at a condition,
# so what names a variable that may be missing goes through `eval`.
#
# csh does not tell a script where it is: after a move, nothing changes.

if ( ! -d __VENVWRAP_ENV__ ) then
    sh -c '{ printf %s "the environment is no longer ${1}: ${2}"; echo; } >&2' sh __VENVWRAP_ENV__ "'venvwrap repair' mends what still names it"
else

alias deactivate 'if ( $?_OLD_VIRTUAL_PATH ) eval '\''setenv PATH "${_OLD_VIRTUAL_PATH:q}"'\''; if ( $?_OLD_VIRTUAL_PATH ) unset _OLD_VIRTUAL_PATH; if ( $?_OLD_VIRTUAL_PYTHONHOME ) eval '\''setenv PYTHONHOME "${_OLD_VIRTUAL_PYTHONHOME:q}"'\''; if ( $?_OLD_VIRTUAL_PYTHONHOME ) unset _OLD_VIRTUAL_PYTHONHOME; if ( $?_OLD_VIRTUAL_PROMPT ) eval '\''set prompt = "${_OLD_VIRTUAL_PROMPT:q}"'\''; if ( $?_OLD_VIRTUAL_PROMPT ) unset _OLD_VIRTUAL_PROMPT; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; unalias pydoc; rehash; if ( "\!:*" != nondestructive ) unalias deactivate'

# Leaves the environment that is active here, whichever tool made it.
deactivate nondestructive

setenv VIRTUAL_ENV __VENVWRAP_ENV__
setenv VIRTUAL_ENV_PROMPT __VENVWRAP_PROMPT__

if ( $?PATH ) then
    set _OLD_VIRTUAL_PATH = "${PATH:q}"
    setenv PATH "${VIRTUAL_ENV:q}/bin:${PATH:q}"
else
    setenv PATH "${VIRTUAL_ENV:q}/bin"
endif

if ( $?PYTHONHOME ) then
    set _OLD_VIRTUAL_PYTHONHOME = "${PYTHONHOME:q}"
    unsetenv PYTHONHOME
endif

# The program of this name on PATH may belong to another Python.
alias pydoc python -m pydoc

# A shell that runs a script has no prompt.
set _venvwrap_prompt = 0
if ( $?prompt ) set _venvwrap_prompt = 1
if ( $?VIRTUAL_ENV_DISABLE_PROMPT ) then
    if ( "${VIRTUAL_ENV_DISABLE_PROMPT:q}" != "" ) set _venvwrap_prompt = 0
endif
if ( $_venvwrap_prompt ) then
    set _OLD_VIRTUAL_PROMPT = "${prompt:q}"
    set prompt = __VENVWRAP_PS1_CSH__"${prompt:q}"
endif
unset _venvwrap_prompt

rehash

endif
