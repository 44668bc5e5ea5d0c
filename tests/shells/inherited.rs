//! Variables of venvwrap that another shell has exported, as under `set -a`: they say nothing about this shell.

use std::collections::BTreeSet;

use venvwrap_core::shell::Shell;

use crate::support::shells::{Outcome, command, in_each_shell, script_text};
use crate::support::shims::{commands_text, file, verbs_text};

/// Every name of ours in the files of a shell; that of the program is set by `venvwrap init`.
fn names(shell: Shell) -> BTreeSet<String> {
    let mut text = commands_text(shell) + &verbs_text(shell) + &file(format!("shell/{0}/follow.{0}", shell.name()));
    if shell != Shell::Fish {
        text += &["find.sh", "entry.sh", "interactive.sh"].map(|name| file(format!("shell/posix/{name}"))).concat();
        text +=
            &["virtualenvwrapper.sh", "virtualenvwrapper_lazy.sh"].map(|name| file(format!("shell/{name}"))).concat();
    }
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with("__venvwrap_")).map(String::from).collect()
}

#[test]
fn what_another_shell_has_exported_changes_nothing() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let names = names(shell);
        assert!(names.len() > 40, "{names:?}");
        let script = "workon api; report 1\ncdvirtualenv bin; report 2\ndeactivate; report 3\nlsvirtualenv -b";
        let text = script_text(sandbox, shell, "", script);
        for value in ["waiting", "load", "on", "1", "/nowhere"] {
            let mut command = command(sandbox, shell, &text);
            command.envs(names.iter().map(|name| (name, value)));
            Outcome::new(sandbox, &command.output().unwrap()).prints(
                &format!("{} {value}", shell.name()),
                "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n\
                 2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api/bin\n\
                 3: status=0 env= cwd=[ROOT]/envs/api/bin\n\
                 api\n",
            );
        }
    });
}

/// A shell that was started while the prompt hook of another was at work would never follow the directory.
#[test]
fn the_prompt_hook_begins_where_nothing_was_seen() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let script = match shell {
            Shell::Fish => {
                "venvwrap init --auto fish | source\necho \"[$__venvwrap_follow_busy$__venvwrap_follow_told]\""
            }
            Shell::Bash => {
                "eval \"$(venvwrap init --auto bash)\"\necho \"[$__venvwrap_follow_busy$__venvwrap_follow_told]\""
            }
            Shell::Zsh => {
                "eval \"$(venvwrap init --auto zsh)\"\necho \"[$__venvwrap_follow_busy$__venvwrap_follow_told]\""
            }
        };
        let mut command = command(sandbox, shell, script);
        command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
        command.env("__venvwrap_follow_busy", "1").env("__venvwrap_follow_told", "<x>");
        Outcome::new(sandbox, &command.output().unwrap()).prints(shell.name(), "[]\n");
    });
}
