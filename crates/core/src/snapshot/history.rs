//! The snapshots of one environment: files in the state directory, outside of the environment, so that what replaces
//! or removes it leaves them.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::manifest::{self, Head};
use crate::env::name::EnvName;
use crate::fs::lock::DirectoryLock;
use crate::fs::order::Order as _;
use crate::fs::{self, PathContext, PathResult};

/// How many snapshots of an environment are kept.
pub const KEPT: usize = 20;

/// The directory of all snapshots in the state directory.
pub const DIRECTORY: &str = "snapshots";

/// The largest snapshot that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// What stands for the name of an environment that is the root directory.
const NAMELESS: &str = "-";

/// How a snapshot's file name ends.
const EXTENSION: &str = ".txt";

/// More snapshots are not taken in one second.
const MAX_PER_SECOND: u32 = 99;

/// The snapshots of one environment.
#[derive(Clone, Debug)]
pub struct History {
    directory: PathBuf,
}

/// What became of a text that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is a new snapshot.
    New(Snapshot),
    /// The newest snapshot, which had no message, says the same, and has its message now.
    Noted(Snapshot),
    /// The newest snapshot says the same.
    Same(Snapshot),
}

/// One snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name: when it was taken.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
}

/// Why there is no such snapshot.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is none at all.
    #[error("there is no snapshot of `{environment}`")]
    Empty {
        /// The name of the environment.
        environment: EnvName,
    },
    /// None has this name.
    #[error("there is no snapshot `{id}` of `{environment}`")]
    Unknown {
        /// The name of the environment.
        environment: EnvName,
        /// The name.
        id: String,
    },
    /// Several begin like this.
    #[error("several snapshots of `{environment}` begin with `{id}`")]
    Ambiguous {
        /// The name of the environment.
        environment: EnvName,
        /// The beginning.
        id: String,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] fs::PathError),
}

impl History {
    /// Names the snapshots of the environment at a path; nothing is read. Stores may have environments of the same name:
    /// the directory of the store is a part of the place.
    pub fn of(state: &Path, env: &Path) -> Self {
        let store = env.parent().unwrap_or(Path::new("/"));
        let name = env.file_name().unwrap_or(OsStr::new(NAMELESS));
        Self { directory: of_store(state, store).join(name) }
    }

