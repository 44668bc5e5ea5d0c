//! The shell functions that people type, as one table. Dispatch, help, overview, reference, completion and the lists in
//! the shims come from it.
//!
//! A new function is one row here, its arguments and its sentence in `args/functions.rs`, and its action.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use venvwrap_core::shell::plan::Plan;

mod advice;
mod allvirtualenv;
mod choose;
mod clone;
mod cpvirtualenv;
mod follow;
mod helpers;
mod internal;
mod leaving;
mod mkproject;
mod mkvirtualenv;
mod mvvirtualenv;
mod packages;
mod parse;
mod plan;
mod planner;
pub(crate) mod request;
mod rmvirtualenv;
mod settings;
mod setvirtualenvproject;
mod showvirtualenv;
mod temporary;
mod virtualenvwrapper;
mod words;

use self::parse::with;
use self::planner::Planner;
use crate::actions::rename;
use crate::args::{
    Add2virtualenvFunction, AllvirtualenvFunction, CdprojectFunction, CdsitepackagesFunction, CdvirtualenvFunction,
    CpvirtualenvFunction, DeactivateFunction, LssitepackagesFunction, LsvirtualenvFunction, MkprojectFunction,
    MktmpenvFunction, MkvirtualenvFunction, MvvirtualenvFunction, RmvirtualenvFunction, SetvirtualenvprojectFunction,
    ShowvirtualenvFunction, ToggleglobalsitepackagesFunction, VirtualenvwrapperFunction, WipeenvFunction,
    WorkonFunction,
};
use crate::commands::list;
use crate::error::Result;
use crate::process::Process;

/// A shell function.
pub(crate) struct Function {
    /// The name that people type.
    pub(crate) name: &'static str,
    /// Other names for it.
    pub(crate) aliases: &'static [&'static str],
    /// Describes its arguments and what it does.
    parser: fn() -> Command,
    /// What happens when it is called.
    pub(crate) run: Run,
}

/// How a function runs: what its shim asks the program for.
pub(crate) enum Run {
    /// The program acts in the foreground.
    Do(Do),
    /// The shell applies a plan.
    Plan(MakePlan),
    /// The program acts in the foreground, then the shell applies a plan.
    DoThenPlan(Do, MakePlan),
    /// The shell acts alone.
    Shell,
    /// The shell acts, and leaves to the program what needs no shell.
    ShellOrDo(Do),
    /// The shell acts, and applies a plan for what it does not know.
    ShellOrPlan(MakePlan),
}

/// An action in the foreground, with the real terminal; the first word is the function's name.
pub(crate) type Do = fn(&[OsString]) -> Result<ExitCode>;

