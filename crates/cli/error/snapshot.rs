//! Hints for what is compared with environments.

use venvwrap_core::snapshot::file::FileError;
use venvwrap_core::snapshot::history::HistoryError;
use venvwrap_core::snapshot::lock_writer::LockWriteError;
use venvwrap_core::snapshot::pins::PinError;
use venvwrap_core::snapshot::pylock::PylockError;
use venvwrap_core::snapshot::requirements::RequirementsError;

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
            Self::Twice { .. } | Self::Line(_) => Some("mend the file".into()),
            Self::Gone { .. } => Some("bring it back, or uninstall the package first".into()),
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
