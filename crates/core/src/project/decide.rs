//! Which environment belongs to a directory, and whether it may be entered unasked.
//!
//! Associations come first, then what the directory says itself. Environments that are in the user's own store are the
//! user's own; whatever else a directory leads to needs to be allowed, once for each content.

use std::path::{Path, PathBuf};

use crate::env::Environment;
use crate::env::name::EnvName;
use crate::project::dotenv::{self, DotenvError, Settings};
use crate::project::marker::{self, MarkerError};
use crate::project::trust::{Grants, TrustError, TrustStore, Verdict};
use crate::store::Store;
use crate::store::mirror::Tree;

/// Everything that a decision depends on.
#[derive(Debug)]
pub struct Switcher<'a> {
    /// The environments.
    pub store: &'a Store,
    /// The associations.
    pub tree: &'a Tree,
    /// What has been allowed.
    pub trust: TrustStore,
}

/// The environment that a directory leads to.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The environment.
    pub environment: Environment,
    /// What leads there: nothing for an association, else the file.
    pub file: Option<PathBuf>,
    /// Whether it is in the user's store itself.
    pub is_own: bool,
    /// Whether the file's word is also the name of a directory next to it.
    pub is_ambiguous: bool,
}

/// What was decided for one directory on the way up.
#[derive(Debug)]
pub enum Decision {
    /// The environment is to be entered.
    Enter(Target),
    /// It may not be entered yet; the way up goes on.
    Ask(Question),
    /// The directory leads nowhere; the way up goes on.
    Broken(MarkerError),
    /// Nothing is activated here automatically; the walk ends.
    Denied {
        /// The directory.
        directory: PathBuf,
        /// The environment that it resolves to, if any.
        candidate: Option<Candidate>,
    },
}

/// What to enter.
#[derive(Debug)]
pub struct Target {
    /// The directory that it belongs to.
    pub directory: PathBuf,
    /// The environment and what led to it.
    pub candidate: Candidate,
    /// What the directory itself may do; none where it was not allowed to do anything.
    pub grants: Option<Grants>,
    /// What it was allowed to do before it changed.
    pub lost: Option<Grants>,
}

/// Why a directory is not trusted.
#[derive(Debug)]
pub struct Question {
    /// The directory.
    pub directory: PathBuf,
    /// What led to the environment.
    pub candidate: Candidate,
    /// Why.
    pub reason: Reason,
}

/// Why a directory is not trusted.
#[derive(Debug)]
pub enum Reason {
    /// Nobody has allowed it.
    New,
    /// It is not what it was when it was allowed.
    Changed,
    /// It cannot be allowed.
    Untrustworthy(TrustError),
}

impl Switcher<'_> {
    /// Walks up from a directory; the last decision is the one that counts, those before it say why it was not theirs.
    pub fn decide(&self, directory: &Path) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for above in directory.ancestors() {
            match self.decide_here(above) {
                None => {}
                Some(decision @ (Decision::Enter(_) | Decision::Denied { .. })) => {
                    decisions.push(decision);
                    break;
                }
                Some(decision) => decisions.push(decision),
            }
        }
        decisions
    }

    /// The environment that exactly this directory leads to.
    pub fn candidate(&self, directory: &Path) -> Result<Option<Candidate>, MarkerError> {
        let associated = self.tree.get(directory).and_then(|found| environment(&found.env));
        if let Some(environment) = associated.filter(Environment::looks_like_one) {
            let is_own = self.is_own(environment.path());
            return Ok(Some(Candidate { environment, file: None, is_own, is_ambiguous: false }));
        }
        let Some(marker) = marker::read(directory, self.store)? else { return Ok(None) };
        // A path or link that ends in the store chooses among the user's environments, as a name does.
        let is_own = self.is_own(&marker.env);
        let path = if is_own { marker.env.canonicalize().unwrap_or(marker.env) } else { marker.env };
        let named = environment(&path).map(|environment| Candidate {
            environment,
            file: Some(marker.file),
            is_own,
            is_ambiguous: marker.is_ambiguous,
        });
        Ok(named)
    }

    /// What a directory is allowed to do by itself.
    pub fn verdict(&self, directory: &Path, candidate: Option<&Candidate>) -> Result<Verdict, TrustError> {
        self.trust.judge(directory, foreign(candidate))
    }

    /// What the `.env` file of a directory sets; nothing unless that was allowed.
    pub fn settings(&self, directory: &Path) -> Result<Settings, DotenvError> {
        if !directory.join(dotenv::FILE_NAME).exists() {
            return Ok(Settings::default());
        }
        let candidate = self.candidate(directory).ok().flatten();
        match self.verdict(directory, candidate.as_ref()) {
            Ok(Verdict::Allowed(grants)) => granted_settings(directory, &grants),
            Ok(Verdict::Changed) if self.trust.granted(directory).is_some_and(|grants| grants.dotenv) => {
                Err(DotenvError::Changed { directory: directory.to_path_buf() })
            }
            _ => Ok(Settings::default()),
        }
    }

    pub(super) fn decide_here(&self, directory: &Path) -> Option<Decision> {
        let candidate = match self.candidate(directory) {
            Ok(candidate) => candidate?,
            Err(_) if self.trust.is_denied(directory) => {
                return Some(Decision::Denied { directory: directory.to_path_buf(), candidate: None });
            }
            Err(error) => return Some(Decision::Broken(error)),
        };
        let directory = directory.to_path_buf();
        let reason = match self.verdict(&directory, Some(&candidate)) {
            Ok(Verdict::Denied) => return Some(Decision::Denied { directory, candidate: Some(candidate) }),
            Ok(Verdict::Allowed(grants)) => {
                return Some(Decision::Enter(Target { directory, candidate, grants: Some(grants), lost: None }));
            }
            other if candidate.is_own => {
                let lost = matches!(other, Ok(Verdict::Changed)).then(|| self.trust.granted(&directory)).flatten();
                return Some(Decision::Enter(Target { directory, candidate, grants: None, lost }));
            }
            Ok(Verdict::Unknown) => Reason::New,
            Ok(Verdict::Changed) => Reason::Changed,
            Err(error) => Reason::Untrustworthy(error),
        };
        Some(Decision::Ask(Question { directory, candidate, reason }))
    }

    /// Returns whether an environment really is in the store. A link there may lead to what a project brought along.
    fn is_own(&self, env: &Path) -> bool {
        env.canonicalize().is_ok_and(|real| self.store.holds(&real))
    }
}

/// What the `.env` file of a directory sets that was just found to be allowed this much.
pub fn granted_settings(directory: &Path, grants: &Grants) -> Result<Settings, DotenvError> {
    if grants.dotenv && directory.join(dotenv::FILE_NAME).exists() {
        dotenv::read(directory, &grants.variables)
    } else {
        Ok(Settings::default())
    }
}

/// The environment whose files count for trust.
pub fn foreign(candidate: Option<&Candidate>) -> Option<&Path> {
    candidate.filter(|candidate| !candidate.is_own).map(|candidate| candidate.environment.path())
}

fn environment(path: &Path) -> Option<Environment> {
    let name = EnvName::for_existing(path.file_name()?).ok()?;
    Some(Environment::new(name, path.to_path_buf()))
}
