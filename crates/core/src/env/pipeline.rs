//! The other programs of a pipeline: `tee` in `venvwrap upgrade | tee log` inherits the variables of the shell.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;

use super::running;

/// Programs that import from an environment, whatever they read.
const INTERPRETERS: [&str; 3] = ["python", "pypy", "graalpy"];

/// Returns the processes that are connected by pipes to some processes, as those that led to the caller: they read what
/// these write, or write what these read. A Python among them still uses its environment.
pub(super) fn members(chain: &[i32]) -> Vec<i32> {
    let ends = |descriptors: &'static [u32]| chain.iter().flat_map(move |pid| pipes(*pid, descriptors));
    let mut written: HashSet<OsString> = ends(&[1, 2]).collect();
    let mut read: HashSet<OsString> = ends(&[0]).collect();
    if written.is_empty() && read.is_empty() {
        return Vec::new();
    }
    let others: Vec<i32> = running::pids().into_iter().filter(|pid| !chain.contains(pid)).collect();
    let mut members = connected(&others, &mut written, &[0], &[1]);
    members.extend(connected(&others, &mut read, &[1], &[0]));
    members.retain(|pid| !is_interpreter(*pid));
    members
}

/// Returns the processes that have one of these pipes at their near end, and those behind them. Each direction is followed
/// by itself: what writes to the same reader as the call is no part of it.
fn connected(others: &[i32], known: &mut HashSet<OsString>, near: &'static [u32], far: &'static [u32]) -> Vec<i32> {
    let (mut rest, mut members) = (others.to_vec(), Vec::new());
    loop {
        let is_member = |pid: &i32| pipes(*pid, near).any(|pipe| known.contains(&pipe));
        let (found, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_member);
        if found.is_empty() {
            return members;
        }
        // A pipeline may have more than two programs.
        known.extend(found.iter().flat_map(|pid| pipes(*pid, far)));
        members.extend(found);
        rest = others;
    }
}

/// The pipes among some descriptors of a process.
fn pipes(pid: i32, descriptors: &'static [u32]) -> impl Iterator<Item = OsString> {
    let target = move |number: &u32| std::fs::read_link(format!("/proc/{pid}/fd/{number}")).ok();
    descriptors.iter().filter_map(target).map(PathBuf::into_os_string).filter(|target| {
        // As `pipe:[4711]`.
        target.as_encoded_bytes().starts_with(b"pipe:")
    })
}

fn is_interpreter(pid: i32) -> bool {
    // What cannot be seen may be one.
    let Ok(program) = std::fs::read_link(format!("/proc/{pid}/exe")) else { return true };
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    INTERPRETERS.iter().any(|known| name.starts_with(known))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};

    #[test]
    fn all_programs_of_a_pipeline_are_members_and_others_are_not() {
        let cat = |input: Stdio| Command::new("cat").stdin(input).stdout(Stdio::piped()).spawn().unwrap();
        let pid = |child: &Child| i32::try_from(child.id()).unwrap();
        let mut first = cat(Stdio::piped());
        let mut second = cat(first.stdout.take().unwrap().into());
        let mut third = cat(second.stdout.take().unwrap().into());
        let mut other = cat(Stdio::piped());
        // It writes to the same pipe as the first.
        let (reader, writer) = std::io::pipe().unwrap();
        let beside_it = |writer: Stdio| Command::new("cat").stdin(Stdio::piped()).stdout(writer).spawn().unwrap();
        let mut one = beside_it(writer.try_clone().unwrap().into());
        let mut beside = beside_it(writer.into());
        let mut log = cat(reader.into());
        let found = members(&[pid(&one)]);
        assert!(found.contains(&pid(&log)) && !found.contains(&pid(&beside)), "{found:?}");
        for (of, expected) in [
            (&first, [pid(&second), pid(&third)]),
            (&second, [pid(&first), pid(&third)]),
            (&third, [pid(&first), pid(&second)]),
        ] {
            let found = members(&[pid(of)]);
            assert!(expected.iter().all(|pid| found.contains(pid)), "{found:?} {expected:?}");
            assert!(!found.contains(&pid(&other)) && !found.contains(&pid(of)), "{found:?}");
        }
        for child in [&mut first, &mut second, &mut third, &mut other, &mut one, &mut beside, &mut log] {
            drop(child.stdin.take());
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
