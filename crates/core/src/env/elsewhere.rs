//! Whether all of an environment is in it. What changes or copies one leaves alone what a link out of it leads to: its
//! scripts would go on naming the old path, and a copy would share its packages with the source.

use std::path::{Path, PathBuf};

use super::first_line::interpreter_of;
use super::{BIN, MARKS};
use crate::fs::mount::Mount;

/// A part of an environment is not in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Elsewhere {
    /// A directory is a link that leads out of it.
    #[error("`{}` is a link that leads out of the environment, to `{}`", link.display(), target.display())]
    Link {
        /// The link.
        link: PathBuf,
        /// What it names.
        target: PathBuf,
    },
    /// Something is mounted in its place, which is left out of everything that is copied.
    #[error("something is mounted at `{}`, and is no part of the environment", place.display())]
    Mounted {
        /// The mount point.
        place: PathBuf,
    },
}

/// The directories of every environment; PyPy's had its packages at the top before 3.8.
const DIRECTORIES: [&str; 5] = [BIN, "lib", "lib64", "include", "site-packages"];

/// Fails where a directory of the environment is a link that leads out of it, or a mount point: that of its programs, its
/// libraries, its packages or its headers; or where its configuration is one.
pub fn check(root: &Path) -> Result<(), Elsewhere> {
    let Ok(real) = root.canonicalize() else { return Ok(()) };
    let mount = Mount::at(rustix::fs::CWD, &real);
    let check_part = |part: PathBuf| {
        // A link is not followed.
        if mount.as_ref().is_ok_and(|own| Mount::at(rustix::fs::CWD, &part).is_ok_and(|found| found != *own)) {
            return Err(Elsewhere::Mounted { place: part });
        }
        match leads_out(&real, &part) {
            Some(target) => Err(Elsewhere::Link { link: part, target }),
            None => Ok(()),
        }
    };
    check_part(root.join(MARKS[0]))?;
    for name in DIRECTORIES {
        check_part(root.join(name))?;
    }
    for library in std::fs::read_dir(root.join("lib")).into_iter().flatten().flatten() {
        // conda keeps links to libraries here.
        if library.path().is_dir() {
            check_part(library.path())?;
            check_part(library.path().join("site-packages"))?;
        }
    }
    Ok(())
}

/// Returns where `bin` leads if it is a link out of the environment: the scripts there are not the environment's to
/// change.
pub fn programs(root: &Path) -> Option<PathBuf> {
    leads_out(&root.canonicalize().ok()?, &root.join(BIN))
}

/// Returns the first script in `bin` that is a link out of the environment, relative to it, and what the link names.
pub fn script(root: &Path) -> Option<(PathBuf, PathBuf)> {
    let real = root.canonicalize().ok()?;
    let mut names: Vec<_> = std::fs::read_dir(root.join(BIN)).ok()?.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    names.into_iter().map(|name| Path::new(BIN).join(name)).find_map(|link| {
        let target = leads_out(&real, &root.join(&link))?;
        interpreter_of(&root.join(&link)).map(|_| (link, target))
    })
}

/// Returns what a link names that leads out of a directory, or nowhere. `lib64` is one that stays inside.
fn leads_out(real: &Path, link: &Path) -> Option<PathBuf> {
    let target = std::fs::read_link(link).ok()?;
    let is_inside = link.canonicalize().is_ok_and(|found| found.starts_with(real));
    (!is_inside).then_some(target)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_part_that_is_mounted_is_found() {
        use crate::test_mounts::{bind, in_mount_namespace, unbind};
        if !in_mount_namespace("env::elsewhere::tests::a_part_that_is_mounted_is_found") {
            return;
        }
        let place = tempfile::tempdir().unwrap();
        let (root, outside) = (place.path().join("env"), place.path().join("outside"));
        for directory in
            [root.join("bin"), root.join("lib/python3.11/site-packages"), root.join("data"), outside.clone()]
        {
            std::fs::create_dir_all(directory).unwrap();
        }
        std::fs::write(root.join("pyvenv.cfg"), "").unwrap();
        std::fs::write(place.path().join("file"), "").unwrap();
        bind(&outside, &root.join("data"));
        bind(&place.path().join("file"), &root.join("lib/python3.11/site-packages/../../../pyvenv.cfg"));
        assert_eq!(check(&root), Err(Elsewhere::Mounted { place: root.join("pyvenv.cfg") }));
        unbind(&root.join("pyvenv.cfg"));
        assert_eq!(check(&root), Ok(()), "what is not the environment's is left out and named");
        for name in ["bin", "lib", "lib/python3.11", "lib/python3.11/site-packages"] {
            let place = root.join(name);
            bind(&outside, &place);
            assert_eq!(check(&root), Err(Elsewhere::Mounted { place: place.clone() }));
            unbind(&place);
        }
        bind(&root, &root);
        assert_eq!(check(&root), Ok(()), "all of it is one mount");
        unbind(&root);
    }

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
            let link = root.join(name);
            assert_eq!(check(&root), Err(Elsewhere::Link { link, target: outside.clone() }), "{name}");
            assert_eq!(programs(&root).is_some(), name == "bin");
            std::fs::remove_file(root.join(name)).unwrap();
            symlink("/nowhere", root.join(name)).unwrap();
            assert_eq!(check(&root).is_err(), name != "lib/python3.11", "{name} leads nowhere");
            std::fs::remove_file(root.join(name)).unwrap();
            std::fs::rename(&outside, root.join(name)).unwrap();
        }
    }
}
