//! Leaving: the hooks, other people's ways in and out, and environments that a shell only inherited.

use venvwrap_core::shell::Shell;

use crate::support::shells::{in_bash_and_zsh, in_each_shell, run, run_with, source_line};

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

#[test]
fn hooks_run_in_the_order_of_virtualenvwrapper() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.make_project(&env, "api");
        for (place, directory) in [("global", "envs"), ("local", "envs/api/bin")] {
            sandbox.write_hook(
                &format!("{directory}/predeactivate"),
                &format!("echo predeactivate {place} \"$VIRTUAL_ENV\"\n"),
            );
            let text = format!(
                "echo postdeactivate {place} \"[$VIRTUAL_ENV] $VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV $VIRTUALENVWRAPPER_LAST_VIRTUALENV\"\n"
            );
            sandbox.write_hook(&format!("{directory}/postdeactivate"), &text);
        }
        sandbox.write_hook("projects/api/.virtualenvwrapper/predeactivate", "echo predeactivate project\n");
        sandbox.plan_workon("api");
        run(sandbox, shell, "workon api\ndeactivate; report end\necho \"[$VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV]\"")
            .prints(
                shell.name(),
                "predeactivate project\n\
             predeactivate local [ROOT]/envs/api\n\
             predeactivate global [ROOT]/envs/api\n\
             postdeactivate local [] [ROOT]/envs/api [ROOT]/envs/api\n\
             postdeactivate global [] [ROOT]/envs/api [ROOT]/envs/api\n\
             end: status=0 env= cwd=[ROOT]/projects/api\n[]\n",
            );
    });
}

#[test]
fn a_hook_learns_which_environment_was_left() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("a b");
        let argument = if shell == Shell::Fish { "$argv[1]" } else { "$2" };
        sandbox.write_hook("envs/postdeactivate", &format!("echo \"left [{argument}]\"\n"));
        sandbox.plan_workon("a b");
        run(sandbox, shell, "workon 'a b'\ndeactivate").prints(shell.name(), "left [a b]\n");
    });
}

#[test]
fn nothing_is_left_behind() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let functions = match shell {
            Shell::Bash => "declare -F deactivate virtualenv_deactivate",
            Shell::Zsh => "echo ${(k)functions[(R)*virtualenv_deactivate*]:#__venvwrap*} ${+functions[deactivate]}",
            Shell::Fish => "functions -q deactivate; or functions -q virtualenv_deactivate; and echo left",
        };
        let script = format!(
            "workon api\ndeactivate\nsh -c 'echo ${{VIRTUAL_ENV-unset}} ${{VIRTUAL_ENV_PROMPT-unset}} $PATH'\n{functions}\ntrue"
        );
        let left = if shell == Shell::Zsh { " 0\n" } else { "" };
        let outcome = run(sandbox, shell, &script);
        outcome.prints(shell.name(), &format!("unset unset {PATH}\n{}", left.trim_start()));
    });
}

#[test]
fn scripts_of_our_own_leave_nothing_behind_either() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_own_env("api");
        sandbox.make_own_env("web");
        sandbox.make_env("other");
        let script = r#"names() { for name in deactivate virtualenv_deactivate _venvwrap_leave; do type "$name" 2>/dev/null; done; }
workon api; workon web; workon other; workon api; report 1
deactivate nondestructive; report 2
workon web; deactivate; report 3
names; sh -c 'echo "${VIRTUAL_ENV-unset} ${VIRTUAL_ENV_PROMPT-unset} $PATH"'"#;
        let outcome = run(sandbox, shell, script);
        let said = outcome.stdout.lines().filter(|line| !line.contains("not found")).collect::<Vec<_>>();
        assert_eq!(outcome.stderr, "", "{}", shell.name());
        assert_eq!(
            said,
            [
                "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home",
                "2: status=0 env= cwd=[ROOT]/home",
                "3: status=0 env= cwd=[ROOT]/home",
                &format!("unset unset {PATH}"),
            ],
            "{}",
            shell.name()
        );
    });
}

#[test]
fn a_deactivate_that_the_user_has_put_in_the_script_runs() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_own_env("api");
        let script = env.join("bin/activate");
        let mut text = std::fs::read(&script).unwrap();
        text.extend(b"deactivate() { echo mine \"$@\"; _venvwrap_leave \"$@\"; }\n");
        std::fs::write(&script, text).unwrap();
        run(sandbox, shell, "workon api\ndeactivate; report end\nprintf '%s\\n' \"$PATH\"")
            .prints(shell.name(), &format!("mine\nend: status=0 env= cwd=[ROOT]/home\n{PATH}\n"));
    });
}

