//! What start-up files and other tools do to the hook.

use std::fs;

use venvwrap_core::shell::Shell;

use super::interactive::{interact, interact_with, reports};
use crate::support::associations::{associate, settle};
use crate::support::program::call;
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_each_shell;

fn place(sandbox: &Sandbox) {
    sandbox.use_real_program();
    sandbox.make_env("api");
    associate(sandbox, "api", &sandbox.path("projects/api"));
}

#[test]
fn the_hook_makes_no_store() {
    let sandbox = Sandbox::new();
    place(&sandbox);
    fs::remove_dir_all(sandbox.path("envs")).unwrap();
    let project = sandbox.path("projects/api");
    let outcome = call(&sandbox, &["__plan", "bash", "follow", project.to_str().unwrap()]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""), "{outcome:#?}");
    assert_eq!(outcome.stdout, Shell::Bash.version_guard(), "a plan without steps");
    assert!(!sandbox.path("envs").exists());
}

#[test]
fn loading_it_again_while_an_environment_is_active_changes_nothing() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        sandbox.write_hook("envs/postactivate", "echo entered\n");
        let program = sandbox.path("bin/venvwrap");
        let init = match shell {
            Shell::Fish => format!("\"{}\" init fish --auto | source", program.display()),
            _ => format!("eval \"$(\"{}\" init {} --auto)\"", program.display(), shell.name()),
        };
        let init = if shell == Shell::Fish { format!("command {init}") } else { init };
        let script = format!(
            "cd ../projects/api\n{init}\n{init}\nreport 1\ndeactivate\nreport 2\ncd ~\ncd ../projects/api\nreport 3\ncd ~\nreport 4"
        );
        let outcome = interact(sandbox, shell, &script);
        let envs: Vec<_> = reports(&outcome).iter().map(|report| report.split(' ').nth(2).unwrap()).collect();
        assert_eq!(envs, ["env=api", "env=", "env=api", "env="], "{}: {outcome:#?}", shell.name());
        assert_eq!(outcome.stdout.matches("entered").count(), 2, "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn a_project_file_may_be_written_by_anything() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let project = sandbox.path("projects/api");
        for ending in ["", "\r\n", "\n\n"] {
            let before = if ending == "\r\n" { "\r\n" } else { "" };
            sandbox.write("envs/api/.project", format!("{before}{}{ending}", project.display()));
            settle(sandbox);
            let outcome = interact(sandbox, shell, "cd ../projects/api\nreport 1");
            assert!(outcome.stdout.contains("1: status=0 env=api "), "{} {ending:?}: {outcome:#?}", shell.name());
        }
        fs::remove_dir_all(&project).unwrap();
        let outcome = interact(sandbox, shell, "cd ../projects\nreport 1\nworkon api\nreport 2");
        let envs: Vec<_> = reports(&outcome).iter().map(|report| report.split(' ').nth(2).unwrap()).collect();
        assert_eq!(envs, ["env=", "env=api"], "{}: {outcome:#?}", shell.name());
        assert!(outcome.stderr.contains("projects/api"), "workon says so: {} {outcome:#?}", shell.name());
        fs::create_dir_all(&project).unwrap();
        fs::remove_dir_all(sandbox.env_path("api")).unwrap();
        let outcome = interact(sandbox, shell, "cd ../projects/api\nreport 1");
        assert!(outcome.stdout.contains("1: status=0 env= "), "{}: {outcome:#?}", shell.name());
        assert!(!outcome.stderr.contains("error") && !outcome.stderr.contains("warning"), "{outcome:#?}");
    });
}

/// What VS Code does in bash: a DEBUG trap tells the user's commands from its own function at the prompt, which puts marks
/// around a prompt that has changed.
const VSCODE: &str = r#"PS1='P '
__vsc_running=1 __vsc_custom_PS1='' __vsc_original_PS1=''
__vsc_seen() {
    [[ $__vsc_running == 0 ]] || return 0
    __vsc_running=1
    [[ $BASH_COMMAND == __vsc_prompt* ]] || printf 'preexec: %s\n' "$BASH_COMMAND"
}
__vsc_prompt_cmd() {
    [[ $__vsc_running == 1 ]] || return 0
    __vsc_running=0
    [[ $PS1 != "$__vsc_custom_PS1" ]] || return 0
    __vsc_original_PS1=$PS1
    __vsc_custom_PS1="<$PS1>"
    PS1=$__vsc_custom_PS1
}
__vsc_prompt_cmd_original() { eval "$__vsc_original_prompt_command"; __vsc_prompt_cmd; }
__vsc_original_prompt_command=${PROMPT_COMMAND-}
PROMPT_COMMAND=__vsc_prompt_cmd${PROMPT_COMMAND:+_original}
trap __vsc_seen DEBUG
"#;

#[test]
fn the_marks_of_vs_code_stay_right() {
    in_each_shell(|sandbox, shell| {
        if shell != Shell::Bash {
            return;
        }
        place(sandbox);
        let init = format!("eval \"$(\"{}\" init bash --auto)\"", sandbox.path("bin/venvwrap").display());
        let enter =
            "cd ../projects/api\necho \"1:$PS1\"\ncd ~\necho \"2:$PS1\"\nworkon api\necho \"3:$PS1\"\n\ndeactivate\ncd";
        let end = "echo \"4:$PS1\"\necho \"at:${PROMPT_COMMAND//$'\\n'/;}:${__vsc_original_prompt_command//$'\\n'/;}\"";
        for (before, after, other) in [(VSCODE, "", ""), ("", VSCODE, ""), (VSCODE, "", "true")] {
            let other = if other.is_empty() { String::new() } else { format!("PROMPT_COMMAND={other}\n") };
            let script = format!("{after}\n{init}\n{enter}\n{enter}\n\n{end}");
            let outcome = interact_with(sandbox, shell, &format!("{other}{before}"), &script);
            let lines: Vec<_> = outcome.stdout.lines().collect();
            let shown = |start: &str| lines.iter().rfind(|line| line.starts_with(start)).copied();
            assert_eq!(shown("1:"), Some("1:<(api) P >"), "{outcome:#?}");
            assert_eq!(shown("2:"), Some("2:<P >"), "{outcome:#?}");
            assert_eq!(shown("3:"), Some("3:<(api) P >"), "{outcome:#?}");
            assert_eq!(shown("4:"), Some("4:<P >"), "{outcome:#?}");
            let at = shown("at:").unwrap();
            assert_eq!(at.matches("__venvwrap_follow").count(), 1, "{outcome:#?}");
            assert!(!lines.iter().any(|line| line.starts_with("preexec: __")), "{outcome:#?}");
        }
    });
}
