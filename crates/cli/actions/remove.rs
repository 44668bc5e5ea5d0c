//! Removing environments with their hooks. Verbs and shell functions differ only in what they say.

use std::cell::LazyCell;
use std::path::{Path, PathBuf};

use venvwrap_core::env::kernels::Kernel;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::usage::{self, User};
use venvwrap_core::fs::text::enumerated;
use venvwrap_core::shell::event::Event;
use venvwrap_core::store::remove::{RemoveError, RemoveOptions, Removed};

use super::rebuild::Interrupted;
use super::{background, hooks, interrupt, snapshots};
use crate::args::RemoveArgs;
use crate::error::{Context as _, Explain, Result, called, quoted_word};
use crate::process::Process;
use crate::ui::{printer, trash};

/// What removals insist on, and how they are worded.
pub(crate) struct Removal<'a> {
    /// What to insist on.
    pub(crate) options: RemoveOptions<'a>,
    /// Whether an environment that is missing is no failure.
    pub(crate) may_be_missing: bool,
    /// Says that this one is about to be removed.
    pub(crate) announce: &'a dyn Fn(&EnvName) -> Result<()>,
    /// Whether what was removed is told also where nobody reads it on a terminal.
    pub(crate) is_told: bool,
}

/// Returns what the arguments of a removal insist on.
pub(crate) fn options<'a>(process: &'a Process, args: &RemoveArgs, active: Option<&'a Path>) -> RemoveOptions<'a> {
    RemoveOptions { active, force: args.force, cwd: Some(&process.cwd), now: args.now, kernels: args.kernels }
}

/// Finds the processes that use the environment in this place.
type UsersOf<'a> = &'a dyn Fn(&Path) -> Vec<User>;

impl Removal<'_> {
    /// Removes environments. One that cannot be removed keeps all the others too: a slip of the finger must not cost
    /// half of a list.
    pub(crate) fn all<'n>(&self, process: &Process, names: impl Iterator<Item = &'n EnvName> + Clone) -> Result<()> {
        let refused = |name: &'n EnvName| {
            let error = process.store.check_removal(name, &self.options).err()?;
            (!self.forgives(&error)).then_some((name, error))
        };
        let mut refused: Vec<_> = names.clone().filter_map(refused).collect();
        if refused.len() > 1 && !self.may_be_missing {
            return Err(SeveralError::of(&refused).into());
        }
        if !refused.is_empty() {
            let (name, error) = refused.swap_remove(0);
            (self.announce)(name)?;
            return Err(error).with_context(|| failure(name));
        }
        let own = usage::own(i32::try_from(std::process::id()).unwrap_or(0));
        let paths: Vec<_> = names.clone().map(|name| process.store.path_of(name)).collect();
        // After the first hook, which may end programs.
        let survey = LazyCell::new(|| process.store.users_in(paths.iter().map(PathBuf::as_path), &own));
        let (mut has_moved, mut kept, mut lost) = (false, Vec::new(), Vec::new());
        let was_interrupted = interrupt::was_interrupted();
        let result = names.clone().try_for_each(|name| {
            if !was_interrupted && interrupt::was_interrupted() {
                return Err(Interrupted { untouched: format!("`{name}` was not removed") }.into());
            }
            match self.one(process, name, &|env| survey.users_of(env))? {
                Some(Removed::Kept) => kept.push(name),
                Some(Removed::Moved(_)) => has_moved = true,
                Some(Removed::NotKept(_)) => lost.push(name),
                Some(Removed::Link) | None => {}
            }
            Ok(())
        });
        // What was kept before may have to go.
        if has_moved || !kept.is_empty() || !lost.is_empty() {
            background::sweep(process);
        }
        names.clone().for_each(|name| tell_of_projects(process, name));
        tell_of_links(process, names);
        if !lost.is_empty() {
            let names: Vec<_> = lost.iter().map(|name| format!("`{name}`")).collect();
            // Also in a script: nothing else says that nothing brings it back.
            let why = trash::why_lost(&process.store);
            printer::message(&format!("Removed {} for good: {why}.", enumerated(&names, "and")));
        }
        self.tell_of_undo(process, &kept);
        result
    }

    /// Removes one environment between its hooks. Returns what has become of it, if it was there.
    fn one(&self, process: &Process, name: &EnvName, users: UsersOf<'_>) -> Result<Option<Removed>> {
        (self.announce)(name)?;
        hooks::run(process, Event::PreRmvirtualenv, &[name.as_os_str()]);
        warn_of_users(name, &users(&process.store.path_of(name)));
        let kernels = process.store.kernels_in(&process.store.path_of(name));
        snapshots::before(process, &process.store.environment(name.clone()), "remove");
        let watch = interrupt::end_with(process, format!("`{name}` was not removed"));
        let removed = interrupt::finishing(&watch, process).remove(name, &self.options);
        drop(watch);
        let removed = match removed {
            Ok(removed) => Some(removed),
            Err(error) if self.forgives(&error) => None,
            Err(error) => return Err(error).with_context(|| failure(name)),
        };
        tell_of_kernels(&kernels);
        hooks::run(process, Event::PostRmvirtualenv, &[name.as_os_str()]);
        Ok(removed)
    }

    /// Says that what was removed can come back.
    fn tell_of_undo(&self, process: &Process, kept: &[&EnvName]) {
        let until = trash::until(process.trash().keep);
        match kept {
            [] => {}
            [name] => self.tell(&format!("Removed {name}. `venvwrap undo` brings it back {until}.")),
            names => {
                let count = names.len();
                self.tell(&format!("Removed {count} environments. `venvwrap undo NAME` brings each back {until}."));
            }
        }
    }

    fn tell(&self, text: &str) {
        if self.is_told { printer::message(text) } else { printer::remark(text) }
    }

    fn forgives(&self, error: &RemoveError) -> bool {
        self.may_be_missing && error.is_about_absence()
    }
}

