//! What carries environments into containers.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct DockerfileArgs {
    /// Directory that the image is built from [default: the current one]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
    /// Install with uv in the image [default: what installs on this machine]
    #[arg(long, conflicts_with = "pip")]
    pub(crate) uv: bool,
    /// Install with pip in the image
    #[arg(long)]
    pub(crate) pip: bool,
    /// Build on this image [default: the official one of the environment's Python]
    #[arg(long, value_name = "IMAGE")]
    pub(crate) base: Option<String>,
    /// Build on the image of the environment's exact Python, patch version included
    #[arg(long, conflicts_with = "base")]
    pub(crate) exact: bool,
    /// Command that the image runs, followed by its arguments [default: python]
    #[arg(long, value_name = "WORD", num_args = 1.., allow_hyphen_values = true)]
    pub(crate) cmd: Vec<OsString>,
    /// Take hashes only from this machine
    #[arg(long)]
    pub(crate) offline: bool,
    /// Replace the files that are there
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment whose packages the image gets, also by its path [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) name: Option<OsString>,
}
