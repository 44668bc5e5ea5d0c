//! The Jupyter kernels of environments: added, removed, listed, and what becomes of them when their environment changes.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::{OperationError, from_causes};
use super::home::{HomeError, Store};
use super::lock::LockError;
use crate::env::Environment;
use crate::env::distributions::installed;
use crate::env::kernel_spec::{self, KernelRequest, SpecError};
use crate::env::kernels::{self, KeptKernel, Kernel};
use crate::env::name::EnvName;
use crate::fs::lock::DirectoryLock;
use crate::fs::{self, PathError, PathResult, route};

mod follow;
mod retitle;
mod spelled;

pub use self::retitle::Retitled;

/// A kernel, and what it has to do with this store.
#[derive(Clone, Debug)]
pub struct ListedKernel {
    /// The kernel.
    pub kernel: Kernel,
    /// The environment of the store that it runs in.
    pub environment: Option<EnvName>,
    /// Whether it works.
    pub state: KernelState,
}

/// Whether a kernel works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelState {
    /// It can be started.
    Ok,
    /// Its interpreter does not exist.
    Dead,
    /// It is venvwrap's, but its environment is not in this store.
    Elsewhere,
    /// PATH in it is not that of its environment: `!pip` is another one.
    Path,
}

impl KernelState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Dead => "dead",
            Self::Elsewhere => "not in store",
            Self::Path => "path differs",
        }
    }
}

/// Why the kernels are as they were.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// There is no directory for them.
    #[error("could not find the directory of Jupyter's kernels")]
    NoDirectory,
    /// Nothing in the environment could be started.
    #[error("`{name}` has no `ipykernel`")]
    NoIpykernel {
        /// The name of the environment.
        name: EnvName,
    },
    /// Jupyter would not take the name.
    #[error("{id:?} is not a valid id for a kernel: {problem}")]
    Id {
        /// The id.
        id: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The name of the environment has no letter or digit that an id could consist of.
    #[error("no kernel id can be derived from the name `{name}`")]
    NoId {
        /// The name.
        name: EnvName,
    },
    /// There is another kernel of this id.
    #[error("there is a kernel `{id}` already: `{}`", directory.display())]
    Taken {
        /// The id.
        id: String,
        /// Its directory.
        directory: PathBuf,
    },
    /// There is no such kernel.
    #[error("no kernel has the id `{id}`")]
    NotFound {
        /// The id.
        id: String,
    },
    /// Others have written it.
    #[error("venvwrap did not write the kernel `{id}`")]
    Foreign {
        /// The id.
        id: String,
    },
    /// Nothing says what it runs.
    #[error("`{}` is not the description of a kernel", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
    },
    /// It is kept elsewhere.
    #[error("the kernel `{id}` is a link")]
    Link {
        /// The id.
        id: String,
    },
    /// It cannot be described.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(KernelError: LockError, HomeError, PathError);

impl Store {
    /// Writes a kernel for an environment. One that venvwrap has written for the same environment is replaced.
    pub fn add_kernel(&self, env: &Environment, request: &KernelRequest) -> Result<Kernel, KernelError> {
        let parent = self.kernel_dir()?;
        let id = match &request.id {
            Some(id) => id.to_ascii_lowercase(),
            None => kernel_spec::id_of(&kernel_spec::called(env)),
        };
        match (&request.id, kernel_spec::id_problem(&id)) {
            (_, None) => {}
            (Some(id), Some(problem)) => return Err(KernelError::Id { id: id.clone(), problem }),
            (None, Some(_)) => return Err(KernelError::NoId { name: env.name().clone() }),
        }
        // Nobody may remove it meanwhile.
        let is_own = self.path_of(env.name()) == env.path();
        let _lock = is_own.then(|| self.lock(env.name())).transpose()?;
        if !has_ipykernel(env, self.options().user_home.as_deref()) {
            return Err(KernelError::NoIpykernel { name: env.name().clone() });
        }
        let created = (self.options().clock)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let content = kernel_spec::content(env, request, created)?;
        fs::create_private_all(parent)?;
        let _parent = DirectoryLock::take(parent)?;
        let directory = place_for(parent, &id, env, request.force)?;
        kernels::write(&directory, env.path(), &content)?;
        Kernel::read(&directory).ok_or(KernelError::NotFound { id })
    }

