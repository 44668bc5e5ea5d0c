//! `venvwrap remove`.

use std::process::{Command, Stdio};

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
    hint: `venvwrap list` lists your environments
    --- status 1
    ");
    let mixed = call(&sandbox, &["remove", "a", "nope", "notes"]);
    mixed.fails("mixed", "`[ROOT]/envs/notes` is not an environment; no environment is named `nope`");
    call(&sandbox, &["remove", "a", "wbe"]).fails_with_hint("a slip", "no environment is named `wbe`");
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "a\nweb\n");
    let missing = call(&sandbox, &["__do", "rmvirtualenv", "wbe"]);
    assert!(missing.stderr.ends_with("\nhint: did you mean `web`?\n"), "{missing:#?}");
}

/// Whether it was started with the environment active, works in it, or was started by its path: it is named.
#[test]
fn what_uses_an_environment_is_named() {
    let sandbox = Sandbox::new();
    let cat = crate::support::tools::find_program("cat").unwrap();
    for name in ["active", "inside", "started"] {
        let env = sandbox.make_env(name);
        let mut user = Command::new(&cat);
        if name == "active" {
            user.env("VIRTUAL_ENV", &env);
        } else if name == "inside" {
            user.current_dir(env.join("bin"));
        } else {
            std::fs::copy(&cat, env.join("bin/cat")).unwrap();
            user = Command::new(env.join("bin/cat"));
        }
        let mut user = user.stdin(Stdio::piped()).spawn().unwrap();
        let outcome = call(&sandbox, &["remove", name]);
        let warning = format!("warning: `{name}` is in use by `cat` ({})", user.id());
        assert!(outcome.status == Some(0) && outcome.stderr.contains(&warning), "{outcome:#?}");
        drop(user.stdin.take());
        user.wait().unwrap();
    }
    sandbox.make_env("free");
    let outcome = call(&sandbox, &["remove", "free"]);
    assert!(!outcome.stderr.contains("in use"), "{outcome:#?}");
}

#[test]
fn links_that_are_dead_afterwards_are_named() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    for (target, entry) in [("api", "a b"), ("a b", "chain")] {
        std::os::unix::fs::symlink(target, sandbox.env_path(entry)).unwrap();
    }
    let outcome = call(&sandbox, &["remove", "api"]);
    let warning = "warning: the links `a b` and `chain` are dead now; `venvwrap remove 'a b' chain` removes them\n";
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), warning));
    assert_eq!(call(&sandbox, &["undo"]).status, Some(0));
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "a b\napi\nchain\n");
    let all = call(&sandbox, &["remove", "api", "a b", "chain"]);
    assert_eq!((all.status, all.stderr.as_str()), (Some(0), ""));
}

/// Only the store has a trash.
#[test]
fn an_environment_at_a_path_is_told_to_have_no_trash() {
    let sandbox = Sandbox::new();
    sandbox.write("home/d/pyvenv.cfg", "home = /bin\n");
    for (verb, words) in [("remove", "delete the directory itself"), ("undo", "there is no undo for an environment at")]
    {
        let outcome = call(&sandbox, &[verb, "./d"]);
        outcome.fails_with_hint(verb, "`./d` is a directory, not the name of an environment");
        assert!(outcome.stderr.contains(words), "{outcome:#?}");
    }
    assert!(sandbox.path("home/d/pyvenv.cfg").is_file());
}
