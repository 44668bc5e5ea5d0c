//! Copying an environment, so that nothing in the copy is about the source any more.
//!
//! An environment names its own path in hundreds of files. Each file is read once, looked through for every spelling of
//! that path, rewritten by the rule for its kind, and looked through again: what still names the source is reported. No
//! Python is run. The copy is built in a hidden directory and put into its place in one rename.

#[cfg(test)]
mod tests;
mod transfer;
mod tree;

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::env::Environment;
use crate::env::health::{self, Health};
use crate::env::metadata::{self, Metadata};
use crate::env::name::EnvName;
use crate::env::packages;
use crate::fs::{self, PathContext, PathError, PathResult};
use crate::relocate::activation::{path_in_script, prompt_of};
use crate::relocate::mapping::Mapping;
use crate::relocate::rewrite::Rules;
use crate::relocate::{Stale, record};
use crate::shell::activate::{self, ActivateError, Activation};
use crate::store::lock::LockError;
use crate::store::{FindError, HomeError, Store};

/// More than any activation script.
const MAX_SCRIPT_BYTES: u64 = 1 << 20;

/// What to copy.
#[derive(Clone, Debug)]
pub enum Source {
    /// An environment of the store.
    Name(OsString),
    /// An environment anywhere; an absolute path.
    Path(PathBuf),
}

/// What one copy needs beside source and target.
#[derive(Clone, Copy, Debug)]
pub struct CopyOptions<'a> {
    /// The user's home directory, which cannot be the store.
    pub user_home: Option<&'a Path>,
    /// When this is, in seconds since 1970.
    pub now: u64,
}

/// Is told, from several threads, the size in bytes of each file that has been copied.
pub type Progress<'a> = &'a (dyn Fn(u64) + Sync);

