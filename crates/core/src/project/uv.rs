//! What uv does with an environment that a project's `.venv` leads to: one whose Python does not fit it deletes.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep440_rs::Version;

pub use brought::{lost, own_pin, renew_link, unfit_after};
pub use demand::Unfit;
use demand::{Pin, Planned};
pub use files::Source;
use pinning::Pinning;
pub use pinning::{pins_to_renew, renew_pins, renew_pins_of};
pub use settings::Settings;
use workspace::Workspace;

use super::marker;
use crate::env::Environment;
use crate::env::health::{self, Health};
use crate::env::name::EnvName;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::fs::identity::is_same_file;
use crate::fs::{self, PathContext, PathError};
use crate::store::lock::LockError;
use crate::store::{Store, UvLink};

mod brought;
mod demand;
mod files;
mod pinning;
mod request;
mod settings;
mod workspace;

/// What a project of uv has.
const LOCK: &str = "uv.lock";

/// The directory in the state directory that remembers which projects something was said about.
const TOLD: &str = "told-of-uv";

/// Why `.venv` was not made a link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// uv would delete the environment.
    #[error(
        "uv would {} `{name}` here: `{}` wants {}, the environment has Python {}",
        if unfit.is_deleted { "delete" } else { "refuse" }, unfit.source.short(), unfit.wanted, unfit.version
    )]
    Unfit {
        /// The environment.
        name: EnvName,
        /// What excludes it.
        unfit: Box<Unfit>,
    },
    /// uv would replace an environment that cannot be started.
    #[error("uv would delete `{name}` here: its interpreter no longer exists")]
    Dead {
        /// The environment.
        name: EnvName,
    },
    /// uv uses another directory's `.venv` there.
    #[error("`{}` belongs to the project `{}`: uv uses the `.venv` of that", directory.display(), root.display())]
    Inside {
        /// The environment.
        name: EnvName,
        /// The directory.
        directory: PathBuf,
        /// The directory of the project, or of its workspace.
        root: PathBuf,
    },
    /// Something else has that path.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The file that would pin a version is there, and names none that uv knows.
    #[error("`{}` names no Python that uv knows", file.display())]
    NoRequest {
        /// The file.
        file: PathBuf,
    },
    /// There is no version to pin.
    #[error("the version of Python in `{name}` is not recorded")]
    NoVersion {
        /// The environment.
        name: EnvName,
    },
    /// Another process has the environment.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Returns why uv would not keep an environment as that of the project that a directory is in; none where it fits.
pub fn unfit(environment: &Environment, directory: &Path, settings: &Settings) -> Option<Unfit> {
    demand::unfit(environment, &Workspace::of(directory), settings, Planned::Nothing)
}

/// The same for every activation, which is not to search a large workspace for what its members ask.
fn quick_unfit(environment: &Environment, directory: &Path, settings: &Settings) -> Option<Unfit> {
    demand::unfit(environment, &Workspace::quick(directory), settings, Planned::Nothing)
}

/// What a person should know who activates an environment in a project of uv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// uv uses the environment, and is not going to keep it.
    Unfit(Unfit),
    /// uv has deleted the environment, and made another one for one of these directories.
    Replaced(Vec<PathBuf>),
    /// uv is going to create another one.
    Unlinked,
}

/// Returns what to say about an environment: in its project, if that has a `uv.lock`, and in the directories that were
/// linked to it. Costs one look for each where there is none.
pub fn advice(environment: &Environment, project: Option<&Path>, store: &Store, settings: &Settings) -> Vec<Advice> {
    let of_project = project.and_then(|project| of_project(environment, project, settings));
    let links = store.uv_links();
    let own = |link: &&UvLink| link.leads_to(environment);
    let is_replaced = |link: &&UvLink| own(link) && link.is_replaced(environment);
    let replaced: Vec<_> = links.iter().filter(is_replaced).map(|link| link.directory.clone()).collect();
    let of_link = |link: &UvLink| quick_unfit(environment, &link.directory, settings).map(Advice::Unfit);
    let mut found: Vec<_> =
        Some(replaced).filter(|replaced| !replaced.is_empty()).map(Advice::Replaced).into_iter().collect();
    for advice in of_project.into_iter().chain(links.iter().filter(own).filter_map(of_link)) {
        if !found.contains(&advice) {
            found.push(advice);
        }
    }
    found
}

fn of_project(environment: &Environment, project: &Path, settings: &Settings) -> Option<Advice> {
    if !project.join(LOCK).is_file() {
        return None;
    }
    let link = project.join(marker::FILES[0]);
    let variable = settings.environment(project);
    if [Some(&link), variable.as_ref()].into_iter().flatten().any(|path| is_same_file(path, environment.path())) {
        return quick_unfit(environment, project, settings).map(Advice::Unfit);
    }
    // Whoever lets uv have its own environment has decided.
    let is_free = std::fs::symlink_metadata(&link).is_err() && variable.is_none();
    is_free.then_some(Advice::Unlinked)
}

/// Notes that something was said about a project; returns whether that is new. Without a place to remember it, it is not.
pub fn is_first_time(state: Option<&Path>, project: &Path) -> bool {
    use sha2::Digest;
    let Some(directory) = state.map(|state| state.join(TOLD)) else { return false };
    let hash = fs::hex::hex(&sha2::Sha256::digest(project.as_os_str().as_encoded_bytes()));
    let file = directory.join(&hash[..16]);
    !file.exists() && fs::create_private_all(&directory).is_ok() && fs::publish_new(&file, b"", 0o600).is_ok()
}

