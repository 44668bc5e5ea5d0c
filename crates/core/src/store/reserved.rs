//! Directories that are for something else than to be an environment.

use std::path::{Path, PathBuf};

use super::home::{Store, is_of_system, is_part_of, resolved};
use crate::env;
use crate::fs::is_own_hidden;

/// Directories that everybody has others in. As a store they are somebody's choice.
const SHARED: [&str; 8] = ["/home", "/media", "/mnt", "/opt", "/srv", "/tmp", "/var", "/var/tmp"];

/// Why a directory is not made an environment.
#[derive(Debug, thiserror::Error)]
pub enum ReservedError {
    /// It is the store, or will be: nothing could be created in it any more.
    #[error("`{}` is WORKON_HOME, which holds environments and cannot be one", .0.display())]
    Store(PathBuf),
    /// The store is in it.
    #[error("`{}` holds WORKON_HOME, `{}`", path.display(), home.display())]
    AboveStore {
        /// The directory.
        path: PathBuf,
        /// The store.
        home: PathBuf,
    },
    /// Files of this program are there, or what it will delete.
    #[error("`{}` is for files of venvwrap", .0.display())]
    Own(PathBuf),
    /// The system, or all of its users, have files there.
    #[error("`{}` is a directory of the system", .0.display())]
    System(PathBuf),
    /// It is among the files that make up an environment, which would go with that.
    #[error("`{}` is among the files of the environment `{}`", path.display(), environment.display())]
    InEnvironment {
        /// The directory.
        path: PathBuf,
        /// The environment.
        environment: PathBuf,
    },
}

impl Store {
    /// Fails where no environment is to be made by its path: in the place of the store and above it, in the trash, and in
    /// directories of this program, to which `more` belong. One above the store that is an environment already may be
    /// renewed.
    pub fn check_unreserved(&self, directory: &Path, more: &[&Path]) -> Result<(), ReservedError> {
        let (real, home) = (resolved(directory), resolved(self.home()));
        let path = || directory.to_path_buf();
        if real == home {
            return Err(ReservedError::Store(path()));
        }
        if home.starts_with(&real) && !env::is_environment(directory) {
            return Err(ReservedError::AboveStore { path: path(), home: self.home().to_path_buf() });
        }
        let is_shared = || SHARED.iter().any(|shared| real == Path::new(shared)) && !env::is_environment(directory);
        if is_of_system(&real) || is_shared() {
            return Err(ReservedError::System(path()));
        }
        let options = self.options();
        let mut own =
            options.state_dir.iter().chain(&options.cache_dir).map(PathBuf::as_path).chain(more.iter().copied());
        if real.iter().any(is_own_hidden) || own.any(|own| resolved(own) == real) {
            return Err(ReservedError::Own(path()));
        }
        let around = || real.ancestors().skip(1).find(|above| is_part_of(&real, above)).map(Path::to_path_buf);
        match around().filter(|_| !env::is_environment(directory)) {
            Some(environment) => Err(ReservedError::InEnvironment { path: path(), environment }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_of_this_program_are_no_environments() {
        let place = tempfile::tempdir().unwrap();
        let path = |below: &str| place.path().join(below);
        std::fs::create_dir_all(path("user/envs/api")).unwrap();
        std::os::unix::fs::symlink(path("user/envs"), path("link")).unwrap();
        let judge = |store: &str, directory: &str| {
            Store::at(path(store)).check_unreserved(&path(directory), &[&path("hooks"), &path("link/hooks")])
        };
        for store in ["user/envs", "link", "new/envs"] {
            assert!(matches!(judge(store, store), Err(ReservedError::Store(_))), "{store}");
            assert!(matches!(judge(store, ""), Err(ReservedError::AboveStore { .. })), "{store}");
            for own in ["hooks", "user/envs/hooks", "user/envs/.venvwrap-trash/1/api", ".venvwrap-op-x"] {
                assert!(matches!(judge(store, own), Err(ReservedError::Own(_))), "{store} {own}");
            }
            for free in ["user/envs/api", "user/envs/new", "elsewhere", "hooks/deeper"] {
                assert!(judge(store, free).is_ok(), "{store} {free}");
            }
        }
        assert!(matches!(judge("user/envs", "link"), Err(ReservedError::Store(_))));
        assert!(matches!(judge("link", "user/envs"), Err(ReservedError::Store(_))));
        assert!(matches!(judge("link/", "user"), Err(ReservedError::AboveStore { .. })));
        assert!(matches!(judge("x", "/.."), Err(ReservedError::AboveStore { .. })));
        // `python -m venv ~`
        std::fs::write(path("user/pyvenv.cfg"), "").unwrap();
        assert!(judge("user/envs", "user").is_ok());
        std::fs::write(path("user/envs/pyvenv.cfg"), "").unwrap();
        assert!(matches!(judge("user/envs", "user/envs"), Err(ReservedError::Store(_))));
    }

    #[test]
    fn what_would_go_with_an_environment_is_none() {
        let place = tempfile::tempdir().unwrap();
        let path = |below: &str| place.path().join(below);
        std::fs::create_dir_all(path("envs/api/lib")).unwrap();
        std::fs::write(path("envs/api/pyvenv.cfg"), "").unwrap();
        std::os::unix::fs::symlink(path("envs/api/lib"), path("link")).unwrap();
        let judge = |directory: &str| Store::at(path("envs")).check_unreserved(&path(directory), &[]);
        for part in ["envs/api/lib", "envs/api/lib/x", "envs/api/bin/deep/x", "link/x"] {
            assert!(matches!(judge(part), Err(ReservedError::InEnvironment { .. })), "{part}");
        }
        for free in ["envs/api", "envs/api/.venv", "envs/api/src/x"] {
            assert!(judge(free).is_ok(), "{free}");
        }
    }
}
