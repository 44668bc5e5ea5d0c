//! Root works where another user is at home: what is that user's stays that user's.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::support::program::call;
use crate::support::sandbox::Sandbox;
use crate::support::tools::skip;

/// A user who has no name, as most in containers.
const USER: u32 = 4321;

fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        skip("root alone can be two users");
    }
    is_root
}

/// Gives the user what is at a path, and all below it.
fn give(path: &Path) {
    std::os::unix::fs::lchown(path, Some(USER), Some(USER)).unwrap();
    if path.symlink_metadata().unwrap().is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path()));
    }
}

/// The owner, the group and the permission bits.
fn found(path: &Path) -> (u32, u32, u32) {
    let found = path.symlink_metadata().unwrap();
    (found.uid(), found.gid(), found.mode() & 0o7777)
}

/// An environment of another user, whom root trusts.
fn place() -> Option<Sandbox> {
    if !is_root() {
        return None;
    }
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    assert_eq!(call(&sandbox, &["create", "--no-seed", "web"]).status, Some(0));
    fs::create_dir_all(sandbox.path("projects/p")).unwrap();
    give(&sandbox.path("envs"));
    let store = sandbox.path("envs");
    assert_eq!(call(&sandbox, &["allow", "--shared", store.to_str().unwrap()]).status, Some(0));
    Some(sandbox)
}

#[test]
fn what_root_writes_in_an_environment_of_another_user_is_that_users() {
    let Some(sandbox) = place() else { return };
    let variables = sandbox.env_path("web/venvwrap-variables.toml");
    for words in ["A=1", "B=2"] {
        let outcome = call(&sandbox, &["variables", "set", "-n", "web", words]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_eq!(found(&variables), (USER, USER, 0o600));
    }
    fs::remove_file(sandbox.env_path("web/bin/activate")).unwrap();
    assert_eq!(call(&sandbox, &["repair", "web"]).status, Some(0));
    assert_eq!(call(&sandbox, &["rename", "web", "new"]).status, Some(0));
    for file in ["", "bin/activate", "pyvenv.cfg", "venvwrap-variables.toml"] {
        let (user, group, _) = found(&sandbox.env_path("new").join(file));
        assert_eq!((user, group), (USER, USER), "{file}");
    }
}

#[test]
fn files_that_root_rewrites_keep_their_owner_group_and_mode() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::new();
    let rc = sandbox.write("home/.bashrc", "# mine\n");
    let config = sandbox.write("home/.config/venvwrap/config.toml", "auto = false\n");
    give(&sandbox.path("home"));
    for file in [&rc, &config] {
        fs::set_permissions(file, Permissions::from_mode(0o640)).unwrap();
    }
    for words in [&["setup", "bash", "--yes"][..], &["config", "set", "auto", "true"], &["setup", "bash", "--undo"]] {
        let outcome = call(&sandbox, words);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_eq!((found(&rc), found(&config)), ((USER, USER, 0o640), (USER, USER, 0o640)), "{words:?}");
    }
}
