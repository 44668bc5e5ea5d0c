//! The text that activates an environment in a shell without the functions: for `eval`.
//!
//! It sources the activate script, and sets the variables of the environment. They become what they were when the
//! environment is left, for which `deactivate` is wrapped: in dash, which cannot copy a function, only one that is known.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::Script;
use crate::shell::quote;

/// A language that can be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// Any shell of the Bourne family.
    Sh,
    /// fish.
    Fish,
    /// csh and tcsh.
    Csh,
    /// PowerShell, where variables stay set.
    PowerShell,
}

/// What the text does.
#[derive(Clone, Copy, Debug)]
pub struct Evaluated<'a> {
    /// The script.
    pub script: &'a Path,
    /// What to evaluate in place of the script, where it is known what that does.
    pub applied: Option<&'a [u8]>,
    /// Whether the script, or that text, is venvwrap's: `_venvwrap_leave` does the work of `deactivate`.
    pub is_own: bool,
    /// Whether the prompt must stay as it is, because the shell would evaluate a name in it.
    pub hide_prompt: bool,
    /// Whether an environment may be active, which is left first.
    pub leaves: bool,
    /// The variables that the active environment leaves behind where this shell has only inherited it.
    pub left_behind: &'a BTreeSet<String>,
    /// The variables to set.
    pub variables: &'a [(String, OsString)],
}

/// What the syntax has no way to write.
#[derive(Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// The path of the script.
    Script,
    /// The value of this variable.
    Variable(String),
}

/// A command that fails and does nothing else: evaluating nothing would be a success.
pub const FAILURE: &str = "false\n";

/// How an active environment is left. Where the shell has only inherited it, and nothing can give variables back, those
/// are unset that it has left behind: the words stand in the place of `%`.
const LEAVE_POSIX: &str = "if [ -n \"${VIRTUAL_ENV-}\" ]; then if [ \"$(\\command -v deactivate)\" = deactivate ]; then \
    \\deactivate || :; else :%; fi; fi; ";
const LEAVE_FISH: &str =
    "if set -q VIRTUAL_ENV; if builtin functions -q deactivate; deactivate; else; true%; end; end; ";
const LEAVE_CSH: &str = "%if ( $?VIRTUAL_ENV && \"`alias deactivate`\" != \"\" ) eval deactivate; ";

/// What `deactivate` could not give back.
const LEFT_POSIX: &str = "if \\command -v _venvwrap_restore >/dev/null 2>&1; then \\_venvwrap_restore; fi; ";
const LEFT_FISH: &str = "builtin functions -q _venvwrap_restore; and _venvwrap_restore; ";

/// Both wrap `deactivate`, the second by a copy of it.
const WRAP_OWN_POSIX: &str = "deactivate() { \\_venvwrap_restore; \\_venvwrap_leave \"${1-}\"; case \"${1-}\" in \
    nondestructive) ;; *) \\unset -f _venvwrap_restore ;; esac; }";
const WRAP_POSIX: &str = "_VENVWRAP_TEXT=\"$(\\typeset -f deactivate 2>/dev/null)\" || :; \
    case \"${_VENVWRAP_TEXT}\" in deactivate*) \\eval \"_venvwrap_other_${_VENVWRAP_TEXT}\"; \
    deactivate() { \\_venvwrap_restore; \\_venvwrap_other_deactivate \"$@\"; case \"${1-}\" in \
    nondestructive) ;; *) \\unset -f _venvwrap_restore _venvwrap_other_deactivate ;; esac; } ;; esac; \
    \\unset _VENVWRAP_TEXT";
const WRAP_FISH: &str = "builtin functions -q _venvwrap_other_deactivate; and builtin functions -e \
    _venvwrap_other_deactivate; builtin functions -c deactivate _venvwrap_other_deactivate; function deactivate; \
    _venvwrap_restore; _venvwrap_other_deactivate $argv; if test \"$argv[1]\" != nondestructive; builtin functions -e \
    _venvwrap_restore _venvwrap_other_deactivate; end; end";

impl Syntax {
    /// Returns a value as one word, if there is a way to write it.
    pub fn quoted(self, value: &OsStr) -> Option<Vec<u8>> {
        let value = value.as_bytes();
        match self {
            Self::Bash | Self::Zsh => Some(quote::bash_zsh(value)),
            Self::Sh => Some(quote::posix(value)),
            Self::Fish => Some(quote::fish(value)),
            Self::Csh => quote::csh(value),
            Self::PowerShell => quote::powershell(value),
        }
    }

