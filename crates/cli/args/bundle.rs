//! What makes bundles.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// Make the wheels from the installed files, without an index
    #[arg(long, required = true)]
    pub(crate) from_installed: bool,
    /// File to write [default: NAME.bundle.tar]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Write a directory instead of an archive [default: NAME.bundle]
    #[arg(long)]
    pub(crate) dir: bool,
    /// Leave out pip
    #[arg(long)]
    pub(crate) no_pip: bool,
    /// Also bundle packages whose files were changed
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Print what is in the bundle as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to bundle [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}
