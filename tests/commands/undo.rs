//! `venvwrap undo`.

use std::fs;

use crate::support::associations::{associate, place};
use crate::support::program::{
    assert_works, call, create, create_arguments, output_in_time, program, python, remove_interpreter,
};
use crate::support::sandbox::Sandbox;
use crate::support::shells::run as run_script;
use crate::support::shells::{Outcome, in_each_shell};
use crate::support::tools::skip;
use crate::support::trace::under_strace;

/// Undoes, and returns what is said of it.
#[track_caller]
fn undone(sandbox: &Sandbox, words: &[&str]) -> String {
    let outcome = call(sandbox, &[&["undo"], words].concat());
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), ""), "{outcome:#?}");
    outcome.stderr
}

#[test]
fn what_was_removed_last_is_back_with_its_project() {
    let sandbox = place();
    let project = sandbox.path("projects/api");
    associate(&sandbox, "api", &project);
    call(&sandbox, &["remove", "web", "api"]).succeeds("remove");
    assert_eq!(call(&sandbox, &["list", "-b"]).succeeds("list"), "");
    // In the order in which they were removed.
    assert_eq!(undone(&sandbox, &[]), "restored `web`, removed just now\n");
    assert_eq!(undone(&sandbox, &["api/"]), "restored `api`, removed just now\n");
    assert_eq!(call(&sandbox, &["list", "-b"]).succeeds("list"), "api\nweb\n");
    let which = call(&sandbox, &["project", "list", "--json"]);
    assert!(which.succeeds("project list").contains("[ROOT]/projects/api"), "{which:#?}");
    call(&sandbox, &["undo"]).fails_with_hint("nothing is left", "no removed environment is kept");
}

#[test]
fn a_replaced_environment_changes_places_with_the_new_one() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "a");
    fs::write(env.join("mark"), "").unwrap();
    call(&sandbox, &create_arguments(&python, "a", &["--clear", "--no-setuptools"])).succeeds("create --clear");
    assert!(!env.join("mark").exists());
    assert_works(&env);
    assert_eq!(undone(&sandbox, &[]), "restored `a`, replaced just now; run `venvwrap undo` again to swap them back\n");
    assert!(env.join("mark").exists());
    assert_works(&env);
    undone(&sandbox, &["a"]);
    assert!(!env.join("mark").exists());
}

#[test]
fn under_another_name_it_is_as_old_as_it_was() {
    let sandbox = place();
    let noted = sandbox.env_path("api/venvwrap.toml");
    sandbox.write(&noted, "created = 1700000000\n");
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_100);
    fs::File::options().write(true).open(&noted).unwrap().set_modified(time).unwrap();
    call(&sandbox, &["remove", "api"]).succeeds("remove");
    undone(&sandbox, &["--as", "other"]);
    let noted = sandbox.env_path("other/venvwrap.toml");
    assert!(fs::read_to_string(&noted).unwrap().contains("created = 1700000000\n"));
    assert_eq!(fs::metadata(&noted).unwrap().modified().unwrap(), time);
}

#[test]
fn one_whose_python_is_gone_meanwhile_comes_back_and_can_be_repaired() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "a");
    remove_interpreter(&env);
    call(&sandbox, &["remove", "a"]).succeeds("remove");
    let listed = call(&sandbox, &["trash"]);
    assert!(listed.succeeds("trash").contains("a "), "{listed:#?}");
    let told = undone(&sandbox, &[]);
    assert!(told.starts_with("restored `a`, removed just now\nwarning: the interpreter "), "{told}");
    assert!(told.ends_with("; `venvwrap repair a` repairs the environment\n"), "{told}");
    assert!(!env.join("bin/python").exists() && env.join("bin/activate").is_file());
    assert_eq!(call(&sandbox, &["repair", "a"]).status, Some(0));
    assert_works(&env);
}

#[test]
fn a_name_that_is_taken_again_needs_another_one() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for _ in 0..2 {
        create(&sandbox, &python, "a");
        call(&sandbox, &["remove", "a"]).succeeds("remove");
    }
    create(&sandbox, &python, "a");
    let taken = call(&sandbox, &["undo"]);
    taken.fails_with_hint("it is taken", "could not undo: `a` exists again");
    assert!(taken.stderr.contains("`venvwrap undo a --as NEW`"), "{taken:#?}");
    assert_eq!(undone(&sandbox, &["a", "--as", "b"]), "restored `b` from `a`, removed just now\n");
    assert_works(&sandbox.env_path("b"));
    let pip = std::process::Command::new(sandbox.env_path("b/bin/pip")).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&pip.stdout).contains("/envs/b/"), "{pip:?}");
    call(&sandbox, &["undo", "a", "--as", "../x"]).fails("a bad name", "is not a valid environment name");
    call(&sandbox, &["undo", "a", "--as", "b"]).fails_with_hint("taken too", "could not undo: `b` already exists");
    assert_eq!(call(&sandbox, &["list", "-b"]).succeeds("list"), "a\nb\n");
}

