use super::*;
use crate::env::metadata::{self, Metadata, Owner};
use crate::fs::private::User;
use crate::store::StoreOptions;
use crate::store::remove::{RemoveOptions, Removed};
use crate::store::trash::TrashPolicy;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn name(text: &str) -> EnvName {
    EnvName::for_existing(OsStr::new(text)).unwrap()
}

fn opened(home: &Path, change: impl FnOnce(&mut StoreOptions)) -> Store {
    let mut options = StoreOptions::new(home.into(), User::of_this_process(), SystemTime::now);
    options.state_dir = Some(home.with_extension("state"));
    // How full this disk is decides nothing here.
    options.trash.least_free = 0;
    change(&mut options);
    Store::open(options)
}

fn store_with(names: &[&str]) -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = opened(&directory.path().join("envs"), |_| {});
    for name in names {
        make(&store, name);
    }
    (directory, store)
}

fn make(store: &Store, name: &str) {
    let env = store.home().join(name);
    std::fs::create_dir_all(env.join("bin")).unwrap();
    std::fs::write(env.join("pyvenv.cfg"), "").unwrap();
    std::fs::write(env.join("mark"), name).unwrap();
}

fn mark(store: &Store, name: &str, text: &str) {
    std::fs::write(store.home().join(name).join("mark"), text).unwrap();
}

fn marked(store: &Store, name: &str) -> String {
    std::fs::read_to_string(store.home().join(name).join("mark")).unwrap_or_default()
}

fn remove(store: &Store, text: &str) -> Removed {
    store.remove(&name(text), &RemoveOptions::default()).unwrap()
}

fn in_home(store: &Store) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(store.home())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The only entry in the trash.
fn entry_directory(store: &Store) -> PathBuf {
    store.trashed()[0].place().parent().unwrap().to_path_buf()
}

#[test]
fn what_was_removed_comes_back_with_its_directories_and_nothing_is_left() {
    let (root, store) = store_with(&["a"]);
    let environment = store.environment(name("a"));
    let [project, added] = ["it's a project", "added"].map(|name| root.path().join(name));
    for directory in [&project, &added] {
        std::fs::create_dir(directory).unwrap();
    }
    store.associate(&environment, &project).unwrap();
    store.add_directory(&environment, &added).unwrap();
    assert!(matches!(remove(&store, "a"), Removed::Kept));
    assert_eq!(in_home(&store), [".venvwrap-trash"]);
    assert!(store.names().unwrap().is_empty() && store.mirror().unwrap().list().is_empty());
    assert!(!store.has_leftovers());
    let undone = store.undo(None).unwrap();
    assert_eq!((undone.environment.path(), undone.entry.reason), (environment.path(), Reason::Remove));
    assert_eq!(in_home(&store), ["a"]);
    let mirrored: Vec<_> = store.mirror().unwrap().list().into_iter().map(|found| found.directory).collect();
    assert_eq!(mirrored, [added, project]);
    assert!(matches!(store.undo(None), Err(UndoError::Empty { .. })));
}

#[test]
fn the_newest_of_a_name_comes_back_first() {
    let (_root, store) = store_with(&["a", "b"]);
    mark(&store, "a", "first");
    remove(&store, "a");
    make(&store, "a");
    mark(&store, "a", "second");
    remove(&store, "a");
    remove(&store, "b");
    let Err(UndoError::NotFound { kept, .. }) = store.undo(Some(&name("c"))) else { panic!() };
    assert_eq!(kept, [name("b"), name("a")]);
    store.undo(Some(&name("a"))).unwrap();
    assert_eq!(marked(&store, "a"), "second");
    assert!(matches!(store.undo(Some(&name("a"))), Err(UndoError::Taken { .. })));
    assert_eq!(store.undo(None).unwrap().environment.name(), &name("b"));
    assert_eq!(store.trashed().len(), 1);
}

