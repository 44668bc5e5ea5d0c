//! Entering a directory runs nothing that came with it, until it is allowed: each case plants a payload.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use venvwrap_core::shell::Shell;

use super::interactive::{interact, interact_with};
use crate::support::associations::{associate, program};
use crate::support::sandbox::{Sandbox, activate_text};
use crate::support::shells::{Outcome, in_each_shell};

/// An environment in a project whose scripts leave a mark when they run.
fn plant(sandbox: &Sandbox, relative: &str) {
    let env = sandbox.path(relative);
    fs::create_dir_all(env.join("bin")).unwrap();
    fs::write(env.join("pyvenv.cfg"), "home = /usr/bin\n").unwrap();
    for (shell, file) in [(Shell::Bash, "activate"), (Shell::Fish, "activate.fish")] {
        let text = [payload(sandbox).as_bytes(), &activate_text(&env, shell)].concat();
        fs::write(env.join("bin").join(file), text).unwrap();
    }
}

fn payload(sandbox: &Sandbox) -> String {
    format!("touch '{}'\n", sandbox.path("PWN").display())
}

fn visit(sandbox: &Sandbox, shell: Shell) -> Outcome {
    interact(
        sandbox,
        shell,
        "cd ../projects/evil\nreport 1\ncd sub\nreport 2\ncd ..\ncd ~\ncd ../projects/evil\nreport 3\ncd ~\nreport 4",
    )
}

#[track_caller]
fn nothing_ran(sandbox: &Sandbox, shell: Shell, outcome: &Outcome) {
    assert!(!sandbox.path("PWN").exists(), "{}: {outcome:#?}", shell.name());
    assert_eq!(outcome.stdout.matches("status=0 env= ").count(), 4, "{}: {outcome:#?}", shell.name());
}

fn place(sandbox: &Sandbox) {
    sandbox.use_real_program();
    sandbox.make_env("api");
    fs::create_dir_all(sandbox.path("projects/evil/sub")).unwrap();
}

#[test]
fn an_environment_in_the_directory_waits_for_consent() {
    type Plant = fn(&Sandbox);
    let forms: [Plant; 5] = [
        |sandbox| plant(sandbox, "projects/evil/.venv"),
        |sandbox| {
            plant(sandbox, "projects/evil/x");
            symlink("x", sandbox.path("projects/evil/.venv")).unwrap();
        },
        |sandbox| {
            plant(sandbox, "projects/evil/x");
            sandbox.write("projects/evil/.venv", "./x\n");
        },
        |sandbox| {
            plant(sandbox, "elsewhere/x");
            sandbox.write("projects/evil/.venv", sandbox.path("elsewhere/x").display().to_string());
        },
        |sandbox| {
            plant(sandbox, "projects/evil/x");
            sandbox.write("projects/evil/.python-envs", "missing\nx\n");
        },
    ];
    for plant in forms {
        in_each_shell(|sandbox, shell| {
            place(sandbox);
            plant(sandbox);
            let outcome = visit(sandbox, shell);
            nothing_ran(sandbox, shell, &outcome);
            assert_eq!(outcome.stderr.matches("is not trusted yet").count(), 1, "{}: {outcome:#?}", shell.name());
            program(sandbox, &["allow", "../projects/evil"]);
            let outcome = interact(sandbox, shell, "cd ../projects/evil\ntest -n \"$VIRTUAL_ENV\" && echo entered");
            assert!(outcome.stdout.contains("entered"), "{}: {outcome:#?}", shell.name());
            assert!(sandbox.path("PWN").exists(), "the payload works");
        });
    }
}

#[test]
fn an_instant_prompt_of_powerlevel10k_is_not_disturbed() {
    in_each_shell(|sandbox, shell| {
        if shell != Shell::Zsh {
            return;
        }
        place(sandbox);
        plant(sandbox, "projects/evil/.venv");
        let before = "typeset -gi __p9k_instant_prompt_active=1\ncd ../projects/evil";
        let script = "echo quiet >&2; unset __p9k_instant_prompt_active\necho told >&2\necho once >&2";
        let outcome = interact_with(sandbox, shell, before, script);
        let at = ["quiet", "is not trusted yet", "told", "once"].map(|text| outcome.stderr.find(text));
        assert!(at.is_sorted() && at.iter().all(Option::is_some), "{outcome:#?}");
        assert_eq!(outcome.stderr.matches("is not trusted yet").count(), 1, "{outcome:#?}");
    });
}

