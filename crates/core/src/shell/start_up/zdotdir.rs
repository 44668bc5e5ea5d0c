//! Where zsh's start-up files are: `~/.zshenv` may say so in a variable that it does not export.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Shell;
use super::lines::live_lines;

/// A longer value is none that a person has written; doubled, it would take any amount of memory.
const MAX_LENGTH: usize = 4096;

/// The bytes of all values. What comes later is not known.
const MOST_BYTES: usize = 1 << 20;

/// What the files that zsh reads first say of the directory of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zdotdir {
    /// Nothing.
    Unset,
    /// It is this one.
    Known(PathBuf),
    /// Something sets it that only zsh itself could evaluate.
    Unknown,
}

/// Reads the assignments of simple values in the files, in the order in which zsh reads them. Variables have the values of
/// the environment before.
pub fn zdotdir(files: &[Vec<u8>], lookup: &dyn Fn(&str) -> Option<OsString>) -> Zdotdir {
    directory_of("ZDOTDIR", files, None, lookup)
}

/// Where the files are that oh-my-zsh sources: `files` are those that zsh reads, up to the line that sources it, and
/// `usual` is where it is if they say nothing.
pub fn zsh_custom(files: &[Vec<u8>], usual: &Path, lookup: &dyn Fn(&str) -> Option<OsString>) -> Zdotdir {
    let named = |variable: &str, lookup: &dyn Fn(&str) -> Option<OsString>| {
        let found = directory_of(variable, files, Some("oh-my-zsh.sh"), lookup);
        let set = lookup(variable).map(PathBuf::from).filter(|path| found == Zdotdir::Unset && path.is_absolute());
        set.map_or(found, Zdotdir::Known)
    };
    let zsh = match named("ZSH", lookup) {
        Zdotdir::Known(directory) => directory,
        Zdotdir::Unset | Zdotdir::Unknown => usual.to_path_buf(),
    };
    match named("ZSH_CUSTOM", lookup) {
        Zdotdir::Unset => Zdotdir::Known(zsh.join("custom")),
        found => found,
    }
}

/// The directory that a variable names after these files, or before a line with a word.
fn directory_of(
    variable: &str,
    files: &[Vec<u8>],
    end: Option<&str>,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Zdotdir {
    let mut values = Values::new(lookup);
    for file in files {
        let lines = live_lines(file, Shell::Zsh);
        let lines = lines.into_iter().take_while(|line| end.is_none_or(|end| !line.contains(end)));
        lines.for_each(|line| values.note(&line));
    }
    match values.known.remove(variable) {
        Some(Some(path)) if path.starts_with('/') => Zdotdir::Known(path.into()),
        Some(_) => Zdotdir::Unknown,
        None => Zdotdir::Unset,
    }
}

/// The variables that start-up files have set so far, with simple values.
pub(super) struct Values<'a> {
    known: BTreeMap<String, Option<String>>,
    room: usize,
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
}

impl<'a> Values<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { known: BTreeMap::new(), room: MOST_BYTES, lookup }
    }

    /// Takes in what a line sets.
    pub(super) fn note(&mut self, line: &str) {
        for (name, text) in assignments(line.trim_end()) {
            let value = self.expand(text);
            self.set(name, value);
        }
    }

    /// Gives a variable this value, or one that is not known.
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        let value = value.filter(|value| value.len() <= self.room);
        self.room -= value.as_ref().map_or(0, String::len);
        let before = self.known.insert(name.to_owned(), value).flatten();
        self.room += before.map_or(0, |value| value.len());
    }

    /// Returns the value of the word at the beginning of a text; none if something in it would have to be run.
    pub(super) fn expand(&self, text: &str) -> Option<String> {
        expand(text, &|name| match self.known.get(name) {
            Some(value) => value.clone(),
            None => (self.lookup)(name)?.into_string().ok(),
        })
    }
}

/// The names that a line sets, each with the text from its value on.
fn assignments(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let line = line.trim_start();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let before = move |at: usize| {
        let start = line[..at].rfind(|c: char| !is_name(c)).map_or(0, |before| before + 1);
        let name = &line[start..at];
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then_some((start, name))
    };
    let of_equals = move |(at, _): (usize, &'_ str)| {
        let (start, name) = before(at)?;
        let is_word = start == 0 || line[..start].ends_with([' ', '\t', ';', '&']);
        is_word.then(|| (name, &line[at + 1..]))
    };
    // `: ${ZDOTDIR:=value}` sets it as well.
    let of_default = move |(at, _): (usize, &'_ str)| {
        let (start, name) = before(at)?;
        line[..start].ends_with("${").then(|| (name, &line[start - 2..]))
    };
    line.match_indices('=').filter_map(of_equals).chain(line.match_indices(":=").filter_map(of_default))
}

/// The value of the word at the beginning of a text; none if something in it would have to be run.
fn expand(text: &str, of: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut value = String::new();
    let mut rest = text;
    let mut is_quoted = false;
    if rest == "~" || rest.starts_with("~/") {
        value += &of("HOME")?;
        rest = &rest[1..];
    }
    while let Some(letter) = rest.chars().next() {
        if value.len() > MAX_LENGTH {
            return None;
        }
        let after = &rest[letter.len_utf8()..];
        rest = match letter {
            '"' => {
                is_quoted = !is_quoted;
                after
            }
            '\'' if !is_quoted => {
                let (inside, after) = after.split_once('\'')?;
                value += inside;
                after
            }
            '$' => {
                let (text, after) = variable(after, of)?;
                value += &text;
                after
            }
            '`' | '*' | '?' | '(' | '{' | '\\' if !is_quoted || letter == '`' || letter == '\\' => return None,
            ' ' | '\t' | ';' | '&' | '#' | '}' if !is_quoted => break,
            _ => {
                value.push(letter);
                after
            }
        };
    }
    (!is_quoted && !value.is_empty()).then_some(value)
}

