//! `allvirtualenv`: a command in every environment, or a function of the shell.

use crate::support::sandbox::Sandbox;
use crate::support::scenario::{block, script};
use crate::support::shells::{Outcome, in_bash_and_zsh, in_each_shell, run};
use venvwrap_core::shell::Shell;

const ODD: &str = "it's \"odd\" $(touch pwned)";

fn three(sandbox: &Sandbox) {
    sandbox.use_real_program();
    for name in ["a b", "api", ODD] {
        sandbox.make_env(name);
    }
}

fn nothing_ran(sandbox: &Sandbox, shell: Shell, outcome: &Outcome) {
    for name in ["a b", "api", ODD] {
        assert!(!sandbox.env_path(name).join("pwned").exists(), "{}: {outcome:#?}", shell.name());
    }
    assert!(!sandbox.path("home/pwned").exists(), "{}: {outcome:#?}", shell.name());
}

#[test]
fn each_runs_in_its_own_directory_and_environment() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let outcome = run(
            sandbox,
            shell,
            &script(
                r#"
                1: allvirtualenv sh -c 'printf "%s\n" "$PWD" "$VIRTUAL_ENV" "${PATH%%:*}"'
                "#,
            ),
        );
        outcome.prints(
            shell.name(),
            &block(
                r#"
                a b
                ===
                [ROOT]/envs/a b
                [ROOT]/envs/a b
                [ROOT]/envs/a b/bin

                api
                ===
                [ROOT]/envs/api
                [ROOT]/envs/api
                [ROOT]/envs/api/bin

                it's "odd" $(touch pwned)
                =========================
                [ROOT]/envs/it's "odd" $(touch pwned)
                [ROOT]/envs/it's "odd" $(touch pwned)
                [ROOT]/envs/it's "odd" $(touch pwned)/bin

                1: status=0 env= cwd=[ROOT]/home
                "#,
            ),
        );
        nothing_ran(sandbox, shell, &outcome);
    });
}

#[test]
fn options_and_odd_words_are_those_of_the_command() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        sandbox.write_program("home/show", "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
        let program = sandbox.path("home/show").display().to_string();
        let script = format!("allvirtualenv '{program}' --help -x -- '' 'a b' '$(touch pwned)' '*'");
        let outcome = run(sandbox, shell, &script);
        let words = "<--help><-x><--><><a b><$(touch pwned)><*>\n";
        assert_eq!(outcome.stdout.matches(words).count(), 3, "{}: {outcome:#?}", shell.name());
        assert_eq!((outcome.stderr.as_str(), outcome.status), ("", Some(0)), "{}", shell.name());
        nothing_ran(sandbox, shell, &outcome);
    });
}

#[test]
fn a_failure_in_one_does_not_keep_it_from_the_others() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        sandbox.write("envs/api/marked", "");
        let outcome = run(
            sandbox,
            shell,
            &script(
                r"
                1: allvirtualenv sh -c 'test ! -e marked || exit 3; echo fine'
                2: allvirtualenv ls -d marked 2>/dev/null
                ",
            ),
        );
        outcome.prints(
            shell.name(),
            &block(
                r#"
                a b
                ===
                fine

                api
                ===

                it's "odd" $(touch pwned)
                =========================
                fine

                1: status=0 env= cwd=[ROOT]/home
                a b
                ===

                api
                ===
                marked

                it's "odd" $(touch pwned)
                =========================

                2: status=0 env= cwd=[ROOT]/home
                "#,
            ),
        );
    });
}

#[test]
fn functions_of_the_shell_run_in_each() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let define = match shell {
            Shell::Fish => "function mine; echo $argv[1] in $VIRTUAL_ENV; pwd; false; end",
            Shell::Bash | Shell::Zsh => "mine() { echo \"$1 in $VIRTUAL_ENV\"; pwd; false; }",
        };
        let outcome = run(
            sandbox,
            shell,
            &script(&format!(
                r"
                {define}
                1: allvirtualenv mine '$(touch pwned) b'
                "
            )),
        );
        outcome.prints(
            shell.name(),
            &block(
                r#"
                a b
                ===
                $(touch pwned) b in [ROOT]/envs/a b
                [ROOT]/envs/a b

                api
                ===
                $(touch pwned) b in [ROOT]/envs/api
                [ROOT]/envs/api

                it's "odd" $(touch pwned)
                =========================
                $(touch pwned) b in [ROOT]/envs/it's "odd" $(touch pwned)
                [ROOT]/envs/it's "odd" $(touch pwned)

                1: status=0 env= cwd=[ROOT]/home
                "#,
            ),
        );
        nothing_ran(sandbox, shell, &outcome);
    });
}

#[test]
fn the_active_environment_stays_and_strict_shells_go_on() {
    in_bash_and_zsh(|sandbox, shell| {
        three(sandbox);
        let outcome = run(
            sandbox,
            shell,
            &script(
                r"
                workon api
                set -eu
                mine() { exit 5; }
                1: allvirtualenv mine >/dev/null
                2: allvirtualenv sh -c 'exit 5' >/dev/null
                ",
            ),
        );
        outcome.prints(
            shell.name(),
            &block(
                r"
                1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home
                2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home
                ",
            ),
        );
    });
}

#[test]
fn without_environments_nothing_runs() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        run(sandbox, shell, &script("1: allvirtualenv echo ran"))
            .prints(shell.name(), "1: status=0 env= cwd=[ROOT]/home\n");
    });
}

#[test]
fn a_command_that_is_nowhere_is_told_once() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        for command in ["nosuchcommand", "-- nosuchcommand x", "./nosuchcommand"] {
            let outcome = run(sandbox, shell, &format!("allvirtualenv {command}; report end"));
            assert_eq!(outcome.stdout, "end: status=127 env= cwd=[ROOT]/home\n", "{} {command}", shell.name());
            let stderr = &outcome.stderr;
            assert!(stderr.ends_with("nosuchcommand` is in no environment and not on PATH\n"), "{stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
        }
        let outcome = run(sandbox, shell, "allvirtualenv; report end");
        assert_eq!(outcome.stdout, "end: status=2 env= cwd=[ROOT]/home\n", "{}: {outcome:#?}", shell.name());
        assert!(outcome.stderr.contains("Usage: allvirtualenv"), "{outcome:#?}");
    });
}
