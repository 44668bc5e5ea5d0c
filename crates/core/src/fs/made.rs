//! Directories that were made on the way to one of this program's: they go with it, if nothing else is in them by then.

use std::path::Path;

use super::{PathResult, create_private_all, read_limited, write_new};

/// The file in a directory of this program that says how many above it were made for it.
const FILE: &str = "made";

/// More than any number of directories.
const LIMIT: u64 = 16;

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

/// Removes a directory of this program if nothing is left in it, and what was made above it, as far as that is empty.
pub fn remove_empty(root: &Path) {
    let note = root.join(FILE);
    let text = read_limited(&note, LIMIT).ok().and_then(|content| String::from_utf8(content).ok());
    let above = text.and_then(|text| text.parse().ok()).unwrap_or(0);
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
    fn what_was_made_goes_and_what_was_there_stays() {
        let place = tempfile::tempdir().unwrap();
        let home = place.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let root = home.join(".cache/deep/venvwrap");
        let make = || create_in(&root, &root.join("v1/lists")).unwrap();
        let clear = || {
            crate::fs::remove_tree(&root.join("v1")).unwrap();
            remove_empty(&root);
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
        remove_empty(&root);
        assert!(root.exists(), "a note that says nothing");
    }
}
