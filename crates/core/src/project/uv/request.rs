//! uv's words for a Python in `.python-version`: `3.12`, `python3.12`, `pypy@3.10`, `cpython-3.12-linux`, a path.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{Environment, packages};
use crate::fs::identity::is_same_file;

/// The Pythons that uv knows, each with its short name.
const IMPLEMENTATIONS: [(&str, &str); 4] =
    [("cpython", "cp"), ("pypy", "pp"), ("graalpy", "gp"), ("pyodide", "pyodide")];

/// From this version on a free-threaded Python answers a request that does not say so.
const FREE_THREADED: (u32, u32) = (3, 14);

/// What uv understands of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    Path(PathBuf),
    /// Parts that all have to fit.
    Parts(Vec<Part>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Implementation(&'static str),
    /// A version such as `3` or `3.12.1`.
    Version(Vec<u32>, Variant),
    Range(String, Variant),
    /// A release before the final one, another system or processor: what the environment is not known to have.
    Other,
}

/// What a version ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    Default,
    Gil,
    FreeThreaded,
    Debug,
}

impl Request {
    /// Reads a line of a file in a directory; none where uv passes the line over.
    pub(super) fn parse(text: &str, directory: &Path) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let parts = if ["any", "default"].contains(&lower.as_str()) {
            Some(Vec::new())
        } else {
            short(&lower).or_else(|| key(&lower).filter(|_| !text.contains('/')))
        };
        let is_path = || text.contains('/') || directory.join(text).exists();
        parts.map(Self::Parts).or_else(|| is_path().then(|| Self::Path(directory.join(text))))
    }

    /// Returns whether the Python of an environment is one that is meant.
    pub(super) fn fits(&self, environment: &Environment, python: &Python) -> bool {
        match self {
            Self::Path(path) => is_python_of(path, environment),
            Self::Parts(parts) => parts.iter().all(|part| part.fits(python)),
        }
    }
}

impl Part {
    fn fits(&self, python: &Python) -> bool {
        match self {
            Self::Implementation(name) => python.implementation.eq_ignore_ascii_case(name),
            Self::Version(wanted, variant) => {
                variant.fits(python) && wanted.iter().zip(&python.numbers()).all(|(a, b)| a == b)
            }
            Self::Range(wanted, variant) => variant.fits(python) && !excludes(wanted, &python.version),
            Self::Other => false,
        }
    }
}

impl Variant {
    fn fits(self, python: &Python) -> bool {
        match self {
            Self::Default => !python.is_free_threaded || packages::minor_of(&python.version) >= Some(FREE_THREADED),
            Self::Gil => !python.is_free_threaded,
            Self::FreeThreaded => python.is_free_threaded,
            // No file says that a Python is one.
            Self::Debug => false,
        }
    }
}

/// What the files of an environment say about its Python.
pub(super) struct Python {
    pub(super) version: String,
    pub(super) implementation: String,
    is_free_threaded: bool,
}

impl Python {
    /// Of an environment without a version, that of its packages counts.
    pub(super) fn of(environment: &Environment) -> Self {
        let cfg = environment.cfg();
        let libraries = packages::library_directories(environment.path());
        let library = libraries.first().map_or("", String::as_str);
        let of_library = || packages::version_of(library).map(|(major, minor)| format!("{major}.{minor}"));
        let version = cfg.as_ref().and_then(PyvenvCfg::version).or_else(of_library);
        let real = environment.python().canonicalize().unwrap_or_default();
        let program = real.file_name().unwrap_or_default().to_string_lossy();
        let named = [library, &program].into_iter().find_map(|name| {
            IMPLEMENTATIONS.iter().find(|(long, _)| name.starts_with(long)).map(|(long, _)| (*long).to_owned())
        });
        let recorded = cfg.as_ref().and_then(PyvenvCfg::implementation).map(str::to_owned);
        Self {
            version: version.unwrap_or_else(|| "unknown".into()),
            implementation: named.or(recorded).unwrap_or_else(|| "CPython".into()),
            is_free_threaded: libraries.iter().any(|library| library.ends_with('t')),
        }
    }

    fn numbers(&self) -> Vec<u32> {
        let numbers: Vec<_> = self.version.split('.').take(3).map_while(|part| part.parse().ok()).collect();
        // No version fits one that is unknown.
        if numbers.is_empty() { vec![0] } else { numbers }
    }
}

/// Returns whether a range of versions leaves one out. What is no range says nothing.
pub(super) fn excludes(wanted: &str, version: &str) -> bool {
    let Ok(wanted) = VersionSpecifiers::from_str(wanted) else { return false };
    Version::from_str(version).map_or(true, |version| !wanted.contains(&version))
}

/// `pypy`, `python3.12`, `cpython@3.12`, `3.12`.
fn short(text: &str) -> Option<Vec<Part>> {
    if let Some(name) = implementation(text) {
        return Some(vec![Part::Implementation(name)]);
    }
    let long = IMPLEMENTATIONS.iter().map(|(long, _)| (*long, Some(*long)));
    let short = IMPLEMENTATIONS.iter().map(|(long, short)| (*short, Some(*long)));
    let names = [("python", None), ("", None)].into_iter().chain(long).chain(short);
    names.into_iter().find_map(|(prefix, name)| {
        let rest = text.strip_prefix(prefix)?;
        let rest = rest.strip_prefix('@').filter(|_| !prefix.is_empty()).unwrap_or(rest);
        let version = version(rest)?;
        Some(name.map(Part::Implementation).into_iter().chain([version]).collect())
    })
}

