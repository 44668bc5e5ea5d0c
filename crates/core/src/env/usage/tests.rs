use super::*;
use crate::env::metadata;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

fn own_pid() -> i32 {
    i32::try_from(std::process::id()).unwrap()
}

/// A process that lives until its input is closed.
fn start(configure: impl FnOnce(&mut Command) -> &mut Command) -> Child {
    let mut command = Command::new("cat");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    configure(&mut command);
    command.spawn().unwrap()
}

fn end(mut child: Child) {
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn only_terminals_are_called_that() {
    for (path, expected) in [
        ("/dev/pts/3", "pts/3"),
        ("/dev/tty1", "tty1"),
        ("/dev/null", "the background"),
        ("/dev", "the background"),
        ("pipe:[123]", "the background"),
        ("", "the background"),
    ] {
        assert_eq!(terminal_at(Path::new(path)), expected, "{path}");
    }
}

#[test]
fn nobody_uses_a_fresh_directory() {
    let env = tempfile::tempdir().unwrap();
    assert!(!is_in_use(env.path(), &[]));
}

#[test]
fn a_shell_that_entered_counts_until_it_leaves_or_ends() {
    let env = tempfile::tempdir().unwrap();
    let child = start(|command| command);
    let pid = i32::try_from(child.id()).unwrap();
    register(env.path(), pid);
    assert!(is_in_use(env.path(), &[own_pid()]));
    unregister(env.path(), &[pid]);
    assert!(!is_in_use(env.path(), &[]));
    register(env.path(), pid);
    end(child);
    assert!(!is_in_use(env.path(), &[]));
}

#[test]
fn the_owner_counts_unless_it_leaves() {
    let env = tempfile::tempdir().unwrap();
    let metadata = Metadata { temporary: Some(Owner::of(own_pid())), ..Metadata::default() };
    std::fs::write(metadata::path(env.path()), metadata.to_toml()).unwrap();
    assert!(is_in_use(env.path(), &[]));
    assert!(!is_in_use(env.path(), &ancestors(own_pid())));
}

#[test]
fn programs_started_in_it_or_working_in_it_count() {
    let env = tempfile::tempdir().unwrap();
    let child = start(|command| command.env("VIRTUAL_ENV", env.path()));
    assert!(is_in_use(env.path(), &[]));
    end(child);
    let child = start(|command| command.current_dir(env.path()));
    assert!(is_in_use(env.path(), &[]));
    end(child);
    let child = start(|command| command.arg0(env.path().join("bin/python")));
    assert!(is_in_use(env.path(), &[]));
    assert!(users_of(&env.path().join("bin/pyth"), &[]).is_empty(), "another one");
    end(child);
    assert!(!is_in_use(env.path(), &[]));
}

#[test]
fn shells_of_another_container_keep_an_environment_and_are_named() {
    let env = tempfile::tempdir().unwrap();
    let there = Owner { namespace: Some("pid:[1]".into()), ..Owner::of(own_pid()) };
    std::fs::create_dir(env.path().join(REGISTER)).unwrap();
    std::fs::write(env.path().join(REGISTER).join("x"), toml::to_string(&there).unwrap()).unwrap();
    // It has the identifier of one that is leaving here.
    unregister(env.path(), &[own_pid()]);
    assert!(is_in_use(env.path(), &[own_pid()]));
    assert_eq!(elsewhere(env.path()), std::slice::from_ref(&there));
    std::fs::remove_file(env.path().join(REGISTER).join("x")).unwrap();
    assert!(!is_in_use(env.path(), &[own_pid()]));
    let metadata = Metadata { temporary: Some(there), ..Metadata::default() };
    std::fs::write(metadata::path(env.path()), metadata.to_toml()).unwrap();
    assert!(is_in_use(env.path(), &ancestors(own_pid())));
}

#[test]
fn a_shell_is_known_by_every_spelling_of_its_environment() {
    let root = tempfile::tempdir().unwrap();
    let (real, link, gone) = (root.path().join("real"), root.path().join("link"), root.path().join("gone"));
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let of = |env: &Path, except: &[i32]| {
        let shells = vec![(own_pid(), link.clone()), (own_pid(), gone.clone())];
        Survey::of([env], except).with_shells(shells).users_of(env).len()
    };
    assert_eq!([of(&real, &[]), of(&link, &[]), of(&gone, &[]), of(&root.path().join("rea"), &[])], [1, 1, 1, 0]);
    assert_eq!(of(&real, &[own_pid()]), 0);
}
