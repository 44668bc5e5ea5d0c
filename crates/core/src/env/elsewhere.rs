//! Whether all of an environment is in it. What changes or copies one leaves alone what a link out of it leads to: its
//! scripts would go on naming the old path, and a copy would share its packages with the source.

use std::path::{Path, PathBuf};

use super::BIN;
use super::first_line::interpreter_of;

/// A directory of an environment is a link that leads out of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is a link that leads out of the environment, to `{}`", link.display(), target.display())]
pub struct Elsewhere {
    /// The link.
    pub link: PathBuf,
    /// What it names.
    pub target: PathBuf,
}

/// The directories of every environment; PyPy's had its packages at the top before 3.8.
const DIRECTORIES: [&str; 5] = [BIN, "lib", "lib64", "include", "site-packages"];

/// Fails where a directory of the environment is a link that leads out of it: that of its programs, its libraries, its
/// packages or its headers.
pub fn check(root: &Path) -> Result<(), Elsewhere> {
    let Ok(real) = root.canonicalize() else { return Ok(()) };
    for name in DIRECTORIES {
        check_link(&real, root.join(name))?;
    }
    for library in std::fs::read_dir(root.join("lib")).into_iter().flatten().flatten() {
        // conda keeps links to libraries here.
        if library.path().is_dir() {
            check_link(&real, library.path())?;
            check_link(&real, library.path().join("site-packages"))?;
        }
    }
    Ok(())
}

/// Returns where `bin` leads if it is a link out of the environment: the scripts there are not the environment's to
/// change.
pub fn programs(root: &Path) -> Option<PathBuf> {
    check_link(&root.canonicalize().ok()?, root.join(BIN)).err().map(|elsewhere| elsewhere.target)
}

/// Returns the first script in `bin` that is a link out of the environment, relative to it, and what the link names.
pub fn script(root: &Path) -> Option<(PathBuf, PathBuf)> {
    let real = root.canonicalize().ok()?;
    let mut names: Vec<_> = std::fs::read_dir(root.join(BIN)).ok()?.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    names.into_iter().map(|name| Path::new(BIN).join(name)).find_map(|link| {
        let found = check_link(&real, root.join(&link)).err()?;
        interpreter_of(&root.join(&link)).map(|_| (link, found.target))
    })
}

/// Fails for a link that leads out of a directory, or nowhere. `lib64` is one that stays inside.
fn check_link(real: &Path, link: PathBuf) -> Result<(), Elsewhere> {
    let Ok(target) = std::fs::read_link(&link) else { return Ok(()) };
    match link.canonicalize() {
        Ok(found) if found.starts_with(real) => Ok(()),
        _ => Err(Elsewhere { link, target }),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_directory_that_is_elsewhere_is_found() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("env");
        std::fs::create_dir_all(root.join("lib/python3.11/site-packages")).unwrap();
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::create_dir_all(root.join("include")).unwrap();
        std::fs::write(place.path().join("libpython.so"), "").unwrap();
        symlink("lib", root.join("lib64")).unwrap();
        symlink(place.path().join("libpython.so"), root.join("lib/libpython.so")).unwrap();
        symlink(root.join("lib/python3.11"), root.join("lib/python3")).unwrap();
        assert_eq!(check(&root), Ok(()));
        std::fs::remove_file(root.join("lib/python3")).unwrap();
        // The environment itself may be a link.
        symlink(&root, place.path().join("link")).unwrap();
        assert_eq!(check(&place.path().join("link")), Ok(()));
        for name in ["bin", "lib", "include", "lib/python3.11", "lib/python3.11/site-packages"] {
            let outside = place.path().join("outside");
            std::fs::rename(root.join(name), &outside).unwrap();
            symlink(&outside, root.join(name)).unwrap();
            assert_eq!(check(&root).unwrap_err().link, root.join(name), "{name}");
            assert_eq!(programs(&root).is_some(), name == "bin");
            std::fs::remove_file(root.join(name)).unwrap();
            symlink("/nowhere", root.join(name)).unwrap();
            assert_eq!(check(&root).is_err(), name != "lib/python3.11", "{name} leads nowhere");
            std::fs::remove_file(root.join(name)).unwrap();
            std::fs::rename(&outside, root.join(name)).unwrap();
        }
    }
}
