//! Environments that other programs made, with their own activate scripts.

use venvwrap_core::shell::Shell;

use super::hostile_values::Maker;
use crate::support::shells::{in_each_shell, run_with};

#[test]
fn environments_of_every_generator_work() {
    in_each_shell(|sandbox, shell| {
        for maker in Maker::one_of_each_kind() {
            let name = format!("made by {}", maker.program.file_name().unwrap().display());
            assert!(maker.make(sandbox, &sandbox.env_path(&name), None), "{name}");
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
