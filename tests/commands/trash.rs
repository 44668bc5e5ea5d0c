//! `venvwrap trash`.

use std::fs;
use std::path::PathBuf;

use crate::support::associations::place;
use crate::support::program::{call, create_arguments, names_in, program, python, residue, wait_until};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

fn entries(sandbox: &Sandbox) -> Vec<PathBuf> {
    let trash = sandbox.env_path(".venvwrap-trash");
    names_in(&trash).into_iter().map(|name| trash.join(name)).collect()
}

fn listed(sandbox: &Sandbox) -> Vec<serde_json::Value> {
    let text = call(sandbox, &["trash", "list", "--json"]);
    serde_json::from_str(text.succeeds("trash list")).unwrap()
}

/// Its name is that of the note about an environment. The output is no terminal.
#[test]
fn what_the_trash_does_not_take_is_told() {
    let sandbox = Sandbox::new();
    let why = "the trash could not take it";
    sandbox.make_env("entry.toml");
    let removed = call(&sandbox, &["remove", "entry.toml"]);
    assert_eq!((removed.status, removed.stderr), (Some(0), format!("Removed `entry.toml` for good: {why}.\n")));
    sandbox.make_env("entry.toml");
    let removed = call(&sandbox, &["__do", "rmvirtualenv", "entry.toml"]);
    assert!(removed.stderr.contains(&format!("Removed `entry.toml` for good: {why}.\n")), "{removed:#?}");
    let Some(python) = python() else { return };
    sandbox.make_env("entry.toml");
    let made = call(&sandbox, &create_arguments(&python, "entry.toml", &["--clear", "--no-seed"]));
    let told = format!("the environment that it replaces is deleted for good: {why}\n");
    assert!(made.status == Some(0) && made.stderr.contains(&told), "{made:#?}");
    wait_until("no residue", || residue(&sandbox.path("envs")).is_empty());
}

#[test]
fn the_list_says_what_when_and_why() {
    let sandbox = place();
    assert_eq!(call(&sandbox, &["trash"]).succeeds("an empty list"), "");
    assert_eq!(call(&sandbox, &["undo", "--list", "--json"]).succeeds("an empty list"), "[]\n");
    call(&sandbox, &["remove", "api"]).succeeds("remove");
    let table = call(&sandbox, &["trash"]);
    let rows: Vec<_> =
        table.succeeds("trash").lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(rows[0], ["name", "removed", "by", "size", "deleted"]);
    assert_eq!(rows[1][..3], ["api", "now", "removal"]);
    assert_eq!(rows[1][rows[1].len() - 3..], ["in", "1", "day"]);
    // What is not known yet is measured in the background.
    wait_until("the size is known", || listed(&sandbox)[0]["size"].is_u64());
    let [entry] = &listed(&sandbox)[..] else { panic!() };
    assert_eq!((entry["name"].as_str(), entry["reason"].as_str()), (Some("api"), Some("remove")));
    assert!(entry["removed"].as_str() < entry["expires"].as_str(), "{entry}");
    // What lists without a verb does so as with one.
    let list = call(&sandbox, &["trash", "list", "--json"]).stdout;
    for words in [&["trash", "--json"][..], &["trash", "--json", "list"]] {
        assert_eq!(call(&sandbox, words).succeeds("trash --json"), list);
    }
    assert_eq!(call(&sandbox, &["kernel", "--json"]).succeeds("kernel --json"), "[]\n");
    assert!(residue(&sandbox.path("envs")).is_empty());
}

#[test]
fn emptying_deletes_what_is_old_enough_and_waits_for_it() {
    let sandbox = place();
    call(&sandbox, &["remove", "api", "web"]).succeeds("remove");
    call(&sandbox, &["trash", "empty", "--older", "1h"]).succeeds("trash empty --older");
    assert_eq!(entries(&sandbox).len(), 2);
    for age in ["1", "-1h", "", "1y", "soon"] {
        assert_eq!(call(&sandbox, &["trash", "empty", "--older", age]).status, Some(2), "{age}");
    }
    let old = sandbox.env_path(".venvwrap-trash/1000000000.000000000-1");
    fs::rename(&entries(&sandbox)[0], &old).unwrap();
    call(&sandbox, &["trash", "empty", "--older", "1h"]).succeeds("trash empty --older");
    assert_eq!(entries(&sandbox).len(), 1);
    let emptied = call(&sandbox, &["trash", "empty", "--json"]);
    assert!(emptied.succeeds("trash empty").ends_with("],\n  \"failed\": []\n}\n"), "{emptied:#?}");
    assert_eq!(entries(&sandbox), Vec::<PathBuf>::new());
    // What measures in the background may have the empty directories open.
    wait_until("nothing is left", || names_in(&sandbox.path("envs")).is_empty());
}

#[test]
fn the_next_change_deletes_what_has_expired() {
    let sandbox = place();
    call(&sandbox, &["remove", "api"]).succeeds("remove");
    let old = sandbox.env_path(".venvwrap-trash/1000000000.000000000-1");
    fs::rename(&entries(&sandbox)[0], &old).unwrap();
    call(&sandbox, &["remove", "web"]).succeeds("remove");
    wait_until("it is deleted", || !old.exists());
    wait_until("nothing is left", || residue(&sandbox.path("envs")).is_empty());
    assert_eq!(entries(&sandbox).len(), 1);
}

#[test]
fn nothing_is_kept_where_the_user_says_so() {
    let sandbox = place();
    call(&sandbox, &["remove", "--now", "web"]).succeeds("remove --now");
    for (key, value) in [("trash_keep", "0"), ("trash_keep", "\"0\""), ("trash_max", "0")] {
        let env = sandbox.make_bare_env("api");
        let config = sandbox.write("config.toml", format!("{key} = {value}\n"));
        let mut command = program(&sandbox, &["remove", "api"]);
        Outcome::new(&sandbox, &command.env("VENVWRAP_CONFIG", &config).output().unwrap()).succeeds("remove");
        assert!(!env.exists());
        wait_until("nothing is left", || names_in(&sandbox.path("envs")).is_empty());
    }
    call(&sandbox, &["undo"]).fails_with_hint("nothing is kept", "no removed environment is kept");
    for (key, value) in [("trash_keep", "24"), ("trash_keep", "true"), ("trash_max", "'20%'")] {
        let config = sandbox.write("config.toml", format!("{key} = {value}\n"));
        let mut command = program(&sandbox, &["trash", "list"]);
        let outcome = Outcome::new(&sandbox, &command.env("VENVWRAP_CONFIG", &config).output().unwrap());
        assert!(
            outcome.status == Some(0) && outcome.stderr.contains(&format!("line 1, `{key}`: it must be a ")),
            "{outcome:#?}"
        );
    }
}

#[test]
fn a_trash_of_another_user_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = place();
    let foreign = sandbox.env_path(".venvwrap-trash/1000000000.000000000-1/api/bin");
    fs::create_dir_all(&foreign).unwrap();
    fs::set_permissions(sandbox.env_path(".venvwrap-trash"), PermissionsExt::from_mode(0o777)).unwrap();
    call(&sandbox, &["undo"]).fails_with_hint("it may be anybody's", "no removed environment is kept");
    call(&sandbox, &["remove", "web"]).succeeds("remove");
    assert_eq!(call(&sandbox, &["undo", "web"]).status, Some(0));
    assert!(foreign.exists());
}
