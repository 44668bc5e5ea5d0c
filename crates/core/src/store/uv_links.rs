//! The directories whose `.venv` was made to name an environment, as a link for uv or as a file: no association tells
//! them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Store;
use crate::env::Environment;
use crate::env::pyvenv_cfg::Creator;
use crate::fs::identity::{is_same_entry, is_same_file};
use crate::fs::{self, PathResult};

/// Their place in the state directory.
const PLACE: &str = "uv-links";

/// The name of the link.
const LINK: &str = ".venv";

/// The word of an environment that uv had made by then.
const OF_UV: &str = "uv";

/// The only word where `.venv` is a file.
const FILE: &str = "file";

/// What the word of the version begins with that was pinned for the link.
const PIN: &str = "pin=";

/// More than a path and a word.
const LIMIT: u64 = 16 * 1024;

/// A directory in which uv uses an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UvLink {
    /// The directory.
    pub directory: PathBuf,
    /// What its `.venv` names.
    pub target: PathBuf,
    /// The version that was pinned along with the link.
    pub pin: Option<String>,
    /// Whether uv had made the environment when it was linked.
    is_of_uv: bool,
    /// Whether `.venv` names what it was made for. Somebody may have led it to another environment since.
    is_unchanged: bool,
}

impl UvLink {
    /// Returns whether uv has deleted the environment since, and made another one in its place.
    pub fn is_replaced(&self, environment: &Environment) -> bool {
        self.is_unchanged && !self.is_of_uv && is_of_uv(environment)
    }

    /// Returns whether the link leads to an environment.
    pub fn leads_to(&self, environment: &Environment) -> bool {
        Self::is_of(&self.target, environment)
    }

    /// Returns whether a path leads to an environment.
    pub(crate) fn is_of(target: &Path, environment: &Environment) -> bool {
        target == environment.path() || is_same_file(target, environment.path())
    }

    /// Returns whether the link still names the path for which it was made.
    pub(crate) fn leads_still_to(&self, path: &Path) -> bool {
        self.is_unchanged && self.target == path
    }

    /// The link of a record; none where `.venv` of its directory is no link any more.
    fn of(record: Record) -> Option<Self> {
        let target = target_of(&record.directory)?;
        // Records of old had no target.
        let is_unchanged = record.noted.as_ref().is_none_or(|noted| *noted == target);
        let pin = record.pin.filter(|_| is_unchanged);
        // A link in the place of the file is somebody else's.
        let link = Self { directory: record.directory, target, pin, is_of_uv: record.is_of_uv, is_unchanged };
        (!record.is_file).then_some(link)
    }
}

/// What was noted of a directory.
struct Record {
    directory: PathBuf,
    /// What `.venv` named then; records of old do not say it.
    noted: Option<PathBuf>,
    pin: Option<String>,
    is_of_uv: bool,
    /// Whether `.venv` was a file.
    is_file: bool,
}

impl Record {
    fn read(file: &Path) -> Option<Self> {
        Self::parse(&fs::read_limited(file, LIMIT).ok()?)
    }

    fn parse(content: &[u8]) -> Option<Self> {
        let mut parts = content.split(|&byte| byte == 0);
        let words: Vec<_> = std::str::from_utf8(parts.next()?).ok()?.split(' ').collect();
        let mut path = || Some(PathBuf::from(OsStr::from_bytes(parts.next()?)));
        Some(Self {
            directory: path().filter(|directory| directory.is_absolute())?,
            noted: path(),
            pin: words.iter().find_map(|word| word.strip_prefix(PIN)).map(str::to_owned),
            is_of_uv: words.contains(&OF_UV),
            is_file: words.contains(&FILE),
        })
    }

    /// The link as it was then.
    fn link(self) -> Option<UvLink> {
        let Self { directory, noted, pin, is_of_uv, .. } = self;
        Some(UvLink { directory, target: noted?, pin, is_of_uv, is_unchanged: true })
    }
}

impl Store {
    /// Notes that `.venv` of a directory is a link to an environment, and which version was pinned there for it.
    pub(crate) fn note_uv_link(
        &self,
        directory: &Path,
        environment: &Environment,
        pin: Option<&str>,
    ) -> PathResult<()> {
        self.write_uv_link(directory, is_of_uv(environment), pin)
    }

    /// Notes that `.venv` of a directory names another path now, to which its environment was renamed.
    pub(crate) fn renote_uv_link(&self, before: &UvLink) -> PathResult<()> {
        // What somebody else has led elsewhere stays that.
        if !before.is_unchanged {
            return Ok(());
        }
        self.write_uv_link(&before.directory, before.is_of_uv, before.pin.as_deref())
    }

