//! Hints for bundles.

use venvwrap_core::bundle::{BundleError, CarriedError, Obstacle, ReadError};
use venvwrap_core::pack::ArchiveProblem;
use venvwrap_core::wheel::LocalError;

use super::Explain;

impl Explain for BundleError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unfit(unfit) if unfit.iter().all(|unfit| matches!(unfit.obstacle, Obstacle::Altered(_))) => {
                Some("`--force` bundles them as they are; `venvwrap doctor --deep` shows what was changed".into())
            }
            Self::Unfit(_) => Some("install them from wheels, or remove them from a copy of the environment".into()),
            Self::NoLibrary { .. } => None,
            Self::Exists { .. } => Some("choose another place with `-o`, or remove it".into()),
            Self::IntoItself { .. } => Some("choose a place elsewhere with `-o`".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for CarriedError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Bundle(error) => error.hint(),
            Self::Listing(error) => error.hint(),
        }
    }
}

impl Explain for ReadError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoBundle { .. } => Some("`venvwrap bundle NAME --from-installed` makes one".into()),
            Self::Archive { problem: ArchiveProblem::Damaged(_), .. } | Self::Hash { .. } => {
                Some("copy it again; if that does not help, make it again".into())
            }
            Self::Archive { .. } => Some("do not unpack it with another program either; ask its author".into()),
            Self::Schema { .. } => Some("use the venvwrap that made it".into()),
            Self::OtherPython { wanted, .. } => Some(format!("install {wanted}, or make a bundle for this Python")),
            Self::OtherMachine { .. } | Self::OldGlibc { .. } => {
                Some("make the bundle on a machine like this one".into())
            }
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for LocalError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Path(error) => error.hint(),
            Self::Wheel(_) | Self::Hash { .. } => {
                Some("copy the bundle again; if that does not help, make it again".into())
            }
            Self::OtherPython { .. } => Some("choose another Python with `-p`".into()),
        }
    }
}