    /// Removes kernels of the user: those of others, and what cannot be read, only if `force` is set. If one cannot be, none
    /// is.
    pub fn remove_kernels(&self, ids: &[String], force: bool) -> Result<(), KernelError> {
        self.kernel_dir()?;
        let parents: Vec<_> = self.kernel_dirs().filter(|parent| parent.is_dir()).collect();
        let _locks = parents.iter().map(|parent| DirectoryLock::take(parent)).collect::<PathResult<Vec<_>>>()?;
        let existing: Vec<_> = parents.iter().map(|parent| (parent, kernels::list(parent))).collect();
        let mut found: Vec<PathBuf> = Vec::new();
        for id in ids {
            // Of two of one id Jupyter takes the first as well.
            let places = existing.iter().map(|(parent, existing)| directory_of(parent, existing, id, force));
            let is_there = |place: &Result<_, _>| !matches!(place, Err(KernelError::NotFound { .. }));
            let missing = || Err(KernelError::NotFound { id: id.clone() });
            let directory = places.into_iter().find(is_there).unwrap_or_else(missing)?;
            if !found.contains(&directory) {
                found.push(directory);
            }
        }
        found.iter().try_for_each(|directory| kernels::delete(directory))?;
        Ok(())
    }

    /// The kernels of the user, and those in other directories.
    pub fn kernels(&self, others: &[PathBuf]) -> Vec<ListedKernel> {
        let directories = self.kernel_dirs().chain(others).filter(unseen());
        let found = directories.flat_map(|directory| kernels::list(directory));
        found.map(|kernel| self.judge(kernel)).collect()
    }

    /// The files in the same directories that should describe a kernel and cannot be read.
    pub fn unreadable_kernels(&self, others: &[PathBuf]) -> Vec<PathBuf> {
        let directories = self.kernel_dirs().chain(others).filter(unseen());
        directories.flat_map(|directory| kernels::unreadable(directory)).collect()
    }

    /// The Jupyter kernels of the user whose interpreter is in a directory.
    pub fn kernels_in(&self, env: &Path) -> Vec<Kernel> {
        let kernels = self.kernel_dirs().flat_map(|directory| kernels::list(directory));
        kernels.filter(|kernel| kernel.runs_in(env)).collect()
    }

    /// Those that run in it and that venvwrap has written.
    pub(super) fn own_kernels(&self, env: &Path) -> Vec<Kernel> {
        self.kernels_in(env).into_iter().filter(|kernel| kernel.environment.is_some()).collect()
    }

    /// Puts kernels back for an environment that is in this place; returns what could not be.
    pub(super) fn put_kernels_back(&self, env: &Path, kept: &[KeptKernel]) -> Vec<PathError> {
        kept.iter().filter_map(|kernel| self.put_kernel_back(env, kernel).err()).collect()
    }

    /// A note says where a kernel was. It is put there only if that is where kernels are.
    fn put_kernel_back(&self, env: &Path, kept: &KeptKernel) -> PathResult<()> {
        let is_place = |place: &Path| {
            place.file_name().is_some() && self.kernel_dirs().any(|parent| place.parent() == Some(parent))
        };
        if !is_place(&kept.directory) {
            let source = std::io::ErrorKind::NotFound.into();
            return Err(PathError { action: "restore", path: kept.directory.clone(), source });
        }
        kept.put_back(env)
    }

    /// The directories of the user's kernels, the own one first.
    fn kernel_dirs(&self) -> impl Iterator<Item = &PathBuf> {
        self.options().kernel_dir.iter().chain(&self.options().more_kernel_dirs).filter(unseen())
    }

