//! Who holds the lock of the system on a directory, as far as `/proc/locks` tells.
//!
//! Whoever may read a directory can lock it, also on a machine of many users. One who certainly could change nothing
//! there is not waited for.

use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::Stat;

use super::accounts::user_name;
use super::read_limited;

/// More than the locks of any machine, or what is told of a process.
const MAX_BYTES: u64 = 4 << 20;

/// A process that holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pid: u32,
    /// Its user; none where it has ended and handed the lock on, or hides.
    user: Option<u32>,
}

/// The process that holds the lock on an open directory; none where the system does not tell.
pub(super) fn of(directory: impl AsFd) -> Option<Holder> {
    let pid = pid_in(&read("/proc/locks")?, &rustix::fs::fstat(directory).ok()?)?;
    Some(Holder { pid, user: read(&format!("/proc/{pid}/status")).and_then(|status| user_in(&status)) })
}

/// The same if it is there only to keep others away: the directory is not its to change.
pub(super) fn idle(directory: impl AsFd) -> Option<Holder> {
    let found = rustix::fs::fstat(&directory).ok()?;
    of(directory).filter(|holder| !holder.may_change(&found))
}

impl Holder {
    fn may_change(&self, found: &Stat) -> bool {
        // One that hides, as with `hidepid`, may be root's.
        found.st_mode & 0o022 != 0 || self.user.is_none_or(|user| user == 0 || user == found.st_uid)
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.user {
            Some(user) => write!(formatter, "process {} of the user `{}`", self.pid, user_name(user)),
            None => write!(formatter, "another process (it was started as {})", self.pid),
        }
    }
}

fn read(path: &str) -> Option<String> {
    String::from_utf8(read_limited(Path::new(path), MAX_BYTES).ok()?).ok()
}

/// Finds the process among lines as `1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF`; one with an arrow only waits.
fn pid_in(locks: &str, found: &Stat) -> Option<u32> {
    let (major, minor) = (rustix::fs::major(found.st_dev), rustix::fs::minor(found.st_dev));
    let place = format!("{major:02x}:{minor:02x}:{}", found.st_ino);
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let is_lock = words.next() == Some("FLOCK");
        let pid = words.nth(2)?;
        (is_lock && words.next() == Some(place.as_str())).then(|| pid.parse().ok())?
    })
}

/// Finds the user on whose behalf a process acts.
fn user_in(status: &str) -> Option<u32> {
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> (tempfile::TempDir, Stat) {
        let directory = tempfile::tempdir().unwrap();
        let found = rustix::fs::stat(directory.path()).unwrap();
        (directory, found)
    }

    #[test]
    fn the_process_is_found_by_what_it_has_locked() {
        let (_directory, found) = directory();
        let (major, minor) = (rustix::fs::major(found.st_dev), rustix::fs::minor(found.st_dev));
        let place = format!("{major:02x}:{minor:02x}:{}", found.st_ino);
        let locks = format!(
            "1: POSIX  ADVISORY  WRITE 11 {place} 0 EOF\n\
             2: FLOCK  ADVISORY  WRITE 12 {place}0 0 EOF\n\
             3: -> FLOCK  ADVISORY  WRITE 13 {place} 0 EOF\n\
             4: FLOCK  ADVISORY  READ 14 {place} 0 EOF\n"
        );
        assert_eq!(pid_in(&locks, &found), Some(14));
        assert_eq!(pid_in("", &found), None);
        assert_eq!(pid_in("x\n\n1: FLOCK\n", &found), None);
    }

    #[test]
    fn a_process_that_could_change_nothing_is_idle() {
        let (_directory, mut found) = directory();
        found.st_uid = 1000;
        let holder = |user| Holder { pid: 1, user };
        for (mode, user, may) in [
            (0o755, Some(1001), false),
            (0o755, None, true),
            (0o755, Some(1000), true),
            (0o755, Some(0), true),
            (0o775, Some(1001), true),
            (0o777, None, true),
        ] {
            found.st_mode = 0o40000 | mode;
            assert_eq!(holder(user).may_change(&found), may, "{mode:o} {user:?}");
        }
    }

    #[test]
    fn the_user_is_the_one_a_process_acts_for() {
        assert_eq!(user_in("Name:\tx\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t6\t7\t8\n"), Some(1001));
        assert_eq!(user_in("Name:\tx\n"), None);
    }
}
