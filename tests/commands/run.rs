//! `venvwrap run`: the command takes the program's place, with its status, its signals and its input.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.make_env("a b");
    sandbox.write_program("envs/a b/bin/tool", "#!/bin/sh\nprintf '<%s>' \"$0\" \"$@\"\n");
    sandbox
}

#[test]
fn the_status_is_that_of_the_command() {
    let sandbox = sandbox();
    for status in [0, 1, 3, 42, 255] {
        let outcome = call(&sandbox, &["run", "a b", "sh", "-c", &format!("exit {status}")]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(status), ""), "{outcome:#?}");
    }
    for signal in [9, 15] {
        let output = program(&sandbox, &["run", "a b", "sh", "-c", &format!("kill -{signal} $$")]).output().unwrap();
        assert_eq!(output.status.signal(), Some(signal));
    }
}

#[test]
fn signals_reach_the_command() {
    let sandbox = sandbox();
    let script = "trap 'echo got it; exit 7' TERM; echo ready; while :; do read x || :; done";
    let mut command = program(&sandbox, &["run", "a b", "sh", "-c", script]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    // A shell that is reading looks at the signal when it has read.
    let _ = child.stdin.take().unwrap().write_all(b"\n");
    assert_eq!(lines.next().unwrap().unwrap(), "got it");
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

#[test]
fn what_cannot_be_run_has_the_status_of_shells() {
    let sandbox = sandbox();
    sandbox.write("envs/a b/bin/plain", "");
    sandbox.write("home/plain", "");
    std::fs::create_dir(sandbox.path("home/directory")).unwrap();
    let cases = [
        ("nowhere-at-all", 127),
        ("./nowhere", 127),
        ("/nowhere/at/all", 127),
        ("", 127),
        ("plain", 126),
        ("./plain", 126),
        ("./directory", 126),
    ];
    for (command, status) in cases {
        let outcome = call(&sandbox, &["run", "a b", command]);
        outcome.fails(command, "could not run");
        assert_eq!(outcome.status, Some(status), "{command:?} {outcome:#?}");
    }
    // What the current directory holds is not on PATH.
    call(&sandbox, &["run", "nowhere", "true"]).fails_with_hint("no environment", "no environment is named");
}

#[test]
fn all_arguments_are_the_commands() {
    let sandbox = sandbox();
    let expected = |rest: &str| format!("<[ROOT]/envs/a b/bin/tool>{rest}");
    let cases: [(&[&str], &str); 5] = [
        (&["tool", "--help", "-x", "", "a b", "$(touch PWN)"], "<--help><-x><><a b><$(touch PWN)>"),
        (&["tool", "--", "-x"], "<--><-x>"),
        (&["--", "tool", "--", "-x"], "<--><-x>"),
        (&["tool", "--version"], "<--version>"),
        (&["--", "tool"], ""),
    ];
    for (arguments, rest) in cases {
        let outcome = call(&sandbox, &[&["run", "a b"], arguments].concat());
        let rest = if rest.is_empty() { String::new() } else { rest.to_string() };
        assert_eq!(outcome.succeeds(&format!("{arguments:?}")), expected(&rest));
    }
}

#[test]
fn the_command_sees_the_environment() {
    let sandbox = sandbox();
    let other = sandbox.make_env("other");
    let script = "printf '%s\\n' \"$VIRTUAL_ENV\" \"$PATH\" \"${PYTHONHOME-unset}\"; cat";
    let mut command = program(&sandbox, &["run", "a b", "sh", "-c", script]);
    let path = format!("{0}/bin:/usr/bin:/bin", other.display());
    command.env("VIRTUAL_ENV", &other).env("PATH", path).env("PYTHONHOME", "/nowhere").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"what is typed").unwrap();
    let outcome = Outcome::new(&sandbox, &child.wait_with_output().unwrap());
    let expected = "[ROOT]/envs/a b\n[ROOT]/envs/a b/bin:/usr/bin:/bin\nunset\nwhat is typed";
    assert_eq!(outcome.succeeds("run"), expected);
}
