//! The `.pth` file by which `add2virtualenv` puts directories onto an environment's import path.
//!
//! Its name and form are virtualenvwrapper's: between the listed directories and the rest of `sys.path` stand two lines
//! of code that move the directories to the front, through `sys.__egginsert` as setuptools does it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::fs::{self, PathError};

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
    let content = match fs::read_limited(file, MAX_BYTES) {
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let lines = content.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let is_entry = |line: &&[u8]| !line.is_empty() && !line.starts_with(b"import ") && !line.starts_with(b"#");
    Ok(lines.filter(is_entry).map(|line| PathBuf::from(OsStr::from_bytes(line))).collect())
}

/// Adds directories, each in front of what is there: the last one named is searched first. One that is listed already
/// is not listed twice.
pub fn add(file: &Path, directories: &[PathBuf]) -> Result<(), PathFileError> {
    let mut all = entries(file)?;
    for directory in directories {
        if directory.as_os_str().as_bytes().iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            return Err(PathFileError::LineBreak { directory: directory.clone() });
        }
        all.retain(|known| known != directory);
        all.insert(0, directory.clone());
    }
    write(file, &all)
}

/// Takes directories out.
pub fn remove(file: &Path, directories: &[PathBuf]) -> Result<(), PathFileError> {
    let mut all = entries(file)?;
    all.retain(|known| !directories.contains(known));
    write(file, &all)
}

fn write(file: &Path, directories: &[PathBuf]) -> Result<(), PathFileError> {
    let mut lines = vec![FIRST_LINE];
    lines.extend(directories.iter().map(|directory| directory.as_os_str().as_bytes()));
    lines.extend([LAST_LINE, b""]);
    Ok(fs::replace_file(file, &lines.join(&b'\n'), 0o666)?)
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
        add(&file, &paths(&["/a", "/b c"])).unwrap();
        add(&file, &paths(&["/d", "/a"])).unwrap();
        assert_eq!(entries(&file).unwrap(), paths(&["/a", "/d", "/b c"]));
        remove(&file, &paths(&["/d", "/unknown"])).unwrap();
        assert_eq!(entries(&file).unwrap(), paths(&["/a", "/b c"]));
    }

    #[test]
    fn a_line_break_cannot_smuggle_code_in() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE_NAME);
        assert!(matches!(add(&file, &paths(&["/a\nimport os"])), Err(PathFileError::LineBreak { .. })));
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
        add(&site.join(FILE_NAME), &[site.join("one"), site.join("two")]).unwrap();
        let code = "import site, sys; site.addsitedir(sys.argv[1]); print(*[p for p in sys.path if p.startswith(sys.argv[1])])";
        let output = std::process::Command::new("python3").args(["-S", "-c", code]).arg(&site).output().unwrap();
        let site = site.display();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), format!("{site}/two {site}/one {site}"));
    }
}
