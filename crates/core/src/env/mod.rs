//! One environment: the paths inside it, and what can be known of it without running its Python.

pub(crate) mod activate_path;
pub(crate) mod activators;
pub mod describe;
pub mod direct_url;
pub mod distributions;
pub mod elsewhere;
pub(crate) mod first_line;
pub(crate) mod generated;
pub mod headers;
pub mod health;
pub mod import_path;
pub mod inside;
pub mod kernel_spec;
pub mod kernels;
mod known;
pub mod metadata;
pub mod name;
pub mod owner;
pub mod packages;
pub mod path_file;
pub mod pattern;
mod pipeline;
pub mod program;
pub mod project_file;
pub mod prompt_name;
pub mod pyvenv_cfg;
mod running;
pub mod shells;
pub mod similar;
pub mod size;
pub(crate) mod unrecorded;
pub mod usage;
mod view;

use std::path::{Path, PathBuf};

use rustix::fs::AtFlags;

use self::name::EnvName;
use self::pyvenv_cfg::{PyvenvCfg, SetError};
use crate::fs::entry::Entry;
use crate::fs::{self, Change, PathContext, PathError, PathResult};

/// The directory of the programs of an environment, and of an installation of Python.
pub(crate) const BIN: &str = "bin";

/// The largest `pyvenv.cfg` that is read, in bytes.
const MAX_CFG_BYTES: u64 = 64 * 1024;

/// The files that mark a directory as an environment; one of them is enough.
pub const MARKS: [&str; 2] = ["pyvenv.cfg", "bin/activate"];

/// Returns whether a directory is an environment: it has one of the [`MARKS`].
pub fn is_environment(directory: &Path) -> bool {
    MARKS.iter().any(|mark| directory.join(mark).exists())
}

/// Returns whether conda has made an environment: its compiled files name its path, and its Python is inside.
pub fn is_of_conda(directory: &Path) -> bool {
    directory.join("conda-meta").is_dir()
}

/// Fails where permissions hide whether a directory is an environment.
pub fn check_readable(directory: &Path) -> PathResult<()> {
    for path in MARKS.iter().map(|mark| directory.join(mark)) {
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Err(error).at("read", &path),
            _ => {}
        }
    }
    Ok(())
}

/// A directory that holds, or seems to hold, an environment.
#[derive(Clone, Debug)]
pub struct Environment {
    name: EnvName,
    path: PathBuf,
}

impl Environment {
    /// Names the environment at a path; nothing is read.
    pub fn new(name: EnvName, path: PathBuf) -> Self {
        Self { name, path }
    }

    /// Its name.
    pub fn name(&self) -> &EnvName {
        &self.name
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory of its programs.
    pub fn bin(&self) -> PathBuf {
        self.path.join(BIN)
    }

    /// The script that activates it in bash, zsh and sh.
    pub fn activate_script(&self) -> PathBuf {
        self.bin().join("activate")
    }

    /// Its interpreter.
    pub fn python(&self) -> PathBuf {
        self.bin().join("python")
    }

    /// The file that holds its project directory.
    pub fn project_file(&self, filename: &std::ffi::OsStr) -> PathBuf {
        self.path.join(filename)
    }

    /// Returns whether its directory is an environment, as [`is_environment`] defines it.
    pub fn looks_like_one(&self) -> bool {
        is_environment(&self.path)
    }

    /// What the entry in the store points to, when it is a link to an environment elsewhere.
    pub fn link_target(&self) -> Option<PathBuf> {
        std::fs::read_link(&self.path).ok()
    }

    /// Shows the packages of the base interpreter if they were hidden, and hides them if they were visible; tells
    /// whether they are visible now.
    pub fn toggle_system_site_packages(&self) -> Result<bool, CfgError> {
        let mut is_visible = false;
        self.update_cfg(|old| {
            let mut cfg = old.ok_or_else(|| self.missing_cfg())?;
            is_visible = !cfg.include_system_site_packages();
            cfg.set("include-system-site-packages", &is_visible.to_string())?;
            Ok::<_, CfgError>(cfg)
        })?;
        Ok(is_visible)
    }

    /// Changes `pyvenv.cfg`, which may be missing, under the lock of the environment's directory. Its time stays: where
    /// nothing else says so, it is that at which the environment was created.
    pub(crate) fn update_cfg<E: From<PathError>>(
        &self,
        change: impl FnOnce(Option<PyvenvCfg>) -> Result<PyvenvCfg, E>,
    ) -> Result<(), E> {
        let path = self.path.join("pyvenv.cfg");
        let before = rustix::fs::lstat(&path);
        let file = Entry::below(&self.path, Path::new("pyvenv.cfg"))?;
        let updated =
            file.update(MAX_CFG_BYTES, 0o666, |old| Ok(Change::Replace(change(old.map(PyvenvCfg::parse))?.to_bytes())));
        if let (Ok(before), Ok(())) = (before, &updated) {
            let times = fs::times::times_of(&before);
            let _ = rustix::fs::utimensat(rustix::fs::CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW);
        }
        updated
    }

    fn missing_cfg(&self) -> CfgError {
        CfgError::Missing { name: self.name.clone() }
    }

    /// The site-packages of its own version of Python; of several when none is recorded the last, which is the newest.
    pub fn site_packages(&self) -> Option<PathBuf> {
        let found = packages::site_packages(&self.path);
        let recorded = self.cfg().and_then(|cfg| packages::minor_of(&cfg.version()?));
        let is_recorded = |path: &&PathBuf| {
            let library = path.parent().and_then(|library| library.file_name()).and_then(|name| name.to_str());
            recorded.is_some() && library.and_then(packages::version_of) == recorded
        };
        found.iter().find(is_recorded).or(found.last()).cloned()
    }

    /// Its `pyvenv.cfg`; none when it is missing, unreadable or absurdly large.
    pub fn cfg(&self) -> Option<PyvenvCfg> {
        fs::read_limited(&self.path.join("pyvenv.cfg"), MAX_CFG_BYTES).ok().map(|content| PyvenvCfg::parse(&content))
    }
}

/// Why `pyvenv.cfg` was not changed.
#[derive(Debug, thiserror::Error)]
pub enum CfgError {
    /// There is none.
    #[error("`{name}` has no `pyvenv.cfg`")]
    Missing {
        /// The environment.
        name: EnvName,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A value cannot be written.
    #[error(transparent)]
    Value(#[from] SetError),
}