/// As if the power had gone between the copy and the rest.
#[test]
fn what_came_back_under_another_name_in_part_comes_back_whole() {
    let (_root, store) = store_with(&["a"]);
    remove(&store, "a");
    let (entry, new) = (store.trashed().remove(0), name("b"));
    let copy = |note: &dyn Fn(&Path) -> PathResult<()>| {
        store.copy_and_note(&Source::Path(entry.place()), &new, &|_| {}, note).unwrap();
    };
    copy(&|copy| entry.note_copy(copy));
    mark(&store, "b", "used already");
    assert_eq!(store.undo_as(None, &new, &|_| {}).unwrap().environment.name(), &new);
    assert_eq!((marked(&store, "b").as_str(), store.trashed().len()), ("used already", 0));
    // Another environment of the name is none that came back.
    remove(&store, "b");
    make(&store, "c");
    let taken = store.undo_as(None, &name("c"), &|_| {});
    assert!(matches!(taken, Err(UndoError::Copy(CopyError::Exists { .. }))), "{taken:?}");
    assert_eq!((marked(&store, "c").as_str(), store.trashed().len()), ("c", 1));
}

#[test]
fn under_another_name_it_names_its_own_path() {
    let (root, store) = store_with(&["a"]);
    let env = store.home().join("a");
    std::fs::write(env.join("bin/tool"), format!("#!{}/bin/python\n", env.display())).unwrap();
    let [added, taken] = ["added", "taken"].map(|name| root.path().join(name));
    for directory in [&added, &taken] {
        std::fs::create_dir(directory).unwrap();
        store.add_directory(&store.environment(name("a")), directory).unwrap();
    }
    std::fs::write(env.join("bin/activate"), format!("VIRTUAL_ENV='{}'\nexport VIRTUAL_ENV\n", env.display())).unwrap();
    remove(&store, "a");
    make(&store, "a");
    store.add_directory(&store.environment(name("a")), &taken).unwrap();
    let undone = store.undo_as(Some(&name("a")), &name("b"), &|_| {}).unwrap();
    assert_eq!(undone.environment.name(), &name("b"));
    let tool = std::fs::read_to_string(store.home().join("b/bin/tool")).unwrap();
    assert_eq!(tool, format!("#!{}/bin/python\n", store.home().join("b").display()));
    assert_eq!(in_home(&store), ["a", "b"]);
    let directories_of = |text: &str| store.added_directories(&store.environment(name(text)));
    assert_eq!((directories_of("a"), directories_of("b")), (vec![taken], vec![added]));
}

#[test]
fn what_leads_to_it_follows_it_to_its_other_name() {
    let (root, store) = store_with(&["a"]);
    let env = store.home().join("a");
    let link = |target: &Path, name: &str| std::os::unix::fs::symlink(target, store.home().join(name)).unwrap();
    link(Path::new("a"), "near");
    link(&env, "far");
    let via = root.path().join("via");
    std::os::unix::fs::symlink(&env, &via).unwrap();
    link(&via, "through");
    let child = store.home().join("child");
    std::fs::create_dir_all(child.join("bin")).unwrap();
    std::os::unix::fs::symlink(env.join("bin/python"), child.join("bin/python")).unwrap();
    std::fs::write(child.join("pyvenv.cfg"), format!("home = {}\n", env.join("bin").display())).unwrap();
    remove(&store, "a");
    // The name is taken: they mean the other one.
    make(&store, "a");
    assert!(store.undo_as(None, &name("b"), &|_| {}).unwrap().followed.is_none());
    assert_eq!(std::fs::read_link(store.home().join("near")).unwrap(), Path::new("a"));
    remove(&store, "a");
    let followed = store.undo_as(Some(&name("a")), &name("c"), &|_| {}).unwrap().followed.unwrap();
    assert_eq!((followed.links, followed.elsewhere), (vec!["far".into(), "near".into()], vec![via]));
    assert_eq!(std::fs::read_link(store.home().join("near")).unwrap(), Path::new("c"));
    assert_eq!(std::fs::read_link(store.home().join("far")).unwrap(), store.home().join("c"));
    assert_eq!(followed.children[0].name(), &name("child"));
    let child = store.environment(name("child"));
    assert_eq!(std::fs::read_link(child.python()).unwrap(), store.home().join("c/bin/python"));
    assert_eq!(child.cfg().unwrap().home(), store.home().join("c/bin").to_str());
    assert!(followed.problems.is_empty());
}

