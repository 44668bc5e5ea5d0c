//! Hints for what happens to the store.

use std::io::ErrorKind;

use rustix::io::Errno;
use venvwrap_core::env::kernel_spec::SpecError;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::PathError;
use venvwrap_core::store::adopt::AdoptError;
use venvwrap_core::store::copy::CopyError;
use venvwrap_core::store::create::{CreateError, ForeignError, RebuildError};
use venvwrap_core::store::kernels::KernelError;
use venvwrap_core::store::lock::LockError;
use venvwrap_core::store::remove::RemoveError;
use venvwrap_core::store::rename::RenameError;
use venvwrap_core::store::repair::RepairError;
use venvwrap_core::store::{AssociateError, FindError, HomeError, OperationError, UndoError};

use super::{Explain, Familiar, called, quoted, quoted_path, quoted_word};

impl Explain for HomeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => {
                Some(format!("`{} NAME` creates it together with your first environment", called::create()))
            }
            Self::NotADirectory { .. } | Self::Unsuitable { .. } => {
                Some("set WORKON_HOME to a directory that holds nothing else, such as `~/.virtualenvs`".into())
            }
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

/// Returns whether no permission would help, as in `/proc` and `/sys`.
fn is_refused_by_file_system(error: &PathError) -> bool {
    error.source.kind() == ErrorKind::NotFound || error.source.raw_os_error() == Some(Errno::PERM.raw_os_error())
}

impl Explain for FindError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
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

impl Explain for LockError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Busy { .. } => Some("wait for it to finish, then try again".into()),
            Self::Foreign { .. } => Some("ask that user to remove it".into()),
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

impl Explain for RebuildError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Find(error) => error.hint(),
            Self::Create(CreateError::Link { .. }) => {
                Some("go to what it points to; `venvwrap restore --in-place` changes that".into())
            }
            Self::OwnPython { name } => {
                Some(format!("create another one with the packages that `venvwrap freeze {}` prints", quoted(name)))
            }
            Self::Create(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Find(error) => error.familiar(),
            Self::OwnPython { .. } => None,
            Self::Create(error) => error.familiar(),
        }
    }
}

impl Explain for CreateError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Exists { .. } => Some("`--clear` replaces it".into()),
            Self::Occupied { .. } => Some("move it away, or choose another place".into()),
            Self::Link { .. } => Some(format!("`{}` removes the link and leaves its target alone", called::remove())),
            Self::Foreign { .. } => Some("`--clear` recreates the environment".into()),
            Self::OtherPython { .. } => Some("`--clear` replaces it; its packages must be installed again".into()),
            Self::OtherSeed { environment, project, requested, .. } => {
                let python = quoted_path(&environment.join("bin/python"));
                let requirement = quoted_word(format!("{project}=={requested}").as_ref());
                Some(format!("`{python} -m pip install {requirement}` changes it; `--clear` replaces the environment"))
            }
            Self::NotCopyable { .. } => Some("leave out `--copies`".into()),
            Self::Holds { .. } => Some("create the environment in another directory".into()),
            Self::Activate(error) => error.hint(),
            Self::Configuration(error) => error.hint(),
            Self::Seed(error) => error.hint(),
            Self::Wheel(error) => error.hint(),
            Self::Mounted(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Operation(error) => error.familiar(),
            Self::Exists { .. }
            | Self::Occupied { .. }
            | Self::Link { .. }
            | Self::Foreign { .. }
            | Self::OtherPython { .. }
            | Self::OtherSeed { .. }
            | Self::NotCopyable { .. }
            | Self::Holds { .. }
            | Self::Activate(_)
            | Self::Configuration(_)
            | Self::Seed(_)
            | Self::Wheel(_)
            | Self::Mounted(_) => None,
        }
    }
}

impl Explain for ForeignError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Start { .. } => Some(
                "VIRTUALENVWRAPPER_VIRTUALENV or `creator` in config.toml names it; unset it to use the built-in creator"
                    .into(),
            ),
            Self::Failed { .. } | Self::Nothing { .. } => None,
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Start { program, .. } => Some(Familiar::NoProgram(program.clone())),
            Self::Operation(error) => error.familiar(),
            Self::Failed { .. } | Self::Nothing { .. } => None,
        }
    }
}

/// What brings back packages that are gone.
pub(super) fn brings_back(name: &EnvName, version: &str) -> String {
    let name = quoted(name);
    format!(
        "`venvwrap restore {name}` brings back those of a snapshot, `venvwrap upgrade {name} -p {version}` rebuilds it \
         without any"
    )
}

/// What puts an environment of conda into another place.
pub(super) fn of_conda() -> String {
    "pack it with `conda-pack` where conda has made it; `venvwrap unpack` puts the archive into any place".into()
}

/// What to do about an environment whose `bin` is elsewhere.
const WITHOUT_PROGRAMS: &str = "put the directory that it leads to in the place of the link first";

