//! What tools make for every environment, by its names: a rebuilt one has its own.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::health::original_prefix;
use crate::env::packages::library_directories;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::python::Guess;
use crate::relocate::activation;

/// What is at the top. `bin`, `lib` and `include` are looked into.
const AT_TOP: [&str; 13] = [
    "bin",
    "lib",
    "lib64",
    "include",
    "site-packages",
    "lib-python",
    "lib_pypy",
    "pyvenv.cfg",
    "CACHEDIR.TAG",
    ".lock",
    "venvwrap.toml",
    "pip-selfcheck.json",
    "pyvenv.cfg.bak",
];

/// The programs that seeds bring along; a version may follow.
const PROGRAMS: [&str; 5] = ["pip", "easy_install", "wheel", "python-config", "pythonw"];

/// What uv writes next to its activation scripts.
const OF_UV: &str = "pydoc.bat";

/// What virtualenv before 20 writes next to its parts of the standard library, and parts that newer Pythons lack.
const OF_OLD: [&str; 10] = [
    "orig-prefix.txt",
    "no-global-site-packages.txt",
    "distutils",
    "config",
    "dist-packages",
    "lib-dynload",
    "imp.py",
    "sre_compile.py",
    "UserDict.py",
    "copy_reg.py",
];

/// Returns whether a name is that of something that is made at the top of every environment.
pub(super) fn is_at_top(name: &OsStr) -> bool {
    AT_TOP.iter().any(|known| name == *known)
}

/// Returns what has such a name, and cannot be that: a directory in the place of a file, and what only PyPy has.
pub(super) fn other_at_top(env: &Path) -> Vec<PathBuf> {
    let is_of_pypy = env.join("lib_pypy").exists() || env.join("lib-python").exists();
    let is_other = |name: &str| match name {
        "bin" | "lib" | "lib64" | "include" => false,
        "site-packages" | "lib-python" | "lib_pypy" => !is_of_pypy,
        _ => env.join(name).is_dir(),
    };
    let is_there = |name: &str| env.join(name).symlink_metadata().is_ok();
    AT_TOP.into_iter().filter(|name| is_there(name) && is_other(name)).map(PathBuf::from).collect()
}

/// Returns whether a name in `bin` is that of an interpreter, of an activation script or of a program of the seeds.
pub(super) fn is_program(name: &OsStr) -> bool {
    let Some(text) = name.to_str() else { return false };
    let is_of_seed = |known: &&str| {
        let rest = text.strip_prefix(*known);
        rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte)))
    };
    activation::is_script(name)
        || name == OF_UV
        || Guess::of_executable(text).is_some()
        || (text.ends_with("-config") && Guess::of_executable(text.trim_end_matches("-config")).is_some())
        || PROGRAMS.iter().any(is_of_seed)
        || is_in_library(name)
}

/// Returns whether a name is that of the shared library which a copied interpreter needs.
pub(super) fn is_in_library(name: &OsStr) -> bool {
    let name = name.as_bytes();
    let is_of_python = [&b"libpython2"[..], b"libpython3", b"libpypy"].iter().any(|start| name.starts_with(start));
    let has = |part: &[u8]| memchr::memmem::find(name, part).is_some();
    is_of_python && (has(b".so") || has(b".dylib"))
}

/// Returns whether a link in the library directory is one that virtualenv makes to a library next to PyPy's.
pub(super) fn leads_to_base(env: &Path, path: &Path) -> bool {
    let home = || {
        let cfg = std::fs::read(env.join("pyvenv.cfg")).ok().map(|text| PyvenvCfg::parse(&text))?;
        Some(Path::new(cfg.home()?).parent()?.join(path))
    };
    std::fs::read_link(env.join(path)).is_ok_and(|target| Some(target) == home())
}

/// The parts of the standard library that are in the directory of a Python.
pub(super) struct Standard {
    /// Where else they are; none where there are no such parts.
    libraries: Vec<PathBuf>,
}

impl Standard {
    /// Looks for them in a library directory of the old environment.
    pub(super) fn of(old: &Path, new: &Path, library: &Path) -> Self {
        let has_some = old.join(library).join("os.py").symlink_metadata().is_ok();
        let base = || original_prefix(old, &library_directories(old)).map(|prefix| prefix.join(library));
        let cfg = || std::fs::read(new.join("pyvenv.cfg")).ok().map(|text| PyvenvCfg::parse(&text));
        let current = || {
            let home = PathBuf::from(cfg()?.home()?);
            let name = library_directories(new).into_iter().next()?;
            Some(home.parent()?.join("lib").join(name))
        };
        let libraries = if has_some { base().into_iter().chain(current()).collect() } else { Vec::new() };
        Self { libraries }
    }

    /// Returns whether a name is that of such a part.
    pub(super) fn has(&self, name: &OsStr) -> bool {
        !self.libraries.is_empty()
            && (OF_OLD.iter().any(|known| name == *known)
                || name.as_bytes().starts_with(b"config-")
                || self.libraries.iter().any(|library| library.join(name).symlink_metadata().is_ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_those_of_generated_programs() {
        for name in [
            "activate",
            "activate.fish",
            "Activate.ps1",
            "activate_this.py",
            "deactivate.bat",
            "python",
            "python3.12",
            "python3.13t",
            "pypy3",
            "python-config",
            "python3.8-config",
            "pip",
            "pip3.11",
            "pip-3.11",
            "wheel3",
            "easy_install-3.8",
            "libpypy3.10-c.so",
        ] {
            assert!(is_program(name.as_ref()), "{name}");
        }
        for name in [
            "pipeline",
            "pip-mine",
            "wheelhouse.sh",
            "activate-all",
            "activate.local",
            "python-mine",
            "pythonrc.py",
            "deactivate_hook",
            "pypy-bench",
            "libpython-mine.txt",
        ] {
            assert!(!is_program(name.as_ref()), "{name}");
        }
    }
}
