//! `wipeenv`, with packages that a real pip has installed.

use std::path::Path;
use std::process::Command;

use crate::support::program::{assert_works, create, python};
use crate::support::sandbox::Sandbox;
use crate::support::scenario::script;
use crate::support::shells::{in_each_shell, run};

/// A build backend that needs nothing: pip makes the wheel in the test, without an index.
const BACKEND: &str = r#"
import os, zipfile

def build(directory, files):
    name = os.path.basename(os.getcwd())
    info = f"{name}-1.0.dist-info"
    wheel = f"{name}-1.0-py3-none-any.whl"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(os.path.join(directory, wheel), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel

def build_wheel(directory, settings=None, metadata=None):
    return build(directory, {f"{os.path.basename(os.getcwd())}.py": ""})

def build_editable(directory, settings=None, metadata=None):
    return build(directory, {f"{os.path.basename(os.getcwd())}.pth": os.getcwd() + "\n"})
"#;

fn write_source(sandbox: &Sandbox, name: &str) {
    let directory = format!("projects/{name}");
    let project = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
    sandbox.write(format!("{directory}/pyproject.toml"), project);
    sandbox.write(format!("{directory}/backend.py"), BACKEND);
}

/// Makes an environment with a package and one that is only linked to its source.
fn prepare(sandbox: &Sandbox, python: &Path) {
    let env = create(sandbox, python, "api");
    for name in ["tiny", "linked"] {
        write_source(sandbox, name);
    }
    let mut pip = sandbox.command(&env.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--no-index",
        "./tiny",
        "-e",
        "./linked",
    ]);
    let output = pip.current_dir(sandbox.path("projects")).output().unwrap();
    assert!(output.status.success(), "{output:#?}");
    assert_eq!(installed(&env), ["linked", "pip", "tiny"]);
}

/// What pip finds in an environment, sorted.
fn installed(env: &Path) -> Vec<String> {
    let mut command = Command::new(env.join("bin/python"));
    command.args(["-m", "pip", "--disable-pip-version-check", "list", "--format=json"]);
    let output = command.output().unwrap();
    let packages: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut names: Vec<_> =
        packages.as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap().to_string()).collect();
    names.sort();
    names
}

#[test]
fn all_packages_go_and_pip_stays() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        prepare(sandbox, &python);
        let outcome = run(
            sandbox,
            shell,
            &script(
                r"
                1: wipeenv
                workon api
                2: wipeenv
                3: wipeenv
                ",
            ),
        );
        assert_eq!(installed(&sandbox.env_path("api")), ["pip"], "{}: {outcome:#?}", shell.name());
        assert_works(&sandbox.env_path("api"));
        let begin = "1: status=1 env= cwd=[ROOT]/home\nUninstalling packages:\n\nlinked\ntiny\n";
        let end = "2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\nNothing to remove.\n\
                   3: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n";
        assert!(outcome.stdout.starts_with(begin), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stdout.ends_with(end), "{}: {outcome:#?}", shell.name());
        assert_eq!(outcome.stderr.matches("ERROR: no virtualenv active").count(), 1, "{}: {outcome:#?}", shell.name());
        // The source of the linked one is the user's.
        assert!(sandbox.path("projects/linked/backend.py").is_file(), "{}", shell.name());
    });
}

#[test]
fn packages_that_cannot_be_removed_are_a_failure() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        prepare(sandbox, &python);
        // It is a link to the real one.
        std::fs::remove_file(sandbox.env_path("api/bin/python")).unwrap();
        sandbox.write_program("envs/api/bin/python", "#!/bin/sh\nexit 7\n");
        let outcome = run(
            sandbox,
            shell,
            &script(
                r"
                workon api
                1: wipeenv
                ",
            ),
        );
        assert!(outcome.stdout.contains("1: status=1 "), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stderr.to_lowercase().starts_with("error: "), "{}: {outcome:#?}", shell.name());
    });
}
