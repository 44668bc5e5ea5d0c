//! The project directory of an environment: one line in a file inside it, in virtualenvwrapper's and pipenv's format.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::fs::entry::{Entry, Permissions};
use crate::fs::{self, PathContext, PathError};

/// The longest file that is read; a path is at most 4096 bytes.
const MAX_BYTES: u64 = 16 * 1024;

/// Why an environment's project is not known.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The file holds more than a path.
    #[error("`{}` does not contain the path of a single directory", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
    },
    /// The path cannot be written as one line.
    #[error("{:?} cannot be a project directory: the path contains a line break", directory)]
    LineBreak {
        /// The directory.
        directory: PathBuf,
    },
    /// The directory to associate holds the environments.
    #[error("`{}` cannot be a project directory: it is WORKON_HOME", directory.display())]
    Store {
        /// The directory.
        directory: PathBuf,
    },
    /// The directory to associate is an environment, or in one.
    #[error("`{}` cannot be a project directory: it is in the environment `{}`", directory.display(), environment.display())]
    InEnvironment {
        /// The directory.
        directory: PathBuf,
        /// The name of the environment.
        environment: PathBuf,
    },
    /// The directory to associate is not there.
    #[error("`{}` cannot be a project directory: it is not a directory", directory.display())]
    NotADirectory {
        /// The directory.
        directory: PathBuf,
    },
}

/// Returns the project directory that `file` names, whether or not it exists; none when there is no such file or
/// it is empty.
///
/// Accepts what people and tools leave in the file: blank lines, CRLF, no line end. A relative path counts from the
/// environment, because the caller's directory means nothing to a stored path.
pub fn read(file: &Path) -> Result<Option<PathBuf>, ProjectError> {
    let content = match fs::read_limited(file, MAX_BYTES) {
        Err(error) if is_absent(&error.source) => return Ok(None),
        other => other?,
    };
    let mut lines = content.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let Some(line) = lines.find(|line| !line.trim_ascii().is_empty()) else { return Ok(None) };
    if line.contains(&0) || lines.any(|line| !line.trim_ascii().is_empty()) {
        return Err(ProjectError::Malformed { file: file.to_path_buf() });
    }
    let base = file.parent().unwrap_or(Path::new("/"));
    let exact = fs::absolute(base, Path::new(OsStr::from_bytes(line)));
    if line.trim_ascii() == line || exact.is_dir() {
        return Ok(Some(exact));
    }
    // Blanks around the path are rarely part of it.
    Ok(Some(fs::absolute(base, Path::new(OsStr::from_bytes(line.trim_ascii())))))
}

/// Returns the content of the file that associates an environment with this directory, which must exist and be absolute.
pub fn content(directory: &Path) -> Result<Vec<u8>, ProjectError> {
    match std::fs::metadata(directory) {
        Ok(found) if found.is_dir() => {}
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error).at("read", directory)?,
        _ => return Err(ProjectError::NotADirectory { directory: directory.to_path_buf() }),
    }
    let bytes = directory.as_os_str().as_bytes();
    if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return Err(ProjectError::LineBreak { directory: directory.to_path_buf() });
    }
    Ok([bytes, b"\n"].concat())
}

/// Associates: replaces the file's content as a whole. The file is in an environment, and no link leads out of it.
pub fn write(env: &Path, filename: &OsStr, directory: &Path) -> Result<(), ProjectError> {
    Ok(Entry::below(env, Path::new(filename))?.replace(&content(directory)?, Permissions::New(0o666))?)
}

/// Ends the association, if there is one.
pub fn remove(file: &Path) -> Result<(), ProjectError> {
    match std::fs::remove_file(file) {
        Err(error) if !is_absent(&error) => Err(error).at("remove", file).map_err(Into::into),
        _ => Ok(()),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_content(content: &[u8]) -> Result<Option<PathBuf>, ProjectError> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".project");
        std::fs::write(&file, content).unwrap();
        read(&file)
    }

    #[test]
    fn reads_what_tools_and_people_write() {
        for content in ["/srv/p q\n", "/srv/p q", "/srv/p q\r\n", "\n\n/srv/p q\n\n", "  /srv/p q  \n"] {
            assert_eq!(read_content(content.as_bytes()).unwrap().unwrap(), Path::new("/srv/p q"), "{content:?}");
        }
        assert_eq!(read_content(b"").unwrap(), None);
        assert_eq!(read_content(b"\n \n").unwrap(), None);
        assert_eq!(read_content(b"/a\xff\n").unwrap().unwrap().as_os_str().as_bytes(), b"/a\xff");
    }

    #[test]
    fn refuses_more_than_one_path() {
        assert!(matches!(read_content(b"/a\n/b\n"), Err(ProjectError::Malformed { .. })));
        assert!(matches!(read_content(b"/a\0b\n"), Err(ProjectError::Malformed { .. })));
        assert!(read_content(&vec![b'x'; 20_000]).is_err());
    }

    #[test]
    fn writes_what_it_reads_back() {
        let directory = tempfile::tempdir().unwrap();
        let project = directory.path().join("it's a \"project\" ");
        std::fs::create_dir(&project).unwrap();
        let file = directory.path().join(".project");
        write(directory.path(), OsStr::new(".project"), &project).unwrap();
        assert_eq!(read(&file).unwrap().unwrap(), project);
        assert!(matches!(
            write(directory.path(), OsStr::new(".project"), &directory.path().join("gone")),
            Err(ProjectError::NotADirectory { .. })
        ));
        let broken = directory.path().join("a\nb");
        std::fs::create_dir(&broken).unwrap();
        assert!(matches!(
            write(directory.path(), OsStr::new(".project"), &broken),
            Err(ProjectError::LineBreak { .. })
        ));
        assert_eq!(read(&file).unwrap().unwrap(), project);
    }

    #[test]
    fn no_name_of_the_file_leads_out_of_the_environment() {
        let root = tempfile::tempdir().unwrap();
        let (env, outside) = (root.path().join("env"), root.path().join("outside"));
        std::fs::create_dir_all(&env).unwrap();
        std::fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, env.join("link")).unwrap();
        let absolute = outside.join("x");
        for name in ["../outside/x", "link/x", "..", ".", "", absolute.to_str().unwrap()] {
            assert!(write(&env, OsStr::new(name), root.path()).is_err(), "{name:?}");
        }
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
        std::os::unix::fs::symlink(outside.join("x"), env.join(".project")).unwrap();
        write(&env, OsStr::new(".project"), root.path()).unwrap();
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    }
}
