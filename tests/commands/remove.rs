//! `venvwrap remove`.

use crate::support::associations::{associate, place, program};
use crate::support::program::call;
use crate::support::sandbox::Sandbox;

#[test]
fn removing_an_environment_ends_its_association() {
    let sandbox = place();
    associate(&sandbox, "api", &sandbox.path("projects/api"));
    let tree = sandbox.path("home/.local/state/venvwrap/auto");
    let entry = tree.join(sandbox.path("projects/api/@env").strip_prefix("/").unwrap());
    assert!(entry.exists());
    program(&sandbox, &["remove", "api"]);
    assert!(!entry.exists());
}

#[test]
fn all_names_that_are_wrong_are_told_and_nothing_is_removed() {
    let sandbox = Sandbox::new();
    for name in ["a", "web"] {
        sandbox.make_env(name);
    }
    sandbox.write("envs/notes/precious", "");
    insta::assert_snapshot!(call(&sandbox, &["remove", "a", "nope", "gone"]).whole(), @"
    --- standard error
    error: removed nothing: no environment is named `gone` or `nope`
    hint: `lsvirtualenv` lists your environments
    --- status 1
    ");
    let mixed = call(&sandbox, &["remove", "a", "nope", "notes"]);
    mixed.fails("mixed", "`[ROOT]/envs/notes` is not an environment; no environment is named `nope`");
    call(&sandbox, &["remove", "a", "wbe"]).fails_with_hint("a slip", "no environment is named `wbe`");
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "a\nweb\n");
    let missing = call(&sandbox, &["__do", "rmvirtualenv", "wbe"]);
    assert!(missing.stderr.ends_with("\nhint: did you mean `web`?\n"), "{missing:#?}");
}
