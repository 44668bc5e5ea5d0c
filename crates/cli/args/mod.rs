//! Every command, option and help text; no behaviour.
//!
//! The same argument types serve the verbs of the program (`venvwrap create`) and the shell functions
//! (`mkvirtualenv`), so that both take the same options.

mod archives;
mod bundle;
mod containers;
mod creation;
mod doctor;
mod functions;
mod kernels;
mod lifecycle;
mod listing;
mod one_verb;
mod packages;
mod projects;
mod shell;
mod trash;
mod variables;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

pub(crate) use self::archives::{EditableChoice, FormatChoice, PackArgs, PackageArgs, SendArgs, UnpackArgs};
pub(crate) use self::bundle::BundleArgs;
pub(crate) use self::containers::DockerfileArgs;
pub(crate) use self::creation::{
    CreateArgs, CreateProjectArgs, DefaultOptions, EnvironmentOptions, HiddenOptions, MktmpenvArgs, PackageOptions,
    spread_search_dirs, with_search_dirs,
};
pub(crate) use self::doctor::{DoctorArgs, GcArgs};
pub(crate) use self::functions::{
    Add2virtualenvFunction, AllvirtualenvFunction, CdprojectFunction, CdsitepackagesFunction, CdvirtualenvFunction,
    CpvirtualenvFunction, DeactivateFunction, LssitepackagesFunction, LsvirtualenvFunction, MkprojectFunction,
    MktmpenvFunction, MkvirtualenvFunction, MvvirtualenvFunction, RmvirtualenvFunction, SetvirtualenvprojectFunction,
    ShowvirtualenvFunction, ToggleglobalsitepackagesFunction, VirtualenvwrapperFunction, WipeenvFunction,
    WorkonFunction,
};
pub(crate) use self::kernels::{KernelAddArgs, KernelArgs, KernelCommand, KernelListArgs, KernelRemoveArgs};
pub(crate) use self::lifecycle::{RenameArgs, RepairArgs, VenvArgs};
pub(crate) use self::listing::{ListArgs, PathArgs, PythonsArgs, ShowArgs, SortKey};
pub(crate) use self::packages::{
    CheckArgs, DiffArgs, FreezeArgs, FreezeFormat, RestoreArgs, SnapshotArgs, SnapshotCommand, SnapshotDiffArgs,
    SnapshotListArgs, SnapshotPruneArgs, SnapshotShowArgs, UpgradeArgs,
};
pub(crate) use self::projects::{
    AllowArgs, DenyArgs, LinkArgs, ProjectArgs, ProjectCommand, ProjectListArgs, ProjectSetArgs, ProjectUnsetArgs,
    ProjectWhichArgs,
};
pub(crate) use self::shell::{
    ActivateArgs, ActivateShell, ConfigArgs, ConfigCommand, ConfigListArgs, GenerateArgs, Generated, InitArgs,
    SetupArgs,
};
pub(crate) use self::trash::{TrashArgs, TrashCommand, TrashEmptyArgs, TrashListArgs, UndoArgs};
pub(crate) use self::variables::{
    VariablesArgs, VariablesCommand, VariablesListArgs, VariablesSetArgs, VariablesUnsetArgs,
};

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
    #[command(override_usage = "venvwrap create [OPTIONS] <NAME>\n       venvwrap create [OPTIONS] -a <DIR>")]
    Create(CreateArgs),
    /// Create a project directory and an environment for it
    #[command(name = "create-project")]
    #[command(
        override_usage = "venvwrap create-project [OPTIONS] <NAME>\n       venvwrap create-project [OPTIONS] -a <DIR>"
    )]
    CreateProject(CreateProjectArgs),
    /// List environments
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Show the details of an environment
    Show(ShowArgs),
    /// Print the directory of an environment
    Path(PathArgs),
    /// Remove environments
    #[command(visible_alias = "rm")]
    Remove(RemoveArgs),
    /// Bring back a removed or replaced environment
    Undo(UndoArgs),
    /// List or delete removed environments
    Trash(TrashArgs),
    /// Find what is wrong with environments, the store and the shell
    Doctor(DoctorArgs),
    /// Propose environments to remove: unused, orphaned, broken
    Gc(GcArgs),
    /// Copy an environment
    #[command(visible_alias = "cp")]
    Copy(CopyArgs),
    /// Rename an environment
    #[command(visible_alias = "mv")]
    Rename(RenameArgs),
    /// Repair environments whose Python is gone, or that were moved
    Repair(RepairArgs),
    /// Create an environment in a directory, as virtualenv does
    Venv(VenvArgs),
    /// Run a command in an environment without activating it
    Run(RunArgs),
    /// Print the code that activates an environment, for a shell without the functions
    Activate(ActivateArgs),
    /// List the Pythons that environments can be created with
    Pythons(PythonsArgs),
    /// Pack an environment into an archive for another machine
    Pack(PackArgs),
    /// Unpack an archive of an environment
    Unpack(UnpackArgs),
    /// Send an environment to another machine by ssh
    Send(SendArgs),
    /// Collect the wheels of an environment, for machines without a network
    Bundle(BundleArgs),
    /// Make a package for the system's package manager from an environment
    Package(PackageArgs),
    /// List the packages of an environment as requirements
    Freeze(FreezeArgs),
    /// Check that installed packages have compatible dependencies
    Check(CheckArgs),
    /// Compare the packages of environments, files and snapshots
    Diff(DiffArgs),
    /// Take a snapshot of an environment's packages, or show snapshots
    Snapshot(SnapshotArgs),
    /// Restore the packages of an environment from a snapshot or a file
    Restore(RestoreArgs),
    /// Rebuild environments for another Python, with the same packages; `venvwrap undo` brings the old ones back
    Upgrade(UpgradeArgs),
    /// Write a Dockerfile for an image with the packages of an environment
    Dockerfile(DockerfileArgs),
    /// Show or change the project directories of environments
    Project(ProjectArgs),
    /// Trust a directory's environment, hooks and variables
    Allow(AllowArgs),
    /// Never activate anything automatically in a directory
    Deny(DenyArgs),
    /// Write a `.venv` file that points editors to an environment
    Link(LinkArgs),
    /// Set variables that come and go with an environment, or list them
    #[command(visible_alias = "vars")]
    Variables(VariablesArgs),
    /// Add, remove or list the Jupyter kernels of environments
    Kernel(KernelArgs),
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
    /// Delete them at once: `venvwrap undo` cannot bring them back
    #[arg(long)]
    pub(crate) now: bool,
    /// Also remove Jupyter kernels that run in them and that venvwrap did not write
    #[arg(long)]
    pub(crate) kernels: bool,
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
#[command(override_usage = "venvwrap run <NAME> <COMMAND>...\n       venvwrap run --tmp [OPTIONS] <COMMAND>...")]
pub(crate) struct RunArgs {
    /// Use a new environment that is removed afterwards, instead of NAME
    #[arg(long)]
    pub(crate) tmp: bool,
    /// Python of the temporary environment
    #[arg(short, long, value_name = "PYTHON", requires = "tmp", value_hint = ValueHint::CommandName)]
    pub(crate) python: Option<OsString>,
    /// Install that Python with uv or pyenv if it is missing
    #[arg(long, requires = "tmp")]
    pub(crate) install_python: bool,
    /// Install this package into the temporary environment; may be repeated
    #[arg(short = 'i', long = "install", value_name = "PACKAGE", requires = "tmp", value_parser = creation::package())]
    pub(crate) packages: Vec<OsString>,
    /// Install the packages in this requirements file; may be repeated
    #[arg(short = 'r', long = "requirement", value_name = "FILE", requires = "tmp", value_hint = ValueHint::FilePath)]
    pub(crate) requirements: Vec<PathBuf>,
    /// Environment to use, also by its path; `.` is the one that belongs to the current directory
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) name: OsString,
    /// Command to run and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true, value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