/// The value of the variable after a dollar, and what comes after it.
fn variable<'a>(text: &'a str, of: &dyn Fn(&str) -> Option<String>) -> Option<(String, &'a str)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(inside) = text.strip_prefix('{') else {
        let end = text.find(|c: char| !is_name(c)).unwrap_or(text.len());
        return (end > 0).then(|| Some((of(&text[..end])?, &text[end..])))?;
    };
    let (body, after) = inside.split_at(closing(inside)?);
    let after = &after[1..];
    let end = body.find(|c: char| !is_name(c)).unwrap_or(body.len());
    let (name, operator) = body.split_at(end);
    let set = of(name).filter(|value| !value.is_empty() || operator.is_empty());
    let default = [":-", ":=", "-"].iter().find_map(|sign| operator.strip_prefix(sign));
    match (operator, set, default) {
        ("", set, _) => Some((set?, after)),
        (_, Some(value), Some(_)) => Some((value, after)),
        (_, None, Some(default)) => Some((expand(default, of)?, after)),
        _ => None,
    }
}

/// Where the brace is that closes what the text begins in.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().take(MAX_LENGTH).find_map(|(at, letter)| {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Zdotdir {
        let lookup = |name: &str| (name == "HOME").then(|| OsString::from("/home/me"));
        zdotdir(&[text.as_bytes().to_vec()], &lookup)
    }

    #[test]
    fn simple_values_are_evaluated() {
        for text in [
            "ZDOTDIR=$HOME/.config/zsh",
            "export ZDOTDIR=\"$HOME/.config/zsh\" # mine",
            "ZDOTDIR=~/.config/zsh;",
            "typeset -gx ZDOTDIR=${HOME}/.config/zsh",
            "export ZDOTDIR=${XDG_CONFIG_HOME:-$HOME/.config}/zsh",
            "export ZDOTDIR=\"${XDG_CONFIG_HOME:-${HOME}/.config}/zsh\"",
            "XDG_CONFIG_HOME=~/.config\nZDOTDIR=$XDG_CONFIG_HOME/zsh",
            ": ${ZDOTDIR:=$HOME/.config/zsh}",
            "[[ -d ~/.config/zsh ]] && ZDOTDIR='/home/me/.config/zsh'",
            "ZDOTDIR=/elsewhere\n# ZDOTDIR=/no\nZDOTDIR=$HOME/.config/zsh",
            "HOME=/other; HOME=/home/me\nZDOTDIR=$HOME/.config/zsh",
        ] {
            assert_eq!(read(text), Zdotdir::Known("/home/me/.config/zsh".into()), "{text}");
        }
        for text in ["", "# ZDOTDIR=/x", "MY_ZDOTDIR=/x", "PATH=/x:$PATH", "echo \"ZDOTDIR=/x\""] {
            assert_eq!(read(text), Zdotdir::Unset, "{text}");
        }
        for text in
            ["ZDOTDIR=$(where)/zsh", "ZDOTDIR=`x`", "ZDOTDIR=$UNSET/zsh", "ZDOTDIR=zsh", "ZDOTDIR=${0:h}", "ZDOTDIR="]
        {
            assert_eq!(read(text), Zdotdir::Unknown, "{text}");
        }
    }

    #[test]
    fn the_files_of_oh_my_zsh_may_be_anywhere() {
        let lookup = |name: &str| (name == "HOME").then(|| OsString::from("/home/me"));
        let custom = |text: &str| zsh_custom(&[text.into()], "/home/me/.oh-my-zsh".as_ref(), &lookup);
        for (text, expected) in [
            ("source ~/.oh-my-zsh/oh-my-zsh.sh", "/home/me/.oh-my-zsh/custom"),
            ("export ZSH=~/omz\nsource $ZSH/oh-my-zsh.sh", "/home/me/omz/custom"),
            ("ZSH=~/omz\nZSH_CUSTOM=$ZSH/mine # here\nsource $ZSH/oh-my-zsh.sh", "/home/me/omz/mine"),
            ("ZSH_CUSTOM=\"$HOME/dot files\"\nsource $ZSH/oh-my-zsh.sh\nZSH_CUSTOM=/late", "/home/me/dot files"),
            ("# ZSH_CUSTOM=/path/to/new-custom-folder\nsource $ZSH/oh-my-zsh.sh", "/home/me/.oh-my-zsh/custom"),
        ] {
            assert_eq!(custom(text), Zdotdir::Known(expected.into()), "{text}");
        }
        assert_eq!(custom("ZSH_CUSTOM=$(find x)\n"), Zdotdir::Unknown);
        let exported = |name: &str| (name == "ZSH_CUSTOM").then(|| OsString::from("/exported"));
        assert_eq!(zsh_custom(&[], Path::new("/x"), &exported), Zdotdir::Known("/exported".into()));
    }
}
