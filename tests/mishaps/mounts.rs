//! What is mounted in an environment stays, whatever removes the environment, and is named.

use std::fs;
use std::path::Path;

use crate::support::program::{call, create_arguments, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::unshare;

/// How something is mounted: `mount OPTIONS SOURCE PLACE`, where the source may be a word.
const KINDS: [(&str, &[&str], &str); 3] =
    [("directory", &["--bind"], "outside"), ("file", &["--bind"], "outside/f"), ("tmpfs", &["-t", "tmpfs"], "none")];

/// Calls the program where something is mounted that nobody else sees.
fn call_with_mount(sandbox: &Sandbox, mount: &[&str], source: &Path, place: &Path, arguments: &[&str]) -> Outcome {
    let called = program(sandbox, arguments);
    let mut command = unshare().unwrap();
    command.args(["sh", "-c", "place=$1; shift; mount \"$@\" && exec \"$VENVWRAP_PROGRAM\" $VENVWRAP_ARGUMENTS", "sh"]);
    command.arg(place).args(mount).args([source, place]);
    command.env_clear();
    for (name, value) in called.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.env("VENVWRAP_PROGRAM", called.get_program()).env("VENVWRAP_ARGUMENTS", arguments.join(" "));
    if let Some(directory) = called.get_current_dir() {
        command.current_dir(directory);
    }
    Outcome::new(sandbox, &command.output().unwrap())
}

#[test]
fn no_command_deletes_what_is_mounted_in_an_environment() {
    if unshare().is_none() {
        return;
    }
    let create_again = python().map(|python| {
        let arguments = create_arguments(&python, "m", &["--clear", "--no-seed"]);
        arguments.into_iter().map(|word| word.into_string().unwrap()).collect::<Vec<_>>()
    });
    let mut commands: Vec<Vec<&str>> =
        vec![vec!["remove", "m"], vec!["remove", "--force", "m"], vec!["__do", "rmvirtualenv", "m"]];
    commands.extend(create_again.iter().map(|words| words.iter().map(String::as_str).collect()));
    for (kind, mount, source) in KINDS {
        for arguments in &commands {
            let sandbox = Sandbox::named("mounts");
            let env = sandbox.make_env("m");
            let precious = sandbox.write("outside/f", "keep");
            let place = env.join(if kind == "file" { "pyvenv.cfg" } else { "lib" });
            let source = if kind == "tmpfs" { Path::new(source).to_path_buf() } else { sandbox.path(source) };
            let outcome = call_with_mount(&sandbox, mount, &source, &place, arguments);
            assert_ne!(outcome.status, Some(0), "{kind}: {arguments:?}: {outcome:#?}");
            let is_named = outcome.stderr.contains("is mounted at `") && outcome.stderr.contains("unmount it first");
            assert!(is_named, "{kind}: {arguments:?}: {outcome:#?}");
            assert_eq!(fs::read(&precious).unwrap(), b"keep", "{kind}: {arguments:?}");
            assert!(env.join("bin/activate").exists() && env.join("pyvenv.cfg").exists(), "{kind}: {arguments:?}");
        }
    }
}

/// A copy would lack it.
#[test]
fn an_environment_with_a_mount_for_a_part_is_neither_copied_nor_packed() {
    if unshare().is_none() {
        return;
    }
    for arguments in [&["copy", "m", "n"][..], &["__do", "cpvirtualenv", "m", "n"], &["pack", "m", "-o", "m.tar"]] {
        let sandbox = Sandbox::named("mounts");
        let env = sandbox.make_env("m");
        sandbox.write("outside/python", "");
        let (kind, place) = (["--bind"], env.join("bin"));
        let outcome = call_with_mount(&sandbox, &kind, &sandbox.path("outside"), &place, arguments);
        assert_ne!(outcome.status, Some(0), "{arguments:?}: {outcome:#?}");
        let told = "something is mounted at `[ROOT]/envs/m/bin`, and is no part of the environment";
        assert!(outcome.stderr.contains(told), "{arguments:?}: {outcome:#?}");
        assert!(!sandbox.env_path("n").exists(), "{arguments:?}");
    }
}

#[test]
fn a_sweep_leaves_what_is_mounted_in_the_trash() {
    if unshare().is_none() {
        return;
    }
    for left_over in
        ["envs/.venvwrap-trash-1/removed/mnt", "envs/.venvwrap-op-m/new/mnt", "envs/.venvwrap-op-m/old/mnt"]
    {
        let sandbox = Sandbox::named("mounts");
        let precious = sandbox.write("outside/f", "keep");
        let place = sandbox.path(left_over);
        fs::create_dir_all(&place).unwrap();
        let home = sandbox.path("envs");
        let arguments = ["__background", "sweep", home.to_str().unwrap()];
        let outcome = call_with_mount(&sandbox, &["--bind"], &sandbox.path("outside"), &place, &arguments);
        assert_eq!(fs::read(&precious).unwrap(), b"keep", "{left_over}: {outcome:#?}");
    }
}

#[test]
fn what_something_is_mounted_in_stays_in_the_trash_and_the_rest_goes() {
    if unshare().is_none() {
        return;
    }
    let sandbox = Sandbox::named("mounts");
    for name in ["m", "other"] {
        sandbox.make_env(name);
        call(&sandbox, &["remove", name]).succeeds(name);
    }
    let kept = |sandbox: &Sandbox| {
        let entries = fs::read_dir(sandbox.env_path(".venvwrap-trash")).unwrap().flatten();
        entries.map(|entry| entry.path().join("m")).find(|path| path.exists())
    };
    sandbox.write("outside/f", "keep");
    let env = kept(&sandbox).unwrap();
    let outside = sandbox.path("outside");
    let outcome = call_with_mount(&sandbox, &["--bind"], &outside, &env.join("lib"), &["trash", "empty"]);
    assert_eq!(outcome.status, Some(1), "{outcome:#?}");
    assert_eq!(call(&sandbox, &["trash"]).stdout.lines().count(), 2, "a heading and one line");
    let told = "could not delete the removed `m`: ";
    let is_named = outcome.stderr.contains(told) && outcome.stderr.ends_with("hint: unmount it first\n");
    assert!(is_named, "{outcome:#?}");
    assert!(env.join("bin/activate").exists() && outside.join("f").exists(), "{outcome:#?}");
    assert_eq!(call(&sandbox, &["undo", "m"]).status, Some(0));
    let place = sandbox.env_path("m/data");
    fs::create_dir(&place).unwrap();
    let outcome = call_with_mount(&sandbox, &["--bind"], &outside, &place, &["copy", "m", "copy"]);
    assert!(outcome.stderr.contains("these are mounted, or neither"), "{outcome:#?}");
}

#[test]
fn a_start_up_file_that_is_a_mount_is_not_replaced() {
    if unshare().is_none() {
        return;
    }
    let sandbox = Sandbox::named("mounts");
    let file = sandbox.write("home/.bashrc", "");
    let outside = sandbox.write("outside/rc", "# mine\n");
    let outcome = call_with_mount(&sandbox, &["--bind"], &outside, &file, &["setup", "bash", "--yes"]);
    let hint = "hint: something is mounted at `[ROOT]/home/.bashrc`: change the file that is mounted there\n";
    assert!(outcome.stderr.ends_with(hint), "{outcome:#?}");
    assert_eq!(fs::read(outside).unwrap(), b"# mine\n");
}
