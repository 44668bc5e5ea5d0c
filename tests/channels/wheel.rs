//! The wheel: pip installs it, and removes it without a trace.

use std::path::Path;
use std::process::Command;

use super::{make, run, use_as_a_newcomer};
use crate::support::program::{names_in, python};
use crate::support::sandbox::Sandbox;

#[test]
fn pip_installs_a_wheel_that_works_and_removes_it() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("out")).unwrap();
    let wheel = make(&sandbox, "wheel", &[sandbox.path("out").to_str().unwrap()]);
    let environment = sandbox.path("tools with blank");
    run(Command::new(&python).args(["-m", "venv"]).arg(&environment));
    let before = names_in(&environment.join("bin"));
    let pip = |arguments: &[&str], wheel: &Path| {
        let mut command = sandbox.command(&environment.join("bin/python"));
        command.args(["-m", "pip", "--isolated", "--disable-pip-version-check"]).args(arguments).arg(wheel);
        command
    };
    run(&mut pip(&["install", "--no-index", "--quiet"], &wheel));
    assert!(environment.join("share/man/man1/venvwrap.1").is_file());
    use_as_a_newcomer(&environment);
    run(&mut pip(&["uninstall", "--yes", "--quiet"], Path::new("venvwrap-cli")));
    assert_eq!(names_in(&environment.join("bin")), before);
    assert!(!environment.join("share/venvwrap/virtualenvwrapper.sh").exists());
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    for directory in ["one", "two"] {
        std::fs::create_dir(sandbox.path(directory)).unwrap();
    }
    let [one, two] = ["one", "two"].map(|name| make(&sandbox, "wheel", &[sandbox.path(name).to_str().unwrap()]));
    assert!(std::fs::read(one).unwrap() == std::fs::read(two).unwrap());
}
