//! How many processes the functions start: each costs more than everything else that the shims do.

use std::process::{Command, Stdio};

use crate::shell::Shell;
use crate::support::sandbox::Sandbox;
use crate::support::shells::{command, in_each_shell, script_text};

/// Counts the processes that a script starts on top of those of an empty one; nothing where no tracer works.
fn processes(sandbox: &Sandbox, shell: Shell, script: &str) -> Option<usize> {
    Some(trace(sandbox, shell, script)? - trace(sandbox, shell, "")?)
}

fn trace(sandbox: &Sandbox, shell: Shell, script: &str) -> Option<usize> {
    let plain = command(sandbox, shell, &script_text(sandbox, shell, "", &format!("{script}\ntrue")));
    let output = sandbox.path("trace");
    let mut traced = Command::new("strace");
    traced.args(["-f", "-e", "trace=clone,clone3,fork,vfork", "-e", "signal=none", "-o"]).arg(&output);
    traced.arg(plain.get_program()).args(plain.get_args()).env_clear();
    traced.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    traced.current_dir(plain.get_current_dir()?).stdout(Stdio::null()).stderr(Stdio::null());
    if !traced.status().ok()?.success() {
        return None;
    }
    let text = std::fs::read_to_string(output).ok()?;
    let starts = text.lines().filter(|line| line.contains("clone") || line.contains("fork("));
    Some(starts.filter(|line| !line.contains("resumed>") && !line.contains("CLONE_THREAD")).count())
}

#[test]
fn one_for_an_environment_of_ours() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_own_env("api");
        let Some(workon) = processes(sandbox, shell, "workon api") else {
            eprintln!("skipped: no working `strace`");
            return;
        };
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
        let Some(workon) = processes(sandbox, shell, "workon api") else {
            eprintln!("skipped: no working `strace`");
            return;
        };
        // Of another tool's script bash has to copy a function, which takes the second; from 5.3 on it does not.
        let expected = if shell == Shell::Bash { 2 } else { 1 };
        // The stand-in itself starts none: it becomes the program that prints the plan.
        assert!((1..=expected).contains(&workon), "{}: {workon} processes", shell.name());
        let both =
            processes(sandbox, shell, "workon api\ncdvirtualenv\ncdsitepackages\ncdproject 2>/dev/null\ndeactivate");
        assert_eq!(both, Some(workon), "{}: leaving starts no process", shell.name());
    });
}
