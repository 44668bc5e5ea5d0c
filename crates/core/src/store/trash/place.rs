//! Where removed environments are kept: two levels below the store, because tools that look for environments look into
//! hidden children too.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::fs::private::{User, is_private};
use crate::fs::{self, PathResult};

/// The directory in the store.
const DIRECTORY: &str = ".venvwrap-trash";

/// How often a directory is made again that others remove or have taken.
const ATTEMPTS: u32 = 100;

/// Returns whether a directory of the store is a trash, of this user or of another one.
pub(in crate::store) fn is_trash(name: &OsStr) -> bool {
    let rest = name.as_bytes().strip_prefix(DIRECTORY.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
}

/// The directories in a store that hold what this user has removed, and to which no other user can write.
pub(in crate::store) fn directories(home: &Path) -> Vec<PathBuf> {
    candidates(home).into_iter().filter(|directory| is_usable(directory)).collect()
}

/// Makes a directory for a removed environment; none where no place is the user's alone.
pub(super) fn make_entry(home: &Path, now: SystemTime) -> PathResult<Option<PathBuf>> {
    let Some(trash) =
        candidates(home).into_iter().find(|directory| fs::create_dir(directory, 0o700).is_ok() || is_usable(directory))
    else {
        return Ok(None);
    };
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    for attempt in 0..ATTEMPTS {
        let directory = trash.join(stamp(since.saturating_add(Duration::from_nanos(attempt.into()))));
        match fs::create_dir(&directory, 0o700) {
            Ok(()) => return Ok(Some(directory)),
            Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => {}
            // A sweep has removed the empty trash.
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => drop(fs::create_dir(&trash, 0o700)),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// When something was removed, by the name of its directory; none for what is not ours.
pub(super) fn time_of(name: &OsStr) -> Option<SystemTime> {
    let (time, pid) = name.to_str()?.split_once('-')?;
    let (seconds, nanoseconds) = time.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(pid) || !is_number(seconds) || !is_number(nanoseconds) {
        return None;
    }
    let since = Duration::new(seconds.parse().ok()?, nanoseconds.parse().ok().filter(|rest| *rest < 1_000_000_000)?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

fn stamp(since: Duration) -> String {
    let pid = rustix::process::getpid().as_raw_nonzero();
    format!("{:010}.{:09}-{pid}", since.as_secs(), since.subsec_nanos())
}

/// In a store that several users share, the first has the plain name.
fn candidates(home: &Path) -> [PathBuf; 2] {
    [home.join(DIRECTORY), home.join(format!("{DIRECTORY}.{}", User::of_this_process().uid))]
}

/// Returns whether a directory is the user's alone; it is no link then.
pub(super) fn is_usable(directory: &Path) -> bool {
    let found = std::fs::symlink_metadata(directory);
    found.is_ok_and(|found| found.is_dir() && is_private(&found, User::of_this_process()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn names_tell_the_time_and_others_are_not_ours() {
        let time = SystemTime::UNIX_EPOCH + Duration::new(1_796_000_000, 5);
        let name = stamp(time.duration_since(SystemTime::UNIX_EPOCH).unwrap());
        assert_eq!(time_of(name.as_ref()), Some(time));
        for other in ["", "a", "1-2", "1.2", "1.2-", "-1.2-3", "1.9999999999-3", "99999999999999999999.1-2", "1.+2-3"] {
            assert_eq!(time_of(other.as_ref()), None, "{other}");
        }
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(i64::MAX.unsigned_abs());
        assert!(time_of(stamp(far.duration_since(SystemTime::UNIX_EPOCH).unwrap()).as_ref()).is_some());
    }

    #[test]
    fn a_place_that_others_may_write_to_is_not_used() {
        let home = tempfile::tempdir().unwrap();
        let plain = home.path().join(DIRECTORY);
        std::fs::create_dir(&plain).unwrap();
        std::fs::set_permissions(&plain, PermissionsExt::from_mode(0o777)).unwrap();
        let made = make_entry(home.path(), SystemTime::now()).unwrap().unwrap();
        let own = made.parent().unwrap().to_path_buf();
        assert_ne!(own, plain);
        assert!(is_trash(plain.file_name().unwrap()) && is_trash(own.file_name().unwrap()));
        assert!(!is_trash(".venvwrap-trash-1".as_ref()) && !is_trash(".venvwrap-trashes".as_ref()));
        assert_eq!(directories(home.path()), std::slice::from_ref(&own));
        fs::remove_tree(&own).unwrap();
        std::os::unix::fs::symlink("/tmp", &own).unwrap();
        assert_eq!(make_entry(home.path(), SystemTime::now()).unwrap(), None);
    }
}