fn implementation(text: &str) -> Option<&'static str> {
    IMPLEMENTATIONS.iter().find(|(long, short)| [*long, *short].contains(&text)).map(|(long, _)| *long)
}

/// `cpython-3.12-linux-x86_64-gnu`, from which parts may be missing.
fn key(text: &str) -> Option<Vec<Part>> {
    let first = text.split('-').next()?;
    // A name such as `my-env` is no key; `cpython-next` is one that is not known here.
    let is_key = first == "any" || implementation(first).is_some();
    let mut parts = Vec::new();
    for word in text.split('-').filter(|word| *word != "any" && !is_own(word)) {
        let is_known = is_key && text != first || PLACES.contains(&word);
        let known = implementation(word).map(Part::Implementation).or_else(|| version(word));
        parts.push(known.or_else(|| is_known.then_some(Part::Other))?);
    }
    Some(parts)
}

/// Systems, processors and C libraries in uv's keys.
const PLACES: [&str; 22] = [
    "linux",
    "macos",
    "darwin",
    "windows",
    "freebsd",
    "emscripten",
    "x86_64",
    "x86_64_v2",
    "x86_64_v3",
    "x86_64_v4",
    "aarch64",
    "arm64",
    "armv7",
    "i686",
    "x86",
    "powerpc64le",
    "s390x",
    "riscv64",
    "gnu",
    "musl",
    "gnueabihf",
    "none",
];

/// Returns whether a word of a key names this machine.
fn is_own(word: &str) -> bool {
    use std::env::consts::{ARCH, OS};
    let libc = match OS {
        "linux" if Path::new(&format!("/lib/ld-musl-{ARCH}.so.1")).exists() => "musl",
        "linux" => "gnu",
        _ => "none",
    };
    [OS, ARCH, libc].contains(&word)
}

/// `3`, `312`, `3.12.1`, `3.13t`, `3.12rc1`, `>=3.12,<4`.
fn version(text: &str) -> Option<Part> {
    let (text, variant) = variant(text);
    let plain = text.strip_prefix("==").filter(|rest| rest.split('.').count() < 3).unwrap_or(text);
    let plain = plain.strip_prefix('v').unwrap_or(plain);
    if plain.starts_with(|c: char| c.is_ascii_digit()) {
        return numbers(plain, variant);
    }
    VersionSpecifiers::from_str(text).is_ok_and(|found| !found.is_empty()).then(|| Part::Range(text.into(), variant))
}

fn numbers(text: &str, variant: Variant) -> Option<Part> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (release, rest) = text.split_at(end);
    let parts: Vec<_> = release.split('.').collect();
    if parts.len() > 3 || !parts.iter().all(|part| is_number(part)) {
        return None;
    }
    if !rest.is_empty() {
        return ["a", "b", "rc"]
            .iter()
            .any(|mark| rest.strip_prefix(mark).is_some_and(is_number))
            .then_some(Part::Other);
    }
    let numbers: Option<Vec<u32>> = match parts[..] {
        // As in `python312`.
        [all] if all.len() > 1 => [&all[..1], &all[1..]].iter().map(|part| part.parse().ok()).collect(),
        _ => parts.iter().map(|part| part.parse().ok()).collect(),
    };
    Some(Part::Version(numbers?, variant))
}

fn variant(text: &str) -> (&str, Variant) {
    if let Some((version, words)) = text.split_once('+') {
        let variant = match words {
            "gil" => Variant::Gil,
            "freethreaded" => Variant::FreeThreaded,
            _ => Variant::Debug,
        };
        return (version, variant);
    }
    match text.strip_suffix('d') {
        Some(rest) => (rest.strip_suffix('t').unwrap_or(rest), Variant::Debug),
        None => text.strip_suffix('t').map_or((text, Variant::Default), |rest| (rest, Variant::FreeThreaded)),
    }
}

