//! The files that start-up files source.

use std::cell::Cell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Shell;
use super::calls::{loop_head, source_argument};
use super::lines::{commands, live_lines};
use super::words::{List, expanded, split};
use super::zdotdir::Values;

/// The scripts of virtualenvwrapper that start-up files source.
pub(super) const ENTRIES: [&str; 2] = ["virtualenvwrapper.sh", "virtualenvwrapper_lazy.sh"];

/// Nobody has more; a file can write another one.
const MOST_FILES: usize = 200;

/// Nor does anybody have more words of loops, files that are sourced and directories in which patterns look.
const MOST_LOOKS: usize = 50_000;

/// How the user's files are read: where a variable of the environment, a file or a directory is asked for.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The value of a variable.
    pub lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// The content of a file, if it is one.
    pub read: &'a dyn Fn(&Path) -> Vec<u8>,
    /// The names in a directory, in their order; none of what is no directory.
    pub list: List<'a>,
}

/// Returns the other files that start-up files source, also one by another: by paths of simple values, by patterns, and
/// in loops over those. What a condition says is not looked at, and scripts of virtualenvwrapper are left out.
pub fn sourced(files: &[PathBuf], shell: Shell, reading: Reading<'_>) -> Vec<PathBuf> {
    let mut found = files.to_vec();
    let left = Cell::new(MOST_LOOKS);
    let list = |directory: &Path| if spend(&left, 1) { (reading.list)(directory) } else { Vec::new() };
    let values = Values::new(reading.lookup);
    let mut reader = Reader { values, list: &list, left: &left, shell, turns: None };
    let mut at = 0;
    while at < found.len() && found.len() < MOST_FILES && left.get() > 0 {
        let content = (reading.read)(&found[at]);
        for line in live_lines(&content, shell).take_while(|_| left.get() > 0) {
            reader.values.note(&line);
            let commands = commands(&line, shell).into_iter().take_while(|_| left.get() > 0);
            for path in commands.flat_map(|command| reader.sourced_by(command)) {
                if found.len() < MOST_FILES && !found.contains(&path) {
                    found.push(path);
                }
            }
        }
        at += 1;
    }
    found.split_off(files.len())
}

/// Takes some of the looks that are left. Returns whether there were any.
fn spend(left: &Cell<usize>, looks: usize) -> bool {
    left.replace(left.get().saturating_sub(looks)) > 0
}

/// What is known where a line is read.
struct Reader<'a> {
    values: Values<'a>,
    list: List<'a>,
    left: &'a Cell<usize>,
    shell: Shell,
    /// The variable of the last loop, and its values.
    turns: Option<(String, Vec<String>)>,
}

