//! The variables that environments set.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct VariablesArgs {
    #[command(subcommand)]
    pub(crate) command: Option<VariablesCommand>,
    #[command(flatten)]
    pub(crate) list: VariablesListArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VariablesCommand {
    /// Set variables whenever an environment is activated, until it is left
    Set(VariablesSetArgs),
    /// Remove variables from an environment
    Unset(VariablesUnsetArgs),
    /// List the variables of an environment [default]
    #[command(visible_alias = "ls")]
    List(VariablesListArgs),
}

#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").required(true).multiple(true),
    override_usage = "venvwrap variables set [OPTIONS] <VARIABLE=VALUE>...\n       venvwrap variables set [OPTIONS] --from <FILE>"
)]
pub(crate) struct VariablesSetArgs {
    /// Environment that sets them [default: the active one]
    #[arg(short = 'n', long = "name", value_name = "ENV")]
    pub(crate) environment: Option<OsString>,
    /// Read them from a file in the format of `.env`; `-` is standard input
    #[arg(short = 'f', long = "from", value_name = "FILE", value_hint = ValueHint::FilePath, group = "what")]
    pub(crate) file: Option<PathBuf>,
    /// Variables and their values
    #[arg(value_name = "VARIABLE=VALUE", group = "what", value_parser = assignment)]
    pub(crate) assignments: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(crate) struct VariablesUnsetArgs {
    /// Environment that sets them [default: the active one]
    #[arg(short = 'n', long = "name", value_name = "ENV")]
    pub(crate) environment: Option<OsString>,
    /// Names of the variables
    #[arg(value_name = "VARIABLE", required = true)]
    pub(crate) variables: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct VariablesListArgs {
    /// Environment that sets them [default: the active one]
    #[arg(short = 'n', long = "name", value_name = "ENV")]
    pub(crate) environment: Option<OsString>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whether the name is one is decided with the rest of its rules.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as VARIABLE=VALUE; `-n ENV` names the environment")?;
    Ok((name.to_string(), value.to_string()))
}
