//! The shells in which an environment is active, as far as the functions have activated it.
//!
//! No other process can see the variables of a shell: the system shows those that it was started with. So a shell writes
//! a note into a file that has its name, and empties it when it leaves the environment; neither starts a process. A shell
//! that ends leaves its file behind, which counts as long as the shell lives.
//!
//! The shell appends to a file that is empty. Emptying and writing in one takes two milliseconds on ext4, which then
//! writes the content to the disk at once.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::process::{Resource, getrlimit};

use super::owner::{Life, Owner};
use crate::fs;
use crate::fs::private::{User, is_place_of_another, is_private};

/// The directory in the state directory.
const DIRECTORY: &str = "shells";

/// More than a path and a record of a process.
const MAX_BYTES: u64 = 16 * 1024;

/// With more files than this, those of ended shells are removed.
const MANY: usize = 64;

/// How long a shell of another machine or container is believed to live.
const BELIEVED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What a shell appends to an empty file when it has activated an environment. It empties the file when it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file.
    pub file: PathBuf,
    /// Its content.
    pub content: Vec<u8>,
}

/// The files of the shells.
#[derive(Clone, Debug)]
pub struct Shells {
    directory: PathBuf,
    user: User,
}

impl Shells {
    /// Names the register in a state directory, for shells of this user; nothing is read.
    pub fn new(state: &Path, user: User) -> Self {
        Self { directory: state.join(DIRECTORY), user }
    }

    /// Returns what a shell has to write that activates an environment; none where it could not. Of a shell only the
    /// newest environment counts.
    pub fn note(&self, pid: i32, env: &Path, now: SystemTime) -> Option<Note> {
        let owner = Owner::of(pid);
        let file = self.directory.join(owner.file_name());
        let is_there = file.exists();
        if !is_there {
            self.prepare(now)?;
        }
        if !self.is_usable() {
            return None;
        }
        if !is_there {
            // With `noclobber`, zsh appends to existing files only.
            std::fs::OpenOptions::new().append(true).create(true).open(&file).ok()?;
        }
        let record = toml::to_string(&owner).ok()?;
        let content = [record.as_bytes(), b"\n", env.as_os_str().as_bytes()].concat();
        // More than the shell may write would end it.
        let limit = getrlimit(Resource::Fsize).current;
        limit.is_none_or(|limit| limit >= content.len() as u64).then_some(Note { file, content })
    }

    /// The living shells of this system, each with the environment that is active in it.
    pub fn living(&self) -> Vec<(i32, PathBuf)> {
        let noted = self.files().into_iter().filter_map(|file| read(&file));
        noted.filter(|(owner, _)| owner.life() == Life::Alive).map(|(owner, path)| (owner.pid, path)).collect()
    }