#[test]
fn an_environment_that_was_activated_by_hand_is_left_first() {
    in_each_shell(|sandbox, shell| {
        let plain = sandbox.make_env("plain");
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let activate = source_line(shell, &shell.dialect().activate_script(&plain));
        let script = format!(
            "{activate}\nworkon api; report 1\n{activate}\nreport 2\ndeactivate; report 3\nprintf '%s\\n' \"$PATH\""
        );
        run(sandbox, shell, &script).prints(
            shell.name(),
            &format!(
                "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n\
                 2: status=0 env=[ROOT]/envs/plain cwd=[ROOT]/home\n\
                 3: status=0 env= cwd=[ROOT]/home\n{PATH}\n"
            ),
        );
    });
}

#[test]
fn an_inherited_environment_can_be_left_and_switched() {
    in_each_shell(|sandbox, shell| {
        let old = sandbox.make_env("old [x]*");
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let old = old.display().to_string();
        // What the name would match as a pattern has to stay.
        let similar = old.replace('*', "y");
        let path = sandbox.normalise(&format!("/usr/local/bin:{similar}/bin:/usr/bin:/bin"));
        let inherit = match shell {
            Shell::Fish => format!(
                "set -gx VIRTUAL_ENV '{old}'\nset -gx _OLD_VIRTUAL_PATH /stale\n\
                 set -gx PATH '{old}/bin' /usr/local/bin '{old}/bin' '{similar}/bin' /usr/bin /bin"
            ),
            _ => format!(
                "export VIRTUAL_ENV='{old}' PATH='{old}/bin:/usr/local/bin:{old}/bin:{similar}/bin:/usr/bin:/bin'"
            ),
        };
        let show = "report end\nprintf '%s\\n' \"$PATH\"";
        run_with(sandbox, shell, &inherit, &format!("deactivate\n{show}"))
            .prints(shell.name(), &format!("end: status=0 env= cwd=[ROOT]/home\n{path}\n"));
        run_with(sandbox, shell, &inherit, &format!("workon api\n{show}")).prints(
            shell.name(),
            &format!("end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n[ROOT]/envs/api/bin:{path}\n"),
        );
    });
}

#[test]
fn a_program_named_deactivate_is_not_called() {
    in_each_shell(|sandbox, shell| {
        sandbox.write_program("home/bin/deactivate", "#!/bin/sh\necho called\n");
        let old = sandbox.make_env("old");
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let (old, bin) = (old.display(), sandbox.path("home/bin"));
        let bin = bin.display();
        let script = match shell {
            Shell::Fish => format!("set -gx PATH '{bin}' $PATH\nset -gx VIRTUAL_ENV '{old}'\nworkon api; report end"),
            _ => format!("PATH='{bin}':$PATH\nexport VIRTUAL_ENV='{old}'\nworkon api; report end"),
        };
        run(sandbox, shell, &script).prints(shell.name(), "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
    });
}

#[test]
fn sourcing_the_shim_again_keeps_the_active_environment() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        sandbox.write_hook("envs/postdeactivate", "echo postdeactivate\n");
        let again = source_line(shell, &sandbox.path(format!("init.{}", shell.name())));
        let script = format!("workon api\n{again}\n{again}\ndeactivate; report end\nprintf '%s\\n' \"$PATH\"");
        run(sandbox, shell, &script)
            .prints(shell.name(), &format!("postdeactivate\nend: status=0 env= cwd=[ROOT]/home\n{PATH}\n"));
    });
}

#[test]
fn the_script_gets_nondestructive() {
    in_bash_and_zsh(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.plan_workon("api");
        let activate = source_line(shell, &env.join("bin/activate"));
        let script = format!(
            "workon api\ndeactivate nondestructive; report 1\ntypeset -f deactivate >/dev/null && echo kept\n{activate}\ndeactivate; report 2"
        );
        run(sandbox, shell, &script)
            .prints(shell.name(), "1: status=0 env= cwd=[ROOT]/home\nkept\n2: status=0 env= cwd=[ROOT]/home\n");
    });
}

#[test]
fn the_prompt_variable_is_set_even_when_the_script_does_not() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let before = match shell {
            Shell::Fish => "set -gx VIRTUAL_ENV_DISABLE_PROMPT 1",
            _ => "export VIRTUAL_ENV_DISABLE_PROMPT=1; PS1='mine> '",
        };
        let prompt = if shell == Shell::Fish { "" } else { "mine> " };
        let script =
            "workon api\nsh -c 'echo $VIRTUAL_ENV_PROMPT $VIRTUAL_ENV_DISABLE_PROMPT'\nprintf '%s\\n' \"$PS1\"";
        run_with(sandbox, shell, before, script).prints(shell.name(), &format!("api 1\n{prompt}\n"));
    });
}
