//! Project directories, and what may happen in them by itself.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    #[command(subcommand)]
    pub(crate) command: ProjectCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Associate an environment with a project directory
    Set(ProjectSetArgs),
    /// Print the project directories of an environment
    Show(ProjectNameArgs),
    /// Forget the project directories of an environment, or one of them
    Unset(ProjectUnsetArgs),
    /// List all project directories with their environments
    List(ProjectListArgs),
    /// Tell which environment a directory leads to, and why
    Which(ProjectWhichArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ProjectSetArgs {
    /// Keep the project directory it has, and add this one: a worktree, or a part elsewhere
    #[arg(long)]
    pub(crate) add: bool,
    /// The environment; the active one when not given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
    /// The project directory; the current one when not given
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectNameArgs {
    /// The environment; the active one when not given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectUnsetArgs {
    /// The environment; the active one when not given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
    /// Forget only this directory
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectListArgs {
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectWhichArgs {
    /// The directory; the current one when not given
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct AllowArgs {
    /// List what has been allowed and denied
    #[arg(long, conflicts_with_all = ["dotenv", "variables", "directory"])]
    pub(crate) list: bool,
    /// Apply its `.env` file too
    #[arg(long)]
    pub(crate) dotenv: bool,
    /// Let its `.env` file set this variable although it changes what is executed; may be repeated
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) variables: Vec<String>,
    /// The directory; the current one when not given
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DenyArgs {
    /// The directory; the current one when not given
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// The environment; the active one when not given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
    /// The directory to write the file into; the current one when not given
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,
}
