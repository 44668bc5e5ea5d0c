//! `venvwrap link`.

use std::fs;

use crate::support::associations::{fails, place, program};
use crate::support::program::{assert_works, call, create, python};
use crate::support::sandbox::Sandbox;
use crate::support::tools::uv;

#[test]
fn links_for_editors() {
    let sandbox = place();
    insta::assert_snapshot!(program(&sandbox, &["link", "--json", "api", "../projects/api"]), @r#"
    {
      "file": "[ROOT]/projects/api/.venv",
      "name": "api",
      "path": "[ROOT]/envs/api",
      "pinned": null
    }
    "#);
    let text = fs::read_to_string(sandbox.path("projects/api/.venv")).unwrap();
    assert_eq!(sandbox.normalise(&text), "[ROOT]/envs/api\n");
    assert_eq!(program(&sandbox, &["project", "which", "../projects/api"]), "[ROOT]/envs/api\n");
    fs::create_dir_all(sandbox.path("projects/web/.venv/bin")).unwrap();
    fs::write(sandbox.path("projects/web/.venv/pyvenv.cfg"), "").unwrap();
    assert!(fails(&sandbox, &["link", "api", "../projects/web"]).contains("already exists"));
    // So does a file that leads elsewhere, for both kinds of link.
    program(&sandbox, &["link", "api", "../projects/api"]);
    fs::write(sandbox.path("projects/api/.venv"), "/some/where/else\n").unwrap();
    for words in [["link", "api", "../projects/api"].as_slice(), &["link", "--uv", "api", "../projects/api"]] {
        assert!(!fails(&sandbox, words).is_empty());
        assert_eq!(fs::read_to_string(sandbox.path("projects/api/.venv")).unwrap(), "/some/where/else\n");
    }
}

#[test]
fn a_symlink_for_uv_is_refused_where_uv_would_delete_the_environment() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    fs::write(env.join("pyvenv.cfg"), "version = 3.13.0\n").unwrap();
    fs::write(env.join("bin/python"), "").unwrap();
    sandbox.write("projects/p/pyproject.toml", "[project]\nname = 'p'\nrequires-python = '>=3.11,<3.13'\n");
    let link = |words: &[&str]| call(&sandbox, &[&["link", "--uv", "api", "../projects/p"], words].concat());
    insta::assert_snapshot!(link(&["--pin"]).whole(), @"
    --- standard error
    error: could not link `api`: uv would delete `api` here: `pyproject.toml` wants >=3.11,<3.13, the environment has Python 3.13.0
    hint: `venvwrap upgrade api -p PYTHON` rebuilds it for a Python that fits, or link another environment
    --- status 1
    ");
    assert_eq!(fs::read_dir(sandbox.path("projects/p")).unwrap().count(), 1);
    sandbox.write("projects/p/pyproject.toml", "[project]\nname = 'p'\nrequires-python = '>=3.11'\n");
    insta::assert_snapshot!(link(&["--pin"]).whole(), @"
    --- standard error
    `[ROOT]/projects/p/.venv` points to `[ROOT]/envs/api`
    wrote `[ROOT]/projects/p/.python-version`
    --- status 0
    ");
    assert_eq!(fs::read_link(sandbox.path("projects/p/.venv")).unwrap(), env);
    assert_eq!(fs::read_to_string(sandbox.path("projects/p/.python-version")).unwrap(), "3.13\n");
    assert_eq!(link(&["--pin"]).status, Some(0));
    sandbox.write("projects/.python-version", "3.12\n");
    fs::remove_file(sandbox.path("projects/p/.python-version")).unwrap();
    link(&[]).fails_with_hint("a pin above", "`.python-version` wants 3.12");
    assert_eq!(call(&sandbox, &["link", "--pin", "api"]).status, Some(2));
    for words in [&["link", "api", "/gone"][..], &["link", "--uv", "api", "/gone"]] {
        call(&sandbox, words).fails_with_hint("gone", "could not link `api`: `/gone` is not a directory");
    }
}

#[test]
fn uv_keeps_an_environment_that_is_linked() {
    let (Some(python), Some(uv)) = (python(), uv()) else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "it's");
    sandbox.write("projects/p/pyproject.toml", "[project]\nname = 'p'\nversion = '1'\nrequires-python = '>=3.8'\n");
    sandbox.write("envs/it's/mark", "");
    assert_eq!(call(&sandbox, &["link", "--uv", "--pin", "it's", "../projects/p"]).status, Some(0));
    for arguments in [&["sync", "--inexact"][..], &["run", "python", "-c", "import pip"], &["sync"]] {
        let mut command = std::process::Command::new(&uv);
        command.args(["--offline", "--no-python-downloads", "--cache-dir"]).arg(sandbox.path("uv-cache"));
        let outcome =
            command.args(arguments).current_dir(sandbox.path("projects/p")).env_remove("VIRTUAL_ENV").output().unwrap();
        assert!(outcome.status.success(), "{outcome:?}");
        assert!(!String::from_utf8_lossy(&outcome.stderr).contains("Removed virtual environment"), "{outcome:?}");
        assert!(sandbox.env_path("it's/mark").exists(), "{outcome:?}");
    }
    assert_works(&sandbox.env_path("it's"));
    // uv replaces an environment that does not fit, unless its version is pinned.
    let pin = fs::read_to_string(sandbox.path("projects/p/.python-version")).unwrap();
    let text = format!("[project]\nname = 'p'\nversion = '1'\nrequires-python = '>=3.8,!={}.*'\n", pin.trim());
    sandbox.write("projects/p/pyproject.toml", text);
    let mut command = std::process::Command::new(&uv);
    command.args(["--offline", "--no-python-downloads", "sync", "--cache-dir"]).arg(sandbox.path("uv-cache"));
    let outcome = command.current_dir(sandbox.path("projects/p")).env_remove("VIRTUAL_ENV").output().unwrap();
    assert!(!outcome.status.success(), "{outcome:?}");
    assert!(sandbox.env_path("it's/mark").exists(), "{outcome:?}");
    assert_works(&sandbox.env_path("it's"));
}
