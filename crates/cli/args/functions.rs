//! The shell functions: the arguments of each, and the one sentence that says what it does.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, ValueHint};

use super::{CreateArgs, CreateProjectArgs, ListArgs, MktmpenvArgs, ProjectSetArgs, RemoveArgs, RenameArgs, ShowArgs};

/// Activate an environment, or choose one from a list
#[derive(Debug, Parser)]
pub(crate) struct WorkonFunction {
    /// Change to the project directory afterwards
    #[arg(short, long, overrides_with = "no_cd")]
    pub(crate) cd: bool,
    /// Stay in the current directory
    #[arg(short, long)]
    pub(crate) no_cd: bool,
    /// Environment to activate; `.` is the one that belongs to the current directory
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}

/// Deactivate the active environment
#[derive(Debug, Parser)]
#[command(disable_help_flag = true)]
pub(crate) struct DeactivateFunction {}

/// Create an environment, activate it and install packages into it
#[derive(Debug, Parser)]
#[command(
    infer_long_args = true,
    args_override_self = true,
    override_usage = "mkvirtualenv [OPTIONS] <NAME>\n       mkvirtualenv [OPTIONS] -a <DIR>"
)]
pub(crate) struct MkvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: CreateArgs,
}

/// Create a project directory with an environment, and activate it
#[derive(Debug, Parser)]
#[command(
    infer_long_args = true,
    args_override_self = true,
    override_usage = "mkproject [OPTIONS] <NAME>\n       mkproject [OPTIONS] -a <DIR>"
)]
pub(crate) struct MkprojectFunction {
    #[command(flatten)]
    pub(crate) args: CreateProjectArgs,
}

/// Create and activate an environment that is removed when you deactivate it
#[derive(Debug, Parser)]
#[command(infer_long_args = true, args_override_self = true)]
pub(crate) struct MktmpenvFunction {
    #[command(flatten)]
    pub(crate) args: MktmpenvArgs,
}

/// Copy an environment and activate the copy
#[derive(Debug, Parser)]
pub(crate) struct CpvirtualenvFunction {
    /// Environment to copy, or the directory of one to import
    #[arg(value_name = "SOURCE", value_hint = ValueHint::DirPath)]
    pub(crate) source: Option<OsString>,
    /// Name of the copy [default: the name of the source]
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<OsString>,
}

/// Rename an environment; if it is active, it stays active
#[derive(Debug, Parser)]
pub(crate) struct MvvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: RenameArgs,
}

/// Remove environments
#[derive(Debug, Parser)]
pub(crate) struct RmvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: RemoveArgs,
}

/// List environments
#[derive(Debug, Parser)]
pub(crate) struct LsvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: ListArgs,
}

/// Show the details of an environment
#[derive(Debug, Parser)]
pub(crate) struct ShowvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: ShowArgs,
}

/// Associate an environment with a project directory
#[derive(Debug, Parser)]
pub(crate) struct SetvirtualenvprojectFunction {
    #[command(flatten)]
    pub(crate) args: ProjectSetArgs,
}

/// Change to the project directory of the active environment
#[derive(Debug, Parser)]
pub(crate) struct CdprojectFunction {}

/// Change to the directory of the active environment, or to one inside it
#[derive(Debug, Parser)]
pub(crate) struct CdvirtualenvFunction {
    /// Directory inside the environment
    #[arg(value_name = "SUBDIRECTORY", value_hint = ValueHint::DirPath)]
    subdirectory: Option<PathBuf>,
}

/// Change to the site-packages of the active environment, or to a directory inside them
#[derive(Debug, Parser)]
pub(crate) struct CdsitepackagesFunction {
    /// Directory inside the site-packages
    #[arg(value_name = "SUBDIRECTORY", value_hint = ValueHint::DirPath)]
    subdirectory: Option<PathBuf>,
}

/// List the site-packages of the active environment
#[derive(Debug, Parser)]
#[command(disable_help_flag = true)]
pub(crate) struct LssitepackagesFunction {
    /// Options for `ls`
    #[arg(value_name = "LS_OPTION", allow_hyphen_values = true)]
    options: Vec<OsString>,
}

/// Add directories to the import path of the active environment
#[derive(Debug, Parser)]
pub(crate) struct Add2virtualenvFunction {
    /// Remove the directories from the import path instead
    #[arg(short, long)]
    pub(crate) delete: bool,
    /// Directories to add; without any, list those that were added
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directories: Vec<PathBuf>,
}

/// Show or hide the packages of the base Python in the active environment
#[derive(Debug, Parser)]
pub(crate) struct ToggleglobalsitepackagesFunction {
    /// Print nothing
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Remove all packages from the active environment except pip and setuptools
#[derive(Debug, Parser)]
pub(crate) struct WipeenvFunction {}

/// Run a command in every environment, one after another
#[derive(Debug, Parser)]
#[command(disable_help_flag = true)]
pub(crate) struct AllvirtualenvFunction {
    /// Command to run and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true, value_hint = ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
}

/// List the shell functions and the directories in use
#[derive(Debug, Parser)]
#[command(disable_help_flag = true)]
pub(crate) struct VirtualenvwrapperFunction {}
