//! The store as a whole, and the directories of this program.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::check::{
    CACHE_FOREIGN, HOME_FOREIGN, HOME_IN_ENVIRONMENT, HOME_WRITABLE, LINK_DEAD, MARKS_LOST, OPERATION_FOREIGN,
    OPERATION_LEFTOVER, STORE_FS, STORE_SYNCED,
};
use super::finding::{Finding, text};
use super::hooks::finding_of_hooks;
use super::subject::Doctor;
use crate::env::Environment;
use crate::env::health::has_lost_marks;
use crate::env::name::EnvName;
use crate::fs::accounts::user_name;
use crate::fs::exposure::Exposure;
use crate::fs::identity::is_same_file;
use crate::fs::private::{Danger, danger_of};
use crate::shell::event::Event;
use crate::shell::hooks::{Sourced, judge_sourced};
use crate::store::HomeError;
use crate::store::sweep::{Reason, waiting};

/// Parts of paths that programs synchronise.
const SYNCED: [&str; 8] = [
    "Dropbox",
    "OneDrive",
    "iCloud Drive",
    "com~apple~CloudDocs",
    "Mobile Documents",
    "Google Drive",
    "Nextcloud",
    "ownCloud",
];

/// The number of NFS in the answer of `statfs`.
#[cfg(target_os = "linux")]
const NFS: u32 = 0x6969;

/// Examines the store.
pub(super) fn examine(doctor: &Doctor<'_>) -> Result<Vec<Finding>, HomeError> {
    let home = doctor.store.home();
    match doctor.store.check() {
        // There is nothing to examine yet.
        Err(HomeError::Missing { .. } | HomeError::InEnvironment { .. }) => {
            return Ok(surrounding(doctor).into_iter().chain(own_directories(doctor)).collect());
        }
        other => other?,
    }
    let mut findings = Vec::new();
    findings.extend(std::fs::metadata(home).ok().and_then(|found| writers(doctor, home, &found)));
    findings.extend(surrounding(doctor));
    findings.extend(finding_of_hooks(exposed_hooks(doctor), doctor.user));
    findings.extend(left_over(home));
    findings.extend(removed_by_root(doctor));
    let names = entries(home);
    findings.extend(names.iter().filter_map(|name| dead_link(&home.join(name.as_os_str()), name)));
    findings.extend(names.into_iter().filter_map(|name| lost_marks(&doctor.store.environment(name))));
    findings.extend(file_system(home));
    findings.extend(own_directories(doctor));
    Ok(findings)
}

fn writers(doctor: &Doctor<'_>, home: &Path, found: &Metadata) -> Option<Finding> {
    let shown = home.display();
    let danger = danger_of(found, doctor.user)?;
    if doctor.vetting().accepts(home) {
        return None;
    }
    match danger {
        Danger::WritableByOthers | Danger::WritableByGroup(_) | Danger::ForeignEntry(_) => {
            let exposure = Exposure { path: home.to_path_buf(), danger };
            let message = format!("{exposure}, who can replace what you activate");
            let is_closable = exposure.is_for_user_to_close(doctor.user.uid);
            let finding = Finding::new(HOME_WRITABLE, message).path("path", home);
            Some(if is_closable { finding.fixed_by(["chmod", "go-w", &text(home)]) } else { finding })
        }
        Danger::ForeignOwner(_) => {
            let message = format!("`{shown}` belongs to user {}", found.uid());
            Some(Finding::new(HOME_FOREIGN, message).path("path", home))
        }
    }
}

/// An environment that the store is, or is a part of: nothing can be created then.
fn surrounding(doctor: &Doctor<'_>) -> Option<Finding> {
    let error = doctor.store.check_outside_environments().err()?;
    let finding = Finding::new(HOME_IN_ENVIRONMENT, error.to_string()).path("path", doctor.store.home());
    let HomeError::InEnvironment { home, environment } = error else { return Some(finding) };
    let is_one = is_same_file(&home, &environment);
    Some(if is_one { finding.fixed_by(["rm", &text(&home.join("pyvenv.cfg"))]) } else { finding })
}

fn exposed_hooks(doctor: &Doctor<'_>) -> Vec<String> {
    let hooks = Event::all().map(|event| doctor.hook_dir.join(event.name()));
    let there = hooks.filter(|hook| std::fs::symlink_metadata(hook).is_ok());
    there
        .filter(|hook| matches!(judge_sourced(hook, &doctor.vetting()), Sourced::Refused(_)))
        .map(|hook| text(&hook))
        .collect()
}

fn left_over(home: &Path) -> Vec<Finding> {
    let (mut own, mut foreign) = (Vec::new(), Vec::new());
    for left in waiting(home) {
        match left.reason {
            Reason::ForeignOwner => foreign.push(left.path),
            Reason::Removable | Reason::Blocked(_) => own.push(text(&left.path)),
        }
    }
    let mut findings = Vec::new();
    if let Some(first) = own.first() {
        let message = format!("a command was interrupted and has left `{first}`");
        findings.push(Finding::new(OPERATION_LEFTOVER, message).automatically().detail("paths", own));
    }
    // Each stops commands about one name.
    findings.extend(foreign.into_iter().map(|path| of_another_user(&path)));
    findings
}

/// What an interrupted command has left next to an environment outside of the store, or in its directory.
pub(super) fn left_over_of(doctor: &Doctor<'_>, environment: &Environment) -> Option<Finding> {
    let left = doctor.store.left_over_of(environment.name());
    let message = format!("a command was interrupted and has left `{}`", left.first()?.display());
    let finding = Finding::of(OPERATION_LEFTOVER, environment, message);
    Some(finding.automatically().detail("paths", left.iter().map(|path| text(path))))
}

