//! The prompt hook itself: how it is installed, what it leaves alone, and what must not disturb it.

use venvwrap_core::shell::Shell;

use super::interactive::{command, feed, interact, interact_with, reports, text};
use crate::support::associations::{associate, program, settle};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_bash_and_zsh, in_each_shell};
use crate::support::tools::find_program;

fn place(sandbox: &Sandbox) {
    sandbox.use_real_program();
    sandbox.make_env("api");
    associate(sandbox, "api", &sandbox.path("projects/api"));
}

#[test]
fn the_status_of_the_last_command_stays() {
    // fish keeps it by itself, and without a terminal draws no prompt.
    in_bash_and_zsh(|sandbox, shell| {
        place(sandbox);
        let script = "cd ../projects/api\nsh -c 'exit 7'\nreport 1\ncd ~\nsh -c 'exit 8'\nreport 2\ncd /nowhere 2>/dev/null\nreport 3";
        let outcome = interact(sandbox, shell, script);
        let statuses: Vec<_> = reports(&outcome).iter().map(|report| report.split(' ').nth(1).unwrap()).collect();
        assert_eq!(statuses, ["status=7", "status=8", "status=1"], "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn what_runs_at_the_prompt_behind_it_sees_that_status() {
    in_bash_and_zsh(|sandbox, shell| {
        place(sandbox);
        let before = match shell {
            Shell::Bash => "PROMPT_COMMAND='seen=$?'",
            _ => "after() { seen=$? }\nprecmd_functions=(after)",
        };
        let script = "cd ../projects/api; sh -c 'exit 7'\necho \"seen $seen\"\ncd ~; sh -c 'exit 8'\necho \"seen $seen\"\n\
                      sh -c 'exit 9'\necho \"seen $seen\"";
        let outcome = interact_with(sandbox, shell, before, script);
        let seen: Vec<_> = outcome.stdout.lines().filter(|line| line.starts_with("seen ")).collect();
        assert_eq!(seen, ["seen 7", "seen 8", "seen 9"], "{}: {outcome:#?}", shell.name());
    });
}

/// A status that a hook hands on is a failure for `set -e` and for traps. fish has neither.
#[test]
fn the_status_that_stays_is_no_failure() {
    in_bash_and_zsh(|sandbox, shell| {
        place(sandbox);
        sandbox.make_env("other");
        let trap = if shell == Shell::Bash { "set -E; trap 'echo ERR' ERR" } else { "TRAPZERR() { echo ERR }" };
        let interrupt = "(kill -INT \"$(sh -c 'echo $PPID')\") && :";
        for (options, direnv) in [("set -e", false), (trap, false), ("set -e", true), (trap, true)] {
            // Without the hook that follows, the other one alone is looked at.
            let set_up = if direnv { "VENVWRAP_AUTO=0; export DIRENV_DIFF=x; workon other\n" } else { "" };
            let script = format!(
                "{set_up}{options}\nfalse && :\n\n{interrupt}\ncd ../projects/api\nfalse && :\ncd /tmp; false && :\n\
                 workon api; false && :\n\nreport end\nfalse"
            );
            let outcome = interact(sandbox, shell, &script);
            let name = format!("{} {options} {direnv}", shell.name());
            assert!(outcome.stdout.contains("end: status=1 env=api "), "{name}: {outcome:#?}");
            assert_eq!(outcome.stdout.matches("ERR").count(), usize::from(options == trap), "{name}: {outcome:#?}");
        }
    });
}

#[test]
fn it_is_installed_once_and_before_everything_else() {
    let Some(_) = find_program("bash") else { return };
    for (before, expected) in [
        ("unset PROMPT_COMMAND; set -u", "{\n__venvwrap_follow\n} && ((1))"),
        ("PROMPT_COMMAND=':'", "{\n__venvwrap_follow\n} && ((1))\n:"),
        ("PROMPT_COMMAND=':;'", "{\n__venvwrap_follow\n} && ((1))\n:;"),
        ("PROMPT_COMMAND=': ; '", "{\n__venvwrap_follow\n} && ((1))\n: ; "),
        ("PROMPT_COMMAND=': # c'", "{\n__venvwrap_follow\n} && ((1))\n: # c"),
        ("PROMPT_COMMAND=$':\\n'", "{\n__venvwrap_follow\n} && ((1))\n:\n"),
        ("PROMPT_COMMAND=(: 'true x')", "{\n__venvwrap_follow\n} && ((1))\n:|true x"),
        ("export PROMPT_COMMAND=:", "{\n__venvwrap_follow\n} && ((1))\n:"),
        ("readonly PROMPT_COMMAND=:", ":"),
    ] {
        let sandbox = Sandbox::new();
        place(&sandbox);
        let init = format!("eval \"$(\"{}\" init bash --auto)\"", sandbox.path("bin/venvwrap").display());
        let script = format!(
            "{init}\nIFS='|'; printf '<%s>\\n' \"${{PROMPT_COMMAND[*]}}\"; unset IFS\nenv | grep -c ^PROMPT_COMMAND\ncd ../projects/api\nreport end"
        );
        let outcome = interact_with(&sandbox, Shell::Bash, before, &script);
        assert!(outcome.stdout.contains(&format!("<{expected}>\n")), "{before}: {outcome:#?}");
        let is_exported = before.starts_with("export") && outcome.stdout.contains("\n1\n");
        assert!(!is_exported, "{before}: {outcome:#?}");
        let env = if before.starts_with("readonly") { "" } else { "api" };
        assert!(outcome.stdout.contains(&format!("end: status=0 env={env} ")), "{before}: {outcome:#?}");
        assert!(!outcome.stderr.contains("bash: __venvwrap") && !outcome.stderr.contains("unbound"), "{outcome:#?}");
    }
}

#[test]
fn zsh_has_it_once_and_first() {
    let Some(_) = find_program("zsh") else { return };
    let sandbox = Sandbox::new();
    place(&sandbox);
    let init = format!("eval \"$(\"{}\" init zsh --auto)\"", sandbox.path("bin/venvwrap").display());
    let before = "mine() { : }\nprecmd_functions=(mine)";
    let script = format!("cd ../projects/api\n{init}\nprint -r -- \"<$precmd_functions>\"\ndeactivate; report end");
    let outcome = interact_with(&sandbox, Shell::Zsh, before, &script);
    // The completion waits there, too, when `compinit` has not run.
    assert!(outcome.stdout.contains("<__venvwrap_follow mine __venvwrap_register>\n"), "{outcome:#?}");
    assert!(outcome.stdout.contains("end: status=0 env= "), "{outcome:#?}");
}

#[test]
fn it_is_off_unless_it_is_turned_on_and_off_for_one_shell() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let name = shell.name();
        assert!(!program(sandbox, &["init", name]).contains("__venvwrap_follow_tree="), "{name}");
        program(sandbox, &["config", "set", "auto", "true"]);
        assert!(program(sandbox, &["init", name]).contains("__venvwrap_follow_tree"), "{name}");
        program(sandbox, &["config", "unset", "auto"]);
        let off = if shell == Shell::Fish { "set -g VENVWRAP_AUTO 0" } else { "VENVWRAP_AUTO=0" };
        let on = if shell == Shell::Fish { "set -e VENVWRAP_AUTO" } else { "unset VENVWRAP_AUTO" };
        let script = format!("{off}\ncd ../projects/api\nreport 1\n{on}\ncd .\ncd ~\ncd ../projects/api\nreport 2");
        let outcome = interact(sandbox, shell, &script);
        assert!(outcome.stdout.contains("1: status=0 env= "), "{name}: {outcome:#?}");
        assert!(outcome.stdout.contains("2: status=0 env=api "), "{name}: {outcome:#?}");
    });
}

