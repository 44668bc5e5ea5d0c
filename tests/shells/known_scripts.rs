//! Unchanged scripts of other tools: applied without being run, they do what they do when they are run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use venvwrap_core::shell::Shell;

use super::hostile_values::Maker;
use crate::support::associations::program;
use crate::support::program::{call, names_in};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, run};
use crate::support::tools::find_program;

/// Shows all that an activate script sets, before, inside, after.
fn show(shell: Shell) -> &'static str {
    match shell {
        Shell::Fish => {
            r"
            function fish_prompt; echo 'mine> '; end
            function show
              for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PATH PYTHONHOME TCL_LIBRARY TK_LIBRARY PKG_CONFIG_PATH
                echo $name (set -q $name; and echo set) $$name
              end
              fish_prompt | string replace -ra '\e[^m]*m|\e\(B' ''
              functions -q pydoc; echo pydoc $status
            end
            "
        }
        Shell::Bash | Shell::Zsh => {
            r#"
            PS1='mine> '
            show() {
              printf '%s\n' "${VIRTUAL_ENV-none}" "${VIRTUAL_ENV_PROMPT-none}" "$PATH" "${PYTHONHOME-none}"
              if [ -n "${ZSH_VERSION-}" ]; then print -P -- "$PS1"; else eval 'printf "%s\n" "${PS1@P}"'; fi
              printf '%s\n' "${TCL_LIBRARY-none}" "${TK_LIBRARY-none}" "${PKG_CONFIG_PATH-none}"
              typeset -f pydoc >/dev/null; echo "pydoc $?"
            }
            "#
        }
    }
}

/// Everything that is shown, from a shell whose `uname` and `basename` leave a file.
fn observe(sandbox: &Sandbox, shell: Shell, before: &str) -> Outcome {
    let export = if shell == Shell::Fish { "set -gx" } else { "export" };
    let assign = |name: &str, value: &str| match shell {
        Shell::Fish => format!("{export} {name} {value}\n"),
        Shell::Bash | Shell::Zsh => format!("{export} {name}={value}\n"),
    };
    let path = if shell == Shell::Fish { "$HOME/traps $PATH" } else { "\"$HOME/traps:$PATH\"" };
    let set = [assign("PATH", path), assign("PYTHONHOME", "/python"), before.to_string()].concat();
    run(sandbox, shell, &format!("{}{set}show\nworkon api\nshow\ndeactivate\nshow", show(shell)))
}

fn place() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    for name in ["uname", "basename", "dirname", "realpath"] {
        let real = find_program(name).unwrap();
        let text =
            format!("#!/bin/sh\necho {name} >>'{}'\nexec {} \"$@\"\n", sandbox.path("RAN").display(), real.display());
        sandbox.write_program(format!("home/traps/{name}"), &text);
    }
    sandbox
}

fn shells() -> impl Iterator<Item = Shell> {
    Shell::ALL.into_iter().filter(|shell| find_program(shell.name()).is_some())
}

#[test]
fn an_unchanged_script_does_what_it_does_when_it_is_run_and_starts_nothing() {
    let sandbox = &place();
    let (env, ran) = (sandbox.env_path("api"), sandbox.path("RAN"));
    let mut applied = BTreeSet::new();
    for maker in Maker::all() {
        for prompt in [None, Some("my prompt")] {
            let _ = fs::remove_dir_all(&env);
            if !maker.make(sandbox, &env, prompt) {
                continue;
            }
            for shell in shells() {
                let context = format!("{} {prompt:?} {}", maker.program.display(), shell.name());
                let script = shell.dialect().activate_script(&env);
                let text = fs::read(&script).unwrap();
                let before =
                    if shell == Shell::Fish { "set -gx PKG_CONFIG_PATH /p\n" } else { "export PKG_CONFIG_PATH=/p\n" };
                let quick = observe(sandbox, shell, before);
                let is_applied =
                    program(sandbox, &["__plan", shell.name(), "workon", "api"]).contains("_VENVWRAP_PATH");
                if is_applied {
                    applied.insert(shell.name());
                    assert!(!ran.exists(), "{context}: {:?} {quick:#?}", fs::read_to_string(&ran));
                }
                fs::write(&script, [&text[..], b"# mine\n"].concat()).unwrap();
                let slow = observe(sandbox, shell, before);
                assert!(
                    !program(sandbox, &["__plan", shell.name(), "workon", "api"]).contains("_VENVWRAP_PATH"),
                    "{context}"
                );
                let _ = fs::remove_file(&ran);
                fs::write(&script, text).unwrap();
                assert_eq!(quick.stdout, slow.stdout, "{context}: {quick:#?} {slow:#?}");
                assert_eq!((&*quick.stderr, &*slow.stderr), ("", ""), "{context}");
            }
        }
    }
    assert_eq!(applied, shells().map(Shell::name).collect(), "shells in which a script was applied");
}

