//! Every command, option and help text; no behaviour.
//!
//! The same argument types serve the verbs of the program (`venvwrap create`) and the shell functions
//! (`mkvirtualenv`), so that both take the same options.

mod creation;
mod functions;
mod listing;
mod projects;
mod shell;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

pub(crate) use self::creation::{CreateArgs, CreateProjectArgs, EnvironmentOptions, HiddenOptions, MktmpenvArgs};
pub(crate) use self::functions::{
    Add2virtualenvFunction, AllvirtualenvFunction, CdprojectFunction, CdsitepackagesFunction, CdvirtualenvFunction,
    CpvirtualenvFunction, DeactivateFunction, LssitepackagesFunction, LsvirtualenvFunction, MkprojectFunction,
    MktmpenvFunction, MkvirtualenvFunction, RmvirtualenvFunction, SetvirtualenvprojectFunction, ShowvirtualenvFunction,
    ToggleglobalsitepackagesFunction, VirtualenvwrapperFunction, WipeenvFunction, WorkonFunction,
};
pub(crate) use self::listing::{ListArgs, ShowArgs, SortKey};
pub(crate) use self::projects::{
    AllowArgs, DenyArgs, LinkArgs, ProjectArgs, ProjectCommand, ProjectListArgs, ProjectSetArgs, ProjectUnsetArgs,
    ProjectWhichArgs,
};
pub(crate) use self::shell::{ConfigArgs, ConfigCommand, GenerateArgs, Generated, InitArgs, SetupArgs};

/// Python environments by name: make, enter, list and remove them in a moment.
#[derive(Debug, Parser)]
#[command(
    name = "venvwrap",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// The directory of the environments, instead of `WORKON_HOME`
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, hide = true)]
    pub(crate) workon_home: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an environment
    #[command(visible_alias = "mk")]
    Create(CreateArgs),
    /// Make a project directory and an environment for it
    #[command(name = "create-project")]
    CreateProject(CreateProjectArgs),
    /// List the environments
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Show what is known of one environment
    Show(ShowArgs),
    /// Remove environments
    #[command(visible_alias = "rm")]
    Remove(RemoveArgs),
    /// Copy an environment, with every path inside it
    #[command(visible_alias = "cp")]
    Copy(CopyArgs),
    /// Run a command in an environment, without activating it
    Run(RunArgs),
    /// Show or change which project directory an environment belongs to
    Project(ProjectArgs),
    /// Let a directory bring its own environment, project hooks and variables
    Allow(AllowArgs),
    /// Let nothing happen by itself in a directory
    Deny(DenyArgs),
    /// Write a `.venv` file that leads editors to an environment
    Link(LinkArgs),
    /// Add an environment that lies elsewhere to the store, as a link
    Adopt(AdoptArgs),
    /// Show or change the configuration file
    Config(ConfigArgs),
    /// Print the code that a shell's start-up file evaluates
    Init(InitArgs),
    /// Add the line that loads venvwrap to the shell's start-up file
    Setup(SetupArgs),
    /// Print the manual page or the command reference
    #[command(hide = true)]
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Remove a directory that is not an environment, too
    #[arg(short, long)]
    pub(crate) force: bool,
    /// The environments
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// The environment to copy, or the directory of one to import
    #[arg(value_name = "SOURCE", value_hint = ValueHint::DirPath)]
    pub(crate) source: OsString,
    /// The name of the copy; that of the source when not given
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The environment; `.` stands for the one named like the current directory, or associated with it
    #[arg(value_name = "NAME")]
    pub(crate) name: OsString,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true, value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// The environment
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// Its name in the store; that of its project directory when not given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}
