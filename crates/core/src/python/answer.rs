//! What the query prints, and what it means.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::interpreter::Interpreter;
use super::version::{Implementation, PythonVersion};

/// An interpreter's answer, and what it takes itself for.
pub(super) struct Answer {
    /// `sys.executable`; another file than the one asked when that was a script which started it.
    pub(super) reported: PathBuf,
    /// The facts; `executable` is the path that was asked.
    pub(super) interpreter: Interpreter,
}

/// The answer as it is printed: a path has one character for each byte.
#[derive(Deserialize)]
pub(super) struct Raw {
    pub(super) major: u32,
    pub(super) minor: u32,
    micro: u32,
    level: String,
    serial: u32,
    pub(super) implementation: String,
    implementation_version: String,
    magic: u16,
    executable: String,
    base_prefix: String,
    stdlib: String,
    path: Vec<String>,
    abiflags: String,
    platlibdir: String,
    is_64bit: bool,
    platform: String,
    framework: String,
}

impl Raw {
    /// Returns the version, which is told before anything else is believed.
    pub(super) fn version(&self) -> PythonVersion {
        let (major, minor, micro) = (self.major, self.minor, self.micro);
        PythonVersion { major, minor, micro, level: self.level.clone(), serial: self.serial }
    }

    /// Returns the answer of the executable at this path; `None` when it is of an unknown kind or names no library.
    pub(super) fn into_answer(self, path: &Path) -> Option<Answer> {
        let implementation = match self.implementation.as_str() {
            "cpython" => Implementation::CPython,
            "pypy" => Implementation::PyPy,
            "graalpy" => Implementation::GraalPy,
            _ => return None,
        };
        let stdlib = self.stdlib_directory()?;
        let interpreter = Interpreter {
            executable: path.to_path_buf(),
            version: self.version(),
            implementation,
            implementation_version: self.implementation_version,
            magic: self.magic,
            abiflags: self.abiflags,
            base_prefix: bytes_path(&self.base_prefix),
            stdlib,
            platlibdir: self.platlibdir,
            is_64bit: self.is_64bit,
            platform: self.platform,
            framework: self.framework,
        };
        Some(Answer { reported: bytes_path(&self.executable), interpreter })
    }

    /// Returns the directory of the standard library: told directly since 3.11, before that the first entry of the module path that holds `os.py`.
    pub(super) fn stdlib_directory(&self) -> Option<PathBuf> {
        let told = Some(bytes_path(&self.stdlib)).filter(|path| path.is_absolute());
        told.or_else(|| {
            let mut entries = self.path.iter().map(|entry| bytes_path(entry)).filter(|entry| entry.is_absolute());
            entries.find(|entry| entry.join("os.py").is_file())
        })
    }
}

fn bytes_path(text: &str) -> PathBuf {
    // Characters beyond one byte are never printed; should one come, the path will simply not exist.
    let bytes = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    PathBuf::from(OsString::from_vec(bytes))
}
