//! Renaming, with the hooks before and after it, and what is said about it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::pyvenv_cfg::Creator;
use venvwrap_core::env::usage;
use venvwrap_core::project::references::{self, Moved, Reference};
use venvwrap_core::relocate::Stale;
use venvwrap_core::shell::event::Event;
use venvwrap_core::store::rename::{RenameOptions, Renamed};

use super::followed::{self, Outside};
use super::{background, find, hooks, interrupt, pins, stale};
use crate::args::RenameArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer;

/// A checked request.
pub(crate) struct RenameRequest {
    /// The name that the environment has.
    pub(crate) old: EnvName,
    /// The name that it gets.
    pub(crate) new: EnvName,
}

/// Returns the names of a request.
pub(crate) fn resolve(process: &Process, args: &RenameArgs) -> Result<RenameRequest> {
    Ok(RenameRequest { old: find::name_of(process, &args.old)?, new: EnvName::for_new(&args.new)? })
}

/// The caller and everything that started it: they ask for the rename.
pub(crate) fn callers() -> Vec<i32> {
    usage::own(i32::try_from(std::process::id()).unwrap_or(0))
}

/// Renames, and says what has come of it. `active` is the environment of a shell that cannot follow.
pub(crate) fn run(process: &Process, args: &RenameArgs, active: Option<&Path>) -> Result<ExitCode> {
    let request = resolve(process, args)?;
    let callers = callers();
    let options = RenameOptions { active, force: args.force, except: &callers, dry_run: args.dry_run };
    let failure = || format!("could not rename `{}`", request.old);
    let environment = process.store.check_rename(&request.old, &request.new, &options).with_context(failure)?;
    let directories = directories(process, &environment);
    let names = [request.old.as_os_str(), request.new.as_os_str()];
    if !args.dry_run {
        hooks::run(process, Event::PreMvvirtualenv, &names);
    }
    let trust = process.switcher().map(|switcher| switcher.trust);
    let follow = |renamed: &Renamed| {
        let moved = Moved {
            old: &renamed.old,
            new: renamed.environment.path(),
            directories: &directories,
            home: process.config.home.as_deref(),
        };
        references::follow(&process.store, trust.as_ref(), &moved, args.dry_run)
    };
    let watch = interrupt::end_with(process, format!("`{}` was not renamed", request.old));
    let store = interrupt::finishing(&watch, process);
    let renamed = store.rename_and(&request.old, &request.new, &options, follow);
    drop(watch);
    let (renamed, references) = renamed.with_context(failure)?;
    if !args.dry_run {
        background::sweep_left_overs(process);
        pins::follow(process, &renamed.environment);
        hooks::run(process, Event::PostMvvirtualenv, &names);
    }
    if args.json {
        printer::data(&json_text(&renamed, &references, args.dry_run)?)?;
    } else {
        report(process, &request, &renamed, &references, args.dry_run);
    }
    Ok(ExitCode::from(u8::from(renamed.stale.iter().any(|(_, kind)| *kind == Stale::Script))))
}

/// The project directories whose files may name the environment.
fn directories(process: &Process, environment: &venvwrap_core::env::Environment) -> Vec<PathBuf> {
    let mut directories: Vec<_> = process.store.project_of(environment).ok().flatten().into_iter().collect();
    directories.extend(process.store.added_directories(environment));
    directories.extend(process.store.linked_directories(environment.path()));
    directories
}

fn report(process: &Process, request: &RenameRequest, renamed: &Renamed, references: &[Reference], dry_run: bool) {
    let count = renamed.rewritten.len();
    let (verb, files) = if dry_run { ("would rename", "to rewrite") } else { ("renamed", "rewritten") };
    let files = match (renamed.is_link, count) {
        (true, _) => "a link, whose target is unchanged".to_string(),
        (false, 1) => format!("1 of {} files {files}", renamed.files),
        (false, _) => format!("{count} of {} files {files}", renamed.files),
    };
    let line = format!("{verb} `{}` to `{}` ({files})", request.old, request.new);
    if dry_run || interrupt::was_interrupted() {
        printer::message(&line);
    } else {
        printer::remark(&line);
    }
    let root = if dry_run { &renamed.old } else { renamed.environment.path() };
    stale::tell_of(root, &renamed.stale, "the old path", dry_run);
    // Its own scripts are always made from a template.
    if renamed.environment.cfg().is_none_or(|cfg| cfg.creator() != Creator::Venvwrap) {
        let were = if dry_run { "would be" } else { "were" };
        stale::tell(&format!("these activation scripts {were} regenerated"), root, renamed.regenerated.iter());
    }
    let outside = Outside {
        references,
        links: &renamed.links,
        kernels: &renamed.kernels,
        children: &renamed.children,
        elsewhere: &renamed.dead,
        problems: &renamed.problems,
    };
    followed::tell(process, &request.old, &outside, dry_run);
    if !renamed.users.is_empty() && !dry_run {
        let users = usage::list(&renamed.users);
        printer::warning(&format!("these use it under its old path: {users}; activate it again there"));
    }
}

fn json_text(renamed: &Renamed, references: &[Reference], dry_run: bool) -> Result<Vec<u8>> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let kind = |kind: Stale| match kind {
        Stale::Script => "script",
        Stale::Hook => "hook",
        Stale::Binary => "binary",
        Stale::Text => "text",
    };
    let stale = renamed.stale.iter().map(|(path, own)| json!({"path": text(path), "kind": kind(*own)}));
    let references = references.iter().map(|found| json!({"path": text(&found.file), "followed": found.has_followed}));
    let dead = renamed.dead.iter().map(|link| json!({"path": text(link), "followed": false}));
    let value = json!({
        "schema": 1,
        "dry_run": dry_run,
        "name": renamed.environment.name().to_string(),
        "path": text(renamed.environment.path()),
        "old_path": text(&renamed.old),
        "is_link": renamed.is_link,
        "files": renamed.files,
        "rewritten": renamed.rewritten.iter().map(|path| text(path)).collect::<Vec<_>>(),
        "regenerated": renamed.regenerated.iter().map(|path| text(path)).collect::<Vec<_>>(),
        "stale": stale.collect::<Vec<_>>(),
        "environments": renamed.children.iter().map(|child| child.name().to_string()).collect::<Vec<_>>(),
        "kernels": renamed.kernels.iter().map(|kernel| kernel.id.to_string_lossy()).collect::<Vec<_>>(),
        "references": references.chain(dead).collect::<Vec<_>>(),
        "links": renamed.links.iter().map(|link| link.to_string_lossy()).collect::<Vec<_>>(),
        "problems": renamed.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "users": renamed.users.iter().map(|user| user.pid).collect::<Vec<_>>(),
    });
    Ok([serde_json::to_vec_pretty(&value)?, b"\n".to_vec()].concat())
}
