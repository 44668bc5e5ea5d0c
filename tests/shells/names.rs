//! Names that would be code if anybody forgot to quote them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use venvwrap_core::shell::Shell;
use venvwrap_core::shell::plan::{Flag, Plan, WorkonInputs};

use crate::support::shells::{in_bash_and_zsh, in_each_shell, run};

const NAMES: &[&[u8]] = &[
    b" lead",
    b"trail ",
    b"a b",
    b"it's",
    b"a\"b",
    b"$(touch pwned)",
    b"`touch pwned`",
    b"$HOME",
    b"a\nb",
    b"tnl\n",
    b"a\tb",
    b"a\r",
    b"a\x01\x1b[31mb",
    "é漢😀".as_bytes(),
    "a\u{a0}b".as_bytes(),
    b"a*b?[c]",
    b"a\\b\\",
    b"%n%#",
    b"a!b",
    b"a&b;c|d",
    b";ls",
    b"<a>",
    b"~root",
    b"#x",
    b"{a,b}",
    b"a:b",
    b"A=b",
    b"x@1",
    b"^a",
    b"(x)",
    b"..x",
    b"-dash",
    b"--help",
    b"';touch pwned;'",
    b"x'(touch pwned)'y",
];

#[test]
fn every_name_activates_and_nothing_runs() {
    in_each_shell(|sandbox, shell| {
        let names = NAMES.iter().map(|name| OsString::from_vec(name.to_vec())).chain([OsString::from("n".repeat(200))]);
        for name in names {
            let env = sandbox.make_env(&name);
            let project = sandbox.make_project(&env, "plain");
            let inputs = WorkonInputs { project: Some(project), ..sandbox.workon_inputs(&name, shell) };
            sandbox.plan(shell, "workon", &Plan::workon(&inputs));
            let script = "workon; report 1\ncdvirtualenv; cdsitepackages; report 2\ndeactivate; report 3\nprintf '%s\\n' \"$PATH\"";
            let shown = String::from_utf8(name.clone().into_vec()).unwrap();
            // A `:` separates the entries of PATH, so that such a name cannot be taken out again.
            let path = "/usr/local/bin:/usr/bin:/bin";
            run(sandbox, shell, script).prints(
                &format!("{} {name:?}", shell.name()),
                &format!(
                    "1: status=0 env=[ROOT]/envs/{shown} cwd=[ROOT]/projects/plain\n\
                     2: status=0 env=[ROOT]/envs/{shown} cwd=[ROOT]/envs/{shown}/lib/python3.11/site-packages\n\
                     3: status=0 env= cwd=[ROOT]/envs/{shown}/lib/python3.11/site-packages\n{path}\n"
                ),
            );
        }
        assert!(!sandbox.path("home/pwned").exists());
    });
}

#[test]
fn a_dangerous_name_stays_out_of_the_prompt() {
    in_bash_and_zsh(|sandbox, shell| {
        let name = "$(touch pwned)";
        sandbox.make_env(name);
        let mut inputs = sandbox.workon_inputs(name, shell);
        inputs.enter.flags.push(Flag::HidePrompt);
        sandbox.plan(shell, "workon", &Plan::workon(&inputs));
        let draw = match shell {
            Shell::Bash => ": \"${PS1@P}\"",
            _ => "setopt prompt_subst; print -P \"$PS1\" >/dev/null",
        };
        let script = format!(
            "PS1='> '\nworkon; printf '%s\\n' \"$PS1\" \"${{VIRTUAL_ENV_DISABLE_PROMPT-unset}}\"\n{draw}\n{draw}"
        );
        run(sandbox, shell, &script).prints(shell.name(), "> \nunset\n");
        assert!(!sandbox.path("home/pwned").exists());
    });
}

/// venvwrap's own script says any name to each shell so that drawing the prompt does not change it.
#[test]
fn the_prompt_shows_a_name_that_the_own_script_escapes() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for name in ["q%z", "a!b", "100% $(touch pwned)!"] {
            sandbox.make_own_env(name);
            let commands = match shell {
                Shell::Bash => &["echo \"${PS1@P}\"", "set -o posix; echo \"${PS1@P}\""][..],
                Shell::Zsh => &["print -rP -- \"$PS1\"", "setopt prompt_subst prompt_bang; print -rP -- \"$PS1\""],
                Shell::Fish => &["fish_prompt; echo"],
            };
            let before = if shell == Shell::Fish { "function fish_prompt; echo -n '> '; end" } else { "PS1='> '" };
            for draw in commands {
                let script = format!("{before}\nworkon '{name}'\n{draw}\n{draw}");
                let drawn = run(sandbox, shell, &script).stdout.replace("\u{1b}(B\u{1b}[m", "");
                assert_eq!(drawn, format!("({name}) > \n").repeat(2), "{} {draw}", shell.name());
            }
        }
        assert!(!sandbox.path("home/pwned").exists(), "{}", shell.name());
    });
}

/// Every local variable of the shims for bash is one of those that are looked at before anything happens.
#[test]
fn a_readonly_variable_that_is_called_like_a_local_one_is_an_error() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|path| path.join("shell").is_dir());
    let text = |file: &str| std::fs::read_to_string(root.unwrap().join("shell").join(file)).unwrap();
    let commands = text("bash/commands.bash");
    let mut names: Vec<String> = ["bash/verbs.bash", "bash/follow.bash", "posix/verbs.sh", "posix/helpers.sh"]
        .map(text)
        .iter()
        .chain([&commands])
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .filter(|word| word.starts_with("_vw_") && word.len() > 4)
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    let checked = commands.split("\n  builtin declare _vw_").nth(1).unwrap().split('}').next().unwrap();
    let checked = format!("_vw_{checked}");
    for name in &names {
        assert!(checked.split_whitespace().any(|word| word == name), "{name} is not checked");
    }
    in_each_shell(|sandbox, shell| {
        if shell == venvwrap_core::shell::Shell::Fish {
            return;
        }
        sandbox.use_real_program();
        sandbox.make_own_env("api");
        for name in ["_vw_text", "_vw_env", "_vw_reply", "_vw_hook", "_vw_version"] {
            for declare in [format!("readonly {name}=1"), format!("readonly {name}")] {
                let script = format!(
                    "{declare}\nworkon api; report 1\ncdvirtualenv; report 2\nwithout() {{ typeset -r {name}=2; workon api; }}\n"
                );
                let outcome = run(sandbox, shell, &script);
                let context = format!("{} {declare}: {outcome:#?}", shell.name());
                if shell == venvwrap_core::shell::Shell::Bash {
                    let error = format!("error: cannot go on: this shell cannot set `{name}`\n");
                    assert!(outcome.stderr.starts_with(&error) && outcome.stderr.lines().count() == 4, "{context}");
                    assert!(outcome.stdout.starts_with("1: status=1 env= cwd="), "{context}");
                } else {
                    assert_eq!(outcome.stderr, "", "{context}");
                }
                let late = run(sandbox, shell, &format!("workon api\n{declare}\ndeactivate; report 1"));
                let is_left = late.stdout == "1: status=0 env= cwd=[ROOT]/home\n";
                let is_told = late.stdout.starts_with("1: status=1 env=[ROOT]/envs/api");
                assert!(if shell == venvwrap_core::shell::Shell::Bash { is_told } else { is_left }, "{late:#?}");
            }
        }
    });
}
