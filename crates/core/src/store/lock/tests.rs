use super::*;
use crate::store::sweep::sweep;
use crate::store::trash::{self, Keep, Reason, TrashPolicy};

fn name(text: &str) -> EnvName {
    EnvName::for_existing(OsStr::new(text)).unwrap()
}

fn entries(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Leaves the working directory as a process does that is killed.
fn crash(lock: Lock) {
    let directory = lock.directory.clone();
    std::fs::rename(&directory, directory.with_file_name(".kept")).unwrap();
    drop(lock);
    std::fs::rename(directory.with_file_name(".kept"), directory).unwrap();
}

#[test]
fn one_holder_at_a_time_and_nothing_left() {
    let home = tempfile::tempdir().unwrap();
    let lock = Lock::take(home.path(), &name("a")).unwrap().0;
    assert!(matches!(Lock::take(home.path(), &name("a")), Err(LockError::Busy { .. })));
    drop(Lock::take(home.path(), &name("b")).unwrap());
    drop(lock);
    drop(Lock::take(home.path(), &name("a")).unwrap());
    assert!(entries(home.path()).is_empty());
}

#[test]
fn names_of_any_length_can_be_locked() {
    let home = tempfile::tempdir().unwrap();
    let _lock = Lock::take(home.path(), &name(&"n".repeat(255))).unwrap().0;
    assert!(matches!(Lock::take(home.path(), &name(&"n".repeat(255))), Err(LockError::Busy { .. })));
}

#[test]
fn a_crash_while_building_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let lock = Lock::take(home.path(), &name("a")).unwrap().0;
    std::fs::create_dir_all(lock.staging().join("bin")).unwrap();
    crash(lock);
    assert_eq!(entries(home.path()), [".venvwrap-op-a"]);
    sweep(home.path()).unwrap();
    assert!(entries(home.path()).is_empty());
}

#[test]
fn a_crash_between_the_two_renames_brings_the_old_one_back() {
    let home = tempfile::tempdir().unwrap();
    let lock = Lock::take(home.path(), &name("a")).unwrap().0;
    std::fs::create_dir_all(lock.directory.join(REPLACED).join("old-content")).unwrap();
    std::fs::create_dir_all(lock.staging()).unwrap();
    crash(lock);
    drop(Lock::take(home.path(), &name("a")).unwrap());
    sweep(home.path()).unwrap();
    assert_eq!(entries(home.path()), ["a"]);
    assert_eq!(entries(&home.path().join("a")), ["old-content"]);
}

#[test]
fn a_crash_while_replacing_loses_neither() {
    let prepare = || {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("a/old")).unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        std::fs::create_dir_all(lock.staging().join("new")).unwrap();
        let keep = Keep { policy: TrashPolicy::default(), reason: Reason::Upgrade, ..Keep::nothing() };
        lock.note_kept(&keep).unwrap();
        (home, lock)
    };
    // Before the exchange.
    let (home, lock) = prepare();
    crash(lock);
    sweep(home.path()).unwrap();
    assert_eq!((entries(home.path()), entries(&home.path().join("a"))), (vec!["a".into()], vec!["old".into()]));
    // Between it and the trash, with the old one where an exchange or two steps leave it; or it can go nowhere.
    for (place, is_killed) in [(STAGING, true), (REPLACED, true), (STAGING, false), (REPLACED, false)] {
        let (home, lock) = prepare();
        let aside = home.path().join(".aside");
        std::fs::rename(lock.target(), &aside).unwrap();
        lock.publish().unwrap();
        std::fs::rename(aside, lock.directory.join(place)).unwrap();
        if is_killed {
            crash(lock);
        } else {
            drop(lock);
        }
        sweep(home.path()).unwrap();
        assert_eq!(entries(&home.path().join("a")), ["new"]);
        let kept = trash::entries(home.path());
        assert_eq!((kept.len(), kept[0].reason), (1, Reason::Upgrade), "{place}");
        assert_eq!(entries(&kept[0].place()), ["old"]);
    }
}

#[test]
fn what_cannot_be_kept_is_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("a/old")).unwrap();
    let lock = Lock::take(home.path(), &name("a")).unwrap().0;
    // There is nothing to take its place.
    lock.publish_in_two_steps(&Keep::nothing()).unwrap_err();
    drop(lock);
    assert_eq!((entries(home.path()), entries(&home.path().join("a"))), (vec!["a".into()], vec!["old".into()]));
}

#[test]
fn a_crash_is_put_right_under_names_of_any_length() {
    for length in [1, 242, 243, 255] {
        let home = tempfile::tempdir().unwrap();
        let long = "n".repeat(length);
        let lock = Lock::take(home.path(), &name(&long)).unwrap().0;
        std::fs::create_dir_all(lock.directory.join(REPLACED).join("old-content")).unwrap();
        crash(lock);
        sweep(home.path()).unwrap();
        assert_eq!(entries(home.path()), std::slice::from_ref(&long), "{length}");
        drop(Lock::take(home.path(), &name(&long)).unwrap());
        assert_eq!(entries(home.path()), [long], "{length}");
    }
}

