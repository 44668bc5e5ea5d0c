//! The files that start-up files source.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Shell;
use super::calls::source_argument;
use super::lines::{commands, live_lines};
use super::zdotdir::Values;

/// The scripts of virtualenvwrapper that start-up files source.
pub(super) const ENTRIES: [&str; 2] = ["virtualenvwrapper.sh", "virtualenvwrapper_lazy.sh"];

/// Nobody has more; a file can write another one.
const MOST_FILES: usize = 100;

/// Returns the other files that start-up files source by paths of simple values, also one by another. What a condition
/// says is not looked at, and scripts of virtualenvwrapper are left out.
pub fn sourced(
    files: &[PathBuf],
    shell: Shell,
    lookup: &dyn Fn(&str) -> Option<OsString>,
    read: &dyn Fn(&Path) -> Vec<u8>,
) -> Vec<PathBuf> {
    let mut found = files.to_vec();
    let mut values = Values::new(lookup);
    let mut at = 0;
    while at < found.len().min(MOST_FILES) {
        let content = read(&found[at]);
        for line in live_lines(&content, shell) {
            values.note(&line);
            for argument in commands(&line, shell).into_iter().filter_map(source_argument) {
                let path = values.expand(argument).map(PathBuf::from).filter(|path| path.is_absolute());
                let is_new = |path: &PathBuf| !found.contains(path) && !ENTRIES.iter().any(|name| path.ends_with(name));
                let path = path.filter(is_new);
                found.extend(path);
            }
        }
        at += 1;
    }
    found.split_off(files.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, shell: Shell) -> Vec<PathBuf> {
        let lookup = |name: &str| (name == "HOME").then(|| OsString::from("/me"));
        let read = |path: &Path| match path.to_str() {
            Some("/me/rc") => text.as_bytes().to_vec(),
            Some("/me/a") => b"source /me/b\n. /me/rc\n. /me/a".to_vec(),
            _ => Vec::new(),
        };
        sourced(&["/me/rc".into()], shell, &lookup, &read)
    }

    #[test]
    fn literal_paths_are_followed() {
        for line in [
            ". ~/x",
            "source \"$HOME/x\" # mine",
            "\\. /me/x",
            "[ -f ~/x ] && source '/me/x'",
            "if [ -f ~/x ]; then . ${HOME}/x; fi",
            "D=$HOME; builtin source $D/x arg",
            "test -e ~/x; and source ~/x",
        ] {
            for shell in Shell::ALL {
                assert_eq!(found(line, shell), [Path::new("/me/x")], "{line}");
            }
        }
        for line in [
            "# . ~/x",
            "echo . ~/x",
            ". x",
            ". \"$f\"",
            ". <(x)",
            "source $(x)",
            ". ~/*.sh",
            ".  ~/virtualenvwrapper.sh",
        ] {
            assert_eq!(found(line, Shell::Bash), [""; 0].map(PathBuf::from), "{line}");
        }
        assert_eq!(found(". ~/a", Shell::Zsh), [Path::new("/me/a"), Path::new("/me/b")]);
    }
}
