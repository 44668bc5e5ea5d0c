//! The directories whose `.venv` was made a link to an environment for uv: no association tells them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Store;
use crate::env::Environment;
use crate::env::pyvenv_cfg::Creator;
use crate::fs::identity::is_same_file;
use crate::fs::{self, PathResult};

/// Their place in the state directory.
const PLACE: &str = "uv-links";

/// The name of the link.
const LINK: &str = ".venv";

/// The word of an environment that uv had made by then.
const OF_UV: &str = "uv";

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
}

impl UvLink {
    /// Returns whether uv has deleted the environment since, and made another one in its place.
    pub fn is_replaced(&self, environment: &Environment) -> bool {
        !self.is_of_uv && is_of_uv(environment)
    }

    /// Returns whether the link leads to an environment.
    pub fn leads_to(&self, environment: &Environment) -> bool {
        self.target == environment.path() || is_same_file(&self.target, environment.path())
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
        let Some(place) = self.place_of_uv_links() else { return Ok(()) };
        let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
        let path = directory.as_os_str().as_bytes();
        let pin = pin.map(|pin| format!("{PIN}{pin}"));
        let words = [is_of_uv(environment).then_some(OF_UV), pin.as_deref()];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let hash = fs::hex::hex(&Sha256::digest(path));
        fs::create_private_all(&place)?;
        fs::replace_file(&place.join(&hash[..32]), &[words.as_bytes(), b"\0", path].concat(), 0o600)
    }

    /// Returns all directories whose `.venv` still is a link; costs one look where there is none.
    pub fn uv_links(&self) -> Vec<UvLink> {
        let entries = self.place_of_uv_links().and_then(|place| std::fs::read_dir(place).ok());
        let mut found: Vec<_> =
            entries.into_iter().flatten().flatten().filter_map(|entry| read(&entry.path())).collect();
        found.sort_by(|a, b| a.directory.cmp(&b.directory));
        found
    }

    fn place_of_uv_links(&self) -> Option<PathBuf> {
        Some(self.options().state_dir.as_deref()?.join(PLACE))
    }
}

fn read(file: &Path) -> Option<UvLink> {
    let content = fs::read_limited(file, LIMIT).ok()?;
    let at = content.iter().position(|&byte| byte == 0)?;
    let directory = PathBuf::from(OsStr::from_bytes(&content[at + 1..]));
    let target = std::fs::read_link(directory.join(LINK)).ok()?;
    let target = fs::absolute(&directory, &target);
    let words: Vec<_> = std::str::from_utf8(&content[..at]).ok()?.split(' ').collect();
    let pin = words.iter().find_map(|word| word.strip_prefix(PIN)).map(str::to_owned);
    directory.is_absolute().then(|| UvLink { target, pin, is_of_uv: words.contains(&OF_UV), directory })
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

    #[test]
    fn links_are_known_until_they_are_none() {
        let root = tempfile::tempdir().unwrap();
        let options = Store::at(root.path().join("envs")).options().clone();
        let store = Store::open(StoreOptions { state_dir: Some(root.path().join("state")), ..options });
        assert_eq!(store.uv_links(), []);
        let environment = store.environment(EnvName::for_new("api".as_ref()).unwrap());
        std::fs::create_dir_all(environment.path()).unwrap();
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
}
