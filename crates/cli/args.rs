//! Every command, option and help text; no behaviour.
//!
//! The same argument types serve the verbs of the program (`venvwrap create`) and the shell functions
//! (`mkvirtualenv`), so that both take the same options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

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

/// How the shell functions are parsed: each as a program of its own.
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

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Associate the environment with this project directory
    #[arg(short = 'a', long = "associate", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) project: Option<PathBuf>,
    /// Install this package afterwards; may be repeated
    #[arg(short = 'i', long = "install", value_name = "PACKAGE")]
    pub(crate) packages: Vec<OsString>,
    /// Install what this requirements file lists afterwards; may be repeated
    #[arg(short = 'r', long = "requirement", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) requirements: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) options: EnvironmentOptions,
    #[command(flatten)]
    pub(crate) hidden: HiddenOptions,
    /// The name of the environment
    #[arg(value_name = "NAME", required_unless_present = "wheel")]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct CreateProjectArgs {
    /// Use the project directory if it exists already
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Fill the project directory by this template; may be repeated
    #[arg(short, long = "template", value_name = "TEMPLATE")]
    pub(crate) templates: Vec<String>,
    #[command(flatten)]
    pub(crate) create: CreateArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MktmpenvArgs {
    /// Change to the environment's directory afterwards
    #[arg(short, long, overrides_with = "no_cd")]
    pub(crate) cd: bool,
    /// Stay in the current directory
    #[arg(short, long)]
    pub(crate) no_cd: bool,
    /// What makes the name unique; given by the shell
    #[arg(long, hide = true, value_name = "TOKEN", default_value = "")]
    pub(crate) token: String,
    /// Install this package afterwards; may be repeated
    #[arg(short = 'i', long = "install", value_name = "PACKAGE")]
    pub(crate) packages: Vec<OsString>,
    /// Install what this requirements file lists afterwards; may be repeated
    #[arg(short = 'r', long = "requirement", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) requirements: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) options: EnvironmentOptions,
    #[command(flatten)]
    pub(crate) hidden: HiddenOptions,
}

/// What kind of environment to make: virtualenv's options. Each can also be set as `VIRTUALENV_OPTION`.
#[derive(Debug, Args)]
pub(crate) struct EnvironmentOptions {
    /// The Python to use: a version (3.12), a range (>=3.11), a command or a path
    #[arg(short, long, value_name = "PYTHON", value_hint = ValueHint::CommandName)]
    pub(crate) python: Option<OsString>,
    /// Make the packages of the base Python visible
    #[arg(long, env = "VIRTUALENV_SYSTEM_SITE_PACKAGES", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) system_site_packages: bool,
    /// Replace an environment of this name
    #[arg(long, env = "VIRTUALENV_CLEAR", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) clear: bool,
    /// What the shell's prompt shows instead of the name; `.` stands for the current directory's name
    #[arg(long, value_name = "PROMPT", env = "VIRTUALENV_PROMPT", hide_env = true)]
    pub(crate) prompt: Option<String>,
    /// Copy the interpreter instead of linking to it
    #[arg(long, visible_alias = "always-copy", overrides_with = "symlinks", env = "VIRTUALENV_COPIES", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) copies: bool,
    /// Link to the interpreter (the default)
    #[arg(long, overrides_with = "copies", env = "VIRTUALENV_SYMLINKS", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) symlinks: bool,
    /// Install neither pip nor setuptools
    #[arg(long, visible_alias = "without-pip", env = "VIRTUALENV_NO_SEED", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) no_seed: bool,
    /// Install this version of pip
    #[arg(long, value_name = "VERSION", env = "VIRTUALENV_PIP", hide_env = true)]
    pub(crate) pip: Option<String>,
    /// Do not install pip
    #[arg(long, env = "VIRTUALENV_NO_PIP", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) no_pip: bool,
    /// Install this version of setuptools
    #[arg(long, value_name = "VERSION", env = "VIRTUALENV_SETUPTOOLS", hide_env = true)]
    pub(crate) setuptools: Option<String>,
    /// Do not install setuptools
    #[arg(long, env = "VIRTUALENV_NO_SETUPTOOLS", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) no_setuptools: bool,
    /// Look for wheels in this directory first; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "VIRTUALENV_EXTRA_SEARCH_DIR", hide_env = true, value_delimiter = ',')]
    pub(crate) extra_search_dir: Vec<PathBuf>,
    /// Ask the package index for the newest pip
    #[arg(long, overrides_with = "no_download", env = "VIRTUALENV_DOWNLOAD", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) download: bool,
    /// Never ask the package index
    #[arg(long, visible_alias = "never-download", overrides_with = "download", env = "VIRTUALENV_NO_DOWNLOAD", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) no_download: bool,
    /// Write no .gitignore into the environment
    #[arg(long, env = "VIRTUALENV_NO_VCS_IGNORE", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) no_vcs_ignore: bool,
    /// The activation scripts to write: bash, fish, cshell, powershell, nushell, python
    #[arg(long, value_name = "LIST", value_delimiter = ',', env = "VIRTUALENV_ACTIVATORS", hide_env = true)]
    pub(crate) activators: Vec<String>,
}

