//! Real pip in real environments.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::python::Interpreter;
use crate::wheel::testing::{bare_environment, real_interpreter, seed_pip};
use crate::wheel::{SeedError, Sources};

/// The wheels that Python installations bring along.
fn machine(interpreter: &Interpreter) -> Sources {
    Sources {
        wheel_pkg_dirs: vec!["/usr/share/python-wheels".into()],
        stdlibs: vec![interpreter.stdlib.clone()],
        ..Sources::default()
    }
}

/// Makes an environment in a staging directory and moves it to its place; `None` when there is no pip to be had.
#[expect(clippy::print_stderr, reason = "a skipped test should say so")]
fn environment(scratch: &Path, name: &str) -> Option<PathBuf> {
    let interpreter = real_interpreter()?;
    let (staging, place) = (scratch.join("staging"), scratch.join(name));
    bare_environment(&staging, interpreter);
    match seed_pip(&machine(interpreter), interpreter, &staging, &place, Some(&scratch.join("cache"))) {
        Ok(_) => std::fs::rename(&staging, &place).unwrap(),
        Err(SeedError::NotFound { .. }) => {
            eprintln!("skipped: no Python here brings a wheel of pip");
            return None;
        }
        Err(error) => panic!("{error}"),
    }
    Some(place)
}

fn run(program: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    let output = command.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn pip_runs_in_hostile_places() {
    let scratch = tempfile::tempdir().unwrap();
    for name in ["plain", "a $(touch PWN) 'b", &"long".repeat(50)] {
        let Some(root) = environment(scratch.path(), name) else { return };
        let version = stdout(&run(&root.join("bin/pip3"), &["--version"]));
        assert!(version.starts_with("pip ") && version.contains(root.to_str().unwrap()), "{version}");
    }
}

/// Slow: pip is started three times.
#[test]
fn pip_removes_itself_completely() {
    let scratch = tempfile::tempdir().unwrap();
    let Some(root) = environment(scratch.path(), "env") else { return };
    let pip = root.join("bin/pip");
    assert!(stdout(&run(&pip, &["list", "--format=freeze"])).contains("pip=="));
    assert_eq!(stdout(&run(&pip, &["check"])).trim(), "No broken requirements found.");
    run(&pip, &["uninstall", "-y", "pip"]);

    let site = root.join("lib").join(real_interpreter().unwrap().lib_dir_name()).join("site-packages");
    let names = |directory: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names(&site), Vec::<String>::new());
    assert_eq!(names(&root.join("bin")), ["python"]);
}
