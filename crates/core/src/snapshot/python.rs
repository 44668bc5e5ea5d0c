//! What is known of an environment's Python without running it: the values of markers, and which wheels it can load.

use std::path::PathBuf;
use std::str::FromStr;

use pep440_rs::Version;

use super::marker::MarkerValues;
use crate::env::Environment;
use crate::env::health;
use crate::env::import_path::library_name;
use crate::env::packages::{minor_of, version_of};
use crate::env::pyvenv_cfg::PyvenvCfg;

/// The Python of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The values of the variables in markers.
    pub markers: MarkerValues,
    /// The version: major and minor.
    pub version: (u32, u32),
    /// The program.
    pub program: PathBuf,
    /// Whether it has no global interpreter lock.
    pub is_free_threaded: bool,
    /// Whether the environment shows the packages of the base Python.
    pub shows_system: bool,
}

impl Python {
    /// Reads what `pyvenv.cfg`, the library directory and the system say; none for something that is no environment.
    pub fn of(environment: &Environment) -> Option<Self> {
        Self::described(environment, &environment.cfg()?)
    }

    /// The same for an environment that has its Python inside, and nothing that says more about it.
    pub fn inside(environment: &Environment) -> Option<Self> {
        health::brings_python(environment).then(|| Self::described(environment, &PyvenvCfg::parse(b"")))?
    }

    fn described(environment: &Environment, cfg: &PyvenvCfg) -> Option<Self> {
        let library = library_name(environment).unwrap_or_default();
        let recorded = ["version_info", "version"].iter().find_map(|key| full_version(cfg.get(key)?));
        let version = version_of(&library).or_else(|| minor_of(recorded.as_deref()?))?;
        let short = format!("{}.{}", version.0, version.1);
        // What another Python recorded does not count.
        let full = recorded.filter(|text| minor_of(text) == Some(version)).unwrap_or_else(|| format!("{short}.0"));
        let implementation = implementation(cfg.implementation(), &library);
        let system = rustix::system::uname();
        let text = |value: &std::ffi::CStr| value.to_string_lossy().into_owned();
        let markers = MarkerValues {
            os_name: "posix".into(),
            sys_platform: if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS }.into(),
            platform_machine: text(system.machine()),
            platform_release: text(system.release()),
            platform_system: text(system.sysname()),
            platform_version: text(system.version()),
            python_version: short,
            implementation_name: implementation.to_ascii_lowercase(),
            implementation_version: full.clone(),
            python_full_version: full,
            platform_python_implementation: implementation,
        };
        let is_free_threaded = library.ends_with('t');
        Some(Self {
            markers,
            version,
            program: environment.python(),
            is_free_threaded,
            shows_system: cfg.include_system_site_packages(),
        })
    }

    /// The version in full.
    pub fn full_version(&self) -> &str {
        &self.markers.python_full_version
    }

    /// What asks for a Python of this version and kind: `3.12`, `3.13t`, `pypy3.10`.
    pub fn request(&self) -> String {
        let kind = self.markers.implementation_name.replace("cpython", "");
        let mark = if self.is_free_threaded { "t" } else { "" };
        format!("{kind}{}{mark}", self.markers.python_version)
    }

    /// Returns whether this Python can load a wheel with one of these tags, if it has the C library for it.
    pub fn loads(&self, tags: &[String]) -> bool {
        tags.iter().any(|tag| {
            let parts: Vec<_> = tag.split('-').collect();
            let [pythons, abis, platforms] = parts[..] else { return false };
            let mut pairs = pythons.split('.').flat_map(|python| abis.split('.').map(move |abi| (python, abi)));
            pairs.any(|(python, abi)| self.has_abi(python, abi))
                && platforms.split('.').any(|platform| self.is_on(platform))
        })
    }

    fn has_abi(&self, python: &str, abi: &str) -> bool {
        let digits = python.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let Some(wanted) = tag_version(digits) else { return false };
        let (major, minor) = self.version;
        let is_same = wanted == (major, Some(minor));
        let is_older = wanted.0 == major && wanted.1.is_none_or(|wanted| wanted <= minor);
        match python.strip_suffix(digits) {
            Some("py") => abi == "none" && is_older,
            Some("cp") if self.markers.implementation_name == "cpython" => match abi {
                "none" => is_same || wanted == (major, None),
                "abi3" => is_older && !self.is_free_threaded,
                _ => is_same && self.is_own_abi(abi),
            },
            Some("pp") => is_same && self.markers.implementation_name == "pypy",
            Some(other) => is_same && self.markers.implementation_name.starts_with(other),
            None => false,
        }
    }

    /// Returns whether an ABI of CPython is that of this version: `cp312`, `cp313t`, `cp37m`.
    fn is_own_abi(&self, abi: &str) -> bool {
        let own = format!("cp{}{}", self.version.0, self.version.1);
        abi.strip_prefix(&own).is_some_and(|flags| {
            flags.chars().all(|flag| matches!(flag, 'd' | 'm' | 't' | 'u'))
                && flags.contains('t') == self.is_free_threaded
        })
    }

    fn is_on(&self, platform: &str) -> bool {
        if platform == "any" {
            return true;
        }
        let machine = self.markers.platform_machine.as_str();
        let is_for_machine = |arch: &str| {
            // A 32-bit Python may run on a 64-bit system.
            arch == machine
                || matches!((machine, arch), ("x86_64", "i686" | "i386") | ("aarch64" | "armv8l", "armv7l" | "armv6l"))
        };
        let ends = |prefixes: &[&str], are_universal: &[&str]| {
            let is_known = prefixes.iter().any(|prefix| platform.starts_with(prefix));
            let arch_of = |arch: &&str| platform.ends_with(&format!("_{arch}"));
            let known =
                ["x86_64", "aarch64", "arm64", "i686", "i386", "armv7l", "armv6l", "ppc64le", "s390x", "riscv64"];
            let arch = known.iter().find(|arch| arch_of(arch)).copied();
            is_known && (arch.is_some_and(is_for_machine) || arch.is_none() && are_universal.iter().any(arch_of))
        };
        match self.markers.sys_platform.as_str() {
            "darwin" => ends(&["macosx_"], &["universal2", "universal", "intel", "fat64", "fat32", "fat3", "fat"]),
            "linux" => ends(&["linux_", "manylinux", "musllinux"], &[]),
            other => platform.starts_with(other),
        }
    }
}

