//! What the prompt calls an environment for which nobody has chosen a text.

use std::fs;

use venvwrap_core::shell::Shell;

use super::hostile_values::Maker;
use crate::support::program::{call, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run};

/// Draws the prompt, without the colours of venv's fish script.
fn draw(shell: Shell) -> (&'static str, &'static str) {
    match shell {
        Shell::Bash => ("PS1='> '", "echo \"${PS1@P}\""),
        Shell::Zsh => ("PS1='> '", "print -rP -- \"$PS1\""),
        Shell::Fish => {
            (r"function fish_prompt; echo '> '; end", r"fish_prompt | string replace -ra '\e[^m]*m|\e\(B' ''")
        }
    }
}

/// Asserts what the prompt is after a command that enters an environment, and after that was left.
#[track_caller]
fn assert_drawn(sandbox: &Sandbox, shell: Shell, entry: &str, shown: &str, context: &str) {
    let (prompt, draw) = draw(shell);
    let show = format!("echo \"$VIRTUAL_ENV_PROMPT\"; {draw}");
    let outcome = run(sandbox, shell, &format!("{prompt}\n{entry}\n{show}\ndeactivate\n{draw}"));
    let lines: Vec<_> = outcome.stdout.lines().map(str::trim_end).collect();
    // Some tools have the parentheses in the variable.
    let variable = lines[0].trim_start_matches('(').trim_end_matches(')');
    assert_eq!(variable, shown, "{context} {entry}: {outcome:#?}");
    assert_eq!(lines[1..], [&format!("({shown}) >"), ">"], "{context} {entry}: {outcome:#?}");
}

/// Asserts that every way into an environment shows the same name.
#[track_caller]
fn assert_shown(sandbox: &Sandbox, shell: Shell, environment: &str, shown: &str, context: &str) {
    let context = format!("{context} {environment} {}", shell.name());
    let code = call(sandbox, &["activate", "--shell", shell.name(), environment]);
    let root = sandbox.path("");
    let code = code.succeeds(&context).replace("[ROOT]", root.to_str().unwrap().trim_end_matches('/'));
    sandbox.write("home/code", code);
    for entry in [format!("workon {environment}"), "source ./code".to_owned()] {
        assert_drawn(sandbox, shell, &entry, shown, &context);
    }
    let json = call(sandbox, &["activate", "--json", environment]);
    let wanted = format!("\"VIRTUAL_ENV_PROMPT\": \"{shown}\"");
    assert!(json.succeeds(&context).contains(&wanted), "{context}: {json:#?}");
    let run = call(sandbox, &["run", environment, "sh", "-c", "echo $VIRTUAL_ENV_PROMPT"]);
    assert_eq!(run.succeeds(&context), format!("{shown}\n"), "{context}");
}

/// Like the environments of other tools, one of this program in a project is called like the project, also after it was
/// renewed.
#[test]
fn a_venv_is_called_like_its_project() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let path = sandbox.path("projects/web/.venv").into_os_string().into_string().unwrap();
        for maker in [None].into_iter().chain(Maker::one_of_each_kind().into_iter().map(Some)) {
            let context = maker.as_ref().map_or_else(|| "venvwrap".into(), |maker| maker.program.display().to_string());
            let _ = fs::remove_dir_all(&path);
            if maker.is_some_and(|maker| !maker.make(sandbox, path.as_ref(), None)) {
                continue;
            }
            let steps = [(None, "web"), (None, "web"), (Some("mine"), "mine"), (None, "mine")];
            for (prompt, shown) in steps {
                let prompt = prompt.map(|prompt| format!("--prompt={prompt}"));
                let words = ["venv", "-q", "--without-pip", "-p", python.to_str().unwrap(), &path];
                let words: Vec<_> = words.into_iter().chain(prompt.as_deref()).collect();
                assert_eq!(call(sandbox, &words).status, Some(0), "{context}");
                assert_eq!(call(sandbox, &["allow", "../projects/web"]).status, Some(0), "{context}");
                assert_drawn(sandbox, shell, "cd ../projects/web; workon .", shown, &context);
            }
        }
    });
}

/// What somebody calls an adopted environment is what the prompt shows, and a copy has its own name.
#[test]
fn adopted_environments_and_their_copies_are_called_as_the_user_calls_them() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for directory in ["env", ".venv"] {
            let path = sandbox.path(format!("projects/web/{directory}")).into_os_string().into_string().unwrap();
            for maker in [None].into_iter().chain(Maker::one_of_each_kind().into_iter().map(Some)) {
                let context =
                    maker.as_ref().map_or_else(|| "venvwrap".into(), |maker| maker.program.display().to_string());
                let _ = fs::remove_dir_all(&path);
                let is_made = if let Some(maker) = maker {
                    maker.make(sandbox, path.as_ref(), None)
                } else {
                    let words = ["venv", "-q", "--without-pip", "-p", python.to_str().unwrap(), &path];
                    call(sandbox, &words).status == Some(0)
                };
                if !is_made {
                    continue;
                }
                assert_eq!(call(sandbox, &["adopt", &path, "api"]).status, Some(0), "{context}");
                assert_shown(sandbox, shell, "api", "api", &format!("{context} {directory}"));
                assert_eq!(call(sandbox, &["copy", "api", "api-2"]).status, Some(0), "{context}");
                assert_shown(sandbox, shell, "api-2", "api-2", &format!("{context} {directory}"));
                assert_eq!(call(sandbox, &["rename", "api-2", "api-3"]).status, Some(0), "{context}");
                assert_shown(sandbox, shell, "api-3", "api-3", &format!("{context} {directory}"));
                assert_eq!(call(sandbox, &["remove", "--now", "api", "api-3"]).status, Some(0), "{context}");
            }
        }
    });
}
