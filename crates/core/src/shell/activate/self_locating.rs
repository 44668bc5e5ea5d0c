//! Activation scripts that find their environment by their own path, for one that has no place yet.
//!
//! dash and csh do not tell a sourced script where it is: for them `bin/venvwrap-fix` writes the path into a line that is
//! marked by how it begins.

use super::{ActivateError, Activation, Script, check, render_with};
use crate::env::Environment;
use std::path::Path;

/// A path that any script can name, for the check of the prompt.
const ANYWHERE: &str = "/environment";

/// Finds the path in the shells that tell it.
const POSIX: &str = r#"# Where this environment is. bin/venvwrap-fix writes it into this line for shells that cannot tell.
_venvwrap_env=''
# shellcheck disable=SC2016,SC3028,SC3054 # the texts are for eval, each in its own shell
case "${BASH_VERSION:+bash}${ZSH_VERSION:+zsh}${KSH_VERSION-}" in
    bash) \eval '_venvwrap_file=${BASH_SOURCE[0]}' ;;
    zsh) \eval '_venvwrap_file=${(%):-%x}' ;;
    *' 93'*) \eval '_venvwrap_file=${.sh.file}' ;;
    *) _venvwrap_file='' ;;
esac
case "${_venvwrap_file}" in
    */*) _venvwrap_file="${_venvwrap_file%/*}/.." ;;
    ?*) _venvwrap_file='..' ;;
esac
# A pipe lies in no environment.
case "${_venvwrap_file}" in
    ?*)
        _venvwrap_file="$(
            \unset -f test 2>/dev/null || :
            CDPATH='' \cd -- "${_venvwrap_file}" >/dev/null 2>&1 && \test -f bin/activate && \pwd
        )" || _venvwrap_file=''
        _venvwrap_env="${_venvwrap_file:-${_venvwrap_env}}"
        ;;
esac
\unset _venvwrap_file
case "${_venvwrap_env}" in
    '')
        \echo 'this shell does not tell where the environment is; run bin/venvwrap-fix once' >&2
        \return 1
        ;;
esac

"#;

/// A pipe lies in no environment.
const FISH: &[u8] =
    br"if not test -f (status filename | string collect) -a -f (status dirname | string collect)/../bin/activate.fish
    echo 'this script cannot tell where the environment is: source the file itself' >&2
    return 1
end

";

/// What comes before and after csh's script: `exit` would end the shell.
const CSH: [&str; 2] = [
    "# Where this environment is: bin/venvwrap-fix writes it into this line.\n\
     set _venvwrap_env = ''\n\
     if ( \"${_venvwrap_env:q}\" == \"\" ) then\n    \
         echo 'csh does not tell where the environment is; run bin/venvwrap-fix once'\n\
     else\n\n",
    "\nendif\nunset _venvwrap_env\n",
];

/// Returns the text of a script for an environment in whatever place.
pub(crate) fn render_self_locating(script: Script, prompt: &str) -> Result<Vec<u8>, ActivateError> {
    let values = Activation { env: Path::new(ANYWHERE), prompt };
    check(&values)?;
    let place: &str = match script {
        Script::Posix => "\"${_venvwrap_env}\"",
        Script::Csh => "\"${_venvwrap_env:q}\"",
        Script::Fish => "(builtin realpath (status dirname | string collect)/.. | string collect)",
        Script::PowerShell => "(Split-Path -Parent $PSScriptRoot)",
        Script::Nushell => "$here",
        Script::Python => "os.path.dirname(os.path.dirname(os.path.abspath(__file__)))",
    };
    let text =
        render_with(script, script.template(), &values, &|name| (name == "ENV").then(|| place.as_bytes().to_vec()));
    Ok(match script {
        Script::Posix => [&after_comment(&text, POSIX.as_bytes())[..], b"\\unset _venvwrap_env\n"].concat(),
        Script::Csh => [CSH[0].as_bytes(), &text, CSH[1].as_bytes()].concat(),
        Script::Nushell => after_comment(&text, b"const here = path self ..\n\n"),
        Script::Fish => after_comment(&text, FISH),
        Script::PowerShell | Script::Python => text,
    })
}

/// Returns whether a script is the very one that finds this environment by its own path, as in an archive that another
/// program has unpacked.
pub(crate) fn is_own_self_locating(environment: &Environment, script: Script, text: &[u8]) -> bool {
    let mark: &[u8] = match script {
        Script::Posix => POSIX.as_bytes(),
        Script::Fish => FISH,
        _ => return false,
    };
    // Others need not be rendered.
    if memchr::memmem::find(text, mark).is_none() {
        return false;
    }
    let cfg = environment.cfg();
    let prompt = cfg.as_ref().and_then(|cfg| cfg.prompt()).or(environment.name().as_os_str().to_str());
    prompt.is_some_and(|prompt| render_self_locating(script, prompt).is_ok_and(|own| own == text))
}

/// Puts a text after the comment at the top.
fn after_comment(script: &[u8], text: &[u8]) -> Vec<u8> {
    let end = memchr::memmem::find(script, b"\n\n").map_or(0, |end| end + 2);
    [&script[..end], text, &script[end..]].concat()
}
