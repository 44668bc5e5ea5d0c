//! What a list of many environments has read, noted for the next list: one file for each store, in the cache.
//!
//! Nothing here fails: what cannot be read or written costs the time of reading the environments. What holds of a note
//! is decided where it is used (`env/known.rs`).

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::home::Store;
use crate::config::CACHE_LAYOUT;
use crate::env::describe::{Description, Note};
use crate::fs::hex::hex;
use crate::fs::made::create_in;
use crate::fs::private::{User, is_place_of_another, read_private};
use crate::fs::replace_file;

/// More than a list of any store.
const LIMIT: u64 = 16 << 20;

/// The file is written again when one in so many environments has changed.
const RENEWED_FROM: usize = 16;

/// What is noted by the name of an environment.
pub(super) type Lines<'a> = HashMap<&'a str, &'a str>;

/// The file, as it was read.
pub(super) struct Noted {
    root: PathBuf,
    path: PathBuf,
    user: User,
    content: String,
}

impl Noted {
    /// Reads what was noted of a store; none where there is no cache.
    pub(super) fn of(store: &Store) -> Option<Self> {
        let options = store.options();
        let mut hash = Sha256::new();
        // Another version may see other facts in the same files.
        for part in [env!("CARGO_PKG_VERSION").as_bytes(), store.home().as_os_str().as_bytes()] {
            hash.update(part);
            hash.update([0]);
        }
        let root = options.cache_dir.clone()?;
        let directory = root.join(CACHE_LAYOUT).join("lists");
        let path = directory.join(hex(&hash.finalize()[..16]));
        let content = read_private(&path, options.user, LIMIT).and_then(|content| String::from_utf8(content).ok());
        Some(Self { root, path, user: options.user, content: content.unwrap_or_default() })
    }

