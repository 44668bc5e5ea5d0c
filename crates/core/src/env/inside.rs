//! What it means that a program runs inside an environment: the variables that it sees.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Environment;

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

/// Returns PATH with the environment's programs before all others, and none of those of the environment that is active.
pub fn path(environment: &Environment, lookup: &dyn Fn(&str) -> Option<OsString>) -> OsString {
    let active = lookup("VIRTUAL_ENV").map(|active| PathBuf::from(active).join("bin"));
    let bin = environment.bin();
    let old = lookup("PATH").unwrap_or_default();
    let rest = std::env::split_paths(&old).filter(|entry| Some(entry) != active.as_ref() && *entry != bin);
    std::env::join_paths([bin.clone()].into_iter().chain(rest)).unwrap_or(old)
}

/// The text that a shell's prompt shows.
fn prompt(environment: &Environment) -> OsString {
    let prompt = environment.cfg().and_then(|cfg| cfg.prompt().map(OsString::from));
    prompt.unwrap_or_else(|| environment.name().as_os_str().to_os_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    fn environment(root: &std::path::Path) -> Environment {
        Environment::new(EnvName::for_existing("a b".as_ref()).unwrap(), root.join("a b"))
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
        assert_eq!(path(&environment, &|_| None), "/w/a b/bin:");
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
