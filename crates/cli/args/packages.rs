//! What looks at the packages of environments.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct FreezeArgs {
    /// Format of the output: pip, uv or json
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = FreezeFormat::Pip, hide_possible_values = true)]
    pub(crate) format: FreezeFormat,
    /// Also list pip, and before Python 3.12 setuptools and wheel
    #[arg(long)]
    pub(crate) all: bool,
    /// Leave out the packages of the base Python
    #[arg(short, long)]
    pub(crate) local: bool,
    /// Leave out editable packages
    #[arg(long)]
    pub(crate) exclude_editable: bool,
    /// Print user names and passwords in URLs instead of `****`
    #[arg(long)]
    pub(crate) credentials: bool,
    /// Keep the order and the comments of this requirements file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) requirement: Option<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Environment to list the packages of [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FreezeFormat {
    /// As `pip freeze` prints it
    Pip,
    /// As `uv pip freeze` prints it
    Uv,
    /// JSON
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Check all environments
    #[arg(long, conflicts_with = "names")]
    pub(crate) all: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environments to check [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Print only the names of packages that differ
    #[arg(long, conflicts_with_all = ["json", "format"])]
    pub(crate) names_only: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Print the lines of a requirements file that make A equal to B
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<DiffFormat>,
    /// Also compare pip, and before Python 3.12 setuptools and wheel
    #[arg(long)]
    pub(crate) all: bool,
    /// Ignore the packages in this requirements file; may be repeated
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ignore: Vec<PathBuf>,
    /// Environment or requirements file; a file has a `/` in its name or ends in `.txt` or `.in`, `-` is standard input
    #[arg(value_name = "A", value_hint = ValueHint::FilePath)]
    pub(crate) a: OsString,
    /// What to compare it with; alone, A is what the active environment is compared with
    #[arg(value_name = "B", value_hint = ValueHint::FilePath)]
    pub(crate) b: Option<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Requirements for `pip install -r`
    Pip,
}
