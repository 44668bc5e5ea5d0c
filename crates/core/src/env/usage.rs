//! Which processes use an environment: what decides whether a temporary one may be removed.
//!
//! A shell's variables cannot be seen from outside once it runs, so shells that enter a temporary environment are noted
//! inside it, and those that enter another one in a register ([`super::shells`]). Programs started in it are seen by the
//! variables that they were started with.

use std::path::{Path, PathBuf};

use crate::env::metadata::Metadata;
use crate::env::owner::{Life, Owner, stat_fields};
use crate::env::pipeline;
use crate::env::running::{self, Looks, Spelling};
use crate::fs;
use crate::fs::entry::{Entry, Permissions};
use crate::fs::parallel::in_parallel;
use crate::fs::text::enumerated;

/// Fewer processes are looked at before a second thread has begun.
const PARALLEL_FROM: usize = 256;

/// The directory inside an environment that holds a file for each shell that entered it.
pub(crate) const REGISTER: &str = ".venvwrap-users";

/// More than a record of a process.
const MAX_RECORD_BYTES: u64 = 4096;

/// Notes that the shell with this process identifier has entered the environment. Best effort.
pub fn register(env: &Path, pid: i32) {
    let directory = env.join(REGISTER);
    if !directory.is_dir() {
        let _ = fs::create_dir(&directory, 0o700);
    }
    let owner = Owner::of(pid);
    let name = Path::new(REGISTER).join(owner.file_name());
    let text = toml::to_string(&owner).unwrap_or_default();
    let _ = Entry::below(env, &name).and_then(|entry| entry.replace(text.as_bytes(), Permissions::New(0o600)));
}

/// Forgets the shells that are leaving: the process itself and those that started it.
pub fn unregister(env: &Path, pids: &[i32]) {
    for (file, owner) in registered(env) {
        if pids.contains(&owner.pid) && owner.life() != Life::Elsewhere {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Returns whether any process uses the environment, except those that are leaving it.
///
/// A process uses it that entered it and still lives, that was started from it or with it active, or that works in it.
/// One of another machine, container or start of the system may live for all that is known here.
pub fn is_in_use(env: &Path, leaving: &[i32]) -> bool {
    is_noted(env, leaving) || !Survey::of([env], leaving).pids(env).is_empty()
}

/// The shells that entered a temporary environment somewhere else: only there can be seen whether they still live.
pub fn elsewhere(env: &Path) -> Vec<Owner> {
    noted(env).into_iter().filter(|owner| owner.life() == Life::Elsewhere).collect()
}

/// A process that uses an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its identifier.
    pub pid: i32,
    /// The name of its program.
    pub program: String,
    /// The terminal of a shell in which the environment is active.
    pub terminal: Option<String>,
}

impl std::fmt::Display for User {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.terminal {
            Some(terminal) => write!(formatter, "`{}` in {terminal} ({})", self.program, self.pid),
            None => write!(formatter, "`{}` ({})", self.program, self.pid),
        }
    }
}

/// How many users are named.
const NAMED: usize = 5;

/// Names users in a sentence.
pub fn list(users: &[User]) -> String {
    let mut names: Vec<_> = users.iter().take(NAMED).map(ToString::to_string).collect();
    if users.len() > NAMED {
        names.push(format!("{} more", users.len() - NAMED));
    }
    enumerated(&names, "and")
}

/// Everything that uses an environment, except these processes: shells in which it is active, programs that were
/// started from it or with it active, that work in it, or that have one of its files as code. Best effort: of another
/// user's processes little can be seen.
pub fn users_of(env: &Path, except: &[i32]) -> Vec<User> {
    Survey::of([env], except).users_of(env)
}

/// The processes that work in any of several environments, found by looking once at each process.
pub struct Survey<'a> {
    except: &'a [i32],
    found: Vec<(Place, Vec<i32>)>,
    /// Shells that are noted elsewhere, each with the environment that is active in it.
    shells: Vec<(i32, PathBuf)>,
}

/// An environment, whose path may lead through a link: processes work in the place where it ends.
struct Place {
    path: PathBuf,
    spellings: Vec<Spelling>,
}

impl Place {
    fn new(path: &Path) -> Self {
        let real = path.canonicalize().ok().filter(|real| real != path);
        let spellings = std::iter::once(path).chain(real.as_deref()).map(Spelling::new).collect();
        Self { path: path.to_path_buf(), spellings }
    }
}