    /// The lines by their names.
    pub(super) fn lines(&self) -> Lines<'_> {
        self.content.lines().filter_map(|line| line.split_once('\t')).collect()
    }

    /// Notes what was found, if it is different enough from what was noted.
    pub(super) fn renew(&self, lines: &Lines<'_>, found: &[(Description, Note)]) {
        let changed = found.iter().filter(|(_, note)| matches!(note, Note::Line(_))).count();
        // A list of a few of them leaves alone what is noted of the others.
        if changed * RENEWED_FROM < found.len() || found.len() * 2 < lines.len() || self.is_out_of_reach() {
            return;
        }
        let mut content = String::with_capacity(self.content.len());
        for (description, note) in found {
            let name = description.environment.name().as_os_str().to_str();
            let Some(name) = name.filter(|name| !name.contains(['\t', '\n', '\r'])) else { continue };
            let line = match note {
                Note::Line(line) => Some(line.as_str()),
                Note::Unchanged => lines.get(name).copied(),
                Note::Unfit => None,
            };
            if let Some(line) = line {
                content.extend([name, "\t", line, "\n"]);
            }
        }
        let _ = replace_file(&self.path, content.as_bytes(), 0o600);
    }

    fn is_out_of_reach(&self) -> bool {
        let Some(directory) = self.path.parent() else { return true };
        is_place_of_another(directory, self.user) || create_in(&self.root, directory).is_err()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::env::health::Health;
    use crate::store::StoreOptions;

    /// Long after everything was made.
    fn later() -> SystemTime {
        SystemTime::now() + Duration::from_secs(3600)
    }

    /// A store of so many healthy environments of one base.
    fn store(root: &Path, count: usize) -> Store {
        fs::create_dir_all(root.join("base/bin")).unwrap();
        fs::create_dir_all(root.join("base/lib/python3.12")).unwrap();
        fs::write(root.join("base/bin/python3.12"), "a program").unwrap();
        for number in 0..count {
            let env = root.join("envs").join(format!("e{number:03}"));
            fs::create_dir_all(env.join("bin")).unwrap();
            fs::create_dir_all(env.join("lib/python3.12/site-packages/pip-1.dist-info")).unwrap();
            let home = root.join("base/bin");
            fs::write(env.join("pyvenv.cfg"), format!("home = {}\nversion = 3.12.1\n", home.display())).unwrap();
            fs::write(env.join("bin/activate"), format!("VIRTUAL_ENV='{}'\n", env.display())).unwrap();
            for name in ["python", "python3", "python3.12"] {
                symlink(home.join("python3.12"), env.join("bin").join(name)).unwrap();
            }
        }
        let options = StoreOptions::new(root.join("envs"), User::of_this_process(), later);
        Store::open(StoreOptions { cache_dir: Some(root.join("cache")), ..options })
    }

    fn noted(root: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(root.join("cache/v1/lists")).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn health(store: &Store, name: &str) -> Health {
        let found = store.describe().unwrap();
        found.into_iter().find(|one| one.environment.name().as_os_str() == name).unwrap().health
    }

    #[test]
    fn what_is_noted_is_what_is_read() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path(), 200);
        let text = |found: Vec<Description>| format!("{found:#?}");
        let plain = text(store.with_cache_dir(None).describe().unwrap());
        assert_eq!(text(store.describe().unwrap()), plain);
        let [file] = &noted(root.path())[..] else { panic!() };
        assert_eq!(fs::read_to_string(file).unwrap().lines().count(), 200);
        assert_eq!(text(store.describe().unwrap()), plain, "from the notes");
        // That the notes are used shows where they lie.
        let content = fs::read_to_string(file).unwrap();
        fs::write(file, content.replace("\t1\t0\t1\t", "\t9\t0\t1\t")).unwrap();
        assert!(store.describe().unwrap().iter().all(|found| found.packages == 9));
        for damaged in ["", "e000", "e000\t\n\n\t", &content[..content.len() / 2], "\0"] {
            fs::write(file, damaged).unwrap();
            assert_eq!(text(store.describe().unwrap()), plain);
        }
    }

    #[test]
    fn every_change_is_seen() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path(), 200);
        store.describe().unwrap();
        assert_eq!(health(&store, "e000"), Health::Ok);
        let env = |number: usize| root.path().join(format!("envs/e{number:03}"));
        fs::write(env(0).join("bin/activate"), "VIRTUAL_ENV='/other'\n").unwrap();
        assert_eq!(health(&store, "e000"), Health::Moved { from: "/other".into() });
        fs::remove_file(env(1).join("bin/activate")).unwrap();
        assert_eq!(health(&store, "e001"), Health::NoActivateScript);
        fs::write(env(2).join("bin/pip"), format!("#!{}/bin/python\n", env(3).display())).unwrap();
        assert_eq!(health(&store, "e002"), Health::Moved { from: env(3) });
        fs::remove_file(env(3).join("bin/python")).unwrap();
        assert!(matches!(health(&store, "e003"), Health::DanglingInterpreter { .. }));
        fs::remove_file(env(10).join("bin/python3.12")).unwrap();
        assert_eq!(health(&store, "e010"), Health::LostName { path: env(10).join("bin/python3.12") });
        fs::rename(env(4), env(900)).unwrap();
        assert_eq!(health(&store, "e900"), Health::Moved { from: env(4) });
        fs::rename(env(5), env(901)).unwrap();
        fs::rename(env(6), env(5)).unwrap();
        assert_eq!(health(&store, "e005"), Health::Moved { from: env(6) }, "another one of the same name");
        fs::write(env(7).join("pyvenv.cfg"), "home = /nowhere\nversion = 3.12.1\n").unwrap();
        assert_eq!(health(&store, "e007"), Health::HomeMissing { home: "/nowhere".into() });
        fs::create_dir(env(8).join("lib/python3.12/site-packages/new-1.dist-info")).unwrap();
        let found = store.describe().unwrap();
        assert_eq!(found.iter().find(|one| one.environment.path() == env(8)).unwrap().packages, 2);
        fs::remove_file(root.path().join("base/bin/python3.12")).unwrap();
        let found = store.describe().unwrap();
        assert!(!found.iter().any(|one| one.health == Health::Ok), "the base is no part of the notes");
    }

    #[test]
    fn few_environments_are_not_noted_and_a_list_of_some_keeps_the_notes_of_all() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path(), 199);
        store.describe().unwrap();
        assert!(noted(root.path()).is_empty());
        let root = tempfile::tempdir().unwrap();
        let store = self::store(root.path(), 500);
        store.describe().unwrap();
        let file = noted(root.path()).remove(0);
        let before = fs::read(&file).unwrap();
        for number in 0..200 {
            fs::write(root.path().join(format!("envs/e{number:03}/bin/pip")), "").unwrap();
        }
        store.survey_where(&|name| name.as_bytes() < &b"e200"[..]).unwrap();
        assert_eq!(fs::read(&file).unwrap(), before);
        store.describe().unwrap();
        assert_ne!(fs::read(&file).unwrap(), before);
    }
}