/// Returns whether a path leads to the Python of an environment, or to one of the same base.
fn is_python_of(path: &Path, environment: &Environment) -> bool {
    let own = environment.python();
    let is_own = |path: &Path| is_same_file(path, &own);
    is_same_file(path, environment.path()) || is_own(path) || is_own(&path.join("bin/python3"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;
    use std::os::unix::fs::symlink;

    /// What uv 0.13 says of an environment of CPython 3.12.1.
    #[test]
    fn the_words_of_uv_fit_where_uv_keeps_the_environment() {
        let root = tempfile::tempdir().unwrap();
        let base = root.path().join("base/bin");
        std::fs::create_dir_all(&base).unwrap();
        std::fs::write(base.join("python3.12"), "").unwrap();
        symlink("python3.12", base.join("python3")).unwrap();
        std::fs::write(base.join("python3.11"), "").unwrap();
        let env = root.path().join("envs/b");
        std::fs::create_dir_all(env.join("bin")).unwrap();
        std::fs::create_dir_all(env.join("lib/python3.12/site-packages")).unwrap();
        symlink(base.join("python3.12"), env.join("bin/python")).unwrap();
        symlink("python", env.join("bin/python3")).unwrap();
        let environment = Environment::new(EnvName::for_new("b".as_ref()).unwrap(), env.clone());
        let project = root.path().join("p");
        std::fs::create_dir(&project).unwrap();
        let judged = |text: &str| {
            let python = Python::of(&environment);
            Request::parse(text, &project).map(|request| request.fits(&environment, &python))
        };
        let path = |below: &str| root.path().join(below).to_string_lossy().into_owned();
        let (own, other) = (path("base/bin/python3.12"), path("base/bin/python3.11"));
        let (home, inside) = (path("base"), path("envs/b"));
        let fit = [
            "3.12",
            "3",
            "312",
            ">=3.11,<3.13",
            "python3.12",
            "python312",
            "python@3.12",
            "cpython",
            "cpython3.12",
            "cpython@3.12",
            "cpython-3.12",
            "cp312",
            "cp@3.12",
            "cp",
            "cpython-any",
            "any",
            "default",
            "3.12+gil",
            "CPython3.12",
            "~=3.12",
            "==3.12",
            "python>=3.11",
            "any-3.12",
            "3.12.1",
            "===3.12.1",
            ">3.12",
            "v3.12",
            "cpython-3.12.1",
            &own,
            &home,
            &inside,
            "../envs/b",
            "../envs/b/bin/python",
        ];
        let do_not = [
            "pypy",
            "pypy3.9",
            "pp3.9",
            "pypy@3.12",
            "pypy-3.12",
            "graalpy",
            "pyodide",
            "3.12t",
            "3.12d",
            "3.12rc1",
            "3.12.0a1",
            "3.12+freethreaded",
            "3.12+debug",
            "!=3.12.1",
            "3.12.99",
            "python3.11",
            "cpython-3.11",
            "cpython@3.11",
            "cpython3.11",
            "cp-3.11",
            "PyPy",
            "2.7",
            "311",
            "python2",
            "03.11",
            "==3.11",
            "===3.11.7",
            "<=3.12",
            "~=3.11.0",
            "python>=3.13",
            "cpython>=3.13,<3.14",
            "any-3.11",
            "cpython-3.12-plan9",
            "pypy-any",
            "cpython-3.12-windows",
            "cpython-3.11-dev",
            &other,
            "/nonexistent/python",
            "./python",
            "~/envs/c",
        ];
        let passed_over = [
            "my-env",
            "system",
            "3.12.*",
            "3.11-dev",
            "3.11 # x",
            "python3.11.exe",
            "python",
            "python3x",
            "3.11.1.1",
            "3.11,3.12",
            "3.11:3.12",
            "@3.11",
            "python@",
            "python-3.11",
            "3.11.",
            "3.x",
            "jython",
            "ironpython-3.4",
            "miniconda3-latest",
            "$(x)",
        ];
        let check = |python: &str| {
            fit.iter().for_each(|text| assert_eq!(judged(text), Some(true), "{python}: {text}"));
            do_not.iter().for_each(|text| assert_eq!(judged(text), Some(false), "{python}: {text}"));
            passed_over.iter().for_each(|text| assert_eq!(judged(text), None, "{python}: {text}"));
        };
        std::fs::write(env.join("pyvenv.cfg"), "version = 3.12.1\n").unwrap();
        check("venv");
        std::fs::write(env.join("pyvenv.cfg"), "implementation = CPython\nversion_info = 3.12.1.final.0\n").unwrap();
        check("virtualenv");
        std::fs::write(env.join("pyvenv.cfg"), "home = /x\n").unwrap();
        assert_eq!((judged("3.12"), judged("3.11")), (Some(true), Some(false)), "the version of its packages");
        std::fs::write(env.join("pyvenv.cfg"), "version = 3.12.1\nimplementation = PyPy\n").unwrap();
        assert_eq!((judged("pypy"), judged("pypy3.12"), judged("3.12")), (Some(true), Some(true), Some(true)));
        assert_eq!((judged("cpython"), judged("cp312")), (Some(false), Some(false)));
    }

    #[test]
    fn a_free_threaded_python_is_one_to_ask_for() {
        let root = tempfile::tempdir().unwrap();
        let environment = Environment::new(EnvName::for_new("b".as_ref()).unwrap(), root.path().join("b"));
        let fits = |text: &str, version: &str| {
            let library = root.path().join("b/lib");
            let _ = std::fs::remove_dir_all(&library);
            std::fs::create_dir_all(library.join(format!("python{version}t"))).unwrap();
            Request::parse(text, root.path()).unwrap().fits(&environment, &Python::of(&environment))
        };
        assert!(fits("3.13t", "3.13") && fits("3.13+freethreaded", "3.13") && fits("3.14", "3.14"));
        assert!(!fits("3.13", "3.13") && !fits(">=3.13", "3.13") && !fits("3.14+gil", "3.14"));
    }
}