#[test]
fn scripts_and_substitutions_are_left_alone() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let inner = if shell == Shell::Fish {
            "set x (cd ../projects/api; echo \"<$VIRTUAL_ENV>\"); echo $x"
        } else {
            "echo \"<$(cd ../projects/api; echo \"$VIRTUAL_ENV\")>\""
        };
        let outcome = interact(sandbox, shell, &format!("{inner}\nreport end"));
        assert!(outcome.stdout.contains("<>\n"), "{}: {outcome:#?}", shell.name());
        let script = text(sandbox, shell, "", "cd ../projects/api\nreport end");
        let mut plain = sandbox.command(&find_program(shell.name()).unwrap());
        plain.args(if shell == Shell::Fish { ["--no-config", "-c"] } else { ["-c", "eval \"$0\""] });
        let output = plain.arg(script).output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(stdout.contains("end: status=0 env= "), "{} {output:?}", shell.name());
    });
}

#[test]
fn a_program_that_has_gone_and_damaged_state_are_silent() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let outcome = interact(
            sandbox,
            shell,
            "rm -r ../envs/api\ncd ../projects/api\nreport 1\ncd ~\nrm ../bin/venvwrap\ncd ../projects/api\nreport 2",
        );
        let reports = reports(&outcome);
        assert_eq!(reports.len(), 2, "{outcome:#?}");
        assert!(reports.iter().all(|report| report.contains("status=0 env= ")), "{}: {outcome:#?}", shell.name());
        assert!(
            !outcome.stderr.contains("error:") && !outcome.stderr.contains("__venvwrap"),
            "{}: {outcome:#?}",
            shell.name()
        );
    });
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        settle(sandbox);
        let state = sandbox.path("home/.local/state/venvwrap/auto");
        std::fs::remove_file(state.join("@generation")).unwrap();
        let entry = state.join(sandbox.path("projects/api/@env").strip_prefix("/").unwrap());
        std::fs::write(&entry, "nonsense\0").unwrap();
        let outcome = interact(
            sandbox,
            shell,
            "cd ../projects/api\nreport 1\nrm -r ~/.local\ncd ~\ncd ../projects/api\nreport 2",
        );
        let reports = reports(&outcome);
        assert!(reports.iter().all(|report| report.contains("status=0 env= ")), "{}: {outcome:#?}", shell.name());
        assert!(
            !outcome.stderr.contains("error:") && !outcome.stderr.contains("__venvwrap"),
            "{}: {outcome:#?}",
            shell.name()
        );
    });
}

