//! What is found, and what is run to find it.

use std::path::PathBuf;
use std::time::Duration;

use super::find::find_default;
use super::testing::Sandbox;
use super::{FindError, QueryError, Search, all, candidates, find, known_stdlibs, query_cached};
use crate::fs::private::User;

#[test]
fn by_default_the_first_python3_on_path_is_taken() {
    let mut sandbox = Sandbox::new();
    sandbox.python("one", 3, 11, 2);
    std::fs::remove_file(sandbox.path("one/bin/python3")).unwrap();
    sandbox.python("two", 3, 12, 1);
    sandbox.set_path(&["one/bin", "nowhere", "two/bin"]);
    assert_eq!(sandbox.found_by_default(), "two/bin/python3.12");
    assert_eq!(sandbox.runs("one"), 0);
}

#[test]
fn the_working_directory_is_not_searched() {
    let mut sandbox = Sandbox::new();
    sandbox.python("home/project", 3, 12, 1);
    sandbox.cwd = sandbox.path("home/project/bin");
    sandbox.set_path(&["nowhere"]);
    for request in ["3.12", "python3", "python3.12"] {
        assert_eq!(sandbox.found(request), format!("no Python found for `{request}`"));
    }
    assert_eq!(sandbox.found_by_default(), "no Python found");
    assert_eq!(sandbox.runs("home/project"), 0);
}

#[test]
fn an_active_environment_stands_for_its_base() {
    let mut sandbox = Sandbox::new();
    let base = sandbox.python("py", 3, 12, 1);
    let first = sandbox.environment("envs/first", &base);
    sandbox.environment("envs/second", &first);
    sandbox.set_path(&["envs/second/bin"]);
    for request in ["3.12", "python3", "../../envs/second", "../../envs/first/bin/python"] {
        assert_eq!(sandbox.found(request), "py/bin/python3.12", "{request}");
    }
    assert_eq!(sandbox.found_by_default(), "py/bin/python3.12");
}

#[test]
fn the_active_environment_is_asked_last() {
    let mut sandbox = Sandbox::new();
    let base = sandbox.python("hidden", 3, 13, 1);
    sandbox.python("py", 3, 12, 1);
    let python = sandbox.environment("envs/active", &base);
    sandbox.set("VIRTUAL_ENV", python.parent().unwrap().parent().unwrap().to_str().unwrap());
    sandbox.set_path(&["envs/active/bin", "py/bin"]);
    for request in ["python3", "3", ">=3.8", "3.12"] {
        assert_eq!(sandbox.found(request), "py/bin/python3.12", "{request}");
    }
    assert_eq!(sandbox.found_by_default(), "py/bin/python3.12");
    assert_eq!(sandbox.found("3.13"), "hidden/bin/python3.13", "known from nowhere else");
    sandbox.set_path(&["envs/active/bin"]);
    assert_eq!(sandbox.found_by_default(), "hidden/bin/python3.13", "better than none");
}

#[test]
fn a_version_that_is_here_twice_is_named_once() {
    let mut sandbox = Sandbox::new();
    for (prefix, minor) in [("a", 11), ("b", 12), ("c", 11), ("d", 11)] {
        sandbox.python(prefix, 3, minor, 2);
    }
    sandbox.set_path(&["a/bin", "b/bin", "c/bin", "d/bin"]);
    for request in ["3.99", "no-such-python", "pypy3.10", "3.11.9"] {
        let Err(FindError::NotFound { seen, .. }) = sandbox.find(request) else { panic!("{request}") };
        assert_eq!(seen, ["3.12", "3.11"], "{request}");
    }
}

