//! Where zsh's start-up files are: `~/.zshenv` may say so in a variable that it does not export.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::Shell;
use super::lines::live_lines;

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
    let mut values = Values::new(lookup);
    files.iter().flat_map(|file| live_lines(file, Shell::Zsh)).for_each(|line| values.note(&line));
    match values.known.remove("ZDOTDIR") {
        Some(Some(path)) if path.starts_with('/') => Zdotdir::Known(path.into()),
        Some(_) => Zdotdir::Unknown,
        None => Zdotdir::Unset,
    }
}

/// The variables that start-up files have set so far, with simple values.
pub(super) struct Values<'a> {
    known: BTreeMap<String, Option<String>>,
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
}

impl<'a> Values<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { known: BTreeMap::new(), lookup }
    }

    /// Takes in what a line sets.
    pub(super) fn note(&mut self, line: &str) {
        for (name, text) in assignments(line.trim_end()) {
            let value = self.expand(text);
            self.known.insert(name.to_owned(), value);
        }
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
fn assignments(line: &str) -> Vec<(&str, &str)> {
    let line = line.trim_start();
    // `: ${ZDOTDIR:=value}` sets it as well.
    let default = line.find("${ZDOTDIR:=").map(|at| ("ZDOTDIR", &line[at..]));
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let of_equals = |(at, _): (usize, &str)| {
        let start = line[..at].rfind(|c: char| !is_name(c)).map_or(0, |before| before + 1);
        let is_word = start == 0 || line[..start].ends_with([' ', '\t', ';', '&']);
        let name = &line[start..at];
        (is_word && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')).then(|| (name, &line[at + 1..]))
    };
    line.match_indices('=').filter_map(of_equals).chain(default).collect()
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
    text.char_indices().find_map(|(at, letter)| {
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
}