#[test]
fn consent_ends_with_a_change_and_leaving_runs_nothing_new() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        plant(sandbox, "projects/evil/.venv");
        program(sandbox, &["allow", "../projects/evil"]);
        let hook = if shell == Shell::Fish { "predeactivate.fish" } else { "predeactivate" };
        let script = format!(
            "cd ../projects/evil\nreport 1\nrm -f \"{0}/PWN\"\nmkdir -p .virtualenvwrapper\n\
             echo 'touch \"{0}/PWN\"' >.virtualenvwrapper/{hook}\ncp .virtualenvwrapper/{hook} .venv/bin/{hook}\n\
             cd ~\nreport 2\ncd ../projects/evil\nreport 3",
            sandbox.path("").display()
        );
        let outcome = interact(sandbox, shell, &script);
        assert!(outcome.stdout.contains("1: status=0 env=.venv "), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stdout.contains("2: status=0 env= "), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stdout.contains("3: status=0 env= "), "{}: {outcome:#?}", shell.name());
        assert!(!sandbox.path("PWN").exists(), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stderr.contains("has changed since you trusted it"), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn leaving_by_hand_runs_only_what_is_as_it_was_allowed() {
    for changes in [false, true] {
        in_each_shell(|sandbox, shell| {
            place(sandbox);
            plant(sandbox, "projects/evil/.venv");
            sandbox.write_hook("projects/evil/.virtualenvwrapper/predeactivate", "echo project\n");
            sandbox.write_hook("projects/evil/.venv/bin/predeactivate", "echo environment\n");
            sandbox.write_hook("envs/predeactivate", "echo mine\n");
            program(sandbox, &["allow", "../projects/evil"]);
            let hook = if shell == Shell::Fish { "predeactivate.fish" } else { "predeactivate" };
            let change = if changes { format!("echo 'echo planted' >.venv/bin/{hook}") } else { "true".to_string() };
            let outcome =
                interact(sandbox, shell, &format!("cd ../projects/evil\nreport 1\n{change}\ndeactivate\nreport 2"));
            let said: Vec<_> = outcome.stdout.lines().filter(|line| !line.contains("status=")).collect();
            let expected = if changes { &["mine"][..] } else { &["project", "environment", "mine"] };
            assert_eq!(said, expected, "{}: {outcome:#?}", shell.name());
            assert!(outcome.stdout.contains("1: status=0 env=.venv "), "{}: {outcome:#?}", shell.name());
            assert!(outcome.stdout.contains("2: status=0 env= "), "{}: {outcome:#?}", shell.name());
        });
    }
}

#[test]
fn consent_is_for_one_directory() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        plant(sandbox, "projects/good/evil/.venv");
        program(sandbox, &["allow", "../projects/good/evil"]);
        fs::remove_dir_all(sandbox.path("projects/evil")).unwrap();
        let copied = std::process::Command::new("cp")
            .arg("-a")
            .args([sandbox.path("projects/good/evil"), sandbox.path("projects/evil")])
            .status();
        assert!(copied.unwrap().success());
        fs::create_dir(sandbox.path("projects/evil/sub")).unwrap();
        nothing_ran(sandbox, shell, &visit(sandbox, shell));
    });
}

#[test]
fn hooks_of_the_project_wait_for_consent_even_with_an_own_environment() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        associate(sandbox, "api", &sandbox.path("projects/evil"));
        for hook in ["postactivate", "predeactivate"] {
            sandbox.write_hook(&format!("projects/evil/.virtualenvwrapper/{hook}"), &payload(sandbox));
        }
        let outcome = interact(sandbox, shell, "cd ../projects/evil\nreport 1\ncd ~\nreport 2");
        assert!(outcome.stdout.contains("1: status=0 env=api "), "{}: {outcome:#?}", shell.name());
        assert!(!sandbox.path("PWN").exists(), "{}: {outcome:#?}", shell.name());
        program(sandbox, &["allow", "../projects/evil"]);
        for hook in ["postactivate", "predeactivate"] {
            let _ = fs::remove_file(sandbox.path("PWN"));
            let script = match hook {
                "postactivate" => "cd ../projects/evil".to_string(),
                _ => format!("cd ../projects/evil\nrm \"{}\"\ncd ~", sandbox.path("PWN").display()),
            };
            let outcome = interact(sandbox, shell, &script);
            assert!(sandbox.path("PWN").exists(), "{} {hook}: {outcome:#?}", shell.name());
        }
    });
}

#[test]
fn what_others_can_change_is_not_used() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        plant(sandbox, "projects/evil/.venv");
        let directory = sandbox.path("projects/evil");
        program(sandbox, &["allow", "../projects/evil"]);
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).unwrap();
        nothing_ran(sandbox, shell, &visit(sandbox, shell));
    });
}

#[test]
fn a_directory_cannot_allow_itself_or_run_templates() {
    for text in
        ["{{ exec(command='touch PWN') }}", "$(touch PWN)", "`touch PWN`", "../../../evil", "-n", "'\n;touch PWN"]
    {
        in_each_shell(|sandbox, shell| {
            place(sandbox);
            sandbox.write("projects/evil/.venv", text);
            for name in [".venvwrap.toml", "venvwrap.toml", "config.toml"] {
                sandbox.write(format!("projects/evil/{name}"), "auto = true\ntrusted = [\"/\"]\n");
            }
            let outcome = visit(sandbox, shell);
            nothing_ran(sandbox, shell, &outcome);
            assert!(!sandbox.path("projects/evil/PWN").exists() && !sandbox.path("home/PWN").exists());
        });
    }
}

