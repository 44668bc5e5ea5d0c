//! Why there is no bundle, and why one was refused.

use std::fmt;
use std::path::PathBuf;

use super::offer::{Missing, MissingReason};
use crate::env::name::EnvName;
use crate::fs::PathError;
use crate::fs::room::NoRoom;
use crate::pack::ArchiveProblem;
use crate::wheel::{IndexError, WheelError};

/// What is between a system and a Python in the name of a target.
pub(super) const AND_PYTHON: &str = " and Python ";

/// Why no bundle was made.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Packages of which no wheel can be made.
    #[error("{} cannot be bundled: {}", packages(.0), list(.0))]
    Unfit(Vec<Unfit>),
    /// The environment has no packages directory of any Python.
    #[error("`{name}` has no `lib/pythonX.Y/site-packages`")]
    NoLibrary {
        /// The environment.
        name: EnvName,
    },
    /// Packages of which there is no wheel.
    #[error("{} no wheel that could be bundled: {}", have(count(.0)), joined(.0))]
    Missing(Vec<Missing>),
    /// Two targets want files of one name with different contents.
    #[error("`{file}` has two hashes")]
    TwoHashes {
        /// The file.
        file: String,
    },
    /// A file on this machine is not the one that was promised.
    #[error("`{}` does not have the hash that is recorded for it", path.display())]
    Hash {
        /// The file.
        path: PathBuf,
    },
    /// A disk is too small.
    #[error("{room}")]
    NoRoom {
        /// How much is needed, and where.
        room: NoRoom,
        /// Whether it is that of the cache.
        is_cache: bool,
    },
    /// A file could not be fetched.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What was fetched is no wheel.
    #[error(transparent)]
    Wheel(#[from] WheelError),
    /// The directory is there already.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// The name of the bundle promises another format.
    #[error("`{}` would be an uncompressed tar, whatever its name says", path.display())]
    Ending {
        /// The bundle.
        path: PathBuf,
    },
    /// The bundle would be a part of what it is made from.
    #[error("`{}` is inside the environment that is to be bundled", path.display())]
    IntoItself {
        /// The bundle.
        path: PathBuf,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// A package of which no wheel can be made.
#[derive(Debug)]
pub struct Unfit {
    /// Its name.
    pub name: String,
    /// Why.
    pub obstacle: Obstacle,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.name, self.obstacle)
    }
}

/// Why no wheel can be made of an installed package.
#[derive(Debug, thiserror::Error)]
pub enum Obstacle {
    /// Its files are elsewhere.
    #[error("is imported from `{}`", .0.display())]
    Editable(PathBuf),
    /// Nobody knows which files are its own.
    #[error("has no list of its files")]
    NoRecord,
    /// Its list of files is damaged.
    #[error("has a damaged list of its files")]
    Record,
    /// A file of it is in no place that a wheel can name.
    #[error("has the file `{}`, which is outside of the environment", .0.display())]
    Outside(PathBuf),
    /// Its files are not as they were installed.
    #[error("has changed files: {}", shown(.0))]
    Altered(Vec<PathBuf>),
    /// It does not say for which Pythons and systems it was built.
    #[error("does not record for which Python and system it was built")]
    NoTags,
    /// Its version is none that a wheel can have.
    #[error("has the version `{0}`, which no wheel can have")]
    Version(String),
    /// A file could not be read.
    #[error("has files that cannot be read: {}", reason(.0))]
    Path(#[from] PathError),
}

/// Why a bundle was refused.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no bundle.
    #[error("`{}` is not a bundle: {reason}", path.display())]
    NoBundle {
        /// The file or directory.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// It may be a bundle, which somebody has compressed.
    #[error("`{}` is compressed by {program}, and a bundle is read as it was made", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
        /// The program that compresses so.
        program: &'static str,
    },
    /// The archive is damaged or hostile.
    #[error("could not read `{}`: {problem}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: ArchiveProblem,
    },
    /// A newer program made it.
    #[error("`{}` is of version {schema}, which this program does not know", path.display())]
    Schema {
        /// The bundle.
        path: PathBuf,
        /// The version.
        schema: u64,
    },
    /// A file is not the one that was bundled.
    #[error("`{file}` in `{}` does not have the hash that is recorded for it", path.display())]
    Hash {
        /// The bundle.
        path: PathBuf,
        /// The file in it.
        file: String,
    },
    /// A file that was bundled is not there.
    #[error("`{file}` is missing in `{}`", path.display())]
    Missing {
        /// The bundle.
        path: PathBuf,
        /// The file in it.
        file: String,
    },
    /// A file is there that was not bundled.
    #[error("`{file}` in `{}` is not listed in its `SHA256SUMS`", path.display())]
    Unlisted {
        /// The bundle.
        path: PathBuf,
        /// The file in it.
        file: String,
    },
    /// It is for another Python.
    #[error("the bundle is for {wanted}, not for {found}")]
    OtherPython {
        /// The Python that it is for.
        wanted: String,
        /// The Python that was chosen.
        found: String,
    },
    /// It is for other machines.
    #[error("the bundle is for {wanted}, and this machine is {here}")]
    OtherMachine {
        /// What it is for.
        wanted: String,
        /// What this is.
        here: String,
    },
    /// The C library is too old.
    #[error("the bundle needs glibc {needed}, and this machine has {here}")]
    OldGlibc {
        /// The oldest that will do.
        needed: String,
        /// What is here.
        here: String,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

fn have(count: usize) -> String {
    if count == 1 { "a package has".into() } else { format!("{count} packages have") }
}

/// How many packages they are, whatever the number of systems.
fn count(missing: &[Missing]) -> usize {
    missing.chunk_by(|a, b| a.key == b.key).count()
}

/// Each package once, with all systems for which it has no wheel.
fn joined(missing: &[Missing]) -> String {
    let is_same = |a: &Missing, b: &Missing| a.key == b.key && targets(a).is_some() && targets(b).is_some();
    let sentences = missing.chunk_by(is_same).map(|chunk| {
        let others = chunk.iter().rev().skip(1).rev().filter_map(|missing| Some(targets(missing)?.0));
        let others: String = others.flat_map(|platform| [platform, ", "]).collect();
        match chunk.last().map(|last| (last, targets(last))) {
            Some((last, Some((platform, python)))) => {
                format!("`{}` has no wheel for {others}{platform}{AND_PYTHON}{python}", last.key)
            }
            Some((last, None)) => last.to_string(),
            None => String::new(),
        }
    });
    sentences.collect::<Vec<_>>().join("; ")
}

/// The system and the Python for which there is no wheel.
fn targets(missing: &Missing) -> Option<(&str, &str)> {
    match &missing.reason {
        MissingReason::NotFor(target) => target.split_once(AND_PYTHON),
        _ => None,
    }
}

fn packages(unfit: &[Unfit]) -> String {
    match unfit.len() {
        1 => "a package".into(),
        count => format!("{count} packages"),
    }
}

fn list(unfit: &[Unfit]) -> String {
    unfit.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn shown(paths: &[PathBuf]) -> String {
    let first = paths.first().map(|path| format!("`{}`", path.display())).unwrap_or_default();
    match paths.len() {
        0 | 1 => first,
        count => format!("{first} and {} more", count - 1),
    }
}

fn reason(error: &PathError) -> String {
    format!("{error}: {}", error.source)
}
