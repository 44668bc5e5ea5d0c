//! Hooks to which others may write.

use std::path::Path;

use super::check::HOOK_WRITABLE;
use super::finding::{Finding, text};
use super::subject::Doctor;
use crate::env::Environment;
use crate::shell::event::Event;
use crate::shell::hooks::{Sourced, judge_sourced};

/// Examines the hooks in an environment.
pub(super) fn of_environment(doctor: &Doctor<'_>, environment: &Environment) -> Option<Finding> {
    let bin = environment.bin();
    let exposed: Vec<_> = Event::all()
        .map(|event| bin.join(event.name()))
        .filter(|hook| matches!(judge_existing(hook, doctor), Some(Sourced::Refused(_))))
        .map(|hook| text(&hook))
        .collect();
    finding_of_hooks(exposed).map(|finding| Finding { environment: Some(environment.name().clone()), ..finding })
}

/// A hook that is not there costs one look.
fn judge_existing(hook: &Path, doctor: &Doctor<'_>) -> Option<Sourced> {
    std::fs::symlink_metadata(hook).ok().map(|_| judge_sourced(hook, &doctor.vetting()))
}

/// What is said of hooks to which others may write, if there are any.
pub(super) fn finding_of_hooks(exposed: Vec<String>) -> Option<Finding> {
    let first = exposed.first()?.clone();
    let directory = Path::new(&first).parent().map(text).unwrap_or_default();
    let words = ["chmod".to_string(), "go-w".to_string(), directory];
    let words = words.into_iter().chain(exposed.iter().cloned());
    let message = format!("the hook `{first}` is not used: other users may change it or replace it");
    Some(Finding::new(HOOK_WRITABLE, message).fixed_by(words).detail("hooks", exposed))
}
