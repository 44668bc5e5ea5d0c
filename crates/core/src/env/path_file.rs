//! The `.pth` file by which `add2virtualenv` puts directories onto an environment's import path.
//!
//! Its name and form are virtualenvwrapper's: between the listed directories and the rest of `sys.path` stand two lines
//! of code that move the directories to the front, through `sys.__egginsert` as setuptools does it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::fs::entry::Entry;
use crate::fs::{self, Change, PathError};

/// The name of the file in site-packages; the underscore makes Python read it before `easy-install.pth`.
pub const FILE_NAME: &str = "_virtualenv_path_extensions.pth";

const FIRST_LINE: &[u8] = b"import sys; sys.__plen = len(sys.path)";
const LAST_LINE: &[u8] = b"import sys; new=sys.path[sys.__plen:]; del sys.path[sys.__plen:]; \
    p=getattr(sys,'__egginsert',0); sys.path[p:p]=new; sys.__egginsert = p+len(new)";

const MAX_BYTES: u64 = 1 << 20;

/// Why the file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PathFileError {
    /// A directory cannot be written as one line.
    #[error("could not add {directory:?} to the import path: the path contains a line break")]
    LineBreak {
        /// The directory.
        directory: PathBuf,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// The directories in the file, in the order in which Python searches them; none when it is missing.
pub fn entries(file: &Path) -> Result<Vec<PathBuf>, PathFileError> {
    match fs::read_limited(file, MAX_BYTES) {
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        other => Ok(parse(&other?)),
    }
}

/// Returns the file as it is.
pub fn read(file: &Path) -> Result<Vec<u8>, PathFileError> {
    Ok(fs::read_limited(file, MAX_BYTES)?)
}

/// Adds directories, each in front of what is there: the last one named is searched first. One that is listed already
/// is not listed twice. The file belongs to the environment: no link leads to another one.
pub fn add(env: &Path, file: &Path, directories: &[PathBuf]) -> Result<(), PathFileError> {
    let is_broken = |directory: &&PathBuf| directory.as_os_str().as_bytes().iter().any(|byte| b"\n\r".contains(byte));
    if let Some(directory) = directories.iter().find(is_broken) {
        return Err(PathFileError::LineBreak { directory: directory.clone() });
    }
    change(env, file, |all| {
        for directory in directories {
            all.retain(|known| known != directory);
            all.insert(0, directory.clone());
        }
    })
}

/// Takes directories out.
pub fn remove(env: &Path, file: &Path, directories: &[PathBuf]) -> Result<(), PathFileError> {
    change(env, file, |all| all.retain(|known| !directories.contains(known)))
}

fn change(env: &Path, file: &Path, edit: impl FnOnce(&mut Vec<PathBuf>)) -> Result<(), PathFileError> {
    let relative = file.strip_prefix(env).unwrap_or(file);
    Entry::below(env, relative)?.update(MAX_BYTES, 0o666, |old| {
        let mut all = old.map(parse).unwrap_or_default();
        edit(&mut all);
        Ok(Change::Replace(content(&all)))
    })
}

fn parse(content: &[u8]) -> Vec<PathBuf> {
    let lines = content.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let is_entry = |line: &&[u8]| !line.is_empty() && !line.starts_with(b"import ") && !line.starts_with(b"#");
    lines.filter(is_entry).map(|line| PathBuf::from(OsStr::from_bytes(line))).collect()
}

fn content(directories: &[PathBuf]) -> Vec<u8> {
    let mut lines = vec![FIRST_LINE];
    lines.extend(directories.iter().map(|directory| directory.as_os_str().as_bytes()));
    lines.extend([LAST_LINE, b""]);
    lines.join(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(texts: &[&str]) -> Vec<PathBuf> {
        texts.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn the_last_added_comes_first_and_nothing_twice() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE_NAME);
        assert!(entries(&file).unwrap().is_empty());
        add(directory.path(), &file, &paths(&["/a", "/b c"])).unwrap();
        add(directory.path(), &file, &paths(&["/d", "/a"])).unwrap();
        assert_eq!(entries(&file).unwrap(), paths(&["/a", "/d", "/b c"]));
        remove(directory.path(), &file, &paths(&["/d", "/unknown"])).unwrap();
        assert_eq!(entries(&file).unwrap(), paths(&["/a", "/b c"]));
    }

    #[test]
    fn a_line_break_cannot_smuggle_code_in() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE_NAME);
        assert!(matches!(
            add(directory.path(), &file, &paths(&["/a\nimport os"])),
            Err(PathFileError::LineBreak { .. })
        ));
        assert!(!file.exists());
    }

    #[test]
    fn python_searches_in_this_order_before_other_packages() {
        let Ok(found) = std::process::Command::new("python3").args(["-c", "0"]).output() else {
            crate::test_shells::skip("python3 is not on PATH");
            return;
        };
        assert!(found.status.success());
        let directory = tempfile::tempdir().unwrap();
        let site = directory.path().canonicalize().unwrap();
        for name in ["one", "two"] {
            std::fs::create_dir(site.join(name)).unwrap();
        }
        add(&site, &site.join(FILE_NAME), &[site.join("one"), site.join("two")]).unwrap();
        let code = "import site, sys; site.addsitedir(sys.argv[1]); print(*[p for p in sys.path if p.startswith(sys.argv[1])])";
        let output = std::process::Command::new("python3").args(["-S", "-c", code]).arg(&site).output().unwrap();
        let site = site.display();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), format!("{site}/two {site}/one {site}"));
    }

    #[test]
    fn nothing_is_written_through_a_link_out_of_the_environment() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let library = outside.path().join("python3.12/site-packages");
        std::fs::create_dir_all(&library).unwrap();
        // The library directory, the one above it, and the last one before the file.
        for (at, target) in [
            ("lib", outside.path().to_path_buf()),
            ("lib/python3.12", outside.path().join("python3.12")),
            ("lib/python3.12/site-packages", library.clone()),
            ("lib/python3.12/site-packages", Path::new("../../../outside").to_path_buf()),
        ] {
            let env = root.path().join("env");
            let link = env.join(at);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(&target, &link).unwrap();
            let file = env.join("lib/python3.12/site-packages").join(FILE_NAME);
            assert!(add(&env, &file, &paths(&["/a"])).is_err(), "{at}");
            assert!(remove(&env, &file, &paths(&["/a"])).is_err(), "{at}");
            crate::fs::remove_tree(&env).unwrap();
        }
        assert_eq!(std::fs::read_dir(&library).unwrap().count(), 0);
    }

    #[test]
    fn a_link_within_the_environment_is_followed_and_one_in_the_place_of_the_file_is_replaced() {
        let (env, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir_all(env.path().join("lib64/python3.12/site-packages")).unwrap();
        std::os::unix::fs::symlink("lib64", env.path().join("lib")).unwrap();
        let file = env.path().join("lib/python3.12/site-packages").join(FILE_NAME);
        let precious = outside.path().join("precious");
        std::fs::write(&precious, "keep").unwrap();
        std::os::unix::fs::symlink(&precious, &file).unwrap();
        add(env.path(), &file, &paths(&["/a"])).unwrap();
        assert_eq!(std::fs::read(&precious).unwrap(), b"keep");
        assert!(entries(&file).unwrap().contains(&PathBuf::from("/a")) && !file.is_symlink());
        let store = outside.path().join("linked");
        std::os::unix::fs::symlink(env.path(), &store).unwrap();
        add(&store, &store.join("lib/python3.12/site-packages").join(FILE_NAME), &paths(&["/b"])).unwrap();
        assert_eq!(entries(&file).unwrap()[0], Path::new("/b"));
    }

    #[test]
    fn of_several_who_add_at_once_all_are_heard() {
        let env = tempfile::tempdir().unwrap();
        let file = env.path().join(FILE_NAME);
        std::thread::scope(|scope| {
            for writer in 0..10 {
                let (env, file) = (env.path(), &file);
                scope.spawn(move || {
                    for round in 0..20 {
                        add(env, file, &[PathBuf::from(format!("/{writer}-{round}"))]).unwrap();
                    }
                });
            }
        });
        assert_eq!(entries(&file).unwrap().len(), 200);
        assert_eq!(std::fs::read_dir(env.path()).unwrap().count(), 1, "no temporary file stays");
    }
}