#[test]
fn what_names_it_follows_it_to_its_other_name() {
    let sandbox = place();
    let project = sandbox.path("projects/api");
    associate(&sandbox, "api", &project);
    assert_eq!(call(&sandbox, &["link", "api", project.to_str().unwrap()]).status, Some(0));
    std::os::unix::fs::symlink("api", sandbox.env_path("alias")).unwrap();
    fs::write(project.join(".envrc"), format!("source {}/bin/activate\n", sandbox.env_path("api").display())).unwrap();
    assert_eq!(call(&sandbox, &["remove", "api"]).status, Some(0));
    insta::assert_snapshot!(call(&sandbox, &["undo", "--as", "other"]).whole(), @"
    --- standard error
    restored `other` from `api`, removed just now
    followed: `[ROOT]/projects/api/.venv`, link `alias`
    warning: these still name `api`: `[ROOT]/projects/api/.envrc`
    --- status 0
    ");
    let venv = fs::read_to_string(project.join(".venv")).unwrap();
    assert_eq!(venv.trim_end(), sandbox.env_path("other").to_str().unwrap());
    assert_eq!(fs::read_link(sandbox.env_path("alias")).unwrap().to_str(), Some("other"));
}

#[test]
fn bad_words_change_nothing() {
    let sandbox = place();
    call(&sandbox, &["remove", "api"]).succeeds("remove");
    for words in [&["undo", ""][..], &["undo", ".."], &["undo", "a/b"], &["undo", "$(touch PWN)"], &["undo", "nix"]] {
        assert_eq!(call(&sandbox, words).status, Some(1), "{words:?}");
    }
    for words in [&["undo", "--list", "api"][..], &["undo", "api", "web"], &["undo", "--as"]] {
        assert_eq!(call(&sandbox, words).status, Some(2), "{words:?}");
    }
    assert_eq!(call(&sandbox, &["list", "-b"]).succeeds("list"), "web\n");
    call(&sandbox, &["undo", "--list"]).succeeds("it is still there");
}

#[test]
fn in_every_shell_rmvirtualenv_can_be_undone() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_own_env("it's api");
        let outcome = run_script(
            sandbox,
            shell,
            "rmvirtualenv \"it's api\"; report removed\n../bin/venvwrap undo --json >/dev/null; workon \"it's api\"; report back",
        );
        let lines: Vec<_> = outcome.stdout.lines().collect();
        assert_eq!(
            lines,
            [
                "Removing it's api...",
                "removed: status=0 env= cwd=[ROOT]/home",
                "back: status=0 env=[ROOT]/envs/it's api cwd=[ROOT]/home"
            ],
            "{outcome:#?}"
        );
        // What scripts read is what it has always been.
        assert_eq!(outcome.stderr, "", "{outcome:#?}");
    });
}

#[test]
fn nothing_shows_what_is_kept() {
    let sandbox = place();
    call(&sandbox, &["remove", "api"]).succeeds("remove");
    for words in [&["list"][..], &["list", "--json"], &["__do", "lsvirtualenv"], &["__do", "workon"]] {
        let outcome = call(&sandbox, words);
        assert!(!outcome.stdout.contains("api") && !outcome.stdout.contains("trash"), "{words:?} {outcome:#?}");
    }
    assert_eq!(call(&sandbox, &["show", ".venvwrap-trash"]).status, Some(1));
}

/// Once the old one is back, the rest is done and said.
#[test]
fn an_interruption_leaves_what_was_replaced_in_the_trash_or_brings_it_back() {
    let Some(python) = python() else { return };
    let mut seen = [false; 2];
    for number in [1, 40, 44, 48, 52, 56, 60, 64, 68, 72, 76] {
        let sandbox = Sandbox::new();
        let create = ["create", "-p", python.to_str().unwrap(), "--no-seed", "--clear", "old"];
        call(&sandbox, &create).succeeds("create");
        sandbox.write("envs/old/mark", "");
        call(&sandbox, &create).succeeds("again");
        assert_eq!(call(&sandbox, &["rename", "old", "new"]).status, Some(0));
        let inject = format!("inject=openat:signal=INT:when={number}");
        let options = ["-b", "execve", "-qq", "-o", "/dev/null", "-e", "trace=openat", "-e", &inject];
        let plain = program(&sandbox, &["undo", "new"]);
        let Some(mut traced) = under_strace(&plain, &options) else { return skip("no `strace`") };
        let outcome = Outcome::new(&sandbox, &output_in_time(&mut traced));
        let is_back = sandbox.path("envs/new/mark").exists();
        seen[usize::from(is_back)] = true;
        let is_said = outcome.stderr.starts_with("restored `new`, replaced ");
        assert_eq!(is_said, is_back, "{number}: {outcome:#?}");
        // What is only tidied up after the line may be interrupted.
        assert!(is_back || outcome.status != Some(0), "{number}: {outcome:#?}");
        assert!(!is_back || matches!(outcome.status, Some(0 | 130)), "{number}: {outcome:#?}");
    }
    assert_eq!(seen, [true; 2]);
}
