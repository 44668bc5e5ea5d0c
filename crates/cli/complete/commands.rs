//! What can be typed: the parser's own description of each command, and which kind of value each argument takes.

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command, CommandFactory, ValueHint};
use venvwrap_core::bundle::platform;

use super::settings;
use crate::args::Cli;
#[cfg(test)]
use crate::functions::FUNCTIONS;
use crate::functions::Function;
use crate::process::PROGRAM;

/// Which values an argument takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The name of an environment.
    Environment,
    /// The name of a removed environment that is kept.
    Removed,
    /// The name of a variable that an environment sets.
    Variable,
    /// The id of a Jupyter kernel.
    Kernel,
    /// The name of an environment, or the path of one.
    EnvironmentOrDirectory,
    /// The name of an environment, or the path of a file.
    EnvironmentOrFile,
    /// The name of a snapshot of the environment before it.
    Snapshot,
    /// Names of activation scripts, with commas between them.
    Activators,
    /// A request for a Python.
    Interpreter,
    /// The name of a template for projects.
    Template,
    /// The name of a hook.
    Hook,
    /// The path of a file.
    File,
    /// The path of a directory.
    Directory,
    /// A directory below the active environment.
    InEnvironment,
    /// A directory below the active environment's packages.
    InSitePackages,
    /// A dependency group of the project.
    Group,
    /// A package, or a project with its extras.
    Package,
    /// The directory of a project, with its extras.
    Editable,
    /// What the key of the configuration before it can be.
    Setting,
    /// A program of the environment that is named, or of the active one.
    Program,
    /// A command that runs in an environment, and its arguments.
    Command,
    /// One of these.
    Choice(Vec<PossibleValue>),
    /// Something that only the user knows.
    Unknown,
}

/// The helper of virtualenvwrapper that people call by hand.
const RUN_HOOK: &str = "virtualenvwrapper_run_hook";

/// Returns the program, every shell function and whatever else has completions: each shell registers them all.
#[cfg(test)]
pub(crate) fn names() -> Vec<&'static str> {
    let functions = FUNCTIONS.iter().flat_map(Function::names);
    std::iter::once(PROGRAM).chain(functions).chain([RUN_HOOK]).collect()
}

/// Returns the description of the program or of a shell function.
pub(super) fn command(name: &str) -> Option<Command> {
    match name {
        PROGRAM => Some(Cli::command()),
        RUN_HOOK => Some(Command::new(RUN_HOOK).arg(Arg::new("hook").value_name("HOOK")).disable_help_flag(true)),
        _ => Function::find(name).map(Function::command),
    }
}

/// Returns which values an argument of a command takes.
pub(super) fn kind(command: &Command, arg: &Arg) -> Kind {
    let choices = arg.get_possible_values();
    if !choices.is_empty() {
        return Kind::Choice(choices);
    }
    if arg.is_trailing_var_arg_set() {
        return Kind::Command;
    }
    let value_name = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    match (value_name, command.get_name()) {
        ("NAME", "create" | "create-project" | "unpack" | "mkvirtualenv" | "mkproject") => Kind::Unknown,
        ("A" | "B", "diff") | ("SOURCE", "restore") | ("NAME", "bundle") => Kind::EnvironmentOrFile,
        ("PLATFORM", _) => Kind::Choice(platform::COMMON.iter().map(|name| PossibleValue::new(*name)).collect()),
        ("NAME" | "ENV" | "SOURCE" | "OLD" | "PATTERN", _) if arg.is_positional() => match arg.get_value_hint() {
            ValueHint::DirPath => Kind::EnvironmentOrDirectory,
            _ => Kind::Environment,
        },
        ("ENV", _) => Kind::Environment,
        ("SNAPSHOT", _) => Kind::Snapshot,
        ("LIST", _) if arg.get_id() == "activators" => Kind::Activators,
        ("VARIABLE", _) => Kind::Variable,
        ("COMMAND", "package") => Kind::Program,
        ("GROUP", _) => Kind::Group,
        ("PACKAGE", _) => Kind::Package,
        ("VALUE", "set") => Kind::Setting,
        ("DIR", _) if arg.get_id() == "editables" => Kind::Editable,
        ("KEY", _) => Kind::Choice(settings::keys()),
        ("REMOVED", _) => Kind::Removed,
        ("KERNEL", _) => Kind::Kernel,
        ("PYTHON", _) => Kind::Interpreter,
        ("TEMPLATE", _) => Kind::Template,
        ("HOOK", _) => Kind::Hook,
        ("SUBDIRECTORY", "cdvirtualenv") => Kind::InEnvironment,
        ("SUBDIRECTORY" | "LS_OPTION", _) => Kind::InSitePackages,
        _ => match arg.get_value_hint() {
            ValueHint::DirPath => Kind::Directory,
            ValueHint::FilePath | ValueHint::AnyPath | ValueHint::ExecutablePath => Kind::File,
            _ => Kind::Unknown,
        },
    }
}

/// Returns whether an option is followed by a value.
pub(super) fn takes_value(arg: &Arg) -> bool {
    let is_optional = arg.get_num_args().is_some_and(|count| count.min_values() == 0);
    arg.get_action().takes_values() && !is_optional
}

/// Returns whether a positional argument takes all that follow.
pub(super) fn repeats(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append) || arg.get_num_args().is_some_and(|count| count.max_values() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that nobody can guess.
    const FREE: [&str; 22] = [
        "AGE",
        "DEPENDENCY",
        "FUNCTION",
        "NEW",
        "TEXT",
        "PROMPT",
        "VERSION",
        "TARGET",
        "NAME",
        "TOKEN",
        "GLOB",
        "LEVEL",
        "RELEASE",
        "COMMAND",
        "LICENSE",
        "PERSON",
        "HOST",
        "IMAGE",
        "WORD",
        "ID",
        "VARIABLE=VALUE",
        "NUMBER",
    ];

    fn check(command: &Command) {
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set() && takes_value(arg)) {
            let names = arg.get_value_names().unwrap_or_default();
            let is_free = names.iter().any(|name| FREE.contains(&name.as_str()));
            assert!(
                is_free || kind(command, arg) != Kind::Unknown,
                "the value of `{}` of `{}` has no completion: give it a value name that `kind` knows, or a hint",
                arg.get_id(),
                command.get_name()
            );
        }
        command.get_subcommands().for_each(check);
    }

    #[test]
    fn every_argument_has_a_kind() {
        for name in names() {
            check(&command(name).unwrap());
        }
        assert!(command("ls").is_none());
    }

    #[test]
    fn names_are_environments_unless_they_are_new() {
        let of = |function: &str| {
            let command = command(function).unwrap();
            let arg = command.get_positionals().next().unwrap();
            kind(&command, arg)
        };
        assert_eq!(of("workon"), Kind::Environment);
        assert_eq!(of("rmvirtualenv"), Kind::Environment);
        assert_eq!(of("mkvirtualenv"), Kind::Unknown);
        assert_eq!(of("cdsitepackages"), Kind::InSitePackages);
        assert_eq!(of("allvirtualenv"), Kind::Command);
    }
}
