//! The mishaps: what strace can make of the n-th call of a kind.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output, Stdio};

use super::commands::{Change, OF_FILES, OF_THE_STORE, Unit, call, lay_out, settle};
use super::state::{Bounds, CHANGED, in_trash, reachable, restore, snapshot};
use crate::support::program::{names_in, python, residue};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, skip};
use crate::support::trace::under_strace;

/// How many mishaps one command meets, unless it is to meet all.
const SAMPLE: usize = 8;

/// The system calls that change something, on every architecture.
const CALLS: [&str; 27] = [
    "chmod",
    "copy_file_range",
    "creat",
    "fchmod",
    "fchmodat",
    "flock",
    "fsync",
    "ftruncate",
    "ioctl",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "mknodat",
    "open",
    "openat",
    "pwrite64",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "utimensat",
    "write",
];

const KILL: &str = "signal=KILL";

/// What happens: the process is killed before the call, or the call fails.
const FAULTS: [&str; 4] = [KILL, "error=EIO", "error=ENOSPC", "error=EACCES"];

/// The call that notes which directory another program has begun to create. Where the process is killed before it, that
/// directory cannot be told from one that the user creates later, so it stays.
const NOTE: &str = "renameat";

/// A mishap: what happens at which call.
#[derive(Clone, Copy, Debug)]
struct Mishap<'a> {
    call: &'a str,
    number: usize,
    fault: &'a str,
}

#[test]
fn the_store_is_whole_after_any_mishap() {
    suffer(&OF_THE_STORE);
}

#[test]
fn files_are_old_or_new_after_any_mishap() {
    suffer(&OF_FILES);
}

/// Runs a command and waits for all processes that it has started.
pub(super) fn run_to_the_end(command: &Command) -> Option<Output> {
    let mut traced = under_strace(command, &["-qq", "-o", "/dev/null", "-e", "trace=none", "-e", "signal=none"])?;
    Some(traced.stdin(Stdio::null()).output().unwrap())
}

