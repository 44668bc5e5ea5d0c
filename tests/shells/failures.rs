//! What happens when something is broken: a clear message, the right status, and a shell that is as before.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use venvwrap_core::shell::Shell;

use crate::support::shells::{Outcome, command, in_bash_and_zsh, in_each_shell, run, script_text};

#[test]
fn the_status_of_the_program_is_passed_on() {
    in_each_shell(|sandbox, shell| {
        let outcome = run(sandbox, shell, "workon nowhere; report end");
        assert_eq!(outcome.stdout, "end: status=4 env= cwd=[ROOT]/home\n");
        assert_eq!(outcome.stderr, "error: no plan for workon\n");
    });
}

#[test]
fn a_missing_program_is_one_line() {
    in_each_shell(|sandbox, shell| {
        let script = "chmod -x \"$HOME\"/../bin/venvwrap\nworkon api; report 1\nrm \"$HOME\"/../bin/venvwrap\nworkon api; report 2\nlsvirtualenv; report 3";
        // Where PATH has it, it is found, and cannot be run.
        for path in ["", "export PATH=\"$HOME/../bin:$PATH\"\n"] {
            let program = sandbox.path("bin/venvwrap");
            let kept = fs::read(&program).unwrap();
            let outcome = run(sandbox, shell, &format!("{path}{script}"));
            fs::write(&program, kept).unwrap();
            fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
            assert_eq!(
                outcome.stdout,
                "1: status=127 env= cwd=[ROOT]/home\n2: status=127 env= cwd=[ROOT]/home\n3: status=127 env= cwd=[ROOT]/home\n"
            );
            assert_eq!(outcome.stderr, "error: cannot run the venvwrap program `[ROOT]/bin/venvwrap`\n".repeat(3));
        }
    });
}

#[test]
fn a_broken_activate_script_fails_and_leaves_nothing() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.make_env("other");
        sandbox.write_hook("envs/postactivate", "echo not reached\n");
        sandbox.plan_workon("api");
        sandbox.write("do/not-activated", "echo \"error: \\`$1\\` did not activate \\`$2\\`\" >&2\n");
        let script = shell.dialect().activate_script(&env);
        let suffix = if shell == Shell::Fish { ".fish" } else { "" };
        let other = std::fs::read_to_string(sandbox.env_path(format!("other/bin/activate{suffix}"))).unwrap();
        for text in ["return 1\n", "", &other] {
            std::fs::write(&script, text).unwrap();
            let outcome = run(sandbox, shell, "workon api; report end\nprintf '%s\\n' \"$PATH\"");
            assert_eq!(outcome.stdout, "end: status=1 env= cwd=[ROOT]/home\n/usr/local/bin:/usr/bin:/bin\n", "{text}");
            assert_eq!(
                outcome.stderr,
                format!("error: `[ROOT]/envs/api/bin/activate{suffix}` did not activate `[ROOT]/envs/api`\n"),
            );
        }
    });
}

#[test]
fn an_environment_that_is_a_link_is_recognised() {
    in_each_shell(|sandbox, shell| {
        let real = sandbox.make_env("real");
        std::os::unix::fs::symlink(&real, sandbox.env_path("link")).unwrap();
        sandbox.plan_workon("link");
        run(sandbox, shell, "workon link; report end")
            .prints(shell.name(), "end: status=0 env=[ROOT]/envs/real cwd=[ROOT]/home\n");
    });
}

#[test]
fn a_script_that_ends_with_a_failure_still_activates() {
    in_bash_and_zsh(|sandbox, shell| {
        let env = sandbox.make_env("api");
        let text = std::fs::read_to_string(env.join("bin/activate")).unwrap() + "false\n";
        std::fs::write(env.join("bin/activate"), text).unwrap();
        sandbox.plan_workon("api");
        run(sandbox, shell, "set -e\nworkon api; report end")
            .prints(shell.name(), "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
    });
}

#[test]
fn an_interrupted_creation_leaves_the_shell_as_it_was() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        // Where whoever runs the tests ignores the signal, the program ends as if it had come.
        sandbox.write("do/mkvirtualenv", "kill -INT $$; exit 130\n");
        let text = script_text(sandbox, shell, "", "mkvirtualenv api; report end");
        // A shell that reads commands one by one outlives the program; with `-c` it may end as well.
        let outcome = Outcome::new(sandbox, &command(sandbox, shell, &text).output().unwrap());
        assert!(!outcome.stdout.contains("env=[ROOT]"), "{outcome:#?}");
        assert!(!sandbox.take_log().contains("__plan"), "no plan after an interruption");
    });
}
