//! What the options of virtualenv mean that help does not show: each works, asks for what is the case anyway, or is refused
//! with the reason.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use venvwrap_core::config::CACHE_LAYOUT;
use venvwrap_core::fs::{self, PathResult};
use venvwrap_core::project::marker;
use venvwrap_core::shell::activate::Script;

use crate::args::{EnvironmentOptions, HiddenOptions};
use crate::error::{Explain, Result};
use crate::process::Process;
use crate::ui::printer;

/// The hidden options that do what they do in virtualenv.
pub(crate) const WORKING: [&str; 6] =
    ["app-data", "reset-app-data", "read-only-app-data", "try-first-with", "venv-redirect", "no-venv-redirect"];

/// The names of virtualenv's generators for which there is no script.
const WITHOUT_SCRIPT: [&str; 2] = ["xonsh", "batch"];

/// What virtualenv creates environments with on Linux and macOS. Each has the layout of `venv`, as this program's have.
const CREATORS: [&str; 7] = [
    "builtin",
    "venv",
    "cpython3-posix",
    "cpython3-mac-brew",
    "cpython3-mac-framework",
    "pypy3-posix",
    "graalpy-posix",
];

/// What to do without an activator.
const ACTIVATORS: &str = "leave it out; `bash`, `fish`, `cshell`, `powershell`, `nushell` and `python` can be written";

/// Where an environment is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the directory of environments.
    Store,
    /// In any directory.
    Anywhere,
}

/// An option that cannot be followed.
#[derive(Debug, thiserror::Error)]
#[error("`{option}` is not supported: {reason}")]
pub(crate) struct Refused {
    /// The option, with its value.
    pub(crate) option: String,
    reason: String,
    hint: &'static str,
}

impl Explain for Refused {
    fn hint(&self) -> Option<String> {
        Some(self.hint.into())
    }

    fn status(&self) -> u8 {
        2
    }
}

/// Fails for the first option that cannot be followed.
pub(crate) fn check(options: &EnvironmentOptions, hidden: &HiddenOptions, place: Place) -> Result<(), Refused> {
    let mut names = options.activators.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    let unknown = names.find(|name| Script::from_activator(name).is_err());
    let unknown = unknown.map(|name| Refused {
        option: format!("--activators {name}"),
        reason: "there is no such activator".into(),
        hint: ACTIVATORS,
    });
    refusals(options, hidden, place).into_iter().chain(unknown).next().map_or(Ok(()), Err)
}

/// Returns the options that cannot be followed.
pub(crate) fn refusals(options: &EnvironmentOptions, hidden: &HiddenOptions, place: Place) -> Vec<Refused> {
    let value = |option: &'static str, value: &Option<String>, reason: &str, hint: &'static str| {
        let value = value.as_deref().filter(|value| !is_known(option, OsStr::new(value)))?;
        let shown = if value.is_empty() { "''" } else { value };
        Some(Refused { option: format!("--{option} {shown}"), reason: reason.into(), hint })
    };
    let flag = |is_given: bool, option: &str, reason: &str, hint: &'static str| {
        is_given.then(|| Refused { option: option.into(), reason: reason.into(), hint })
    };
    let script = options.activators.iter().map(|name| name.trim()).find(|name| WITHOUT_SCRIPT.contains(name));
    let refused = [
        value(
            "creator",
            &hidden.creator,
            "venvwrap has one way to create an environment, `builtin`",
            "leave it out; the key `creator` in `config.toml` names another program",
        ),
        value(
            "seeder",
            &hidden.seeder,
            "pip is installed from a wheel",
            "leave it out; `--download` installs the newest pip",
        ),
        value("discovery", &hidden.discovery, "venvwrap looks for Pythons itself", "`-p` takes a version or a path"),
        flag(
            hidden.upgrade_embed_wheels,
            "--upgrade-embed-wheels",
            "venvwrap has no embedded wheels",
            "`--download` installs the newest pip",
        ),
        flag(
            hidden.upgrade && options.clear,
            "--upgrade --clear",
            "an environment is either renewed or replaced",
            "leave out one of them",
        ),
        flag(
            hidden.symlink_app_data,
            "--symlink-app-data",
            "an environment would need the cache",
            "leave it out; the key `link_mode` in `config.toml` says how files are shared",
        ),
        flag(
            hidden.venv_redirect && place == Place::Store,
            "--venv-redirect",
            "the environment is in the store, next to no project",
            "`venvwrap link NAME` writes `.venv` into a project directory",
        ),
        flag(
            place == Place::Store
                && !options.activators.is_empty()
                && options.activators.iter().all(|name| name.trim().is_empty()),
            "--activators ''",
            "an environment in the store is there to be activated",
            ACTIVATORS,
        ),
        script.map(|name| Refused {
            option: format!("--activators {name}"),
            reason: "there is no activation script for it".into(),
            hint: ACTIVATORS,
        }),
    ];
    refused.into_iter().flatten().collect()
}

