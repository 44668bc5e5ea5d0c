//! Leading other tools to an environment, and the store to an environment that lies elsewhere.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::fs::{self, PathContext, PathError};
use crate::lock::LockError;
use crate::name::EnvName;
use crate::store::Store;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum RedirectError {
    /// Something has that path already.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// What is to be adopted is no environment.
    #[error("`{}` is not an environment: it has no `pyvenv.cfg`", path.display())]
    NotAnEnvironment {
        /// Its path.
        path: PathBuf,
    },
    /// It is in the store already.
    #[error("`{}` lies in the store already", path.display())]
    Own {
        /// Its path.
        path: PathBuf,
    },
    /// The path cannot be written as one line.
    #[error("the path {path:?} holds a line break")]
    LineBreak {
        /// The path.
        path: PathBuf,
    },
    /// Another process is working on it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Writes a `.venv` file into a directory that leads to an environment. A redirection that is there is replaced,
/// anything else stays.
pub fn link(directory: &Path, env: &Path) -> Result<PathBuf, RedirectError> {
    let file = directory.join(".venv");
    let bytes = env.as_os_str().as_bytes();
    if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return Err(RedirectError::LineBreak { path: env.to_path_buf() });
    }
    let content = [bytes, b"\n"].concat();
    match std::fs::symlink_metadata(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::publish_new(&file, &content, 0o666)?,
        Ok(found) if found.is_file() => fs::replace_file(&file, &content, 0o666)?,
        Ok(_) => return Err(RedirectError::Exists { path: file }),
        Err(error) => Err(error).at("read", &file)?,
    }
    Ok(file)
}

impl Store {
    /// Puts a link to an environment into the store; whatever has the name stays.
    pub fn adopt(&self, env: &Path, name: &EnvName) -> Result<PathBuf, RedirectError> {
        if !env.join("pyvenv.cfg").is_file() {
            return Err(RedirectError::NotAnEnvironment { path: env.to_path_buf() });
        }
        let real = env.canonicalize().at("resolve", env)?;
        if self.holds(&real) {
            return Err(RedirectError::Own { path: env.to_path_buf() });
        }
        let _lock = self.lock(name)?;
        let path = self.home().join(name.as_os_str());
        // Making a link fails where something is, also a link that leads nowhere.
        match std::os::unix::fs::symlink(&real, &path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(RedirectError::Exists { path }),
            other => {
                other.at("link", &path)?;
                Ok(path)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, Store, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let env = root.path().join("p/.venv");
        std::fs::create_dir_all(&env).unwrap();
        std::fs::create_dir(root.path().join("envs")).unwrap();
        std::fs::write(env.join("pyvenv.cfg"), "").unwrap();
        let store = Store::new(root.path().join("envs"));
        (root, store, env)
    }

    fn name(text: &str) -> EnvName {
        EnvName::for_new(text.as_ref()).unwrap()
    }

    #[test]
    fn adopting_never_replaces() {
        let (root, store, env) = place();
        let path = store.adopt(&env, &name("p")).unwrap();
        assert_eq!(path.canonicalize().unwrap(), env.canonicalize().unwrap());
        assert!(matches!(store.adopt(&env, &name("p")), Err(RedirectError::Exists { .. })));
        std::os::unix::fs::symlink("/nowhere", store.home().join("dangling")).unwrap();
        assert!(matches!(store.adopt(&env, &name("dangling")), Err(RedirectError::Exists { .. })));
        assert!(matches!(store.adopt(root.path(), &name("q")), Err(RedirectError::NotAnEnvironment { .. })));
        let own = store.home().join("own");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("pyvenv.cfg"), "").unwrap();
        assert!(matches!(store.adopt(&own, &name("q")), Err(RedirectError::Own { .. })));
    }

    #[test]
    fn a_redirection_replaces_only_a_redirection() {
        let (root, store, env) = place();
        let project = root.path().join("q");
        std::fs::create_dir(&project).unwrap();
        let file = link(&project, &env).unwrap();
        assert_eq!(crate::marker::read(&project, &store).unwrap().unwrap().env, env);
        link(&project, Path::new("/w/other")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"/w/other\n");
        assert!(matches!(link(&root.path().join("p"), &env), Err(RedirectError::Exists { .. })));
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(root.path().join("precious"), &file).unwrap();
        assert!(matches!(link(&project, &env), Err(RedirectError::Exists { .. })));
        assert!(matches!(link(&project, Path::new("/a\nb")), Err(RedirectError::LineBreak { .. })));
    }
}
