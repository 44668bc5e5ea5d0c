//! Hints for what is compared with environments.

use venvwrap_core::fs::magic::Packed;
use venvwrap_core::snapshot::dockerfile::base::BaseError;
use venvwrap_core::snapshot::dockerfile::lock::{Reason, Unportable};
use venvwrap_core::snapshot::dockerfile::text::CommandError;
use venvwrap_core::snapshot::elsewhere::OnlyInside;
use venvwrap_core::snapshot::file::FileError;
use venvwrap_core::snapshot::history::HistoryError;
use venvwrap_core::snapshot::lock_writer::LockWriteError;
use venvwrap_core::snapshot::packages::PackagesError;
use venvwrap_core::snapshot::pins::PinError;
use venvwrap_core::snapshot::pylock::PylockError;
use venvwrap_core::snapshot::requirements::RequirementsError;
use venvwrap_core::snapshot::upgrade::{Action, PlanError, Step};

use super::{Explain, by_name};

impl Explain for RequirementsError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotText { .. } => Some("save it as UTF-8".into()),
            Self::Packed { kind: Packed::Deb | Packed::Rpm, .. } => {
                Some("install it, and compare the directory of the environment".into())
            }
            Self::Packed { kind: kind @ (Packed::Bzip2 | Packed::Xz), .. } => {
                Some(format!("decompress it first, with `{} -dk FILE`", kind.program().unwrap_or_default()))
            }
            Self::Packed { .. } => {
                Some("an archive is read from a file whose name ends in `.tar`, `.tar.gz`, `.tar.zst` or `.zip`".into())
            }
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
            Self::OfAnotherTool { export, .. } => Some(format!("`{export}` writes one for all")),
        }
    }
}

impl Explain for HistoryError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty { environment } => Some(format!("`{}` takes one", by_name("venvwrap snapshot", environment))),
            Self::Unknown { environment, .. } | Self::Ambiguous { environment, .. } => {
                Some(format!("`{}` lists them", by_name("venvwrap snapshot list", environment)))
            }
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for PinError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unpinned { name, .. } => Some(format!(
                "an exact version looks like `{name}==1.0`, as `venvwrap freeze` prints it; `pip install -r` takes others"
            )),
            Self::NotFor { .. } => Some("make a lock for this Python and this system".into()),
            Self::Nothing { .. } => Some("check what writes it; `--allow-empty` removes all packages".into()),
            Self::Twice { .. }
            | Self::Excluded { .. }
            | Self::Constrained(_)
            | Self::OtherHashes { .. }
            | Self::Line(_) => Some("correct the file".into()),
            Self::Gone { .. } => Some("bring it back, or uninstall the package first".into()),
        }
    }
}

impl Explain for OnlyInside {
    fn hint(&self) -> Option<String> {
        Some("move the project out of there and install it again; `venvwrap copy` copies an environment with it".into())
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
            // Whoever knows the environment names the command.
            Self::Unclear(_) => None,
            Self::Requirements(error) => error.hint(),
            Self::Pins(error) => error.hint(),
            Self::Stopped { steps, is_down } => Some(gets_going(steps, *is_down)),
            Self::Unresolved { .. } => Some("`--relax` with the names of others allows more versions".into()),
        }
    }
}

/// What helps against packages that stop an upgrade. Newer versions are for newer Pythons.
fn gets_going(steps: &[Step], is_down: bool) -> String {
    let options = |option: &str, is_meant: &dyn Fn(&Step) -> bool| {
        let steps = steps.iter().filter(|step| is_meant(step));
        let options: Vec<_> = steps.map(|step| format!("--{option} {}", step.pin.key)).collect();
        (!options.is_empty()).then(|| options.join(" "))
    };
    let is_silent = |step: &Step| matches!(step.action, Action::Unanswered | Action::NotAsked);
    let newer = options("relax", &|step| !is_down && !is_silent(step))
        .map(|options| format!("`{options}` takes newer versions"));
    let built = options("allow-build", &|step| step.action == Action::NoWheel);
    let built = built.map(|options| format!("`{options}` builds from source"));
    let has = |action| steps.iter().any(|step| step.action == action);
    let rest = (is_down && has(Action::NotForPython))
        .then(|| "take a newer Python, or uninstall what is not for this one first".to_owned());
    let gone = has(Action::Gone).then(|| "bring back what is gone, or uninstall its package first".to_owned());
    let unanswered = has(Action::Unanswered).then(|| "try again when the index answers".to_owned());
    let not_asked = has(Action::NotAsked).then(|| "leave out `--offline`".to_owned());
    rest.into_iter()
        .chain(newer)
        .chain(built)
        .chain(gone)
        .chain(unanswered)
        .chain(not_asked)
        .collect::<Vec<_>>()
        .join("; ")
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

impl Explain for CommandError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Word { .. } => "put the command into a script of the image".into(),
            Self::NoProgram => "name a program after `--cmd`, or leave it out for `python`".into(),
        })
    }
}
