//! What brings removed environments back, or deletes them.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Subcommand};
use venvwrap_core::config::quantity;

#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// List what can be brought back
    #[arg(short, long, conflicts_with_all = ["name", "target"])]
    pub(crate) list: bool,
    /// Bring it back under this name
    #[arg(long = "as", value_name = "TARGET")]
    pub(crate) target: Option<OsString>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to bring back [default: the one removed last]
    #[arg(value_name = "REMOVED")]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct TrashArgs {
    #[command(subcommand)]
    pub(crate) command: Option<TrashCommand>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrashCommand {
    /// List removed environments that are still kept [default]
    List(TrashListArgs),
    /// Delete removed environments now
    Empty(TrashEmptyArgs),
}

#[derive(Debug, Default, Args)]
pub(crate) struct TrashListArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TrashEmptyArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Keep what was removed within this time, such as `1h` or `2d`
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(crate) older: Option<Duration>,
}

/// Reads an age.
pub(super) fn age(text: &str) -> Result<Duration, String> {
    quantity::duration(text).ok_or_else(|| "a time is a number with a unit, such as 90m, 12h or 7d".to_string())
}
