//! Interpreters of every kind: those of this machine work, and what is none is refused in one line.

use std::process::Command;

use crate::support::program::{call, create_arguments, names_in, old_pythons, program, pythons};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

#[test]
fn every_interpreter_of_this_machine_works() {
    let sandbox = Sandbox::new();
    for python in pythons() {
        let context = python.display().to_string();
        call(&sandbox, &create_arguments(python, "a", &["--clear"])).succeeds(&context);
        let env = sandbox.env_path("a");
        let run = |arguments: &[&str]| {
            let output =
                Command::new(env.join("bin/python")).args(arguments).env_remove("PYTHONPATH").output().unwrap();
            assert!(output.status.success(), "{context}: {output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let script = "import sys, os, site; print(sys.prefix); print(sys.base_prefix != sys.prefix); \
            print(site.getsitepackages()[0].startswith(sys.prefix)); print(os.path.dirname(sys.executable))";
        let env_text = env.display();
        assert_eq!(run(&["-c", script]), format!("{env_text}\nTrue\nTrue\n{env_text}/bin\n"), "{context}");
        let version = run(&["-m", "pip", "--version"]);
        assert!(version.contains(&format!("{env_text}/lib")), "{context}: {version}");
        let packages = run(&["-m", "pip", "--disable-pip-version-check", "list", "--format=freeze"]);
        let allowed = |line: &str| line.starts_with("pip==") || line.starts_with("setuptools==");
        // PyPy's standard library holds distributions of its own.
        let is_pypy = python.ends_with("pypy3");
        assert!(packages.contains("pip==") && (is_pypy || packages.lines().all(allowed)), "{context}: {packages}");
        let output = Command::new(env.join("bin/pip")).arg("--version").output().unwrap();
        assert!(output.status.success(), "{context}: {output:?}");
        let shown = call(&sandbox, &["list"]);
        assert!(shown.succeeds(&context).contains(" ok "), "{context}: {shown:#?}");
    }
}

#[test]
fn what_is_no_interpreter_is_refused() {
    let sandbox = Sandbox::new();
    let garbage = "#!/bin/sh\nprintf '\\033]0;title\\007\\377garbage\\n\\n{\"major\": 3}\\n'\n";
    let endless = "#!/bin/sh\nexec cat /dev/zero\n";
    let cases = [
        ("hangs", sandbox.write_program("bin/hangs", "#!/bin/sh\nexec sleep 1000\n"), "did not answer within"),
        ("hides", sandbox.write_program("bin/hides", "#!/bin/sh\nsleep 1000 &\nexit 0\n"), "did not answer within"),
        ("garbage", sandbox.write_program("bin/garbage", garbage), "is not a Python interpreter"),
        ("endless", sandbox.write_program("bin/endless", endless), ""),
        ("silent", sandbox.write_program("bin/silent", "#!/bin/sh\n"), "is not a Python interpreter"),
        (
            "fails",
            sandbox.write_program("bin/fails", "#!/bin/sh\nprintf 'a\\033[2Jb\\nc\\n' >&2\nexit 3\n"),
            "failed with",
        ),
        ("dies", sandbox.write_program("bin/dies", "#!/bin/sh\nkill -SEGV $$\n"), "failed with"),
        ("no program", sandbox.write_program("bin/no program", "\x7fELF nonsense"), "no program"),
        ("no shebang", sandbox.write_program("bin/no shebang", "#!/nowhere/python\n"), "no shebang"),
        ("not executable", sandbox.write("bin/plain", ""), "not executable"),
        ("missing", sandbox.path("bin/missing"), "does not exist"),
        ("directory", sandbox.path("projects"), "contains no Python"),
        ("true", "/bin/true".into(), "is not a Python interpreter"),
    ];
    for (context, python, words) in cases {
        let mut command = program(&sandbox, &create_arguments(&python, "a", &[]));
        let output = command.env("VENVWRAP_QUERY_TIMEOUT_MS", "400").output().unwrap();
        Outcome::new(&sandbox, &output).fails_with_hint(context, words);
        assert_eq!(names_in(&sandbox.path("envs")), Vec::<std::ffi::OsString>::new(), "{context}");
    }
}

#[test]
fn what_cannot_be_found_is_refused() {
    let sandbox = Sandbox::new();
    for request in ["9.99", "python9.99", "nowhere-at-all", "", ">=9", "3.x", "~somebody/python", "$(touch PWN)", "-"] {
        let output = program(&sandbox, &["create", &format!("--python={request}"), "a"]).output().unwrap();
        Outcome::new(&sandbox, &output).fails_with_hint(request, "");
    }
    for directory in ["envs", "home"] {
        assert_eq!(names_in(&sandbox.path(directory)), Vec::<std::ffi::OsString>::new());
    }
}

#[test]
fn old_interpreters_are_refused() {
    let sandbox = Sandbox::new();
    let old = old_pythons();
    if old.is_empty() {
        eprintln!("skipped: there is no Python older than 3.8");
    }
    for python in old {
        let outcome = call(&sandbox, &create_arguments(&python, "a", &[]));
        outcome.fails_with_hint(&python.display().to_string(), "is Python ");
        assert_eq!(names_in(&sandbox.path("envs")), Vec::<std::ffi::OsString>::new());
    }
}

#[test]
fn the_current_directory_supplies_no_interpreter() {
    let sandbox = Sandbox::new();
    for name in ["python3", "python", "pip", "uv", "python3.12"] {
        sandbox.write_program(format!("home/{name}"), "#!/bin/sh\ntouch \"$HOME/PWN\"\n");
    }
    for path in ["/nowhere", ":/nowhere", ".:/nowhere", "/nowhere:"] {
        for request in ["python3", "3.12"] {
            let mut command = program(&sandbox, &["create", "-p", request, "--no-seed", "--clear", "a"]);
            let _ = command.env("PATH", path).output().unwrap();
            assert!(!sandbox.path("home/PWN").exists(), "{path} {request}");
        }
    }
}
