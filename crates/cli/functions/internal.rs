//! What the shims and plans ask of the program under names that nobody types.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use venvwrap_core::shell::plan::Plan;

use super::planner::Planner;
use super::{Run, allvirtualenv, clone, follow, helpers, leaving, mkproject, mkvirtualenv, settings, temporary};
use crate::actions::find;
use crate::actions::install::{self, Output};
use crate::actions::stubs;
use crate::commands::list;
use crate::error::Result;
use crate::process::Process;
use crate::shims::{completion_functions, entry_functions};

/// A request of the shims, or of a plan.
pub(crate) struct Internal {
    /// How it is named.
    pub(crate) name: &'static str,
    /// What happens.
    pub(crate) run: Run,
}

/// Every such request.
static REQUESTS: [Internal; 32] = [
    // Plans that need no function of this name.
    Internal { name: "pick", run: Run::Plan(pick) },
    Internal { name: "follow", run: Run::Plan(|planner| Ok(Some(follow::plan(planner, &planner.words[1..])))) },
    Internal { name: "leave", run: Run::Plan(|planner| Ok(Some(leaving::leave(planner, &planner.words[1..])))) },
    Internal { name: "forget", run: Run::Plan(|planner| Ok(Some(leaving::forget(planner)))) },
    Internal { name: "renew", run: Run::Plan(|planner| Ok(Some(leaving::renew(planner, &planner.words[1..])))) },
    Internal { name: "before-mvvirtualenv", run: Run::Plan(|planner| Ok(Some(planner.before_mvvirtualenv()))) },
    Internal { name: "after-mvvirtualenv", run: Run::Plan(|planner| planner.after_mvvirtualenv(false).map(Some)) },
    Internal { name: "by-function", run: Run::Plan(|planner| planner.by_function().map(Some)) },
    Internal {
        name: "copy-by-program",
        run: Run::Plan(|planner| clone::plan(&planner.process, planner.dialect, &planner.words[1..]).map(Some)),
    },
    Internal {
        name: "run-hook",
        run: Run::Plan(|planner| Ok(Some(helpers::run_hook(&planner.process, planner.dialect, &planner.words[1..])))),
    },
    Internal { name: "each", run: Run::Plan(|planner| allvirtualenv::plan(planner).map(Some)) },
    // Steps of a plan.
    Internal { name: "choices", run: Run::Do(choices) },
    Internal { name: "install", run: Run::Do(|words| install(&words[1..])) },
    Internal {
        name: "make-project",
        run: Run::Do(|words| mkproject::make_project(&Process::take_in(None)?, &words[1..])),
    },
    Internal { name: "made", run: Run::Do(|words| mkvirtualenv::note_made(&words[1..])) },
    Internal { name: "copied", run: Run::Do(|words| clone::copied(&Process::take_in(None)?, &words[1..])) },
    Internal { name: "say", run: Run::Do(|words| clone::said(&words[1..])) },
    // Parts of the shims and of virtualenvwrapper's helpers.
    Internal { name: "reap", run: Run::Do(|words| temporary::reap(&Process::take_in(None)?, &words[1..])) },
    Internal { name: "stubs", run: Run::Do(|_| stubs::make_stubs(&Process::take_in(None)?)) },
    Internal { name: "not-activated", run: Run::Do(|words| Ok(helpers::not_activated(&words[1..]))) },
    Internal { name: "direnv-sets", run: Run::Do(|words| Ok(helpers::direnv_sets(&words[1..]))) },
    Internal { name: "none-active", run: Run::Do(|_| Err(find::NoneActive.into())) },
    Internal { name: "no-directory", run: Run::Do(|words| helpers::no_directory(&words[1..])) },
    Internal { name: "settings", run: Run::Do(|words| settings::print(&words[1..])) },
    Internal { name: "initialize", run: Run::Do(|words| helpers::initialize(&words[1..])) },
    Internal { name: "entry", run: Run::Do(|words| helpers::part_of_shim(&words[1..], entry_functions)) },
    Internal { name: "completion", run: Run::Do(|words| helpers::part_of_shim(&words[1..], completion_functions)) },
    Internal { name: "workon-home", run: Run::Do(|_| helpers::workon_home()) },
    Internal { name: "verify-home", run: Run::Do(|words| helpers::verify_home(&words[1..])) },
    Internal { name: "expand-path", run: Run::Do(|words| helpers::expand_path(&words[1..])) },
    Internal { name: "absolute-path", run: Run::Do(|words| helpers::absolute_path(&words[1..])) },
    Internal { name: "version", run: Run::Do(|_| helpers::version()) },
];

impl Internal {
    /// Returns the request of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        REQUESTS.iter().find(|request| request.name == name)
    }
}

fn pick(planner: &Planner<'_>) -> Result<Option<Plan>> {
    planner.pick()
}

/// `choices HOME`: what `workon` prints where nobody can choose.
fn choices(words: &[OsString]) -> Result<ExitCode> {
    list::choices(&Process::take_in(words.get(1).map(PathBuf::from))?)
}

/// `install ENV WORD...`: how a plan says what to install, in the words of pip.
fn install(arguments: &[OsString]) -> Result<ExitCode> {
    let [env, words @ ..] = arguments else { return Ok(ExitCode::from(2)) };
    let process = Process::take_in(None)?;
    install::install_words(&process, env.as_ref(), words, &process.cwd, Output::Plain)?;
    Ok(ExitCode::SUCCESS)
}
