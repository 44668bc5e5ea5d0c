//! What running processes show of themselves in `/proc`, as far as it says in which environment they work.

use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

/// Room for the variables of most processes, and for several pages of what they have in memory.
const ROOM: usize = 64 * 1024;

/// No path is longer.
const MAX_PATH_BYTES: usize = 4096;

/// More of a process's variables is not looked at.
const MAX_ENVIRON_BYTES: usize = 1 << 20;

/// More of what a process has in memory is not looked at.
const MAX_MAPS_BYTES: usize = 4 << 20;

/// Programs that load no code of an environment, and of which there are many.
const WITHOUT_PYTHON: [&str; 10] =
    ["bash", "zsh", "fish", "sh", "dash", "busybox", "sshd", "tmux", "systemd", "venvwrap"];

/// An environment as processes name it.
pub(super) struct Spelling {
    path: PathBuf,
    /// As it is among the variables of a process.
    variable: Vec<u8>,
    /// As it is in the list of what a process has in memory.
    inside: Vec<u8>,
}

impl Spelling {
    pub(super) fn new(path: &Path) -> Self {
        let bytes = path.as_os_str().as_bytes();
        let (variable, inside) = ([b"VIRTUAL_ENV=", bytes].concat(), [b" ", bytes, b"/"].concat());
        Self { path: path.to_path_buf(), variable, inside }
    }

    fn is_active_in(&self, variables: &[u8]) -> bool {
        let begins = |at: usize| at == 0 || variables[at - 1] == 0;
        let ends = |at: usize| variables.get(at + self.variable.len()).is_none_or(|&byte| byte == 0);
        memchr::memmem::find_iter(variables, &self.variable).any(|at| begins(at) && ends(at))
    }

    fn is_mapped_in(&self, maps: &[u8]) -> bool {
        memchr::memmem::find(maps, &self.inside).is_some()
    }
}

/// Looks at processes one after the other. The room for what they show is made once: making it anew for each takes the
/// system as long as the answer.
pub(super) struct Looks {
    processes: Option<OwnedFd>,
    room: Vec<u8>,
}

impl Looks {
    pub(super) fn new() -> Self {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Self { processes: rustix::fs::open("/proc", flags, Mode::empty()).ok(), room: vec![0; ROOM] }
    }

    /// Returns of each place, which may have several spellings, whether a process uses it: was started from there or with
    /// it active, works in it, or has one of its files as code, such as an extension module or a copied interpreter.
    ///
    /// Each thing is asked once, the cheap ones first. Threads of the kernel have no program, and who may not see the
    /// program of a process sees nothing else of it.
    pub(super) fn used(&mut self, pid: i32, places: &[&[Spelling]]) -> Vec<bool> {
        let mut used = vec![false; places.len()];
        let Some(program) = self.link(pid, "exe") else { return used };
        let has_python = !program.file_name().is_some_and(|name| WITHOUT_PYTHON.iter().any(|known| name == *known));
        note(&mut used, places, |spelling| program.starts_with(&spelling.path));
        let called = self.read(pid, "cmdline", MAX_PATH_BYTES);
        // Where `python` is a link, what it runs is elsewhere.
        let called = Path::new(OsStr::from_bytes(&called[..memchr::memchr(0, called).unwrap_or(called.len())]));
        note(&mut used, places, |spelling| called.starts_with(&spelling.path));
        if let Some(directory) = self.link(pid, "cwd") {
            note(&mut used, places, |spelling| directory.starts_with(&spelling.path));
        }
        let variables = self.read(pid, "environ", MAX_ENVIRON_BYTES);
        note(&mut used, places, |spelling| spelling.is_active_in(variables));
        if has_python && !used.iter().all(|used| *used) {
            let maps = self.read(pid, "maps", MAX_MAPS_BYTES);
            note(&mut used, places, |spelling| spelling.is_mapped_in(maps));
        }
        used
    }

    fn link(&self, pid: i32, name: &str) -> Option<PathBuf> {
        let mut room = [MaybeUninit::<u8>::uninit(); MAX_PATH_BYTES];
        let path = format!("{pid}/{name}");
        let (target, _) = rustix::fs::readlinkat_raw(self.processes.as_ref()?, path, &mut room).ok()?;
        Some(OsStr::from_bytes(target).into())
    }

    /// The beginning of a file that the system makes; nothing if it cannot be read. It does not tell its size.
    fn read(&mut self, pid: i32, name: &str, limit: usize) -> &[u8] {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let open = |processes| rustix::fs::openat(processes, format!("{pid}/{name}"), flags, Mode::empty()).ok();
        let Some(file) = self.processes.as_ref().and_then(open) else { return &[] };
        let mut length = 0;
        while length < limit {
            if length == self.room.len() {
                self.room.resize(self.room.len() * 2, 0);
            }
            let end = self.room.len().min(limit);
            match rustix::io::read(&file, &mut self.room[length..end]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return &[],
            }
        }
        &self.room[..length]
    }
}

/// Notes the places of which a spelling is one.
fn note(used: &mut [bool], places: &[&[Spelling]], is_one: impl Fn(&Spelling) -> bool) {
    for (used, spellings) in used.iter_mut().zip(places).filter(|(used, _)| !**used) {
        *used = spellings.iter().any(&is_one);
    }
}

/// The identifiers of all processes that can be seen.
pub(super) fn pids() -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}