#[test]
fn its_snapshots_come_along_under_another_name() {
    let (_root, store) = store_with(&["a"]);
    let history = |text: &str| store.history(&store.environment(name(text))).unwrap();
    let keep = |text: &str| history("a").keep(text, SystemTime::UNIX_EPOCH).unwrap();
    keep("# venvwrap-snapshot: 1\na==1\n");
    remove(&store, "a");
    store.undo_as(None, &name("b"), &|_| {}).unwrap();
    assert_eq!((history("a").list().unwrap().len(), history("b").list().unwrap().len()), (0, 1));
    make(&store, "a");
    keep("# venvwrap-snapshot: 1\na==2\n");
    remove(&store, "a");
    make(&store, "a");
    history("a").keep("# venvwrap-snapshot: 1\na==3\n", SystemTime::now() + DAY).unwrap();
    store.undo_as(None, &name("c"), &|_| {}).unwrap();
    let texts = history("c").list().unwrap().iter().map(|snapshot| snapshot.read().unwrap()).collect::<String>();
    assert!(texts.contains("a==2") && !texts.contains("a==3"), "{texts}");
    assert_eq!(history("a").list().unwrap().len(), 2);
}

#[test]
fn what_was_replaced_changes_places_and_back() {
    let (_root, store) = store_with(&["a"]);
    mark(&store, "a", "old");
    let lock = store.lock(&name("a")).unwrap();
    std::fs::create_dir(lock.staging()).unwrap();
    std::fs::write(lock.staging().join("pyvenv.cfg"), "").unwrap();
    std::fs::write(lock.staging().join("mark"), "new").unwrap();
    assert!(matches!(lock.publish_over(&store.keeping(Reason::Clear, Vec::new())).unwrap(), Put::Kept));
    drop(lock);
    for expected in ["old", "new", "old"] {
        let undone = store.undo(None).unwrap();
        assert!(undone.has_replaced);
        assert_eq!(marked(&store, "a"), expected);
        assert_eq!((store.trashed().len(), store.trashed()[0].reason), (1, Reason::Undo));
    }
    // When its place is free it just comes back.
    remove(&store, "a");
    store.undo(None).unwrap();
    assert_eq!(marked(&store, "a"), "old");
}

#[test]
fn temporary_ones_and_what_is_not_to_be_kept_never_go_there() {
    let (root, store) = store_with(&["t", "n", "z", "entry.toml"]);
    let temporary = Metadata { temporary: Some(Owner::of(i32::MAX)), ..Metadata::default() };
    std::fs::write(metadata::path(&store.home().join("t")), temporary.to_toml()).unwrap();
    std::os::unix::fs::symlink(root.path(), store.home().join("l")).unwrap();
    assert!(matches!(remove(&store, "t"), Removed::Moved(_)));
    let now = RemoveOptions { now: true, ..RemoveOptions::default() };
    assert!(matches!(store.remove(&name("l"), &now).unwrap(), Removed::Link));
    assert!(matches!(store.remove(&name("n"), &now).unwrap(), Removed::Moved(_)));
    let off = opened(store.home(), |options| options.trash.keep = Duration::ZERO);
    assert!(matches!(remove(&off, "z"), Removed::Moved(_)));
    assert!(matches!(off.undo(None), Err(UndoError::Empty { .. })));
    // Its name is that of the note.
    assert!(matches!(remove(&store, "entry.toml"), Removed::NotKept(_)));
    assert!(store.trashed().is_empty());
    store.sweep().unwrap();
    assert!(in_home(&store).is_empty());
}

#[test]
fn what_has_been_there_for_long_enough_goes_with_the_next_sweep() {
    let (_root, store) = store_with(&["a", "b"]);
    remove(&store, "a");
    store.sweep().unwrap();
    assert_eq!(store.trashed().len(), 1);
    let tomorrow = opened(store.home(), |options| options.clock = || SystemTime::now() + DAY);
    assert!(tomorrow.has_leftovers() && !store.has_leftovers());
    remove(&tomorrow, "b");
    tomorrow.sweep().unwrap();
    assert_eq!(tomorrow.trashed().iter().map(|entry| entry.name.clone()).collect::<Vec<_>>(), [name("b")]);
    // A clock that went back makes nothing older.
    store.sweep().unwrap();
    assert_eq!(store.trashed().len(), 1);
    let forever = opened(store.home(), |options| {
        options.clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(i64::MAX.unsigned_abs());
        options.trash.keep = Duration::MAX;
    });
    forever.sweep().unwrap();
    assert_eq!(forever.trashed().len(), 1);
}