/// The name that `run --tmp` gets. No argument of a process can hold a NUL, so nobody has typed it.
pub(crate) const NO_NAME: &str = "\0";

/// Gives `run --tmp` a name before its command, so that what follows is the command's: a parser cannot know that a name is
/// missing.
pub(crate) fn with_temporary_name(mut arguments: Vec<OsString>) -> Vec<OsString> {
    const TAKE_VALUES: [&str; 7] = ["--workon-home", "-p", "--python", "-i", "--install", "-r", "--requirement"];
    let (mut is_run, mut is_temporary, mut at) = (false, false, 1);
    while let Some(word) = arguments.get(at) {
        if TAKE_VALUES.iter().any(|option| word == option) {
            at += 1;
        } else if word == "--tmp" {
            is_temporary = true;
        } else if word == "--" || !word.as_encoded_bytes().starts_with(b"-") {
            if is_run || word != "run" {
                break;
            }
            is_run = true;
        }
        at += 1;
    }
    if is_run && is_temporary && at <= arguments.len() {
        arguments.insert(at, NO_NAME.into());
    }
    arguments
}

#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Path of the environment
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// Name in the store [default: the name of its project directory]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_environment_has_a_name_that_nobody_types() {
        let with = |line: &str| {
            let words = with_temporary_name(line.split(' ').map(OsString::from).collect());
            words
                .into_iter()
                .map(|word| word.into_string().unwrap())
                .collect::<Vec<_>>()
                .join(" ")
                .replace(NO_NAME, "0")
        };
        for (line, expected) in [
            ("v run --tmp python -V", "v run --tmp 0 python -V"),
            ("v run -i x --tmp -p 3.12 python", "v run -i x --tmp -p 3.12 0 python"),
            ("v --workon-home run run --tmp -- x", "v --workon-home run run --tmp 0 -- x"),
            ("v run --tmp --install=x x", "v run --tmp --install=x 0 x"),
            ("v run web --tmp", "v run web --tmp"),
            ("v run --tmp", "v run --tmp 0"),
            ("v list --tmp x", "v list --tmp x"),
        ] {
            assert_eq!(with(line), expected);
        }
    }
}
