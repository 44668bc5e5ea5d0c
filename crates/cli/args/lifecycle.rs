//! What happens to an environment between its creation and its end.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{EnvironmentOptions, HiddenOptions};

#[derive(Debug, Args)]
pub(crate) struct RenameArgs {
    /// Rename the environment even if other processes use it
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Show what would change; change nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to rename
    #[arg(value_name = "OLD")]
    pub(crate) old: OsString,
    /// Its new name
    #[arg(value_name = "NEW")]
    pub(crate) new: OsString,
}

#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").required(true),
    override_usage = "venvwrap repair [OPTIONS] <NAME>...\n       venvwrap repair [OPTIONS] --all"
)]
pub(crate) struct RepairArgs {
    /// Repair every environment that needs it
    #[arg(long, group = "what")]
    pub(crate) all: bool,
    /// Show what would change; change nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environments to repair, by name or by path
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath, group = "what")]
    pub(crate) names: Vec<OsString>,
}

#[derive(Debug, Args)]
#[command(infer_long_args = true, args_override_self = true)]
pub(crate) struct VenvArgs {
    #[command(flatten)]
    pub(crate) options: EnvironmentOptions,
    #[command(flatten)]
    pub(crate) hidden: HiddenOptions,
    /// Print the new environment as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Directory of the new environment
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".venv")]
    pub(crate) directory: PathBuf,
}
