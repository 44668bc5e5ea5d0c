//! Moving directories that may not be written to.

use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, Result};

/// Moves a directory. Only one that its owner may write to can get another parent, because `..` in it changes: any other
/// becomes so for that moment.
pub(super) fn with(directory: &Path, act: impl Fn() -> Result<()>) -> Result<()> {
    match act() {
        Err(Errno::ACCESS) => {}
        other => return other,
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(handle) = rustix::fs::open(directory, flags, Mode::empty()) else { return Err(Errno::ACCESS) };
    let mode = Mode::from_raw_mode(rustix::fs::fstat(&handle)?.st_mode & 0o7777);
    // Something else is in the way, or it is another user's.
    if mode.contains(Mode::WUSR) || rustix::fs::fchmod(&handle, mode | Mode::WUSR).is_err() {
        return Err(Errno::ACCESS);
    }
    let done = act();
    rustix::fs::fchmod(&handle, mode)?;
    done
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::{exchange, rename_no_replace};

    #[test]
    fn a_directory_that_may_not_be_written_to_is_moved_and_stays_so() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        for name in ["a", "b", "to"] {
            std::fs::create_dir(path(name)).unwrap();
        }
        let set = |name: &str, mode| {
            std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set("a", 0o555);
        rename_no_replace(&path("a"), &path("to/a")).unwrap();
        set("b", 0o500);
        exchange(&path("b"), &path("to/a")).unwrap();
        let mode = |name: &str| path(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("b"), mode("to/a")), (0o555, 0o500));
    }
}
