//! `venvwrap venv`.

use crate::support::program::{assert_works, program, python, residue};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

fn venv(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let python = python().unwrap();
    let mut command = program(sandbox, &["venv", "--no-setuptools", "-p", python.to_str().unwrap()]);
    Outcome::new(sandbox, &command.args(arguments).current_dir(sandbox.path("home")).output().unwrap())
}

#[test]
fn an_environment_is_made_anywhere_and_registered_as_nothing() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    for (arguments, path) in [(&[][..], ".venv"), (&["a b/c"], "a b/c"), (&["--prompt", "x", "it's"], "it's")] {
        std::fs::create_dir_all(sandbox.path("home/a b")).unwrap();
        venv(&sandbox, arguments).succeeds(path);
        assert_works(&sandbox.path("home").join(path));
    }
    // Again: it is kept, or replaced.
    assert_eq!(venv(&sandbox, &[".venv"]).status, Some(0));
    venv(&sandbox, &["--clear", ".venv"]).succeeds("--clear");
    assert_works(&sandbox.path("home/.venv"));
    assert_eq!(residue(&sandbox.path("home")), Vec::<std::path::PathBuf>::new());
    let listed = Outcome::new(&sandbox, &program(&sandbox, &["list", "-b"]).output().unwrap());
    assert_eq!(listed.stdout, "");
}

#[test]
fn what_is_no_environment_is_left_alone() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("home/full", "precious");
    venv(&sandbox, &["full"]).fails_with_hint("a file", "exists and is not an environment");
    assert_eq!(std::fs::read(sandbox.path("home/full")).unwrap(), b"precious");
    assert_ne!(venv(&sandbox, &["/"]).status, Some(0));
    // A `pyvenv.cfg` makes no environment of the home directory that may be cleared, nor of one above it.
    for file in ["home/pyvenv.cfg", "pyvenv.cfg"] {
        let path = sandbox.write(file, "").parent().unwrap().to_path_buf();
        let path = path.to_str().unwrap();
        venv(&sandbox, &["--clear", path]).fails_with_hint(path, "it holds `");
    }
    assert_eq!(std::fs::read(sandbox.path("home/full")).unwrap(), b"precious");
}
