//! What shows environments.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print only the names
    #[arg(short, long, overrides_with_all = ["long", "json"])]
    pub(crate) brief: bool,
    /// Print a paragraph for each environment
    #[arg(short, long, overrides_with_all = ["brief", "json"])]
    pub(crate) long: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Sort by this column
    #[arg(long, value_enum, value_name = "COLUMN", default_value_t = SortKey::Name)]
    pub(crate) sort: SortKey,
    /// Also measure the disk space of each environment
    #[arg(long)]
    pub(crate) size: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortKey {
    /// By name
    Name,
    /// By Python version, newest first
    Python,
    /// By health, broken ones first
    Health,
    /// By project directory
    Project,
    /// By number of packages, largest first
    Packages,
    /// By last use, latest first
    Used,
    /// By creation time, latest first
    Created,
    /// By size, largest first; implies --size
    Size,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to show [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}