#[test]
fn only_candidates_whose_name_fits_are_run() {
    let mut sandbox = Sandbox::new();
    for (prefix, minor) in [("a", 10), ("b", 11), ("c", 12), ("d", 12)] {
        sandbox.python(prefix, 3, minor, 0);
    }
    sandbox.set_path(&["a/bin", "b/bin", "c/bin", "d/bin"]);
    assert_eq!(sandbox.found("3.12"), "c/bin/python3.12");
    assert_eq!(sandbox.found(">=3.11,<3.12"), "b/bin/python3.11");
    assert_eq!(["a", "b", "c", "d"].map(|prefix| sandbox.runs(prefix)), [0, 1, 1, 0]);
}

#[test]
fn the_exact_release_is_found_behind_another_of_the_same_name() {
    let mut sandbox = Sandbox::new();
    sandbox.python("a", 3, 12, 1);
    sandbox.python("b", 3, 12, 7);
    sandbox.set_path(&["a/bin", "b/bin"]);
    assert_eq!(sandbox.found("3.12.7"), "b/bin/python3.12");
    assert_eq!(sandbox.found("312"), "a/bin/python3.12");
    assert_eq!(sandbox.found("3.12.9"), "no Python found for `3.12.9`");
    assert_eq!(sandbox.found("pypy3.12"), "no Python found for `pypy3.12`");
}

#[test]
fn a_failure_tells_the_versions_that_are_there() {
    let mut sandbox = Sandbox::new();
    sandbox.python("a", 3, 9, 1);
    sandbox.python("b", 3, 12, 7);
    sandbox.python("old", 2, 7, 18);
    sandbox.python("home/.pyenv/versions/3.11.4", 3, 11, 4);
    sandbox.set_path(&["old/bin", "a/bin", "b/bin"]);
    let Err(FindError::NotFound { request, seen, .. }) = sandbox.find(">3.12.8") else {
        panic!("there is no such Python")
    };
    assert_eq!(request.to_string(), ">3.12.8");
    assert_eq!(seen, ["3.12", "3.11", "3.9"]);
    assert_eq!(sandbox.runs("old"), 0);
}

#[test]
fn a_broken_interpreter_does_not_hide_another() {
    let mut sandbox = Sandbox::new();
    sandbox.script("broken/python3", "exit 1");
    sandbox.script("broken/python3.12", "echo garbage");
    sandbox.python("py", 3, 12, 1);
    sandbox.set_path(&["broken", "py/bin"]);
    assert_eq!(sandbox.found("3.12"), "py/bin/python3.12");
    assert_eq!(sandbox.found_by_default(), "py/bin/python3.12");
    assert!(sandbox.found("../../broken/python3").ends_with("failed with exit status: 1"));
    let (_, broken) = sandbox.search(|search| find_default(search).unwrap());
    assert!(matches!(broken, Some(QueryError::Failed { .. })), "{broken:?}");
}

#[test]
fn what_does_not_run_is_told_and_not_found() {
    let mut sandbox = Sandbox::new();
    sandbox.script("broken/python3.14", "echo no library >&2; exit 127");
    sandbox.script("broken/python", "exit 1");
    sandbox.link("python3.14", "broken/python3");
    sandbox.python("py", 3, 12, 1);
    sandbox.set_path(&["broken", "py/bin"]);
    for request in ["3.14", "python3.14", "3.14.2"] {
        let told = sandbox.found(request);
        assert!(told.starts_with(&format!("no Python found for `{request}`: `broken/python3")), "{told}");
        assert!(told.ends_with("exit status: 127: no library"), "{told}");
        assert_eq!(sandbox.seen(request), ["3.12"]);
    }
    assert_eq!(sandbox.seen("3.15"), ["3.12"]);
    let all: Vec<_> = sandbox.search(|search| all(search).collect());
    assert_eq!((all.iter().filter(|found| found.is_ok()).count(), all.len()), (1, 3), "{all:?}");
}

#[test]
fn an_old_python_named_outright_is_refused() {
    let mut sandbox = Sandbox::new();
    let old = sandbox.python("old", 3, 7, 16);
    assert_eq!(sandbox.found(old.to_str().unwrap()), "`old/bin/python3.7` is Python 3.7.16, which is older than 3.8");
    sandbox.set_path(&["old/bin"]);
    assert!(sandbox.found_by_default().contains("is Python 3.7.16"), "{}", sandbox.found_by_default());
}

