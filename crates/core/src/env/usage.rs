//! Which processes use an environment: what decides whether a temporary one may be removed.
//!
//! A shell's variables cannot be seen from outside once it runs, so shells that enter a temporary environment are noted
//! inside it, and those that enter another one in a register ([`super::shells`]). Programs started in it are seen by the
//! variables that they were started with.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::metadata::Metadata;
use crate::env::owner::{Life, Owner, stat_fields};
use crate::fs;
use crate::fs::entry::{Entry, Permissions};

/// The directory inside an environment that holds a file for each shell that entered it.
pub(crate) const REGISTER: &str = ".venvwrap-users";

/// More than a record of a process.
const MAX_RECORD_BYTES: u64 = 4096;

/// Room for the variables or the memory of most processes.
const ROOM: usize = 32 * 1024;

/// No path is longer.
const MAX_PATH_BYTES: u64 = 4096;

/// More of a process's variables is not looked at.
const MAX_ENVIRON_BYTES: u64 = 1 << 20;

/// More of what a process has in memory is not looked at.
const MAX_MAPS_BYTES: u64 = 4 << 20;

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
    let is_user = |owner: Owner| match owner.life() {
        Life::Elsewhere => true,
        Life::Alive => !leaving.contains(&owner.pid),
        Life::Ended => false,
    };
    noted(env).into_iter().any(is_user) || !users(env, leaving).is_empty()
}

/// The shells that entered a temporary environment somewhere else: only there can be seen whether they still live.
pub fn elsewhere(env: &Path) -> Vec<Owner> {
    noted(env).into_iter().filter(|owner| owner.life() == Life::Elsewhere).collect()
}

