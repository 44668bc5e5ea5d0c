//! `venvwrap allow`.

use crate::support::program::{call, make_fifo};
use crate::support::sandbox::Sandbox;

#[test]
fn what_was_allowed_is_said_and_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("projects/api/.env", "A=1\n");
    sandbox.write("projects/it's $(touch PWN)/.venv/pyvenv.cfg", "");
    insta::assert_snapshot!(call(&sandbox, &["allow", "--env", "PATH", "../projects/api"]).whole(), @"
    --- standard error
    allowed `[ROOT]/projects/api` with its `.env` as it is now
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["allow", "../projects/it's $(touch PWN)"]).whole(), @"
    --- standard error
    allowed `[ROOT]/projects/it's $(touch PWN)` as it is now
    --- status 0
    ");
    std::fs::remove_dir_all(sandbox.path("projects/api")).unwrap();
    insta::assert_snapshot!(call(&sandbox, &["allow", "--list"]).whole(), @"
    --- standard output
    allowed  [ROOT]/projects/api  (.env PATH)  (missing)
    allowed  [ROOT]/projects/it's $(touch PWN)
    --- status 0
    ");
}

#[test]
fn a_directory_that_is_not_there_is_refused() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(call(&sandbox, &["allow", "../projects/nowhere"]).whole(), @"
    --- standard error
    error: could not allow `[ROOT]/projects/nowhere`: could not resolve `[ROOT]/projects/nowhere`: No such file or directory (os error 2)
    --- status 1
    ");
    insta::assert_snapshot!(call(&sandbox, &["allow", "--list"]).whole(), @"--- status 0");
}

/// Not even by whoever means a directory below: all users put files there.
#[test]
fn a_place_for_the_files_of_all_users_is_not_accepted() {
    let sandbox = Sandbox::new();
    for (directory, reason) in [
        ("/tmp", "`/tmp` is for the files of all users"),
        ("/dev/zero", "`/dev/zero` is for the files of all users"),
        ("/", "`/` holds `/tmp`, which is for the files of all users"),
    ] {
        call(&sandbox, &["allow", "--shared", directory]).fails_with_hint(directory, reason);
    }
    assert_eq!(call(&sandbox, &["allow", "--list"]).stdout, "");
}

#[test]
fn where_there_is_nothing_to_allow_that_is_said() {
    let sandbox = Sandbox::new();
    for directory in ["home", "projects/it's $(touch PWN)", "projects/with a file"] {
        sandbox.write(format!("{directory}/README"), "");
        let path = sandbox.path(directory);
        let outcome = call(&sandbox, &["allow".as_ref(), path.as_os_str()]);
        outcome.fails_with_hint(directory, &format!("nothing to allow in `[ROOT]/{directory}`"));
    }
    insta::assert_snapshot!(call(&sandbox, &["allow", "--list"]).whole(), @"--- status 0");
    for brought in [".env", ".virtualenvwrapper/postactivate", ".venv/pyvenv.cfg"] {
        sandbox.write(format!("projects/{brought}x/{brought}"), "");
        let path = sandbox.path(format!("projects/{brought}x"));
        assert_eq!(call(&sandbox, &["allow".as_ref(), path.as_os_str()]).status, Some(0), "{brought}");
    }
}

/// What cannot be read cannot be judged again later: it is not allowed, and the path is named.
#[test]
fn what_cannot_be_read_is_not_allowed() {
    let sandbox = Sandbox::new();
    let files = [".venv", ".venv/pyvenv.cfg", ".venv/bin/activate", ".venv/bin/postactivate", ".env"];
    for (number, file) in files.into_iter().enumerate() {
        for kind in ["loop", "pipe"] {
            let name = format!("{number}-{kind}");
            let project = sandbox.path("projects").join(&name);
            std::fs::create_dir_all(&project).unwrap();
            std::fs::rename(sandbox.make_env(&name), project.join(".venv")).unwrap();
            let path = project.join(file);
            let _ = std::fs::remove_file(&path);
            let _ = std::fs::remove_dir_all(&path);
            if kind == "loop" {
                std::os::unix::fs::symlink(path.file_name().unwrap(), &path).unwrap();
            } else {
                make_fifo(&path);
            }
            let outcome = call(&sandbox, &["allow", "--dotenv", project.to_str().unwrap()]);
            let is_named = outcome.stderr.contains(&format!("[ROOT]/projects/{name}"));
            assert!(outcome.status == Some(1) && is_named, "{file} {kind}: {outcome:#?}");
        }
    }
    assert_eq!(call(&sandbox, &["allow", "--list"]).stdout, "");
}

#[test]
fn a_file_is_no_directory() {
    let sandbox = Sandbox::new();
    sandbox.write("projects/a b/.env", "A=1\n");
    let outcome = call(&sandbox, &["allow", sandbox.path("projects/a b/.env").to_str().unwrap()]);
    outcome.fails_with_hint("a file", "`[ROOT]/projects/a b/.env` is not a directory");
    assert!(outcome.stderr.contains("`venvwrap allow --dotenv '[ROOT]/projects/a b'`"), "{outcome:?}");
}
