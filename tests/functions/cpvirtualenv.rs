//! `cpvirtualenv`, without a shell: what it says, what it makes, and which hooks run when.

use std::fs;
use std::path::PathBuf;

use crate::support::program::call;
use crate::support::sandbox::Sandbox;

fn run(sandbox: &Sandbox, arguments: &[&str]) -> (String, String, Option<i32>) {
    let outcome = call(sandbox, arguments);
    (outcome.stdout, outcome.stderr, outcome.status)
}

/// An environment whose interpreter is there, without packages.
fn make_env(sandbox: &Sandbox, name: &str) -> PathBuf {
    let environment = sandbox.make_bare_env(name);
    std::os::unix::fs::symlink("/bin/sh", environment.join("bin/python")).unwrap();
    for name in ["python3", "python3.11"] {
        std::os::unix::fs::symlink("python", environment.join("bin").join(name)).unwrap();
    }
    environment
}

#[test]
fn says_what_virtualenvwrapper_says() {
    let sandbox = Sandbox::new();
    make_env(&sandbox, "old");
    let answer = run(&sandbox, &["__do", "cpvirtualenv", "old", "new"]);
    assert_eq!(answer, ("Copying old as new...\n".into(), String::new(), Some(0)));
    let answer = run(&sandbox, &["__do", "cpvirtualenv", "old", "new"]);
    assert_eq!(answer, ("new virtualenv already exists.\n".into(), String::new(), Some(1)));
    let answer = run(&sandbox, &["__do", "cpvirtualenv", "old"]);
    assert_eq!(answer, ("old virtualenv already exists.\n".into(), String::new(), Some(1)));
    for arguments in [&["__do", "cpvirtualenv"][..], &["__do", "cpvirtualenv", "nothing", "new"]] {
        let answer = run(&sandbox, arguments);
        assert_eq!(answer, ("Please provide a valid virtualenv to copy.\n".into(), String::new(), Some(1)));
    }
    let answer = run(&sandbox, &["__do", "cpvirtualenv", "odl", "new"]);
    let hint = "hint: did you mean `old`?\n".to_string();
    assert_eq!(answer, ("Please provide a valid virtualenv to copy.\n".into(), hint, Some(1)));
}

#[test]
fn imports_an_environment_under_its_own_name() {
    let sandbox = Sandbox::new();
    let environment = make_env(&sandbox, "old");
    fs::rename(environment, sandbox.path("home/outside")).unwrap();
    let answer = run(&sandbox, &["__do", "cpvirtualenv", "outside"]);
    assert_eq!(answer, ("Copying outside as outside...\n".into(), String::new(), Some(0)));
    let activate = fs::read_to_string(sandbox.env_path("outside").join("bin/activate")).unwrap();
    assert!(activate.contains(&format!("'{}'", sandbox.env_path("outside").display())), "{activate}");
}

#[test]
fn the_plan_activates_the_copy_and_sources_the_hooks() {
    let sandbox = Sandbox::new();
    make_env(&sandbox, "new");
    let (plan, errors, status) = run(&sandbox, &["__plan", "json", "cpvirtualenv", "old", "new"]);
    assert_eq!((errors.as_str(), status), ("", Some(0)));
    let places: Vec<_> =
        ["[ROOT]/envs/new/bin/activate\"", "envs/postactivate", "envs/postmkvirtualenv", "envs/postcpvirtualenv"]
            .iter()
            .map(|part| plan.find(part).unwrap_or_else(|| panic!("{part} in {plan}")))
            .collect();
    assert!(places.is_sorted(), "{plan}");
}

#[test]
fn hooks_run_after_the_copy_is_made() {
    let sandbox = Sandbox::new();
    make_env(&sandbox, "old");
    for hook in ["precpvirtualenv", "premkvirtualenv"] {
        let text = format!("#!/bin/sh\necho {hook} \"$@\" in \"$PWD\"; test -d \"$WORKON_HOME/new\" && echo made\n");
        sandbox.write_program(format!("envs/{hook}"), &text);
    }
    let (output, _, status) = run(&sandbox, &["__do", "cpvirtualenv", "old", "new"]);
    let expected = "Copying old as new...\nprecpvirtualenv [ROOT]/envs/old new in [ROOT]/envs\nmade\n\
                    premkvirtualenv new in [ROOT]/envs\nmade\n";
    assert_eq!((output.as_str(), status), (expected, Some(0)));
}
