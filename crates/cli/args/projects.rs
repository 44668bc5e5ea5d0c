//! Project directories, and what may happen in them by itself.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ProjectCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Associate an environment with a project directory
    Set(ProjectSetArgs),
    /// Print the project directories of an environment
    Show(ProjectNameArgs),
    /// Remove the project directories of an environment, or one of them
    Unset(ProjectUnsetArgs),
    /// List all project directories with their environments [default]
    List(ProjectListArgs),
    /// Show which environment a directory resolves to, and why
    Which(ProjectWhichArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ProjectSetArgs {
    /// Add this directory instead of replacing the current one (for worktrees)
    #[arg(long)]
    pub(crate) add: bool,
    /// Name of the environment [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
    /// Project directory [default: the current directory]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectNameArgs {
    /// Name of the environment [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectUnsetArgs {
    /// Name of the environment [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
    /// Remove only this directory
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Default, Args)]
pub(crate) struct ProjectListArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectWhichArgs {
    /// Directory [default: the current directory]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct AllowArgs {
    /// List the directories that are allowed and denied
    #[arg(long, conflicts_with_all = ["dotenv", "variables", "directory"])]
    pub(crate) list: bool,
    /// Also load its `.env` file
    #[arg(long)]
    pub(crate) dotenv: bool,
    /// Permit its `.env` file to set this variable, which can run code; may be repeated
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) variables: Vec<String>,
    /// Accept that other users own it or can write to it, as in a store that a team shares
    #[arg(long, conflicts_with_all = ["dotenv", "variables", "list"])]
    pub(crate) shared: bool,
    /// Directory [default: the current directory]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DenyArgs {
    /// Directory [default: the current directory]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// Make `.venv` a symlink, which uv and poetry follow, and pin the environment's Python in a new
    /// `.python-version`; refused where uv would not use the environment
    #[arg(long)]
    pub(crate) uv: bool,
    /// The default: what older recipes name
    #[arg(long, requires = "uv", hide = true)]
    pub(crate) pin: bool,
    /// Do not write a `.python-version`
    #[arg(long, requires = "uv", overrides_with = "pin")]
    pub(crate) no_pin: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Name of the environment [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
    /// Directory to write the file to [default: the current directory]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}
