//! `--copies` makes no link at all, so that it works where there are none.

use std::path::{Path, PathBuf};

use crate::support::program::{assert_works, create_arguments, names_in, program, pythons};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::trace::under_strace;

/// Every link in an environment.
fn links(directory: &Path) -> Vec<PathBuf> {
    let paths = names_in(directory).into_iter().map(|name| directory.join(name));
    paths.flat_map(|path| if path.is_symlink() { vec![path] } else { links(&path) }).collect()
}

/// Calls the program where no file system has links.
fn without_links(sandbox: &Sandbox, arguments: &[std::ffi::OsString]) -> Option<Outcome> {
    // Not `-f` once more: twice it means a file for each process, next to the device.
    let options = ["-qq", "-o", "/dev/null", "-e", "signal=none", "-e", "trace=symlink,symlinkat,link,linkat"];
    let fault = ["-e", "inject=symlink,symlinkat,link,linkat:error=EPERM"];
    let mut command = under_strace(&program(sandbox, arguments), &[&options[..], &fault].concat())?;
    Some(Outcome::new(sandbox, &command.output().unwrap()))
}

#[test]
fn copies_need_no_links_and_leave_none() {
    for python in pythons() {
        let sandbox = Sandbox::new();
        for (name, options) in [
            ("a", &["--no-setuptools", "--always-copy"][..]),
            ("b c", &["--no-setuptools", "--copies"]),
            ("a", &["--no-setuptools", "--clear", "--copies"]),
            ("a", &["--no-setuptools", "--copies", "-q"]),
        ] {
            let Some(outcome) = without_links(&sandbox, &create_arguments(python, name, options)) else { return };
            outcome.succeeds(&format!("{} {options:?}", python.display()));
            let env = sandbox.env_path(name);
            assert_works(&env);
            assert_eq!(links(&env), Vec::<PathBuf>::new(), "{} {options:?}", python.display());
            assert!(!env.join("lib64").exists(), "{}", python.display());
        }
    }
}

#[test]
fn links_are_refused_where_there_are_none() {
    let Some(python) = pythons().first() else { return };
    let sandbox = Sandbox::new();
    let Some(outcome) = without_links(&sandbox, &create_arguments(python, "a", &["--no-seed"])) else { return };
    outcome.fails("links", "could not create `a`");
    assert_eq!(names_in(&sandbox.path("envs")), Vec::<std::ffi::OsString>::new());
}
