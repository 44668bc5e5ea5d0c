//! `venvwrap undo`: a removed or replaced environment is back, with all its paths right.

use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::json;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::{Environment, health};
use venvwrap_core::project::references::{self, Moved, Reference};
use venvwrap_core::store::Undone;
use venvwrap_core::store::rename::Followed;

use crate::actions::followed::{self, Outside};
use crate::actions::{background, interrupt, pins, place, remedy, snapshots};
use crate::args::{TrashListArgs, UndoArgs};
use crate::commands::trash;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::progress::ByteProgress;
use crate::ui::times::{ago, rfc3339};
use crate::ui::{printer, report, table};

/// What is at a path is exchanged by `upgrade` and `restore` without a trace.
const NO_UNDO: &str = "there is no undo for an environment at a path, only for those in `WORKON_HOME`";

/// Brings back what is named, or what was removed last.
pub(crate) fn run(process: &Process, args: &UndoArgs) -> Result<ExitCode> {
    if args.list {
        return trash::list(process, &TrashListArgs { json: args.json });
    }
    let name = args.name.as_deref().map(|word| place::name_in_store(process, word, NO_UNDO)).transpose()?;
    let watch = interrupt::end_with(process, "nothing was restored".into());
    let store = interrupt::finishing(&watch, process);
    let undone = match &args.target {
        None => store.undo(name.as_ref()),
        Some(target) => {
            let target = EnvName::for_new(target)?;
            let progress = ByteProgress::new("copying", None);
            store.undo_as(name.as_ref(), &target, &|bytes| progress.add(bytes))
        }
    };
    let undone = undone.with_context(|| "could not undo".into())?;
    interrupt::postpone(&watch);
    undone.problems.iter().for_each(|problem| report::warn(problem));
    if undone.has_replaced {
        snapshots::after(process, &undone.environment, "undo");
    }
    let references = follow(process, &undone);
    if args.json {
        printer::json(&as_json(&undone, &references))?;
    } else {
        printer::message(&sentence(&undone));
        tell_of_followers(process, &undone, &references);
    }
    drop(watch);
    pins::follow(process, &undone.environment);
    tell_of_obstacle(process, &undone.environment);
    background::sweep_left_overs(process);
    Ok(ExitCode::SUCCESS)
}

/// Lets follow the files of its projects and of the user that still name its old path.
fn follow(process: &Process, undone: &Undone) -> Vec<Reference> {
    if undone.followed.is_none() {
        return Vec::new();
    }
    let mut directories: Vec<_> = process.store.project_of(&undone.environment).ok().flatten().into_iter().collect();
    directories.extend(process.store.added_directories(&undone.environment));
    let old = process.store.path_of(&undone.entry.name);
    directories.extend(process.store.linked_directories(&old));
    let moved = Moved {
        old: &old,
        new: undone.environment.path(),
        directories: &directories,
        home: process.config.home.as_deref(),
    };
    let trust = process.switcher().map(|switcher| switcher.trust);
    references::follow(&process.store, trust.as_ref(), &moved, false)
}

fn tell_of_followers(process: &Process, undone: &Undone, references: &[Reference]) {
    let Some(Followed { children, kernels, links, elsewhere, problems }) = &undone.followed else { return };
    let outside = Outside { references, links, kernels, children, elsewhere, problems };
    followed::tell(process, &undone.entry.name, &outside, false);
}

/// Its Python may have gone in the meantime.
fn tell_of_obstacle(process: &Process, environment: &Environment) {
    if let Some(problem) = health::obstacle(environment).as_ref().and_then(table::problem) {
        printer::warning(&format!("{problem}; {}", remedy::hint(process, environment)));
    }
}

fn sentence(undone: &Undone) -> String {
    let (name, entry) = (undone.environment.name(), &undone.entry);
    let when = ago(entry.removed, SystemTime::now());
    let verb = if entry.reason.is_replacement() { "replaced" } else { "removed" };
    let was = if *name == entry.name { String::new() } else { format!(" from `{}`", entry.name) };
    let other = if undone.has_replaced { "; run `venvwrap undo` again to swap them back" } else { "" };
    format!("restored `{name}`{was}, {verb} {}{other}", if when == "now" { "just now".into() } else { when })
}

fn as_json(undone: &Undone, references: &[Reference]) -> serde_json::Value {
    let references =
        references.iter().map(|found| json!({"path": found.file.to_string_lossy(), "followed": found.has_followed}));
    let followed = undone.followed.as_ref();
    let elsewhere = followed.into_iter().flat_map(|found| &found.elsewhere);
    let elsewhere = elsewhere.map(|link| json!({"path": link.to_string_lossy(), "followed": false}));
    let links = followed.into_iter().flat_map(|found| &found.links).map(|link| link.to_string_lossy());
    let kernels = followed.into_iter().flat_map(|found| &found.kernels).map(|kernel| kernel.id.to_string_lossy());
    let children = followed.into_iter().flat_map(|found| &found.children).map(|child| child.name().to_string());
    json!({
        "name": undone.environment.name().as_os_str().to_string_lossy(),
        "path": undone.environment.path().to_string_lossy(),
        "from": undone.entry.name.as_os_str().to_string_lossy(),
        "reason": undone.entry.reason.word(),
        "removed": rfc3339(undone.entry.removed),
        "exchanged": undone.has_replaced,
        "links": links.collect::<Vec<_>>(),
        "kernels": kernels.collect::<Vec<_>>(),
        "environments": children.collect::<Vec<_>>(),
        "references": references.chain(elsewhere).collect::<Vec<_>>(),
    })
}