impl<'a> Survey<'a> {
    /// Looks at all processes except these.
    pub fn of<'e>(envs: impl IntoIterator<Item = &'e Path>, except: &'a [i32]) -> Self {
        let places: Vec<_> = envs.into_iter().map(Place::new).collect();
        let spellings: Vec<_> = places.iter().map(|place| &place.spellings[..]).collect();
        let pids: Vec<_> = running::pids().into_iter().filter(|pid| !except.contains(pid)).collect();
        let look = |looks: &mut Looks, pids: &[i32]| pids.iter().map(|pid| looks.used(*pid, &spellings)).collect();
        let used: Vec<Vec<bool>> = if pids.len() < PARALLEL_FROM {
            look(&mut Looks::new(), &pids)
        } else {
            in_parallel(&pids, Looks::new, look)
        };
        let users = |number: usize| {
            let users = pids.iter().zip(&used).filter(|(_, used)| used[number]);
            users.map(|(pid, _)| *pid).collect()
        };
        let users: Vec<_> = (0..places.len()).map(users).collect();
        Self { except, found: places.into_iter().zip(users).collect(), shells: Vec::new() }
    }

    /// Adds shells, each with the environment that is active in it.
    pub(crate) fn with_shells(mut self, shells: Vec<(i32, PathBuf)>) -> Self {
        let others = shells.into_iter().filter(|(pid, _)| !self.except.contains(pid));
        self.shells = others.map(|(pid, path)| (pid, resolved(&path))).collect();
        self
    }

    /// The same as the function [`is_in_use`], for an environment that was looked for.
    pub fn is_in_use(&self, env: &Path) -> bool {
        is_noted(env, self.except) || !self.pids(env).is_empty() || self.shells_in(env).next().is_some()
    }

    /// The same as the function [`users_of`], for an environment that was looked for.
    pub fn users_of(&self, env: &Path) -> Vec<User> {
        let is_alive = |owner: &Owner| owner.life() == Life::Alive && !self.except.contains(&owner.pid);
        let noted = noted(env).into_iter().filter(is_alive).map(|owner| owner.pid);
        let shells: Vec<i32> = noted.chain(self.shells_in(env)).collect();
        let mut pids = self.pids(env);
        pids.extend(&shells);
        pids.sort_unstable();
        pids.dedup();
        let terminal = |pid| shells.contains(&pid).then(|| terminal_of(pid));
        pids.into_iter().map(|pid| User { pid, program: program_of(pid), terminal: terminal(pid) }).collect()
    }

    fn shells_in(&self, env: &Path) -> impl Iterator<Item = i32> {
        let real = resolved(env);
        self.shells.iter().filter(move |(_, path)| *path == real).map(|(pid, _)| *pid)
    }

    /// Those that were found and still work in an environment.
    fn pids(&self, env: &Path) -> Vec<i32> {
        let Some((place, pids)) = self.found.iter().find(|(place, _)| place.path == env) else { return Vec::new() };
        if pids.is_empty() {
            return Vec::new();
        }
        let mut looks = Looks::new();
        pids.iter().copied().filter(|pid| looks.used(*pid, &[&place.spellings])[0]).collect()
    }
}

/// Where a path leads, which may have several spellings; the path itself if it leads nowhere.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// The name of the program that a process runs.
fn program_of(pid: i32) -> String {
    let name = fs::read_limited(Path::new(&format!("/proc/{pid}/comm")), MAX_RECORD_BYTES).unwrap_or_default();
    let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
    if name.is_empty() { "?".into() } else { fs::text::printable(name.as_ref()) }
}

/// The terminal that a process reads from.
fn terminal_of(pid: i32) -> String {
    terminal_at(&std::fs::read_link(format!("/proc/{pid}/fd/0")).unwrap_or_default())
}

/// What a person calls a terminal; what else a process reads from, such as `/dev/null`, is none.
fn terminal_at(path: &Path) -> String {
    let name = path.strip_prefix("/dev").unwrap_or(Path::new("")).to_string_lossy();
    let is_terminal = name.starts_with("pts/") || name.starts_with("tty") || name == "console";
    if is_terminal { name.into_owned() } else { "the background".into() }
}

/// Returns whether a shell that has noted itself may still be in the environment.
fn is_noted(env: &Path, leaving: &[i32]) -> bool {
    let is_user = |owner: Owner| match owner.life() {
        Life::Elsewhere => true,
        Life::Alive => !leaving.contains(&owner.pid),
        Life::Ended => false,
    };
    noted(env).into_iter().any(is_user)
}

fn noted(env: &Path) -> Vec<Owner> {
    let entered = registered(env).into_iter().map(|(_, owner)| owner);
    entered.chain(Metadata::read(env).temporary).collect()
}

/// The process and all that led to it, nearest first.
pub fn ancestors(pid: i32) -> Vec<i32> {
    let mut chain = vec![pid];
    // A chain longer than this is a loop in what the system tells.
    while let (Some(&last), true) = (chain.last(), chain.len() < 64) {
        match parent(last) {
            Some(parent) if parent > 0 => chain.push(parent),
            _ => break,
        }
    }
    chain
}

/// The processes of one call: those that led to it, and the programs that are connected to them by pipes, such as `tee`.
pub fn own(pid: i32) -> Vec<i32> {
    let mut own = ancestors(pid);
    own.extend(pipeline::members(&own));
    own
}

/// The shells in the register, with the file of each.
fn registered(env: &Path) -> Vec<(PathBuf, Owner)> {
    let entries = std::fs::read_dir(env.join(REGISTER)).into_iter().flatten().flatten();
    let read = |entry: std::fs::DirEntry| {
        let content = fs::read_limited(&entry.path(), MAX_RECORD_BYTES).ok()?;
        let owner: Owner = toml::from_str(&String::from_utf8_lossy(&content)).ok()?;
        (owner.pid > 0).then(|| (entry.path(), owner))
    };
    entries.filter_map(read).collect()
}

/// The fourth field of proc(5)'s `stat`.
fn parent(pid: i32) -> Option<i32> {
    stat_fields(pid)?.get(1)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
