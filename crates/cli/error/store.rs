//! Hints for what happens to the store.

mod create;
mod place;
mod repair;

use std::io::ErrorKind;

use rustix::io::Errno;
use venvwrap_core::env::elsewhere::Elsewhere;
use venvwrap_core::env::kernel_spec::SpecError;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::PathError;
use venvwrap_core::fs::identity::is_same_file;
use venvwrap_core::store::adopt::AdoptError;
use venvwrap_core::store::kernels::KernelError;
use venvwrap_core::store::lock::LockError;
use venvwrap_core::store::{AssociateError, FindError, HomeError, OperationError, ReservedError};

pub(crate) use self::create::hint_among_files;
pub(crate) use self::place::kept_by_others;

use super::system::by_its_owner;
use super::{Explain, Familiar, by_name, called, quoted};

impl Explain for HomeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => {
                Some(format!("`{} NAME` creates it together with your first environment", called::create()))
            }
            Self::NotADirectory { .. } | Self::Unsuitable { .. } => {
                Some("set WORKON_HOME to a directory that holds nothing else, such as `~/.virtualenvs`".into())
            }
            Self::InEnvironment { home, environment } if is_same_file(home, environment) => Some(format!(
                "remove `{}` if it was made by mistake, or set WORKON_HOME to another directory",
                environment.join("pyvenv.cfg").display()
            )),
            Self::InEnvironment { .. } => {
                Some("set WORKON_HOME to a directory outside of it, such as `~/.virtualenvs`".into())
            }
            Self::Activate(error) => error.hint(),
            // The file systems of the kernel answer like this to everybody.
            Self::Path(error) if error.action == "create" && is_refused_by_file_system(error) => {
                Some("set WORKON_HOME to a directory in which you can create others, such as `~/.virtualenvs`".into())
            }
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for ReservedError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Store(_) => format!("`{} NAME` creates an environment in it", called::create()),
            Self::AboveStore { .. } | Self::Own(_) | Self::System(_) | Self::InEnvironment { .. } => {
                "choose another directory".into()
            }
        })
    }
}

/// Returns whether no permission would help, as in `/proc` and `/sys`.
fn is_refused_by_file_system(error: &PathError) -> bool {
    error.source.kind() == ErrorKind::NotFound || error.source.raw_os_error() == Some(Errno::PERM.raw_os_error())
}

impl Explain for FindError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::NotFound { name, .. } if name.as_os_str() == "-" => Some(format!(
                "nothing stands for the previous environment; `{} --sort used` lists the last used first",
                called::list()
            )),
            Self::NotFound { name, .. } if is_for_no_new_one(name) => existing(self),
            Self::NotFound { name, store_is_empty: true, .. } => {
                Some(format!("there are no environments yet; `{} {}` creates this one", called::create(), quoted(name)))
            }
            Self::NotFound { name, .. } => Some(format!(
                "`{}` lists your environments; `{} {}` creates this one",
                called::list(),
                called::create(),
                quoted(name)
            )),
            Self::NotAnEnvironment { repairable: Some(name), .. } => {
                Some(format!("`venvwrap repair {}` writes them again", quoted(name)))
            }
            Self::NotAnEnvironment { .. } => Some(lists()),
            Self::Name(error) => error.hint(),
            Self::Home(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::NotFound { name, nearest, .. } => {
                Some(Familiar::NotFound { name: name.clone(), has_nearest: nearest.is_some() })
            }
            Self::NotAnEnvironment { path, .. } => Some(Familiar::NotAnEnvironment(path.clone())),
            Self::Name(_) | Self::Home(_) => None,
        }
    }
}

/// Which environments there are.
fn lists() -> String {
    format!("`{}` lists your environments", called::list())
}

/// Returns whether a name is that of a file: nobody gives it to an environment.
fn is_of_a_file(name: &EnvName) -> bool {
    const ENDINGS: [&str; 10] = [".tar", ".gz", ".tgz", ".zst", ".tzst", ".zip", ".txt", ".toml", ".lock", ".whl"];
    ENDINGS.iter().any(|ending| name.as_os_str().as_encoded_bytes().ends_with(ending.as_bytes()))
}

