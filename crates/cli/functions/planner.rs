//! What plans are made from, and how an environment is entered.

use std::ffi::OsString;
use std::path::Path;

use venvwrap_core::config::variables::{self, Variable};
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::plan::LeavingHooks;

use crate::process::Process;

/// The variable that holds the environment which was entered because of the directory.
pub(crate) const MARK: Variable = variables::VENVWRAP_AUTO_ENV;

/// What a plan depends on, whichever function asks.
pub(crate) struct Planner<'a> {
    /// Who asks.
    pub(crate) process: Process,
    /// Whether the plan is for the shims, which evaluate text.
    pub(crate) is_for_shims: bool,
    /// The language of the shell's hooks.
    pub(crate) dialect: Dialect,
    /// The function and its arguments.
    pub(crate) words: &'a [OsString],
}

/// Where `workon` ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination<'a> {
    /// In the current directory; `project` is one that the environment is about to get.
    Stay {
        /// Its directory.
        project: Option<&'a Path>,
    },
    /// In the project directory, if there is one.
    Project,
}

/// How long an environment lasts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lifetime {
    /// Until the user removes it.
    Lasting,
    /// Until it is left.
    Temporary,
}

/// How an environment is entered.
pub(super) struct Entry<'a> {
    /// The project directory whose hooks run.
    pub(super) project: Option<&'a Path>,
    /// Where to go.
    pub(super) destination: Destination<'a>,
    /// How long the environment lasts.
    pub(super) lifetime: Lifetime,
    /// Whether it is entered because of the directory.
    pub(super) is_automatic: bool,
    /// What happens when it is left.
    pub(super) hooks: LeavingHooks,
}
