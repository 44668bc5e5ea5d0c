//! `venvwrap allow`: which directories may bring their own code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::fs::accepted::Accepted;
use venvwrap_core::fs::exposure::place_for_everybody;
use venvwrap_core::fs::identity::is_same_file;
use venvwrap_core::project::decide::{self, Switcher};
use venvwrap_core::project::trust::Grants;

use crate::actions::dotenv;
use crate::args::AllowArgs;
use crate::error::shell::USE_OWN_FILE;
use crate::error::{Context as _, Explain, Result, quoted_path};
use crate::process::{NoState, Process, user};
use crate::ui::printer::{self, shown};

/// A directory brings nothing that would have to be allowed.
#[derive(Debug, thiserror::Error)]
#[error("nothing to allow in `{}`: it has neither an environment, hooks nor a `.env`", .0.display())]
struct NothingToAllow(PathBuf);

impl Explain for NothingToAllow {
    fn hint(&self) -> Option<String> {
        Some("`venvwrap allow DIR` allows another directory, `venvwrap project set NAME DIR` associates one".into())
    }
}

/// It is a file.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a directory", .0.display())]
struct NotADirectory(PathBuf);

impl Explain for NotADirectory {
    fn hint(&self) -> Option<String> {
        let directory = quoted_path(self.0.parent()?);
        let option = if self.0.ends_with(".env") { "--dotenv " } else { "" };
        Some(format!("`venvwrap allow {option}{directory}` allows its directory, and what that brings along"))
    }
}

/// Everybody puts files there.
#[derive(Debug, thiserror::Error)]
#[error("{} for the files of all users, whom you should not all trust", is_or_holds(.directory, .place))]
struct ForEverybody {
    directory: PathBuf,
    place: PathBuf,
}

impl Explain for ForEverybody {
    fn hint(&self) -> Option<String> {
        Some(USE_OWN_FILE.into())
    }
}

fn is_or_holds(directory: &Path, place: &Path) -> String {
    if is_same_file(directory, place) {
        return format!("`{}` is", directory.display());
    }
    format!("`{}` holds `{}`, which is", directory.display(), place.display())
}

/// What a directory can bring along besides an environment: settings and hooks.
const BROUGHT: [&str; 2] = [".env", ".virtualenvwrapper"];

/// Allows a directory as it is now, or lists what was decided before.
pub(crate) fn run(process: &Process, args: &AllowArgs) -> Result<ExitCode> {
    let switcher = process.switcher().ok_or(NoState)?;
    let accepted = process.accepted().ok_or(NoState)?;
    if args.list {
        return list(process, &switcher, &accepted);
    }
    let directory = process.directory(args.directory.as_deref());
    if args.shared {
        let real = directory.canonicalize().unwrap_or_else(|_| directory.clone());
        if let Some(place) = place_for_everybody(&real, &std::env::temp_dir(), user().uid) {
            return Err(ForEverybody { directory, place }.into());
        }
        let directory = accepted.add(&directory)?;
        let shown = shown(&directory, process.config.home.as_deref());
        printer::message(&format!("accepted `{shown}` and everything below it, even if other users can write there"));
        return Ok(ExitCode::SUCCESS);
    }
    if directory.exists() && !directory.is_dir() {
        return Err(NotADirectory(directory).into());
    }
    let candidate = switcher.candidate(&directory)?;
    let brings = |name: &&str| directory.join(name).symlink_metadata().is_ok();
    if candidate.is_none() && directory.is_dir() && !BROUGHT.iter().any(brings) {
        return Err(NothingToAllow(directory).into());
    }
    let dotenv = args.dotenv || !args.variables.is_empty();
    let grants = Grants { dotenv, variables: args.variables.clone() };
    let record = switcher
        .trust
        .allow(&directory, decide::foreign(candidate.as_ref()), grants)
        .with_context(|| format!("could not allow `{}`", directory.display()))?;
    switcher.tree.touch()?;
    let what = if dotenv { " with its `.env`" } else { "" };
    let shown = shown(&record.directory, process.config.home.as_deref());
    printer::message(&format!("allowed `{shown}`{what} as it is now"));
    if let Some(grants) = &record.grants {
        dotenv::warn_of_refused(process, decide::granted_settings(&record.directory, grants), &record.directory);
    }
    Ok(ExitCode::SUCCESS)
}

fn list(process: &Process, switcher: &Switcher<'_>, accepted: &Accepted) -> Result<ExitCode> {
    let mut text = String::new();
    for record in switcher.trust.list()? {
        let verdict = match &record.grants {
            None => "denied ".to_string(),
            Some(_) => "allowed".to_string(),
        };
        let missing = if record.directory.is_dir() { "" } else { "  (missing)" };
        let grants = record.grants.as_ref().filter(|grants| grants.dotenv).map_or(String::new(), |grants| {
            let names: Vec<_> = grants.variables.iter().map(|name| format!(" {name}")).collect();
            let refused = switcher.settings(&record.directory).map(|settings| settings.refused).unwrap_or_default();
            let refused = if refused.is_empty() { String::new() } else { format!("; not {}", refused.join(" ")) };
            format!("  (.env{}{refused})", names.concat())
        });
        let _ =
            writeln!(text, "{verdict}  {}{grants}{missing}", shown(&record.directory, process.config.home.as_deref()));
    }
    for directory in accepted.list()? {
        let _ = writeln!(text, "shared   {}", shown(&directory, process.config.home.as_deref()));
    }
    if text.is_empty() {
        printer::remark("nothing was allowed or denied");
    }
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