    fn kernel_dir(&self) -> Result<&Path, KernelError> {
        self.options().kernel_dir.as_deref().ok_or(KernelError::NoDirectory)
    }

    /// The entry of the store that a program is in, however its path is spelled.
    fn entry_of(&self, program: &Path) -> Option<OsString> {
        if let Ok(inside) = program.strip_prefix(self.home()) {
            return inside.iter().next().map(OsStr::to_os_string);
        }
        let home = self.home().canonicalize().ok().filter(|_| program.is_absolute())?;
        route::entry_of(program, &home)
    }

    fn judge(&self, kernel: Kernel) -> ListedKernel {
        let name = self.entry_of(&kernel.program).and_then(|entry| EnvName::for_existing(&entry).ok());
        let environment = name.filter(|name| self.find(name.as_os_str()).is_ok());
        let state = if kernel.is_dead() {
            KernelState::Dead
        } else if let Some(name) = &environment {
            let has_other_path = kernel.path.is_some() && !kernel.has_path_of(&self.path_of(name));
            if has_other_path { KernelState::Path } else { KernelState::Ok }
        } else if kernel.environment.is_some() {
            KernelState::Elsewhere
        } else {
            KernelState::Ok
        };
        ListedKernel { kernel, environment, state }
    }
}

/// Lets the first of equal directories through.
fn unseen<'d>() -> impl FnMut(&&'d PathBuf) -> bool {
    let mut seen: Vec<&PathBuf> = Vec::new();
    move |directory| {
        let is_new = !seen.contains(directory);
        seen.push(directory);
        is_new
    }
}

/// The directory of a kernel that may be removed.
fn directory_of(parent: &Path, existing: &[Kernel], id: &str, force: bool) -> Result<PathBuf, KernelError> {
    let is_meant = |kernel: &&Kernel| kernel.id.to_str().is_some_and(|found| found.eq_ignore_ascii_case(id));
    match (existing.iter().find(is_meant), kernels::find_other(parent, id)) {
        (Some(kernel), _) if kernel.environment.is_none() && !force => Err(KernelError::Foreign { id: id.to_owned() }),
        (Some(kernel), _) => Ok(kernel.directory().to_path_buf()),
        (None, None) => Err(KernelError::NotFound { id: id.to_owned() }),
        (None, Some(other)) if force => Ok(other),
        (None, Some(other)) if other.is_symlink() => Err(KernelError::Link { id: id.to_owned() }),
        (None, Some(other)) => Err(KernelError::Unreadable { file: other.join(kernel_spec::FILE_NAME) }),
    }
}

/// The directory for a kernel: what is there must be its predecessor. Jupyter takes no notice of case.
fn place_for(parent: &Path, id: &str, env: &Environment, force: bool) -> Result<PathBuf, KernelError> {
    let place = parent.join(id);
    let names = std::fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let taken = names.into_iter().find(|name| name.to_str().is_some_and(|name| name.eq_ignore_ascii_case(id)));
    let Some(directory) = taken.map(|name| parent.join(name)) else { return Ok(place) };
    let is_link = std::fs::symlink_metadata(&directory).is_ok_and(|found| found.is_symlink());
    let may_replace = |kernel: &Kernel| {
        let is_predecessor = kernel.environment.is_some() && kernel.runs_in(env.path());
        is_predecessor || (kernel.environment.is_none() && force)
    };
    let is_replaceable = !is_link && Kernel::read(&directory).as_ref().is_some_and(may_replace);
    if is_replaceable || kernels::is_free(&directory) {
        return Ok(directory);
    }
    Err(KernelError::Taken { id: id.to_string(), directory })
}

/// Returns whether an environment can import ipykernel. Mostly it is in its own packages.
fn has_ipykernel(env: &Environment, user_home: Option<&Path>) -> bool {
    env.site_packages().is_some_and(|packages| packages.join("ipykernel_launcher.py").is_file())
        || installed(env, user_home).distributions.iter().any(|distribution| distribution.key == "ipykernel")
}

#[cfg(test)]
mod tests;
