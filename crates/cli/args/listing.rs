//! What shows environments.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print the names only
    #[arg(short, long, overrides_with_all = ["long", "json"])]
    pub(crate) brief: bool,
    /// Print a paragraph for each environment
    #[arg(short, long, overrides_with_all = ["brief", "json"])]
    pub(crate) long: bool,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Sort by this column
    #[arg(long, value_enum, value_name = "COLUMN", default_value_t = SortKey::Name)]
    pub(crate) sort: SortKey,
    /// Measure how much space each environment takes, too
    #[arg(long)]
    pub(crate) size: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortKey {
    /// By name
    Name,
    /// By version of Python, newest first
    Python,
    /// By health, broken ones first
    Health,
    /// By project directory
    Project,
    /// By number of packages, most first
    Packages,
    /// By last use, latest first
    Used,
    /// By creation, latest first
    Created,
    /// By size, largest first; measures it
    Size,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The environment; the active one when not given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}