#[test]
fn the_work_in_an_empty_directory_is_finished_after_a_crash() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("a");
    std::fs::create_dir(&target).unwrap();
    let lock = Lock::take_in_place(home.path(), &name("a")).unwrap();
    assert!(Lock::has_empty_target(home.path(), &name("a")));
    std::fs::create_dir_all(lock.staging().join("bin")).unwrap();
    std::fs::write(lock.staging().join("pyvenv.cfg"), "").unwrap();
    let identity = identity::of_directory(&target).unwrap();
    std::fs::write(lock.directory.join(FILLED), identity).unwrap();
    std::fs::rename(lock.staging().join("bin"), target.join("bin")).unwrap();
    crash(lock);
    assert_eq!(entries(home.path()), ["a"]);
    assert!(!Lock::has_empty_target(home.path(), &name("a")));
    let lock = Lock::take_in_place(home.path(), &name("a")).unwrap();
    assert!(lock.publish_over(&Keep::nothing()).is_err());
    drop(lock);
    assert_eq!(entries(&target), ["bin", "pyvenv.cfg"]);
}

#[test]
fn what_is_staged_comes_among_the_files_that_are_there() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("a");
    let put = |path: &Path| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    };
    put(&target.join("bin/tool"));
    let lock = Lock::take_in_place(home.path(), &name("a")).unwrap();
    for file in ["bin/python", "lib/python3/x", "pyvenv.cfg"] {
        put(&lock.staging().join(file));
    }
    // One of them has its name there meanwhile: nothing has changed.
    put(&target.join("pyvenv.cfg"));
    assert!(lock.publish_into().is_err());
    assert_eq!((entries(&target.join("bin")), target.join("lib").exists()), (vec!["tool".into()], false));
    std::fs::remove_file(target.join("pyvenv.cfg")).unwrap();
    // A crash in the middle is finished, also by a sweep of the directory itself, as one for what is made in it.
    std::fs::rename(lock.staging().join("bin/python"), target.join("bin/python")).unwrap();
    crash(lock);
    sweep(&target).unwrap();
    assert_eq!(
        (entries(home.path()), entries(&target)),
        (vec!["a".into()], ["bin", "lib", "pyvenv.cfg"].map(Into::into).into())
    );
    assert_eq!(entries(&target.join("bin")), ["python", "tool"]);
}

#[test]
fn what_makes_a_directory_an_environment_comes_last() {
    let place = tempfile::tempdir().unwrap();
    let [from, to] = ["from", "to"].map(|name| place.path().join(name));
    for directory in [&from.join("lib"), &to.join("lib")] {
        std::fs::create_dir_all(directory).unwrap();
    }
    for file in ["a", "pyvenv.cfg", "z", "lib/x"] {
        std::fs::write(from.join(file), "").unwrap();
    }
    let mut moved = Vec::new();
    merge(&from, &to, &mut moved).unwrap();
    assert_eq!(moved.len(), 4);
    assert_eq!(moved[3].1, to.join("pyvenv.cfg"));
}

#[test]
fn a_directory_is_filled_in_its_place_or_left_empty() {
    use std::os::unix::fs::MetadataExt;
    let prepare = || {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("a")).unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        std::fs::create_dir_all(lock.staging().join("bin")).unwrap();
        std::fs::write(lock.staging().join("pyvenv.cfg"), "").unwrap();
        (home, lock)
    };
    let (home, lock) = prepare();
    let inode = |path: &Path| std::fs::metadata(path).unwrap().ino();
    let before = inode(&lock.target());
    lock.publish_into().unwrap();
    assert_eq!((inode(&lock.target()), entries(&lock.target())), (before, vec!["bin".into(), "pyvenv.cfg".into()]));
    drop(lock);
    assert_eq!(entries(home.path()), ["a"]);
    // A crash in the middle is finished.
    let (home, lock) = prepare();
    let identity = identity::of_directory(&lock.target()).unwrap();
    fs::write_new(&lock.directory.join(FILLED), identity.as_bytes(), 0o600).unwrap();
    std::fs::rename(lock.staging().join("bin"), lock.target().join("bin")).unwrap();
    crash(lock);
    sweep(home.path()).unwrap();
    assert_eq!(entries(home.path()), ["a"]);
    assert_eq!(entries(&home.path().join("a")), ["bin", "pyvenv.cfg"]);
    // What was put there meanwhile stays, alone.
    let (home, lock) = prepare();
    std::fs::write(lock.target().join("pyvenv.cfg"), "mine").unwrap();
    assert!(lock.publish_into().is_err());
    assert_eq!(entries(&lock.target()), ["pyvenv.cfg"]);
    drop(lock);
    assert_eq!(entries(home.path()), ["a"]);
}

#[test]
fn what_a_foreign_program_left_half_made_is_removed() {
    let home = tempfile::tempdir().unwrap();
    let lock = Lock::take(home.path(), &name("a")).unwrap().0;
    lock.mark_foreign().unwrap();
    assert!(!lock.note_made().unwrap());
    std::fs::create_dir_all(home.path().join("a/bin")).unwrap();
    assert!(lock.note_made().unwrap());
    crash(lock);
    sweep(home.path()).unwrap();
    assert!(entries(home.path()).is_empty());
}

