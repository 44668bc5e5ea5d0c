//! How the shell functions are parsed: each as a program of its own.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, ValueHint};

use super::{CreateArgs, CreateProjectArgs, ListArgs, MktmpenvArgs, ProjectSetArgs, RemoveArgs, ShowArgs};

#[derive(Debug, Parser)]
#[command(name = "mkvirtualenv", about = "Make an environment, activate it, and install packages into it")]
pub(crate) struct MkvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: CreateArgs,
}

#[derive(Debug, Parser)]
#[command(name = "mkproject", about = "Make a project directory with an environment of its own, and go there")]
pub(crate) struct MkprojectFunction {
    #[command(flatten)]
    pub(crate) args: CreateProjectArgs,
}

#[derive(Debug, Parser)]
#[command(name = "mktmpenv", about = "Make an environment that is removed when it is left")]
pub(crate) struct MktmpenvFunction {
    #[command(flatten)]
    pub(crate) args: MktmpenvArgs,
}

#[derive(Debug, Parser)]
#[command(name = "lsvirtualenv", about = "List the environments")]
pub(crate) struct LsvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: ListArgs,
}

#[derive(Debug, Parser)]
#[command(name = "showvirtualenv", about = "Show what is known of one environment")]
pub(crate) struct ShowvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: ShowArgs,
}

#[derive(Debug, Parser)]
#[command(name = "rmvirtualenv", about = "Remove environments")]
pub(crate) struct RmvirtualenvFunction {
    #[command(flatten)]
    pub(crate) args: RemoveArgs,
}

#[derive(Debug, Parser)]
#[command(name = "cpvirtualenv", about = "Copy an environment, with every path inside it, and activate the copy")]
pub(crate) struct CpvirtualenvFunction {
    /// The environment to copy, or the directory of one to import
    #[arg(value_name = "SOURCE", value_hint = ValueHint::DirPath)]
    pub(crate) source: Option<OsString>,
    /// The name of the copy; that of the source when not given
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<OsString>,
}

#[derive(Debug, Parser)]
#[command(name = "setvirtualenvproject", about = "Associate an environment with a project directory")]
pub(crate) struct SetvirtualenvprojectFunction {
    #[command(flatten)]
    pub(crate) args: ProjectSetArgs,
}

#[derive(Debug, Parser)]
#[command(name = "add2virtualenv", about = "Put directories onto the import path of the active environment")]
pub(crate) struct AddFunction {
    /// Take the directories off the import path instead
    #[arg(short, long)]
    pub(crate) delete: bool,
    /// The directories; without any, those that are there are shown
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directories: Vec<PathBuf>,
}

#[derive(Debug, Parser)]
#[command(
    name = "toggleglobalsitepackages",
    about = "Show or hide the packages of the base Python in the active environment"
)]
pub(crate) struct ToggleFunction {
    /// Say nothing
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Parser)]
#[command(name = "wipeenv", about = "Remove all packages from the active environment, except what a new one has")]
pub(crate) struct NoArgumentsFunction {}

#[derive(Debug, Parser)]
#[command(name = "workon", about = "Activate an environment in this shell; without a name, choose from all of them")]
pub(crate) struct WorkonFunction {
    /// Change to the project directory afterwards
    #[arg(short, long, overrides_with = "no_cd")]
    pub(crate) cd: bool,
    /// Stay in the current directory
    #[arg(short, long)]
    pub(crate) no_cd: bool,
    /// The environment; `.` stands for the one named like the current directory, or associated with it
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}
