//! The grammar of `.env` files, one assignment after the other.

use std::collections::HashMap;

use super::variable::{Variable, is_too_long, is_variable};

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Bytes that are not text.
    #[error("it is not valid UTF-8")]
    NotUtf8,
    /// A NUL, which no variable can hold.
    #[error("it contains a NUL byte")]
    Nul,
    /// No `=`.
    #[error("it is not of the form `NAME=VALUE`")]
    NoAssignment,
    /// What is before the `=` is no name.
    #[error("the text before `=` is not a variable name")]
    Name,
    /// A quote without its partner.
    #[error("the quote is not closed")]
    Unclosed,
    /// With what it refers to, the value is longer than any program can be given.
    #[error("its value is too long")]
    TooLong,
    /// Text after the closing quote.
    #[error("there is text after the closing quote")]
    AfterQuote,
}

/// The longest that all values together may become: no system gives a program more. References to references would
/// double a value with every line.
const MAX_VALUES: usize = 1 << 20;

/// Reads a text from front to back.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Nothing in the place of an assignment that a later one has replaced.
    variables: Vec<Option<Variable>>,
    /// Where the variable of a name is.
    places: HashMap<String, usize>,
    /// How long all values together have been so far, also those that a later line has replaced.
    size: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, variables: Vec::new(), places: HashMap::new(), size: 0 }
    }

    pub(super) fn variables(mut self) -> Result<Vec<Variable>, (usize, Problem)> {
        if let Some(at) = self.text.find('\0') {
            return Err((self.line_of(at), Problem::Nul));
        }
        while self.at < self.text.len() {
            let start = self.at;
            self.assignment().map_err(|problem| (self.line_of(start), problem))?;
        }
        Ok(self.variables.into_iter().flatten().collect())
    }

    /// One line, or several where a quoted value goes on.
    fn assignment(&mut self) -> Result<(), Problem> {
        let line = self.rest_of_line();
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            self.skip_line();
            return Ok(());
        }
        let (before, after) = content.split_once('=').ok_or(Problem::NoAssignment)?;
        let name = before.trim();
        let name = name.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(name).trim();
        if !is_variable(name) {
            return Err(Problem::Name);
        }
        let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
        self.at += line.len() - after.len() + blanks;
        let value = match self.text[self.at..].chars().next() {
            Some('\'') => self.quoted('\'')?,
            Some('"') => self.quoted('"')?,
            _ => self.bare()?,
        };
        self.set(name, value)
    }

    /// Everything up to a comment, without the blanks around it.
    fn bare(&mut self) -> Result<String, Problem> {
        let line = self.rest_of_line();
        let is_comment = |at: usize| line[..at].is_empty() || line[..at].ends_with([' ', '\t']);
        let end = line.match_indices('#').map(|(at, _)| at).find(|&at| is_comment(at)).unwrap_or(line.len());
        let mut value = String::new();
        self.expand(line[..end].trim(), &mut value)?;
        self.skip_line();
        Ok(value)
    }

    /// A value between quotes, which may hold line ends; only double quotes know escapes and references.
    fn quoted(&mut self, quote: char) -> Result<String, Problem> {
        let body = &self.text[self.at + 1..];
        let mut value = String::new();
        let mut pending = String::new();
        let mut characters = body.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                _ if character == quote => {
                    match quote {
                        '"' => self.expand(&pending, &mut value)?,
                        _ => value = pending,
                    }
                    self.at += 1 + at + 1;
                    let behind = self.rest_of_line().trim();
                    if !behind.is_empty() && !behind.starts_with('#') {
                        return Err(Problem::AfterQuote);
                    }
                    self.skip_line();
                    return Ok(value);
                }
                '\\' if quote == '"' => {
                    let escaped = characters.next().map(|(_, escaped)| escaped).ok_or(Problem::Unclosed)?;
                    // What is escaped is never a part of a reference.
                    self.expand(&std::mem::take(&mut pending), &mut value)?;
                    push_escaped(escaped, &mut value);
                }
                _ => pending.push(character),
            }
        }
        Err(Problem::Unclosed)
    }

    /// Replaces `$NAME` and `${NAME}` where the variable is set above; everything else stays as it is written.
    fn expand(&self, text: &str, result: &mut String) -> Result<(), Problem> {
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            result.push_str(&rest[..at]);
            rest = &rest[at..];
            let (name, length) = reference(rest);
            match self.places.get(name).and_then(|&place| self.variables[place].as_ref()) {
                Some(variable) => result.push_str(&variable.value),
                None => result.push_str(&rest[..length]),
            }
            rest = &rest[length..];
            if result.len() > MAX_VALUES {
                return Err(Problem::TooLong);
            }
        }
        result.push_str(rest);
        Ok(())
    }

    /// The last assignment of a name counts.
    fn set(&mut self, name: &str, value: String) -> Result<(), Problem> {
        if is_too_long(name, &value) {
            return Err(Problem::TooLong);
        }
        self.size += value.len();
        if let Some(replaced) = self.places.insert(name.to_string(), self.variables.len()) {
            self.variables[replaced] = None;
        }
        self.variables.push(Some(Variable { name: name.to_string(), value }));
        if self.size > MAX_VALUES { Err(Problem::TooLong) } else { Ok(()) }
    }

    fn rest_of_line(&self) -> &'a str {
        let rest = &self.text[self.at..];
        &rest[..rest.find('\n').unwrap_or(rest.len())]
    }

    fn skip_line(&mut self) {
        self.at = (self.at + self.rest_of_line().len() + 1).min(self.text.len());
    }

    fn line_of(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }
}

fn push_escaped(escaped: char, value: &mut String) {
    match escaped {
        'n' => value.push('\n'),
        'r' => value.push('\r'),
        't' => value.push('\t'),
        '"' | '\\' | '$' | '`' => value.push(escaped),
        // A line end after a backslash is not there, as in a shell.
        '\n' => {}
        other => value.extend(['\\', other]),
    }
}

/// The name in a text that begins with `$`, and how long the whole reference is; an empty name for other text.
fn reference(text: &str) -> (&str, usize) {
    let body = &text[1..];
    if let Some(braced) = body.strip_prefix('{') {
        return match braced.find('}').filter(|&end| is_variable(&braced[..end])) {
            Some(end) => (&braced[..end], end + 3),
            None => ("", 1),
        };
    }
    let end = body.find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    let name = &body[..end.unwrap_or(body.len())];
    (name, name.len() + 1)
}
