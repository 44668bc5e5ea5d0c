//! Interactive shells that read a script from a pipe and draw a prompt before each line of it.

use std::io::Write;
use std::process::{Command, Stdio};

use venvwrap_core::shell::Shell;

use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::find_program;

/// A function that shows the state in the same words everywhere.
const REPORT_SH: &str = r#"
report() {
  printf '%s: status=%s env=%s cwd=%s\n' "$1" "$?" "${VIRTUAL_ENV##*/}" "$PWD"
}
"#;
const REPORT_FISH: &str = r#"
function report
  set -l last $status
  printf '%s: status=%s env=%s cwd=%s\n' $argv[1] $last (string replace -r '.*/' '' -- "$VIRTUAL_ENV") $PWD
end
"#;

/// Runs a script in an interactive shell with the shim and the prompt hook.
pub(crate) fn interact(sandbox: &Sandbox, shell: Shell, script: &str) -> Outcome {
    interact_with(sandbox, shell, "", script)
}

/// Runs a script in an interactive shell that has run other lines before it loaded the shim.
pub(crate) fn interact_with(sandbox: &Sandbox, shell: Shell, before: &str, script: &str) -> Outcome {
    let text = text(sandbox, shell, before, script);
    feed(sandbox, command(sandbox, shell), &text)
}

/// Gives a shell its script through a pipe.
pub(crate) fn feed(sandbox: &Sandbox, mut command: Command, text: &str) -> Outcome {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = text.to_string();
    let writer = std::thread::spawn(move || {
        let _ = input.write_all(text.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Outcome::new(sandbox, &output)
}

/// The command of an interactive shell without anybody's configuration.
pub(crate) fn command(sandbox: &Sandbox, shell: Shell) -> Command {
    let mut command = sandbox.command(&find_program(shell.name()).unwrap());
    match shell {
        Shell::Bash => command.args(["--norc", "--noprofile", "-i"]),
        Shell::Zsh => command.args(["-f", "-i"]),
        Shell::Fish => command.args(["--no-config", "-i"]),
    };
    command.env("PS1", "").env("PS2", "").current_dir(sandbox.path("home"));
    command
}

/// The whole text for a shell: functions for the test, other lines, the line of `venvwrap init`, the script.
pub(crate) fn text(sandbox: &Sandbox, shell: Shell, before: &str, script: &str) -> String {
    let program = String::from_utf8(shell.quote(sandbox.path("bin/venvwrap").as_os_str().as_encoded_bytes())).unwrap();
    // Without a terminal fish draws no prompt, but what runs before one can be started.
    let (report, init, end) = match shell {
        Shell::Bash | Shell::Zsh => (REPORT_SH, format!("eval \"$({program} init {} --auto)\"", shell.name()), "\n"),
        Shell::Fish => (REPORT_FISH, format!("{program} init fish --auto | source"), "\nemit fish_prompt\n"),
    };
    let lines: Vec<_> = script.lines().collect();
    format!("{report}\n{before}\n{init}\n{}\n", lines.join(end))
}

/// The lines that `report` has printed, without the sandbox's path.
pub(crate) fn reports(outcome: &Outcome) -> Vec<&str> {
    outcome.stdout.lines().filter(|line| line.contains(": status=")).collect()
}