/// Returns whether a value of `creator`, `seeder` or `discovery` names what venvwrap does anyway.
pub(crate) fn is_known(option: &str, value: &OsStr) -> bool {
    let Some(value) = value.to_str() else { return false };
    match option {
        "creator" => CREATORS.contains(&value),
        "seeder" => value == "app-data",
        _ => value == "builtin",
    }
}

/// Returns whether a list of generators names one without a script.
pub(crate) fn has_unknown_script(list: &OsStr) -> bool {
    list.to_string_lossy().split(',').any(|name| WITHOUT_SCRIPT.contains(&name.trim()))
}

/// Returns whether the options that are set or typed ask for another cache than the usual one.
pub(crate) fn has_cache(set: &HiddenOptions, typed: &HiddenOptions) -> bool {
    [typed, set].iter().any(|hidden| hidden.app_data.is_some() || hidden.read_only_app_data)
}

/// Returns the process with the cache that the options ask for, emptied if they want that; none for the usual one.
pub(crate) fn with_cache(process: &Process, set: &HiddenOptions, typed: &HiddenOptions) -> Result<Option<Process>> {
    let asked = typed.app_data.as_ref().or(set.app_data.as_ref());
    let asked = asked.filter(|directory| !directory.is_empty()).map(|directory| process.absolute(Path::new(directory)));
    let cache = asked.clone().or_else(|| process.config.cache_dir.clone());
    if typed.reset_app_data || set.reset_app_data {
        cache.as_deref().map(empty_cache).transpose()?;
    }
    // Without a cache nothing is written to one, and everything works.
    let is_read_only = typed.read_only_app_data || set.read_only_app_data;
    let cache = cache.filter(|_| !is_read_only);
    Ok(has_cache(set, typed).then(|| process.with_cache(cache)))
}

/// Removes what is in a cache; returns whether there was anything. A directory that was chosen for it may hold other
/// things, which stay.
pub(crate) fn empty_cache(cache: &Path) -> PathResult<bool> {
    let own = cache.join(CACHE_LAYOUT);
    if !["wheels", "interp"].iter().any(|name| own.join(name).is_dir()) {
        return Ok(false);
    }
    // Away first: a job in the background may be writing there.
    fs::temporary::discard(&own)?;
    Ok(true)
}

/// Writes a file `.venv` next to an environment that names it. What is there and is no such file stays.
pub(crate) fn redirect(process: &Process, environment: &Path) {
    let (Some(directory), Some(name)) = (environment.parent(), environment.file_name()) else { return };
    if name == ".venv" {
        return;
    }
    // With the dot it never is the name of an environment in the store.
    let word: PathBuf = Path::new(".").join(name);
    if let Err(error) = marker::link(directory, &word, &process.store) {
        printer::warning(&format!("`.venv` was not written: {error}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_case_anyway_is_accepted_and_everything_else_refused() {
        let options = EnvironmentOptions::default();
        let refused = |hidden: HiddenOptions| refusals(&options, &hidden, Place::Store).len();
        for name in ["builtin", "venv", "cpython3-posix", "pypy3-posix", "graalpy-posix", "cpython3-mac-brew"] {
            assert_eq!(refused(HiddenOptions { creator: Some(name.into()), ..HiddenOptions::default() }), 0, "{name}");
        }
        for name in ["", "x", "posix", "x-posix", "cpython3-win", "rustpython-posix", "$(touch PWN)"] {
            let hidden = || HiddenOptions { creator: Some(name.into()), ..HiddenOptions::default() };
            assert_eq!(refused(hidden()), 1, "{name}");
            assert_eq!(refused(HiddenOptions { seeder: Some(name.into()), ..hidden() }), 2, "{name}");
            assert_eq!(refused(HiddenOptions { discovery: Some(name.into()), ..hidden() }), 2, "{name}");
        }
    }
}
