//! Runs one scenario in every shell that this machine has.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use venvwrap_core::shell::Shell;

use super::sandbox::Sandbox;
use super::shims::{file, init_text};
use super::tools::find_program;

/// Functions that scenarios use to show their state in the same words everywhere.
pub(crate) const PRELUDE_SH: &str = r#"
report() {
  printf '%s: status=%s env=%s cwd=%s\n' "$1" "$?" "${VIRTUAL_ENV-}" "$PWD"
}
"#;
const PRELUDE_FISH: &str = r#"
function report
  set -l report_status $status
  printf '%s: status=%s env=%s cwd=%s\n' $argv[1] $report_status "$VIRTUAL_ENV" $PWD
end
"#;

/// What a scenario left behind.
#[must_use]
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Standard output, with the sandbox's path as `[ROOT]`.
    pub(crate) stdout: String,
    /// Standard error, likewise.
    pub(crate) stderr: String,
    /// The exit status of the shell.
    pub(crate) status: Option<i32>,
}

impl Outcome {
    pub(crate) fn new(sandbox: &Sandbox, output: &Output) -> Self {
        let text = |bytes: &[u8]| sandbox.normalise(&String::from_utf8_lossy(bytes));
        // The stand-in is a script, and some `sh` complain when they start in a directory that has gone.
        let stderr = text(&output.stderr);
        let stderr = stderr.split_inclusive('\n').filter(|line| !line.contains("getcwd() failed")).collect();
        Self { stdout: text(&output.stdout), stderr, status: output.status.code() }
    }

    /// Asserts that the scenario printed these lines and nothing on standard error.
    #[track_caller]
    pub(crate) fn prints(&self, context: &str, expected: &str) {
        assert_eq!(self.stdout, expected, "{context}: {self:#?}");
        assert_eq!(self.stderr, "", "{context}");
    }
}

/// Runs a test in each shell, every time in a new sandbox.
pub(crate) fn in_each_shell(test: impl Fn(&Sandbox, Shell)) {
    for shell in Shell::ALL {
        if find_program(shell.name()).is_some() {
            test(&Sandbox::new(), shell);
        }
    }
}

/// Runs a test in the shells that share the Bourne syntax.
pub(crate) fn in_bash_and_zsh(test: impl Fn(&Sandbox, Shell)) {
    in_each_shell(|sandbox, shell| {
        if shell != Shell::Fish {
            test(sandbox, shell);
        }
    });
}

/// Runs a script in a shell that has loaded the shim.
pub(crate) fn run(sandbox: &Sandbox, shell: Shell, script: &str) -> Outcome {
    run_with(sandbox, shell, "", script)
}

/// Runs a script in a shell that has run other lines before it loaded the shim.
pub(crate) fn run_with(sandbox: &Sandbox, shell: Shell, before: &str, script: &str) -> Outcome {
    let text = script_text(sandbox, shell, before, script);
    Outcome::new(sandbox, &command(sandbox, shell, &text).output().unwrap())
}

/// Returns the command that runs a text in a shell without anybody's configuration.
pub(crate) fn command(sandbox: &Sandbox, shell: Shell, text: &str) -> std::process::Command {
    let mut command = sandbox.command(&find_program(shell.name()).unwrap());
    match shell {
        Shell::Bash => command.args(["--norc", "--noprofile", "-c"]),
        Shell::Zsh => command.args(["-f", "-c"]),
        Shell::Fish => command.args(["--no-config", "-c"]),
    };
    command.arg(text);
    command
}

/// Returns a text that defines `report`, runs `before`, loads the shim and runs `script`.
pub(crate) fn script_text(sandbox: &Sandbox, shell: Shell, before: &str, script: &str) -> String {
    let init = sandbox.write(format!("init.{}", shell.name()), init_text(shell, &sandbox.path("bin/venvwrap")));
    let prelude = if shell == Shell::Fish { PRELUDE_FISH } else { PRELUDE_SH };
    format!("{prelude}\n{before}\n{}\n{script}\n", source_line(shell, &init))
}

/// Lays the files that a shell reads, when none of ours is printed by the program, into a directory of the sandbox, and
/// returns the one that is sourced.
pub(crate) fn lay_shim(sandbox: &Sandbox, shell: Shell, directory: &str) -> PathBuf {
    for name in ["find.sh", "commands.sh", "entry.sh"] {
        sandbox.write(format!("{directory}/{name}"), file(format!("shell/posix/{name}")));
    }
    let name = format!("commands.{}", shell.name());
    sandbox.write(format!("{directory}/{name}"), file(format!("shell/{}/{name}", shell.name())))
}

/// Returns the line that sources a file.
pub(crate) fn source_line(shell: Shell, file: &Path) -> String {
    format!("source {}", String::from_utf8(shell.quote(file.as_os_str().as_bytes())).unwrap())
}
