//! `venvwrap deny`.

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;

#[test]
fn the_last_word_counts() {
    let sandbox = Sandbox::new();
    sandbox.write("projects/api/.env", "A=1\n");
    assert_eq!(call(&sandbox, &["allow", "--dotenv", "../projects/api"]).status, Some(0));
    insta::assert_snapshot!(call(&sandbox, &["deny", "../projects/api"]).whole(), @"
    --- standard error
    denied `[ROOT]/projects/api`: nothing will run there automatically
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["allow", "--list"]).whole(), @"
    --- standard output
    denied   [ROOT]/projects/api
    --- status 0
    ");
}

/// Only the shell can deactivate: what is still active is told.
#[test]
fn an_environment_that_is_still_active_is_told() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    sandbox.write("projects/api/.venv", "api");
    let hint = "its environment is active: the shell deactivates it before the next prompt\n";
    for (active, marked, is_told) in [(true, true, true), (true, false, false), (false, false, false)] {
        let mut command = program(&sandbox, &["deny", "../projects/api"]);
        if active {
            command.env("VIRTUAL_ENV", &env);
        }
        if marked {
            command.env("VENVWRAP_AUTO_ENV", &env);
        }
        let stderr = String::from_utf8(command.output().unwrap().stderr).unwrap();
        assert!(stderr.contains("denied") && stderr.contains(hint) == is_told, "{stderr}");
    }
}
