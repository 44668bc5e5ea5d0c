//! What sets venvwrap up: start-up files, generated files, configuration.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::ffi::OsString;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use venvwrap_core::shell::Shell;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Also set virtualenvwrapper's variables and create empty hook scripts, as virtualenvwrapper.sh does
    #[arg(long)]
    pub(crate) virtualenvwrapper: bool,
    /// Also activate and deactivate environments as the directory changes
    #[arg(long)]
    pub(crate) auto: bool,
    /// Print only what `--auto` adds, for a shell that has loaded the functions from files
    #[arg(long, hide = true)]
    pub(crate) hook_only: bool,
    /// Shell to use [default: detected]
    #[arg(value_name = "SHELL", value_parser = shell_parser())]
    pub(crate) shell: Option<Shell>,
}

#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    /// Shell to use [default: detected]
    #[arg(value_name = "SHELL", value_parser = shell_parser())]
    pub(crate) shell: Option<Shell>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Print the line and the file it belongs in; change nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) print: bool,
    /// Remove the line from the start-up files of all shells, or of SHELL, and the cache; environments stay
    #[arg(long, conflicts_with = "print")]
    pub(crate) undo: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ActivateArgs {
    /// Shell to print the code for [default: the one that has started this command]
    #[arg(long, value_enum, value_name = "SHELL", conflicts_with = "json")]
    pub(crate) shell: Option<ActivateShell>,
    /// Print the variables to set and to unset, as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to activate; `.` is the one that belongs to the current directory
    #[arg(value_name = "NAME")]
    pub(crate) name: OsString,
}

/// A shell whose activation script is known. No descriptions, which would spread the help over many lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ActivateShell {
    Bash,
    Zsh,
    Fish,
    Sh,
    Csh,
    Pwsh,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// File to print
    #[arg(value_enum)]
    pub(crate) what: Generated,
    /// Shell function whose manual page to print, instead of that of the program
    #[arg(value_name = "FUNCTION")]
    pub(crate) function: Option<String>,
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

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ConfigCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the value of a key
    Get(ConfigKeyArgs),
    /// Set a key
    Set(ConfigSetArgs),
    /// Remove a key and restore its default
    Unset(ConfigKeyArgs),
    /// List the keys that are set [default]
    List(ConfigListArgs),
    /// Print the path of the configuration file
    Path,
    /// Open the configuration file in an editor
    Edit,
}

#[derive(Debug, Default, Args)]
pub(crate) struct ConfigListArgs {
    /// List all keys, with where their values come from
    #[arg(short, long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigKeyArgs {
    /// Name of the key
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigSetArgs {
    /// Name of the key
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// New value; of a list, such as `default_packages` or `keep`, any number
    #[arg(value_name = "VALUE", required = true, allow_hyphen_values = true)]
    pub(crate) values: Vec<String>,
}

/// Takes the name of a shell that has a shim.
fn shell_parser() -> impl TypedValueParser<Value = Shell> {
    let names = Shell::ALL.map(Shell::name);
    PossibleValuesParser::new(names).try_map(|name| Shell::from_name(&name).ok_or("there is no such shell"))
}
