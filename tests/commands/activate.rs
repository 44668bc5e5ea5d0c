//! `venvwrap activate`: activation where the functions are not loaded.

use std::process::Command;

use venvwrap_core::shell::Shell;

use crate::support::program::{call, create, python};
use crate::support::sandbox::Sandbox;

/// Hostile, and possible: the activate script quotes it.
const ODD: &str = "it's *; & odd";

#[test]
fn the_line_activates_in_every_shell_and_runs_nothing_else() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, ODD);
    for (program, shell) in [("sh", "sh"), ("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        let line = call(&sandbox, &["activate", "--shell", shell, ODD]);
        let script = format!("{}\npython -c 'import sys; print(sys.prefix)'", line.succeeds(shell));
        let script = script.replace("[ROOT]", sandbox.path("").to_str().unwrap().trim_end_matches('/'));
        let Ok(output) = Command::new(program).args(["-c", &script]).current_dir(sandbox.path("home")).output() else {
            continue;
        };
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed.trim_end(), env.to_str().unwrap(), "{shell}: {output:?}");
    }
    assert_eq!(Shell::ALL.len(), 3, "the other shells are in the list above");
}

#[test]
fn programs_get_the_variables() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    std::os::unix::fs::symlink("/bin/sh", env.join("bin/python")).unwrap();
    let text = call(&sandbox, &["activate", "--json", "api"]);
    let value: serde_json::Value = serde_json::from_str(text.succeeds("json")).unwrap();
    assert_eq!(value["path"], "[ROOT]/envs/api");
    assert_eq!(value["set"]["VIRTUAL_ENV"], "[ROOT]/envs/api");
    assert!(value["set"]["PATH"].as_str().unwrap().starts_with("[ROOT]/envs/api/bin:"), "{value}");
    assert_eq!(value["unset"][0], "PYTHONHOME");
    call(&sandbox, &["activate", "apo"]).fails_with_hint("a slip", "no environment is named `apo`");
    call(&sandbox, &["activate", "--shell", "csh", "api"]).fails("no script for csh", "has no activation script");
    std::fs::remove_file(env.join("bin/python")).unwrap();
    std::os::unix::fs::symlink("/nowhere/python", env.join("bin/python")).unwrap();
    call(&sandbox, &["activate", "api"]).fails_with_hint("dead", "`api` does not work: ");
}
