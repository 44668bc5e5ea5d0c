//! Which of the user's hook scripts take part: found, tested and vetted here, run or sourced by the shell.
//!
//! Hooks are of two kinds. Those that are *run* are programs; virtualenvwrapper leaves one made of comments for every
//! event, and starting a shell only to read comments would cost more than the rest of `workon`. Those that are *sourced*
//! are tested by the shell at the moment of use, because one hook may create the next.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::fs::executable::is_executable;
use crate::fs::exposure::{Exposure, Vetting};
use crate::fs::{PathContext, PathResult, read_limited};

/// No stub is larger; anything larger does something.
const STUB_LIMIT: u64 = 8 * 1024;

/// Why a hook is not run although it is there.
#[derive(Debug, thiserror::Error)]
pub enum HookRefusal {
    /// Someone else could change the hook, or put another in its place.
    #[error("refusing to run the hook `{}`: {exposure}", hook.display())]
    Exposed {
        /// The hook.
        hook: PathBuf,
        /// Through what, and who.
        exposure: Exposure,
    },
    /// The hook could not be looked at.
    #[error("could not check the hook `{}`", hook.display())]
    Unreadable {
        /// The hook.
        hook: PathBuf,
        /// What failed.
        #[source]
        source: crate::fs::PathError,
    },
}

/// The hook programs of one event, in the order in which they run.
#[derive(Debug, Default)]
pub struct RunHooks {
    /// Programs that are there, may be executed and do something.
    pub ready: Vec<PathBuf>,
    /// Programs that would run if they were safe.
    pub refused: Vec<HookRefusal>,
}

/// Finds the hook programs with this name in these directories, in this order; never runs or changes one.
///
/// Nothing about a hook that is missing, not executable or only a stub is reported: that is how users turn hooks off.
pub fn find_run_hooks<'a>(name: &str, directories: impl IntoIterator<Item = &'a Path>, vetting: &Vetting) -> RunHooks {
    let mut hooks = RunHooks::default();
    for directory in directories {
        let hook = directory.join(name);
        match is_live_program(&hook) {
            Ok(false) => continue,
            Ok(true) => {}
            Err(source) => {
                hooks.refused.push(HookRefusal::Unreadable { hook, source });
                continue;
            }
        }
        match find_danger(&hook, vetting) {
            Ok(None) => hooks.ready.push(hook),
            Ok(Some(refusal)) => hooks.refused.push(refusal),
            Err(source) => hooks.refused.push(HookRefusal::Unreadable { hook, source }),
        }
    }
    hooks
}

/// What may be done with a hook that the shell sources.
#[derive(Debug)]
pub enum Sourced {
    /// It may be sourced, if it is there by then.
    Safe,
    /// It must not be, and there is something to source.
    Refused(HookRefusal),
    /// It must not be, though it is missing or does nothing now: others may fill it later.
    Exposed,
}

/// Judges the hook at this path.
///
/// As with programs, the directory counts: who may write there can put another hook in its place.
pub fn judge_sourced(hook: &Path, vetting: &Vetting) -> Sourced {
    let found = fs::symlink_metadata(hook);
    let is_missing =
        matches!(&found, Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory));
    let found = found.and_then(|found| if found.is_symlink() { fs::metadata(hook) } else { Ok(found) });
    if found.is_ok_and(|found| found.is_file() && found.len() > 0) {
        return match find_danger(hook, vetting) {
            Ok(None) => Sourced::Safe,
            Ok(Some(_)) if read_limited(hook, STUB_LIMIT).is_ok_and(|content| is_stub(&content)) => Sourced::Exposed,
            Ok(Some(refusal)) => Sourced::Refused(refusal),
            Err(source) => Sourced::Refused(HookRefusal::Unreadable { hook: hook.to_path_buf(), source }),
        };
    }
    // Who may write into the directory can put a hook there, and who may make the directory may fill it: also where the hook
    // is a link.
    let found = if is_missing { vetting.find_of_missing(hook) } else { vetting.find_before_it_is_there(hook) };
    if found.is_ok_and(|exposure| exposure.is_some()) { Sourced::Exposed } else { Sourced::Safe }
}

/// Returns whether a hook does nothing: every line is blank or a comment.
pub fn is_stub(content: &[u8]) -> bool {
    content.split(|&byte| byte == b'\n').all(|line| matches!(line.trim_ascii_start().first(), None | Some(b'#')))
}

/// Returns whether sourcing the hook at this path would do nothing, as far as that can be seen.
pub fn is_idle(hook: &Path) -> bool {
    match fs::metadata(hook) {
        Ok(found) if !found.is_file() || found.len() == 0 => true,
        Ok(found) => found.len() <= STUB_LIMIT && read_limited(hook, STUB_LIMIT).is_ok_and(|content| is_stub(&content)),
        Err(error) => matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
    }
}

fn is_live_program(hook: &Path) -> PathResult<bool> {
    match fs::metadata(hook) {
        Ok(metadata) if !metadata.is_file() => return Ok(false),
        Ok(metadata) if metadata.len() > STUB_LIMIT => return Ok(is_executable(hook)),
        Ok(_) => {}
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(false);
        }
        Err(error) => return Err(error).at("read", hook),
    }
    if !is_executable(hook) {
        return Ok(false);
    }
    match read_limited(hook, STUB_LIMIT) {
        Ok(content) => Ok(!is_stub(&content)),
        // A program may be executable and not readable.
        Err(error) if error.source.kind() == io::ErrorKind::PermissionDenied => Ok(true),
        Err(error) => Err(error),
    }
}

/// Looks at the hook and at every directory on the way to it: who may write there can put another hook in its place.
fn find_danger(hook: &Path, vetting: &Vetting) -> PathResult<Option<HookRefusal>> {
    let exposure = vetting.find(hook).at("read", hook)?;
    Ok(exposure.map(|exposure| HookRefusal::Exposed { hook: hook.to_path_buf(), exposure }))
}

#[cfg(test)]
mod tests;