/// Returns the version in a tag: `3` and `3.12` from `3` and `312`.
fn tag_version(digits: &str) -> Option<(u32, Option<u32>)> {
    let (major, minor) = digits.split_at_checked(1)?;
    let minor = if minor.is_empty() { None } else { Some(minor.trim_start_matches('_').parse().ok()?) };
    Some((major.parse().ok()?, minor))
}

/// Returns the version that a tool recorded, if it has three parts: `3.14.0rc2` also from `3.14.0.candidate.2`.
fn full_version(text: &str) -> Option<String> {
    let text = text.trim();
    let parts: Vec<_> = text.split('.').collect();
    let text = match parts[..] {
        [major, minor, micro, level, serial] => {
            let level = match level {
                "alpha" => format!("a{serial}"),
                "beta" => format!("b{serial}"),
                "candidate" => format!("rc{serial}"),
                _ => String::new(),
            };
            format!("{major}.{minor}.{micro}{level}")
        }
        _ => text.to_owned(),
    };
    let version = Version::from_str(&text).ok()?;
    (version.release().len() == 3).then(|| version.to_string())
}

fn implementation(recorded: Option<&str>, library: &str) -> String {
    let by_library = if library.starts_with("pypy") {
        "PyPy"
    } else if library.starts_with("graalpy") {
        "GraalVM"
    } else {
        "CPython"
    };
    recorded.unwrap_or(by_library).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;
    use std::ffi::OsStr;

    fn python(library: &str, cfg: &str) -> Python {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("lib").join(library).join("site-packages")).unwrap();
        std::fs::write(root.path().join("pyvenv.cfg"), cfg).unwrap();
        let environment =
            Environment::new(EnvName::for_existing(OsStr::new("env")).unwrap(), root.path().to_path_buf());
        let mut found = Python::of(&environment).unwrap();
        (found.markers.platform_machine, found.markers.sys_platform) = ("x86_64".into(), "linux".into());
        found
    }

    #[test]
    fn the_version_is_the_one_that_the_packages_are_for() {
        for (library, cfg, expected) in [
            ("python3.11", "version = 3.11.7\n", "3.11.7"),
            ("python3.14", "version_info = 3.14.0.candidate.2\n", "3.14.0rc2"),
            ("python3.12", "version_info = 3.12.1.final.0\nversion = 3.11.0\n", "3.12.1"),
            ("python3.12", "version = 3.11.7\n", "3.12.0"),
            ("python3.12", "", "3.12.0"),
            ("pypy3.9", "version = 3.9.19\n", "3.9.19"),
        ] {
            assert_eq!(python(library, cfg).full_version(), expected, "{library} {cfg}");
        }
        assert_eq!(python("pypy3.9", "").markers.platform_python_implementation, "PyPy");
    }

    #[test]
    fn wheels_for_this_python_are_loaded() {
        let cpython = python("python3.12", "version = 3.12.1\n");
        let loads = |python: &Python, tag: &str| python.loads(&[tag.to_owned()]);
        for tag in [
            "py3-none-any",
            "py2.py3-none-any",
            "py38-none-any",
            "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "cp39-abi3-musllinux_1_2_x86_64",
            "cp312-none-linux_x86_64",
            "py3-none-manylinux1_i686",
        ] {
            assert!(loads(&cpython, tag), "{tag}");
        }
        for tag in [
            "cp311-cp311-manylinux_2_17_x86_64",
            "cp312-cp312t-manylinux_2_17_x86_64",
            "cp313-abi3-linux_x86_64",
            "pp39-pypy39_pp73-manylinux_2_17_x86_64",
            "cp312-cp312-macosx_11_0_arm64",
            "cp312-cp312-win_amd64",
            "cp312-cp312-manylinux_2_17_aarch64",
            "py2-none-any",
            "nonsense",
        ] {
            assert!(!loads(&cpython, tag), "{tag}");
        }
        let free = python("python3.13t", "version = 3.13.1\n");
        assert!(loads(&free, "cp313-cp313t-linux_x86_64") && !loads(&free, "cp39-abi3-linux_x86_64"));
        assert!(loads(&python("pypy3.9", ""), "pp39-pypy39_pp73-manylinux_2_17_x86_64"));
    }
}
