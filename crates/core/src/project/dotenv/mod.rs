//! `.env` files, read as data: assignments, quotes, comments, and references to variables set above. Nothing is run.

mod dangerous;
mod scanner;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

pub use dangerous::is_dangerous;

use crate::fs::{self, PathError};

/// The name of the file in a project directory.
pub const FILE_NAME: &str = ".env";

/// More than any file of settings.
const MAX_BYTES: u64 = 1 << 20;

/// A variable and its value, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name, valid in every shell.
    pub name: String,
    /// Its value, without a NUL.
    pub value: String,
}

/// What a file sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The variables to set; each name once.
    pub variables: Vec<Variable>,
    /// Names that were refused, because they change what is executed and were not granted.
    pub refused: Vec<String>,
}

/// Why a file was not applied.
#[derive(Debug, thiserror::Error)]
pub enum DotenvError {
    /// It cannot be read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A line is not an assignment.
    #[error("`{}`, line {line}: {problem}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: Problem,
    },
}

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
    /// Something else stands before the `=`.
    #[error("the text before `=` is not a variable name")]
    Name,
    /// A quote without its partner.
    #[error("the quote is not closed")]
    Unclosed,
    /// Text behind the closing quote.
    #[error("there is text after the closing quote")]
    AfterQuote,
}

/// Reads the `.env` file of a directory; nothing is set where there is none. Variables that change what is executed are
/// set only where `granted` names them.
pub fn read(directory: &Path, granted: &[String]) -> Result<Settings, DotenvError> {
    let file = directory.join(FILE_NAME);
    let content = match fs::read_limited(&file, MAX_BYTES) {
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => return Ok(Settings::default()),
        other => other?,
    };
    let variables = parse(&content).map_err(|(line, problem)| DotenvError::Syntax { file, line, problem })?;
    let is_refused = |name: &String| is_dangerous(name) && !granted.contains(name);
    let (refused, variables): (Vec<_>, Vec<_>) = variables.into_iter().partition(|variable| is_refused(&variable.name));
    Ok(Settings { variables, refused: refused.into_iter().map(|variable| variable.name).collect() })
}

/// Parses the content of a file; an error comes with its line.
pub fn parse(content: &[u8]) -> Result<Vec<Variable>, (usize, Problem)> {
    let valid = |bytes| std::str::from_utf8(bytes);
    let text = valid(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)).map_err(|error| {
        let line = content[..error.valid_up_to()].split(|&byte| byte == b'\n').count();
        (line, Problem::NotUtf8)
    })?;
    scanner::Scanner::new(text).variables()
}
