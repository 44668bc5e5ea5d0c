//! All that can be known of an environment from its files, without running its Python.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use super::health::{self, Health, Memory};
use super::metadata::{self, Metadata};
use super::packages;
use super::project_file;
use super::pyvenv_cfg::PyvenvCfg;
use super::view::View;
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
    memory: Memory,
}

/// `pyvenv.cfg` as it was read, and when it was changed last.
type CfgFile = (PyvenvCfg, Option<SystemTime>);

impl<'a> Examiner<'a> {
    /// Makes an examiner that looks for project directories in files of this name.
    pub fn new(project_filename: &'a OsString) -> Self {
        Self { project_filename, memory: Memory::default() }
    }

    /// Reads everything there is to know about an environment.
    pub fn describe(&mut self, environment: &Environment) -> Description {
        let view = View::open(environment.path());
        let file = self.cfg_in(&view);
        self.describe_in(environment, view, file)
    }

    /// The same for a directory that may be no environment; none for one that is not.
    pub fn describe_if_one(&mut self, environment: &Environment) -> Option<Description> {
        let view = View::open(environment.path());
        let file = self.cfg_in(&view);
        let is_one = file.is_some() || MARKS.iter().any(|mark| view.has(*mark));
        is_one.then(|| self.describe_in(environment, view, file))
    }

    fn cfg_in(&mut self, view: &View) -> Option<CfgFile> {
        let found = view.read(c"pyvenv.cfg", MAX_BYTES, &mut self.memory.room)?;
        Some((PyvenvCfg::parse(found.content), found.modified))
    }

    fn describe_in(&mut self, environment: &Environment, view: View, file: Option<CfgFile>) -> Description {
        let (cfg, modified) = file.map_or((None, None), |(cfg, modified)| (Some(cfg), modified));
        let cfg = cfg.as_ref();
        let version = cfg.and_then(PyvenvCfg::version);
        let (libraries, packages) = packages::contents(&view, version.as_deref());
        let health = health::examine_in(&view, environment, cfg, &libraries, &mut self.memory);
        let noted = view.read(metadata::FILE_NAME, MAX_BYTES, &mut self.memory.room);
        let metadata = noted.as_ref().map(|file| Metadata::parse(file.content)).unwrap_or_default();
        let last_used = noted.and_then(|file| file.modified);
        let has_project = view.has(self.project_filename);
        Description {
            python: version.or_else(|| library_version(&libraries)),
            implementation: implementation(cfg, &libraries),
            health,
            project: has_project.then(|| self.project(environment)).flatten(),
            packages,
            created: metadata.created_at().or(modified),
            last_used,
            is_temporary: metadata.temporary.is_some(),
            system_site_packages: cfg.is_some_and(PyvenvCfg::include_system_site_packages),
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