#[test]
fn an_environment_or_directory_that_goes_while_active_does_no_harm() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let script = "cd ../projects/api\nreport 1\nrm -r ../../envs/api\ncd ~\nreport 2\n\
                      mkdir -p ../projects/api/gone; cd ../projects/api/gone\nrmdir ../gone\ntrue\nreport 3\ncd ~\nreport 4";
        let outcome = interact(sandbox, shell, script);
        let envs: Vec<_> = reports(&outcome).iter().map(|report| report.split(' ').nth(2).unwrap()).collect();
        assert_eq!(envs, ["env=api", "env=", "env=", "env="], "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn odd_directories_are_found() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let odd = sandbox.path("projects/a\nb 'q' \\ *");
        std::fs::create_dir_all(odd.join("sub\n")).unwrap();
        let output = sandbox
            .command(std::path::Path::new(env!("CARGO_BIN_EXE_venvwrap")))
            .args(["project", "set", "--add", "api"])
            .arg(&odd)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let mut inside = command(sandbox, shell);
        inside.current_dir(odd.join("sub\n")).env("PWD", odd.join("sub\n"));
        let outcome = feed(sandbox, inside, &text(sandbox, shell, "", "report end"));
        assert!(outcome.stdout.contains("end: status=0 env=api "), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn zsh_tells_of_no_variable_in_it() {
    in_each_shell(|sandbox, shell| {
        if shell != Shell::Zsh {
            return;
        }
        place(sandbox);
        let script = "cd ../projects/api\nreport 1\ncd ~\nreport 2";
        let outcome = interact_with(sandbox, shell, "setopt warn_create_global warn_nested_var", script);
        assert!(reports(&outcome)[0].contains(" env=api "), "{outcome:#?}");
        assert!(!outcome.stderr.contains("__venvwrap"), "{outcome:#?}");
    });
}

#[test]
fn aliases_of_the_user_are_not_expanded_in_it() {
    in_bash_and_zsh(|sandbox, shell| {
        place(sandbox);
        let names = ["local", "typeset", "builtin", "printf", "return", "unset"];
        let aliases = names.map(|name| format!("alias {name}=false\n")).concat();
        let global = if shell == Shell::Zsh { "alias -g dir='| cat' place='| cat' status='| cat'\n" } else { "" };
        let init = format!("{aliases}{global}");
        let script = "cd ../projects/api\nreport 1\ncd ~\nreport 2\nalias builtin >/dev/null && echo alias";
        let outcome = interact_with(sandbox, shell, &init, script);
        let entered: Vec<_> =
            reports(&outcome).iter().map(|report| report.split(' ').nth(2).unwrap().to_string()).collect();
        assert_eq!(entered, ["env=api", "env="], "{}: {outcome:#?}", shell.name());
        assert!(outcome.stdout.contains("\nalias\n"), "{}: {outcome:#?}", shell.name());
    });
}