/// A finished copy. All paths in the lists are relative to it.
#[derive(Debug)]
pub struct Copied {
    /// The copy.
    pub environment: Environment,
    /// The number of files in it.
    pub files: usize,
    /// The number of files that were rewritten.
    pub rewritten: usize,
    /// Activation scripts that are new because the old ones could not be edited.
    pub regenerated: Vec<PathBuf>,
    /// What is neither a file nor a directory nor a link, and was left out.
    pub skipped: Vec<PathBuf>,
    /// What still names the source, by path.
    pub stale: Vec<(PathBuf, Stale)>,
    /// Whether the copy works; what was broken stays broken.
    pub health: Health,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is nothing to copy.
    #[error(transparent)]
    Source(#[from] FindError),
    /// The path to copy is not there.
    #[error("there is no environment at `{}`", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The name is taken.
    #[error("`{name}` already exists")]
    Exists {
        /// The name.
        name: EnvName,
    },
    /// The store lies inside the environment that is to be copied into it.
    #[error("`{}` cannot be copied into itself", path.display())]
    IntoItself {
        /// The source.
        path: PathBuf,
    },
    /// The source was moved or removed in the meantime.
    #[error("`{}` was moved or removed during the copy", path.display())]
    Vanished {
        /// The source.
        path: PathBuf,
    },
    /// No activation script can name the new path.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// Another process is working on the target.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Store {
    /// Finds what is to be copied: an environment, here or elsewhere.
    pub fn find_source(&self, source: &Source) -> Result<PathBuf, CopyError> {
        match source {
            Source::Name(name) => Ok(self.find(name)?.path().to_path_buf()),
            Source::Path(path) if !path.is_dir() => Err(CopyError::Missing { path: path.clone() }),
            Source::Path(path) if path.join("pyvenv.cfg").exists() || path.join("bin/activate").exists() => {
                Ok(path.clone())
            }
            Source::Path(path) => Err(FindError::NotAnEnvironment { path: path.clone() }.into()),
        }
    }

    /// Copies an environment. Until this returns nothing of the copy is visible; when it fails nothing is left of it.
    pub fn copy(
        &self,
        source: &Source,
        target: &EnvName,
        options: &CopyOptions<'_>,
        progress: Progress<'_>,
    ) -> Result<Copied, CopyError> {
        let given = self.find_source(source)?;
        let real = given.canonicalize().at("read", &given)?;
        self.create_home(options.user_home)?;
        if self.home().canonicalize().is_ok_and(|home| home.starts_with(&real)) {
            return Err(CopyError::IntoItself { path: given });
        }
        let lock = self.lock(target)?;
        let environment = Environment::new(target.clone(), lock.target());
        if std::fs::symlink_metadata(environment.path()).is_ok() {
            return Err(CopyError::Exists { name: target.clone() });
        }
        let shown = target.as_os_str().to_string_lossy();
        activate::check(&Activation { env: environment.path(), prompt: &shown })?;
        let rules = rules(&given, &real, &environment);
        let before = identity(&real)?;
        let outcome = tree::copy(&real, &lock.staging(), &rules, progress)?;
        finish(&lock.staging(), &real, environment.path(), &outcome, options)?;
        if identity(&real).ok() != Some(before) {
            return Err(CopyError::Vanished { path: given });
        }
        lock.publish().map_err(|error| taken_meanwhile(error, target))?;
        Ok(copied(environment, outcome))
    }
}

fn copied(environment: Environment, outcome: tree::Outcome) -> Copied {
    let tree::Outcome { mut tally, mut skipped, .. } = outcome;
    tally.stale.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    tally.regenerated.sort();
    skipped.sort();
    let libraries = packages::library_directories(environment.path());
    let health = health::examine(&environment, environment.cfg().as_ref(), &libraries, &mut HashMap::new());
    Copied {
        environment,
        files: tally.files,
        rewritten: tally.changed.len(),
        regenerated: tally.regenerated,
        skipped,
        stale: tally.stale,
        health,
    }
}

/// What depends on more than one file: lists of hashes, and our own notes.
fn finish(
    staging: &Path,
    source: &Path,
    target: &Path,
    outcome: &tree::Outcome,
    options: &CopyOptions<'_>,
) -> PathResult<()> {
    let changed: HashSet<PathBuf> = outcome.tally.changed.iter().cloned().collect();
    for record in &outcome.tally.records {
        record::update(staging, target, record, &changed)?;
    }
    outcome.close()?;
    let noted = Metadata {
        created: Some(options.now),
        version: Some(env!("CARGO_PKG_VERSION").to_string()),
        requested_python: Metadata::read(source).requested_python,
        temporary: None,
    };
    fs::write_new(&metadata::path(staging), noted.to_toml().as_bytes(), 0o666)
}

/// Everything that names the source: its path as it was given, as the file system has it, and as its own scripts say.
fn rules(given: &Path, real: &Path, environment: &Environment) -> Rules {
    let source = Environment::new(environment.name().clone(), real.to_path_buf());
    let cfg = source.cfg();
    let mut old = vec![given.to_path_buf(), real.to_path_buf()];
    let script = fs::read_limited(&source.activate_script(), MAX_SCRIPT_BYTES).unwrap_or_default();
    let home = cfg.as_ref().and_then(|cfg| cfg.home()).map(PathBuf::from);
    old.extend(path_in_script(&script).filter(|path| is_specific(path, real, home.as_deref())));
    let prompt = prompt_of(cfg.as_ref(), given, environment.name().as_os_str());
    Rules { mapping: Mapping::new(&old, environment.path()), prompt }
}

/// Tells whether a path from a script can only mean the environment: one that also holds other things, such as the
/// system's programs, must not be replaced everywhere.
fn is_specific(path: &Path, real: &Path, base: Option<&Path>) -> bool {
    let is_above = |other: &Path| other.starts_with(path);
    path.components().count() > 2 && (path == real || !is_above(real)) && !base.is_some_and(is_above)
}

/// What tells a directory from another that takes its path.
fn identity(path: &Path) -> PathResult<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).at("read", path)?;
    Ok((found.dev(), found.ino()))
}

fn taken_meanwhile(error: PathError, name: &EnvName) -> CopyError {
    if error.source.kind() == std::io::ErrorKind::AlreadyExists {
        CopyError::Exists { name: name.clone() }
    } else {
        error.into()
    }
}
