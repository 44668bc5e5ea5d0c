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