fn suffer(changes: &[Change]) {
    let Some(python) = python().filter(|_| can_trace()) else { return };
    let place = Sandbox::new();
    let saved = lay_out(&place, &python);
    let mut failures = Vec::new();
    for change in changes {
        restore(&place, &saved);
        let (before, reachable_before, trash_before) = (snapshot(&place), reachable(&place), in_trash(&place));
        let points = points(&place, &change.command(&place, &python));
        let kept = reachable_before.intersection(&reachable(&place)).cloned().collect();
        let bounds = Bounds { before, after: snapshot(&place), kept, unit: change.unit };
        assert!(!points.is_empty(), "{}: it changes nothing", change.name);
        let keeps = !in_trash(&place).is_subset(&trash_before);
        let moved: &[&str] = if keeps {
            &["renameat2"]
        } else if change.unit == Unit::Renamed {
            &["renameat2", "renameat", "symlinkat"]
        } else {
            &[]
        };
        for mishap in sample(&points).into_iter().chain(moves(&points, moved)) {
            restore(&place, &saved);
            let command = change.command(&place, &python);
            let broken = violations(&place, &command, &bounds, mishap);
            failures.extend(broken.into_iter().map(|text| told(change, &command, mishap, &text)));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Returns whether strace works here; where it must not be missing, a missing one fails.
fn can_trace() -> bool {
    let Some(strace) = find_program("strace") else { return false };
    let works =
        Command::new(strace).args(["-f", "-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success());
    if !works {
        skip("no working `strace`");
    }
    works
}

/// Lets a command run undisturbed, and returns at which calls it changes something: their names, and their numbers in
/// the process that makes them.
fn points(place: &Sandbox, command: &Command) -> Vec<(&'static str, usize)> {
    let trace = place.path("trace").into_os_string().into_string().unwrap();
    let calls = format!("trace={}", CALLS.map(|call| format!("?{call}")).join(","));
    let options = [of_itself(command), &["-qq", "-e", "signal=none", "-e", &calls, "-o", &trace]].concat();
    let mut traced = under_strace(command, &options).unwrap();
    let outcome = Outcome::new(place, &traced.stdin(Stdio::null()).output().unwrap());
    settle(place);
    assert_eq!(outcome.status, Some(0), "{command:?} {outcome:#?}");
    points_in(&std::fs::read_to_string(trace).unwrap())
}

/// What happens to this machine does not happen to another one.
fn of_itself(command: &Command) -> &'static [&'static str] {
    let is_about_another = command.get_args().next().is_some_and(|verb| verb == "send");
    if is_about_another { &["-b", "execve"] } else { &[] }
}

fn points_in(trace: &str) -> Vec<(&'static str, usize)> {
    let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for line in trace.lines() {
        let Some((process, rest)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = rest.trim_start().split_once('(') else { continue };
        // The rest of a call that was told in two parts has another name.
        let Some(&call) = CALLS.iter().find(|call| **call == name) else { continue };
        let number = numbers.entry((process, call)).or_default();
        *number += 1;
        if changes_something(call, arguments) {
            found.insert((call, *number));
        }
    }
    found.into_iter().collect()
}

/// Reading and printing are not what is put to the test.
fn changes_something(call: &str, arguments: &str) -> bool {
    match call {
        "open" | "openat" => arguments.contains("O_CREAT"),
        "write" => !arguments.starts_with("1,") && !arguments.starts_with("2,"),
        "ioctl" => arguments.contains("FICLONE"),
        _ => true,
    }
}

/// Every fault at every call, or every so many of them.
fn sample<'a>(points: &'a [(&'a str, usize)]) -> Vec<Mishap<'a>> {
    let all = points.iter().flat_map(|&(call, number)| FAULTS.map(|fault| Mishap { call, number, fault }));
    let is_full = std::env::var_os("VENVWRAP_TEST_FULL").is_some_and(|value| value == "1");
    // An odd step comes to every fault.
    let step = if is_full { 1 } else { (points.len() * FAULTS.len()).div_ceil(SAMPLE) | 1 };
    all.step_by(step).collect()
}

/// A kill before every call that moves: between two of them what is replaced is neither in its place nor in the trash, and
/// what leads to a renamed environment leads nowhere.
fn moves<'a>(points: &'a [(&'a str, usize)], calls: &'a [&str]) -> impl Iterator<Item = Mishap<'a>> {
    let moves = points.iter().filter(|(call, _)| calls.contains(call));
    moves.map(|&(call, number)| Mishap { call, number, fault: KILL })
}

fn violations(place: &Sandbox, command: &Command, bounds: &Bounds, mishap: Mishap<'_>) -> Vec<String> {
    let inject = format!("inject={}:{}:when={}", mishap.call, mishap.fault, mishap.number);
    let trace = format!("trace={}", mishap.call);
    let options = ["-qq", "-o", "/dev/null", "-e", "signal=none", "-e", &trace, "-e", &inject];
    let mut traced = under_strace(command, &[of_itself(command), &options].concat()).unwrap();
    let outcome = Outcome::new(place, &traced.stdin(Stdio::null()).output().unwrap());
    settle(place);
    let mut found = Vec::new();
    if outcome.stderr.contains("panicked") {
        found.push(format!("it panics: {}", outcome.stderr));
    }
    let now = snapshot(place);
    found.extend(bounds.violations(&now).into_iter().map(|text| format!("right afterwards {text}")));
    if outcome.status == Some(0) {
        let has_told = outcome.stderr.contains("warning: no snapshot was taken: ");
        found
            .extend(bounds.omissions(&now, has_told).into_iter().map(|text| format!("it reports success, but {text}")));
    }
    found.extend(left_in_the_end(place, command, bounds, mishap));
    found
}

/// What is wrong when further commands have had the chance to clean up.
fn left_in_the_end(place: &Sandbox, command: &Command, bounds: &Bounds, mishap: Mishap<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let python = python().unwrap();
    let listed = Outcome::new(place, &run_to_the_end(&call(place, &["list", "-b"])).unwrap());
    let create =
        call(place, &["create".as_ref(), "-p".as_ref(), python.as_os_str(), "--no-seed".as_ref(), "next".as_ref()]);
    let created = Outcome::new(place, &run_to_the_end(&create).unwrap());
    for outcome in [&listed, &created] {
        if outcome.status != Some(0) {
            found.push(format!("the next command fails: {outcome:?}"));
        }
    }
    if bounds.unit != Unit::SweptEnvironment {
        let names = names_in(&place.path("envs"));
        let gone = listed.stdout.lines().filter(|name| !names.iter().any(|found| found == name));
        found.extend(gone.map(|name| format!("`{name}` is listed and gone")));
    }
    let links = names_in(&place.path("envs")).into_iter().map(|name| place.env_path(&name));
    let dead = links.filter(|link| link.is_symlink() && !link.exists());
    found.extend(dead.map(|link| format!("`{}` leads nowhere", link.display())));
    let mut now = snapshot(place);
    now.retain(|path, _| !path.starts_with("envs/next"));
    let is_untold = bounds.unit == Unit::SweptEnvironment && mishap.fault == KILL && mishap.call == NOTE;
    if !is_untold {
        found.extend(bounds.violations_in_the_end(&now).into_iter().map(|text| format!("in the end {text}")));
    }
    let sweep = call(place, &["__background".as_ref(), "sweep".as_ref(), place.path("envs").as_os_str()]);
    // Where the trash cannot be written to, nothing can be kept.
    if mishap.fault == KILL {
        let _ = run_to_the_end(&sweep);
        found.extend(bounds.losses(&reachable(place)));
    }
    // The next process that writes into a directory removes what was left in it, and so does the sweep after a removal.
    let _ = run_to_the_end(command);
    let _ = run_to_the_end(&sweep);
    // A symlink cannot carry the lock that tells a living writer from a dead one: it goes after an hour.
    let left = CHANGED.iter().flat_map(|directory| residue(&place.path(directory))).filter(|path| !path.is_symlink());
    found.extend(left.map(|path| format!("`{}` is left in the end", path.display())));
    found
}

/// A failure, and how to see it again.
fn told(change: &Change, command: &Command, mishap: Mishap<'_>, text: &str) -> String {
    let Mishap { call, number, fault } = mishap;
    let arguments: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let again = format!("strace -f -e inject={call}:{fault}:when={number} venvwrap {}", arguments.join(" "));
    format!("{}, {fault} at {call} {number}: {text}\n  again: {again}", change.name)
}

#[test]
fn calls_are_counted_in_the_process_that_makes_them() {
    let trace = "10  openat(AT_FDCWD, \"/lib/x\", O_RDONLY) = 3\n\
        10  openat(AT_FDCWD, \"/e/new\", O_WRONLY|O_CREAT|O_EXCL, 0666 <unfinished ...>\n\
        11  write(2, \"x\", 1) = 1\n\
        10  <... openat resumed>) = 4\n\
        11  write(4, \"x\", 1) = 1\n\
        10  write(4, \"x\", 1) = 1\n\
        10  +++ exited with 0 +++\n";
    assert_eq!(points_in(trace), [("openat", 2), ("write", 1), ("write", 2)]);
}
