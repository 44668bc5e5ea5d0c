//! What an environment leaves behind in a process that was started inside it: no shell there knows what its variables
//! were before.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::decide::Switcher;
use super::variables;
use crate::env::Environment;
use crate::fs::identity::is_same_file;

/// Returns the variables that have the value which the environment has given them: by its own file, if that counts, and by
/// the allowed `.env` files of the directories that lead to it. What was changed since is somebody else's.
pub fn left_behind(
    environment: &Environment,
    has_variables: bool,
    switcher: Option<&Switcher<'_>>,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> BTreeSet<String> {
    let own = variables::read(environment).ok().filter(|_| has_variables).map(|found| found.values);
    let brought = switcher.map(|switcher| brought(environment, switcher)).unwrap_or_default();
    let given = own.into_iter().flatten().chain(brought);
    given.filter(|(name, value)| lookup(name).is_some_and(|now| now == **value)).map(|(name, _)| name).collect()
}

fn brought(environment: &Environment, switcher: &Switcher<'_>) -> Vec<(String, String)> {
    let allowed = switcher.trust.list().unwrap_or_default().into_iter().map(|record| record.directory);
    let leads_here =
        |candidate: super::decide::Candidate| is_same_file(candidate.environment.path(), environment.path());
    let leading = allowed.filter(|directory| switcher.candidate(directory).ok().flatten().is_some_and(leads_here));
    // Another environment may come first there.
    let project = switcher.store.project_of(environment).ok().flatten();
    let settings = leading.chain(project).filter_map(|directory| switcher.settings(&directory).ok());
    settings.flat_map(|found| found.variables).map(|variable| (variable.name, variable.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    #[test]
    fn only_what_still_has_its_value_is_left_behind() {
        let place = tempfile::tempdir().unwrap();
        let environment = Environment::new(EnvName::for_existing("web".as_ref()).unwrap(), place.path().join("web"));
        std::fs::create_dir(environment.path()).unwrap();
        let values = [("A", "1"), ("B", ""), ("C", "3"), ("D", "4")].map(|(name, value)| (name.into(), value.into()));
        variables::change(&environment, &values, &[]).unwrap();
        let lookup = |name: &str| match name {
            "A" => Some("1".into()),
            "B" => Some("".into()),
            "C" => Some("changed".into()),
            _ => None,
        };
        let left = left_behind(&environment, true, None, &lookup);
        assert_eq!(left, BTreeSet::from(["A".to_string(), "B".to_string()]));
        assert_eq!(left_behind(&environment, false, None, &lookup), BTreeSet::new());
    }
}
