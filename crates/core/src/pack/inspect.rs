//! What an archive holds, before anything is written.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use pep440_rs::Version;

use super::comparison::Compared;
use super::conda::Table;
use super::manifest::{Manifest, is_too_old, machine};
use super::refusal::UnpackError;
use crate::env::packages::version_of;
use crate::python::Interpreter;
use crate::relocate::{glibc, linked};

/// What an archive holds.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The file.
    pub path: PathBuf,
    /// What it says about itself, if this program has written it.
    pub manifest: Option<Manifest>,
    /// The name of its library directory: `python3.12`.
    pub library: String,
    /// How many files it has, and how large they are together; as it says itself, or as counted.
    pub size: (u64, u64),
    /// Whether changed bytes in it are found, as far as it has been read.
    pub has_checksum: bool,
    /// What came of comparing its files with their hashes, if it was read as a whole.
    pub compared: Compared,
    /// The version of Python that its `pyvenv.cfg` names, if that is a CPython or says nothing about it.
    pub(super) version: Option<String>,
    /// The directory in it that is the environment.
    pub(super) prefix: PathBuf,
    /// The path that its files name.
    pub(super) old_path: Option<PathBuf>,
    /// What conda-pack notes about its files, if it has written it.
    pub(super) conda: Option<Table>,
    /// Whether it brings its Python along.
    pub(super) has_python: bool,
    /// The machine that this Python runs on, if that is known.
    pub(super) machine: Option<&'static str>,
}

impl Inspection {
    /// Returns whether it brings its Python along.
    pub fn has_python(&self) -> bool {
        self.has_python
    }

    /// The version of its Python: `3.12`, or `3.13t`, `pypy3.10`.
    pub fn python(&self) -> &str {
        self.library.strip_prefix("python").unwrap_or(&self.library)
    }

    /// Returns whether its packages are for a Python that environments are not created for. It brings none along.
    pub fn is_too_old(&self) -> bool {
        !self.has_python && is_too_old(self.python())
    }

    /// The Python that it had, to the patch release, where that is known. Anybody may have written the manifest or the
    /// `pyvenv.cfg`: only the number of a release counts, and only one of the version that the packages are for.
    pub fn exact_python(&self) -> Option<String> {
        let named = match &self.manifest {
            Some(manifest) => &Some(&manifest.python).filter(|python| python.implementation == "CPython")?.version,
            None => self.version.as_ref()?,
        };
        let (major, minor) = self.library.starts_with("python").then(|| version_of(&self.library)).flatten()?;
        let version = Version::from_str(named).ok()?;
        let is_release = version.epoch() == 0 && !version.is_post() && !version.is_dev() && !version.is_local();
        let is_own =
            matches!(version.release(), [first, second, _] if (*first, *second) == (major.into(), minor.into()));
        let mark = if self.library.ends_with('t') { "t" } else { "" };
        (is_release && is_own).then(|| format!("{version}{mark}"))
    }

    /// Fails if what it holds cannot run on this machine with this Python; without one, with its own.
    pub fn check(&self, interpreter: Option<&Interpreter>) -> Result<(), UnpackError> {
        if self.has_python && interpreter.is_some() {
            return Err(UnpackError::OwnPython { path: self.path.clone() });
        }
        if let Some(interpreter) = interpreter {
            let found = interpreter.lib_dir_name();
            if found != self.library || self.has_other_flags(interpreter) {
                return Err(UnpackError::OtherPython {
                    wanted: title(&self.library),
                    found: format!("{} ({})", title(&found), interpreter.executable.display()),
                });
            }
        }
        let here = machine();
        if let Some(wanted) = self.machine.filter(|wanted| self.has_python && *wanted != here) {
            return Err(UnpackError::OtherMachine { wanted: wanted.into(), here });
        }
        let Some(manifest) = &self.manifest else { return Ok(()) };
        let wanted = format!("{} {}", manifest.system, manifest.machine);
        let is_compiled = manifest.glibc.is_some() || self.has_python();
        if is_compiled && here != wanted {
            return Err(UnpackError::OtherMachine { wanted, here });
        }
        let needed = manifest.glibc.as_deref().and_then(glibc::minor);
        let program = interpreter.map_or(Path::new("/bin/sh"), |interpreter| &interpreter.executable);
        match (needed, linked::glibc_of(program)) {
            (Some(needed), Some(here)) if needed > here => {
                Err(UnpackError::OldGlibc { needed: glibc::version(needed), here: glibc::version(here) })
            }
            _ => Ok(()),
        }
    }

    /// Builds with other flags cannot load each other's compiled files.
    fn has_other_flags(&self, interpreter: &Interpreter) -> bool {
        let flags = |text: &str| text.replace('m', "");
        let known = self.manifest.as_ref().filter(|manifest| manifest.python.magic.is_some());
        known.is_some_and(|manifest| flags(&manifest.python.abiflags) != flags(&interpreter.abiflags))
    }
}

fn title(library: &str) -> String {
    match library.strip_prefix("python") {
        Some(version) => format!("Python {version}"),
        None => library.to_string(),
    }
}
