//! Which processes use an environment: what decides whether a temporary one may be removed.
//!
//! A shell's variables cannot be seen from outside once it runs, so shells that enter a temporary environment are noted
//! inside it. Programs started in it are seen by the variables that they were started with.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::env::metadata::Metadata;
use crate::fs;

/// The directory inside an environment that holds a file for each shell that entered it.
const REGISTER: &str = ".venvwrap-users";

/// More of a process's variables is not looked at.
const MAX_ENVIRON_BYTES: u64 = 1 << 20;

/// Notes that the shell with this process identifier has entered the environment. Best effort.
pub fn register(env: &Path, pid: i32) {
    let directory = env.join(REGISTER);
    if !directory.is_dir() {
        let _ = fs::create_dir(&directory, 0o700);
    }
    let start = start_time(pid).unwrap_or_default();
    let _ = fs::replace_file(&directory.join(pid.to_string()), start.as_bytes(), 0o600);
}

/// Forgets the shells that are leaving: the process itself and those that started it.
pub fn unregister(env: &Path, pids: &[i32]) {
    for pid in pids {
        let _ = std::fs::remove_file(env.join(REGISTER).join(pid.to_string()));
    }
}

/// Tells whether any process uses the environment, except those that are leaving it.
///
/// A process uses it that entered it and still lives, that was started with it active, or that works in it.
pub fn is_in_use(env: &Path, leaving: &[i32]) -> bool {
    let entered = registered(env).into_iter().chain(Metadata::read(env).temporary.map(|owner| (owner.pid, None)));
    for (pid, start) in entered {
        if !leaving.contains(&pid) && is_alive(pid, start.as_deref()) {
            return true;
        }
    }
    processes().into_iter().filter(|pid| !leaving.contains(pid)).any(|pid| works_in(pid, env))
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

fn registered(env: &Path) -> Vec<(i32, Option<String>)> {
    let entries = std::fs::read_dir(env.join(REGISTER)).into_iter().flatten().flatten();
    let read = |entry: std::fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let start = fs::read_limited(&entry.path(), 64).ok();
        Some((pid, start.map(|start| String::from_utf8_lossy(&start).into_owned()).filter(|start| !start.is_empty())))
    };
    entries.filter_map(read).collect()
}

/// Process identifiers are used again; the start time tells two processes apart.
fn is_alive(pid: i32, start: Option<&str>) -> bool {
    match (start_time(pid), start) {
        (Some(now), Some(then)) => now == then,
        (Some(_), None) => true,
        (None, _) => !Path::new("/proc/self").exists() && is_signalable(pid),
    }
}

fn is_signalable(pid: i32) -> bool {
    // Zero and negative numbers stand for groups of processes.
    let process = Some(pid).filter(|pid| *pid > 0).and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

fn works_in(pid: i32, env: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let is_inside = |link: &str| std::fs::read_link(process.join(link)).is_ok_and(|path| path.starts_with(env));
    is_inside("cwd") || is_inside("exe") || has_it_active(&process, env)
}

fn has_it_active(process: &Path, env: &Path) -> bool {
    let mut variables = Vec::new();
    let Ok(file) = File::open(process.join("environ")) else { return false };
    if file.take(MAX_ENVIRON_BYTES).read_to_end(&mut variables).is_err() {
        return false;
    }
    let wanted = [b"VIRTUAL_ENV=", env.as_os_str().as_encoded_bytes()].concat();
    variables.split(|&byte| byte == 0).any(|variable| variable == wanted)
}

fn processes() -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The fields of `/proc/PID/stat` behind the program's name, which may hold anything.
fn stat_fields(pid: i32) -> Option<Vec<String>> {
    let content = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&content).into_owned();
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(String::from).collect())
}

/// The fourth field of proc(5)'s `stat`.
fn parent(pid: i32) -> Option<i32> {
    stat_fields(pid)?.get(1)?.parse().ok()
}

/// The 22nd field, in ticks since the system started. A dead process that nobody has waited for counts as gone.
fn start_time(pid: i32) -> Option<String> {
    let fields = stat_fields(pid)?;
    if fields.first().is_some_and(|state| state == "Z") {
        return None;
    }
    fields.get(19).cloned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::env::metadata::{self, Owner};
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
        let metadata = Metadata { temporary: Some(Owner { pid: own_pid() }), ..Metadata::default() };
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
        assert!(!is_in_use(env.path(), &[]));
    }
}
