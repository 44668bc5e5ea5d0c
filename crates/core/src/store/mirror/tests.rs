use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::fs::private::User;
use crate::store::{Store, StoreOptions};

fn tree() -> (tempfile::TempDir, Tree) {
    let directory = tempfile::tempdir().unwrap();
    let tree = Tree::new(&directory.path().join("state"), SystemTime::now);
    (directory, tree)
}

/// A store whose mirror is the tree.
fn store_at(directory: &tempfile::TempDir, home: &Path) -> Store {
    let options = StoreOptions::new(home.to_path_buf(), User::of_this_process(), SystemTime::now);
    Store::open(StoreOptions { state_dir: Some(directory.path().join("state")), ..options })
}

fn make_env(home: &Path, name: &str, project: &str) -> PathBuf {
    let env = home.join(name);
    std::fs::create_dir_all(env.join("bin")).unwrap();
    std::fs::write(env.join("bin/activate"), "").unwrap();
    std::fs::write(env.join(".project"), project).unwrap();
    env
}

fn directories(tree: &Tree) -> Vec<String> {
    tree.list().iter().map(|found| found.directory.display().to_string()).collect()
}

#[test]
fn odd_paths_are_just_paths() {
    let (_directory, tree) = tree();
    for bytes in [&b"/p/a\nb\n"[..], b"/p/it's \"q\" $(x)", b"/p/\xff\xfe", b"/", "/p/é😀 ".as_bytes()] {
        let project = Path::new(OsStr::from_bytes(bytes));
        let env = Path::new("/w/a\nproject\nb");
        tree.associate(project, env, Kind::Extra).unwrap();
        let found = tree.get(project).unwrap();
        assert_eq!((found.env.as_path(), found.kind), (env, Kind::Extra));
    }
    assert_eq!(tree.list().len(), 5);
    assert_eq!(tree.get(Path::new("/p")), None);
}

#[test]
fn a_directory_is_known_by_its_real_path_too() {
    let (directory, tree) = tree();
    let real = directory.path().canonicalize().unwrap().join("real");
    let link = real.with_file_name("link");
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    tree.associate(&link, Path::new("/w/a"), Kind::Project).unwrap();
    assert!(tree.has(&real) && tree.has(&link));
    tree.dissociate(&link, Path::new("/w/other")).unwrap();
    assert!(tree.has(&real));
    tree.dissociate(&link, Path::new("/w/a")).unwrap();
    assert_eq!(tree.list(), []);
    let first = real.components().nth(1).unwrap();
    assert!(!tree.root().join(first).exists(), "empty directories go");
}

