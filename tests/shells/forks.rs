//! How many processes the functions start: each costs more than everything else that the shims do.

use std::process::Stdio;

use venvwrap_core::shell::Shell;

use crate::support::sandbox::Sandbox;
use crate::support::shells::{command, in_each_shell, script_text};
use crate::support::trace::{count_starts, traced};

/// Counts the processes that a script starts on top of those of an empty one; nothing where no tracer works.
fn processes(sandbox: &Sandbox, shell: Shell, script: &str) -> Option<usize> {
    Some(trace(sandbox, shell, script)? - trace(sandbox, shell, "")?)
}

fn trace(sandbox: &Sandbox, shell: Shell, script: &str) -> Option<usize> {
    let plain = command(sandbox, shell, &script_text(sandbox, shell, "", &format!("{script}\ntrue")));
    let status = traced(sandbox, &plain)?.stdout(Stdio::null()).stderr(Stdio::null()).status();
    count_starts(sandbox, status.is_ok_and(|status| status.success()))
}

#[test]
fn one_for_an_environment_of_ours() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_own_env("api");
        let Some(workon) = processes(sandbox, shell, "workon api") else { return };
        assert_eq!(workon, 1, "{}", shell.name());
        let both = processes(sandbox, shell, "workon api\ndeactivate");
        assert_eq!(both, Some(1), "{}: leaving starts no process", shell.name());
    });
}

#[test]
fn as_few_as_possible() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let Some(workon) = processes(sandbox, shell, "workon api") else { return };
        // Of another tool's script bash has to copy a function, which takes the second; from 5.3 on it does not.
        let expected = if shell == Shell::Bash { 2 } else { 1 };
        // The stand-in itself starts none: it becomes the program that prints the plan.
        assert!((1..=expected).contains(&workon), "{}: {workon} processes", shell.name());
        let both = processes(sandbox, shell, "workon api\ncdvirtualenv\ncdsitepackages\ndeactivate");
        assert_eq!(both, Some(workon), "{}: leaving starts no process", shell.name());
    });
}