impl Reader<'_> {
    /// The files that a command sources, in each turn of the loop that it may be in.
    fn sourced_by(&mut self, command: &str) -> Vec<PathBuf> {
        let (head, body) = loop_head(command);
        if let Some((name, words)) = head {
            let words = expanded(words, self.shell, &self.values, self.list);
            spend(self.left, words.len());
            self.turns = Some((name.to_owned(), words));
            self.values.set(name, None);
        }
        let Some(argument) = source_argument(body).and_then(|text| split(text, self.shell).first().copied()) else {
            return Vec::new();
        };
        spend(self.left, 1 + self.turns.as_ref().map_or(0, |(_, words)| words.len()));
        let mut found: Vec<_> = self.file(argument).into_iter().collect();
        if let Some((name, turns)) = &self.turns {
            for turn in turns {
                self.values.set(name, Some(turn.clone()));
                found.extend(self.file(argument));
            }
        }
        found
    }

    /// The file that an argument names: what a pattern finds besides is an argument of that.
    fn file(&self, argument: &str) -> Option<PathBuf> {
        let path = expanded(argument, self.shell, &self.values, self.list).into_iter().next().map(PathBuf::from)?;
        (path.is_absolute() && !ENTRIES.iter().any(|name| path.ends_with(name))).then_some(path)
    }
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
        let list = |path: &Path| match path.to_str() {
            Some("/me/d") => [".hidden.sh", "a.sh", "b.sh", "notes", "sub"].map(OsString::from).to_vec(),
            Some("/me/d/sub") => vec![OsString::from("c.sh")],
            _ => Vec::new(),
        };
        sourced(&["/me/rc".into()], shell, Reading { lookup: &lookup, read: &read, list: &list })
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

    #[test]
    fn loops_and_patterns_are_followed() {
        use Shell::{Bash, Fish, Zsh};
        const SH: &[&str] = &["/me/d/a.sh", "/me/d/b.sh"];
        const ALL: &[&str] = &["/me/d/a.sh", "/me/d/b.sh", "/me/d/notes", "/me/d/sub"];
        for (text, shell, expected) in [
            (
                "if [ -d ~/d ]; then\n for rc in ~/d/*; do\n if [ -f \"$rc\" ]; then\n . \"$rc\"\n fi\n done\nfi\nunset rc",
                Bash,
                ALL,
            ),
            ("for f in ~/d/*.sh; do source $f; done", Zsh, SH),
            ("[ -d ~/d ] && for f in \"$HOME\"/d/*.sh; do [[ -r ${f} ]] && source \"${f}\"; done", Bash, SH),
            ("for f (~/d/*.sh) source $f", Zsh, SH),
            ("for f (~/d/*.sh(N.)) { source $f }", Zsh, SH),
            ("foreach f ($HOME/d/*.sh(N))\n  . $f\nend", Zsh, SH),
            ("for f in ~/d/*.sh(N); do source $f; done", Zsh, SH),
            ("for f in ~/d/*.sh\n    test -r $f; and source $f\nend", Fish, SH),
            ("D=~/d; for f in $D/[ab].sh; do . \"$f\"; done", Bash, SH),
            ("for f in ~/d/?.\"sh\" ~/x; do . \"$f\"; done", Bash, &["/me/d/a.sh", "/me/d/b.sh", "/me/x"]),
            ("for f in ~/.{x,y,z}; do\n\t[ -r \"$f\" ] && source \"$f\";\ndone", Bash, &["/me/.x", "/me/.y", "/me/.z"]),
            ("for f in x y; do . ~/d/$f.sh 2>/dev/null; done", Bash, &["/me/d/x.sh", "/me/d/y.sh"]),
            ("for f in ~/d/**/c.*; do . $f; done", Zsh, &["/me/d/sub/c.sh"]),
            ("for f in ~/d/.*.sh; do . $f; done", Bash, &["/me/d/.hidden.sh"]),
            ("source ~/d/*.sh", Zsh, &["/me/d/a.sh"]),
            ("for f in ~/x; do :; done; for f in $(ls); do . $f; done", Bash, &[]),
            ("for f in ~/d/*.sh; do echo $f; done; . $g", Bash, &[]),
            ("# for f in ~/d/*.sh; do . $f; done", Bash, &[]),
            ("for f in d/*; do . $f; done", Bash, &[]),
            ("for f in ~/none/*; do . $f; done", Bash, &[]),
            ("for f (~/d/* ; do . $f", Zsh, &[]),
        ] {
            let expected: Vec<_> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(found(text, shell), expected, "{text}");
        }
    }

    /// A file can ask for more than anybody has the time to look at.
    #[test]
    fn there_is_an_end() {
        let braces = format!("for f in ~/{}; do . $f; done", "{a,b}".repeat(500));
        let words = format!("for f in {}; do . $f; done", "~/x* ~/**/**/**/y ".repeat(500));
        for text in [braces, words, format!(". ~/{}", "{".repeat(100_000)), format!("for f ({}", "(".repeat(100_000))] {
            assert!(found(&text, Shell::Zsh).len() <= 200);
        }
        // Doubled values, and nested ones.
        let doubled: Vec<_> = (1..12).map(|at| format!("A{at}=\"$A{}$A{}\"\n", at - 1, at - 1)).collect();
        let many: Vec<_> = (0..2000).map(|at| format!("B{at}=$A0\n")).collect();
        let value = format!("A0=/{}\n", "a".repeat(3000));
        for text in
            [&(doubled.concat() + ". $A11"), &(many.concat() + ". $B1999"), &format!(". {}", "${a:-".repeat(100_000))]
        {
            assert_eq!(found(&[&value, text.as_str()].concat(), Shell::Bash), [""; 0].map(PathBuf::from));
        }
        let looks = Cell::new(0);
        let list = |_: &Path| {
            looks.set(looks.get() + 1);
            Vec::new()
        };
        let lookup = |_: &str| None;
        let read = |_: &Path| ". /d/*\n".repeat(200_000).into_bytes();
        let reading = Reading { lookup: &lookup, read: &read, list: &list };
        assert_eq!(sourced(&["/rc".into()], Shell::Bash, reading).len(), 0);
        assert!(looks.get() <= MOST_LOOKS);
        let read = |path: &Path| format!("for f in {}/*; do . $f; done", path.display()).into_bytes();
        let list = |_: &Path| (0..300).map(|number| OsString::from(number.to_string())).collect();
        let reading = Reading { lookup: &lookup, read: &read, list: &list };
        assert!(sourced(&["/rc".into()], Shell::Bash, reading).len() <= 200);
    }
}