/// Whoever comes with environments of other tools has changed no script of theirs, whatever shells those are for.
#[test]
fn renewing_an_environment_of_another_tool_speaks_of_no_changes() {
    let sandbox = &place();
    let env = sandbox.env_path("api");
    for maker in Maker::one_of_each_kind() {
        let _ = fs::remove_dir_all(&env);
        if !maker.make(sandbox, &env, None) {
            continue;
        }
        for start in [&["create", "api"][..], &["venv", env.to_str().unwrap()]] {
            let context = format!("{} {start:?}", maker.program.display());
            let outcome = call(sandbox, &[start, &["--without-pip"]].concat());
            assert_eq!(outcome.status, Some(0), "{context}: {outcome:#?}");
            assert!(!outcome.stderr.contains("activate"), "{context}: {outcome:#?}");
            let names = names_in(&env.join("bin"));
            assert!(!names.iter().any(|name| name.to_string_lossy().ends_with(".old")), "{context}: {names:?}");
        }
    }
}

#[test]
fn a_changed_script_is_run() {
    let sandbox = &place();
    let env = sandbox.env_path("api");
    let Some(maker) = Maker::all().into_iter().find(|maker| maker.make(sandbox, &env, None)) else { return };
    for shell in shells() {
        let script = shell.dialect().activate_script(&env);
        let text = fs::read_to_string(&script).unwrap();
        let set = if shell == Shell::Fish { "set -gx MINE edited\n" } else { "export MINE=edited\n" };
        for edited in [format!("{text}{set}"), format!("{set}{text}"), format!("{text}\n{set}\n")] {
            fs::write(&script, &edited).unwrap();
            let outcome = run(sandbox, shell, "workon api\necho \"<$MINE>\"");
            assert_eq!(outcome.stdout, "<edited>\n", "{} {}: {outcome:#?}", maker.program.display(), shell.name());
        }
        fs::write(&script, text).unwrap();
    }
    assert!(Path::new(&env).exists());
}

#[test]
fn a_script_that_was_moved_is_refused_although_it_is_known() {
    let sandbox = &place();
    let env = sandbox.env_path("api");
    let Some(_) = Maker::all().into_iter().find(|maker| maker.make(sandbox, &env, None)) else { return };
    fs::rename(&env, sandbox.env_path("moved")).unwrap();
    for shell in shells() {
        let outcome = run(sandbox, shell, "workon moved; report end");
        assert!(outcome.stdout.starts_with("end: status=1 env= "), "{}: {outcome:#?}", shell.name());
        assert!(
            outcome.stderr.contains("moved` was moved or copied: its activation script is for `"),
            "{}: {outcome:#?}",
            shell.name()
        );
    }
}

/// A name that a shell would evaluate in its prompt is drawn as it is, also where another tool's script does not escape it.
#[test]
fn the_prompt_shows_a_name_that_the_script_does_not_escape() {
    let sandbox = &place();
    let env = sandbox.env_path("a!b 50%");
    let outcome = |shell: Shell, script: &str| run(sandbox, shell, script).stdout;
    let mut all = BTreeSet::new();
    for maker in Maker::all() {
        let _ = fs::remove_dir_all(&env);
        if !maker.make(sandbox, &env, None) {
            continue;
        }
        let mut drawn_by = BTreeSet::new();
        for shell in shells() {
            let plan = program(sandbox, &["__plan", shell.name(), "workon", "a!b 50%"]);
            if shell != Shell::Fish && !plan.contains("_VENVWRAP_PATH") {
                // Nobody knows the script, so its prompt stays hidden.
                continue;
            }
            drawn_by.insert(shell.name());
            let (prompt, commands) = match shell {
                Shell::Bash => ("PS1='> '", &["echo \"${PS1@P}\"", "set -o posix; echo \"${PS1@P}\""][..]),
                Shell::Zsh => (
                    "PS1='> '",
                    &["print -rP -- \"$PS1\"", "setopt prompt_subst prompt_bang; print -rP -- \"$PS1\""][..],
                ),
                Shell::Fish => ("function fish_prompt; echo -n '> '; end", &["fish_prompt; echo"][..]),
            };
            for draw in commands {
                let context = format!("{} {} {draw}", maker.program.display(), shell.name());
                let drawn = outcome(shell, &format!("{prompt}\nworkon 'a!b 50%'\n{draw}\ndeactivate\n{draw}\n"));
                assert!(
                    drawn.contains(if shell == Shell::Fish { "a!b 50%" } else { "(a!b 50%) " })
                        && drawn.ends_with("> \n"),
                    "{context}: {drawn}"
                );
                assert_eq!(drawn.matches("a!b").count(), 1, "{context}: {drawn}");
            }
        }
        for (program, draw) in [("bash", "echo \"${PS1@P}\""), ("zsh", "print -rP -- \"$PS1\"")] {
            let Some(shell) = find_program(program).filter(|_| drawn_by.contains(program)) else { continue };
            let code = call(sandbox, &["activate", "--shell", program, "a!b 50%"]);
            let code =
                code.succeeds(program).replace("[ROOT]", sandbox.path("").to_str().unwrap().trim_end_matches('/'));
            let script = format!("PS1='> '\n{code}\n{draw}\n");
            let output = sandbox.command(&shell).args(["-c", &script]).output().unwrap();
            let drawn = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(drawn, "(a!b 50%) > \n", "{} {program}: {output:?}", maker.program.display());
        }
        all.append(&mut drawn_by);
    }
    assert_eq!(all, shells().map(Shell::name).collect(), "shells in which it was drawn");
}
