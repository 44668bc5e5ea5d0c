//! Hints for what is compared with environments.

use venvwrap_core::snapshot::dockerfile::base::BaseError;
use venvwrap_core::snapshot::dockerfile::lock::{Reason, Unportable};
use venvwrap_core::snapshot::dockerfile::text::WordError;
use venvwrap_core::snapshot::file::FileError;
use venvwrap_core::snapshot::history::HistoryError;
use venvwrap_core::snapshot::lock_writer::LockWriteError;
use venvwrap_core::snapshot::packages::PackagesError;
use venvwrap_core::snapshot::pins::PinError;
use venvwrap_core::snapshot::pylock::PylockError;
use venvwrap_core::snapshot::requirements::RequirementsError;
use venvwrap_core::snapshot::upgrade::PlanError;

use super::Explain;

impl Explain for RequirementsError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotText { .. } => Some("save it as UTF-8".into()),
            Self::Loop { .. } | Self::TooDeep { .. } => Some("remove the `-r` or `-c` line that includes it".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for FileError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Requirements(error) => error.hint(),
            Self::Pylock { source: PylockError::NotALock, .. } => {
                Some("of `.toml` files only `pylock.toml` lists packages; `uv export` and `pip lock` write one".into())
            }
            Self::Pylock { .. } => None,
        }
    }
}

impl Explain for HistoryError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty => Some("`venvwrap snapshot NAME` takes one".into()),
            Self::Unknown { .. } | Self::Ambiguous { .. } => Some("`venvwrap snapshot list NAME` lists them".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for PinError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unpinned { .. } => {
                Some("an exact version looks like `NAME==1.0`; `venvwrap freeze` prints them".into())
            }
            Self::Nothing { .. } => Some("check what writes it; `--allow-empty` removes all packages".into()),
            Self::Twice { .. } | Self::Line(_) => Some("correct the file".into()),
            Self::Gone { .. } => Some("bring it back, or uninstall the package first".into()),
        }
    }
}

impl Explain for PackagesError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoConfiguration { name, is_repairable: true } => Some(super::env::repairs(name)),
            Self::NoConfiguration { name, .. } | Self::NoLibrary { name } => Some(super::env::recreates(name)),
            Self::Gone { name, version } => Some(super::store::brings_back(name, version)),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for PlanError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unclear(_) => Some("remove one of them first".into()),
            Self::Requirements(error) => error.hint(),
            Self::Pins(error) => error.hint(),
            Self::Stopped(steps) => {
                let options: Vec<_> = steps.iter().map(|step| format!("`--relax {}`", step.pin.key)).collect();
                Some(format!("{} takes newer versions; `--allow-build NAME` builds from source", options.join(" ")))
            }
        }
    }
}

impl Explain for LockWriteError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Input(_) => None,
            Self::Missing { .. } => Some("it may come from another index; `--extra-index-url` of pip names one".into()),
        }
    }
}

impl Explain for BaseError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid { .. } => {
                Some("an image looks like `python:3.13-slim` or `registry.example/name@sha256:…`".into())
            }
            Self::Unofficial { .. } => Some("name one with `--base IMAGE`".into()),
        }
    }
}

impl Explain for Unportable {
    fn hint(&self) -> Option<String> {
        let is_outside = |reason: &Reason| match reason {
            Reason::Outside(_) => true,
            Reason::NoProject(_)
            | Reason::Repository
            | Reason::LocalArchive
            | Reason::NoHash
            | Reason::Password
            | Reason::Damaged => false,
        };
        if self.0.iter().all(|left_out| is_outside(&left_out.reason)) {
            return Some("`--dir DIR` names a directory that contains the projects".into());
        }
        Some("install releases of them from an index".into())
    }
}

impl Explain for WordError {
    fn hint(&self) -> Option<String> {
        Some("put the command into a script of the image".into())
    }
}
