//! Root works where another user is at home: what is that user's stays that user's.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, skip};

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
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path());
        }
    }
}

/// The owner, the group and the permission bits.
fn found(path: &Path) -> (u32, u32, u32) {
    let found = path.symlink_metadata().unwrap();
    (found.uid(), found.gid(), found.mode() & 0o7777)
}

/// Calls the program as the user.
fn call_as_user(sandbox: &Sandbox, words: &[&str]) -> Option<Outcome> {
    let mut command = Command::new(find_program("setpriv")?);
    fs::set_permissions(sandbox.path(""), Permissions::from_mode(0o755)).unwrap();
    // Nobody else may enter the directory in which the program was built.
    let (plain, copy) = (program(sandbox, words), sandbox.path("bin/copy"));
    if !copy.exists() {
        fs::copy(plain.get_program(), &copy).unwrap();
    }
    let user = USER.to_string();
    command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]).arg(&copy).args(plain.get_args());
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir("/");
    Some(Outcome::new(sandbox, &command.output().unwrap()))
}

/// An environment of another user, whom root trusts.
fn place() -> Option<Sandbox> {
    if !is_root() {
        return None;
    }
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    assert_eq!(call(&sandbox, &["create", "--no-seed", "web"]).status, Some(0));
    give(&sandbox.path("envs"));
    let store = sandbox.path("envs");
    assert_eq!(call(&sandbox, &["allow", "--shared", store.to_str().unwrap()]).status, Some(0));
    Some(sandbox)
}

#[test]
fn an_environment_of_another_user_is_not_made_roots() {
    let Some(sandbox) = place() else { return };
    let lock = sandbox.write("lock.txt", "");
    for words in [
        &["upgrade", "web"][..],
        // No Python is looked for or installed first.
        &["upgrade", "web", "-p", "3.99"],
        &["upgrade", "web", "-p", "3.99", "--dry-run"],
        &["restore", "web", lock.to_str().unwrap(), "--allow-empty"],
        &["create", "--no-seed", "--clear", "web"],
    ] {
        let outcome = call(&sandbox, words);
        assert_eq!(outcome.status, Some(1), "{words:?}: {outcome:#?}");
        assert!(outcome.stderr.contains("`[ROOT]/envs/web` belongs to `4321`\n"), "{words:?}: {outcome:#?}");
        let hint = "hint: run it as that user: `sudo -H -u \\#4321 venvwrap ...`\n";
        assert!(outcome.stderr.ends_with(hint), "{words:?}: {outcome:#?}");
    }
    let (user, group, _) = found(&sandbox.env_path("web"));
    assert_eq!((user, group), (USER, USER));
    // What is root's own is not concerned.
    assert_eq!(call(&sandbox, &["create", "--no-seed", "own"]).status, Some(0));
    assert_eq!(call(&sandbox, &["create", "--no-seed", "--clear", "own"]).status, Some(0));
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
    let project = sandbox.path("projects/p");
    fs::create_dir_all(&project).unwrap();
    assert_eq!(call(&sandbox, &["project", "set", "web", project.to_str().unwrap()]).status, Some(0));
    fs::remove_file(sandbox.env_path("web/bin/activate")).unwrap();
    assert_eq!(call(&sandbox, &["repair", "web"]).status, Some(0));
    assert_eq!(call(&sandbox, &["rename", "web", "new"]).status, Some(0));
    for file in ["", ".project", "bin/activate", "pyvenv.cfg", "venvwrap-variables.toml"] {
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

#[test]
fn doctor_does_not_give_root_what_another_user_needs() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::new();
    for directory in ["home/.cache/venvwrap", "home/.local/state/venvwrap"] {
        fs::create_dir_all(sandbox.path(directory)).unwrap();
    }
    give(&sandbox.path("home"));
    let mut command = program(&sandbox, &["doctor"]);
    command.env("VENVWRAP_CACHE_DIR", sandbox.path("home/.cache/venvwrap"));
    let outcome = Outcome::new(&sandbox, &command.output().unwrap());
    assert!(outcome.stdout.contains("belongs to user 4321"), "{outcome:#?}");
    assert!(!outcome.stdout.contains("chown"), "{outcome:#?}");
}

#[test]
fn the_owner_of_an_environment_of_root_in_their_store_learns_whose_it_is() {
    if !is_root() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    assert_eq!(call(&sandbox, &["create", "--no-seed", "web"]).status, Some(0));
    for directory in ["envs", "home"] {
        std::os::unix::fs::lchown(sandbox.path(directory), Some(USER), Some(USER)).unwrap();
    }
    for words in [&["remove", "web"][..], &["create", "--no-seed", "--clear", "web"], &["rename", "web", "new"]] {
        let Some(outcome) = call_as_user(&sandbox, words) else { return };
        assert_eq!(outcome.status, Some(1), "{words:?}: {outcome:#?}");
        let named = outcome.stderr.lines().find(|line| line.starts_with("hint: `[ROOT]/envs/web")).unwrap();
        assert!(named.contains("` belongs to root, who "), "{words:?}: {outcome:#?}");
        assert!(sandbox.env_path("web/bin/activate").exists());
    }
}

#[test]
fn what_root_has_removed_is_named_to_the_owner_of_the_store() {
    let Some(sandbox) = place() else { return };
    give(&sandbox.path("home"));
    assert_eq!(call(&sandbox, &["remove", "web"]).status, Some(0));
    let told = "`root` keeps what it has removed: `sudo WORKON_HOME='[ROOT]/envs' venvwrap trash` lists it\n";
    for words in [&["undo"][..], &["undo", "web"], &["undo", "--list"], &["trash"]] {
        let Some(outcome) = call_as_user(&sandbox, words) else { return };
        assert!(outcome.stderr.ends_with(told), "{words:?}: {outcome:#?}");
        assert_eq!(outcome.status, Some(i32::from(words[0] == "undo" && words.get(1) != Some(&"--list"))));
    }
    let doctor = call_as_user(&sandbox, &["doctor"]).unwrap();
    let (message, fix) = ("root has removed environments and keeps them in", "fix: sudo chown -R 4321 ");
    assert!(doctor.stdout.contains(message) && doctor.stdout.contains(fix), "{doctor:#?}");
    assert!(!call(&sandbox, &["trash"]).stderr.contains("keeps what"));
    give(&sandbox.path("envs/.venvwrap-trash"));
    assert_eq!(call_as_user(&sandbox, &["undo"]).unwrap().status, Some(0));
    assert!(!call_as_user(&sandbox, &["doctor"]).unwrap().stdout.contains(message));
}

/// What is below a directory and not the user's.
fn of_root(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.symlink_metadata().unwrap().is_dir() {
            all.extend(of_root(&path));
        }
        // Whose a link is, is of no consequence.
        if found(&path).0 != USER && !path.is_symlink() {
            all.push(path);
        }
    }
    all
}