#[test]
fn the_oldest_go_when_there_is_too_much() {
    let (_root, store) = store_with(&["a", "b"]);
    for (env, size) in [("a", 300_000), ("b", 100_000)] {
        std::fs::write(store.home().join(env).join("data"), vec![1; size]).unwrap();
        remove(&store, env);
    }
    let sizes = |store: &Store| store.trashed().iter().map(|entry| entry.size).collect::<Vec<_>>();
    assert_eq!(sizes(&store), [None, None]);
    let small = opened(store.home(), |options| options.trash = TrashPolicy { max: 250_000, ..options.trash });
    small.sweep().unwrap();
    let [Some(size)] = sizes(&small)[..] else { panic!() };
    assert!((100_000..250_000).contains(&size), "{size}");
    assert_eq!(small.trashed()[0].name, name("b"));
}

#[test]
fn an_entry_without_a_note_comes_back_and_one_without_an_environment_goes() {
    let (_root, store) = store_with(&["a"]);
    remove(&store, "a");
    let trash = entry_directory(&store).parent().unwrap().to_path_buf();
    std::fs::remove_file(entry_directory(&store).join("entry.toml")).unwrap();
    std::fs::create_dir(trash.join("1.000000000-1")).unwrap();
    std::fs::write(trash.join("1.000000000-1/entry.toml"), "").unwrap();
    std::fs::create_dir(trash.join("mine")).unwrap();
    store.sweep().unwrap();
    assert!(!trash.join("1.000000000-1").exists() && trash.join("mine").exists());
    assert_eq!(store.undo(Some(&name("a"))).unwrap().entry.reason, Reason::Remove);
    assert_eq!(in_home(&store), [".venvwrap-trash", "a"]);
}

#[test]
fn an_entry_that_a_process_works_on_is_neither_restored_nor_deleted() {
    let (_root, store) = store_with(&["a"]);
    remove(&store, "a");
    let lock = store.trashed()[0].lock().unwrap();
    assert!(matches!(store.undo(None), Err(UndoError::Busy { .. })));
    assert!(store.empty_trash(None).deleted.is_empty());
    drop(lock);
    assert!(store.empty_trash(Some(DAY)).deleted.is_empty(), "it is younger");
    assert_eq!(store.empty_trash(None).deleted.len(), 1);
    assert!(in_home(&store).is_empty());
}

#[test]
fn of_those_who_want_an_entry_at_once_one_gets_it_whole() {
    let (_root, store) = store_with(&[]);
    for _ in 0..300 {
        make(&store, "a");
        remove(&store, "a");
        let (undone, again, deleted) = std::thread::scope(|scope| {
            let undo = || scope.spawn(|| store.undo(Some(&name("a"))).is_ok());
            let (first, second) = (undo(), undo());
            let deleted = scope.spawn(|| store.empty_trash(None).deleted.len());
            (first.join().unwrap(), second.join().unwrap(), deleted.join().unwrap())
        });
        let back = usize::from(undone) + usize::from(again);
        assert_eq!(back + deleted + store.trashed().len(), 1, "{undone} {again} {deleted}");
        assert_eq!(marked(&store, "a") == "a", back == 1);
        assert!(store.empty_trash(None).failed.is_empty());
        fs::remove_tree(&store.home().join("a")).unwrap();
    }
    assert!(in_home(&store).is_empty(), "{:?}", in_home(&store));
}

#[test]
fn a_store_that_was_moved_takes_its_trash_along() {
    let (root, store) = store_with(&["a", "b"]);
    remove(&store, "a");
    remove(&store, "b");
    let state = store.options().state_dir.clone().unwrap();
    let keep = |store: &Store, text: &str| {
        let history = store.history(&store.environment(name(text))).unwrap();
        history.keep("# venvwrap-snapshot: 1\n# created: x\nx==1\n", SystemTime::UNIX_EPOCH).unwrap();
    };
    for name in ["a", "b"] {
        keep(&store, name);
    }
    let moved = root.path().join("moved");
    std::fs::rename(store.home(), &moved).unwrap();
    let store = opened(&moved, |options| options.state_dir = Some(state));
    store.undo(Some(&name("a"))).unwrap();
    store.undo_as(None, &name("c"), &|_| {}).unwrap();
    assert_eq!(in_home(&store), ["a", "c"]);
    // Their snapshots come along.
    for text in ["a", "c"] {
        assert_eq!(store.history(&store.environment(name(text))).unwrap().list().unwrap().len(), 1, "{text}");
    }
}

