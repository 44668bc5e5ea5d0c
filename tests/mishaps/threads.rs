//! A system that allows no further thread, or leaves little room for the stack.

use std::process::{Command, Stdio};

use super::commands::call;
use crate::support::program::{assert_works, create, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::trace::under_strace;

/// The program as it is where no thread can be started; nothing without strace.
fn call_without_threads(place: &Sandbox, arguments: &[&str]) -> Option<Outcome> {
    let options = ["-qq", "-o", "/dev/null", "-e", "trace=clone,clone3", "-e", "inject=clone,clone3:error=EAGAIN"];
    let mut traced = under_strace(&call(place, arguments), &options)?;
    Some(Outcome::new(place, &traced.stdin(Stdio::null()).output().unwrap()))
}

#[test]
fn many_environments_are_listed_without_further_threads() {
    let place = Sandbox::new();
    let names: Vec<_> = (10..74).map(|number| format!("e{number}")).collect();
    for name in &names {
        place.make_env(name);
    }
    let Some(outcome) = call_without_threads(&place, &["list"]) else { return };
    let listed: Vec<_> = outcome.succeeds("list").lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(listed, names);
}

#[test]
fn an_environment_is_copied_without_further_threads() {
    let Some(python) = python() else { return };
    let place = Sandbox::new();
    create(&place, &python, "old");
    let Some(outcome) = call_without_threads(&place, &["copy", "old", "new"]) else { return };
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_works(&place.env_path("new"));
}

#[test]
fn a_small_stack_is_enough() {
    let Some(python) = python() else { return };
    let place = Sandbox::new();
    let create = ["create", "--no-seed", "-p", python.to_str().unwrap(), "new"];
    let commands: [&[&str]; 8] = [
        &create,
        &["__plan", "bash", "workon", "new"],
        &["list"],
        &["__complete", "bash", "2", "venvwrap", "show"],
        &["--help"],
        &["create", "--help"],
        &["config", "list"],
        &["remove", "new"],
    ];
    for arguments in commands {
        let plain = call(&place, arguments);
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -s 128 && exec \"$@\"", "sh"]).arg(plain.get_program()).args(arguments);
        limited.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let outcome = Outcome::new(&place, &limited.current_dir(place.path("")).output().unwrap());
        assert_eq!(outcome.status, Some(0), "{arguments:?}: {outcome:#?}");
    }
}

#[test]
fn a_time_that_no_clock_shows_does_not_hide_the_others() {
    let place = Sandbox::new();
    for (name, created) in [("a", "9223372036854775807"), ("b", "253402300800"), ("c", "1700000000")] {
        std::fs::write(place.make_env(name).join("venvwrap.toml"), format!("created = {created}\n")).unwrap();
    }
    let too_late = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(300_000_000_000);
    let file = std::fs::File::options().write(true).open(place.env_path("c/venvwrap.toml")).unwrap();
    // Not every file system can hold this time.
    let _ = file.set_modified(too_late);
    for arguments in [&["list"][..], &["list", "--json"], &["show", "a"]] {
        let outcome = Outcome::new(&place, &call(&place, arguments).output().unwrap());
        let text = outcome.succeeds(&format!("{arguments:?}"));
        assert!(text.contains("python") || text.contains("PYTHON"), "{text}");
    }
    let outcome = Outcome::new(&place, &call(&place, &["list", "--json"]).output().unwrap());
    assert!(outcome.stdout.contains("\"created\": \"2023-11-14T22:13:20Z\""), "{outcome:#?}");
}
