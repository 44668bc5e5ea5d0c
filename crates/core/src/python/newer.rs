//! The Python that an environment is upgraded to: a request that leaves the patch release open never means an older one.

use std::ffi::OsStr;
use std::path::Path;

use super::context::Search;
use super::find::query_cached;
use super::interpreter::Interpreter;
use super::request::{Kind, Request};
use super::search;
use super::version::PythonVersion;
use crate::env::BIN;

/// Returns the newest patch release that answers a request, of the version that the first answer has.
pub(super) fn newest_patch(request: &Request, first: Interpreter, search: &Search<'_>) -> Interpreter {
    let Kind::Wanted(wanted) = &request.kind else { return first };
    if request.is_for_one() {
        return first;
    }
    let is_alike = |found: &Interpreter| wanted.matches(found) && found.lib_dir_name() == first.lib_dir_name();
    let found = search::candidates(Some(wanted), search)
        .filter(|candidate| candidate.guess.minor.is_none_or(|minor| minor == first.version.minor))
        .filter_map(|candidate| query_cached(&candidate.path, search).ok())
        .filter(is_alike);
    found.fold(first.clone(), |best, found| if is_newer(&found.version, &best.version) { found } else { best })
}

/// Returns the Python of an environment if that answers a request as well as another one does: the request is not for a
/// single one, and the other is not newer. Without a request the other is what a new environment would get. A request that
/// does not name a kind, such as PyPy, asks for no other kind of the same version. None where the packages are gone.
pub fn answers_already(
    environment: &Path,
    request: Option<&str>,
    other: &Interpreter,
    search: &Search<'_>,
) -> Option<Interpreter> {
    let own = query_cached(&environment.join(BIN).join("python"), search).ok()?;
    let is_answer = |text: &str| {
        let request = Request::parse(OsStr::new(text), search.cwd, search.home).ok();
        request.is_some_and(|request| !request.is_for_one() && request.is_met_by(&own))
    };
    let site = environment.join("lib").join(own.lib_dir_name()).join("site-packages");
    let is_same_kind = own.implementation == other.implementation;
    let is_alike =
        site.is_dir() && (is_same_kind || request.is_some()) && own.is_free_threaded() == other.is_free_threaded();
    let minor = |found: &Interpreter| (found.version.major, found.version.minor);
    let is_newer = if is_same_kind { is_newer(&other.version, &own.version) } else { minor(other) > minor(&own) };
    (is_alike && request.is_none_or(is_answer) && !is_newer).then_some(own)
}

/// Returns whether one version comes after another.
pub fn is_newer(version: &PythonVersion, than: &PythonVersion) -> bool {
    let key = |version: &PythonVersion| {
        let level = ["alpha", "beta", "candidate", "final"].iter().position(|level| *level == version.level);
        (version.major, version.minor, version.micro, level, version.serial)
    };
    key(version) > key(than)
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::super::testing::Sandbox;
    use super::*;

    #[test]
    fn the_newest_patch_of_the_first_version_is_taken() {
        let mut sandbox = Sandbox::new();
        for (place, minor, micro) in
            [("usr", 11, 2), ("a", 11, 7), ("b", 11, 10), ("c", 12, 1), ("home/.pyenv/versions/3.11.9", 11, 9)]
        {
            sandbox.python(place, 3, minor, micro);
        }
        sandbox.set_path(&["usr/bin", "a/bin", "b/bin", "c/bin"]);
        let newest = |text: &str| {
            sandbox.search(|search| {
                let request = Request::parse(OsStr::new(text), search.cwd, search.home).unwrap();
                let first = find(Some(&request), search).unwrap();
                newest_patch(&request, first, search).version.to_string()
            })
        };
        for (text, expected) in [
            ("3.11", "3.11.10"),
            (">=3.11", "3.11.10"),
            ("3", "3.11.10"),
            ("python3.11", "3.11.10"),
            ("<3.11.10", "3.11.9"),
            ("3.11.2", "3.11.2"),
            ("==3.11.7", "3.11.7"),
            ("3.12", "3.12.1"),
        ] {
            assert_eq!(newest(text), expected, "{text}");
        }
        assert_eq!(newest(sandbox.path("usr/bin/python3.11").to_str().unwrap()), "3.11.2");
    }

    #[test]
    fn what_is_there_answers_unless_something_newer_or_exact_is_asked_for() {
        let sandbox = Sandbox::new();
        let old = sandbox.python("old", 3, 11, 2);
        let own = sandbox.python("own", 3, 11, 7);
        let new = sandbox.python("new", 3, 12, 1);
        sandbox.environment("env", &own);
        sandbox.file("env/lib/python3.11/site-packages/x", "");
        let environment = sandbox.path("env");
        let stays = |request: Option<&str>, other: &Path| {
            sandbox.search(|search| {
                let other = query_cached(other, search).unwrap();
                answers_already(&environment, request, &other, search).map(|own| own.version.to_string())
            })
        };
        let is_kept = Some("3.11.7".to_owned());
        for request in [None, Some("3.11"), Some(">=3.11"), Some("3"), Some("<4,!=3.11.2")] {
            assert_eq!(stays(request, &old), is_kept, "{request:?}");
            assert_eq!(stays(request, &own), is_kept, "{request:?}");
        }
        for request in ["3.11.2", "==3.11.2", "<3.11.5", "/old/bin/python3.11", "pypy3.11", "3.11t"] {
            assert_eq!(stays(Some(request), &old), None, "{request}");
        }
        assert_eq!(stays(Some(">=3.11"), &new), None);
        // Another kind of Python is for those who name it.
        let [same, later] = [&own, &new].map(|path| {
            let found = sandbox.search(|search| query_cached(path, search).unwrap());
            Interpreter { implementation: super::super::Implementation::PyPy, ..found }
        });
        let kept = |request: Option<&str>, other: &Interpreter| {
            sandbox.search(|search| answers_already(&environment, request, other, search).is_some())
        };
        assert!(kept(Some("3.11"), &same) && kept(Some("cpython@3.11"), &same));
        assert!(!kept(Some("pypy3.11"), &same) && !kept(None, &same) && !kept(Some("3"), &later));
        assert_eq!(stays(None, &new), None);
        crate::fs::remove_tree(&environment.join("lib")).unwrap();
        assert_eq!(stays(Some("3.11"), &own), None, "its packages are gone");
    }
}