    /// Notes that `.venv` of a directory is a file that names an environment.
    pub(crate) fn note_file_link(&self, directory: &Path) -> PathResult<()> {
        self.write_link(directory, FILE)
    }

    fn write_uv_link(&self, directory: &Path, is_of_uv: bool, pin: Option<&str>) -> PathResult<()> {
        let pin = pin.map(|pin| format!("{PIN}{pin}"));
        let words = [is_of_uv.then_some(OF_UV), pin.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        self.write_link(directory, &words)
    }

    fn write_link(&self, directory: &Path, words: &str) -> PathResult<()> {
        let Some(place) = self.place_of_uv_links() else { return Ok(()) };
        sweep(&place);
        let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
        let target = target_of(&directory).unwrap_or_default();
        let parts = [words.as_bytes(), directory.as_os_str().as_bytes(), target.as_os_str().as_bytes()];
        fs::create_private_all(&place)?;
        fs::replace_file(&place.join(name_of(&directory)), &parts.join(&b'\0'), 0o600)
    }

    /// Returns the link in a directory, if its `.venv` still is one.
    pub(crate) fn uv_link(&self, directory: &Path) -> Option<UvLink> {
        let directory = directory.canonicalize().ok()?;
        UvLink::of(Record::read(&self.place_of_uv_links()?.join(name_of(&directory)))?)
            .filter(|link| link.directory == directory)
    }

    /// Returns the links that a directory without a record may have brought along when it was moved or copied: others are
    /// noted with a link to the same place. They differ in what was pinned.
    pub(crate) fn brought_uv_links(&self, directory: &Path) -> Vec<UvLink> {
        let Some(target) = target_of(directory) else { return Vec::new() };
        let is_same = |record: &Record| record.noted.as_ref().is_some_and(|noted| is_same_entry(noted, &target));
        let records = self.records_of_links().map(|(_, record)| record).filter(is_same);
        let (directory, target) = (directory.to_path_buf(), &target);
        let link =
            |record: Record| Some(UvLink { directory: directory.clone(), target: target.clone(), ..record.link()? });
        records.filter_map(link).collect()
    }

    /// Returns the links of directories that are gone, and in which a version was pinned: whoever has moved one has taken
    /// its pin along.
    pub(crate) fn lost_uv_links(&self) -> Vec<UvLink> {
        let mut found: Vec<_> = self.records_of_lost().map(|(_, link)| link).collect();
        found.sort_by(|a, b| a.directory.cmp(&b.directory));
        found
    }

    /// Forgets such a directory of an environment: this one, or else any, because another one has come in its place.
    /// Returns whether it was known.
    pub fn forget_lost_link(&self, environment: &Environment, directory: Option<&Path>) -> bool {
        let is_meant = |link: &UvLink| {
            directory.is_none_or(|directory| is_same_entry(directory, &link.directory)) && link.leads_to(environment)
        };
        let record = self.records_of_lost().find(|(_, link)| is_meant(link));
        record.is_some_and(|(file, _)| std::fs::remove_file(file).is_ok())
    }

    fn records_of_lost(&self) -> impl Iterator<Item = (PathBuf, UvLink)> {
        let lost = self.records_of_links().filter(|(_, record)| record.pin.is_some() && is_gone(&record.directory));
        lost.filter_map(|(file, record)| Some((file, record.link()?)))
    }

    /// Returns whether any directory was ever linked; costs one look.
    pub fn has_uv_links(&self) -> bool {
        self.place_of_uv_links().is_some_and(|place| place.exists())
    }

    /// Returns all directories whose `.venv` still is a link; costs one look where there is none.
    pub fn uv_links(&self) -> Vec<UvLink> {
        let mut found: Vec<_> = self.records_of_links().filter_map(|(_, record)| UvLink::of(record)).collect();
        found.sort_by(|a, b| a.directory.cmp(&b.directory));
        found
    }

    /// Returns the directories whose `.venv` was made to name an environment, as a link or as a file, and does so now.
    pub fn linked_directories(&self, env: &Path) -> Vec<PathBuf> {
        let directory_of = |record: Record| {
            let target = if record.is_file { named_in(&record.directory) } else { target_of(&record.directory) };
            is_same_entry(&target?, env).then_some(record.directory)
        };
        let mut found: Vec<_> = self.records_of_links().filter_map(|(_, record)| directory_of(record)).collect();
        found.sort();
        found
    }

    fn records_of_links(&self) -> impl Iterator<Item = (PathBuf, Record)> {
        records_in(self.place_of_uv_links())
    }

    fn place_of_uv_links(&self) -> Option<PathBuf> {
        Some(self.options().state_dir.as_deref()?.join(PLACE))
    }
}

/// The name of the record of a directory.
fn name_of(directory: &Path) -> String {
    let mut hash = fs::hex::hex(&Sha256::digest(directory.as_os_str().as_bytes()));
    hash.truncate(32);
    hash
}

/// Returns all records with their files; costs one look where there is none.
fn records_in(place: Option<PathBuf>) -> impl Iterator<Item = (PathBuf, Record)> {
    let files = place.and_then(|place| std::fs::read_dir(place).ok()).into_iter().flatten().flatten();
    files.map(|entry| entry.path()).filter_map(|file| Some((file.clone(), Record::read(&file)?)))
}

/// What `.venv` of a directory names.
fn target_of(directory: &Path) -> Option<PathBuf> {
    let target = std::fs::read_link(directory.join(LINK)).ok()?;
    Some(fs::absolute(directory, &target))
}

/// What the file `.venv` of a directory names; a path only, as it was written.
fn named_in(directory: &Path) -> Option<PathBuf> {
    let file = directory.join(LINK);
    file.symlink_metadata().is_ok_and(|found| found.is_file()).then_some(())?;
    let content = fs::read_limited(&file, LIMIT).ok()?;
    let path = Path::new(OsStr::from_bytes(content.strip_suffix(b"\n")?));
    path.is_absolute().then(|| path.to_path_buf())
}

/// Returns whether a directory is not there. Without its parent it may be on a disk that is not mounted.
fn is_gone(directory: &Path) -> bool {
    directory.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        && directory.parent().is_some_and(Path::is_dir)
}

/// Deletes the records of directories that are gone. One that was moved has taken its link and what was pinned along: one
/// record tells that.
fn sweep(place: &Path) {
    let mut kept = Vec::new();
    for (file, Record { directory, noted, pin, is_of_uv, .. }) in records_in(Some(place.to_path_buf())) {
        if !is_gone(&directory) {
            continue;
        }
        let is_of_use = pin.is_some() && noted.as_deref().is_some_and(Path::exists);
        let told = (noted, pin, is_of_uv);
        if is_of_use && !kept.contains(&told) {
            kept.push(told);
            continue;
        }
        // What stays is only read in vain.
        let _ = std::fs::remove_file(file);
    }
}

/// By its `pyvenv.cfg` alone: other files of ours are there again as soon as it is entered.
fn is_of_uv(environment: &Environment) -> bool {
    environment.cfg().is_some_and(|cfg| cfg.creator() == Creator::Uv)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;
    use crate::store::StoreOptions;
    use std::os::unix::fs::symlink;

    fn place() -> (tempfile::TempDir, Store) {
        let root = tempfile::tempdir().unwrap();
        let options = Store::at(root.path().join("envs")).options().clone();
        let store = Store::open(StoreOptions { state_dir: Some(root.path().join("state")), ..options });
        (root, store)
    }

    fn make(store: &Store, name: &str) -> Environment {
        let environment = store.environment(EnvName::for_new(name.as_ref()).unwrap());
        std::fs::create_dir_all(environment.path()).unwrap();
        environment
    }

    #[test]
    fn links_are_known_until_they_are_none() {
        let (root, store) = place();
        assert_eq!(store.uv_links(), []);
        let environment = make(&store, "api");
        let cfg = |text: &str| std::fs::write(environment.path().join("pyvenv.cfg"), text).unwrap();
        cfg("version = 3.12.1\n");
        for name in ["it's $(p)", "b"] {
            let directory = root.path().join(name);
            std::fs::create_dir(&directory).unwrap();
            symlink(environment.path(), directory.join(".venv")).unwrap();
            store.note_uv_link(&directory, &environment, None).unwrap();
        }
        let found = store.uv_links();
        let names: Vec<_> = found.iter().map(|link| link.directory.file_name().unwrap()).collect();
        assert_eq!(names, ["b", "it's $(p)"]);
        assert!(found.iter().all(|link| link.leads_to(&environment) && !link.is_replaced(&environment)));
        cfg("uv = 0.13.8\n");
        assert!(store.uv_links()[0].is_replaced(&environment));
        store.note_uv_link(&root.path().join("b"), &environment, Some("3.12")).unwrap();
        assert!(!store.uv_links()[0].is_replaced(&environment), "known when it was linked");
        assert_eq!(store.uv_links()[0].pin.as_deref(), Some("3.12"));
        std::fs::remove_file(root.path().join("b/.venv")).unwrap();
        assert_eq!(store.uv_links().len(), 1);
    }

    #[test]
    fn a_link_that_somebody_led_elsewhere_is_theirs() {
        let (root, store) = place();
        let [environment, other] = ["api", "other"].map(|name| make(&store, name));
        std::fs::write(other.path().join("pyvenv.cfg"), "uv = 0.13.8\n").unwrap();
        let directory = root.path().canonicalize().unwrap().join("p");
        std::fs::create_dir(&directory).unwrap();
        let link = |environment: &Environment| {
            fs::replace_symlink(environment.path(), &directory.join(".venv")).unwrap();
        };
        link(&environment);
        store.note_uv_link(&directory, &environment, Some("3.12")).unwrap();
        assert_eq!(store.uv_link(&directory).unwrap().pin.as_deref(), Some("3.12"));
        link(&other);
        let found = store.uv_link(&directory).unwrap();
        assert!(found.leads_to(&other) && !found.is_replaced(&other) && found.pin.is_none(), "{found:?}");
        store.renote_uv_link(&found).unwrap();
        assert!(!store.uv_link(&directory).unwrap().is_replaced(&other), "still");
        // A record without a target.
        let record = store.place_of_uv_links().unwrap().join(name_of(&directory));
        std::fs::write(&record, [b"pin=3.12\0", directory.as_os_str().as_bytes()].concat()).unwrap();
        let found = store.uv_link(&directory).unwrap();
        assert!(found.is_replaced(&other) && found.pin.as_deref() == Some("3.12"), "{found:?}");
    }

    #[test]
    fn directories_with_a_file_are_known_until_it_names_something_else() {
        let (root, store) = place();
        let environment = make(&store, "api");
        let directories = ["file", "link"].map(|name| root.path().canonicalize().unwrap().join(name));
        let [file, link] = &directories;
        for directory in &directories {
            std::fs::create_dir(directory).unwrap();
        }
        let venv = file.join(".venv");
        std::fs::write(&venv, [environment.path().as_os_str().as_bytes(), b"\n"].concat()).unwrap();
        store.note_file_link(file).unwrap();
        symlink(environment.path(), link.join(".venv")).unwrap();
        store.note_uv_link(link, &environment, None).unwrap();
        assert_eq!(store.linked_directories(environment.path()), directories);
        assert_eq!(store.uv_links().len(), 1, "uv does not warn of a file");
        // Somebody else has made it a link, or has written something else.
        std::fs::remove_file(&venv).unwrap();
        symlink(environment.path(), &venv).unwrap();
        assert_eq!(store.linked_directories(environment.path()), std::slice::from_ref(link));
        assert!(store.uv_links().len() == 1 && store.uv_link(file).is_none());
        std::fs::remove_file(&venv).unwrap();
        std::fs::write(&venv, "api\n").unwrap();
        assert_eq!(store.linked_directories(environment.path()), std::slice::from_ref(link));
    }

    #[test]
    fn what_was_pinned_is_remembered_of_one_directory_that_is_gone() {
        let (root, store) = place();
        let environment = make(&store, "api");
        let directories = ["a", "b", "c"].map(|name| root.path().join(name));
        for directory in &directories {
            std::fs::create_dir(directory).unwrap();
            symlink(environment.path(), directory.join(".venv")).unwrap();
            store.note_uv_link(directory, &environment, Some("3.12")).unwrap();
        }
        let [a, b, c] = &directories;
        fs::remove_tree(a).unwrap();
        std::fs::rename(b, root.path().join("moved")).unwrap();
        store.note_uv_link(c, &environment, None).unwrap();
        let brought = store.brought_uv_links(&root.path().join("moved"));
        let pins: Vec<_> = brought.iter().filter_map(|link| link.pin.as_deref()).collect();
        assert!(brought.len() == 2 && pins == ["3.12"], "{brought:?}");
        fs::remove_tree(environment.path()).unwrap();
        store.note_uv_link(c, &environment, None).unwrap();
        assert_eq!(std::fs::read_dir(store.place_of_uv_links().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn records_of_directories_that_are_gone_are_deleted() {
        let (root, store) = place();
        let environment = make(&store, "api");
        let directories = ["gone", "away/unmounted", "kept"].map(|name| root.path().join(name));
        for directory in &directories {
            std::fs::create_dir_all(directory).unwrap();
            store.note_uv_link(directory, &environment, None).unwrap();
        }
        std::fs::remove_dir(&directories[0]).unwrap();
        std::fs::rename(root.path().join("away"), root.path().join("unplugged")).unwrap();
        store.note_uv_link(&directories[2], &environment, None).unwrap();
        assert_eq!(std::fs::read_dir(store.place_of_uv_links().unwrap()).unwrap().count(), 2);
    }
}
