//! Copying step by step: the tree, then what depends on more than one file, then the rename into place.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::tree::{self, CopiedTree};
use super::{Copied, CopyError, Progress, Source};
use crate::env::elsewhere;
use crate::env::health::{self, Memory};
use crate::env::metadata::{self, Metadata};
use crate::env::name::EnvName;
use crate::env::packages;
use crate::env::{self, Environment};
use crate::fs::order::Order as _;
use crate::fs::{self, PathContext, PathError, PathResult};
use crate::relocate::rewrite::Rules;
use crate::relocate::{outward, record};
use crate::shell::activate::{self, Activation};
use crate::store::find::FindError;
use crate::store::home::Store;

impl Store {
    /// Finds what is to be copied: an environment, here or elsewhere.
    pub fn find_source(&self, source: &Source) -> Result<PathBuf, CopyError> {
        match source {
            Source::Name(name) => match self.find(name) {
                Err(FindError::NotAnEnvironment { path, .. }) if env::is_of_conda(&path) => {
                    Err(CopyError::Conda { path })
                }
                other => Ok(other?.path().to_path_buf()),
            },
            Source::Path(path) if env::is_of_conda(path) => Err(CopyError::Conda { path: path.clone() }),
            Source::Path(path) if env::is_environment(path) && path.is_dir() => Ok(path.clone()),
            Source::Path(path) => {
                env::check_readable(path)?;
                if path.is_dir() {
                    return Err(FindError::NotAnEnvironment { path: path.clone(), repairable: None }.into());
                }
                Err(CopyError::Missing { path: path.clone() })
            }
        }
    }

    /// Copies an environment. Until this returns nothing of the copy is visible; when it fails nothing is left of it.
    pub fn copy(&self, source: &Source, target: &EnvName, progress: Progress<'_>) -> Result<Copied, CopyError> {
        self.copy_and_note(source, target, progress, &|_| Ok(()))
    }

    /// The same. `note` is called with the directory of the complete copy before that gets its place.
    pub(in crate::store) fn copy_and_note(
        &self,
        source: &Source,
        target: &EnvName,
        progress: Progress<'_>,
        note: &dyn Fn(&Path) -> PathResult<()>,
    ) -> Result<Copied, CopyError> {
        let given = self.find_source(source)?;
        let real = given.canonicalize().at("read", &given)?;
        if env::is_of_conda(&real) {
            return Err(CopyError::Conda { path: given });
        }
        elsewhere::check(&given)?;
        if self.resolved_home().starts_with(&real) {
            return Err(CopyError::IntoItself { path: given });
        }
        self.create_home()?;
        let lock = self.lock(target)?;
        let environment = Environment::new(target.clone(), lock.target());
        if std::fs::symlink_metadata(environment.path()).is_ok() {
            return Err(CopyError::Exists { name: target.clone() });
        }
        let shown = target.as_os_str().to_string_lossy();
        activate::check(&Activation { env: environment.path(), prompt: &shown })?;
        let rules = Rules::of_copy(&given, &real, &environment);
        let before = identity(&real)?;
        let mut copied = tree::copy(&real, &lock.staging(), &rules, progress)?;
        copied.tally.stale.extend(outward::stale(&real, &rules, &copied.outward));
        finish(&lock.staging(), &real, environment.path(), &copied, self.now())?;
        if identity(&real).ok() != Some(before) {
            return Err(CopyError::Vanished { path: given });
        }
        note(&lock.staging())?;
        lock.publish().map_err(|error| taken_meanwhile(error, target))?;
        self.mirror_arrival(&environment);
        Ok(summary(environment, copied))
    }
}

/// What the caller is told about a finished copy.
fn summary(environment: Environment, copied: CopiedTree) -> Copied {
    let CopiedTree { mut tally, mut skipped, .. } = copied;
    tally.stale.order_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    tally.regenerated.sort();
    skipped.sort();
    let libraries = packages::library_directories(environment.path());
    let health = health::examine(&environment, environment.cfg().as_ref(), &libraries, &mut Memory::default());
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
fn finish(staging: &Path, source: &Path, target: &Path, copied: &CopiedTree, now: u64) -> PathResult<()> {
    let changed: HashSet<PathBuf> = copied.tally.changed.iter().cloned().collect();
    for record in &copied.tally.records {
        record::update(staging, target, record, &changed)?;
    }
    copied.close()?;
    let Metadata { requested_python, filled, bare, .. } = Metadata::read(source);
    let version = Some(env!("CARGO_PKG_VERSION").to_string());
    // Other files were copied, too.
    let noted = Metadata { created: Some(now), version, requested_python, filled, bare, ..Metadata::default() };
    fs::write_new(&metadata::path(staging), noted.to_toml().as_bytes(), 0o666)
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
