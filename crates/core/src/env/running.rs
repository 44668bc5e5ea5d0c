//! What running processes show of themselves in `/proc`, as far as it says in which environment they work.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Room for the variables or the memory of most processes.
const ROOM: usize = 32 * 1024;

/// No path is longer.
const MAX_PATH_BYTES: u64 = 4096;

/// More of a process's variables is not looked at.
const MAX_ENVIRON_BYTES: u64 = 1 << 20;

/// More of what a process has in memory is not looked at.
const MAX_MAPS_BYTES: u64 = 4 << 20;

/// A process, of which each thing is read once, whatever the number of environments it is compared with.
pub(super) struct Running {
    /// Its identifier.
    pub(super) pid: i32,
    directory: PathBuf,
    /// The program, what it was called by, and the directory that it works in.
    paths: [PathBuf; 3],
    variables: OnceCell<Vec<u8>>,
    maps: OnceCell<Vec<u8>>,
}

impl Running {
    /// Looks at a process. Threads of the kernel have no program, and who may not see the program of a process sees
    /// nothing else of it.
    pub(super) fn of(pid: i32) -> Option<Self> {
        let directory = PathBuf::from(format!("/proc/{pid}"));
        let program = std::fs::read_link(directory.join("exe")).ok()?;
        let paths = [program, called(&directory), std::fs::read_link(directory.join("cwd")).unwrap_or_default()];
        Some(Self { pid, directory, paths, variables: OnceCell::new(), maps: OnceCell::new() })
    }

    /// Returns whether the process was started from an environment or with it active, works in it, or has one of its
    /// files as code: an extension module, or a copied interpreter.
    pub(super) fn uses(&self, env: &Path) -> bool {
        self.paths.iter().any(|path| path.starts_with(env)) || self.has_it_active(env) || self.has_it_mapped(env)
    }

    fn has_it_active(&self, env: &Path) -> bool {
        let variables = self.variables.get_or_init(|| read(&self.directory.join("environ"), MAX_ENVIRON_BYTES));
        let wanted = [b"VIRTUAL_ENV=", env.as_os_str().as_encoded_bytes()].concat();
        variables.split(|&byte| byte == 0).any(|variable| variable == wanted)
    }

    fn has_it_mapped(&self, env: &Path) -> bool {
        let maps = self.maps.get_or_init(|| read(&self.directory.join("maps"), MAX_MAPS_BYTES));
        let inside = [b" ", env.as_os_str().as_encoded_bytes(), b"/"].concat();
        memchr::memmem::find(maps, &inside).is_some()
    }
}

/// All processes that can be seen.
pub(super) fn all() -> impl Iterator<Item = Running> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Running::of(entry.file_name().to_str()?.parse().ok()?))
}

/// What the program of a process was called by. Where `python` is a link, what it runs is elsewhere.
fn called(process: &Path) -> PathBuf {
    let words = read(&process.join("cmdline"), MAX_PATH_BYTES);
    let end = memchr::memchr(0, &words).unwrap_or(words.len());
    OsStr::from_bytes(&words[..end]).into()
}

/// The beginning of a file that the system makes; nothing if it cannot be read. It does not tell its size: without room it
/// would be read in many small pieces, for each of which the system begins at the start.
fn read(file: &Path, limit: u64) -> Vec<u8> {
    let mut content = Vec::with_capacity(ROOM);
    match File::open(file).and_then(|file| file.take(limit).read_to_end(&mut content)) {
        Ok(_) => content,
        Err(_) => Vec::new(),
    }
}
