//! `venvwrap init`: the text that start-up files evaluate.

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::scenario::script;
use crate::support::shells::{Outcome, command, in_bash_and_zsh, in_each_shell};
use venvwrap_core::shell::Shell;

fn init(sandbox: &Sandbox, arguments: &[&str]) -> String {
    call(sandbox, &[&["init"], arguments].concat()).succeeds(&format!("{arguments:?}")).to_string()
}

/// The line that the documents give for a start-up file.
fn evaluate(shell: Shell, options: &str) -> String {
    let program = env!("CARGO_BIN_EXE_venvwrap");
    match shell {
        Shell::Fish => format!("'{program}' init fish {options} | source\n"),
        Shell::Bash | Shell::Zsh => format!("eval \"$('{program}' init {} {options})\"\n", shell.name()),
    }
}

#[test]
fn the_documented_line_is_silent_and_defines_the_functions() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        let strict = if shell == Shell::Fish { "" } else { "set -eu\n" };
        let script = script(
            "
            workon api
            echo $VIRTUAL_ENV
            deactivate
            lsvirtualenv -b
            ",
        );
        let text = [strict, &evaluate(shell, ""), &script].concat();
        let output = command(sandbox, shell, &text).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "[ROOT]/envs/api\napi\n");
    });
}

#[test]
fn evaluating_it_twice_is_harmless() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        let text = [&evaluate(shell, ""), "workon api\n", &evaluate(shell, ""), "deactivate\nlsvirtualenv -b"].concat();
        let output = command(sandbox, shell, &text).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "api\n");
    });
}

#[test]
fn the_shell_that_runs_it_is_detected() {
    in_each_shell(|sandbox, shell| {
        // The login shell is another one; and the program must not be the shell's last command, which takes its place.
        let text = format!("'{}' init\ntrue", env!("CARGO_BIN_EXE_venvwrap"));
        let output = command(sandbox, shell, &text).env("SHELL", "/bin/other").output().unwrap();
        let detected = Outcome::new(sandbox, &output);
        assert!(detected.succeeds(shell.name()) == init(sandbox, &[shell.name()]), "{}", shell.name());
    });
}

#[test]
fn the_login_shell_counts_where_no_shell_runs_it() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        let login = format!("/usr/local/bin/{}", shell.name());
        let output = program(&sandbox, &["init"]).env("SHELL", login).output().unwrap();
        let text = Outcome::new(&sandbox, &output);
        assert!(text.succeeds(shell.name()) == init(&sandbox, &[shell.name()]), "{}", shell.name());
    }
    let output = program(&sandbox, &["init"]).env("SHELL", "/bin/dash").output().unwrap();
    insta::assert_snapshot!(Outcome::new(&sandbox, &output).whole(), @"
    --- standard error
    error: could not detect the shell
    hint: name it: bash, zsh or fish
    --- status 1
    ");
    insta::assert_snapshot!(call(&sandbox, &["init", "tcsh"]).whole(), @"
    --- standard error
    error: invalid value 'tcsh' for '[SHELL]'
      [possible values: bash, zsh, fish]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    --- status 2
    ");
}

#[test]
fn auto_adds_the_prompt_hook_and_nothing_else() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        let name = shell.name();
        let plain = init(&sandbox, &[name]);
        let hook = init(&sandbox, &[name, "--hook-only"]);
        assert!(!hook.is_empty() && !plain.contains(&hook), "{name}");
        assert!(init(&sandbox, &[name, "--auto"]) == plain.clone() + &hook, "{name}");
        sandbox.write("home/.config/venvwrap/config.toml", "auto = true\n");
        assert!(init(&sandbox, &[name]) == plain + &hook, "{name}: by configuration");
        std::fs::remove_file(sandbox.path("home/.config/venvwrap/config.toml")).unwrap();
    }
}

#[test]
fn a_damaged_configuration_keeps_no_shell_from_starting() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        let plain = init(&sandbox, &[shell.name()]);
        sandbox.write("home/.config/venvwrap/config.toml", "auto = = true\n");
        assert!(init(&sandbox, &[shell.name()]) == plain, "{}", shell.name());
        std::fs::remove_file(sandbox.path("home/.config/venvwrap/config.toml")).unwrap();
    }
}

#[test]
fn the_entry_point_sets_the_variables_and_makes_the_hooks() {
    in_bash_and_zsh(|sandbox, shell| {
        let show = "printf '%s\\n' \"$VIRTUALENVWRAPPER_HOOK_DIR\" \"$VIRTUALENVWRAPPER_PROJECT_FILENAME\"";
        let text = evaluate(shell, "--virtualenvwrapper") + show;
        let output = command(sandbox, shell, &text).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "[ROOT]/envs\n.project\n");
        assert!(sandbox.path("envs/postmkvirtualenv").is_file(), "{}", shell.name());
    });
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(call(&sandbox, &["init", "fish", "--virtualenvwrapper"]).whole(), @"
    --- standard error
    error: virtualenvwrapper.sh does not support fish
    hint: leave out `--virtualenvwrapper`
    --- status 1
    ");
}
