//! What shows environments.

use std::ffi::OsString;

use clap::{Args, ValueEnum, ValueHint};

#[derive(Debug, Default, Args)]
pub(crate) struct ListArgs {
    /// Print only the names
    #[arg(short, long, overrides_with_all = ["long", "json"], conflicts_with = "size")]
    pub(crate) brief: bool,
    /// Print a paragraph for each environment
    #[arg(short, long, overrides_with_all = ["brief", "json"])]
    pub(crate) long: bool,
    /// Print JSON
    #[arg(long, overrides_with_all = ["brief", "long"])]
    pub(crate) json: bool,
    /// Sort by name, python, health, project, packages, used, created or size
    // With the values below it, the long help would be spread over two screens.
    #[arg(long, value_enum, value_name = "COLUMN", default_value_t = SortKey::Name, hide_possible_values = true)]
    pub(crate) sort: SortKey,
    /// Also measure the disk space of each environment
    #[arg(long)]
    pub(crate) size: bool,
    /// List only environments whose names match; quote `*`, `?` and `[a-z]`
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortKey {
    /// By name
    #[default]
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
pub(crate) struct PathArgs {
    /// Environments to print the directories of, also by their paths; `.` is the one that belongs to the current directory [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) names: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct PythonsArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to show, also by its path [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) name: Option<OsString>,
}