#[test]
fn what_root_makes_where_a_user_is_at_home_is_that_users() {
    let Some(sandbox) = place() else { return };
    let project = sandbox.path("home/project");
    fs::create_dir(&project).unwrap();
    for directory in [sandbox.path("home"), sandbox.path("envs")] {
        give(&directory);
    }
    let state = sandbox.path("home/.local/state/venvwrap");
    for words in [
        &["project", "set", "web", project.to_str().unwrap()][..],
        &["snapshot", "web"],
        &["link", "web", project.to_str().unwrap()],
        &["config", "set", "auto", "true"],
        &["setup", "fish", "--yes"],
        &["allow", "--shared", sandbox.path("home").to_str().unwrap()],
        &["allow", project.to_str().unwrap()],
        &["rename", "web", "api"],
    ] {
        let outcome = call(&sandbox, words);
        assert_eq!(outcome.status, Some(0), "{words:?}: {outcome:#?}");
    }
    let left = of_root(&sandbox.path("home"));
    // A consent is root's alone, and no file of the user's can be taken for one.
    let consents: Vec<_> = left.iter().filter(|path| path.starts_with(state.join("trust")) && path.is_file()).collect();
    assert!(!consents.is_empty() && consents.len() == left.len(), "{left:#?}");
    assert!(state.join("auto").is_dir() && state.join("snapshots").is_dir() && state.join("uv-links").is_dir());
    let Some(outcome) = call_as_user(&sandbox, &["project", "unset", "api"]) else { return };
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(call_as_user(&sandbox, &["allow", project.to_str().unwrap()]).unwrap().status, Some(0));
}