impl Explain for CopyError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => existing(error),
            Self::Missing { .. } => Some("give the name of an environment, or its directory".into()),
            Self::Exists { .. } => Some(format!("choose another name, or remove it first with `{}`", called::remove())),
            Self::IntoItself { .. } => Some("set WORKON_HOME to a directory outside it".into()),
            Self::Conda { .. } => Some(of_conda()),
            Self::Vanished { .. } => None,
            Self::Activate(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Source(error) => error.familiar(),
            Self::Operation(error) => error.familiar(),
            Self::Missing { .. }
            | Self::Exists { .. }
            | Self::IntoItself { .. }
            | Self::Conda { .. }
            | Self::Vanished { .. }
            | Self::Activate(_) => None,
        }
    }
}

impl Explain for RemoveError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Active { .. } => Some("run `deactivate`, or switch to another environment, first".into()),
            Self::NotAnEnvironment { .. } => Some("`--force` removes the directory anyway".into()),
            Self::NotADirectory { .. } => Some("only environments can be removed".into()),
            Self::Find(error) => existing(error),
            Self::Holds { .. } => {
                Some("set WORKON_HOME to a directory that holds nothing else, such as `~/.virtualenvs`".into())
            }
            Self::Mounted(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Active { name } => Some(Familiar::Active(name.clone())),
            Self::Find(error) => error.familiar(),
            Self::Operation(error) => error.familiar(),
            Self::NotAnEnvironment { .. } | Self::NotADirectory { .. } | Self::Holds { .. } | Self::Mounted(_) => None,
        }
    }
}

impl Explain for UndoError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty => Some("what was removed is kept for a day, unless `trash_keep` says otherwise".into()),
            Self::NotFound { kept, .. } if kept.is_empty() => Self::Empty.hint(),
            Self::NotFound { .. } => Some("`venvwrap undo --list` lists what is kept".into()),
            Self::Taken { name } => {
                Some(format!("`venvwrap undo {} --as NEW` brings it back under another name", quoted(name)))
            }
            Self::Busy { .. } => Some("wait for it to finish, then try again".into()),
            Self::Copy(error) => error.hint(),
            Self::Mounted(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }
}

impl Explain for RenameError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Find(error) => error.hint(),
            Self::Exists { .. } => Some(format!("choose another name, or remove it first with `{}`", called::remove())),
            Self::SameName { .. } => Some("choose another name".into()),
            Self::Active { name, new } => {
                Some(format!("`mvvirtualenv {} {}` renames it in this shell, too", quoted(name), quoted(new)))
            }
            Self::InUse { .. } => Some("deactivate it there first, or use `--force`".into()),
            Self::Mounted { .. } => Some("unmount it first".into()),
            Self::Conda { .. } => Some(of_conda()),
            Self::ProgramsElsewhere { .. } => Some(WITHOUT_PROGRAMS.into()),
            Self::Activate(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Find(error) => error.familiar(),
            Self::Operation(error) => error.familiar(),
            Self::Active { .. }
            | Self::ProgramsElsewhere { .. }
            | Self::Conda { .. }
            | Self::Exists { .. }
            | Self::SameName { .. }
            | Self::InUse { .. }
            | Self::Mounted { .. }
            | Self::Activate(_) => None,
        }
    }
}

impl Explain for RepairError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Find(error) => error.hint(),
            Self::Link { .. } => Some("repair it with the tool that keeps it".into()),
            Self::NoConfiguration { .. } => {
                Some("nothing says which Python it is for; `--clear` of `venvwrap create` makes it anew".into())
            }
            Self::NoPrograms { name, version } => {
                let (name, version) = (quoted(name), version.as_deref().unwrap_or("PYTHON"));
                Some(format!("`venvwrap upgrade {name} -p {version}` rebuilds it with the same packages"))
            }
            Self::NoPackages { name, version } => Some(brings_back(name, version)),
            Self::ProgramsElsewhere { .. } => Some(WITHOUT_PROGRAMS.into()),
            Self::NoPython { name, version, nearest } => {
                let (name, other) = (quoted(name), nearest.as_deref().unwrap_or("PYTHON"));
                Some(format!(
                    "install Python {version}, or rebuild it with another: `venvwrap upgrade {name} -p {other}`"
                ))
            }
            Self::Activate(error) => error.hint(),
            Self::Configuration(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }
}

impl Explain for KernelError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoDirectory => Some("set HOME, or JUPYTER_DATA_DIR to a directory".into()),
            Self::NoIpykernel { name } => Some(format!("`venvwrap kernel add --install {}` installs it", quoted(name))),
            Self::Id { .. } => Some("an id consists of at most 200 letters, digits, `.`, `_` and `-`".into()),
            Self::NoId { .. } => Some("`--id ID` names one".into()),
            Self::Taken { .. } => Some("`--id ID` adds it under another id".into()),
            Self::NotFound { .. } => Some("`venvwrap kernel list` lists the kernels".into()),
            Self::Foreign { .. } => Some("`--force` removes it anyway".into()),
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