/// What makes a plan; none when the user backs out.
pub(crate) type MakePlan = fn(&Planner<'_>) -> Result<Option<Plan>>;

/// Every function, in the order in which people meet them.
pub(crate) static FUNCTIONS: [Function; 20] = [
    Function {
        name: "workon",
        aliases: &[],
        parser: WorkonFunction::command,
        run: Run::Plan(|planner| planner.workon().map(Some)),
    },
    Function { name: "deactivate", aliases: &[], parser: DeactivateFunction::command, run: Run::Shell },
    Function {
        name: "mkvirtualenv",
        aliases: &[],
        parser: MkvirtualenvFunction::command,
        run: Run::DoThenPlan(mkvirtualenv::run, |planner| planner.mkvirtualenv().map(Some)),
    },
    Function {
        name: "mkproject",
        aliases: &[],
        parser: MkprojectFunction::command,
        run: Run::DoThenPlan(mkvirtualenv::run, |planner| planner.mkproject().map(Some)),
    },
    Function {
        name: "mktmpenv",
        aliases: &["mktempenv"],
        parser: MktmpenvFunction::command,
        run: Run::DoThenPlan(mkvirtualenv::run, |planner| planner.mktmpenv().map(Some)),
    },
    Function {
        name: "cpvirtualenv",
        aliases: &[],
        parser: CpvirtualenvFunction::command,
        run: Run::DoThenPlan(|words| with(words, cpvirtualenv::run), |planner| planner.cpvirtualenv().map(Some)),
    },
    Function {
        name: "mvvirtualenv",
        aliases: &[],
        parser: MvvirtualenvFunction::command,
        run: Run::DoThenPlan(
            |words| with(words, |process, function: &MvvirtualenvFunction| rename::run(process, &function.args, None)),
            |planner| planner.mvvirtualenv().map(Some),
        ),
    },
    Function {
        name: "rmvirtualenv",
        aliases: &[],
        parser: RmvirtualenvFunction::command,
        run: Run::DoThenPlan(rmvirtualenv::run, |planner| Ok(Some(planner.rmvirtualenv()))),
    },
    Function {
        name: "lsvirtualenv",
        aliases: &[],
        parser: LsvirtualenvFunction::command,
        run: Run::Do(|words| {
            with(words, |process, function: &LsvirtualenvFunction| list::run(process, &function.args))
        }),
    },
    Function {
        name: "showvirtualenv",
        aliases: &[],
        parser: ShowvirtualenvFunction::command,
        run: Run::Do(|words| {
            with(words, |process, function: &ShowvirtualenvFunction| showvirtualenv::run(process, &function.args))
        }),
    },
    Function {
        name: "setvirtualenvproject",
        aliases: &[],
        parser: SetvirtualenvprojectFunction::command,
        run: Run::ShellOrDo(|words| {
            with(words, |process, function: &SetvirtualenvprojectFunction| {
                setvirtualenvproject::run(process, &function.args)
            })
        }),
    },
    Function {
        name: "cdproject",
        aliases: &[],
        parser: CdprojectFunction::command,
        run: Run::ShellOrPlan(|planner| Ok(planner.cdproject())),
    },
    Function { name: "cdvirtualenv", aliases: &[], parser: CdvirtualenvFunction::command, run: Run::Shell },
    Function { name: "cdsitepackages", aliases: &[], parser: CdsitepackagesFunction::command, run: Run::Shell },
    Function {
        name: "lssitepackages",
        aliases: &[],
        parser: LssitepackagesFunction::command,
        run: Run::Do(packages::list),
    },
    Function {
        name: "add2virtualenv",
        aliases: &[],
        parser: Add2virtualenvFunction::command,
        run: Run::Do(|words| with(words, packages::add)),
    },
    Function {
        name: "toggleglobalsitepackages",
        aliases: &[],
        parser: ToggleglobalsitepackagesFunction::command,
        run: Run::Do(|words| with(words, packages::toggle)),
    },
    Function {
        name: "wipeenv",
        aliases: &[],
        parser: WipeenvFunction::command,
        run: Run::Do(|words| with(words, packages::wipe)),
    },
    Function {
        name: "allvirtualenv",
        aliases: &[],
        parser: AllvirtualenvFunction::command,
        run: Run::ShellOrDo(allvirtualenv::run),
    },
    Function {
        name: "virtualenvwrapper",
        aliases: &[],
        parser: VirtualenvwrapperFunction::command,
        run: Run::Do(overview),
    },
];

impl Function {
    /// Returns the function that has this name or alias.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name || function.aliases.contains(&name))
    }

    /// Returns the description of its arguments, under its name.
    pub(crate) fn command(&self) -> Command {
        (self.parser)().name(self.name)
    }

    /// Returns the sentence that says what it does.
    pub(crate) fn sentence(&self) -> String {
        self.command().get_about().map(ToString::to_string).unwrap_or_default()
    }

    /// Returns its name, then its aliases.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

fn overview(_: &[OsString]) -> Result<ExitCode> {
    let functions = FUNCTIONS.iter().map(|function| (function.name, function.aliases, function.sentence()));
    virtualenvwrapper::run(&Process::take_in(None)?, functions.collect())
}
