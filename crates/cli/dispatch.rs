//! From the command line to the function that acts.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::actions::background;
use crate::actions::packages::could_not_look;
use crate::args::{Cli, Command, SnapshotArgs, SnapshotCommand, with_search_dirs, with_temporary_name};
use crate::commands::{
    activate, adopt, allow, bundle, check, config, copy, create, create_project, deny, diff, dockerfile, doctor,
    freeze, gc, init, kernel, link, list, pack, package, path, project, pythons, remove, rename, repair, restore, run,
    send, setup, show, snapshot, trash, undo, unpack, upgrade, variables, venv,
};
use crate::error::{Error, Result};
use crate::functions::request;
use crate::help;
use crate::process::Process;
use crate::ui::printer;

/// Runs what the arguments say; the first of them is the program. A shell that evaluates what a verb prints has to fail
/// where the verb does.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<ExitCode> {
    let is_evaluated = is_evaluated(&arguments);
    let outcome = act(arguments);
    if is_evaluated && !matches!(outcome, Ok(ExitCode::SUCCESS)) {
        activate::fail_in_shell();
    }
    outcome
}

/// Returns whether the verb is one whose output is code.
fn is_evaluated(arguments: &[OsString]) -> bool {
    let mut words = arguments.iter().skip(1);
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("activate" | "init") => return !words.any(|word| word == "--json"),
            Some("--workon-home") => drop(words.next()),
            Some(option) if option.starts_with('-') => {}
            _ => return false,
        }
    }
    false
}

fn act(arguments: Vec<OsString>) -> Result<ExitCode> {
    // What shims call is looked at first: it must cost nothing beside the work itself.
    match arguments.get(1).and_then(|first| first.to_str()) {
        Some("__plan") => return request::plan(&arguments[2..]),
        Some("__load") => return request::load(&arguments[2..]),
        Some("__do") => return Ok(request::act(&arguments[2..])),
        Some("__complete") => return crate::complete::run(&arguments[2..]),
        Some("__background") => return background::run(&arguments[2..]),
        // Every shell reads this at its start.
        Some("init") if let Some(args) = init::quick(&arguments[2..]) => return init::run(&args),
        _ => {}
    }
    if help::is_asked_for(&arguments[1..]) {
        return help::run(arguments.len() > 1);
    }
    let arguments = with_search_dirs(with_temporary_name(arguments));
    let cli = match Cli::of_one_verb(&arguments).map_or_else(|| Cli::try_parse_from(&arguments), Ok) {
        Ok(cli) => cli,
        Err(error) => {
            return request::instead_of_verb(&arguments[1..]).unwrap_or_else(|| crate::ui::report::usage(error));
        }
    };
    match cli.command {
        Command::Init(args) => return init::run(&args),
        Command::Generate(args) => return crate::generate::run(&args),
        Command::Setup(args) => return setup::run(&args),
        Command::Config(args) => return config::run(&args),
        _ => {}
    }
    // Interpreters are in no store.
    let home = if matches!(cli.command, Command::Pythons(_)) { Some("/".into()) } else { cli.workon_home };
    let process = Process::take_in(home).map_err(|error| with_status(&cli.command, error))?;
    printer::warn_of(&process.config.problems);
    match cli.command {
        Command::Create(args) => create::run(&process, &args),
        Command::CreateProject(args) => create_project::run(&process, &args),
        Command::List(args) => list::run(&process, &args),
        Command::Show(args) => show::run(&process, &args),
        Command::Path(args) => path::run(&process, &args),
        Command::Activate(args) => activate::run(&process, &args),
        Command::Pythons(args) => pythons::run(&process, &args),
        Command::Remove(args) => remove::run(&process, &args),
        Command::Doctor(args) => doctor::run(&process, &args),
        Command::Gc(args) => gc::run(&process, &args),
        Command::Undo(args) => undo::run(&process, &args),
        Command::Trash(args) => trash::run(&process, &args),
        Command::Copy(args) => copy::run(&process, &args),
        Command::Rename(args) => rename::run(&process, &args),
        Command::Repair(args) => repair::run(&process, &args),
        Command::Venv(args) => venv::run(&process, &args),
        Command::Run(args) => run::run(&process, &args),
        Command::Bundle(args) => bundle::run(&process, &args),
        Command::Pack(args) => pack::run(&process, &args),
        Command::Send(args) => send::run(&process, &args),
        Command::Package(args) => package::run(&process, &args),
        Command::Unpack(args) => unpack::run(&process, &args),
        Command::Freeze(args) => freeze::run(&process, &args),
        Command::Check(args) => check::run(&process, &args),
        Command::Diff(args) => diff::run(&process, &args),
        Command::Snapshot(args) => snapshot::run(&process, &args),
        Command::Restore(args) => restore::run(&process, &args),
        Command::Upgrade(args) => upgrade::run(&process, &args),
        Command::Dockerfile(args) => dockerfile::run(&process, &args),
        Command::Project(args) => project::run(&process, &args),
        Command::Allow(args) => allow::run(&process, &args),
        Command::Deny(args) => deny::run(&process, &args),
        Command::Link(args) => link::run(&process, &args),
        Command::Variables(args) => variables::run(&process, &args),
        Command::Kernel(args) => kernel::run(&process, &args),
        Command::Adopt(args) => adopt::run(&process, &args),
        Command::Init(_) | Command::Generate(_) | Command::Setup(_) | Command::Config(_) => Ok(ExitCode::SUCCESS),
    }
}

/// Status 1 of these says what they found.
fn with_status(command: &Command, error: Error) -> Error {
    match command {
        Command::Check(_)
        | Command::Diff(_)
        | Command::Doctor(_)
        | Command::Snapshot(SnapshotArgs { command: Some(SnapshotCommand::Diff(_)), .. }) => could_not_look(error),
        _ => error,
    }
}
