//! Making an environment with another program: `virtualenv`, `uv venv`, or whatever the user has configured.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::env::Environment;
use crate::env::metadata::{Metadata, Owner};
use crate::env::name::EnvName;
use crate::env::project_file::{self, ProjectError};
use crate::fs::{self, PathError};
use crate::store::error::{OperationError, from_causes};
use crate::store::home::{HomeError, Store};
use crate::store::lock::{Lock, LockError};

/// How to call the program, and what to note in its environment.
#[derive(Clone, Debug)]
pub struct ForeignRequest<'a> {
    /// The program and its first arguments.
    pub program: &'a [String],
    /// The user's arguments, the name not among them.
    pub arguments: &'a [OsString],
    /// The project directory to associate; absolute.
    pub project: Option<&'a Path>,
    /// The shell for which a temporary environment is made.
    pub owner: Option<Owner>,
}

/// Why the program made no environment.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// It cannot be started.
    #[error("could not run `{program}`")]
    Start {
        /// Its name.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It failed.
    #[error("`{program}` failed ({status})")]
    Failed {
        /// Its name.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// It succeeded, but there is no environment.
    #[error("`{program}` succeeded but did not create `{name}`")]
    Nothing {
        /// Its name.
        program: String,
        /// The name.
        name: EnvName,
    },
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(ForeignError: LockError, HomeError, ProjectError, PathError);

impl Store {
    /// Creates an environment by running another program in the store's directory, as virtualenvwrapper does: its own
    /// arguments, the user's, the name last. `run` starts the command, so that the caller decides where its output goes.
    ///
    /// What the program leaves behind when it fails or is killed is removed, unless the environment was there before.
    pub fn create_foreign(
        &self,
        name: &EnvName,
        request: &ForeignRequest<'_>,
        run: &mut dyn FnMut(&mut Command) -> io::Result<ExitStatus>,
    ) -> Result<Environment, ForeignError> {
        self.create_home()?;
        let lock = self.lock_own(name)?;
        let environment = Environment::new(name.clone(), lock.target());
        let old = self.project_of(&environment).ok().flatten();
        let is_new = std::fs::symlink_metadata(environment.path()).is_err();
        if is_new {
            lock.mark_foreign()?;
        }
        let made = if is_new {
            watched(&lock, || self.run_foreign(&environment, request, run))
        } else {
            self.run_foreign(&environment, request, run)
        };
        if is_new {
            if made.is_err() {
                fs::remove_tree(environment.path())?;
            }
            lock.unmark_foreign()?;
        }
        made?;
        self.mirror_creation(&environment, old.as_deref(), request.project);
        Ok(environment)
    }

    fn run_foreign(
        &self,
        environment: &Environment,
        request: &ForeignRequest<'_>,
        run: &mut dyn FnMut(&mut Command) -> io::Result<ExitStatus>,
    ) -> Result<(), ForeignError> {
        let (first, rest) = request.program.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let program = || first.to_string();
        let mut command = Command::new(first);
        command.args(rest).args(request.arguments).arg(environment.name().as_os_str()).current_dir(self.home());
        let status = run(&mut command).map_err(|source| ForeignError::Start { program: program(), source })?;
        if !status.success() {
            return Err(ForeignError::Failed { program: program(), status });
        }
        if !environment.looks_like_one() {
            return Err(ForeignError::Nothing { program: program(), name: environment.name().clone() });
        }
        if let Some(directory) = request.project {
            project_file::write(environment.path(), self.project_filename(), directory)?;
        }
        let metadata = Metadata { created: Some(self.now()), temporary: request.owner.clone(), ..Metadata::default() };
        Ok(metadata.write(environment.path())?)
    }
}

/// Runs the program, and notes the directory that it makes as soon as it is there. Without a further thread the directory
/// is not noted, and what a crash leaves of it stays.
fn watched<T>(lock: &Lock, run: impl FnOnce() -> T) -> T {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = || {
            while !is_done.load(Ordering::Relaxed) && !lock.note_made().unwrap_or(true) {
                std::thread::park_timeout(Duration::from_millis(2));
            }
        };
        let watcher = std::thread::Builder::new().spawn_scoped(scope, watch);
        let result = run();
        is_done.store(true, Ordering::Relaxed);
        if let Ok(watcher) = watcher {
            watcher.thread().unpark();
        }
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    fn make(script: &str) -> (tempfile::TempDir, Result<Environment, ForeignError>) {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::at(directory.path().join("envs"));
        let program = ["sh".to_string(), "-c".to_string(), script.to_string(), "sh".to_string()];
        let request = ForeignRequest { program: &program, arguments: &["--opt".into()], project: None, owner: None };
        let name = EnvName::for_new(OsStr::new("a b")).unwrap();
        let made = store.create_foreign(&name, &request, &mut Command::status);
        (directory, made)
    }

    #[test]
    fn the_program_gets_the_arguments_and_the_name_last() {
        let (_directory, made) = make(r#"mkdir -p "$2/bin" && echo "$1" > "$2/bin/activate""#);
        let environment = made.unwrap();
        assert_eq!(std::fs::read_to_string(environment.activate_script()).unwrap(), "--opt\n");
    }

    #[test]
    fn a_failure_leaves_nothing() {
        for script in [r#"mkdir -p "$2/bin"; : > "$2/bin/activate"; exit 3"#, r#"mkdir "$2""#] {
            let (directory, made) = make(script);
            assert!(made.is_err());
            assert_eq!(std::fs::read_dir(directory.path().join("envs")).unwrap().count(), 0, "{script}");
        }
    }
}
