//! What is to be installed, from where and into what; and what came of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::pip_refusal::PipRefusal;
use crate::python::Interpreter;

/// A package that a new environment can start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Project {
    /// pip.
    Pip,
    /// setuptools; a part of every new environment before Python 3.12.
    Setuptools,
    /// wheel; rarely needed since setuptools can do without it.
    Wheel,
}

impl Project {
    /// The project's name as an index knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Setuptools => "setuptools",
            Self::Wheel => "wheel",
        }
    }
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One package to install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedRequest {
    /// Which package.
    pub project: Project,
    /// Exactly this version; without it the best that there is for the interpreter.
    pub version: Option<String>,
}

/// When a package index is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Download {
    /// Never: only wheels on this machine count.
    #[default]
    Never,
    /// When this machine has no wheel that fits.
    IfMissing,
    /// First of all, for the newest release.
    Always,
}

/// Where to look for wheels.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Directories that the user named; they come before everything else.
    pub search_dirs: Vec<PathBuf>,
    /// Directories where a distribution keeps wheels: `/usr/share/python-wheels`.
    pub wheel_pkg_dirs: Vec<PathBuf>,
    /// Standard libraries of known interpreters, the chosen one's first.
    pub stdlibs: Vec<PathBuf>,
    /// Directories that may hold virtualenv or its application data.
    pub virtualenv_dirs: Vec<PathBuf>,
    /// When to ask an index.
    pub download: Download,
    /// How to reach the index.
    pub index: IndexSettings,
}

/// How to reach a package index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexSettings {
    /// The index that is asked first.
    pub index_url: String,
    /// More indexes; the newest release on any of them wins.
    pub extra_index_urls: Vec<String>,
    /// The proxy for all requests.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// A file of certificates to trust instead of the platform's.
    pub cert: Option<PathBuf>,
    /// Hosts whose index may be read without encryption.
    pub trusted_hosts: Vec<String>,
    /// How long one connection or one silence may take.
    pub timeout: Duration,
    /// Whether indexes must not be used at all.
    pub no_index: bool,
    /// Why nobody knows which index is meant: pip would refuse what it has been told.
    pub refusal: Option<PipRefusal>,
}

impl Default for IndexSettings {
    fn default() -> Self {
        Self {
            index_url: "https://pypi.org/simple".into(),
            extra_index_urls: Vec::new(),
            proxy: None,
            no_proxy: None,
            cert: None,
            trusted_hosts: Vec::new(),
            timeout: Duration::from_secs(15),
            no_index: false,
            refusal: None,
        }
    }
}

/// The environment that is being filled.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The interpreter it is for.
    pub interpreter: &'a Interpreter,
    /// Where files are written now: a directory that becomes the environment when all is done.
    pub root: &'a Path,
    /// The path that the environment will have, which scripts must name.
    pub final_root: &'a Path,
}

/// A step that takes long enough to be reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An index is asked for its releases.
    AskingIndex {
        /// The package.
        project: Project,
        /// The index's host.
        host: String,
    },
    /// A file is on its way.
    Downloading {
        /// Its name.
        file: String,
        /// The bytes so far.
        received: u64,
        /// The bytes in all, if known.
        size: Option<u64>,
    },
    /// All is there: the environment is about to take its place.
    Built,
}

/// What was installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    /// Names and versions.
    pub distributions: Vec<(String, String)>,
    /// The wheels for which the cache has no bytecode yet.
    pub bytecode_missing: Vec<PendingBytecode>,
}

/// A cached wheel for which [`super::compile_pending`] is worth starting in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingBytecode {
    /// The hash that names the wheel in the cache.
    pub sha256: String,
}

/// A file that is to be fetched.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name, for messages.
    pub file: String,
    /// Its address. It may hold a password.
    pub url: String,
    /// The hash that it must have.
    pub sha256: String,
    /// How large it is, if that is known.
    pub size: Option<u64>,
    /// Where it is to be. Until it is complete it has `.part` after its name.
    pub path: PathBuf,
}
