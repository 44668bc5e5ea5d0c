//! From the command line to the function that acts.

mod allow;
mod auto;
mod background;
mod compat;
mod compat_clone;
mod compat_functions;
mod compat_helpers;
mod config;
mod copy;
mod create;
mod each;
mod find;
mod function;
mod generate;
mod hooks;
mod init;
mod link;
mod list;
mod mkproject;
mod overview;
mod packages;
mod pick;
mod plan;
mod project;
mod remove;
mod run;
mod setup;
mod show;
mod temporary;

pub(crate) use allow::NoState;
pub(crate) use find::NoneActive;
pub(crate) use hooks::user as hook_user;
pub(crate) use mkproject::{ProjectHomeError, template_names};
pub(crate) use run::RunError;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::args::{Cli, Command};
use crate::process::Process;

/// Runs what the arguments say; the first of them is the program.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<ExitCode> {
    // What shims call is looked at first: it must cost nothing beside the work itself.
    match arguments.get(1).and_then(|first| first.to_str()) {
        Some("__plan") => return plan::run(&arguments[2..]),
        Some("__load") => return plan::load(&arguments[2..]),
        Some("__do") => return Ok(function::run(&arguments[2..])),
        Some("__complete") => return crate::complete::run(&arguments[2..]),
        Some("__background") => return background::run(&arguments[2..]),
        _ => {}
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return crate::report::usage(&error),
    };
    match cli.command {
        Command::Init(args) => return init::run(&args),
        Command::Generate(args) => return generate::run(&args),
        Command::Setup(args) => return setup::run(&args),
        _ => {}
    }
    let process = Process::take_in(cli.workon_home)?;
    match cli.command {
        Command::Create(args) => create::verb(&process, &args),
        Command::CreateProject(args) => create::project_verb(&process, &args),
        Command::List(args) => list::run(&process, &args),
        Command::Show(args) => show::run(&process, &args),
        Command::Remove(args) => remove::run(&process, &args),
        Command::Copy(args) => copy::verb(&process, &args),
        Command::Run(args) => run::run(&process, &args),
        Command::Project(args) => project::run(&process, &args.command),
        Command::Allow(args) => allow::allow(&process, &args),
        Command::Deny(args) => allow::deny(&process, &args),
        Command::Link(args) => link::link(&process, &args),
        Command::Adopt(args) => link::adopt(&process, &args),
        Command::Config(args) => config::run(&process, &args.command),
        Command::Init(_) | Command::Generate(_) | Command::Setup(_) => Ok(ExitCode::SUCCESS),
    }
}
