//! What it means that a program runs inside an environment: the variables that it sees.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::pyvenv_cfg::PyvenvCfg;
use super::{BIN, Environment, prompt_name};
use crate::fs::identity::is_same_file;

/// A variable, and its value inside the environment; without one the variable is not set there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: Option<OsString>,
}

/// Returns the variables that make a program run inside an environment as if it were activated. `lookup` returns the
/// variables of the process that starts the program.
pub fn variables(environment: &Environment, lookup: &dyn Fn(&str) -> Option<OsString>) -> Vec<Variable> {
    vec![
        Variable { name: "VIRTUAL_ENV", value: Some(environment.path().into()) },
        Variable { name: "VIRTUAL_ENV_PROMPT", value: Some(prompt(environment)) },
        Variable { name: "PATH", value: Some(path(environment, lookup)) },
        // It would lead the interpreter to another standard library.
        Variable { name: "PYTHONHOME", value: None },
    ]
}

/// What the C library searches where PATH is not set. An empty PATH would be the current directory.
const DEFAULT_PATH: &str = "/usr/bin:/bin";

/// Returns PATH with the environment's programs before all others, and none of those of the environment that is active.
pub fn path(environment: &Environment, lookup: &dyn Fn(&str) -> Option<OsString>) -> OsString {
    let active = lookup("VIRTUAL_ENV").map(|active| PathBuf::from(active).join("bin"));
    let bin = environment.bin();
    let old = lookup("PATH").filter(|path| !path.is_empty()).unwrap_or_else(|| DEFAULT_PATH.into());
    let rest = std::env::split_paths(&old).filter(|entry| Some(entry) != active.as_ref() && *entry != bin);
    std::env::join_paths([bin.clone()].into_iter().chain(rest)).unwrap_or(old)
}

/// Returns whether the programs of an environment are those that a search along PATH finds: a variable alone, which a new
/// shell inherits although it has reset PATH, makes no environment active.
pub fn is_in_effect(environment: &Path, path: &OsStr) -> bool {
    let bin = environment.join(BIN);
    let has_python =
        |place: &PathBuf| ["python", "python3"].iter().any(|name| place.join(name).symlink_metadata().is_ok());
    let is_bin = |place: &PathBuf| *place == bin || is_same_file(place, &bin);
    let mut places = std::env::split_paths(path).filter(|place| place.is_absolute()).peekable();
    // An environment without a Python may be active as well.
    places.peek().is_some_and(is_bin) || places.find(has_python).is_some_and(|place| is_bin(&place))
}

/// Returns the text that a shell's prompt shows.
pub(super) fn prompt(environment: &Environment) -> OsString {
    let cfg = environment.cfg();
    let link = std::fs::read_link(environment.path()).ok().and_then(|_| environment.path().canonicalize().ok());
    let path = link.as_deref().unwrap_or(environment.path());
    let shown = prompt_name::shown(environment, path, cfg.as_ref().and_then(PyvenvCfg::prompt));
    shown.map_or_else(|| environment.name().as_os_str().to_os_string(), OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    fn environment(root: &std::path::Path) -> Environment {
        Environment::new(EnvName::for_existing("a b".as_ref()).unwrap(), root.join("a b"))
    }

    #[test]
    fn a_variable_alone_puts_nothing_into_effect() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        for name in ["env/bin", "other/bin", "tools", "bare/bin"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        std::os::unix::fs::symlink("/nowhere", root.join("env/bin/python")).unwrap();
        std::fs::write(root.join("other/bin/python3"), "").unwrap();
        std::os::unix::fs::symlink(root.join("env"), root.join("link")).unwrap();
        let is_in_effect = |environment: &str, places: &[&str]| {
            let path = std::env::join_paths(places.iter().map(|place| root.join(place))).unwrap();
            is_in_effect(&root.join(environment), &path)
        };
        for environment in ["env", "link"] {
            assert!(is_in_effect(environment, &["env/bin", "other/bin"]));
            assert!(is_in_effect(environment, &["tools", "nowhere", "env/bin", "other/bin"]));
            assert!(is_in_effect(environment, &["link/bin"]));
            assert!(!is_in_effect(environment, &["other/bin", "env/bin"]));
            assert!(!is_in_effect(environment, &["tools"]));
            assert!(!is_in_effect(environment, &[]));
        }
        assert!(is_in_effect("bare", &["bare/bin", "other/bin"]));
        assert!(!is_in_effect("bare", &["tools", "bare/bin"]));
    }

    #[test]
    fn its_programs_come_first_and_those_of_the_active_one_are_gone() {
        let environment = environment("/w".as_ref());
        let lookup = |name: &str| match name {
            "VIRTUAL_ENV" => Some("/w/old".into()),
            "PATH" => Some("/w/old/bin:/usr/bin:/w/a b/bin:".into()),
            _ => None,
        };
        assert_eq!(path(&environment, &lookup), "/w/a b/bin:/usr/bin:");
        // Neither may end in an empty entry, which would be the current directory.
        assert_eq!(path(&environment, &|_| None), "/w/a b/bin:/usr/bin:/bin");
        assert_eq!(path(&environment, &|_| Some("".into())), "/w/a b/bin:/usr/bin:/bin");
    }

    #[test]
    fn the_prompt_is_the_recorded_one_or_the_name() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let prompt = || {
            let variables = variables(&environment, &|_| None);
            variables.into_iter().find(|variable| variable.name == "VIRTUAL_ENV_PROMPT").unwrap().value.unwrap()
        };
        assert_eq!(prompt(), "a b");
        std::fs::create_dir(environment.path()).unwrap();
        std::fs::write(environment.path().join("pyvenv.cfg"), "prompt = shown\n").unwrap();
        assert_eq!(prompt(), "shown");
        let unset = Variable { name: "PYTHONHOME", value: None };
        assert!(variables(&environment, &|_| None).contains(&unset));
    }
}