#[test]
fn every_change_gives_a_new_generation() {
    let (_directory, tree) = tree();
    let generation = || std::fs::read(tree.root().join(GENERATION)).unwrap();
    tree.touch().unwrap();
    let first = generation();
    tree.associate(Path::new("/p"), Path::new("/w/a"), Kind::Project).unwrap();
    let second = generation();
    assert_ne!(first, second);
    tree.dissociate(Path::new("/p"), Path::new("/w/a")).unwrap();
    assert_ne!(second, generation());
    assert_eq!(std::fs::metadata(tree.root()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn sync_follows_the_project_files_and_keeps_what_was_added() {
    let (directory, tree) = tree();
    let home = directory.path().join("envs");
    let store = store_at(&directory, &home);
    let a = make_env(&home, "a", "/p/a\n");
    let b = make_env(&home, "b", "/p/b\r\n");
    assert!(store.is_mirror_stale());
    tree.associate(Path::new("/other"), Path::new("/elsewhere/x"), Kind::Project).unwrap();
    tree.associate(Path::new("/p/worktree"), &b, Kind::Extra).unwrap();
    tree.associate(Path::new("/p/old"), &a, Kind::Project).unwrap();
    std::fs::write(tree.root().join("foreign"), "x").unwrap();
    std::fs::write(tree.root().join("p/@env"), "nonsense").unwrap();
    store.sync_mirror().unwrap();
    assert_eq!(directories(&tree), ["/other", "/p/a", "/p/b", "/p/worktree"]);
    assert!(tree.root().join("foreign").exists() && tree.root().join("p/@env").exists());
    fs::remove_tree(&b).unwrap();
    assert!(store.is_mirror_stale());
    store.sync_mirror().unwrap();
    assert_eq!(directories(&tree), ["/other", "/p/a"]);
}

#[test]
fn directories_that_were_added_follow_a_move_by_hand() {
    let (directory, tree) = tree();
    let home = directory.path().join("envs");
    let store = store_at(&directory, &home);
    let moved = make_env(&home, "a", "/p/a\n");
    let removed = make_env(&home, "gone", "/p/gone\n");
    for env in [&moved, &removed] {
        let script = format!("VIRTUAL_ENV='{}'\n", env.display());
        std::fs::create_dir_all(env.join("bin")).unwrap();
        std::fs::write(env.join("bin/activate"), script).unwrap();
    }
    tree.associate(Path::new("/q/a"), &moved, Kind::Extra).unwrap();
    tree.associate(Path::new("/q/gone"), &removed, Kind::Extra).unwrap();
    fs::remove_tree(&removed).unwrap();
    let names = ["b", "c"].map(|name| home.join(name));
    std::fs::rename(&moved, &names[1]).unwrap();
    store.sync_mirror().unwrap();
    assert_eq!(tree.get(Path::new("/q/a")).map(|found| (found.env, found.kind)), Some((names[1].clone(), Kind::Extra)));
    assert_eq!(directories(&tree), ["/p/a", "/q/a"]);
    // Of two that name the same path, neither of which is there, the first has it.
    std::fs::rename(&names[1], &names[0]).unwrap();
    make_env(&home, "d", "/p/a\n");
    std::fs::create_dir_all(home.join("d/bin")).unwrap();
    std::fs::write(home.join("d/bin/activate"), format!("VIRTUAL_ENV='{}'\n", names[1].display())).unwrap();
    std::fs::write(names[0].join("bin/activate"), format!("VIRTUAL_ENV='{}'\n", names[1].display())).unwrap();
    store.sync_mirror().unwrap();
    assert_eq!(tree.get(Path::new("/q/a")).unwrap().env, names[0]);
}

#[test]
fn directories_that_were_added_follow_an_environment_whose_scripts_do_not_name_it() {
    let (directory, tree) = tree();
    let home = directory.path().join("envs");
    let store = store_at(&directory, &home);
    let make = |name: &str| {
        let env = make_env(&home, name, "/p/a\n");
        std::fs::create_dir_all(env.join("bin")).unwrap();
        std::fs::write(env.join("bin/activate"), "VIRTUAL_ENV=$(cd .. && pwd)\n").unwrap();
        store.environment(crate::env::name::EnvName::for_new(name.as_ref()).unwrap())
    };
    let [added, synced] = ["added", "synced"].map(make);
    store.add_directory(&added, Path::new("/q/added")).unwrap();
    // As an earlier version has left it.
    tree.associate(Path::new("/q/synced"), synced.path(), Kind::Extra).unwrap();
    store.sync_mirror().unwrap();
    let env_of = |path: &str| tree.get(Path::new(path)).map(|found| (found.env, found.kind));
    let moved = |name: &str| Some((home.join(name), Kind::Extra));
    for (old, new) in [("added", "a1"), ("synced", "s1"), ("a1", "a2"), ("s1", "it's \"s2\"")] {
        std::fs::rename(home.join(old), home.join(new)).unwrap();
        store.sync_mirror().unwrap();
        assert_eq!(env_of(if new.starts_with('a') { "/q/added" } else { "/q/synced" }), moved(new), "{old} to {new}");
    }
    // Under a name that this program gives it, too.
    std::fs::rename(home.join("a2"), home.join("a3")).unwrap();
    store.mirror_rename(&home.join("a2"), &home.join("a3")).unwrap();
    std::fs::rename(home.join("a3"), home.join("a4")).unwrap();
    store.sync_mirror().unwrap();
    assert_eq!(env_of("/q/added"), moved("a4"));
    // A copy has nothing as long as the original is there, and what is gone without a trace loses it.
    let noted = crate::env::metadata::path(&home.join("a4"));
    std::fs::copy(&noted, crate::env::metadata::path(make("copy").path())).unwrap();
    store.sync_mirror().unwrap();
    assert_eq!(env_of("/q/added"), moved("a4"));
    fs::remove_tree(&home.join("copy")).unwrap();
    fs::remove_tree(&home.join("a4")).unwrap();
    store.sync_mirror().unwrap();
    assert_eq!(env_of("/q/added"), None);
}

#[test]
fn a_store_that_has_not_changed_is_not_stale() {
    let (directory, _) = tree();
    let home = directory.path().join("envs");
    make_env(&home, "a", "/p/a\n");
    let handle = std::fs::File::open(&home).unwrap();
    handle.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let store = store_at(&directory, &home);
    store.sync_mirror().unwrap();
    assert!(!store.is_mirror_stale());
    assert!(store_at(&directory, directory.path()).is_mirror_stale(), "each store has its own stamp");
}

#[test]
fn of_two_environments_with_one_project_the_later_association_stays() {
    let (directory, tree) = tree();
    let home = directory.path().join("envs");
    make_env(&home, "a", "/p\n");
    let b = make_env(&home, "b", "/p\n");
    tree.associate(Path::new("/p"), &b, Kind::Project).unwrap();
    store_at(&directory, &home).sync_mirror().unwrap();
    assert_eq!(tree.get(Path::new("/p")).unwrap().env, b);
}

#[test]
fn many_processes_may_change_it_at_once() {
    let (_directory, tree) = tree();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let tree = &tree;
            scope.spawn(move || {
                let project = PathBuf::from(format!("/p/q/{worker}"));
                for _ in 0..100 {
                    tree.associate(&project, Path::new("/w/a"), Kind::Project).unwrap();
                    tree.dissociate(&project, Path::new("/w/a")).unwrap();
                }
                tree.associate(&project, Path::new("/w/a"), Kind::Project).unwrap();
            });
        }
    });
    assert_eq!(tree.list().len(), 4);
}

#[test]
fn an_association_that_comes_during_a_sync_stays() {
    let (directory, tree) = tree();
    let home = directory.path().join("envs");
    let env = make_env(&home, "a", "/p\n");
    let store = store_at(&directory, &home);
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let done = &is_done;
        let (store, env) = (&store, &env);
        scope.spawn(move || {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                store.sync_mirror().unwrap();
            }
        });
        for round in 0..100 {
            let other = PathBuf::from(format!("/gone/{round}"));
            tree.associate(&other, &env.join("gone"), Kind::Project).unwrap();
            tree.associate(&other, env, Kind::Extra).unwrap();
            assert!(tree.get(&other).is_some_and(|found| found.env == *env), "{round}");
        }
        is_done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
