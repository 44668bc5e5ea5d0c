//! `.env` files, read as data: assignments, quotes, comments, and references to variables set above. Nothing is run.

mod dangerous;
mod scanner;
mod special;
mod variable;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

pub use dangerous::is_dangerous;
pub use scanner::Problem;
pub use variable::{Variable, is_too_long, is_variable};

use crate::fs::{self, PathError};

/// The name of the file in a project directory.
pub const FILE_NAME: &str = ".env";

/// More than any file of settings.
const MAX_BYTES: u64 = 1 << 20;

/// What a file sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The variables to set; each name once.
    pub variables: Vec<Variable>,
    /// Names that were refused, because they change what is executed and were not granted, or because shells keep them
    /// for themselves.
    pub refused: Vec<String>,
    /// Those of the refused that a program can be given, if not a shell: `UID`, `GID` and `USERNAME`.
    pub for_programs: Vec<Variable>,
}

/// Why a file was not applied.
#[derive(Debug, thiserror::Error)]
pub enum DotenvError {
    /// It cannot be read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It was allowed, and has changed since, or something else that was allowed with it.
    #[error("`.env` of `{}` is ignored, since what was allowed there has changed; run `venvwrap allow --dotenv` in it", directory.display())]
    Changed {
        /// The directory.
        directory: PathBuf,
    },
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

/// Reads the `.env` file of a directory; nothing is set where there is none. Variables that change what is executed are
/// set only where `granted` names them.
pub fn read(directory: &Path, granted: &[String]) -> Result<Settings, DotenvError> {
    let file = directory.join(FILE_NAME);
    let content = match fs::read_limited(&file, MAX_BYTES) {
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => return Ok(Settings::default()),
        other => other?,
    };
    let variables = parse(&content).map_err(|(line, problem)| DotenvError::Syntax { file, line, problem })?;
    // What a shell keeps for itself would end the plan in the middle, whoever has granted it.
    let is_refused = |name: &String| special::is_special(name) || (is_dangerous(name) && !granted.contains(name));
    let (refused, variables): (Vec<_>, Vec<_>) = variables.into_iter().partition(|variable| is_refused(&variable.name));
    let for_programs = refused.iter().filter(|variable| is_for_programs(&variable.name)).cloned().collect();
    Ok(Settings { variables, refused: refused.into_iter().map(|variable| variable.name).collect(), for_programs })
}

/// Returns whether the user may grant a variable; what shells keep for themselves nobody can.
pub fn is_grantable(name: &str) -> bool {
    !special::is_special(name)
}

/// Returns whether a program can be given a variable that shells keep for themselves.
pub fn is_for_programs(name: &str) -> bool {
    special::OF_USERS.contains(&name)
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