/// Returns whether nobody creates an environment of this name: because of what it looks like, or because it is refused.
fn is_for_no_new_one(name: &EnvName) -> bool {
    is_of_a_file(name) || EnvName::for_new(name.as_os_str()).is_err()
}

/// The hint about a name in a command that needs an environment: nobody creates one to remove or copy it.
fn existing(error: &FindError) -> Option<String> {
    match error {
        FindError::NotFound { nearest: None, store_is_empty: true, .. } => Some("there are no environments yet".into()),
        FindError::NotFound { nearest: None, .. } => Some(lists()),
        other => other.hint(),
    }
}

/// What brings back packages that are gone.
pub(super) fn brings_back(name: &EnvName, version: &str) -> String {
    let (name, is_elsewhere) = (quoted(name), name.path().is_some());
    if is_elsewhere {
        return format!("`venvwrap upgrade {name} -p {version}` rebuilds it without any");
    }
    format!(
        "`venvwrap restore {name}` brings back those of a snapshot, `venvwrap upgrade {name} -p {version}` rebuilds it \
         without any"
    )
}

/// What puts an environment of conda into another place.
pub(super) fn of_conda() -> String {
    "pack it with `conda-pack` where conda has made it; `venvwrap unpack` puts the archive into any place".into()
}

/// What to do about an environment with a directory that is elsewhere.
pub(super) const ELSEWHERE: &str = "put the directory that it leads to in the place of the link first";

impl Explain for Elsewhere {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Link { .. } => Some(ELSEWHERE.into()),
            Self::Mounted { .. } => Some("unmount it, and put what is needed of it there".into()),
        }
    }
}

impl Explain for LockError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Busy { .. } => Some("wait for it to finish, then try again".into()),
            Self::Foreign { .. } => Some("ask that user to remove it".into()),
            Self::OfUser { owner, .. } => Some(by_its_owner(*owner)),
            Self::Path(error) if error.action == "write to" && error.source.kind() == ErrorKind::NotFound => {
                Some(format!("nothing can be created in `{}`; choose another directory", error.path.display()))
            }
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for OperationError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Lock(error) => error.hint(),
            Self::Home(error) => error.hint(),
            Self::Project(error) => error.hint(),
            Self::Path(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Project(error) => error.familiar(),
            Self::Lock(_) | Self::Home(_) | Self::Path(_) => None,
        }
    }
}

impl Explain for KernelError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoDirectory => Some("set HOME, or JUPYTER_DATA_DIR to a directory".into()),
            Self::NoIpykernel { name } => {
                Some(format!("`{}` installs it", by_name("venvwrap kernel add --install", name)))
            }
            Self::Id { .. } => Some("leave out `--id` for one that is made from the name of the environment".into()),
            Self::NoId { .. } => Some("`--id ID` names one".into()),
            Self::Taken { .. } => Some("`--id ID` adds it under another id".into()),
            Self::NotFound { .. } => Some("`venvwrap kernel list` lists the kernels".into()),
            Self::Foreign { .. } | Self::Unreadable { .. } => Some("`--force` removes it anyway".into()),
            Self::Link { .. } => Some("`--force` removes the link".into()),
            Self::Spec(SpecError::Colon { .. }) => Some("`--no-path` leaves PATH alone".into()),
            Self::Spec(_) => Some("`venvwrap rename` gives the environment another name".into()),
            Self::Operation(error) => error.hint(),
        }
    }
}

impl Explain for AdoptError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Exists { .. } => Some("nothing was replaced; choose another name, or move it away".into()),
            Self::Missing { .. } | Self::NotAnEnvironment { .. } => {
                Some("give the directory of an environment, such as `~/src/web/.venv`".into())
            }
            Self::Own { .. } => Some("use it by its name".into()),
            Self::Conda { .. } => {
                Some("activate it with `conda activate`; `venvwrap copy` cannot copy it either".into())
            }
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Operation(error) => error.familiar(),
            Self::Exists { .. }
            | Self::Missing { .. }
            | Self::NotAnEnvironment { .. }
            | Self::Own { .. }
            | Self::Conda { .. } => None,
        }
    }
}

impl Explain for AssociateError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoState => Some("set HOME, or VENVWRAP_STATE_DIR to a directory".into()),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Operation(error) => error.familiar(),
            Self::NoState => None,
        }
    }
}
