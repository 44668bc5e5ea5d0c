//! What makes bundles.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// Bundle the packages in this requirements file; may be repeated
    #[arg(short, long = "requirement", value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["name", "from_installed"])]
    pub(crate) requirements: Vec<PathBuf>,
    /// Bundle for this system instead of this machine's, such as `linux-x86_64`; may be repeated
    #[arg(long = "platform", value_name = "PLATFORM", conflicts_with = "from_installed")]
    pub(crate) platforms: Vec<String>,
    /// Bundle for this version of Python [default: that of the environment]
    #[arg(long, value_name = "VERSION", conflicts_with = "from_installed")]
    pub(crate) python: Option<String>,
    /// Allow wheels that need the glibc of this machine [default: glibc 2.28]
    #[arg(long, conflicts_with_all = ["platforms", "from_installed"])]
    pub(crate) exact: bool,
    /// Build a wheel of this package if there is none; may be repeated
    #[arg(long = "build", value_name = "PACKAGE", conflicts_with = "from_installed")]
    pub(crate) build: Vec<String>,
    /// Build wheels of all packages that have none
    #[arg(long, conflicts_with = "from_installed")]
    pub(crate) build_all: bool,
    /// Build and bundle the project in this directory; may be repeated
    #[arg(long = "project", value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "from_installed")]
    pub(crate) projects: Vec<PathBuf>,
    /// Make the wheels from the installed files, without an index
    #[arg(long)]
    pub(crate) from_installed: bool,
    /// File to write, or the directory for it [default: NAME.bundle.tar]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Write a directory instead of an archive [default: NAME.bundle]
    #[arg(long)]
    pub(crate) dir: bool,
    /// Leave out the packages of the base Python
    #[arg(short, long, conflicts_with = "requirements")]
    pub(crate) local: bool,
    /// Leave out pip
    #[arg(long)]
    pub(crate) no_pip: bool,
    /// Also bundle packages whose files were changed
    #[arg(short, long, requires = "from_installed")]
    pub(crate) force: bool,
    /// Print what is in the bundle as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to bundle, also by its path, or a lock such as `pylock.toml` [default: the active environment]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}
