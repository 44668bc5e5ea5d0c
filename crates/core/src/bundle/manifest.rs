//! `bundle.json`: what a bundle says about itself.

use serde::{Deserialize, Serialize};

/// The version of the format.
pub(super) const SCHEMA: u64 = 1;

/// The program that writes it.
pub(super) const TOOL: &str = concat!("venvwrap ", env!("CARGO_PKG_VERSION"));

/// The content of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    pub schema: u64,
    /// The program that wrote it, with its version.
    pub tool: String,
    /// The environment that it was made from.
    pub name: String,
    /// The library directory of the Python that it is for: `python3.12`, `python3.13t`, `pypy3.10`.
    pub python: String,
    /// Whether the wheels were made from installed packages: their hashes are those of no index.
    pub repacked: bool,
    /// The wheel that brings pip, if there is one. It is installed as pip is in any new environment.
    pub pip: Option<String>,
    /// The systems that it is for.
    pub targets: Vec<Target>,
    /// All wheels.
    pub wheels: Vec<BundledFile>,
}

/// A system that a bundle is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What people call it: `linux-x86_64`; none for what is made from installed packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The marker that is true there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// `Linux x86_64`, `Darwin arm64`; none if nothing in it is compiled.
    pub machine: Option<String>,
    /// The oldest glibc that will do: the second number of 2.N.
    pub glibc: Option<u32>,
    /// Whether it is for musl instead of glibc.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub musl: bool,
    /// The list of requirements.
    pub requirements: String,
    /// The files of its wheels.
    pub wheels: Vec<String>,
}

/// A wheel in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledFile {
    /// The name of its file.
    pub file: String,
    /// The name of the package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The hash of the file.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// Whether the user asked for the package, rather than another that needs it.
    #[serde(default)]
    pub requested: bool,
}

impl Manifest {
    /// Returns the content of the file.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }
}