/// Options of virtualenv, old and new, that mean nothing here: accepted, so that scripts go on working.
#[derive(Debug, Args)]
pub(crate) struct HiddenOptions {
    #[arg(long, hide = true)]
    pub(crate) no_site_packages: bool,
    #[arg(long, hide = true, alias = "use-distribute")]
    pub(crate) distribute: bool,
    #[arg(long, hide = true)]
    pub(crate) unzip_setuptools: bool,
    #[arg(long, hide = true, num_args = 0..=1, value_name = "VERSION", default_missing_value = "")]
    pub(crate) wheel: Option<OsString>,
    #[arg(long, hide = true)]
    pub(crate) no_wheel: bool,
    #[arg(long, hide = true, value_name = "NAME")]
    pub(crate) creator: Option<String>,
    #[arg(long, hide = true, value_name = "NAME")]
    pub(crate) seeder: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) no_periodic_update: bool,
    #[arg(long, hide = true)]
    pub(crate) upgrade_embed_wheels: bool,
    #[arg(long, hide = true, value_name = "DIR")]
    pub(crate) app_data: Option<OsString>,
    #[arg(long, hide = true)]
    pub(crate) reset_app_data: bool,
    #[arg(long, hide = true)]
    pub(crate) read_only_app_data: bool,
    #[arg(long, hide = true)]
    pub(crate) symlink_app_data: bool,
    #[arg(long, hide = true, value_name = "SPEC")]
    pub(crate) try_first_with: Vec<OsString>,
    #[arg(short, long, hide = true, action = clap::ArgAction::Count)]
    pub(crate) quiet: u8,
    #[arg(short, long, hide = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[arg(long, hide = true)]
    pub(crate) with_traceback: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print the names only
    #[arg(short, long, overrides_with_all = ["long", "json"])]
    pub(crate) brief: bool,
    /// Print a paragraph for each environment
    #[arg(short, long, overrides_with_all = ["brief", "json"])]
    pub(crate) long: bool,
    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Sort by this column
    #[arg(long, value_enum, value_name = "COLUMN", default_value_t = SortKey::Name)]
    pub(crate) sort: SortKey,
    /// Measure how much space each environment takes, too
    #[arg(long)]
    pub(crate) size: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortKey {
    /// By name
    Name,
    /// By version of Python, newest first
    Python,
    /// By health, broken ones first
    Health,
    /// By project directory
    Project,
    /// By number of packages, most first
    Packages,
    /// By last use, latest first
    Used,
    /// By creation, latest first
    Created,
    /// By size, largest first; measures it
    Size,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The environment; the active one when not given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
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

#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// The environment
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// Its name in the store; that of its project directory when not given
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the value of a key
    Get(ConfigKeyArgs),
    /// Set a key
    Set(ConfigSetArgs),
    /// Remove a key, so that its default counts
    Unset(ConfigKeyArgs),
    /// List the keys that are set
    List,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigKeyArgs {
    /// The key
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigSetArgs {
    /// The key
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// Its value
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) value: String,
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
pub(crate) struct InitArgs {
    /// Do what sourcing virtualenvwrapper.sh does, too: set its variables and make the empty hook scripts
    #[arg(long)]
    pub(crate) virtualenvwrapper: bool,
    /// Also enter and leave environments as the directory changes
    #[arg(long)]
    pub(crate) auto: bool,
    /// Print nothing but what `--auto` adds, for a shell that has loaded the functions from files
    #[arg(long, hide = true)]
    pub(crate) hook_only: bool,
    /// The shell; found out when not given
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Option<crate::shell::Shell>,
}

#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    /// The shell; found out when not given
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Option<crate::shell::Shell>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Only print the line and the file it belongs into
    #[arg(long, conflicts_with = "yes")]
    pub(crate) print: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// What to print
    #[arg(value_enum)]
    pub(crate) what: Generated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generated {
    /// The manual page, in roff
    Man,
    /// The command reference, in Markdown
    Reference,
    /// The completions for bash
    Bash,
    /// The completions for zsh
    Zsh,
    /// The completions for fish
    Fish,
}
