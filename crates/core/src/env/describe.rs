//! All that can be known of an environment from its files, without running its Python.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::health::{self, Health, Memory};
use super::known::{Facts, Known, Stamp};
use super::metadata::{self, Metadata};
use super::packages::{self, Library};
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

/// What is to be noted of an environment for the next time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// What was noted before.
    Unchanged,
    /// This line.
    Line(String),
    /// Nothing: it has just changed, or depends on more than its own files.
    Unfit,
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
        self.describe_in(environment, view, file).0
    }

    /// The same for a directory that may be no environment; none for one that is not.
    pub fn describe_if_one(&mut self, environment: &Environment) -> Option<Description> {
        let view = View::open(environment.path());
        let file = self.cfg_in(&view);
        (file.is_some() || has_mark(&view)).then(|| self.describe_in(environment, view, file).0)
    }

    /// The same for one of many. `line` is what was noted of it before, and takes the place of its files as long as they
    /// are unchanged.
    pub(crate) fn describe_noted(
        &mut self,
        environment: &Environment,
        line: Option<&str>,
        now: SystemTime,
    ) -> Option<(Description, Note)> {
        let view = View::open(environment.path());
        // A stamp is taken before the files are read: what changes in between is seen the next time.
        let stamp = Stamp::of(&view);
        if let Some(known) = line.filter(|_| view.link_target.is_none()).and_then(Known::parse)
            && let Some(library) = Library::of(&known.facts.version)
            && known.holds(&stamp.clone().with_packages(&view, Some(&library)))
            && let Some(description) = self.describe_known(environment, &view, (known.facts, &library), stamp.last_used)
        {
            return Some((description, Note::Unchanged));
        }
        let file = self.cfg_in(&view);
        let version = file.as_ref().and_then(|(cfg, _)| cfg.version());
        let stamp = version.map(|version| stamp.with_packages(&view, Library::of(&version).as_ref()));
        if file.is_none() && !has_mark(&view) {
            return None;
        }
        let (description, facts) = self.describe_in(environment, view, file);
        let known = stamp.zip(facts).and_then(|(stamp, facts)| Known::new(&stamp, facts, now));
        Some((description, known.and_then(|known| known.line()).map_or(Note::Unfit, Note::Line)))
    }

    fn cfg_in(&mut self, view: &View) -> Option<CfgFile> {
        let found = view.read(c"pyvenv.cfg", MAX_BYTES, &mut self.memory.room)?;
        Some((PyvenvCfg::parse(found.content), found.modified))
    }

    /// Describes an environment; the facts are none where more than its own files decides them.
    fn describe_in(
        &mut self,
        environment: &Environment,
        view: View,
        file: Option<CfgFile>,
    ) -> (Description, Option<Facts<'static>>) {
        let (cfg, modified) = file.map_or((None, None), |(cfg, modified)| (Some(cfg), modified));
        let cfg = cfg.as_ref();
        let version = cfg.and_then(PyvenvCfg::version);
        let (libraries, packages) = packages::contents(&view, version.as_deref());
        let verdict = health::examine_in(&view, environment, cfg, &libraries, &mut self.memory);
        let noted = view.read(metadata::FILE_NAME, MAX_BYTES, &mut self.memory.room);
        let metadata = noted.as_ref().map(|file| Metadata::parse(file.content)).unwrap_or_default();
        let last_used = noted.and_then(|file| file.modified);
        let description = Description {
            python: version.or_else(|| library_version(&libraries)),
            implementation: implementation(cfg, &libraries),
            health: verdict.health,
            project: self.project(environment, &view),
            packages,
            created: metadata.created_at().or(modified),
            last_used,
            is_temporary: metadata.temporary.is_some(),
            system_site_packages: cfg.is_some_and(PyvenvCfg::include_system_site_packages),
            link_target: view.link_target,
            environment: environment.clone(),
        };
        let home = cfg.and_then(PyvenvCfg::home).filter(|_| verdict.is_evident && description.link_target.is_none());
        let facts = home.and_then(|home| facts_of(&description, &libraries, home));
        (description, facts)
    }

    /// Describes an environment of which these facts still hold; none where its interpreter is not as it should be.
    fn describe_known(
        &mut self,
        environment: &Environment,
        view: &View,
        (facts, library): (Facts<'_>, &Library),
        last_used: Option<SystemTime>,
    ) -> Option<Description> {
        let home = Some(Path::new(&*facts.home));
        if health::of_interpreter(view, environment, (true, home), &[library.name()], &mut self.memory).is_some() {
            return None;
        }
        Some(Description {
            python: Some(facts.version),
            implementation: facts.implementation,
            health: Health::Ok,
            project: self.project(environment, view),
            packages: facts.packages,
            created: facts.created.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)),
            last_used,
            is_temporary: facts.is_temporary,
            system_site_packages: facts.system_site_packages,
            link_target: None,
            environment: environment.clone(),
        })
    }

    fn project(&self, environment: &Environment, view: &View) -> Option<PathBuf> {
        let has_project = view.has(self.project_filename);
        has_project.then(|| project_file::read(&environment.project_file(self.project_filename)).ok().flatten())?
    }
}

/// What a description says of a healthy environment that has one library, of the recorded version.
fn facts_of(description: &Description, libraries: &[String], home: &str) -> Option<Facts<'static>> {
    let version = description.python.clone()?;
    if description.health != Health::Ok || libraries != [Library::of(&version)?.name()] {
        return None;
    }
    let created = description.created.map(|time| time.duration_since(SystemTime::UNIX_EPOCH));
    Some(Facts {
        version,
        implementation: description.implementation.clone(),
        home: home.to_string().into(),
        packages: description.packages,
        created: created.transpose().ok()?,
        is_temporary: description.is_temporary,
        system_site_packages: description.system_site_packages,
    })
}

fn has_mark(view: &View) -> bool {
    MARKS.iter().any(|mark| view.has(*mark))
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
