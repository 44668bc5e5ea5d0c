//! The Python that a bundle is for, and the tags of wheels that it takes.

use std::fmt;

use super::platform::Platform;
use crate::snapshot::marker::MarkerValues;

/// A Python, which need not be on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetPython {
    is_pypy: bool,
    is_free_threaded: bool,
    minor: u32,
}

/// A text names no Python that bundles are made for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of Python such as `3.12`, `3.13t` or `pypy3.10`")]
pub struct UnknownPython(String);

impl TargetPython {
    /// Parses `3.12`, `3.13t`, `pypy3.10`, with or without `python` and with or without a third number.
    pub fn parse(text: &str) -> Result<Self, UnknownPython> {
        parse(text).ok_or_else(|| UnknownPython(text.escape_debug().to_string()))
    }

    /// Returns the name of its library directory.
    pub fn library(self) -> String {
        let mark = if self.is_free_threaded { "t" } else { "" };
        format!("{}3.{}{mark}", if self.is_pypy { "pypy" } else { "python" }, self.minor)
    }

    /// Returns the major and minor version.
    pub fn version(self) -> (u32, u32) {
        (3, self.minor)
    }

    /// Returns whether its name is only its version: neither PyPy nor free-threaded.
    pub fn is_plain(self) -> bool {
        !self.is_pypy && !self.is_free_threaded
    }

    /// Returns the values of its markers on a system.
    pub fn markers(self, platform: &Platform) -> MarkerValues {
        let version = format!("3.{}", self.minor);
        let mut values = MarkerValues {
            python_full_version: format!("{version}.0"),
            implementation_version: format!("{version}.0"),
            python_version: version,
            implementation_name: if self.is_pypy { "pypy" } else { "cpython" }.into(),
            platform_python_implementation: if self.is_pypy { "PyPy" } else { "CPython" }.into(),
            ..MarkerValues::default()
        };
        platform.set_markers(&mut values);
        values
    }

    /// Returns the tags that it takes on a system, the best first, as installers order them.
    pub fn tags(self, platform: &Platform) -> Vec<String> {
        let platforms = platform.tags();
        let minor = self.minor;
        let own = if self.is_pypy { format!("pp3{minor}") } else { format!("cp3{minor}") };
        let abis = self.abis();
        let mut tags = Vec::new();
        let mut add = |python: &str, abi: &str| {
            tags.extend(platforms.iter().map(|platform| format!("{python}-{abi}-{platform}")));
        };
        for abi in &abis {
            add(&own, abi);
        }
        add(&own, "none");
        let stable = if self.is_free_threaded { "abi3t" } else { "abi3" };
        let oldest = if self.is_free_threaded { 15 } else { 2 };
        if !self.is_pypy {
            for older in (oldest..minor).rev() {
                add(&format!("cp3{older}"), stable);
            }
        }
        let pythons: Vec<String> = [format!("py3{minor}"), "py3".into()]
            .into_iter()
            .chain((0..minor).rev().map(|n| format!("py3{n}")))
            .collect();
        for python in &pythons {
            add(python, "none");
        }
        tags.push(format!("{own}-none-any"));
        tags.extend(pythons.iter().map(|python| format!("{python}-none-any")));
        tags
    }

    /// Its own binary interface, then the stable one.
    fn abis(self) -> Vec<String> {
        let minor = self.minor;
        if self.is_pypy {
            return vec![format!("pypy3{minor}_pp73")];
        }
        if self.is_free_threaded {
            let own = format!("cp3{minor}t");
            return if minor >= 15 { vec![own, "abi3t".into()] } else { vec![own] };
        }
        vec![format!("cp3{minor}{}", if minor < 8 { "m" } else { "" }), "abi3".into()]
    }
}

impl fmt::Display for TargetPython {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let library = self.library();
        f.write_str(library.strip_prefix("python").unwrap_or(&library))
    }
}

fn parse(text: &str) -> Option<TargetPython> {
    let lower = text.to_ascii_lowercase();
    let (is_pypy, rest) = match lower.strip_prefix("pypy") {
        Some(rest) => (true, rest),
        None => (false, lower.strip_prefix("python").or_else(|| lower.strip_prefix("cpython")).unwrap_or(&lower)),
    };
    let (is_free_threaded, rest) = rest.strip_suffix('t').map_or((false, rest), |rest| (true, rest));
    let mut parts = rest.trim_start_matches('-').split('.');
    let is_three = parts.next() == Some("3");
    let number = |part: &str| part.parse::<u32>().ok().filter(|number| *number < 100);
    let minor = number(parts.next()?)?;
    let is_whole = parts.next().is_none_or(|part| number(part).is_some()) && parts.next().is_none();
    (is_three && is_whole && !(is_pypy && is_free_threaded)).then_some(TargetPython {
        is_pypy,
        is_free_threaded,
        minor,
    })
}