#[test]
fn paths_directories_and_commands_are_found() {
    let mut sandbox = Sandbox::new();
    sandbox.python("in st", 3, 12, 1);
    sandbox.link("../in st/bin/python3.12", "bin/mine");
    sandbox.set_path(&["bin"]);
    for request in ["mine", "../../in st", "../../in st/bin", "../../in st/bin/python", "../../bin/mine"] {
        assert_eq!(sandbox.found(request), "in st/bin/python3.12", "{request}");
    }
    assert_eq!(sandbox.runs("in st"), 3, "once for each name of the executable");
    assert_eq!(sandbox.found("./"), "`home/project` contains no Python");
    assert_eq!(sandbox.found("./python3"), "`home/project/python3` does not exist");
    assert_eq!(sandbox.found("nobody"), "no Python found for `nobody`");
}

#[test]
fn an_answer_is_remembered_and_forgotten_with_the_executable() {
    let sandbox = Sandbox::new();
    let python = sandbox.python("py", 3, 12, 1);
    let ask = || sandbox.search(|search| query_cached(&python, search));
    let first = ask().unwrap();
    assert_eq!(ask().unwrap(), first);
    assert_eq!(sandbox.runs("py"), 1);
    std::fs::remove_file(&python).unwrap();
    assert!(matches!(ask(), Err(FindError::Query(super::QueryError::Missing { .. }))));
}

#[test]
fn a_script_that_starts_an_interpreter_is_seen_through_and_not_remembered() {
    let sandbox = Sandbox::new();
    let python = sandbox.python("py", 3, 12, 1);
    sandbox.script("bin/python3", &format!("exec '{}' \"$@\"", python.display()));
    for runs in 1..=2 {
        assert_eq!(sandbox.found("../../bin/python3"), "py/bin/python3.12");
        assert_eq!(sandbox.runs("py"), runs);
    }
}

#[test]
fn directories_of_versions_are_searched_newest_first() {
    let mut sandbox = Sandbox::new();
    for (name, minor, micro) in [("3.9.20", 9, 20), ("3.12.9", 12, 9), ("3.12.10", 12, 10)] {
        sandbox.python(&format!("home/.pyenv/versions/{name}"), 3, minor, micro);
    }
    sandbox.environment("home/.pyenv/versions/work", &sandbox.path("home/.pyenv/versions/3.9.20/bin/python3.9"));
    assert_eq!(sandbox.found("3"), "home/.pyenv/versions/3.12.10/bin/python3.12");
    assert_eq!(sandbox.found("<3.12"), "home/.pyenv/versions/3.9.20/bin/python3.9");
    sandbox.set("PYENV_ROOT", &sandbox.shown("elsewhere"));
    assert_eq!(sandbox.found("3"), "no Python found for `3`");
}

#[test]
fn an_alias_that_survives_upgrades_is_preferred() {
    let mut sandbox = Sandbox::new();
    let full = "cpython-3.12.7-linux-x86_64-gnu";
    sandbox.set("XDG_DATA_HOME", &sandbox.shown("data"));
    sandbox.python(&format!("data/uv/python/{full}"), 3, 12, 7);
    sandbox.link(full, "data/uv/python/cpython-3.12-linux-x86_64-gnu");
    let alias = "data/uv/python/cpython-3.12-linux-x86_64-gnu/bin/python3.12";
    assert_eq!(sandbox.found("3.12"), alias);
    assert_eq!(sandbox.found("3.12.7"), alias);
    sandbox.python("data/mise/installs/python/3.13.1", 3, 13, 1);
    sandbox.link("3.13.1", "data/mise/installs/python/3");
    sandbox.link("3.13.1", "data/mise/installs/python/latest");
    assert_eq!(sandbox.found("3.13"), "data/mise/installs/python/3.13.1/bin/python3.13");
}

