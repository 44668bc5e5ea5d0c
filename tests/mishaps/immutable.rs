//! A file that the system lets nobody change: what has to change it does nothing at all, and everything else works.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{assert_works, call, create, names_in, python};
use crate::support::sandbox::Sandbox;

/// A file that is marked immutable as long as this lives.
struct Immutable(PathBuf);

impl Immutable {
    /// None where that needs more rights, another file system or a tool.
    fn mark(path: &Path) -> Option<Self> {
        if set("+i", path) {
            return Some(Self(path.to_path_buf()));
        }
        eprintln!("skipped: no file can be marked immutable here");
        None
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        set("-i", &self.0);
    }
}

fn set(flag: &str, path: &Path) -> bool {
    let output = Command::new("chattr").arg(flag).arg(path).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn a_file_that_must_change_and_cannot_stops_a_rename() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let (before, script) = (names_in(&env.join("bin")), fs::read(env.join("bin/pip")).unwrap());
    for file in ["bin/activate", "pyvenv.cfg", "."] {
        let Some(_marked) = Immutable::mark(&env.join(file)) else { return };
        let outcome = call(&sandbox, &["rename", "api", "new"]);
        outcome.fails_with_hint(file, "could not rename `api`");
        assert!(outcome.stderr.contains("it may be marked immutable"), "{outcome:#?}");
        assert_eq!(names_in(&sandbox.path("envs")), ["api"]);
        assert_eq!(names_in(&env.join("bin")), before);
        assert_eq!(fs::read(env.join("bin/pip")).unwrap(), script);
        assert_works(&env);
    }
}

#[test]
fn an_immutable_file_hinders_nothing_that_only_moves_or_reads_it() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    fs::write(env.join("precious"), "keep").unwrap();
    let Some(marked) = Immutable::mark(&env.join("precious")) else { return };
    let run = |arguments: &[&str]| assert_eq!(call(&sandbox, arguments).status, Some(0), "{arguments:?}");
    let is_kept =
        |name: &str| fs::read(sandbox.env_path(name).join("precious")).is_ok_and(|content| content == b"keep");
    run(&["copy", "api", "copied"]);
    // The mark stays with the original.
    fs::write(sandbox.env_path("copied").join("precious"), "other").unwrap();
    run(&["rename", "api", "new"]);
    let marked = [marked, Immutable(sandbox.env_path("new").join("precious"))];
    run(&["remove", "new"]);
    run(&["undo"]);
    assert!(is_kept("new"));
    run(&["upgrade", "new", "-p", python.to_str().unwrap()]);
    run(&["undo"]);
    assert!(is_kept("new"));
    assert_works(&sandbox.env_path("new"));
    drop(marked);
    run(&["remove", "--now", "new"]);
}
