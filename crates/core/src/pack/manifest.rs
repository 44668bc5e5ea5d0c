//! The first entry of an archive: what is in it, and which machines it is for.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::python::OLDEST_MINOR;

/// The name of the file, below `lib/pythonX.Y`.
pub const FILE_NAME: &str = "venvwrap-pack.json";

/// The version of the format.
pub const SCHEMA: u32 = 1;

/// What an archive says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    pub schema: u32,
    /// What wrote it.
    pub tool: String,
    /// The name of the environment.
    pub name: String,
    /// Which kind of tree it is: `relocatable`, `fixed` or `python`.
    pub layout: String,
    /// The path that its files name: that of the packed environment, or for `fixed` the destination.
    #[serde(with = "super::json_path")]
    pub path: PathBuf,
    /// The Python that its packages are for.
    pub python: ManifestPython,
    /// The operating system.
    pub system: String,
    /// The processor.
    pub machine: String,
    /// The glibc that its compiled files need.
    pub glibc: Option<String>,
    /// The libraries that they need and that are not in it.
    pub libraries: Vec<String>,
    /// How many files it has.
    pub files: u64,
    /// How large they are together, in bytes.
    pub bytes: u64,
    /// The packages: name and version.
    pub packages: Vec<ManifestPackage>,
    /// What is not in it on purpose.
    pub left_out: LeftOut,
}

/// A Python, as far as packages depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPython {
    /// The language version: `3.12.4`, or `3.12` where no more is known.
    pub version: String,
    /// `CPython`, `PyPy`.
    pub implementation: String,
    /// `sys.abiflags`.
    pub abiflags: String,
    /// The number that compiled files begin with.
    pub magic: Option<u16>,
}

/// Returns whether a version of CPython, `3.7` or `3.7.16`, is older than those that environments are created for.
pub(super) fn is_too_old(version: &str) -> bool {
    let minor = version.strip_prefix("3.").and_then(|rest| rest.split('.').next());
    minor.and_then(|minor| minor.parse::<u32>().ok()).is_some_and(|minor| minor < OLDEST_MINOR)
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ManifestPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What installs it, if that is not its name and version: a line as `venvwrap freeze` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
}

/// What is in the environment but not in the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Packages whose files are elsewhere.
    pub editable: Vec<String>,
    /// Files with passwords.
    #[serde(serialize_with = "super::json_path::shown")]
    pub secrets: Vec<PathBuf>,
    /// Links that lead out of the environment.
    #[serde(serialize_with = "super::json_path::shown")]
    pub links: Vec<PathBuf>,
    /// What is neither a file nor a directory nor a link.
    #[serde(serialize_with = "super::json_path::shown")]
    pub special: Vec<PathBuf>,
    /// What has a name that is refused when an archive is unpacked.
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "super::json_path::shown")]
    pub names: Vec<PathBuf>,
}

/// The name of this system, as `uname -s` and `uname -m` print it.
pub fn machine() -> String {
    let uname = rustix::system::uname();
    format!("{} {}", uname.sysname().to_string_lossy(), uname.machine().to_string_lossy())
}

impl Manifest {
    /// Returns whether `venvwrap unpack` refuses it: its Python is older than those that environments are created for.
    pub fn is_too_old(&self) -> bool {
        self.layout != "python" && is_too_old(&self.python.version)
    }

    /// The text of the file.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Reads the text of a file; none for one of another format.
    pub fn parse(content: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(content).ok().filter(|manifest| manifest.schema == SCHEMA)
    }

    /// Returns whether a path in an archive is where its manifest is.
    pub(crate) fn is_at(path: &Path) -> bool {
        let mut parts = path.components().rev();
        let name = parts.next().is_some_and(|part| part.as_os_str() == FILE_NAME);
        name && parts.count() == 2 && path.starts_with("lib")
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn no_path_makes_a_manifest_that_cannot_be_read() {
        for path in [&b"/home/me/api"[..], b"/home/\xFF/api", "/home/é/\u{fffd}".as_bytes()] {
            let path = Path::new(OsStr::from_bytes(path));
            let all = vec![path.to_path_buf()];
            let left_out = LeftOut {
                secrets: all.clone(),
                links: all.clone(),
                special: all.clone(),
                names: all,
                ..LeftOut::default()
            };
            let manifest = Manifest {
                schema: SCHEMA,
                tool: "venvwrap".into(),
                name: "api".into(),
                layout: "fixed".into(),
                path: path.to_path_buf(),
                python: ManifestPython::default(),
                system: "Linux".into(),
                machine: "x86_64".into(),
                glibc: None,
                libraries: Vec::new(),
                files: 0,
                bytes: 0,
                packages: Vec::new(),
                left_out,
            };
            let read = Manifest::parse(&manifest.to_json()).unwrap();
            assert_eq!(read.path, path);
            assert_eq!(read.left_out.names, [Path::new(path.to_string_lossy().as_ref())]);
        }
    }
}