#[test]
fn the_system_comes_last() {
    let mut sandbox = Sandbox::new();
    sandbox.python("root/usr", 3, 12, 3);
    sandbox.python("root/opt/py", 3, 13, 1);
    assert_eq!(sandbox.found("3"), "root/usr/bin/python3.12");
    assert_eq!(sandbox.found("3.13"), "root/opt/py/bin/python3.13");
    sandbox.python("home/.local/share/hatch/pythons/3.12/python", 3, 12, 8);
    assert_eq!(sandbox.found("3.12"), "home/.local/share/hatch/pythons/3.12/python/bin/python3.12");
    sandbox.set_path(&["root/usr/bin"]);
    assert_eq!(sandbox.found("3.12"), "root/usr/bin/python3.12");
}

#[test]
fn all_gives_each_base_once_and_candidates_runs_none() {
    let mut sandbox = Sandbox::new();
    let base = sandbox.python("py", 3, 12, 1);
    sandbox.python("root/usr", 3, 11, 2);
    sandbox.python("old", 3, 6, 1);
    sandbox.environment("env", &base);
    sandbox.set_path(&["env/bin", "py/bin", "old/bin"]);
    let shown = |paths: Vec<PathBuf>| -> Vec<String> {
        paths.iter().map(|path| path.strip_prefix(sandbox.path("")).unwrap().display().to_string()).collect()
    };
    let names = sandbox.search(|search| candidates(search).map(|found| found.path).collect());
    assert_eq!(shown(names), ["env/bin/python3", "root/usr/bin/python3"]);
    assert_eq!(sandbox.runs("py"), 0);
    let found = sandbox.search(|search| all(search).map(|found| found.unwrap().executable).collect());
    assert_eq!(shown(found), ["py/bin/python3.12", "root/usr/bin/python3.11"]);
    assert_eq!(sandbox.runs("old"), 0);
}

#[test]
fn libraries_are_known_without_running_anything() {
    let sandbox = Sandbox::new();
    for (name, minor) in [("3.9.1", 9), ("3.12.1", 12), ("3.7.1", 7)] {
        sandbox.python(&format!("home/.pyenv/versions/{name}"), 3, minor, 1);
    }
    sandbox.file("root/usr/lib/python3.11/os.py", "");
    sandbox.file("root/usr/lib/python3/dist-packages/x.py", "");
    let found = sandbox.search(known_stdlibs);
    let expected = [
        "home/.pyenv/versions/3.12.1/lib/python3.12",
        "home/.pyenv/versions/3.9.1/lib/python3.9",
        "root/usr/lib/python3.11",
    ];
    assert_eq!(found, expected.map(|path| sandbox.path(path)));
    assert_eq!(sandbox.runs("home/.pyenv/versions/3.12.1"), 0);
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "this test is about the machine it runs on")]
fn a_real_python_is_understood() {
    let dir = tempfile::tempdir().unwrap();
    let search = Search {
        lookup: &|name| std::env::var_os(name),
        cwd: dir.path(),
        home: None,
        cache_dir: Some(dir.path()),
        user: User::of_this_process(),
        query_timeout: Duration::from_secs(60),
        root: dir.path(),
    };
    let found = match find(None, &search) {
        Ok(found) => found,
        Err(error) => {
            eprintln!("skipped: no usable python3 on PATH: {error}");
            return;
        }
    };
    assert!(found.executable.is_file() && found.stdlib.is_dir() && found.base_prefix.is_dir());
    assert_eq!(found.version.major, 3);
    assert_ne!(found.magic, 0);
    // Answered from the cache, and the same again.
    assert_eq!(query_cached(&found.executable, &search).unwrap(), found);
    assert!(dir.path().join("v1/interp").read_dir().unwrap().next().is_some());
}
