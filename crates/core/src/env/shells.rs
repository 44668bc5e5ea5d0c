//! The shells in which an environment is active, as far as the functions have activated it.
//!
//! No other process can see the variables of a shell: the system shows those that it was started with. So `workon` notes
//! the shell in a file that has its name, and the shell empties that file when it leaves the environment, for which it
//! starts no process. A shell that ends leaves its file behind, which counts as long as the shell lives.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::owner::{Life, Owner};
use crate::fs;

/// The directory in the state directory.
const DIRECTORY: &str = "shells";

/// More than a path and a record of a process.
const MAX_BYTES: u64 = 16 * 1024;

/// With more files than this, those of ended shells are removed.
const MANY: usize = 64;

/// How long a shell of another machine or container is believed to live.
const BELIEVED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The files of the shells.
#[derive(Clone, Debug)]
pub struct Shells {
    directory: PathBuf,
}

impl Shells {
    /// Names the register in a state directory; nothing is read.
    pub fn new(state: &Path) -> Self {
        Self { directory: state.join(DIRECTORY) }
    }

    /// Notes that an environment is active in a shell. Returns the file to empty when it is left; none where nothing can
    /// be noted. Of a shell that was noted before, only the newest environment counts.
    pub fn enter(&self, pid: i32, env: &Path, now: SystemTime) -> Option<PathBuf> {
        let owner = Owner::of(pid);
        let file = self.directory.join(owner.file_name());
        let record = toml::to_string(&owner).ok()?;
        let content = [record.as_bytes(), b"\0", env.as_os_str().as_bytes()].concat();
        if fs::replace_file(&file, &content, 0o600).is_err() {
            fs::create_private_all(&self.directory).ok()?;
            fs::replace_file(&file, &content, 0o600).ok()?;
        }
        if self.files().len() > MANY {
            self.prune(now);
        }
        Some(file)
    }

    /// The living shells of this system in which an environment is active.
    pub fn within(&self, env: &Path) -> Vec<i32> {
        let real = env.canonicalize().ok();
        let is_it = |path: &Path| path == env || real.is_some() && path.canonicalize().ok() == real;
        let noted = self.files().into_iter().filter_map(|file| read(&file));
        let inside = noted.filter(|(owner, path)| owner.life() == Life::Alive && is_it(path));
        inside.map(|(owner, _)| owner.pid).collect()
    }

    /// Removes the files of shells that have ended or left. Best effort.
    pub fn prune(&self, now: SystemTime) {
        for file in self.files() {
            let age = || now.duration_since(file.metadata().ok()?.modified().ok()?).ok();
            let is_over = match read(&file).map(|(owner, _)| owner.life()) {
                Some(Life::Alive) => false,
                Some(Life::Elsewhere) => age().is_some_and(|age| age > BELIEVED),
                Some(Life::Ended) | None => true,
            };
            if is_over {
                let _ = std::fs::remove_file(file);
            }
        }
    }

    /// Those that are complete: others are about to get their names.
    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        entries.filter(|entry| !fs::is_own_hidden(&entry.file_name())).map(|entry| entry.path()).collect()
    }
}

/// A shell and its environment; none where it has left.
fn read(file: &Path) -> Option<(Owner, PathBuf)> {
    let content = fs::read_limited(file, MAX_BYTES).ok()?;
    let at = memchr::memchr(0, &content)?;
    let owner: Owner = toml::from_str(std::str::from_utf8(&content[..at]).ok()?).ok()?;
    let path = PathBuf::from(OsStr::from_bytes(&content[at + 1..]));
    (owner.pid > 0 && path.is_absolute()).then_some((owner, path))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn own_pid() -> i32 {
        i32::try_from(std::process::id()).unwrap()
    }

    #[test]
    fn a_shell_counts_for_the_environment_that_it_entered_last_until_its_file_is_empty() {
        let root = tempfile::tempdir().unwrap();
        let shells = Shells::new(&root.path().join("state"));
        let (a, b) = (root.path().join("a"), root.path().join("it's $(b)\n"));
        let now = SystemTime::now();
        assert!(shells.within(&a).is_empty());
        shells.enter(own_pid(), &a, now).unwrap();
        assert_eq!(shells.within(&a), [own_pid()]);
        let file = shells.enter(own_pid(), &b, now).unwrap();
        assert!(shells.within(&a).is_empty());
        assert_eq!(shells.within(&b), [own_pid()]);
        std::fs::write(&file, "").unwrap();
        assert!(shells.within(&b).is_empty());
        shells.prune(now);
        assert!(!file.exists());
    }

    #[test]
    fn an_environment_is_known_under_every_spelling() {
        let root = tempfile::tempdir().unwrap();
        let shells = Shells::new(root.path());
        let (real, link) = (root.path().join("real"), root.path().join("link"));
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        shells.enter(own_pid(), &link, SystemTime::now()).unwrap();
        assert_eq!(shells.within(&real), [own_pid()]);
        assert!(shells.within(&root.path().join("rea")).is_empty());
    }

    #[test]
    fn ended_shells_damaged_files_and_old_ones_of_elsewhere_are_pruned() {
        let root = tempfile::tempdir().unwrap();
        let shells = Shells::new(root.path());
        let env = root.path().join("env");
        let now = SystemTime::now();
        let living = shells.enter(own_pid(), &env, now).unwrap();
        let write = |name: &str, owner: &Owner| {
            let file = shells.directory.join(name);
            std::fs::write(&file, format!("{}\0{}", toml::to_string(owner).unwrap(), env.display())).unwrap();
            file
        };
        let own = Owner::of(own_pid());
        let ended = write("ended", &Owner { start: Some("1".into()), ..own.clone() });
        let elsewhere = write("elsewhere", &Owner { boot: Some("x".into()), ..own });
        let damaged = shells.directory.join("damaged");
        std::fs::write(&damaged, b"pid = \xff\0").unwrap();
        assert_eq!(shells.within(&env), [own_pid()]);
        shells.prune(now);
        assert!(living.exists() && elsewhere.exists() && !ended.exists() && !damaged.exists());
        shells.prune(now + BELIEVED + Duration::from_secs(60));
        assert!(living.exists() && !elsewhere.exists());
    }

    #[test]
    fn many_files_are_pruned_when_another_one_comes() {
        let root = tempfile::tempdir().unwrap();
        let shells = Shells::new(root.path());
        let file = shells.enter(own_pid(), root.path(), SystemTime::now()).unwrap();
        for number in 0..MANY {
            std::fs::write(shells.directory.join(number.to_string()), "").unwrap();
        }
        shells.enter(own_pid(), root.path(), SystemTime::now()).unwrap();
        assert_eq!(shells.files(), [file]);
    }
}