#[test]
fn names_choose_among_the_users_own_without_asking() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        sandbox.write("projects/evil/.venv", "api\n");
        let outcome = interact(sandbox, shell, "cd ../projects/evil/sub\nreport 1\ncd ~\nreport 2");
        assert!(outcome.stdout.contains("1: status=0 env=api "), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stdout.contains("2: status=0 env= "), "{}: {outcome:#?}", shell.name());
        program(sandbox, &["deny", "../projects/evil"]);
        nothing_ran(sandbox, shell, &visit(sandbox, shell));
        sandbox.write("projects/evil/.venv", "gone\n");
        sandbox.write("projects/evil/sub/.env", "");
        program(sandbox, &["allow", "../projects/evil/sub"]);
        nothing_ran(sandbox, shell, &visit(sandbox, shell));
    });
}

#[test]
fn an_adopted_environment_still_lies_in_its_project() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        plant(sandbox, "projects/evil/.venv");
        program(sandbox, &["adopt", "../projects/evil/.venv"]);
        associate(sandbox, "evil", &sandbox.path("projects/evil"));
        nothing_ran(sandbox, shell, &visit(sandbox, shell));
    });
}

#[test]
fn consent_given_at_the_prompt_takes_effect_there() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        plant(sandbox, "projects/evil/.venv");
        let program = sandbox.path("bin/venvwrap");
        let script =
            format!("cd ../projects/evil/sub\nreport 1\n\"{}\" allow ..\nreport 2\ncd ~\nreport 3", program.display());
        let script = if shell == Shell::Fish { script.replace("\n\"", "\ncommand \"") } else { script };
        let outcome = interact(sandbox, shell, &script);
        assert!(outcome.stdout.contains("1: status=0 env= "), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stdout.contains("2: status=0 env=.venv "), "{}: {outcome:#?}", shell.name());
        assert!(outcome.stdout.contains("3: status=0 env= "), "{}: {outcome:#?}", shell.name());
    });
}

/// What is denied while the shell is in it is left at the next prompt, of any kind: the user's own, and what was allowed.
#[test]
fn what_is_denied_at_the_prompt_is_left_there() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        plant(sandbox, "projects/evil/.venv");
        sandbox.write("projects/mine/.venv", "api\n");
        program(sandbox, &["allow", "../projects/evil"]);
        let call = if shell == Shell::Fish { "command " } else { "" };
        let deny = format!("{call}\"{}\" deny", sandbox.path("bin/venvwrap").display());
        let outcome = interact(
            sandbox,
            shell,
            &format!(
                "cd ../projects/evil/sub\nreport 1\n{deny} ..\nreport 2\ncd ~\ncd ../projects/mine\nreport 3\n\
                 {deny} .\nreport 4\nworkon api\nreport 5\n{deny} .\nreport 6"
            ),
        );
        let environments = ["1: status=0 env=.venv ", "2: status=0 env= ", "3: status=0 env=api ", "4: status=0 env= "];
        // What was asked for by name stays.
        for expected in environments.iter().chain(&["5: status=0 env=api ", "6: status=0 env=api "]) {
            assert!(outcome.stdout.contains(expected), "{} {expected}: {outcome:#?}", shell.name());
        }
    });
}

/// What the user has left stays left, whatever else is decided meanwhile.
#[test]
fn a_decision_elsewhere_brings_nothing_back() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        sandbox.write("projects/mine/.venv", "api\n");
        let call = if shell == Shell::Fish { "command " } else { "" };
        let deny = format!("{call}\"{}\" deny ../evil", sandbox.path("bin/venvwrap").display());
        let script = format!("cd ../projects/mine\nreport 1\ndeactivate\n{deny}\nreport 2\n{deny}\nreport 3");
        let outcome = interact(sandbox, shell, &script);
        for expected in ["1: status=0 env=api ", "2: status=0 env= ", "3: status=0 env= "] {
            assert!(outcome.stdout.contains(expected), "{} {expected}: {outcome:#?}", shell.name());
        }
    });
}

#[test]
fn what_was_decided_can_be_listed() {
    let sandbox = Sandbox::new();
    place(&sandbox);
    sandbox.write("projects/evil/.env", "A=1\n");
    program(&sandbox, &["allow", "--env", "PATH", "../projects/evil"]);
    program(&sandbox, &["deny", "../projects/evil/sub"]);
    let list = program(&sandbox, &["allow", "--list"]);
    assert_eq!(list, "allowed  [ROOT]/projects/evil  (.env PATH)\ndenied   [ROOT]/projects/evil/sub\n");
    assert!(!Path::new(&sandbox.path("projects/evil/.venvwrap")).exists());
}