#[test]
fn names_of_any_bytes_come_back() {
    let (_root, store) = store_with(&[]);
    for bytes in [&b"$(touch PWN) it's"[..], b"a\nb", b"\xff", b"..."] {
        let odd = EnvName::for_existing(OsStr::from_bytes(bytes)).unwrap();
        std::fs::create_dir_all(store.path_of(&odd).join("bin")).unwrap();
        std::fs::write(store.path_of(&odd).join("pyvenv.cfg"), "").unwrap();
        assert!(matches!(store.remove(&odd, &RemoveOptions::default()).unwrap(), Removed::Kept));
        assert_eq!(store.undo(Some(&odd)).unwrap().environment.name(), &odd);
        assert!(store.path_of(&odd).join("pyvenv.cfg").exists());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_something_is_mounted_in_does_not_change_places() {
    use crate::test_mounts::{bind, in_mount_namespace, unbind};
    if !in_mount_namespace("store::undo::tests::what_something_is_mounted_in_does_not_change_places") {
        return;
    }
    let (root, store) = store_with(&["a"]);
    store.keep(&name("a"), &store.home().join("a"), &store.keeping(Reason::Clear, Vec::new())).unwrap();
    make(&store, "a");
    let outside = root.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    bind(&outside, &store.home().join("a/bin"));
    assert!(matches!(store.undo(None), Err(UndoError::Mounted(_))));
    unbind(&store.home().join("a/bin"));
    store.undo(None).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn what_something_is_mounted_in_stays_whole_in_the_trash() {
    use crate::test_mounts::{bind, in_mount_namespace, unbind};
    if !in_mount_namespace("store::undo::tests::what_something_is_mounted_in_stays_whole_in_the_trash") {
        return;
    }
    let (root, store) = store_with(&["a", "b"]);
    for name in ["a", "b"] {
        remove(&store, name);
    }
    let outside = root.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let place = |store: &Store| store.trashed().into_iter().find(|entry| entry.name == name("a")).unwrap().place();
    let mount = place(&store).join("bin");
    bind(&outside, &mount);
    let emptied = store.empty_trash(None);
    assert_eq!((emptied.deleted.len(), emptied.failed.len()), (1, 1));
    let none = opened(store.home(), |options| options.trash = TrashPolicy::none());
    assert!(none.sweep_trash().is_err());
    assert_eq!(place(&store).join("bin"), mount, "it is where it was");
    unbind(&mount);
    assert_eq!(store.undo(Some(&name("a"))).unwrap().entry.reason, Reason::Remove);
    assert_eq!(marked(&store, "a"), "a");
}

/// An environment that was replaced, as an upgrade leaves it: the old one is in the trash.
fn replace(store: &Store, text: &str, new: &str) {
    let lock = store.lock(&name(text)).unwrap();
    let staging = lock.staging();
    std::fs::create_dir_all(staging.join("bin")).unwrap();
    std::fs::write(staging.join("pyvenv.cfg"), "").unwrap();
    std::fs::write(staging.join("mark"), new).unwrap();
    lock.publish_over(&store.keeping(Reason::Upgrade, Vec::new())).unwrap();
}

fn rename(store: &Store, old: &str, new: &str) {
    store.rename(&name(old), &name(new), &crate::store::rename::RenameOptions::default()).unwrap();
}

#[test]
fn what_was_replaced_follows_a_rename_and_never_changes_places_with_another() {
    let (_root, store) = store_with(&["m"]);
    let script = format!("#!/bin/sh\n# {}\n", store.home().join("m/bin").display());
    std::fs::write(store.home().join("m/bin/tool"), &script).unwrap();
    std::fs::write(store.home().join("m/bin/activate"), format!("VIRTUAL_ENV='{}/m'\n", store.home().display()))
        .unwrap();
    std::fs::write(store.home().join("m/pyvenv.cfg"), "prompt = 'm'\n").unwrap();
    replace(&store, "m", "upgraded");
    rename(&store, "m", "n");
    make(&store, "m");
    assert!(matches!(store.undo(Some(&name("m"))), Err(UndoError::NotFound { kept, .. }) if kept == [name("n")]));
    let undone = store.undo(Some(&name("n"))).unwrap();
    assert!(undone.has_replaced && undone.followed.is_none());
    assert_eq!([marked(&store, "n"), marked(&store, "m")], ["m", "m"]);
    let tool = std::fs::read_to_string(store.home().join("n/bin/tool")).unwrap();
    assert!(tool.contains("/n/bin") && !tool.contains("/m/bin"), "{tool}");
    let cfg = |name: &str| std::fs::read_to_string(store.home().join(name).join("pyvenv.cfg")).unwrap();
    assert_eq!(cfg("n"), "prompt = 'n'\n");
    assert_eq!(store.trashed().len(), 1);
    // And back again.
    assert!(store.undo(None).unwrap().has_replaced);
    assert_eq!([marked(&store, "n"), marked(&store, "m")], ["upgraded", "m"]);
    assert_eq!(store.trashed().len(), 1);
}

/// As from a backup: every directory is another one.
#[test]
fn in_a_store_that_was_copied_the_name_tells_what_has_replaced_what() {
    let (root, store) = store_with(&["m"]);
    replace(&store, "m", "upgraded");
    let copy = root.path().join("copy");
    let status = std::process::Command::new("cp").arg("-a").args([store.home(), &copy]).status().unwrap();
    assert!(status.success());
    let store = opened(&copy, |_| {});
    assert!(store.undo(None).unwrap().has_replaced);
    assert_eq!(marked(&store, "m"), "m");
    rename(&store, "m", "n");
    make(&store, "m");
    assert!(matches!(store.undo(Some(&name("m"))), Err(UndoError::NotFound { .. })), "these are known again");
}

#[test]
fn what_was_replaced_keeps_the_prompt_that_somebody_has_chosen() {
    let (_root, store) = store_with(&["m"]);
    let home = store.home().to_path_buf();
    std::fs::write(home.join("m/bin/activate"), format!("VIRTUAL_ENV='{}/m'\n", home.display())).unwrap();
    std::fs::write(home.join("m/pyvenv.cfg"), "prompt = 'mine'\n").unwrap();
    replace(&store, "m", "upgraded");
    rename(&store, "m", "n");
    store.undo(None).unwrap();
    assert_eq!(std::fs::read_to_string(home.join("n/pyvenv.cfg")).unwrap(), "prompt = 'mine'\n");
}

#[test]
fn what_was_replaced_comes_back_under_the_name_that_its_successor_had() {
    let (_root, store) = store_with(&["m"]);
    std::fs::write(store.home().join("m/bin/activate"), format!("VIRTUAL_ENV='{}/m'\n", store.home().display()))
        .unwrap();
    replace(&store, "m", "upgraded");
    rename(&store, "m", "n");
    let options = RemoveOptions { now: true, ..RemoveOptions::default() };
    let Removed::Moved(trash) = store.remove(&name("n"), &options).unwrap() else { panic!() };
    trash.delete().unwrap();
    let undone = store.undo(None).unwrap();
    assert!(!undone.has_replaced && undone.environment.name() == &name("n"));
    let script = std::fs::read_to_string(store.home().join("n/bin/activate")).unwrap();
    assert!(script.contains("/n'"), "{script}");
    assert_eq!(in_home(&store), ["n"]);
}

/// The successor was removed for good, and something new has its name.
#[test]
fn what_was_replaced_never_changes_places_with_what_came_later() {
    let (_root, store) = store_with(&["m"]);
    replace(&store, "m", "upgraded");
    let options = RemoveOptions { now: true, ..RemoveOptions::default() };
    let Removed::Moved(trash) = store.remove(&name("m"), &options).unwrap() else { panic!() };
    trash.delete().unwrap();
    make(&store, "m");
    mark(&store, "m", "later");
    assert!(matches!(store.undo(Some(&name("m"))), Err(UndoError::Taken { .. })));
    assert_eq!(marked(&store, "m"), "later");
    assert_eq!(store.undo_as(None, &name("old"), &|_| {}).unwrap().environment.name(), &name("old"));
    assert_eq!(marked(&store, "old"), "m");
}
