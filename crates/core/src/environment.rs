//! One environment: the paths inside it, and what can be known of it without running its Python.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::fs::{self, PathError};
use crate::health::{self, BaseFacts, Health};
use crate::metadata::{self, Metadata};
use crate::name::EnvName;
use crate::packages;
use crate::project;
use crate::pyvenv_cfg::{PyvenvCfg, SetError};

/// The largest `pyvenv.cfg` that is read, in bytes.
const MAX_CFG_BYTES: u64 = 64 * 1024;

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
        self.path.join("bin")
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

    /// Tells whether the directory has one of the two marks of an environment.
    pub fn looks_like_one(&self) -> bool {
        self.path.join("pyvenv.cfg").exists() || self.activate_script().exists()
    }

    /// What the entry in the store points to, when it is a link to an environment elsewhere.
    pub fn link_target(&self) -> Option<PathBuf> {
        std::fs::read_link(&self.path).ok()
    }

    /// Shows the packages of the base interpreter if they were hidden, and hides them if they were visible; tells
    /// whether they are visible now.
    pub fn toggle_system_site_packages(&self) -> Result<bool, CfgError> {
        let file = self.path.join("pyvenv.cfg");
        let mut cfg = PyvenvCfg::parse(&fs::read_limited(&file, MAX_CFG_BYTES)?);
        let is_visible = !cfg.include_system_site_packages();
        cfg.set("include-system-site-packages", &is_visible.to_string())?;
        fs::replace_file(&file, &cfg.to_bytes(), 0o666)?;
        Ok(is_visible)
    }

    /// The site-packages of its own version of Python; of several when none is recorded the last, which is the newest.
    pub fn site_packages(&self) -> Option<PathBuf> {
        let found = packages::site_packages(&self.path);
        let recorded = self.cfg().and_then(|cfg| cfg.version()).and_then(|version| {
            let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
            Some((parts.next()?, parts.next()?))
        });
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
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A value cannot be written.
    #[error(transparent)]
    Value(#[from] SetError),
}

/// What can be known of an environment from its files.
#[derive(Clone, Debug)]
pub struct Description {
    /// The environment.
    pub environment: Environment,
    /// The version of its Python as recorded when it was made: `3.12.1`.
    pub python: Option<String>,
    /// Which Python: `CPython`, `PyPy`.
    pub implementation: String,
    /// Whether it works.
    pub health: Health,
    /// The project directory, if it has one.
    pub project: Option<PathBuf>,
    /// The number of installed distributions.
    pub packages: usize,
    /// When it was made.
    pub created: Option<SystemTime>,
    /// When it was last activated, as far as we know.
    pub last_used: Option<SystemTime>,
    /// Whether it will be removed when it is left.
    pub is_temporary: bool,
    /// Whether the packages of the base interpreter are visible in it.
    pub system_site_packages: bool,
    /// Where it really lies, when the store holds only a link.
    pub link_target: Option<PathBuf>,
}

/// Describes environments; remembers what it has learned of base interpreters, because most environments share a few.
#[derive(Clone, Debug)]
pub struct Examiner<'a> {
    project_filename: &'a OsString,
    bases: HashMap<PathBuf, BaseFacts>,
}

impl<'a> Examiner<'a> {
    /// Makes an examiner that looks for project directories in files of this name.
    pub fn new(project_filename: &'a OsString) -> Self {
        Self { project_filename, bases: HashMap::new() }
    }

    /// Reads everything there is to know about an environment.
    pub fn describe(&mut self, environment: &Environment) -> Description {
        let cfg = environment.cfg();
        let libraries = packages::library_directories(environment.path());
        let health = health::examine(environment, cfg.as_ref(), &libraries, &mut self.bases);
        let metadata = Metadata::read(environment.path());
        let site_packages = packages::site_packages_of(environment.path(), &libraries);
        Description {
            python: cfg.as_ref().and_then(recorded_version).or_else(|| library_version(&libraries)),
            implementation: implementation(cfg.as_ref(), &libraries),
            health,
            project: project::read(&environment.project_file(self.project_filename)).ok().flatten(),
            packages: packages::count(&site_packages),
            created: metadata.created_at().or_else(|| modified(&environment.path().join("pyvenv.cfg"))),
            last_used: metadata::last_used(environment.path()),
            is_temporary: metadata.temporary.is_some(),
            system_site_packages: cfg.as_ref().is_some_and(PyvenvCfg::include_system_site_packages),
            link_target: environment.link_target(),
            environment: environment.clone(),
        }
    }
}

fn recorded_version(cfg: &PyvenvCfg) -> Option<String> {
    cfg.version()
}

fn library_version(libraries: &[String]) -> Option<String> {
    let (major, minor) = packages::version_of(libraries.first()?)?;
    Some(format!("{major}.{minor}"))
}

fn implementation(cfg: Option<&PyvenvCfg>, libraries: &[String]) -> String {
    if let Some(name) = cfg.and_then(|cfg| cfg.get("implementation")) {
        return name.to_string();
    }
    let of_library = |prefix: &str| libraries.iter().any(|name| name.starts_with(prefix));
    match () {
        () if of_library("pypy") => "PyPy",
        () if of_library("graalpy") => "GraalPy",
        () => "CPython",
    }
    .to_string()
}

fn modified(path: &Path) -> Option<SystemTime> {
    let found: io::Result<std::fs::Metadata> = std::fs::metadata(path);
    found.ok()?.modified().ok()
}
