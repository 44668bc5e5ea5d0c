//! Hooks to which others may write.

use std::path::Path;

use super::check::HOOK_WRITABLE;
use super::finding::{Finding, text};
use super::subject::Doctor;
use crate::env::Environment;
use crate::fs::exposure::is_for_user_to_close;
use crate::fs::private::User;
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
    finding_of_hooks(exposed, doctor.user)
        .map(|finding| Finding { environment: Some(environment.name().clone()), ..finding })
}

/// A hook that is not there costs one look.
fn judge_existing(hook: &Path, doctor: &Doctor<'_>) -> Option<Sourced> {
    std::fs::symlink_metadata(hook).ok().map(|_| judge_sourced(hook, &doctor.vetting()))
}

/// What is said of hooks to which others may write, if there are any.
pub(super) fn finding_of_hooks(exposed: Vec<String>, user: User) -> Option<Finding> {
    let first = exposed.first()?.clone();
    let directory = Path::new(&first).parent().map(text).unwrap_or_default();
    // `chmod` follows links: a hook may lead to a device, or be in a directory that everybody needs.
    let is_closable = exposed.iter().chain([&directory]).all(|path| is_for_user_to_close(Path::new(path), user.uid));
    let words = ["chmod".to_string(), "go-w".to_string(), directory];
    let words = words.into_iter().chain(exposed.iter().cloned());
    let message = format!("the hook `{first}` is not used: other users may change it or replace it");
    let finding = Finding::new(HOOK_WRITABLE, message);
    Some(if is_closable { finding.fixed_by(words) } else { finding }.detail("hooks", exposed))
}