    /// The directory that holds them.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    fn environment(&self) -> EnvName {
        let name = self.directory.file_name().unwrap_or(OsStr::new(NAMELESS));
        EnvName::for_existing(name).expect("the last component of a path is a name")
    }

    /// The error where there are none.
    pub(super) fn empty(&self) -> HistoryError {
        HistoryError::Empty { environment: self.environment() }
    }

    /// The snapshots, the newest first.
    pub fn list(&self) -> PathResult<Vec<Snapshot>> {
        let entries = match std::fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.at("list", &self.directory)?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry.at("list", &self.directory)?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(EXTENSION)).filter(|id| is_id(id));
            found.extend(id.map(|id| Snapshot { id: id.to_owned(), path: self.directory.join(&name) }));
        }
        found.order_by(|a, b| b.id.cmp(&a.id));
        Ok(found)
    }

    /// Finds a snapshot: by its number from the newest, its name, or the beginning of that.
    pub fn find(&self, id: &str) -> Result<Snapshot, HistoryError> {
        let all = self.list()?;
        let unknown = || HistoryError::Unknown { environment: self.environment(), id: id.to_owned() };
        if all.is_empty() {
            return Err(self.empty());
        }
        if id.len() <= 2
            && let Ok(number) = id.parse::<usize>()
        {
            return number.checked_sub(1).and_then(|index| all.into_iter().nth(index)).ok_or_else(unknown);
        }
        if let Some(exact) = all.iter().find(|snapshot| snapshot.id == id) {
            return Ok(exact.clone());
        }
        let mut beginning = all.into_iter().filter(|snapshot| !id.is_empty() && snapshot.id.starts_with(id));
        match (beginning.next(), beginning.next()) {
            (None, _) => Err(unknown()),
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(HistoryError::Ambiguous { environment: self.environment(), id: id.to_owned() }),
        }
    }

    /// Keeps a text as the newest snapshot and removes the oldest ones, unless the newest says the same. A message is kept
    /// in any case.
    pub fn keep(&self, text: &str, now: SystemTime) -> PathResult<Kept> {
        fs::create_private_all(&self.directory)?;
        let _lock = DirectoryLock::take(&self.directory)?;
        let all = self.list()?;
        if let Some(newest) = all.first()
            && let Some(old) = newest.read().ok().filter(|old| manifest::essence(old) == manifest::essence(text))
        {
            let message = |text: &str| manifest::head(text)?.message.filter(|message| !message.is_empty());
            match (message(text), message(&old)) {
                (Some(new), None) => {
                    fs::replace_file(&newest.path, manifest::with_message(&old, &new).as_bytes(), 0o600)?;
                    return Ok(Kept::Noted(newest.clone()));
                }
                (Some(new), Some(old)) if new != old => {}
                _ => return Ok(Kept::Same(newest.clone())),
            }
        }
        let kept = self.write(text, now)?;
        for old in all.iter().skip(KEPT - 1) {
            std::fs::remove_file(&old.path).at("remove", &old.path)?;
        }
        Ok(Kept::New(kept))
    }

    /// Removes all but so many of the newest; returns what it has removed, or would remove.
    pub fn prune(&self, keep: usize, dry_run: bool) -> PathResult<Vec<Snapshot>> {
        if !self.directory.is_dir() {
            return Ok(Vec::new());
        }
        let _lock = if dry_run { None } else { Some(DirectoryLock::take(&self.directory)?) };
        let old: Vec<_> = self.list()?.into_iter().skip(keep).collect();
        for snapshot in old.iter().filter(|_| !dry_run) {
            std::fs::remove_file(&snapshot.path).at("remove", &snapshot.path)?;
        }
        Ok(old)
    }

    /// Makes these the snapshots of an environment that has got another name. Those that the name has already stay with
    /// it: they are of one that is gone. Doing it twice is the same as once.
    pub fn rename(&self, new: &Self) -> PathResult<()> {
        if self.directory == new.directory || !self.directory.is_dir() {
            return Ok(());
        }
        // That of another store may have none yet.
        fs::create_private_all(new.directory.parent().unwrap_or(&new.directory))?;
        match fs::rename_no_replace(&self.directory, &new.directory) {
            Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other,
        }
        let _lock = DirectoryLock::take(&new.directory)?;
        for snapshot in self.list()? {
            let id = |number: u32| if number == 1 { snapshot.id.clone() } else { format!("{}-r{number}", snapshot.id) };
            for number in 1..=MAX_PER_SECOND {
                let place = new.directory.join(format!("{}{EXTENSION}", id(number)));
                match fs::rename_no_replace(&snapshot.path, &place) {
                    Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => {}
                    other => {
                        other?;
                        break;
                    }
                }
            }
        }
        // What else is in it belongs to nobody any more.
        fs::remove_tree(&self.directory)
    }

    /// Gives another environment copies of the snapshots that were taken up to a time. Those that it has already stay.
    pub fn copy_to(&self, new: &Self, until: SystemTime) -> PathResult<()> {
        let until = stamp(until);
        let is_meant = |snapshot: &Snapshot| snapshot.id.get(..until.len()).is_some_and(|start| *start <= *until);
        let meant: Vec<_> = self.list()?.into_iter().filter(is_meant).collect();
        if meant.is_empty() || self.directory == new.directory {
            return Ok(());
        }
        fs::create_private_all(&new.directory)?;
        let _lock = DirectoryLock::take(&new.directory)?;
        for snapshot in meant {
            let path = new.directory.join(format!("{}{EXTENSION}", snapshot.id));
            match fs::publish_new(&path, snapshot.read()?.as_bytes(), 0o600) {
                Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Rewrites the snapshots by a rule, which returns nothing for what stays. Doing it twice is the same as once.
    pub(crate) fn rewrite(&self, new: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> PathResult<()> {
        if !self.directory.is_dir() {
            return Ok(());
        }
        let _lock = DirectoryLock::take(&self.directory)?;
        for snapshot in self.list()? {
            if let Some(text) = new(snapshot.read()?.as_bytes()) {
                fs::replace_file(&snapshot.path, &text, 0o600)?;
            }
        }
        Ok(())
    }

    fn write(&self, text: &str, now: SystemTime) -> PathResult<Snapshot> {
        let stamp = stamp(now);
        for number in 1..=MAX_PER_SECOND {
            let id = if number == 1 { stamp.clone() } else { format!("{stamp}-{number:02}") };
            let path = self.directory.join(format!("{id}{EXTENSION}"));
            // It may hold passwords.
            match fs::publish_new(&path, text.as_bytes(), 0o600) {
                Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other.map(|()| Snapshot { id, path }),
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists)).at("create", &self.directory)
    }
}

impl Snapshot {
    /// Reads it.
    pub fn read(&self) -> PathResult<String> {
        fs::read_limited(&self.path, MAX_BYTES).map(|content| String::from_utf8_lossy(&content).into_owned())
    }

    /// Reads its head; an empty one where it has been damaged.
    pub fn head(&self) -> Head {
        self.read().ok().and_then(|text| manifest::head(&text)).unwrap_or_default()
    }
}

/// The directory of the snapshots of a store's environments.
pub fn of_store(state: &Path, store: &Path) -> PathBuf {
    use sha2::Digest;
    let hash = crate::fs::hex::hex(&sha2::Sha256::digest(store.as_os_str().as_bytes()));
    state.join(DIRECTORY).join(&hash[..16])
}

/// A time as names of snapshots have it: later ones are greater.
fn stamp(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string().replace(['-', ':'], "")
}

fn is_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_digit()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn text(package: &str) -> String {
        format!("# venvwrap-snapshot: 1\n# created: x\n{package}\n")
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn twenty_are_kept_and_equal_ones_once() {
        let state = tempfile::tempdir().unwrap();
        let history = History::of(state.path(), Path::new("/envs/a b"));
        assert!(matches!(history.find("1"), Err(HistoryError::Empty { .. })));
        for number in 0..25 {
            let content = text(&format!("a=={number}"));
            assert!(matches!(history.keep(&content, at(number)).unwrap(), Kept::New(_)));
            assert!(matches!(history.keep(&content.replace('x', "y"), at(number + 1)).unwrap(), Kept::Same(_)));
        }
        let all = history.list().unwrap();
        assert_eq!((all.len(), all[0].id.as_str()), (KEPT, "19700101T000024Z"));
        assert!(all[0].read().unwrap().contains("a==24"));
        assert_eq!(history.find("1").unwrap(), all[0]);
        assert_eq!(history.find("20").unwrap(), all[19]);
        assert_eq!(history.find("19700101T000023").unwrap(), all[1]);
        assert!(matches!(history.find("1970"), Err(HistoryError::Ambiguous { .. })));
        for unknown in ["21", "0", "x", "", "../a"] {
            assert!(matches!(history.find(unknown), Err(HistoryError::Unknown { .. })), "{unknown}");
        }
    }

    #[test]
    fn no_message_is_lost() {
        use std::os::unix::fs::PermissionsExt;
        let state = tempfile::tempdir().unwrap();
        let history = History::of(state.path(), Path::new("/envs/a"));
        let with = |message: &str| format!("# venvwrap-snapshot: 1\n# reason: snapshot\n{message}a==1\n");
        history.keep(&with("").replace("snapshot\n", "upgrade\n"), at(1)).unwrap();
        assert!(matches!(history.keep(&with("# message: one\n"), at(2)).unwrap(), Kept::Noted(_)));
        assert!(matches!(history.keep(&with("# message: one\n"), at(3)).unwrap(), Kept::Same(_)));
        assert!(matches!(history.keep(&with(""), at(4)).unwrap(), Kept::Same(_)));
        assert!(matches!(history.keep(&with("# message: two\n"), at(5)).unwrap(), Kept::New(_)));
        let all = history.list().unwrap();
        let heads: Vec<_> =
            all.iter().map(|snapshot| (snapshot.head().message.unwrap(), snapshot.head().reason)).collect();
        assert_eq!(heads, [("two".into(), "snapshot".into()), ("one".into(), "upgrade".to_owned())]);
        assert_eq!(all[1].path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn several_in_one_second_stay_in_order_and_private() {
        use std::os::unix::fs::PermissionsExt;
        let state = tempfile::tempdir().unwrap();
        let history = History::of(state.path(), Path::new("/envs/a"));
        for number in 0..3 {
            history.keep(&text(&format!("a=={number}")), at(7)).unwrap();
        }
        let ids: Vec<_> = history.list().unwrap().into_iter().map(|snapshot| snapshot.id).collect();
        assert_eq!(ids, ["19700101T000007Z-03", "19700101T000007Z-02", "19700101T000007Z"]);
        assert_eq!(history.find("19700101T000007Z").unwrap().id, "19700101T000007Z");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(history.path()), mode(&history.list().unwrap()[0].path)), (0o700, 0o600));
    }

    #[test]
    fn the_snapshots_follow_a_rename_and_none_is_lost() {
        let state = tempfile::tempdir().unwrap();
        let of = |name: &str| History::of(state.path(), &Path::new("/envs").join(name));
        let (old, new) = (of("old"), of("it's new"));
        old.rename(&new).unwrap();
        assert!(new.list().unwrap().is_empty());
        old.keep(&text("a==1"), at(1)).unwrap();
        old.rename(&new).unwrap();
        assert_eq!((old.list().unwrap().len(), new.list().unwrap().len()), (0, 1));
        // The name had an environment once, and two snapshots have the same time.
        for (number, package) in [(1, "a==2"), (2, "a==3")] {
            old.keep(&text(package), at(number)).unwrap();
        }
        old.rename(&new).unwrap();
        old.rename(&new).unwrap();
        let ids: Vec<_> = new.list().unwrap().into_iter().map(|snapshot| snapshot.id).collect();
        assert_eq!(ids, ["19700101T000002Z", "19700101T000001Z-r2", "19700101T000001Z"]);
        assert!(!old.path().exists());
    }

    #[test]
    fn the_snapshots_follow_to_a_store_that_has_none() {
        use std::os::unix::fs::PermissionsExt;
        let state = tempfile::tempdir().unwrap();
        let [old, new] = ["/envs/web", "/place/web"].map(|env| History::of(state.path(), Path::new(env)));
        old.keep(&text("a==1"), at(1)).unwrap();
        old.rename(&new).unwrap();
        assert_eq!((old.list().unwrap().len(), new.list().unwrap().len()), (0, 1));
        let store = of_store(state.path(), Path::new("/place"));
        assert_eq!(store.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn copies_are_of_the_time_before_and_replace_nothing() {
        let state = tempfile::tempdir().unwrap();
        let of = |name: &str| History::of(state.path(), &Path::new("/envs").join(name));
        let (old, new) = (of("old"), of("new"));
        old.copy_to(&new, at(9)).unwrap();
        assert!(!new.path().exists());
        for (time, package) in [(1, "a==1"), (2, "a==2"), (2, "a==3"), (3, "a==4")] {
            old.keep(&text(package), at(time)).unwrap();
        }
        new.keep(&text("b==1"), at(1)).unwrap();
        old.copy_to(&new, at(2)).unwrap();
        let texts: Vec<_> = new.list().unwrap().iter().map(|snapshot| snapshot.read().unwrap()).collect();
        assert_eq!(texts, [text("a==3"), text("a==2"), text("b==1")]);
        assert_eq!(old.list().unwrap().len(), 4);
    }

    #[test]
    fn stores_do_not_share_their_snapshots() {
        let of = |env: &str| History::of(Path::new("/s"), Path::new(env)).path().to_path_buf();
        assert_ne!(of("/envs/a"), of("/other/a"));
        assert_eq!(of("/envs/a").parent(), Some(&*of_store(Path::new("/s"), Path::new("/envs"))));
    }
}
