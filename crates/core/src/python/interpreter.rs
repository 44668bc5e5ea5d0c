//! What is known about an interpreter: the answer of one query, as a value.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::names::Guess;
use super::version::{Implementation, PythonVersion};

/// A base interpreter (never one inside an environment) that environments can be made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// The absolute path to link to: the most stable name of the executable, not always the canonical one.
    pub executable: PathBuf,
    /// The language version.
    pub version: PythonVersion,
    /// Which Python it is.
    pub implementation: Implementation,
    /// The implementation's own version: the same as `version` for CPython, `7.3.11` for a PyPy.
    pub implementation_version: String,
    /// The first two bytes of the `.pyc` magic number, as a number; what decides whether a `.pyc` can be loaded.
    pub magic: u16,
    /// `sys.abiflags`; holds a `t` for a free-threaded and a `d` for a debug build.
    pub abiflags: String,
    /// `sys.base_prefix`.
    pub base_prefix: PathBuf,
    /// The directory that holds `os.py`.
    pub stdlib: PathBuf,
    /// `lib`, or `lib64` on some distributions.
    pub platlibdir: String,
    /// Whether pointers have 64 bits.
    pub is_64bit: bool,
    /// `sys.platform`: `linux`, `darwin`.
    pub platform: String,
    /// The name of the macOS framework this build belongs to; empty elsewhere.
    pub framework: String,
}

impl Interpreter {
    /// Returns whether this build has no global interpreter lock.
    pub fn is_free_threaded(&self) -> bool {
        self.abiflags.contains('t')
    }

    /// The directory to write as `home` into `pyvenv.cfg`: the one that holds the executable.
    pub fn home(&self) -> &Path {
        self.executable.parent().unwrap_or(Path::new("/"))
    }

    /// What a telling name of this interpreter would say; its text is `3.12`, `3.13t`, `pypy3.9`.
    pub fn guess(&self) -> Guess {
        Guess {
            implementation: Some(self.implementation),
            major: Some(self.version.major),
            minor: Some(self.version.minor),
            micro: Some(self.version.micro),
            is_prerelease: self.version.is_prerelease(),
            is_free_threaded: self.is_free_threaded(),
        }
    }

    /// The name of the environment's library directory below `lib`: `python3.12`, `python3.13t`, `pypy3.9`.
    pub fn lib_dir_name(&self) -> String {
        let version = self.version.minor_text();
        match self.implementation {
            Implementation::CPython if self.is_free_threaded() => format!("python{version}t"),
            Implementation::CPython => format!("python{version}"),
            // PyPy 3.8 was the first with a different name.
            Implementation::PyPy if self.version.minor < 8 => format!("python{version}"),
            Implementation::PyPy => format!("pypy{version}"),
            Implementation::GraalPy => format!("graalpy{version}"),
        }
    }
}
