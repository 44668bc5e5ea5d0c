//! The hook starts no process where nothing changes, and leaves nothing behind however often it runs.

use std::process::Stdio;

use venvwrap_core::shell::Shell;

use super::interactive::{command, feed, interact, text};
use crate::support::associations::{associate, settle};
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_each_shell;
use crate::support::trace::{count_starts, traced};

/// Counts the processes that an interactive shell starts; nothing where no tracer works.
fn processes(sandbox: &Sandbox, shell: Shell, script: &str) -> Option<usize> {
    let mut traced = traced(sandbox, &command(sandbox, shell))?;
    traced.stderr(Stdio::null());
    let outcome = feed(sandbox, traced, &text(sandbox, shell, "", script));
    count_starts(sandbox, outcome.status == Some(0))
}

#[test]
fn no_process_without_a_project() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        associate(sandbox, "api", &sandbox.path("projects/api"));
        settle(sandbox);
        let Some(nothing) = processes(sandbox, shell, "true") else { return };
        let name = shell.name();
        assert_eq!(processes(sandbox, shell, "true\ntrue\ntrue\ntrue"), Some(nothing), "{name}: the same directory");
        let wandering = "cd /\ncd /usr/bin\ncd ~\ncd ../projects\ncd /tmp";
        assert_eq!(processes(sandbox, shell, wandering), Some(nothing), "{name}: other directories");
        let entering = processes(sandbox, shell, "cd ../projects/api\ncd ~").unwrap() - nothing;
        let expected = if shell == Shell::Bash { 2 } else { 1 };
        assert!((1..=expected).contains(&entering), "{name}: entering and leaving starts {entering}");
    });
}

#[test]
fn ten_thousand_changes_leave_nothing_behind() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        associate(sandbox, "api", &sandbox.path("projects/api"));
        let pair = "cd /usr; __venvwrap_follow; cd /tmp; __venvwrap_follow";
        let (repeat, state) = match shell {
            Shell::Fish => (
                format!("for i in (seq COUNT); {pair}; end"),
                "set -l pid $fish_pid; set -l fds /proc/$pid/fd/*; echo (count $fds) (set -n | count)",
            ),
            Shell::Bash => (
                format!("for ((i = 0; i < COUNT; i++)); do {pair}; done"),
                "fds=(/proc/$$/fd/*); echo ${#fds[@]} $(compgen -v | wc -l)",
            ),
            Shell::Zsh => (
                format!("for ((i = 0; i < COUNT; i++)); do {pair}; done"),
                "fds=(/proc/$$/fd/*); echo ${#fds[@]} ${#parameters[@]}",
            ),
        };
        let state = format!("{state} | sed 's/^/state: /'");
        let [few, many] = ["10", "5000"].map(|count| repeat.replace("COUNT", count));
        let outcome = interact(sandbox, shell, &format!("{few}\n{state}\n{state}\n{many}\n{state}"));
        let states: Vec<_> = outcome.stdout.lines().filter(|line| line.starts_with("state: ")).collect();
        let [_, before, after] = states[..] else { panic!("{}: {outcome:#?}", shell.name()) };
        assert_eq!(before, after, "{}", shell.name());
    });
}
