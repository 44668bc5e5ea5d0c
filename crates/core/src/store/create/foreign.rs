//! Making an environment with another program: `virtualenv`, `uv venv`, or whatever the user has configured.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

use crate::env::Environment;
use crate::env::metadata::{self, Metadata, Owner};
use crate::env::name::EnvName;
use crate::env::project_file::{self, ProjectError};
use crate::fs::{self, PathError};
use crate::store::lock::LockError;
use crate::store::{HomeError, Store};

/// How to call the program, and what to note in its environment.
#[derive(Clone, Debug)]
pub struct Foreign<'a> {
    /// The program and its first arguments.
    pub program: &'a [String],
    /// The user's arguments, the name not among them.
    pub arguments: &'a [OsString],
    /// The project directory to associate; absolute.
    pub project: Option<&'a Path>,
    /// The name of the file for the association.
    pub project_filename: &'a OsString,
    /// The shell for which a temporary environment is made.
    pub owner: Option<Owner>,
    /// The user's home directory, which cannot be the store.
    pub user_home: Option<&'a Path>,
    /// When this is, in seconds since 1970.
    pub now: u64,
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
    /// The project directory cannot be associated.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// Another process is making it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Store {
    /// Makes an environment by running another program in the store's directory, as virtualenvwrapper does: its own
    /// arguments, the user's, the name last. `run` starts the command, so that the caller decides where its output goes.
    ///
    /// What the program leaves behind when it fails or is killed is removed, unless the environment was there before.
    pub fn create_foreign(
        &self,
        name: &EnvName,
        foreign: &Foreign<'_>,
        run: &mut dyn FnMut(&mut Command) -> io::Result<ExitStatus>,
    ) -> Result<Environment, ForeignError> {
        self.create_home(foreign.user_home)?;
        let lock = self.lock(name)?;
        let environment = Environment::new(name.clone(), lock.target());
        let is_new = std::fs::symlink_metadata(environment.path()).is_err();
        if is_new {
            lock.mark_foreign()?;
        }
        let made = self.run_foreign(&environment, foreign, run);
        if is_new {
            if made.is_err() {
                fs::remove_tree(environment.path())?;
            }
            lock.unmark_foreign()?;
        }
        made.map(|()| environment)
    }

    fn run_foreign(
        &self,
        environment: &Environment,
        foreign: &Foreign<'_>,
        run: &mut dyn FnMut(&mut Command) -> io::Result<ExitStatus>,
    ) -> Result<(), ForeignError> {
        let (first, rest) = foreign.program.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let program = || first.to_string();
        let mut command = Command::new(first);
        command.args(rest).args(foreign.arguments).arg(environment.name().as_os_str()).current_dir(self.home());
        let status = run(&mut command).map_err(|source| ForeignError::Start { program: program(), source })?;
        if !status.success() {
            return Err(ForeignError::Failed { program: program(), status });
        }
        if !environment.looks_like_one() {
            return Err(ForeignError::Nothing { program: program(), name: environment.name().clone() });
        }
        if let Some(directory) = foreign.project {
            project_file::write(&environment.project_file(foreign.project_filename), directory)?;
        }
        let metadata = Metadata { created: Some(foreign.now), temporary: foreign.owner, ..Metadata::default() };
        Ok(fs::replace_file(&metadata::path(environment.path()), metadata.to_toml().as_bytes(), 0o666)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    fn make(script: &str) -> (tempfile::TempDir, Result<Environment, ForeignError>) {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().join("envs"));
        let program = ["sh".to_string(), "-c".to_string(), script.to_string(), "sh".to_string()];
        let foreign = Foreign {
            program: &program,
            arguments: &["--opt".into()],
            project: None,
            project_filename: &".project".into(),
            owner: None,
            user_home: None,
            now: 0,
        };
        let name = EnvName::for_new(OsStr::new("a b")).unwrap();
        let made = store.create_foreign(&name, &foreign, &mut Command::status);
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
