//! The shell that runs this program: it evaluates what is printed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use venvwrap_core::config::variables;
use venvwrap_core::shell::Shell;
use venvwrap_core::shell::activate::evaluated::Syntax;

use crate::error::Explain;
use crate::process::set_variable;

/// The shells that are known, by their programs. Those of the Bourne family that nobody knows are like `sh`.
const KNOWN: [(&str, Syntax); 18] = [
    ("bash", Syntax::Bash),
    ("zsh", Syntax::Zsh),
    ("fish", Syntax::Fish),
    ("tcsh", Syntax::Csh),
    ("csh", Syntax::Csh),
    ("bsd-csh", Syntax::Csh),
    ("pwsh", Syntax::PowerShell),
    ("sh", Syntax::Sh),
    ("dash", Syntax::Sh),
    ("ash", Syntax::Sh),
    ("busybox", Syntax::Sh),
    ("ksh", Syntax::Sh),
    ("mksh", Syntax::Sh),
    ("lksh", Syntax::Sh),
    ("oksh", Syntax::Sh),
    ("pdksh", Syntax::Sh),
    ("posh", Syntax::Sh),
    ("yash", Syntax::Sh),
];

/// Where the program is that says what others are called, where the system has no `/proc`.
const PS: &str = "/bin/ps";

/// Why it is not known which shell's functions to print.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParentError {
    /// Neither the parent process nor SHELL is a shell that venvwrap supports.
    #[error("could not detect the shell")]
    Unknown,
    /// The shell that would evaluate them cannot.
    #[error("`{0}` cannot load the shell functions")]
    Without(String),
}

impl Explain for ParentError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unknown => "name it: bash, zsh or fish".into(),
            Self::Without(_) => "`venvwrap activate NAME` prints code for it".into(),
        })
    }
}

/// Returns the language of the shell that evaluates what this program prints: that of its parent, since a script is no
/// login shell. What nobody knows, `make` for instance, has its lines run by `sh`.
pub(crate) fn syntax() -> Syntax {
    syntax_of(program().as_deref(), login().as_deref())
}

/// Returns the shell that is to load the functions: the one that has started this program, else the login shell.
pub(crate) fn shell() -> Result<Shell, ParentError> {
    shell_of(program().as_deref(), login().as_deref())
}

/// Returns the shell to set up, which need not be the one that runs now: that may be the shell of an installer's script.
pub(crate) fn shell_to_set_up() -> Result<Shell, ParentError> {
    let supported = |path: &PathBuf| known(path).and_then(shell_with_functions);
    program().iter().chain(&login()).find_map(supported).ok_or(ParentError::Unknown)
}

fn syntax_of(parent: Option<&Path>, login: Option<&Path>) -> Syntax {
    parent.or(login).and_then(known).unwrap_or(Syntax::Sh)
}

fn shell_of(parent: Option<&Path>, login: Option<&Path>) -> Result<Shell, ParentError> {
    if let Some((program, syntax)) = parent.and_then(|path| Some((path, known(path)?))) {
        let without = || ParentError::Without(program.file_name().unwrap_or_default().display().to_string());
        return shell_with_functions(syntax).ok_or_else(without);
    }
    login.and_then(known).and_then(shell_with_functions).ok_or(ParentError::Unknown)
}

fn login() -> Option<PathBuf> {
    set_variable(variables::SHELL).map(Into::into)
}

/// The program that has started this one; none where the system does not tell.
fn program() -> Option<PathBuf> {
    let parent = rustix::process::getppid()?.as_raw_nonzero().to_string();
    std::fs::read_link(format!("/proc/{parent}/exe")).ok().or_else(|| told_by_ps(&parent))
}

fn told_by_ps(pid: &str) -> Option<PathBuf> {
    let mut ps = Command::new(PS);
    let output = ps.args(["-o", "comm=", "-p", pid]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // A login shell is called `-zsh`.
    let name = text.trim().trim_start_matches('-');
    (output.status.success() && !name.is_empty()).then(|| name.into())
}

/// The language of a shell; none for any other program.
fn known(program: &Path) -> Option<Syntax> {
    let name = program.file_name()?.to_str()?;
    // Versions may come after the name: `zsh-5.9`, `ksh93`, `bash (deleted)`. A letter makes another name of it.
    let is_called = |shell: &str| {
        name.strip_prefix(shell).is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphabetic() || next == '_'))
    };
    KNOWN.into_iter().find_map(|(shell, syntax)| is_called(shell).then_some(syntax))
}

fn shell_with_functions(syntax: Syntax) -> Option<Shell> {
    match syntax {
        Syntax::Bash => Some(Shell::Bash),
        Syntax::Zsh => Some(Shell::Zsh),
        Syntax::Fish => Some(Shell::Fish),
        Syntax::Sh | Syntax::Csh | Syntax::PowerShell => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_known_by_their_program() {
        let known = |name: &str| known(&Path::new("/usr/bin").join(name));
        for (name, syntax) in [
            ("zsh-5.9", Syntax::Zsh),
            ("bash (deleted)", Syntax::Bash),
            ("bash5", Syntax::Bash),
            ("fish", Syntax::Fish),
            ("bsd-csh", Syntax::Csh),
            ("tcsh", Syntax::Csh),
            ("pwsh", Syntax::PowerShell),
            ("dash", Syntax::Sh),
            ("ksh93", Syntax::Sh),
            ("busybox", Syntax::Sh),
        ] {
            assert_eq!(known(name), Some(syntax), "{name}");
        }
        for name in ["fishnet", "bashful", "fish_indent", "make", "python3.13", "sshd", "nu", "cshell"] {
            assert_eq!(known(name), None, "{name}");
        }
    }

    #[test]
    fn the_login_shell_counts_only_where_there_is_no_parent_to_see() {
        let syntax = |parent: Option<&str>, login: &str| syntax_of(parent.map(Path::new), Some(Path::new(login)));
        for login in ["/usr/bin/fish", "/bin/tcsh", "/bin/bash"] {
            for parent in ["/bin/dash", "/bin/busybox", "/usr/bin/make", "/usr/bin/unheard-of"] {
                assert_eq!(syntax(Some(parent), login), Syntax::Sh, "{parent} {login}");
            }
        }
        assert_eq!(syntax(Some("/bin/bash"), "/usr/bin/fish"), Syntax::Bash);
        assert_eq!(syntax(None, "/usr/bin/fish"), Syntax::Fish);
        assert_eq!(syntax_of(None, None), Syntax::Sh);
    }

    #[test]
    fn functions_are_for_the_shell_that_evaluates_them() {
        let shell = |parent: Option<&str>, login: &str| shell_of(parent.map(Path::new), Some(Path::new(login)));
        assert_eq!(shell(Some("/bin/dash"), "/usr/bin/fish"), Err(ParentError::Without("dash".into())));
        assert_eq!(shell(Some("/bin/zsh"), "/usr/bin/fish"), Ok(Shell::Zsh));
        for parent in [Some("/usr/bin/login"), None] {
            assert_eq!(shell(parent, "/usr/bin/fish"), Ok(Shell::Fish));
            assert_eq!(shell(parent, "/bin/dash"), Err(ParentError::Unknown));
        }
    }
}
