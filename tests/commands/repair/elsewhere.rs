//! What is said of an environment outside of the store, where another one may have its name.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::program::{assert_works, call, program, python, remove_interpreter};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

/// A name that has to be quoted, with a namesake in the store.
const NAME: &str = "it's old";

/// Returns the environment in the directory of projects.
fn place(sandbox: &Sandbox) -> PathBuf {
    let elsewhere = sandbox.path("projects").join(NAME);
    fs::rename(sandbox.make_env(NAME), &elsewhere).unwrap();
    sandbox.make_env(NAME);
    elsewhere
}

fn with_active(sandbox: &Sandbox, active: &Path, words: &[&str]) -> Outcome {
    let mut command = program(sandbox, words);
    let command = command.env("VIRTUAL_ENV", active).current_dir(sandbox.path("projects"));
    Outcome::new(sandbox, &command.output().unwrap())
}

#[test]
fn hints_name_the_path_of_the_active_environment_or_need_no_name() {
    let sandbox = Sandbox::new();
    let active = place(&sandbox);
    let call = |words: &[&str]| with_active(&sandbox, &active, words);
    let path = "'[ROOT]/projects/it'\\''s old'";
    let shown = "`[ROOT]/projects/it's old`";
    let fails = |words: &[&str], error: &str, hint: &str| {
        let outcome = call(words);
        let expected = format!("\nhint: {hint}");
        assert!(outcome.stderr.contains(error) && outcome.stderr.contains(&expected), "{words:?}: {outcome:#?}");
    };
    fails(&["kernel", "add"], shown, "`venvwrap kernel add --install` installs it\n");
    fails(&["project", "show"], shown, "`venvwrap project set` in a directory sets it\n");
    fs::remove_dir_all(active.join("lib")).unwrap();
    let rebuilt = format!("`venvwrap upgrade {path} -p 3.11` rebuilds it without any\n");
    fails(&["freeze"], shown, &rebuilt);
    fails(&["check"], shown, &rebuilt);
    let examined = format!("`venvwrap doctor {path}` says what is wrong\n");
    fails(&["bundle", "--from-installed", "-o", "x"], shown, &examined);
    // By the path as it is typed, from where it is typed.
    let repaired = call(&["repair", "./it's old"]);
    assert!(repaired.stderr.starts_with("repaired `./it's old`: "), "{repaired:#?}");
    fails(&["repair", "./it's old"], "could not repair `./it's old`", "`venvwrap upgrade './it'\\''s old' -p 3.11`");
    fails(&["repair", "it's old/"], "could not repair `./it's old`", "`venvwrap upgrade './it'\\''s old' -p 3.11`");
    fs::create_dir_all(active.join("lib/python3.11/site-packages")).unwrap();
    fs::remove_file(active.join("pyvenv.cfg")).unwrap();
    fs::write(active.join("bin/activate"), "").unwrap();
    fails(&["freeze"], shown, &format!("`venvwrap repair {path}` repairs the environment\n"));
}

#[test]
fn what_is_made_of_an_environment_has_its_name_alone() {
    let sandbox = Sandbox::new();
    let active = place(&sandbox);
    let call = |words: &[&str]| with_active(&sandbox, &active, words);
    let shown = call(&["show"]);
    assert_eq!(shown.stdout.lines().next(), Some(NAME), "{shown:#?}");
    let packed = call(&["pack", "-o", "x.tar.gz"]);
    assert!(packed.status == Some(0), "{packed:#?}");
    let unpacked = call(&["unpack", "x.tar.gz", "--verify-only", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&unpacked.stdout).unwrap();
    assert_eq!(value["manifest"]["name"], NAME);
    let repaired = call(&["repair", "--json", "./it's old"]);
    let value: serde_json::Value = serde_json::from_str(&repaired.stdout).unwrap();
    assert_eq!(value["environments"][0]["name"], NAME, "{repaired:#?}");
}

/// What is said of a dead one repairs it.
#[test]
fn a_dead_python_of_a_project_is_repaired_by_its_path() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = sandbox.path("projects/p/.venv");
    fs::create_dir_all(env.parent().unwrap()).unwrap();
    let made = call(&sandbox, &["venv", "-p", python.to_str().unwrap(), env.to_str().unwrap()]);
    assert_eq!(made.status, Some(0), "{made:#?}");
    remove_interpreter(&env);
    assert_eq!(call(&sandbox, &["allow", env.parent().unwrap().to_str().unwrap()]).status, Some(0));
    let mut command = program(&sandbox, &["run", ".", "python", "-V"]);
    let refused = Outcome::new(&sandbox, &command.current_dir(env.parent().unwrap()).output().unwrap());
    let hint = "\nhint: `venvwrap repair '[ROOT]/projects/p/.venv'` repairs the environment\n";
    assert!(refused.status == Some(126) && refused.stderr.contains(hint), "{refused:#?}");
    assert_eq!(call(&sandbox, &["repair", env.to_str().unwrap()]).status, Some(0));
    assert_works(&env);
}
