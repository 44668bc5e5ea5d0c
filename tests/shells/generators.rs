//! Environments that other programs made, with their own activate scripts.

use std::path::Path;
use std::process::Command;

use venvwrap_core::shell::Shell;

use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run_with};

/// The ways to make an environment: a program, its arguments before the directory, and what to do without it.
const GENERATORS: &[(&str, &[&str])] = &[
    ("python3", &["-m", "venv", "--without-pip"]),
    ("virtualenv", &["--quiet", "--no-seed", "--no-download"]),
    ("uv", &["venv", "--quiet", "--offline", "--no-config"]),
];

/// Makes an environment; returns whether that worked, as none of the programs has to be here.
fn generate(sandbox: &Sandbox, (program, arguments): (&str, &[&str]), environment: &Path) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg(environment).env("HOME", sandbox.path("home"));
    let made = command.output().is_ok_and(|output| output.status.success());
    if !made {
        eprintln!("skipped: `{program}` makes no environment here");
    }
    made
}

#[test]
fn environments_of_every_generator_work() {
    in_each_shell(|sandbox, shell| {
        for generator in GENERATORS {
            let name = format!("made by {}", generator.0);
            if !generate(sandbox, *generator, &sandbox.env_path(&name)) {
                continue;
            }
            sandbox.plan_workon(&name);
            let options: &[&str] = match shell {
                Shell::Bash => &["", "set -eu -o pipefail", "IFS=/", "set -o posix"],
                Shell::Zsh => &["", "setopt err_exit no_unset", "setopt ksh_arrays sh_word_split", "emulate sh"],
                Shell::Fish => &[""],
            };
            for option in options {
                let script = format!(
                    "{option}\nworkon '{name}'; report 1\nsh -c 'printf \"%s\\n\" \"${{PATH%%:*}}\"'\n\
                     workon '{name}'; report 2\ndeactivate; report 3\nsh -c 'echo \"$PATH ${{VIRTUAL_ENV_PROMPT-unset}}\"'"
                );
                let env = format!("[ROOT]/envs/{name}");
                run_with(sandbox, shell, "", &script).prints(
                    &format!("{} {name} {option}", shell.name()),
                    &format!(
                        "1: status=0 env={env} cwd=[ROOT]/home\n{env}/bin\n2: status=0 env={env} cwd=[ROOT]/home\n\
                         3: status=0 env= cwd=[ROOT]/home\n/usr/local/bin:/usr/bin:/bin unset\n"
                    ),
                );
            }
        }
    });
}
