//! Jupyter kernels of environments.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct KernelArgs {
    #[command(subcommand)]
    pub(crate) command: Option<KernelCommand>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KernelCommand {
    /// Add an environment to the kernels that Jupyter offers
    Add(KernelAddArgs),
    /// Remove kernels
    #[command(visible_alias = "rm")]
    Remove(KernelRemoveArgs),
    /// List kernels with their environments [default]
    #[command(visible_alias = "ls")]
    List(KernelListArgs),
}

#[derive(Debug, Args)]
pub(crate) struct KernelAddArgs {
    /// Name that Jupyter shows [default: `NAME (Python 3.13)`]
    #[arg(long = "display", value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) display_name: Option<String>,
    /// Identifier for tools [default: derived from the name of the environment]
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Leave the server's PATH and `VIRTUAL_ENV` unchanged
    #[arg(long)]
    pub(crate) no_path: bool,
    /// Set a variable in the kernel; may be repeated
    #[arg(long = "env", value_name = "VARIABLE=VALUE", value_parser = assignment)]
    pub(crate) variables: Vec<(String, String)>,
    /// Install `ipykernel` first, if the environment lacks it
    #[arg(long)]
    pub(crate) install: bool,
    /// Replace a kernel of this id that venvwrap did not write
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to add, also by its path [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct KernelRemoveArgs {
    /// Also remove kernels that venvwrap did not write
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Ids of the kernels
    #[arg(value_name = "KERNEL", required = true)]
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, Default, Args)]
pub(crate) struct KernelListArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => Ok((name.to_string(), value.to_string())),
        _ => Err("write it as NAME=VALUE; a name consists of letters, digits and `_`".into()),
    }
}
