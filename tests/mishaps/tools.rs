//! Environments that other programs make, whether for us or on their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{assert_works, call, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, in_each_shell, run};
use crate::support::tools::{skip, uv, virtualenv};

/// Creates through another program, named in the variable and in the configuration.
fn create_by(sandbox: &Sandbox, creator: &str, options: &[&str]) -> [Outcome; 2] {
    let config = format!("creator = {creator:?}\n");
    let config = sandbox.write("creator.toml", config);
    let call = |name: &str, variable: &str, value: &std::ffi::OsStr| {
        let arguments = [&["create"], options, &["--", name]].concat();
        let mut command = program(sandbox, &arguments);
        Outcome::new(sandbox, &command.env(variable, value).output().unwrap())
    };
    [
        call("by variable", "VIRTUALENVWRAPPER_VIRTUALENV", creator.as_ref()),
        call("by file", "VENVWRAP_CONFIG", config.as_os_str()),
    ]
}

fn check(sandbox: &Sandbox, outcomes: &[Outcome; 2]) {
    for (outcome, name) in outcomes.iter().zip(["by variable", "by file"]) {
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_works(&sandbox.env_path(name));
    }
    assert_eq!(call(sandbox, &["list", "-b"]).stdout, "by file\nby variable\n");
    call(sandbox, &["remove", "by file", "by variable"]).succeeds("remove");
}

#[test]
fn virtualenv_makes_them_when_it_is_asked_to() {
    let (Some(virtualenv), Some(python)) = (virtualenv(), python()) else { return };
    let sandbox = Sandbox::new();
    let options = ["-p", python.to_str().unwrap(), "--system-site-packages"];
    check(&sandbox, &create_by(&sandbox, &format!("'{}'", virtualenv.display()), &options));
}

#[test]
fn uv_makes_them_when_it_is_asked_to() {
    let (Some(uv), Some(python)) = (uv(), python()) else { return };
    let sandbox = Sandbox::new();
    let creator = format!("'{}' venv --no-config --no-python-downloads", uv.display());
    let options = ["--python", python.to_str().unwrap()];
    let outcomes = create_by(&sandbox, &creator, &options);
    for (outcome, name) in outcomes.iter().zip(["by variable", "by file"]) {
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let output = Command::new(sandbox.env_path(name).join("bin/python")).args(["-c", ""]).status().unwrap();
        assert!(output.success(), "{name}");
    }
}

#[test]
fn a_creator_that_fails_leaves_nothing() {
    let sandbox = Sandbox::new();
    let partly = "#!/bin/sh\nfor name; do :; done\nmkdir -p \"$name/bin\"; : >\"$name/bin/activate\"\n";
    let failing = sandbox.write_program("failing", &format!("{partly}exit 3\n"));
    let dying = sandbox.write_program("dying", &format!("{partly}kill -9 $$\n"));
    let idle = sandbox.write_program("idle", "#!/bin/sh\n");
    let plain = sandbox.write("plain", "");
    let missing = sandbox.path("missing");
    let cases: [(&PathBuf, &str); 5] = [
        (&failing, "failed (exit status: 3)"),
        (&dying, "failed (signal: 9"),
        (&idle, "succeeded but did not create"),
        (&plain, "could not run"),
        (&missing, "could not run"),
    ];
    for (creator, words) in cases {
        for outcome in create_by(&sandbox, &format!("'{}'", creator.display()), &[]) {
            outcome.fails(&creator.display().to_string(), words);
        }
        assert_eq!(names_in(&sandbox.path("envs")), Vec::<std::ffi::OsString>::new(), "{}", creator.display());
    }
    for outcome in create_by(&sandbox, "'unbalanced", &[]) {
        outcome.fails("unbalanced", "quotes do not match");
    }
}

/// Every environment that the tools of this machine make, with the name that each gives it.
fn make_by_tools(sandbox: &Sandbox, python: &Path) -> Vec<String> {
    let mut tools = vec![("by venv", python.to_path_buf(), vec!["-m", "venv", "--without-pip"])];
    tools.extend(
        virtualenv().map(|tool| ("proj-AbCd1234", tool, vec!["-q", "--no-seed", "-p", python.to_str().unwrap()])),
    );
    tools.extend(
        uv().map(|tool| ("by uv", tool, vec!["venv", "-q", "--no-config", "--python", python.to_str().unwrap()])),
    );
    let make = |(name, tool, arguments): (&str, PathBuf, Vec<&str>)| {
        let mut command = sandbox.command(&tool);
        let output = command.args(arguments).arg(sandbox.env_path(name)).output().unwrap();
        // Debian's Python has no venv unless one more package is installed.
        let is_made = output.status.success();
        if !is_made {
            skip(&format!("{name}: {output:?}"));
        }
        is_made.then(|| name.to_string())
    };
    let mut names: Vec<_> = tools.into_iter().filter_map(make).collect();
    names.sort();
    names
}

#[test]
fn environments_of_other_tools_are_first_class() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let names = make_by_tools(sandbox, &python);
        // pipenv's way to note the project has no line break at the end.
        let project = sandbox.path("projects/p");
        fs::create_dir_all(&project).unwrap();
        for name in &names {
            fs::write(sandbox.env_path(name).join(".project"), project.to_str().unwrap()).unwrap();
        }
        assert_eq!(call(sandbox, &["list", "-b"]).succeeds("list").lines().collect::<Vec<_>>(), names);
        for name in &names {
            let json = call(sandbox, &["show", "--json", name]).succeeds(name).to_string();
            assert!(json.contains("\"health\": \"ok\"") && json.contains("[ROOT]/projects/p"), "{json}");
            let script = ["run", name, "python", "-c", "import sys; print(sys.prefix)"];
            assert_eq!(call(sandbox, &script).succeeds(name), format!("[ROOT]/envs/{name}\n"));
            let script = format!("workon '{name}'; report in\ndeactivate; report out\nprintf '%s\\n' \"$PATH\"");
            run(sandbox, shell, &script).prints(
                name,
                &format!(
                    "in: status=0 env=[ROOT]/envs/{name} cwd=[ROOT]/projects/p\n\
                     out: status=0 env= cwd=[ROOT]/projects/p\n/usr/local/bin:/usr/bin:/bin\n"
                ),
            );
            call(sandbox, &["remove", name]).succeeds(name);
        }
        assert_eq!(call(sandbox, &["list", "-b"]).succeeds("list"), "");
    });
}