#[test]
fn what_is_made_after_a_foreign_program_was_killed_stays() {
    // It was killed before it made anything; what it made was removed by hand, and made again; or became a link.
    for (had_made, becomes_link) in [(false, false), (true, false), (true, true)] {
        let home = tempfile::tempdir().unwrap();
        let env = home.path().join("a");
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        lock.mark_foreign().unwrap();
        if had_made {
            std::fs::create_dir(&env).unwrap();
            assert!(lock.note_made().unwrap());
            std::fs::remove_dir(&env).unwrap();
        }
        crash(lock);
        if becomes_link {
            std::fs::create_dir(home.path().join("elsewhere")).unwrap();
            std::os::unix::fs::symlink("elsewhere", &env).unwrap();
        } else {
            std::fs::create_dir(&env).unwrap();
        }
        std::fs::write(env.join("precious"), "keep").unwrap();
        sweep(home.path()).unwrap();
        assert!(env.join("precious").exists());
        drop(Lock::take(home.path(), &name("a")).unwrap());
        assert!(env.join("precious").exists());
        assert!(!home.path().join(".venvwrap-op-a").exists());
    }
}

#[test]
fn nothing_in_a_working_directory_of_another_user_is_acted_on() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("a/bin")).unwrap();
    let work = home.path().join(".venvwrap-op-a");
    let trash = home.path().join(".venvwrap-trash-1");
    std::fs::create_dir_all(work.join("new")).unwrap();
    std::fs::create_dir_all(trash.join("removed")).unwrap();
    std::fs::write(work.join(FOREIGN_MARK), "").unwrap();
    std::fs::write(work.join(MADE), identity::of_directory(&home.path().join("a")).unwrap()).unwrap();
    for directory in [&work, &trash] {
        std::os::unix::fs::chown(directory, Some(65_533), Some(65_533)).unwrap();
    }
    sweep(home.path()).unwrap();
    assert!(Lock::take(home.path(), &name("a")).is_err());
    let kept = [home.path().join("a/bin"), work.join("new"), trash.join("removed")];
    assert!(kept.iter().all(|path| path.exists()));
}

#[test]
fn a_sweep_leaves_living_operations_alone() {
    let home = tempfile::tempdir().unwrap();
    let lock = Lock::take(home.path(), &name("a")).unwrap().0;
    std::fs::create_dir_all(lock.staging()).unwrap();
    sweep(home.path()).unwrap();
    assert!(lock.staging().is_dir());
}

#[test]
fn replacing_puts_the_old_one_into_the_trash() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("a/old")).unwrap();
    let lock = Lock::take(home.path(), &name("a")).unwrap().0;
    std::fs::create_dir_all(lock.staging().join("new")).unwrap();
    let Put::Aside(trash) = lock.publish_over(&Keep::nothing()).unwrap() else { panic!() };
    assert_eq!(entries(&home.path().join("a")), ["new"]);
    trash.delete().unwrap();
    drop(lock);
    assert_eq!(entries(home.path()), ["a"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_another_user_put_in_the_place_of_a_lock_is_named_with_its_owner() {
    use std::os::unix::fs::{lchown, symlink};
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join(".venvwrap-op-a");
    let name = EnvName::for_new(OsStr::new("a")).unwrap();
    let (aim, fifo) = (home.path().join("aim"), home.path().join("fifo"));
    std::fs::create_dir(&aim).unwrap();
    crate::test_fifo::make(&fifo);
    let makers: [&dyn Fn(); 5] = [
        &|| std::fs::create_dir(&place).unwrap(),
        &|| std::fs::write(&place, "").unwrap(),
        &|| symlink(&aim, &place).unwrap(),
        &|| symlink("/nowhere", &place).unwrap(),
        &|| std::fs::rename(&fifo, &place).unwrap(),
    ];
    for (number, make) in makers.iter().enumerate() {
        make();
        lchown(&place, Some(65_533), None).unwrap();
        let refused = Lock::take(home.path(), &name);
        assert!(
            matches!(&refused, Err(LockError::Foreign { path, owner: 65_533 }) if *path == place),
            "{number}: {refused:?}"
        );
        let told: Vec<_> = crate::store::sweep::waiting(home.path()).into_iter().map(|left| left.path).collect();
        assert_eq!(told, std::slice::from_ref(&place), "{number}");
        assert!(place.symlink_metadata().is_ok() && aim.exists());
        crate::fs::remove_tree(&place).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_of_another_user_is_told_also_while_that_user_locks_it() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let name = EnvName::for_new(OsStr::new("a")).unwrap();
    let (lock, _) = Lock::take(home.path(), &name).unwrap();
    let told = || crate::store::sweep::waiting(home.path()).len();
    assert_eq!(told(), 0, "the user's own is at work");
    std::os::unix::fs::lchown(lock.working(), Some(65_533), None).unwrap();
    assert_eq!(told(), 1);
    assert!(matches!(Lock::take(home.path(), &name), Err(LockError::Foreign { .. })));
}
