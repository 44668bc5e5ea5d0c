//! `venvwrap deny`.

use crate::support::program::call;
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
