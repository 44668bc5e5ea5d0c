//! Describing all environments, in one reading of the store's directory.

use std::ffi::OsStr;

use super::home::{HomeError, Store};
use super::noted::Noted;
use crate::env::Environment;
use crate::env::describe::{Description, Examiner};
use crate::fs::parallel::in_parallel;

/// From so many environments on it pays to note what was read.
const MANY: usize = 200;

/// All environments as they are described, and what else is in the store.
#[derive(Debug, Default)]
pub struct Survey {
    /// The descriptions, in the order of the names.
    pub descriptions: Vec<Description>,
    /// Whether there are working directories of operations, finished, crashed or under way.
    pub has_leftovers: bool,
}

impl Store {
    /// What describes an environment of this store.
    pub fn examiner(&self) -> Examiner<'_> {
        Examiner::new(&self.options().project_filename)
    }

    /// All environments with what can be known of them without running any Python, in the order of their names.
    pub fn describe(&self) -> Result<Vec<Description>, HomeError> {
        Ok(self.survey()?.descriptions)
    }

    /// Describes all environments, and tells whether a crash or a removal left something to delete, or the time of
    /// something in the trash is over: in one reading of the directory, in which each environment is looked at once.
    pub fn survey(&self) -> Result<Survey, HomeError> {
        self.survey_where(&|_| true)
    }

    /// The same of those environments whose names are wanted.
    pub fn survey_where(&self, is_wanted: &dyn Fn(&OsStr) -> bool) -> Result<Survey, HomeError> {
        let scan = self.scan_finished(&|_, name| is_wanted(name))?;
        let environments: Vec<_> = scan.names.into_iter().map(|name| self.environment(name)).collect();
        let noted = if environments.len() < MANY { None } else { Noted::of(self) };
        let descriptions = match noted {
            Some(noted) => self.describe_many(&environments, &noted),
            None => in_parallel(
                &environments,
                || self.examiner(),
                |examiner, part| part.iter().filter_map(|one| examiner.describe_if_one(one)).collect(),
            ),
        };
        Ok(Survey { descriptions, has_leftovers: scan.has_leftovers || self.has_expired() })
    }

    /// Describes environments with the help of what was noted the last time, and notes what has changed.
    fn describe_many(&self, environments: &[Environment], noted: &Noted) -> Vec<Description> {
        let (lines, now) = (noted.lines(), (self.options().clock)());
        let found = in_parallel(
            environments,
            || self.examiner(),
            |examiner, part| {
                let one = |environment: &Environment| {
                    let name = environment.name().as_os_str().to_str();
                    examiner.describe_noted(environment, name.and_then(|name| lines.get(name)).copied(), now)
                };
                part.iter().filter_map(one).collect()
            },
        );
        noted.renew(&lines, &found);
        found.into_iter().map(|(description, _)| description).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{names, store_with};

    #[test]
    fn what_is_described_is_what_is_listed() {
        let (directory, store) = store_with(&["b", "a c", ".hidden"]);
        std::fs::create_dir(directory.path().join("empty")).unwrap();
        std::fs::create_dir(directory.path().join("conda")).unwrap();
        std::fs::write(directory.path().join("conda/pyvenv.cfg"), "").unwrap();
        std::os::unix::fs::symlink(directory.path().join("b"), directory.path().join("linked")).unwrap();
        let described = |store: &Store| -> Vec<String> {
            let survey = store.survey().unwrap();
            survey.descriptions.iter().map(|found| found.environment.name().to_string()).collect()
        };
        assert_eq!(described(&store), names(&store));
        assert!(!store.survey().unwrap().has_leftovers);
        std::fs::create_dir(directory.path().join(".venvwrap-op-x")).unwrap();
        assert!(store.survey().unwrap().has_leftovers);
        let all: Vec<_> = (0..200).map(|number| format!("environment-{number:03}")).collect();
        let (_directory, store) = store_with(&all.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(described(&store), all, "by several threads");
    }
}
