//! `venvwrap check`.

use std::path::Path;
use std::process::Command;

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::find_program;

/// An environment that fits, and one that does not.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for (environment, requirement) in [("good", "b>=1"), ("bad", "b>=2")] {
        sandbox.make_env(environment);
        let site = format!("envs/{environment}/lib/python3.11/site-packages");
        sandbox.write(
            format!("{site}/a-1.dist-info/METADATA"),
            format!("Name: A\nVersion: 1\nRequires-Dist: {requirement}\n"),
        );
        sandbox.write(format!("{site}/b-1.dist-info/METADATA"), "Name: b\nVersion: 1\n");
        sandbox.write(
            format!("envs/{environment}/pyvenv.cfg"),
            "version = 3.11.2\ninclude-system-site-packages = false\n",
        );
    }
    sandbox
}

#[test]
fn one_environment_is_checked_as_by_pip() {
    let sandbox = sandbox();
    insta::assert_snapshot!(call(&sandbox, &["check", "good"]).whole(), @"
    --- standard output
    No broken requirements found.
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["check", "bad"]).whole(), @"
    --- standard output
    a 1 has requirement b>=2, but you have b 1.
    --- status 1
    ");
}

#[test]
fn pypy_has_packages_in_its_standard_library() {
    let Some(python) = find_program("pypy3") else { return };
    let sandbox = Sandbox::new();
    let environment = sandbox.env_path("api");
    let output_of = |python: &Path, arguments: &[&str]| {
        let output = Command::new(python).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    output_of(&python, &["-m", "venv", environment.to_str().unwrap()]);
    let python = environment.join("bin/python");
    let library = output_of(&python, &["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]);
    let needed: String =
        ["cffi", "greenlet", "hpy", "readline"].map(|name| format!("Requires-Dist: {name}\n")).concat();
    let info = Path::new(&library).join("a-1.dist-info/METADATA");
    sandbox.write(info, format!("Name: a\nVersion: 1\n{needed}"));
    let by_pip = output_of(&python, &["-m", "pip", "check"]);
    assert_eq!(call(&sandbox, &["check", "api"]).succeeds("check").trim_end(), by_pip);
    // Nobody has installed them, and no index has all of them.
    assert_eq!(call(&sandbox, &["freeze", "api"]).succeeds("freeze"), "a==1\n");
}

#[test]
fn several_environments_are_named() {
    let sandbox = sandbox();
    insta::assert_snapshot!(call(&sandbox, &["check", "--all"]).whole(), @"
    --- standard output
    bad: a 1 has requirement b>=2, but you have b 1.
    good: No broken requirements found.
    --- status 1
    ");
    insta::assert_snapshot!(call(&sandbox, &["check", "--json", "bad"]).whole(), @r#"
    --- standard output
    [
      {
        "name": "bad",
        "path": "[ROOT]/envs/bad",
        "problems": [
          {
            "dependency": "b",
            "installed": "1",
            "kind": "conflict",
            "message": "a 1 has requirement b>=2, but you have b 1.",
            "package": "a",
            "requirement": "b>=2",
            "version": "1"
          }
        ]
      }
    ]
    --- status 1
    "#);
}

#[test]
fn an_environment_that_cannot_be_read_is_no_finding() {
    let sandbox = sandbox();
    assert_eq!(call(&sandbox, &["check", "gone"]).status, Some(2));
    std::fs::remove_file(sandbox.env_path("bad").join("pyvenv.cfg")).unwrap();
    let outcome = call(&sandbox, &["check", "--all"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("good: No broken requirements found.\n", Some(2)));
    assert!(outcome.stderr.starts_with("error: could not read the packages of `bad`"), "{outcome:#?}");
}

#[test]
fn hostile_metadata_does_not_reach_the_terminal() {
    let sandbox = sandbox();
    let file = "envs/bad/lib/python3.11/site-packages/a-1.dist-info/METADATA";
    sandbox.write(file, "Name: a\x1b[31m\nVersion: 1\nRequires-Dist: $(touch PWN)\x1b]0;x\x07\n");
    let outcome = call(&sandbox, &["check", "bad"]);
    assert_eq!(outcome.status, Some(1));
    assert!(!outcome.stdout.contains(|c: char| c.is_control() && c != '\n'), "{outcome:#?}");
}

#[test]
fn a_configuration_that_cannot_be_used_is_no_finding() {
    let sandbox = sandbox();
    let call = |words: &[&str]| {
        Outcome::new(&sandbox, &program(&sandbox, words).env("VENVWRAP_CONFIG", "/nowhere").output().unwrap())
    };
    for words in [&["check", "good"][..], &["diff", "good", "bad"], &["snapshot", "diff", "good"], &["doctor"]] {
        let outcome = call(words);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(2), ""), "{words:?}: {outcome:#?}");
    }
    assert_eq!(call(&["show", "good"]).status, Some(1));
}
