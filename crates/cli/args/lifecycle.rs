//! What happens to an environment between its creation and its end.

use std::ffi::OsString;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct RenameArgs {
    /// Rename the environment even if other processes use it
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Show what would change; change nothing
    #[arg(long)]
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
