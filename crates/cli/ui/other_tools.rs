//! What others call the verbs of the program, and what people look for in vain.

/// Words of other tools, and the call that does the same here.
const CALLS: [(&[&str], &str); 34] = [
    (&["new", "make", "virtualenv"], "`venvwrap create NAME`"),
    (&["delete", "del", "uninstall", "destroy", "erase"], "`venvwrap remove NAME`"),
    (&["move"], "`venvwrap rename OLD NEW`"),
    (&["clone", "duplicate"], "`venvwrap copy SOURCE TARGET`"),
    (&["import"], "`venvwrap adopt PATH`"),
    (&["use", "switch", "shell", "enter", "on", "select"], "the shell function `workon NAME`"),
    (&["leave", "exit", "off"], "the shell function `deactivate`"),
    (&["which"], "`venvwrap project which`"),
    (&["exec", "x"], "`venvwrap run NAME COMMAND`"),
    (&["install", "add", "pip"], "`venvwrap run NAME pip install PACKAGE`"),
    (&["tmp", "temp", "with"], "`venvwrap run --tmp COMMAND`"),
    (&["prune", "clean"], "`venvwrap gc`"),
    (&["info", "status"], "`venvwrap show NAME`"),
    (&["env", "envs", "environments", "virtualenvs"], "`venvwrap list`"),
    (&["python", "versions", "interpreters"], "`venvwrap pythons`"),
    (&["where", "dir", "prefix"], "`venvwrap path NAME`"),
    (&["update"], "`venvwrap upgrade NAME`"),
    (&["fix"], "`venvwrap repair NAME`"),
    (&["health", "verify"], "`venvwrap doctor`"),
    (&["undelete", "recover"], "`venvwrap undo NAME`"),
    (&["rollback", "sync"], "`venvwrap restore NAME`"),
    (&["lock"], "`venvwrap freeze --format pylock NAME`"),
    (&["export", "requirements"], "`venvwrap freeze NAME`"),
    (&["backup"], "`venvwrap snapshot NAME`"),
    (&["compare"], "`venvwrap diff A B`"),
    (&["archive", "tar"], "`venvwrap pack NAME`"),
    (&["extract"], "`venvwrap unpack ARCHIVE`"),
    (&["docker"], "`venvwrap dockerfile NAME`"),
    (&["trust"], "`venvwrap allow`"),
    (&["untrust", "revoke"], "`venvwrap deny`"),
    (&["settings", "set", "get"], "`venvwrap config`"),
    (&["completion", "completions"], "`venvwrap setup`"),
    (&["version"], "`venvwrap --version`"),
    (&["self-update", "self"], "the package manager that installed it"),
];

/// Returns what to call instead of a word of another tool.
pub(super) fn call_for(word: &str) -> Option<&'static str> {
    CALLS.iter().find(|(words, _)| words.contains(&word)).map(|(_, call)| *call)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn each_word_is_there_once_and_is_no_verb_and_each_call_exists() {
        let program = Cli::command();
        let mut seen = BTreeSet::new();
        for (words, call) in CALLS {
            for word in words {
                assert!(program.find_subcommand(word).is_none() && seen.insert(word), "{word}");
            }
            if let Some(verb) = call.strip_prefix("`venvwrap ").and_then(|call| call.split([' ', '`']).next()) {
                assert!(verb == "--version" || program.find_subcommand(verb).is_some(), "{call}");
            }
        }
    }
}
