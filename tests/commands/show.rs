//! `venvwrap show`.

use std::fs;

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::snapshot::make_old;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let api = sandbox.make_bare_env("api");
    for program in ["python", "python3", "python3.11"] {
        std::os::unix::fs::symlink("/bin/sh", api.join("bin").join(program)).unwrap();
    }
    sandbox.make_project(&api, "api");
    make_old(&sandbox, &api);
    fs::create_dir_all(api.join("lib/python3.11/site-packages/tiny-1.0.dist-info")).unwrap();
    sandbox
}

#[test]
fn the_paragraph() {
    let sandbox = sandbox();
    insta::assert_snapshot!(call(&sandbox, &["show", "api"]).whole(), @"
    --- standard output
    api
    ===
    path       [ROOT]/envs/api
    python     3.11.2
    health     ok
    project    [ROOT]/projects/api
    packages   1, plus those of the base Python
    created    1 month ago
    last used  3 days ago
    size       [...]
    --- status 0
    ");
}

#[test]
fn a_name_is_underlined_as_wide_as_it_is_and_the_home_directory_is_short() {
    let sandbox = Sandbox::new();
    let wide = sandbox.make_bare_env("日本e\u{301}");
    std::os::unix::fs::symlink(sandbox.path("home/gone/python3.11"), wide.join("bin/python")).unwrap();
    let outcome = call(&sandbox, &["show", "日本e\u{301}"]);
    let shown = outcome.succeeds("a wide name");
    assert!(shown.contains("日本e\u{301}\n=====\n"), "{shown}");
    assert!(shown.contains("health     the interpreter `~/gone/python3.11` no longer exists\n"), "{shown}");
}

#[test]
fn the_json() {
    let sandbox = sandbox();
    insta::assert_snapshot!(call(&sandbox, &["show", "--json", "api"]).whole(), @r#"
    --- standard output
    {
      "created": "[TIME]",
      "health": "ok",
      "implementation": "CPython",
      "last_used": "[TIME]",
      "link": null,
      "name": "api",
      "packages": 1,
      "path": "[ROOT]/envs/api",
      "problem": null,
      "project": "[ROOT]/projects/api",
      "python": "3.11.2",
      "size": {
        "shared": [...],
        "total": [...]
      },
      "system_site_packages": true,
      "temporary": false
    }
    --- status 0
    "#);
}

#[test]
fn a_broken_environment_says_what_is_wrong() {
    let sandbox = sandbox();
    fs::remove_file(sandbox.env_path("api/bin/python")).unwrap();
    insta::assert_snapshot!(call(&sandbox, &["show", "api"]).whole(), @"
    --- standard output
    api
    ===
    path       [ROOT]/envs/api
    python     3.11.2
    health     the interpreter `[ROOT]/envs/api/bin/python` no longer exists
    project    [ROOT]/projects/api
    packages   1, plus those of the base Python
    created    1 month ago
    last used  3 days ago
    size       [...]
    --- status 0
    ");
}

#[test]
fn the_active_one_is_shown_without_a_name() {
    let sandbox = sandbox();
    let output = program(&sandbox, &["show"]).env("VIRTUAL_ENV", sandbox.env_path("api")).output().unwrap();
    assert_eq!(Outcome::new(&sandbox, &output).whole(), call(&sandbox, &["show", "api"]).whole());
    insta::assert_snapshot!(call(&sandbox, &["show"]).whole(), @"
    --- standard error
    error: no environment is active
    hint: name one, or activate one first
    --- status 1
    ");
}

#[test]
fn an_active_environment_that_is_gone_is_told() {
    let sandbox = crate::support::sandbox::Sandbox::new();
    let gone = sandbox.env_path("gone");
    for arguments in [&["show"][..], &["project", "show"], &["project", "set"]] {
        let mut command = crate::support::program::program(&sandbox, arguments);
        let outcome =
            crate::support::shells::Outcome::new(&sandbox, &command.env("VIRTUAL_ENV", &gone).output().unwrap());
        let expected = "error: the active environment `[ROOT]/envs/gone` no longer exists\n\
                        hint: run `deactivate`, or name an environment\n";
        assert_eq!((outcome.stderr.as_str(), outcome.status), (expected, Some(1)), "{arguments:?}");
    }
}
