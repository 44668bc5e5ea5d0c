//! Every command, option and help text; no behaviour.
//!
//! The same argument types serve the verbs of the program (`venvwrap create`) and the shell functions
//! (`mkvirtualenv`), so that both take the same options.

mod archives;
mod creation;
mod functions;
mod listing;
mod packages;
mod projects;
mod shell;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

pub(crate) use self::archives::{EditableChoice, PackArgs, PackageArgs, SendArgs, UnpackArgs};
pub(crate) use self::creation::{
    CreateArgs, CreateProjectArgs, DefaultOptions, EnvironmentOptions, HiddenOptions, MktmpenvArgs,
};
pub(crate) use self::functions::{
    Add2virtualenvFunction, AllvirtualenvFunction, CdprojectFunction, CdsitepackagesFunction, CdvirtualenvFunction,
    CpvirtualenvFunction, DeactivateFunction, LssitepackagesFunction, LsvirtualenvFunction, MkprojectFunction,
    MktmpenvFunction, MkvirtualenvFunction, RmvirtualenvFunction, SetvirtualenvprojectFunction, ShowvirtualenvFunction,
    ToggleglobalsitepackagesFunction, VirtualenvwrapperFunction, WipeenvFunction, WorkonFunction,
};
pub(crate) use self::listing::{ListArgs, ShowArgs, SortKey};
pub(crate) use self::packages::{CheckArgs, DiffArgs, FreezeArgs, FreezeFormat};
pub(crate) use self::projects::{
    AllowArgs, DenyArgs, LinkArgs, ProjectArgs, ProjectCommand, ProjectListArgs, ProjectSetArgs, ProjectUnsetArgs,
    ProjectWhichArgs,
};
pub(crate) use self::shell::{ConfigArgs, ConfigCommand, GenerateArgs, Generated, InitArgs, SetupArgs};

/// Create, activate, list and remove Python environments by name
#[derive(Debug, Parser)]
#[command(
    name = "venvwrap",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// Directory of the environments, instead of `WORKON_HOME`
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, hide = true)]
    pub(crate) workon_home: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create an environment
    #[command(visible_alias = "mk")]
    Create(CreateArgs),
    /// Create a project directory and an environment for it
    #[command(name = "create-project")]
    CreateProject(CreateProjectArgs),
    /// List environments
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Show the details of an environment
    Show(ShowArgs),
    /// Remove environments
    #[command(visible_alias = "rm")]
    Remove(RemoveArgs),
    /// Copy an environment
    #[command(visible_alias = "cp")]
    Copy(CopyArgs),
    /// Run a command in an environment without activating it
    Run(RunArgs),
    /// Pack an environment into an archive for another machine
    Pack(PackArgs),
    /// Unpack an archive of an environment
    Unpack(UnpackArgs),
    /// Send an environment to another machine by ssh
    Send(SendArgs),
    /// Make a package for the system's package manager from an environment
    Package(PackageArgs),
    /// List the packages of an environment as requirements
    Freeze(FreezeArgs),
    /// Check that the packages of environments fit together
    Check(CheckArgs),
    /// Compare the packages of environments and requirements files
    Diff(DiffArgs),
    /// Show or change the project directories of environments
    Project(ProjectArgs),
    /// Trust a directory's environment, hooks and variables
    Allow(AllowArgs),
    /// Never activate anything automatically in a directory
    Deny(DenyArgs),
    /// Write a `.venv` file that points editors to an environment
    Link(LinkArgs),
    /// Add an environment from elsewhere to the store as a symlink
    Adopt(AdoptArgs),
    /// Show or change the configuration file
    Config(ConfigArgs),
    /// Print the code for a shell's start-up file to evaluate
    Init(InitArgs),
    /// Add the line that loads venvwrap to the shell's start-up file
    Setup(SetupArgs),
    /// Print generated files: manual page, reference, completions
    #[command(hide = true)]
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Also remove directories that are not environments
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Environments to remove
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// Environment to copy, or the directory of one to import
    #[arg(value_name = "SOURCE", value_hint = ValueHint::DirPath)]
    pub(crate) source: OsString,
    /// Name of the copy [default: the name of the source]
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Environment to use; `.` is the one that belongs to the current directory
    #[arg(value_name = "NAME")]
    pub(crate) name: OsString,
    /// Command to run and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true, value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// Path of the environment
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// Name in the store [default: the name of its project directory]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}
