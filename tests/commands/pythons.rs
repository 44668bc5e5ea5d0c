//! `venvwrap pythons`.

use crate::support::program::{call, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

#[test]
fn the_interpreters_that_can_be_named_are_listed() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let table = call(&sandbox, &["pythons"]);
    let first: Vec<_> = table.succeeds("table").lines().take(2).collect();
    assert!(first[0].starts_with("python") && first[1].ends_with("default"), "{table:#?}");
    let json = call(&sandbox, &["pythons", "--json"]);
    let found: serde_json::Value = serde_json::from_str(json.succeeds("json")).unwrap();
    let found = found.as_array().unwrap();
    assert_eq!(found.iter().filter(|python| python["default"] == true).count(), 1, "{json:#?}");
    let real = python.canonicalize().unwrap();
    let is_listed = |found: &serde_json::Value| {
        std::path::Path::new(found["path"].as_str().unwrap()).canonicalize().is_ok_and(|path| path == real)
    };
    assert!(found.iter().any(is_listed), "{real:?}: {json:#?}");
}

#[test]
fn no_store_is_needed() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let mut command = program(&sandbox, &["pythons"]);
    command.env_remove("HOME").env_remove("WORKON_HOME");
    assert!(Outcome::new(&sandbox, &command.output().unwrap()).succeeds("no home").contains("default"));
    sandbox.write("home/.config/venvwrap/config.toml", "workon_home = 1\n");
    let outcome = Outcome::new(&sandbox, &program(&sandbox, &["pythons"]).env_remove("WORKON_HOME").output().unwrap());
    assert!(outcome.stdout.contains("default") && outcome.stderr.contains("`workon_home`"), "{outcome:#?}");
}