/// Names the Jupyter kernels that have lost their interpreter and are still there.
fn tell_of_kernels(kernels: &[Kernel]) {
    let left = kernels.iter().filter(|kernel| kernel.file().exists());
    let ids: Vec<_> = left.map(|kernel| kernel.id.as_os_str()).collect();
    let names: Vec<_> = ids.iter().map(|id| format!("`{}`", id.display())).collect();
    let words: Vec<_> = ids.iter().map(|id| quoted_word(id)).collect();
    let command = format!("`venvwrap kernel remove --force {}`", words.join(" "));
    match ids.len() {
        0 => {}
        1 => printer::warning(&format!("the Jupyter kernel {} is dead now; {command} removes it", names[0])),
        _ => {
            printer::warning(&format!("the Jupyter kernels {} are dead now; {command} removes them", names.join(", ")));
        }
    }
}

/// Names the links and files of projects that lead nowhere now: uv fails at the links.
fn tell_of_projects(process: &Process, name: &EnvName) {
    let env = process.store.path_of(name);
    if env.symlink_metadata().is_ok() {
        return;
    }
    for directory in process.store.linked_directories(&env) {
        let file = directory.join(".venv");
        let shown = printer::shown(&file, process.config.home.as_deref());
        printer::warning(&if file.is_symlink() {
            format!("`{shown}` leads to `{name}`, and uv fails there until you remove that link")
        } else {
            format!("`{shown}` still names `{name}`: remove that file, or link another environment")
        });
    }
}

/// Names the links in the store that lead nowhere now.
fn tell_of_links<'n>(process: &Process, names: impl Iterator<Item = &'n EnvName>) {
    let dead = process.store.dead_links_to(&names.collect::<Vec<_>>());
    let names: Vec<_> = dead.iter().map(|name| format!("`{name}`")).collect();
    let words: Vec<_> = dead.iter().map(|name| quoted_word(name.as_os_str())).collect();
    let command = format!("`{} {}`", called::remove(), words.join(" "));
    match names.len() {
        0 => {}
        1 => printer::warning(&format!("the link {} is dead now; {command} removes it", names[0])),
        _ => printer::warning(&format!("the links {} are dead now; {command} removes them", enumerated(&names, "and"))),
    }
}

/// Several environments cannot be removed, and none was.
#[derive(Debug, thiserror::Error)]
#[error("removed nothing: {problems}")]
struct SeveralError {
    problems: String,
    hint: Option<String>,
}

impl SeveralError {
    /// What is wrong with each. Names that do not exist are in one list.
    fn of(refused: &[(&EnvName, RemoveError)]) -> Self {
        let (missing, others): (Vec<_>, Vec<_>) = refused.iter().partition(|(_, error)| error.is_about_absence());
        let names: Vec<_> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
        let mut problems: Vec<_> = others.iter().map(|(_, error)| error.to_string()).collect();
        if !names.is_empty() {
            problems.push(format!("no environment is named {}", enumerated(&names, "or")));
        }
        let hint =
            refused.first().and_then(|(_, error)| error.hint()).filter(|_| others.is_empty() || missing.is_empty());
        let hint = if missing.len() > 1 { Some(format!("`{}` lists your environments", called::list())) } else { hint };
        Self { problems: problems.join("; "), hint }
    }
}

impl Explain for SeveralError {
    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

fn failure(name: &EnvName) -> String {
    format!("could not remove `{name}`")
}

/// Says that programs run in an environment that is going to be removed: they lose their files.
fn warn_of_users(name: &EnvName, users: &[User]) {
    if !users.is_empty() {
        printer::warning(&format!("`{name}` is in use by {}", usage::list(users)));
    }
}
