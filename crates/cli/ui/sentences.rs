//! Sentences that several commands share.

use std::path::Path;

use venvwrap_core::fs::text::printable;
use venvwrap_core::project::decide::{Decision, Question, Reason, Target};
use venvwrap_core::project::of_directory::Found;

use super::printer::shown;

/// Why a directory is not trusted, behind what leads to its environment.
pub(crate) fn why(reason: &Reason) -> String {
    match reason {
        Reason::New => "is not trusted yet".to_string(),
        Reason::Changed => "has changed since you trusted it".to_string(),
        Reason::Untrustworthy(error) => format!("cannot be trusted: {error}"),
    }
}

/// Returns why a directory on the way was passed over, for someone who asks; nothing where all is well.
pub(crate) fn obstacle(decision: &Decision, home: Option<&Path>) -> Option<String> {
    match decision {
        Decision::Enter(_) => None,
        Decision::Denied { directory, .. } => Some(format!("`{}` is denied", shown(directory, home))),
        Decision::Broken(error) => Some(error.to_string()),
        Decision::Ask(question) => {
            let what = question.candidate.file.as_deref().unwrap_or(question.candidate.environment.path());
            Some(format!("`{}` {}", shown(what, home), why(&question.reason)))
        }
    }
}

/// Returns the same for someone who got an environment anyway, and how to trust the directory; nothing where it is the
/// environment that the directory asks for.
pub(crate) fn passed_over(decision: &Decision, found: &Found, home: Option<&Path>) -> Option<String> {
    let text = obstacle(decision, home)?;
    match decision {
        Decision::Ask(question) if question.candidate.environment.path() == found.environment().path() => None,
        Decision::Ask(Question { directory, reason: Reason::New | Reason::Changed, .. }) => {
            Some(format!("{text}; run `venvwrap allow` in `{}`", shown(directory, home)))
        }
        _ => Some(text),
    }
}

/// What is wrong with a Python that nobody may execute.
pub(crate) fn not_executable(python: &Path) -> String {
    format!("`{}` is not executable", printable(python.as_os_str()))
}

/// Returns what a directory may not do any more because it has changed, and the way back.
pub(crate) fn lost(target: &Target, home: Option<&Path>) -> Option<String> {
    let directory = shown(&target.directory, home);
    Some(match target.lost.as_ref()? {
        grants if grants.dotenv => {
            format!("`.env` of `{directory}` has changed since you trusted it; run `venvwrap allow --dotenv` in it")
        }
        _ => format!("`{directory}` has changed since you trusted it; run `venvwrap allow` in it"),
    })
}

/// Returns by which rule an environment belongs to a directory.
pub(crate) fn reason(found: &Found, home: Option<&Path>) -> String {
    match found {
        Found::Named(environment) => format!("`{}` has the name of the directory", environment.name()),
        Found::Hashed(environment) => format!("poetry has created `{}` for it", environment.name()),
        Found::Resolved(target) => match &target.candidate.file {
            Some(file) => format!("set by `{}`", shown(file, home)),
            None => format!("`{}` is associated with it", shown(&target.directory, home)),
        },
    }
}
