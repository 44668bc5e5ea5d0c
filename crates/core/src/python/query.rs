//! Asking an interpreter what it is, by running it once.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::answer::{Answer, Raw};
use super::version::OLDEST_MINOR;
use crate::fs::executable::is_executable;
use crate::process::{ChildError, Outcome, run};

/// What is asked; part of the cache key, so that a new question finds no old answers.
pub(super) const SCRIPT: &str = include_str!("query.py");

/// Variables that make an interpreter answer for another one.
const MISLEADING: [&str; 4] = ["__PYVENV_LAUNCHER__", "PYTHONEXECUTABLE", "PYTHONHOME", "PYTHONPATH"];

/// Why an executable could not be used as an interpreter.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// Nothing is there.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// The executable.
        path: PathBuf,
    },
    /// It may not be executed, or is not a file.
    #[error("`{}` is not executable", path.display())]
    NotExecutable {
        /// The executable.
        path: PathBuf,
    },
    /// The system could not start it.
    #[error("could not start `{}`", path.display())]
    Start {
        /// The executable.
        path: PathBuf,
        /// Why the system refused.
        #[source]
        source: io::Error,
    },
    /// It ran, and did not answer as every Python does.
    #[error("`{}` is not a Python interpreter", path.display())]
    NotPython {
        /// The executable.
        path: PathBuf,
    },
    /// It is a Python that environments are not made from.
    #[error("`{}` is an unknown implementation of Python, `{name}`", path.display())]
    UnknownKind {
        /// The executable.
        path: PathBuf,
        /// What it calls its implementation.
        name: String,
    },
    /// It did not answer in time and was ended.
    #[error("`{}` did not answer within {} seconds", path.display(), limit.as_secs_f32())]
    TimedOut {
        /// The executable.
        path: PathBuf,
        /// How long it was waited for.
        limit: Duration,
    },
    /// It failed.
    #[error("`{}` failed with {status}{}", path.display(), said(message))]
    Failed {
        /// The executable.
        path: PathBuf,
        /// How it ended: `exit status: 1`, `signal: 11 (SIGSEGV)`.
        status: String,
        /// The first line that it wrote to its standard error; may be empty.
        message: String,
    },
    /// It is Python 2.
    #[error("`{}` is Python {version}, which is no longer supported", path.display())]
    Python2 {
        /// The executable.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// It is older than any version that environments can be made from.
    #[error("`{}` is Python {version}, which is older than 3.8", path.display())]
    TooOld {
        /// The executable.
        path: PathBuf,
        /// Its version.
        version: String,
    },
}

impl QueryError {
    /// Returns whether it is no Python of a kind or version that is not supported: something is wrong with it.
    pub fn is_broken(&self) -> bool {
        !matches!(self, Self::UnknownKind { .. } | Self::Python2 { .. } | Self::TooOld { .. })
    }
}

/// Returns what follows the message that no Python was found: why one that seemed to be it was not.
pub(super) fn because(failed: Option<&QueryError>) -> String {
    failed.map_or_else(String::new, |error| format!(": {error}"))
}

/// Runs an executable and returns what it says about itself.
///
/// Nothing of the user's is imported on the way: neither `site` nor what it would run.
pub(super) fn query(path: &Path, limit: Duration) -> Result<Answer, QueryError> {
    check_executable(path)?;
    let mut asked = ask(path, "-I", limit)?;
    // Python 2 refuses the switch that isolates, before it runs anything.
    if !asked.outcome.status.success() && first_line(&asked.outcome.stderr).to_lowercase().contains("unknown option") {
        asked = ask(path, "-E", limit)?;
    }
    interpret(path, &asked)
}

fn check_executable(path: &Path) -> Result<(), QueryError> {
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(QueryError::NotExecutable { path: path.into() })
        }
        Err(_) => Err(QueryError::Missing { path: path.into() }),
        Ok(_) if !is_executable(path) => Err(QueryError::NotExecutable { path: path.into() }),
        Ok(_) => Ok(()),
    }
}

/// The answer stands between two cookies, because the start-up code of odd builds prints.
struct Asked {
    outcome: Outcome,
    cookies: [String; 2],
}

fn ask(path: &Path, isolation: &str, limit: Duration) -> Result<Asked, QueryError> {
    let cookies = [cookie(), cookie()];
    let outcome = run(&mut command(path, isolation, &cookies), limit);
    let path = path.to_path_buf();
    match outcome {
        Ok(outcome) => Ok(Asked { outcome, cookies }),
        Err(ChildError::TimedOut) => Err(QueryError::TimedOut { path, limit }),
        Err(ChildError::Start(error)) => Err(match error.kind() {
            io::ErrorKind::PermissionDenied => QueryError::NotExecutable { path },
            // A script whose interpreter is gone; the script itself was there a moment ago.
            _ if error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error()) => {
                QueryError::NotPython { path }
            }
            _ => QueryError::Start { path, source: error },
        }),
    }
}

fn command(path: &Path, isolation: &str, cookies: &[String; 2]) -> Command {
    let mut command = Command::new(path);
    command.args([isolation, "-S", "-B", "-c", SCRIPT]).args(cookies);
    for name in MISLEADING {
        command.env_remove(name);
    }
    command
}

/// Random enough to stand in no other output: the seeds of a hash map.
fn cookie() -> String {
    format!("<{:016x}{:016x}>", RandomState::new().build_hasher().finish(), RandomState::new().build_hasher().finish())
}

fn interpret(path: &Path, asked: &Asked) -> Result<Answer, QueryError> {
    let path = path.to_path_buf();
    if !asked.outcome.status.success() {
        // Another program names the argument that it does not understand: the question.
        if memchr::memmem::find(&asked.outcome.stderr, b"# Prints what").is_some() {
            return Err(QueryError::NotPython { path });
        }
        let status = asked.outcome.status.to_string();
        return Err(QueryError::Failed { path, status, message: first_line(&asked.outcome.stderr) });
    }
    let Some(raw) =
        between(&asked.outcome.stdout, &asked.cookies).and_then(|json| serde_json::from_slice::<Raw>(json).ok())
    else {
        return Err(QueryError::NotPython { path });
    };
    if raw.major < 3 {
        return Err(QueryError::Python2 { path, version: raw.version().to_string() });
    }
    if raw.major == 3 && raw.minor < OLDEST_MINOR {
        return Err(QueryError::TooOld { path, version: raw.version().to_string() });
    }
    let has_stdlib = raw.stdlib_directory().is_some();
    let name = first_line(raw.implementation.as_bytes());
    let unusable =
        |path| if has_stdlib { QueryError::UnknownKind { path, name } } else { QueryError::NotPython { path } };
    raw.into_answer(&path).ok_or_else(|| unusable(path))
}

fn between<'a>(output: &'a [u8], cookies: &[String; 2]) -> Option<&'a [u8]> {
    let start = memchr::memmem::find(output, cookies[0].as_bytes())? + cookies[0].len();
    let length = memchr::memmem::find(&output[start..], cookies[1].as_bytes())?;
    Some(&output[start..start + length])
}

/// The first line that says something, short and without control characters: it ends up on a terminal.
fn first_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().filter(|c| !c.is_control()).take(200).collect()
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

#[cfg(test)]
mod tests;
