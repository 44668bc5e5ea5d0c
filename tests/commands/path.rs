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
}
