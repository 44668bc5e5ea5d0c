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
    pub(super) is_free_threaded: bool,
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
mod tests;