    /// Returns the language of the activate script.
    pub fn script(self) -> Script {
        match self {
            Self::Bash | Self::Zsh | Self::Sh => Script::Posix,
            Self::Fish => Script::Fish,
            Self::Csh => Script::Csh,
            Self::PowerShell => Script::PowerShell,
        }
    }
}

/// Returns the text for a shell to evaluate: one line, unless something stands for the script.
pub fn text(syntax: Syntax, evaluated: &Evaluated<'_>) -> Result<Vec<u8>, Unwritable> {
    let mut text = Vec::new();
    let (leave, left) = leave(syntax);
    if evaluated.leaves {
        let unset = evaluated.left_behind.iter().map(|name| unset(syntax, name)).collect::<String>();
        text.extend(leave.replace('%', &unset).bytes());
    }
    if evaluated.leaves || !evaluated.variables.is_empty() {
        text.extend(left.bytes());
    }
    text.extend(activate(syntax, evaluated)?);
    for assignment in keep_and_set(syntax, evaluated.variables)? {
        text.extend(b"; ");
        text.extend(assignment);
    }
    if !evaluated.variables.is_empty() {
        text.extend(restore(syntax, evaluated));
    }
    text.push(b'\n');
    Ok(text)
}

/// Leaves an environment, and gives back what that has not.
fn leave(syntax: Syntax) -> (&'static str, &'static str) {
    match syntax {
        Syntax::Bash | Syntax::Zsh | Syntax::Sh => (LEAVE_POSIX, LEFT_POSIX),
        Syntax::Fish => (LEAVE_FISH, LEFT_FISH),
        Syntax::Csh => (LEAVE_CSH, ""),
        Syntax::PowerShell => ("%", ""),
    }
}

fn unset(syntax: Syntax, name: &str) -> String {
    match syntax {
        Syntax::Bash | Syntax::Zsh | Syntax::Sh => format!("; \\unset {name} || :"),
        Syntax::Fish => format!("; set -e {name}"),
        Syntax::Csh => format!("if ( \"`alias deactivate`\" == \"\" ) unsetenv {name}; "),
        // Nothing gives variables back there.
        Syntax::PowerShell => format!("$env:{name} = $null; "),
    }
}

fn activate(syntax: Syntax, evaluated: &Evaluated<'_>) -> Result<Vec<u8>, Unwritable> {
    let source = if let Some(applied) = evaluated.applied {
        // The last line end would separate it from what follows as `;` does, and two separators are an error.
        applied.strip_suffix(b"\n").unwrap_or(applied).to_vec()
    } else {
        let command = if matches!(syntax, Syntax::Fish | Syntax::Csh) { "source " } else { ". " };
        let script = syntax.quoted(evaluated.script.as_os_str()).ok_or(Unwritable::Script)?;
        [command.as_bytes(), &script].concat()
    };
    // Some names would be evaluated at each prompt.
    let (before, after) = match syntax {
        _ if !evaluated.hide_prompt => ("", ""),
        Syntax::Bash | Syntax::Zsh | Syntax::Sh => {
            ("VIRTUAL_ENV_DISABLE_PROMPT=1; ", "; unset VIRTUAL_ENV_DISABLE_PROMPT")
        }
        Syntax::Fish => ("set -g VIRTUAL_ENV_DISABLE_PROMPT 1; ", "; set -e VIRTUAL_ENV_DISABLE_PROMPT"),
        Syntax::Csh => ("set VIRTUAL_ENV_DISABLE_PROMPT = 1; ", "; unset VIRTUAL_ENV_DISABLE_PROMPT"),
        Syntax::PowerShell => ("$env:VIRTUAL_ENV_DISABLE_PROMPT = '1'; ", ""),
    };
    Ok([before.as_bytes(), &source, after.as_bytes()].concat())
}

/// Commands that remember each variable and export its value. In shells of the Bourne family all of an assigning word is
/// in quotes: bash would take an assignment away from `export` under `set -k`.
fn keep_and_set(syntax: Syntax, variables: &[(String, OsString)]) -> Result<Vec<Vec<u8>>, Unwritable> {
    let mut commands = Vec::new();
    for (name, value) in variables {
        let word = |value: &OsStr| syntax.quoted(value).ok_or_else(|| Unwritable::Variable(name.clone()));
        let keep = keep(syntax, name);
        let set = match syntax {
            Syntax::Bash | Syntax::Zsh | Syntax::Sh => {
                let mut assignment = OsString::from(format!("{name}="));
                assignment.push(value);
                [b"\\export ".to_vec(), word(&assignment)?].concat()
            }
            Syntax::Fish => [format!("set -gx {name} ").into_bytes(), word(value)?].concat(),
            Syntax::Csh => [format!("setenv {name} ").into_bytes(), word(value)?].concat(),
            Syntax::PowerShell => [format!("$env:{name} = ").into_bytes(), word(value)?].concat(),
        };
        commands.push([keep.into_bytes(), set].concat());
    }
    Ok(commands)
}

