//! Where removed environments are kept: two levels below the store, because tools that look for environments look into
//! hidden children too.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::fs::order::Order as _;
use crate::fs::private::{User, is_private};
use crate::fs::temporary::unique_name;
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
    candidates(home).into_iter().chain(spares(home)).filter(|directory| is_usable(directory)).collect()
}

/// The removed environments of another user in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The store.
    pub home: PathBuf,
    /// The directory that holds them, which only that user can look into.
    pub path: PathBuf,
    /// The user.
    pub owner: u32,
}

/// What other users have removed from a store and keep there, that of root first.
pub(in crate::store) fn of_others(home: &Path) -> Vec<Foreign> {
    let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name()).filter(|name| is_trash(name));
    let user = User::of_this_process().uid;
    let foreign = |name: OsString| {
        let path = home.join(&name);
        let found = std::fs::symlink_metadata(&path).ok()?;
        let owner = found.uid();
        // What has another user's number is in that user's way.
        let number =
            name.as_bytes().get(DIRECTORY.len() + 1..).and_then(|rest| rest.split(|byte| *byte == b'.').next());
        let is_its_own = number.is_none_or(|number| number == owner.to_string().as_bytes());
        let is_one = owner != user && found.is_dir() && found.mode() & 0o022 == 0 && is_its_own;
        is_one.then(|| Foreign { home: home.to_path_buf(), path, owner })
    };
    let mut found: Vec<_> = names.filter_map(foreign).collect();
    found.order_by(|a, b| (a.owner, &a.path).cmp(&(b.owner, &b.path)));
    found
}

/// What has the name of a trash of this user, but is no directory of the user's alone. The plain name may be that of
/// another user, who keeps something there.
pub(in crate::store) fn obstacles(home: &Path) -> Vec<PathBuf> {
    let is_in_the_way = |directory: &PathBuf| {
        let Ok(found) = std::fs::symlink_metadata(directory) else { return false };
        let is_of_another = directory.ends_with(DIRECTORY) && found.is_dir() && found.mode() & 0o022 == 0;
        !is_of_another && !is_usable(directory)
    };
    candidates(home).into_iter().chain(spares(home)).filter(is_in_the_way).collect()
}

/// Makes a directory for a removed environment; none where no place is the user's alone.
pub(super) fn make_entry(home: &Path, now: SystemTime) -> PathResult<Option<PathBuf>> {
    let Some(trash) = make_place(home) else { return Ok(None) };
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

/// The first place that is the user's alone. Another user who takes the names that can be known only makes this one get a
/// name that nobody can guess: what is removed is never deleted because of that.
fn make_place(home: &Path) -> Option<PathBuf> {
    let mut known = candidates(home).into_iter();
    known
        .find(|directory| fs::create_dir(directory, 0o700).is_ok() || is_usable(directory))
        .or_else(|| spares(home).find(|directory| is_usable(directory)))
        .or_else(|| Some(home.join(unique_name(&own_prefix()))).filter(|spare| fs::create_dir(spare, 0o700).is_ok()))
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

/// The places of this user with a name that nobody can guess.
fn spares(home: &Path) -> impl Iterator<Item = PathBuf> {
    let prefix = own_prefix();
    let names = std::fs::read_dir(home).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let home = home.to_path_buf();
    names.filter(move |name| name.as_bytes().starts_with(prefix.as_bytes())).map(move |name| home.join(name))
}

/// What their names begin with.
fn own_prefix() -> String {
    format!("{DIRECTORY}.{}.", User::of_this_process().uid)
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
    fn what_others_keep_is_named_that_of_root_first() {
        use std::os::unix::fs::chown;
        let home = tempfile::tempdir().unwrap();
        if User::of_this_process().uid != 0 {
            return;
        }
        let make = |name: &str, owner: u32| {
            let path = home.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
            chown(&path, Some(owner), None).unwrap();
            path
        };
        make(DIRECTORY, 0);
        assert_eq!(of_others(home.path()), []);
        let [high, low] = [make(&format!("{DIRECTORY}.9"), 9), make(&format!("{DIRECTORY}.7.00ff"), 7)];
        // In the way of user 8, and no trash.
        make(&format!("{DIRECTORY}.8"), 9);
        make(".venvwrap-op-x", 9);
        let found: Vec<_> = of_others(home.path()).into_iter().map(|found| (found.owner, found.path)).collect();
        assert_eq!(found, [(7, low.clone()), (9, high)]);
        std::fs::set_permissions(&low, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(of_others(home.path()).len(), 1);
        chown(home.path().join(DIRECTORY), Some(5), None).unwrap();
        assert_eq!(of_others(home.path())[0].owner, 5);
    }

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
        let made = make_entry(home.path(), SystemTime::now()).unwrap().unwrap();
        let spare = made.parent().unwrap().to_path_buf();
        assert!(spare != own && spare != plain && is_trash(spare.file_name().unwrap()));
        assert_eq!(directories(home.path()), std::slice::from_ref(&spare));
        let again = make_entry(home.path(), SystemTime::now()).unwrap().unwrap();
        assert_eq!(again.parent(), Some(spare.as_path()), "one is enough");
        assert_eq!(obstacles(home.path()), [plain.clone(), own.clone()]);
        // What is there stays known when the others are gone.
        std::fs::remove_file(&own).unwrap();
        std::fs::set_permissions(&plain, PermissionsExt::from_mode(0o700)).unwrap();
        assert_eq!(directories(home.path()), [plain, spare]);
        assert!(obstacles(home.path()).is_empty());
    }

    #[test]
    fn nothing_that_has_the_names_keeps_a_removed_environment_from_its_place() {
        let home = tempfile::tempdir().unwrap();
        let [plain, own] = candidates(home.path());
        let similar = home.path().join(format!("{}x", own_prefix()));
        for place in [&plain, &own, &similar] {
            std::fs::write(place, "").unwrap();
        }
        let made = make_entry(home.path(), SystemTime::now()).unwrap().unwrap();
        assert!(made.is_dir() && is_usable(made.parent().unwrap()));
        assert_eq!(obstacles(home.path()), [plain, own, similar]);
    }
}
