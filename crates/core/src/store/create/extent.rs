//! How far an environment reaches in its directory: what is not its own is neither deleted nor replaced with it.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::carry::owned;
use super::generated;
use crate::env::distributions::installed;
use crate::env::health::is_evident;
use crate::env::metadata::{FILE_NAME, Metadata, VARIABLES_FILE};
use crate::env::name::EnvName;
use crate::env::packages::library_directories;
use crate::env::{BIN, Environment};
use crate::fs::is_own_hidden;
use crate::relocate::programs::Programs;

/// What other tools, or packages that nobody has recorded, have at the top besides what is in every environment.
const AT_TOP: [&str; 12] = [
    VARIABLES_FILE,
    ".DS_Store",
    ".Python",
    ".gitignore",
    ".hgignore",
    ".project",
    "lib-dynload",
    "lib32",
    "libx32",
    "local",
    "man",
    "share",
];

/// What Jupyter writes in `etc` when an extension is enabled.
const OF_JUPYTER: &str = "jupyter";

/// The directories by which a checkout is known.
const OF_CHECKOUT: [&str; 4] = [".git", ".hg", ".svn", ".bzr"];

/// Returns whether an environment outside of the store may be replaced as a whole: nothing else would go with it.
pub fn is_replaceable(path: &Path) -> bool {
    let is_all = |environment: &Environment| is_evident(environment) && others(environment).is_empty();
    !Metadata::is_filled(path) && environment_at(path).is_some_and(|environment| is_all(&environment))
}

/// Returns the names in the directory of an environment that no environment has, in order.
pub(super) fn others(environment: &Environment) -> Vec<OsString> {
    let env = environment.path();
    let is_known =
        |name: &OsStr| generated::is_at_top(name) || is_own_hidden(name) || AT_TOP.iter().any(|known| name == *known);
    let mut found: Vec<_> = names(env).into_iter().filter(|name| !is_known(name)).collect();
    if !found.is_empty() {
        let files = owned(env).unwrap_or_default();
        let is_source = |name: &OsStr| name == "src" && holds_checkouts(environment);
        let is_known = |path: &Path| path == Path::new("etc").join(OF_JUPYTER) || is_installed(env, path, &files);
        let is_of_settings = |name: &OsStr| name == "etc" && all_in(env, Path::new(name), &is_known);
        found.retain(|name| !is_source(name) && !is_of_settings(name) && !is_installed(env, Path::new(name), &files));
    }
    found.sort();
    found
}

/// Returns what an environment has made in its directory, relative to that: without it, another one can be made there.
pub fn own(env: &Path) -> Vec<PathBuf> {
    let programs = environment_at(env).map(|environment| Programs::of(&environment)).unwrap_or_default();
    let is_program = |name: &OsStr| generated::is_program(name) || programs.has(name);
    let libraries = library_directories(env);
    let is_library = |name: &OsStr| libraries.iter().any(|library| name == library.as_str());
    let files = ["lib64", FILE_NAME, "pyvenv.cfg"].map(PathBuf::from);
    let files = files.into_iter().filter(|file| env.join(file).symlink_metadata().is_ok_and(|found| !found.is_dir()));
    [among(env, BIN, &is_program), among(env, "lib", &is_library), files.collect()].concat()
}

/// Only its path matters.
fn environment_at(path: &Path) -> Option<Environment> {
    Some(Environment::new(EnvName::for_existing("env".as_ref()).ok()?, path.to_path_buf()))
}

/// A directory where nothing else is in it, and otherwise what is meant of it.
fn among(env: &Path, directory: &str, is_meant: &dyn Fn(&OsStr) -> bool) -> Vec<PathBuf> {
    let (meant, others): (Vec<_>, Vec<_>) =
        names(&env.join(directory)).into_iter().partition(|name| is_meant(name) || name == "__pycache__");
    let mut meant: Vec<_> = meant.into_iter().map(|name| Path::new(directory).join(name)).collect();
    meant.sort();
    if others.is_empty() && !meant.is_empty() { vec![directory.into()] } else { meant }
}