fn of_another_user(path: &Path) -> Finding {
    let owner = std::fs::symlink_metadata(path).map_or_else(|_| String::new(), |found| user_name(found.uid()));
    let message = format!("`{}` belongs to another user, `{owner}`, and is left alone", path.display());
    Finding::new(OPERATION_FOREIGN, message).detail("paths", vec![text(path)])
}

/// What root has removed from the user's own store, as `sudo` does that keeps HOME, no `undo` of the user brings back. Where
/// a store is shared, each user keeps what is that user's.
fn removed_by_root(doctor: &Doctor<'_>) -> Option<Finding> {
    let owner = std::fs::metadata(doctor.store.home()).ok()?.uid();
    let trash = doctor.store.trashed_by_others().into_iter().find(|trash| trash.owner == 0)?;
    let message = format!("root has removed environments and keeps them in `{}`", trash.path.display());
    let user = owner.to_string();
    let finding = Finding::new(OPERATION_FOREIGN, message).detail("paths", [text(&trash.path)]);
    (owner == doctor.user.uid).then(|| finding.fixed_by(["sudo", "chown", "-R", &user, &text(&trash.path)]))
}

/// The names in the store that may be of environments.
fn entries(home: &Path) -> Vec<EnvName> {
    let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
    let visible = entries.map(|entry| entry.file_name()).filter(|name| !name.as_bytes().starts_with(b"."));
    let mut names: Vec<_> = visible.filter_map(|name| EnvName::for_existing(&name).ok()).collect();
    names.sort();
    names
}

/// An environment that nothing takes for one any more.
fn lost_marks(environment: &Environment) -> Option<Finding> {
    let path = environment.path();
    if !has_lost_marks(environment) {
        return None;
    }
    let message = format!("`{}` has neither `pyvenv.cfg` nor `bin/activate`, but packages", path.display());
    let fix = [OsStr::new("venvwrap"), OsStr::new("repair"), environment.name().as_os_str()];
    Some(Finding::new(MARKS_LOST, message).fixed_by(fix).path("path", path))
}

/// A link to an environment that is not there any more, which nothing else shows.
fn dead_link(path: &Path, name: &EnvName) -> Option<Finding> {
    let target = std::fs::read_link(path).ok()?;
    if !path.metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return None;
    }
    let message = format!("`{}` is a link to `{}`, which does not exist", path.display(), target.display());
    let fix = [OsStr::new("venvwrap"), OsStr::new("remove"), name.as_os_str()];
    Some(Finding::new(LINK_DEAD, message).fixed_by(fix).path("path", path).path("target", &target))
}

fn file_system(home: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let parts: Vec<_> = home.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let is_synced = |part: &String| SYNCED.iter().any(|known| part == known || part.starts_with(&format!("{known} ")));
    if let Some(part) = parts.iter().find(|part| is_synced(part)) {
        let message = format!("`{}` is below `{part}`, which another program synchronises", home.display());
        findings.push(Finding::new(STORE_SYNCED, message).path("path", home));
    }
    #[cfg(target_os = "linux")]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the type differs between systems")]
    if rustix::fs::statfs(home).is_ok_and(|found| found.f_type as u32 == NFS) {
        let message = format!("`{}` is on a network file system, where locks may not hold", home.display());
        findings.push(Finding::new(STORE_FS, message).path("path", home));
    }
    if crate::fs::is_inert(home) {
        let message = format!("`{}` is on a file system from which nothing may be run", home.display());
        findings.push(Finding::new(STORE_FS, message).path("path", home));
    }
    findings
}

/// A directory that root has made, as `sudo` with the user's HOME does, is of no use to the user.
fn own_directories(doctor: &Doctor<'_>) -> Vec<Finding> {
    let directories: BTreeMap<&Path, &str> = doctor
        .cache_dir
        .map(|path| (path, "cache"))
        .into_iter()
        .chain(doctor.state_dir.map(|path| (path, "state")))
        .collect();
    let judged = directories.into_iter().filter_map(|(path, what)| {
        let found = std::fs::metadata(path).ok()?;
        let shown = path.display();
        // What is in the state of another user is read and kept for that user by root, too.
        if found.uid() != doctor.user.uid && doctor.user.uid == 0 && what == "state" {
            return None;
        }
        if found.uid() != doctor.user.uid {
            let message = format!("the {what} directory `{shown}` belongs to user {}, so it is not used", found.uid());
            let finding = Finding::new(CACHE_FOREIGN, message).path("path", path);
            // Where `sudo` has kept HOME, root would take away what its user needs.
            let is_for_owner = doctor.user.uid != 0;
            let owner = doctor.user.uid.to_string();
            let fixed = |finding: Finding| finding.fixed_by(["sudo", "chown", "-R", &owner, &text(path)]);
            return Some(if is_for_owner { fixed(finding) } else { finding });
        }
        let danger = danger_of(&found, doctor.user)?;
        let exposure = Exposure { path: path.to_path_buf(), danger };
        let message = format!("the {what} directory is not used: {exposure}");
        let finding = Finding::new(CACHE_FOREIGN, message).fixed_by(["chmod", "-R", "go-w", &text(path)]);
        (!matches!(danger, Danger::ForeignOwner(_))).then(|| finding.path("path", path))
    });
    judged.collect()
}
