//! `venvwrap path`.

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

#[test]
fn directories_are_printed_for_scripts_all_or_none() {
    let sandbox = Sandbox::new();
    for name in ["api", "it's \"odd\" $(touch PWN)"] {
        sandbox.make_env(name);
    }
    assert_eq!(call(&sandbox, &["path", "api"]).succeeds("one"), "[ROOT]/envs/api\n");
    let both = call(&sandbox, &["path", "it's \"odd\" $(touch PWN)", "api"]);
    assert_eq!(both.succeeds("two"), "[ROOT]/envs/it's \"odd\" $(touch PWN)\n[ROOT]/envs/api\n");
    call(&sandbox, &["path", "api", "apo"]).fails_with_hint("one is missing", "no environment is named `apo`");
    call(&sandbox, &["path"]).fails_with_hint("none is active", "no environment is active");
    let active = program(&sandbox, &["path"]).env("VIRTUAL_ENV", sandbox.env_path("api")).output().unwrap();
    assert_eq!(Outcome::new(&sandbox, &active).succeeds("active"), "[ROOT]/envs/api\n");
    sandbox.make_bare_env("../home/web/.venv");
    std::fs::create_dir(sandbox.path("home/web/src")).unwrap();
    let outside = |words: &[&str]| {
        let output = program(&sandbox, words).current_dir(sandbox.path("home/web")).output().unwrap();
        Outcome::new(&sandbox, &output)
    };
    let both = outside(&["path", "./.venv", "api"]);
    assert_eq!(both.succeeds("a path"), "[ROOT]/home/web/.venv\n[ROOT]/envs/api\n");
    for words in [&["path", "./src"][..], &["run", "./src", "true"], &["show", "./src"], &["kernel", "add", "./src"]] {
        outside(words).fails_with_hint("no environment", "`./src` is not an environment");
    }
    for (words, hint) in [
        (&["path", ".venv"][..], "`./.venv` is the environment in this directory"),
        (&["rename", "./.venv", "web"], "`venvwrap adopt './.venv' NAME` gives it a name"),
        (&["restore", "./.venv"], "`venvwrap adopt './.venv' NAME` gives it a name"),
    ] {
        let outcome = outside(words);
        outcome.fails_with_hint("a name is needed", ".venv` is a directory, not the name of an environment");
        assert!(outcome.stderr.ends_with(&format!("\nhint: {hint}\n")), "{outcome:#?}");
    }
}