/// Returns whether packages have brought all that has a path.
fn is_installed(env: &Path, path: &Path, files: &HashSet<PathBuf>) -> bool {
    let is_directory = || env.join(path).symlink_metadata().is_ok_and(|found| found.is_dir());
    if !files.contains(path) {
        return path.ends_with("__pycache__");
    }
    !is_directory() || all_in(env, path, &|path| is_installed(env, path, files))
}

/// Returns whether this holds of all that is in a directory.
fn all_in(env: &Path, path: &Path, holds: &dyn Fn(&Path) -> bool) -> bool {
    names(&env.join(path)).iter().all(|name| holds(&path.join(name)))
}

/// Returns whether `src` is what `pip install -e git+…` makes: checkouts from which packages are imported.
fn holds_checkouts(environment: &Environment) -> bool {
    let source = environment.path().join("src");
    let projects: Vec<_> =
        installed(environment, None).distributions.into_iter().filter_map(|found| found.editable).collect();
    names(&source).into_iter().all(|name| {
        let checkout = source.join(name);
        OF_CHECKOUT.iter().any(|mark| checkout.join(mark).exists())
            && projects.iter().any(|project| project.starts_with(&checkout))
    })
}

fn names(directory: &Path) -> Vec<OsString> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let env = place.path().join("e");
        let site = env.join("lib/python3.12/site-packages");
        for directory in [&site.join("a-1.dist-info"), &env.join("bin"), &env.join("share/doc")] {
            std::fs::create_dir_all(directory).unwrap();
        }
        std::fs::write(site.join("a-1.dist-info/RECORD"), "../../../data/a.txt,,\n../../../bin/a,,\n").unwrap();
        for file in ["pyvenv.cfg", "bin/activate", "bin/python3.12", "bin/a", ".gitignore"] {
            std::fs::write(env.join(file), "home = /usr/bin\n").unwrap();
        }
        (place, env)
    }

    #[test]
    fn only_what_an_environment_has_may_be_replaced() {
        let (_place, env) = env();
        assert!(is_replaceable(&env));
        std::fs::create_dir_all(env.join("data")).unwrap();
        std::fs::write(env.join("data/a.txt"), "").unwrap();
        assert!(is_replaceable(&env), "a package has brought it");
        std::fs::create_dir_all(env.join("etc/jupyter")).unwrap();
        assert!(is_replaceable(&env));
        let others =
            [("data/mine", "data"), (".git/config", ".git"), ("x.py", "x.py"), ("src/x.py", "src"), ("var/db", "var")];
        for (file, top) in others.into_iter().chain([("etc/app.conf", "etc")]) {
            std::fs::create_dir_all(env.join(file).parent().unwrap()).unwrap();
            std::fs::write(env.join(file), "").unwrap();
            assert_eq!(super::others(&environment_at(&env).unwrap()), [top]);
            assert!(!is_replaceable(&env));
            std::fs::remove_file(env.join(file)).unwrap();
            if !["data", "etc", file].contains(&top) {
                std::fs::remove_dir(env.join(top)).unwrap();
            }
        }
        for text in ["", "hi"] {
            std::fs::write(env.join("pyvenv.cfg"), text).unwrap();
            assert!(is_replaceable(&env), "it has lost it");
        }
        crate::fs::remove_tree(&env.join("data")).unwrap();
        std::fs::rename(env.join("lib/python3.12"), env.join("share/lib")).unwrap();
        assert!(!is_replaceable(&env));
        std::fs::write(env.join("pyvenv.cfg"), "home = /usr/bin").unwrap();
        assert!(is_replaceable(&env));
        std::fs::create_dir(env.join("conda-meta")).unwrap();
        assert!(!is_replaceable(&env));
    }

    #[test]
    fn what_is_removed_is_the_environments() {
        let (_place, env) = env();
        assert_eq!(own(&env), ["bin", "lib", "pyvenv.cfg"].map(PathBuf::from));
        for file in ["bin/deploy.sh", "lib/mine.py", FILE_NAME] {
            std::fs::write(env.join(file), "").unwrap();
        }
        let files = ["bin/a", "bin/activate", "bin/python3.12", "lib/python3.12", FILE_NAME, "pyvenv.cfg"];
        assert_eq!(own(&env), files.map(PathBuf::from));
    }
}
