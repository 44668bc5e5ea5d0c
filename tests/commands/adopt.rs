//! `venvwrap adopt`.

use std::fs;

use crate::support::associations::{fails, place, program};
use crate::support::program::call;
use crate::support::sandbox::Sandbox;

#[test]
fn adopted_environments() {
    let sandbox = place();
    fs::create_dir_all(sandbox.path("projects/web/.venv/bin")).unwrap();
    fs::write(sandbox.path("projects/web/.venv/pyvenv.cfg"), "").unwrap();
    assert!(fails(&sandbox, &["adopt", "../projects/web/.venv"]).contains("already exists"));
    program(&sandbox, &["adopt", "../projects/web/.venv", "web2"]);
    assert_eq!(program(&sandbox, &["list", "-b"]), "api\nweb\nweb2\n");
}

#[test]
fn the_name_comes_from_the_project_unless_it_is_given() {
    let sandbox = Sandbox::new();
    for project in ["web", "it's odd"] {
        fs::create_dir_all(sandbox.path("projects").join(project).join(".venv/bin")).unwrap();
        fs::write(sandbox.path("projects").join(project).join(".venv/pyvenv.cfg"), "").unwrap();
    }
    insta::assert_snapshot!(call(&sandbox, &["adopt", "../projects/web/.venv"]).whole(), @"
    --- standard error
    adopted `[ROOT]/projects/web/.venv` as `web`
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["adopt", "../projects/it's odd/.venv", "a name"]).whole(), @"
    --- standard error
    adopted `[ROOT]/projects/it's odd/.venv` as `a name`
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["list", "-b"]).whole(), @"
    --- standard output
    a name
    web
    --- status 0
    ");
    assert!(sandbox.env_path("web").is_symlink() && sandbox.env_path("a name").is_symlink());
}

#[test]
fn what_is_no_environment_is_refused() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(call(&sandbox, &["adopt", "../projects"]).whole(), @"
    --- standard error
    error: `[ROOT]/projects` is not an environment: it has neither `pyvenv.cfg` nor `bin/activate`
    hint: give the directory of an environment, such as `~/src/web/.venv`
    --- status 1
    ");
    assert!(crate::support::program::names_in(&sandbox.path("envs")).is_empty());
}