    /// Removes the files of shells that have ended or left. Best effort.
    pub fn prune(&self, now: SystemTime) {
        if !self.is_usable() {
            return;
        }
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

    /// Removes the directory if no shell is noted in it.
    pub fn close(&self) {
        let _ = std::fs::remove_dir(&self.directory);
    }

    /// Makes the directory for another file.
    fn prepare(&self, now: SystemTime) -> Option<()> {
        if is_place_of_another(&self.directory, self.user) {
            return None;
        }
        fs::made::create_in(self.directory.parent()?, &self.directory).ok()?;
        if self.files().len() >= MANY {
            self.prune(now);
        }
        Some(())
    }

    /// A shell follows links: where another user could make one, it is to write nothing. Neither is anything removed in a
    /// directory that a link leads to.
    fn is_usable(&self) -> bool {
        let found = std::fs::symlink_metadata(&self.directory);
        found.is_ok_and(|found| found.is_dir() && is_private(&found, self.user))
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }
}

/// A shell and its environment; none where it has left.
fn read(file: &Path) -> Option<(Owner, PathBuf)> {
    let content = fs::read_limited(file, MAX_BYTES).ok()?;
    // The record has no empty line; the path may have any.
    let at = memchr::memmem::find(&content, b"\n\n")?;
    let owner: Owner = toml::from_str(std::str::from_utf8(&content[..at]).ok()?).ok()?;
    let path = PathBuf::from(OsStr::from_bytes(&content[at + 2..]));
    (owner.pid > 0 && path.is_absolute()).then_some((owner, path))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn own_pid() -> i32 {
        i32::try_from(std::process::id()).unwrap()
    }

    /// Does what a shell does.
    fn enter(shells: &Shells, env: &Path) -> PathBuf {
        let Note { file, content } = shells.note(own_pid(), env, SystemTime::now()).unwrap();
        std::fs::write(&file, content).unwrap();
        file
    }

    #[test]
    fn a_shell_counts_for_the_environment_that_it_entered_last_until_its_file_is_empty() {
        let root = tempfile::tempdir().unwrap();
        let shells = Shells::new(&root.path().join("state"), User::of_this_process());
        let (a, b) = (root.path().join("a"), root.path().join("it's $(b)\n"));
        let now = SystemTime::now();
        assert!(shells.living().is_empty());
        enter(&shells, &a);
        assert_eq!(shells.living(), [(own_pid(), a)]);
        let file = enter(&shells, &b);
        assert_eq!(shells.living(), [(own_pid(), b)]);
        std::fs::write(&file, "").unwrap();
        assert!(shells.living().is_empty());
        shells.close();
        assert!(file.exists());
        shells.prune(now);
        assert!(!file.exists());
        shells.close();
        assert!(!shells.directory.exists());
    }

    #[test]
    fn nothing_is_written_where_another_user_could_make_a_link() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let shells = Shells::new(root.path(), User::of_this_process());
        enter(&shells, root.path());
        let note = || shells.note(own_pid(), root.path(), SystemTime::now());
        let set = |mode| std::fs::set_permissions(&shells.directory, PermissionsExt::from_mode(mode)).unwrap();
        set(0o777);
        assert_eq!(note(), None);
        set(0o700);
        assert!(note().is_some());
        let elsewhere = root.path().join("elsewhere");
        std::fs::rename(&shells.directory, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &shells.directory).unwrap();
        assert_eq!(note(), None);
        std::fs::write(elsewhere.join("precious"), "").unwrap();
        shells.prune(SystemTime::now());
        assert!(elsewhere.join("precious").exists());
    }

    #[test]
    fn ended_shells_damaged_files_and_old_ones_of_elsewhere_are_pruned() {
        let root = tempfile::tempdir().unwrap();
        let shells = Shells::new(root.path(), User::of_this_process());
        let env = root.path().join("env");
        let now = SystemTime::now();
        let living = enter(&shells, &env);
        let write = |name: &str, owner: &Owner| {
            let file = shells.directory.join(name);
            std::fs::write(&file, format!("{}\n{}", toml::to_string(owner).unwrap(), env.display())).unwrap();
            file
        };
        let own = Owner::of(own_pid());
        let ended = write("ended", &Owner { start: Some("1".into()), ..own.clone() });
        let elsewhere = write("elsewhere", &Owner { boot: Some("x".into()), ..own });
        let damaged = shells.directory.join("damaged");
        std::fs::write(&damaged, b"pid = \xff\n\n/x").unwrap();
        assert_eq!(shells.living(), [(own_pid(), env)]);
        shells.prune(now);
        assert!(living.exists() && elsewhere.exists() && !ended.exists() && !damaged.exists());
        shells.prune(now + BELIEVED + Duration::from_secs(60));
        assert!(living.exists() && !elsewhere.exists());
    }

    #[test]
    fn many_files_are_pruned_when_another_one_comes() {
        let root = tempfile::tempdir().unwrap();
        let shells = Shells::new(root.path(), User::of_this_process());
        std::fs::create_dir_all(&shells.directory).unwrap();
        for number in 0..MANY {
            std::fs::write(shells.directory.join(number.to_string()), "").unwrap();
        }
        let file = enter(&shells, root.path());
        assert_eq!(shells.files(), [file]);
    }
}
