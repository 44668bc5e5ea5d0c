use super::*;
use crate::env::name::EnvName;
use std::os::unix::fs::symlink;

/// What uv 0.13 keeps an environment of CPython 3.12.1 for.
const FIT: &[&str] = &[
    "3.12",
    "3",
    "312",
    ">=3.11,<3.13",
    "python3.12",
    "python312",
    "python@3.12",
    "cpython",
    "cpython3.12",
    "cpython@3.12",
    "cpython-3.12",
    "cp312",
    "cp@3.12",
    "cp",
    "cpython-any",
    "any",
    "default",
    "3.12+gil",
    "CPython3.12",
    "~=3.12",
    "==3.12",
    "python>=3.11",
    "any-3.12",
    "3.12.1",
    "===3.12.1",
    ">3.12",
    "v3.12",
    "cpython-3.12.1",
    "../envs/b",
    "../envs/b/bin/python",
];

/// What it replaces that environment for.
const DO_NOT_FIT: &[&str] = &[
    "pypy",
    "pypy3.9",
    "pp3.9",
    "pypy@3.12",
    "pypy-3.12",
    "graalpy",
    "pyodide",
    "3.12t",
    "3.12d",
    "3.12rc1",
    "3.12.0a1",
    "3.12+freethreaded",
    "3.12+debug",
    "!=3.12.1",
    "3.12.99",
    "python3.11",
    "cpython-3.11",
    "cpython@3.11",
    "cpython3.11",
    "cp-3.11",
    "PyPy",
    "2.7",
    "311",
    "python2",
    "03.11",
    "==3.11",
    "===3.11.7",
    "<=3.12",
    "~=3.11.0",
    "python>=3.13",
    "cpython>=3.13,<3.14",
    "any-3.11",
    "cpython-3.12-plan9",
    "pypy-any",
    "cpython-3.12-windows",
    "cpython-3.11-dev",
    "/nonexistent/python",
    "./python",
    "~/envs/c",
];

/// What it passes over.
const PASSED_OVER: &[&str] = &[
    "my-env",
    "system",
    "3.12.*",
    "3.11-dev",
    "3.11 # x",
    "python3.11.exe",
    "python",
    "python3x",
    "3.11.1.1",
    "3.11,3.12",
    "3.11:3.12",
    "@3.11",
    "python@",
    "python-3.11",
    "3.11.",
    "3.x",
    "jython",
    "ironpython-3.4",
    "miniconda3-latest",
    "$(x)",
];

/// What uv 0.13 says of an environment of CPython 3.12.1.
#[test]
fn the_words_of_uv_fit_where_uv_keeps_the_environment() {
    let root = tempfile::tempdir().unwrap();
    let base = root.path().join("base/bin");
    std::fs::create_dir_all(&base).unwrap();
    std::fs::write(base.join("python3.12"), "").unwrap();
    symlink("python3.12", base.join("python3")).unwrap();
    std::fs::write(base.join("python3.11"), "").unwrap();
    let env = root.path().join("envs/b");
    std::fs::create_dir_all(env.join("bin")).unwrap();
    std::fs::create_dir_all(env.join("lib/python3.12/site-packages")).unwrap();
    symlink(base.join("python3.12"), env.join("bin/python")).unwrap();
    symlink("python", env.join("bin/python3")).unwrap();
    let environment = Environment::new(EnvName::for_new("b".as_ref()).unwrap(), env.clone());
    let project = root.path().join("p");
    std::fs::create_dir(&project).unwrap();
    let judged = |text: &str| {
        let python = Python::of(&environment);
        Request::parse(text, &project).map(|request| request.fits(&environment, &python))
    };
    let path = |below: &str| root.path().join(below).to_string_lossy().into_owned();
    let (own, other) = (path("base/bin/python3.12"), path("base/bin/python3.11"));
    let (home, inside) = (path("base"), path("envs/b"));
    let fit = FIT.iter().copied().chain([own.as_str(), home.as_str(), inside.as_str()]);
    let do_not = DO_NOT_FIT.iter().copied().chain([other.as_str()]);
    let check = |python: &str| {
        for text in fit.clone() {
            assert_eq!(judged(text), Some(true), "{python}: {text}");
        }
        for text in do_not.clone() {
            assert_eq!(judged(text), Some(false), "{python}: {text}");
        }
        for text in PASSED_OVER {
            assert_eq!(judged(text), None, "{python}: {text}");
        }
    };
    std::fs::write(env.join("pyvenv.cfg"), "version = 3.12.1\n").unwrap();
    check("venv");
    std::fs::write(env.join("pyvenv.cfg"), "implementation = CPython\nversion_info = 3.12.1.final.0\n").unwrap();
    check("virtualenv");
    std::fs::write(env.join("pyvenv.cfg"), "home = /x\n").unwrap();
    assert_eq!((judged("3.12"), judged("3.11")), (Some(true), Some(false)), "the version of its packages");
    std::fs::write(env.join("pyvenv.cfg"), "version = 3.12.1\nimplementation = PyPy\n").unwrap();
    assert_eq!((judged("pypy"), judged("pypy3.12"), judged("3.12")), (Some(true), Some(true), Some(true)));
    assert_eq!((judged("cpython"), judged("cp312")), (Some(false), Some(false)));
}

#[test]
fn a_free_threaded_python_is_one_to_ask_for() {
    let root = tempfile::tempdir().unwrap();
    let environment = Environment::new(EnvName::for_new("b".as_ref()).unwrap(), root.path().join("b"));
    let fits = |text: &str, version: &str| {
        let library = root.path().join("b/lib");
        let _ = crate::fs::remove_tree(&library);
        std::fs::create_dir_all(library.join(format!("python{version}t"))).unwrap();
        Request::parse(text, root.path()).unwrap().fits(&environment, &Python::of(&environment))
    };
    assert!(fits("3.13t", "3.13") && fits("3.13+freethreaded", "3.13") && fits("3.14", "3.14"));
    assert!(!fits("3.13", "3.13") && !fits(">=3.13", "3.13") && !fits("3.14+gil", "3.14"));
}
