//! What package of the system is wanted.

use std::ffi::OsString;
use std::path::PathBuf;

use super::gather::OnEditable;
use super::package::PackageKind;
use crate::env::distributions::Distribution;
use crate::python::Interpreter;

/// What package to make.
#[derive(Clone, Debug)]
pub struct PackageRequest<'a> {
    /// Which kind.
    pub kind: PackageKind,
    /// Where its files will be; absolute.
    pub destination: PathBuf,
    /// The base Python, which must be the system's.
    pub interpreter: &'a Interpreter,
    /// The name of the package; that of the environment if it is not given.
    pub name: Option<String>,
    /// The version, as Python writes it.
    pub version: String,
    /// The release of this version.
    pub release: String,
    /// Programs of the environment that get a link in `/usr/bin`.
    pub programs: Vec<String>,
    /// A unit file for systemd.
    pub service: Option<PathBuf>,
    /// What else it depends on.
    pub depends: Vec<String>,
    /// Packages of the base Python that the environment's own need.
    pub borrowed: &'a [Distribution],
    /// Its licence.
    pub license: String,
    /// Who makes it.
    pub maintainer: String,
    /// What happens to editable packages.
    pub on_editable: OnEditable,
    /// Patterns of paths that stay behind.
    pub exclude: Vec<OsString>,
    /// The time of every file.
    pub time: Option<u64>,
}
