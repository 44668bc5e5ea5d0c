//! The Pythons that the same program installed next to one that is gone: another patch release, in a directory of the
//! same form. The base itself counts as well. They are likelier to be meant than any other of the version.

use std::path::{Path, PathBuf};

use super::context::Search;
use super::find::query_cached;
use super::interpreter::Interpreter;
use crate::env::BIN;
use crate::env::packages::version_of;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::fs;
use crate::fs::executable::is_executable;

/// More than any `pyvenv.cfg`.
const MAX_BYTES: u64 = 64 * 1024;

/// Returns the newest of them that works, for an environment whose packages are in this library directory.
pub(super) fn newest_kin(environment: &Path, library: &str, search: &Search<'_>) -> Option<Interpreter> {
    let found = executables(environment, library).into_iter().filter_map(|path| query_cached(&path, search).ok());
    found.into_iter().find(|found| found.lib_dir_name() == library)
}

/// Their executables, newest first; none is started.
pub(super) fn executables(environment: &Path, library: &str) -> Vec<PathBuf> {
    let cfg = fs::read_limited(&environment.join("pyvenv.cfg"), MAX_BYTES).map(|content| PyvenvCfg::parse(&content));
    let home = cfg.ok().and_then(|cfg| cfg.home().map(PathBuf::from)).filter(|home| home.is_absolute());
    let Some(home) = home else { return Vec::new() };
    // Its own base comes first: only the links of the environment may be gone.
    let own = home.join(library);
    let is_of_environment = home.with_file_name("pyvenv.cfg").exists();
    let mut found = Vec::from_iter((is_executable(&own) && !is_of_environment).then_some(own));
    found.extend(kin(&home, library).unwrap_or_default());
    found
}

fn kin(home: &Path, library: &str) -> Option<Vec<PathBuf>> {
    let prefix = home.parent()?;
    let (major, minor) = version_of(library)?;
    let family = Family::of(prefix.file_name()?.to_str()?, &format!("{major}.{minor}."))?;
    let entries = std::fs::read_dir(prefix.parent()?).ok()?.flatten();
    let mut kin: Vec<_> = entries
        .filter_map(|entry| Some((family.patch_of(entry.file_name().to_str()?)?, entry.path())))
        .map(|(patch, prefix)| (patch, prefix.join(BIN).join(library)))
        .filter(|(_, executable)| is_executable(executable))
        .collect();
    kin.sort();
    Some(kin.into_iter().rev().map(|(_, executable)| executable).collect())
}

/// The form of the names of directories: what stands before and after the number of the patch release.
struct Family<'a> {
    before: &'a str,
    after: &'a str,
}

impl<'a> Family<'a> {
    /// Takes the name of a directory apart, which holds a patch release of this version (`3.11.`).
    fn of(name: &'a str, version: &str) -> Option<Self> {
        let at = name.find(version)? + version.len();
        let (before, rest) = name.split_at(at);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        (digits > 0).then(|| Self { before, after: &rest[digits..] })
    }

    fn patch_of(&self, name: &str) -> Option<u32> {
        name.strip_prefix(self.before)?.strip_suffix(self.after)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Sandbox;
    use super::super::{choose_for_existing, known_for_existing};
    use super::*;

    #[test]
    fn another_patch_release_is_of_the_same_form() {
        let pyenv = Family::of("3.11.7", "3.11.").unwrap();
        assert_eq!((pyenv.patch_of("3.11.10"), pyenv.patch_of("3.11.7")), (Some(10), Some(7)));
        for other in ["3.12.1", "3.11.9-debug", "pypy3.11.9", "3.11", "3.11.", "3.11.x"] {
            assert_eq!(pyenv.patch_of(other), None, "{other}");
        }
        let uv = Family::of("cpython-3.13.0+freethreaded-linux-x86_64-gnu", "3.13.").unwrap();
        assert_eq!(uv.patch_of("cpython-3.13.2+freethreaded-linux-x86_64-gnu"), Some(2));
        assert_eq!(uv.patch_of("cpython-3.13.2-linux-x86_64-gnu"), None);
        assert!(Family::of("usr", "3.11.").is_none() && Family::of("cpython-3.11-linux", "3.11.").is_none());
    }

    #[test]
    fn the_newest_that_works_is_taken_before_any_other() {
        let mut sandbox = Sandbox::new();
        let old = sandbox.python("home/versions/3.11.7", 3, 11, 7);
        sandbox.environment("env", &old);
        sandbox.file("env/lib/python3.11/site-packages/x", "");
        crate::fs::remove_tree(&sandbox.path("home/versions/3.11.7")).unwrap();
        let library = "python3.11";
        let environment = sandbox.path("env");
        assert!(sandbox.search(|search| newest_kin(&environment, library, search)).is_none());
        for patch in [3, 10, 9] {
            sandbox.python(&format!("home/versions/3.11.{patch}"), 3, 11, patch);
        }
        sandbox.script("home/versions/3.11.99/bin/python3.11", "exit 1");
        sandbox.python("home/versions/3.12.1", 3, 12, 1);
        sandbox.python("usr", 3, 11, 2);
        sandbox.set_path(&["usr/bin"]);
        let chosen = sandbox.search(|search| choose_for_existing(&environment, search)).unwrap().interpreter;
        let known = sandbox.search(|search| known_for_existing(&environment, search)).unwrap();
        for found in [chosen, known] {
            assert!(found.executable.starts_with(sandbox.path("home/versions/3.11.10")), "{found:?}");
        }
    }

    #[test]
    fn its_own_base_comes_first() {
        let sandbox = Sandbox::new();
        let old = sandbox.python("home/versions/3.11.7", 3, 11, 7);
        sandbox.python("home/versions/3.11.9", 3, 11, 9);
        sandbox.environment("env", &old);
        sandbox.file("env/lib/python3.11/site-packages/x", "");
        std::fs::remove_file(sandbox.path("env/bin/python")).ok();
        let environment = sandbox.path("env");
        let executable = || sandbox.search(|search| known_for_existing(&environment, search)).unwrap().executable;
        assert!(executable().starts_with(sandbox.path("home/versions/3.11.7")), "{:?}", executable());
        sandbox.file("home/versions/3.11.7/pyvenv.cfg", "");
        assert!(executable().starts_with(sandbox.path("home/versions/3.11.9")), "{:?}", executable());
    }
}
