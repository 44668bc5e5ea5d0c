//! All that can be known of an environment from its files, without running its Python.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use super::health::{self, BaseFacts, Health};
use super::metadata::{self, Metadata};
use super::packages;
use super::project_file;
use super::pyvenv_cfg::PyvenvCfg;
use super::view::{Found, View};
use super::{Environment, MARKS};

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

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
        let view = View::open(environment.path());
        let file = view.read("pyvenv.cfg", MAX_BYTES);
        self.describe_in(environment, view, file)
    }

    /// The same for a directory that may be no environment; none for one that is not.
    pub fn describe_if_one(&mut self, environment: &Environment) -> Option<Description> {
        let view = View::open(environment.path());
        let file = view.read("pyvenv.cfg", MAX_BYTES);
        let is_one = file.is_some() || MARKS.iter().any(|mark| view.has(mark.as_ref()));
        is_one.then(|| self.describe_in(environment, view, file))
    }

    fn describe_in(&mut self, environment: &Environment, view: View, file: Option<Found>) -> Description {
        let cfg = file.as_ref().map(|file| PyvenvCfg::parse(&file.content));
        let (libraries, packages) = packages::contents(&view, cfg.as_ref().and_then(PyvenvCfg::version).as_deref());
        let health = health::examine_in(&view, environment, cfg.as_ref(), &libraries, &mut self.bases);
        let noted = view.read(metadata::FILE_NAME, MAX_BYTES);
        let metadata = noted.as_ref().map(|file| Metadata::parse(&file.content)).unwrap_or_default();
        let has_project = view.has(self.project_filename);
        Description {
            python: cfg.as_ref().and_then(PyvenvCfg::version).or_else(|| library_version(&libraries)),
            implementation: implementation(cfg.as_ref(), &libraries),
            health,
            project: has_project.then(|| self.project(environment)).flatten(),
            packages,
            created: metadata.created_at().or(file.and_then(|file| file.modified)),
            last_used: noted.and_then(|file| file.modified),
            is_temporary: metadata.temporary.is_some(),
            system_site_packages: cfg.as_ref().is_some_and(PyvenvCfg::include_system_site_packages),
            link_target: view.link_target,
            environment: environment.clone(),
        }
    }

    fn project(&self, environment: &Environment) -> Option<PathBuf> {
        project_file::read(&environment.project_file(self.project_filename)).ok().flatten()
    }
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
    let name = if of_library("pypy") {
        "PyPy"
    } else if of_library("graalpy") {
        "GraalPy"
    } else {
        "CPython"
    };
    name.to_string()
}
