//! What an installer is told, on whose behalf, and why uv may be told nothing.

use std::ffi::OsString;
use std::path::Path;

use crate::wheel::file_options::FileOptions;
use crate::wheel::not_for_uv::NotForUv;
use crate::wheel::pip_refusal::PipRefusal;

/// What is changed about a call of an installer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstallerOptions {
    /// Arguments to add after `install`.
    pub arguments: Vec<OsString>,
    /// Variables to set. Addresses may hold passwords, which everybody could read among the arguments.
    pub variables: Vec<(String, OsString)>,
    /// Variables to take away.
    pub removed: Vec<String>,
}

/// Why uv is told nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOptions {
    /// pip would do nothing.
    #[error(transparent)]
    Refused(#[from] PipRefusal),
    /// uv would do something else than pip.
    #[error(transparent)]
    NotForUv(#[from] NotForUv),
}

/// Whom the installer works for.
#[derive(Clone, Copy)]
pub struct InstallerContext<'a> {
    /// The names of all variables.
    pub names: &'a dyn Fn() -> Vec<OsString>,
    /// The variables.
    pub lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// Reads the options of a file of constraints.
    pub options_in: &'a dyn Fn(&Path) -> FileOptions,
    /// The user's home directory.
    pub home: Option<&'a Path>,
    /// The environment to install into.
    pub env: &'a Path,
    /// The directory in which the installer runs.
    pub current_dir: &'a Path,
}