/// Remembers what a variable is: unset, set (`s`) or exported (`x`). The value of another one may look like an exported
/// one to the shells of the Bourne family; no more than that would be wrong then.
fn keep(syntax: Syntax, name: &str) -> String {
    let (old, was) = (format!("_VENVWRAP_OLD_{name}"), format!("_VENVWRAP_WAS_{name}"));
    match syntax {
        Syntax::Bash | Syntax::Zsh | Syntax::Sh => format!(
            "case \"${{{name}+set}}\" in set) {old}=\"${{{name}}}\"; case \"$(\\export -p)\" in *'export {name}='*|\
             *'declare -x {name}='*|*'typeset -x {name}='*) {was}=x ;; *) {was}=s ;; esac ;; *) {was}=u ;; esac; "
        ),
        Syntax::Fish => format!(
            "set -g {was} u; set -qg {name}; and set -g {was} s; set -qgx {name}; and set -g {was} x; \
             set -g {old} ${name}; "
        ),
        Syntax::Csh => format!("if ( $?{name} ) eval 'set {old} = \"${{{name}:q}}\"'; "),
        Syntax::PowerShell => String::new(),
    }
}

/// Defines what gives the variables back, and wraps `deactivate`. The functions are evaluated once the script has run: it
/// removes an alias that could not be defined as a function.
fn restore(syntax: Syntax, evaluated: &Evaluated<'_>) -> Vec<u8> {
    let each = evaluated.variables.iter().map(|(name, _)| give_back(syntax, name));
    let all = each.collect::<Vec<_>>().join(" ");
    let wrap = if evaluated.is_own { WRAP_OWN_POSIX } else { WRAP_POSIX };
    match syntax {
        Syntax::Bash | Syntax::Zsh | Syntax::Sh => {
            let functions = format!("_venvwrap_restore() {{ {all} }}; {wrap}");
            [b"; \\eval ", &quote::posix(functions.as_bytes())[..]].concat()
        }
        Syntax::Fish => format!("; function _venvwrap_restore; {all} end; {WRAP_FISH}").into_bytes(),
        Syntax::Csh => [b"; ", &alias(&all)[..]].concat(),
        Syntax::PowerShell => Vec::new(),
    }
}

fn give_back(syntax: Syntax, name: &str) -> String {
    let (old, was) = (format!("_VENVWRAP_OLD_{name}"), format!("_VENVWRAP_WAS_{name}"));
    match syntax {
        Syntax::Bash | Syntax::Zsh | Syntax::Sh => {
            // A function of zsh that assigns may be warned of, or make a local variable.
            let assign = match syntax {
                Syntax::Zsh => format!("\\typeset -g \"{name}=${{{old}}}\""),
                _ => format!("{name}=\"${{{old}}}\""),
            };
            format!(
                "case \"${{{was}-}}\" in x) \\export \"{name}=${{{old}}}\" ;; s) \\unset {name} || :; {assign} ;; \
                 u) \\unset {name} || : ;; esac; \\unset {was} {old};"
            )
        }
        Syntax::Fish => format!(
            "switch \"${was}\"; case x; set -gx {name} ${old}; case s; set -gu {name} ${old}; case u; set -eg {name}; \
             end; set -e {was}; set -e {old};"
        ),
        Syntax::Csh => format!(
            "if ( $?{old} ) eval 'setenv {name} \"${{{old}:q}}\"'; if ( ! $?{old} ) unsetenv {name}; \
             if ( $?{old} ) unset {old};"
        ),
        Syntax::PowerShell => String::new(),
    }
}

/// The alias of venvwrap's script for csh, which undoes those of other tools as well, with commands before it.
fn alias(commands: &str) -> Vec<u8> {
    let line = Script::Csh.template().lines().find(|line| line.starts_with(ALIAS)).unwrap_or_default();
    let rest = line.strip_prefix(ALIAS).unwrap_or_default();
    [ALIAS, &commands.replace('\'', r"'\''"), " ", rest].concat().into_bytes()
}

/// How the line begins that defines it.
const ALIAS: &str = "alias deactivate '";

#[cfg(test)]
mod tests;
