//! Hints for bundles.

use venvwrap_core::bundle::offer::{Missing, MissingReason, OfferError};
use venvwrap_core::bundle::platform::{COMMON, UnknownPlatform};
use venvwrap_core::bundle::target_python::UnknownPython;
use venvwrap_core::bundle::wish::WishError;
use venvwrap_core::bundle::{BundleError, CarriedError, Obstacle, ReadError, is_carrier};
use venvwrap_core::pack::ArchiveProblem;
use venvwrap_core::wheel::{IndexError, LocalError};

use super::Explain;
use super::system::quoted;

/// The hint where an index has refused the user.
pub(crate) const CREDENTIALS: &str =
    "check the user and password in the settings of pip and uv, `~/.netrc` and `keyring`";

impl Explain for BundleError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unfit(unfit) if unfit.iter().all(|unfit| matches!(unfit.obstacle, Obstacle::Altered(_))) => {
                Some("`--force` bundles them as they are; `venvwrap doctor --deep` shows what was changed".into())
            }
            Self::Unfit(_) => Some("install them from wheels, or remove them from a copy of the environment".into()),
            Self::Missing(missing) => Some(of_missing(missing).into()),
            Self::NoLibrary { name } => Some(super::env::examines(name)),
            Self::TwoHashes { .. } => Some("bundle each platform alone".into()),
            Self::Hash { .. } => Some("make the lock again".into()),
            Self::NoRoom { is_cache: true, .. } => {
                Some("make room, or set VENVWRAP_CACHE_DIR to a directory on a larger disk".into())
            }
            Self::NoRoom { .. } => Some("make room, or choose another place with `-o`".into()),
            Self::Index(error) => of_index(error),
            Self::Wheel(_) => Some("ask those who offer it; do not install it".into()),
            Self::Exists { .. } => Some("choose another place with `-o`, or remove it".into()),
            Self::Ending { .. } => Some("name a file that ends in `.tar`: wheels are compressed".into()),
            Self::IntoItself { .. } => Some("choose a place elsewhere with `-o`".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

fn of_missing(missing: &[Missing]) -> &'static str {
    let all = |is_it: fn(&MissingReason) -> bool| missing.iter().all(|missing| is_it(&missing.reason));
    if all(|reason| matches!(reason, MissingReason::OtherHash)) {
        "correct the hashes, if it is the index that is right"
    } else if all(|reason| matches!(reason, MissingReason::Project)) {
        "`--project DIR` builds and bundles the project in DIR"
    } else if all(|reason| matches!(reason, MissingReason::NotFor(_))) {
        "choose other versions (older ones may have a wheel), or another platform or Python"
    } else {
        "`--build PACKAGE` builds a wheel, on a machine and with a Python like the target's"
    }
}

fn of_index(error: &IndexError) -> Option<String> {
    match error {
        IndexError::Refused { status: 401 | 403, .. } => Some(CREDENTIALS.into()),
        IndexError::Refused { status: 404 | 410, .. } => Some("the index no longer has the file: resolve again".into()),
        IndexError::Unreachable { .. } | IndexError::Refused { .. } | IndexError::Interrupted { .. } => {
            Some("run the command again: what has arrived is kept".into())
        }
        IndexError::Checksum { .. } => Some("make the lock again, or ask those who run the index".into()),
        other => other.hint(),
    }
}

impl Explain for OfferError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Lock(_) | Self::Report(_) | Self::Twice(_) => None,
            Self::OtherPython { .. } => Some("`--python VERSION` names another".into()),
            Self::NotFor(_) => Some("`--platform` and `--python` name others".into()),
        }
    }
}

impl Explain for UnknownPlatform {
    fn hint(&self) -> Option<String> {
        Some(format!("`{}`, or the end of a wheel's tag", COMMON.join("`, `")))
    }
}

impl Explain for UnknownPython {
    fn hint(&self) -> Option<String> {
        None
    }
}

impl Explain for WishError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Line(_) => None,
            Self::Requirements(error) => error.hint(),
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
            Self::NoBundle { path, .. } if is_carrier(path) && path.is_file() => {
                Some(format!("`venvwrap unpack {} NAME` unpacks an archive of an environment", quoted(path)))
            }
            Self::Compressed { path, program } => {
                let program = if *program == "gzip" { "gunzip -k".to_owned() } else { format!("{program} -dk") };
                Some(format!("decompress it first: `{program} {}`", quoted(path)))
            }
            Self::NoBundle { .. } => Some("`venvwrap bundle NAME` makes one".into()),
            Self::Archive { problem: ArchiveProblem::Damaged(_), .. } | Self::Hash { .. } | Self::Missing { .. } => {
                Some("copy it again; if that does not help, make it again".into())
            }
            Self::Archive { .. } => Some("do not unpack it with another program either; ask its author".into()),
            Self::Unlisted { .. } => Some("copy it again, without what has been added to it".into()),
            Self::Schema { .. } => Some("use the venvwrap that made it".into()),
            Self::OtherPython { wanted, .. } => Some(format!("install {wanted}, or make a bundle for this Python")),
            Self::OtherMachine { .. } => {
                Some(format!("make one with `venvwrap bundle --platform {}`", platform_here()))
            }
            Self::OldGlibc { .. } => Some("make the bundle on a machine like this one".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

/// The name of this system for `--platform`.
fn platform_here() -> String {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => "macos-arm64".into(),
        (system, machine) => format!("{system}-{machine}"),
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
            Self::NoRoom(_) => Some("make room, or set WORKON_HOME to a directory on a larger disk".into()),
        }
    }
}