/// What to link, and how.
#[derive(Clone, Copy)]
pub struct Link<'a> {
    /// The directory of the project.
    pub directory: &'a Path,
    /// The environment.
    pub environment: &'a Environment,
    /// Its store.
    pub store: &'a Store,
    /// What is set for uv.
    pub settings: &'a Settings,
    /// Whether the version of Python is pinned where it is not yet: uv then fails where it would delete.
    pub pin: bool,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The link.
    pub file: PathBuf,
    /// The file that pins the version, if it was written.
    pub pin: Option<PathBuf>,
    /// Whether the version is pinned.
    pub is_pinned: bool,
}

/// Makes `.venv` of a directory a link to an environment, which uv then uses. Only a redirection, or a link into the
/// store, is replaced. Refused is what uv would not use, or would delete.
pub fn link(link: &Link<'_>) -> Result<Linked, LinkError> {
    let Link { directory, environment, store, settings, .. } = *link;
    let name = || environment.name().clone();
    if !environment.python().exists() || matches!(health::obstacle(environment), Some(Health::WrongVersion { .. })) {
        return Err(LinkError::Dead { name: name() });
    }
    let workspace = Workspace::of(directory);
    if !is_same_file(&workspace.root, directory) {
        return Err(LinkError::Inside { name: name(), directory: directory.into(), root: workspace.root });
    }
    let (known, is_noted) = (brought::link_of(directory, store), store.uv_link(directory).is_some());
    let pinning = if link.pin { pin_of(link, known.as_ref())? } else { Pinning::Not };
    if let Some(unfit) = demand::unfit(environment, &workspace, settings, pinning.planned()) {
        return Err(LinkError::Unfit { name: name(), unfit: Box::new(unfit) });
    }
    let file = directory.join(marker::FILES[0]);
    let is_new = check_place(&file, store)?;
    forget_patch(environment, store)?;
    // First, because there is no moment then at which uv finds an environment that nothing protects.
    let pin = pinning.write(directory)?;
    let own = known.as_ref().and_then(UvLink::own_pin);
    let noted = pinning.text().map(str::to_owned).or(own);
    let note = || store.note_uv_link(directory, environment, noted.as_deref());
    let made = if is_new { make(environment, &file) } else { Ok(fs::replace_symlink(environment.path(), &file)?) };
    if let Err(error) = made.and_then(|()| Ok(note()?)) {
        pinning.take_back(directory);
        return Err(error);
    }
    // Whoever links one directory again knows what uv did, for whichever it was.
    let is_told = |link: &&UvLink| link.leads_to(environment) && link.is_replaced(environment);
    for other in store.uv_links().iter().filter(is_told) {
        store.note_uv_link(&other.directory, environment, other.pin.as_deref())?;
    }
    if !is_new && !is_noted {
        store.forget_lost_link(environment, None);
    }
    let is_pinned = pinning != Pinning::Not || Pin::of(directory).is_some_and(|pin| pin.request.is_some());
    Ok(Linked { file, pin, is_pinned })
}

/// What is to be pinned; fails where nothing can be.
fn pin_of(link: &Link<'_>, known: Option<&UvLink>) -> Result<Pinning, LinkError> {
    let Link { directory, environment, .. } = *link;
    if let Some(file) = pinning::without_request(directory) {
        return Err(LinkError::NoRequest { file });
    }
    Pinning::of(directory, environment, known).ok_or_else(|| LinkError::NoVersion { name: environment.name().clone() })
}

fn make(environment: &Environment, file: &Path) -> Result<(), LinkError> {
    match std::os::unix::fs::symlink(environment.path(), file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(LinkError::Exists { path: file.into() }),
        other => Ok(other.at("link", file)?),
    }
}

/// Returns whether nothing is there; fails unless what is there may be replaced.
fn check_place(file: &Path, store: &Store) -> Result<bool, LinkError> {
    match std::fs::symlink_metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Ok(found) if found.is_file() && marker::is_own(file, store) => Ok(false),
        Ok(found) if found.is_symlink() && leads_into(file, store) => Ok(false),
        Ok(_) => Err(LinkError::Exists { path: file.into() }),
        Err(error) => Ok(Err(error).at("read", file)?),
    }
}

/// Writes the version into `pyvenv.cfg` in virtualenv's form, which uv does not compare. It deletes an environment whose
/// Python has got another patch version than is written there, as with the next update of the system.
fn forget_patch(environment: &Environment, store: &Store) -> Result<(), LinkError> {
    let _lock = store.lock_of(environment)?;
    if environment.cfg().is_none_or(|mut cfg| !drop_patch(&mut cfg)) {
        return Ok(());
    }
    environment.update_cfg(|cfg| {
        let mut cfg = cfg.unwrap_or_default();
        drop_patch(&mut cfg);
        Ok(cfg)
    })
}

/// Returns whether there is a version that uv would compare, which then has the other form.
fn drop_patch(cfg: &mut PyvenvCfg) -> bool {
    let values: Vec<_> = ["version", "version_info"].into_iter().filter_map(|key| cfg.get(key)).collect();
    let Ok(versions) = values.iter().map(|value| Version::from_str(value)).collect::<Result<Vec<_>, _>>() else {
        return false;
    };
    let is_compared = |version: &&Version| version.release().len() > 2 && !version.any_prerelease();
    let version = versions.iter().rfind(is_compared).map(|version| format!("{version}.final.0"));
    version.is_some_and(|version| cfg.set("version_info", &version).is_ok())
}

/// Returns whether a link leads to a child of the store, be it there or not.
fn leads_into(link: &Path, store: &Store) -> bool {
    let Ok(target) = std::fs::read_link(link) else { return false };
    let parent = link.parent().unwrap_or(link);
    let target = fs::absolute(parent, &target);
    marker::is_child(&target, store.home())
}

#[cfg(test)]
mod tests;
