//! What examines environments, and clears them out.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::trash::age;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Fix what can be fixed without losing anything
    #[arg(long)]
    pub(crate) fix: bool,
    /// Also compare the files of packages with their hashes
    #[arg(long)]
    pub(crate) deep: bool,
    /// List the checks
    #[arg(short, long, conflicts_with_all = ["fix", "deep", "names"])]
    pub(crate) list: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environments to examine, by name or by path [default: all, with the store and the shell]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) names: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct GcArgs {
    /// Propose those not used for this long, such as `90d`
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(crate) unused: Option<Duration>,
    /// Propose those whose project directory does not exist
    #[arg(long)]
    pub(crate) orphaned: bool,
    /// Propose those whose interpreter is gone, if no other Python of its version is installed
    #[arg(long)]
    pub(crate) broken: bool,
    /// Never propose this one; may be repeated
    #[arg(long, value_name = "ENV")]
    pub(crate) keep: Vec<OsString>,
    /// Only list them
    #[arg(short = 'n', long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Remove them without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
