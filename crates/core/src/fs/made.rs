//! Directories that were made on the way to one of this program's: they go with it, if nothing else is in them by then.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::process::{Gid, Uid};

use super::walk::Directory;
use super::{PathContext, PathResult, read_limited, write_new};

/// The file in a directory of this program that says how many above it were made for it.
const FILE: &str = "made";

/// More than any number of directories.
const LIMIT: u64 = 16;

/// Makes a directory and those above it that are missing, with these permission bits (before the umask). What root makes in
/// a directory of another user is that user's, who could not use it otherwise.
pub fn create_dir_all(directory: &Path, mode: u32) -> PathResult<()> {
    if rustix::process::geteuid().is_root() {
        // What cannot be given is root's.
        let _ = give_missing(directory, mode);
    }
    DirBuilder::new().recursive(true).mode(mode).create(directory).at("create", directory)
}

/// Makes a directory and those above it; what is made is the user's alone.
pub(crate) fn create_private_all(directory: &Path) -> PathResult<()> {
    create_dir_all(directory, 0o700)
}

/// Makes what is missing, each in the one above, which is held open: it cannot be another one meanwhile.
fn give_missing(directory: &Path, mode: u32) -> io::Result<()> {
    let Some(there) = directory.ancestors().find(|above| above.is_dir()) else { return Ok(()) };
    let mut around = Directory::open(there)?;
    for name in directory.strip_prefix(there).unwrap_or(directory) {
        let owner = rustix::fs::fstat(&around)?;
        if owner.st_uid == 0 {
            break;
        }
        around = around.make_child(name, mode)?;
        let (user, group) = (Uid::from_raw(owner.st_uid), Gid::from_raw(owner.st_gid));
        rustix::fs::fchown(&around, Some(user), Some(group))?;
    }
    Ok(())
}

/// Makes a directory in one of this program's, and notes which had to be made above that.
pub(crate) fn create_in(root: &Path, directory: &Path) -> PathResult<()> {
    let above = root.ancestors().skip(1).take_while(|path| path.symlink_metadata().is_err()).count();
    create_private_all(directory)?;
    if above > 0 {
        // Without the note they only stay.
        let _ = write_new(&root.join(FILE), above.to_string().as_bytes(), 0o600);
    }
    Ok(())
}

/// Returns how many directories were made above one of this program's, as it notes.
pub fn noted(root: &Path) -> usize {
    let text = read_limited(&root.join(FILE), LIMIT).ok().and_then(|content| String::from_utf8(content).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Removes a directory of this program if nothing is left in it, and what was made above it, as far as that is empty: as
/// much as it notes, or did before.
pub fn remove_empty(root: &Path, before: usize) {
    let note = root.join(FILE);
    let above = noted(root).max(before);
    let mut entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    if above > 0 && entries.all(|entry| entry.file_name() == FILE) {
        let _ = std::fs::remove_file(&note);
    }
    let _ = root.ancestors().take(above + 1).try_for_each(std::fs::remove_dir);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_root_makes_where_another_user_is_at_home_is_that_users() {
        use std::os::unix::fs::{MetadataExt, chown, symlink};
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let place = tempfile::tempdir().unwrap();
        let path = |below: &str| place.path().join(below);
        let found = |below: &str| path(below).symlink_metadata().map(|found| (found.uid(), found.gid())).unwrap();
        std::fs::create_dir(path("home")).unwrap();
        chown(path("home"), Some(7), Some(8)).unwrap();
        symlink("home", path("link")).unwrap();
        for deep in ["home/.local/state", "link/.config/a"] {
            create_dir_all(&path(deep), 0o700).unwrap();
            create_dir_all(&path(deep), 0o700).unwrap();
            assert_eq!(found(deep), (7, 8));
            assert_eq!(path(deep).metadata().unwrap().mode() & 0o777, 0o700);
        }
        assert_eq!((found("home/.local"), found("home/.config")), ((7, 8), (7, 8)));
        std::fs::create_dir(path("home/of-root")).unwrap();
        create_dir_all(&path("home/of-root/deep"), 0o777).unwrap();
        assert_eq!(found("home/of-root/deep").0, 0);
        std::fs::write(path("home/file"), "").unwrap();
        assert!(create_dir_all(&path("home/file/deep"), 0o777).is_err());
    }

    #[test]
    fn what_was_made_goes_and_what_was_there_stays() {
        let place = tempfile::tempdir().unwrap();
        let home = place.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let root = home.join(".cache/deep/venvwrap");
        let make = || create_in(&root, &root.join("v1/lists")).unwrap();
        let clear = || {
            crate::fs::remove_tree(&root.join("v1")).unwrap();
            remove_empty(&root, 0);
        };
        make();
        make();
        clear();
        assert!(home.is_dir() && !home.join(".cache").exists());
        // By now another program uses one of them.
        make();
        std::fs::write(home.join(".cache/other"), "").unwrap();
        clear();
        assert!(home.join(".cache/other").exists() && !home.join(".cache/deep").exists());
        // These were there before.
        std::fs::create_dir(home.join(".cache/deep")).unwrap();
        make();
        clear();
        assert!(home.join(".cache/deep").is_dir() && !root.exists());
        // What somebody has put there stays, with the note.
        std::fs::remove_dir(home.join(".cache/deep")).unwrap();
        make();
        std::fs::write(root.join("mine"), "").unwrap();
        clear();
        assert!(root.join("mine").exists() && root.join(FILE).exists());
        std::fs::write(root.join(FILE), "many").unwrap();
        std::fs::remove_file(root.join("mine")).unwrap();
        remove_empty(&root, 0);
        assert!(root.exists(), "a note that says nothing");
    }
}