/// The processes that were started from an environment or with it active, or work in it, except these.
pub fn users(env: &Path, except: &[i32]) -> Vec<i32> {
    processes().into_iter().filter(|pid| !except.contains(pid) && works_in(*pid, env)).collect()
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
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// Everything that uses an environment, except these processes: shells in which it is active, programs that were
/// started from it or with it active, that work in it, or that have one of its files as code. `shells` are further ones in
/// which it is active. Best effort: of another user's processes little can be seen.
pub fn users_of(env: &Path, except: &[i32], shells: &[i32]) -> Vec<User> {
    let alive = |owner: &Owner| owner.life() == Life::Alive && !except.contains(&owner.pid);
    let noted = noted(env).into_iter().filter(alive).map(|owner| owner.pid);
    let shells: Vec<i32> = noted.chain(shells.iter().copied().filter(|pid| !except.contains(pid))).collect();
    let real = env.canonicalize().ok().filter(|real| real != env);
    let mut pids = users(env, except);
    if let Some(real) = real {
        pids.extend(users(&real, except));
    }
    pids.extend(&shells);
    pids.sort_unstable();
    pids.dedup();
    let user = |pid| User { pid, program: program_of(pid), terminal: shells.contains(&pid).then(|| terminal_of(pid)) };
    pids.into_iter().map(user).collect()
}

/// The name of the program that a process runs.
fn program_of(pid: i32) -> String {
    let name = fs::read_limited(Path::new(&format!("/proc/{pid}/comm")), MAX_RECORD_BYTES).unwrap_or_default();
    let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
    if name.is_empty() { "?".into() } else { fs::text::printable(name.as_ref()) }
}

/// The terminal that a process reads from.
fn terminal_of(pid: i32) -> String {
    let terminal = std::fs::read_link(format!("/proc/{pid}/fd/0")).unwrap_or_default();
    terminal.strip_prefix("/dev").map_or_else(|_| "the background".into(), |name| name.display().to_string())
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

fn works_in(pid: i32, env: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    // Threads of the kernel have no program, and who may not see the program of a process sees nothing else of it.
    let Ok(program) = std::fs::read_link(process.join("exe")) else { return false };
    let is_inside = |path: &Path| path.starts_with(env);
    is_inside(&program)
        || std::fs::read_link(process.join("cwd")).is_ok_and(|directory| is_inside(&directory))
        || is_inside(&called(&process))
        || has_it_active(&process, env)
        || has_it_mapped(&process, env)
}

/// What the program of a process was called by. Where `python` is a link, what it runs is elsewhere.
fn called(process: &Path) -> PathBuf {
    let words = read(&process.join("cmdline"), MAX_PATH_BYTES).unwrap_or_default();
    let end = memchr::memchr(0, &words).unwrap_or(words.len());
    OsStr::from_bytes(&words[..end]).into()
}

fn has_it_active(process: &Path, env: &Path) -> bool {
    let Some(variables) = read(&process.join("environ"), MAX_ENVIRON_BYTES) else { return false };
    let wanted = [b"VIRTUAL_ENV=", env.as_os_str().as_encoded_bytes()].concat();
    variables.split(|&byte| byte == 0).any(|variable| variable == wanted)
}

/// Returns whether a process has a file of the environment as code: an extension module, or a copied interpreter.
fn has_it_mapped(process: &Path, env: &Path) -> bool {
    let inside = [b" ", env.as_os_str().as_encoded_bytes(), b"/"].concat();
    read(&process.join("maps"), MAX_MAPS_BYTES).is_some_and(|maps| memchr::memmem::find(&maps, &inside).is_some())
}

/// The beginning of a file that the system makes. It does not tell its size: without room it would be read in many small
/// pieces, for each of which the system begins at the start.
fn read(file: &Path, limit: u64) -> Option<Vec<u8>> {
    let mut content = Vec::with_capacity(ROOM);
    File::open(file).ok()?.take(limit).read_to_end(&mut content).ok()?;
    Some(content)
}

fn processes() -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The fourth field of proc(5)'s `stat`.
fn parent(pid: i32) -> Option<i32> {
    stat_fields(pid)?.get(1)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::env::metadata;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};

    fn own_pid() -> i32 {
        i32::try_from(std::process::id()).unwrap()
    }

    /// A process that lives until its input is closed.
    fn start(configure: impl FnOnce(&mut Command) -> &mut Command) -> Child {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        configure(&mut command);
        command.spawn().unwrap()
    }

    fn end(mut child: Child) {
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn nobody_uses_a_fresh_directory() {
        let env = tempfile::tempdir().unwrap();
        assert!(!is_in_use(env.path(), &[]));
    }

    #[test]
    fn a_shell_that_entered_counts_until_it_leaves_or_ends() {
        let env = tempfile::tempdir().unwrap();
        let child = start(|command| command);
        let pid = i32::try_from(child.id()).unwrap();
        register(env.path(), pid);
        assert!(is_in_use(env.path(), &[own_pid()]));
        unregister(env.path(), &[pid]);
        assert!(!is_in_use(env.path(), &[]));
        register(env.path(), pid);
        end(child);
        assert!(!is_in_use(env.path(), &[]));
    }

    #[test]
    fn the_owner_counts_unless_it_leaves() {
        let env = tempfile::tempdir().unwrap();
        let metadata = Metadata { temporary: Some(Owner::of(own_pid())), ..Metadata::default() };
        std::fs::write(metadata::path(env.path()), metadata.to_toml()).unwrap();
        assert!(is_in_use(env.path(), &[]));
        assert!(!is_in_use(env.path(), &ancestors(own_pid())));
    }

    #[test]
    fn programs_started_in_it_or_working_in_it_count() {
        let env = tempfile::tempdir().unwrap();
        let child = start(|command| command.env("VIRTUAL_ENV", env.path()));
        assert!(is_in_use(env.path(), &[]));
        end(child);
        let child = start(|command| command.current_dir(env.path()));
        assert!(is_in_use(env.path(), &[]));
        end(child);
        let child = start(|command| command.arg0(env.path().join("bin/python")));
        assert!(is_in_use(env.path(), &[]));
        assert!(users_of(&env.path().join("bin/pyth"), &[], &[]).is_empty(), "another one");
        end(child);
        assert!(!is_in_use(env.path(), &[]));
    }

    #[test]
    fn shells_of_another_container_keep_an_environment_and_are_named() {
        let env = tempfile::tempdir().unwrap();
        let there = Owner { namespace: Some("pid:[1]".into()), ..Owner::of(own_pid()) };
        std::fs::create_dir(env.path().join(REGISTER)).unwrap();
        std::fs::write(env.path().join(REGISTER).join("x"), toml::to_string(&there).unwrap()).unwrap();
        // It has the identifier of one that is leaving here.
        unregister(env.path(), &[own_pid()]);
        assert!(is_in_use(env.path(), &[own_pid()]));
        assert_eq!(elsewhere(env.path()), std::slice::from_ref(&there));
        std::fs::remove_file(env.path().join(REGISTER).join("x")).unwrap();
        assert!(!is_in_use(env.path(), &[own_pid()]));
        let metadata = Metadata { temporary: Some(there), ..Metadata::default() };
        std::fs::write(metadata::path(env.path()), metadata.to_toml()).unwrap();
        assert!(is_in_use(env.path(), &ancestors(own_pid())));
    }
}
