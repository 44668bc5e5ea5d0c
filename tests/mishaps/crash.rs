//! Processes that are killed at any moment, and several that want the same name: what is listed works, and the next
//! command leaves nothing behind.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::private::User;
use venvwrap_core::store::{Store, StoreOptions};

use crate::support::program::{
    assert_works, call, create, create_arguments, names_in, program, python, residue, wait_until,
};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::wheels::Wheels;

const KILLS: u32 = 200;
/// Each starts an installer.
const KILLED_RESTORES: u32 = 30;

/// Numbers that are the same in every run: xorshift, because a test needs no better ones.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// Moments at which something is killed, spread over the whole of it. The machine may get busier or idler meanwhile: what
/// had no time to finish gets more of it, and what had gets less, until one in five finishes.
struct Moments {
    random: Random,
    longest: Duration,
}

impl Moments {
    fn next(&mut self) -> Duration {
        Duration::from_nanos(self.random.below(u64::try_from(self.longest.as_nanos()).unwrap()))
    }

    fn learn(&mut self, has_finished: bool) {
        if has_finished {
            self.longest -= self.longest / 4;
        } else {
            self.longest += self.longest / 16;
        }
    }
}

/// Starts a command in a process group of its own, and kills the group after some time unless it has ended before.
fn kill_after(command: &mut Command, time: Duration) {
    let start = Instant::now();
    let mut child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
    let group = rustix::process::Pid::from_child(&child);
    // Gone already when it has ended and left nobody.
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    child.wait().unwrap();
}

/// How long something takes when nobody kills it: three times measured, because the machine may be busy.
fn duration(mut prepare: impl FnMut(), run: impl Fn()) -> Duration {
    let mut measure = || {
        prepare();
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..3).map(|_| measure()).max().unwrap_or_default()
}

fn listed(sandbox: &Sandbox) -> Vec<String> {
    call(sandbox, &["list", "-b"]).succeeds("list").lines().map(String::from).collect()
}

/// One more command of each kind; then nothing of venvwrap is left anywhere in the store.
fn assert_clean_after_next(sandbox: &Sandbox, python: &Path) {
    create(sandbox, python, "next");
    call(sandbox, &["remove", "next"]).succeeds("remove");
    wait_until("no residue", || residue(&sandbox.path("envs")).is_empty());
    for name in listed(sandbox) {
        assert_works(&sandbox.env_path(name));
    }
}

#[test]
fn a_create_killed_at_any_moment_is_whole_or_not_there() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = sandbox.env_path("a");
    let create_a = |option: &[&str]| program(&sandbox, &create_arguments(&python, "a", option));
    let remove = || {
        let _ = fs::remove_dir_all(&env);
    };
    let longest = duration(remove, || drop(create(&sandbox, &python, "a")));
    let mut moments = Moments { random: Random(0x9e37_79b9_7f4a_7c15), longest };
    let (mut unfinished, mut finished) = (0, 0);
    for round in 0..KILLS {
        // New, renewed, replaced.
        let is_new = round % 2 == 0;
        if is_new && env.exists() {
            fs::remove_dir_all(&env).unwrap();
        }
        let options: &[&str] = if round % 4 == 1 { &["--no-setuptools", "--clear"] } else { &["--no-setuptools"] };
        kill_after(&mut create_a(options), moments.next());
        let names = listed(&sandbox);
        if is_new {
            moments.learn(!names.is_empty());
        }
        match names[..] {
            [] if is_new => unfinished += 1,
            [] => unfinished += u32::from(!env.exists()),
            _ => {
                finished += 1;
                assert_works(&env);
            }
        }
    }
    // The moments were spread over the whole of it.
    assert!(unfinished > 0 && finished > 0, "{unfinished} {finished} {:?}", moments.longest);
    assert_clean_after_next(&sandbox, &python);
}

#[test]
fn a_remove_killed_at_any_moment_has_removed_all_or_nothing() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "a");
    let longest = duration(|| drop(create(&sandbox, &python, "a")), || drop(call(&sandbox, &["remove", "a"])));
    let mut moments = Moments { random: Random(0x2545_f491_4f6c_dd1d), longest };
    let (mut kept, mut removed) = (0, 0);
    for _ in 0..KILLS {
        if !env.exists() {
            create(&sandbox, &python, "a");
        }
        kill_after(&mut program(&sandbox, &["remove", "a"]), moments.next());
        let is_removed = listed(&sandbox).is_empty();
        moments.learn(is_removed);
        if is_removed {
            removed += 1;
            assert!(!env.exists());
        } else {
            kept += 1;
            assert_works(&env);
        }
    }
    assert!(kept > 0 && removed > 0, "{kept} {removed} {:?}", moments.longest);
    assert_clean_after_next(&sandbox, &python);
}

#[test]
fn a_create_after_a_crash_cleans_up() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for left in [".venvwrap-op-other/new/bin", ".venvwrap-trash-1-0/removed/lib", ".venvwrap-trash-1-1"] {
        fs::create_dir_all(sandbox.env_path(left)).unwrap();
    }
    create(&sandbox, &python, "a");
    wait_until("no residue", || residue(&sandbox.path("envs")).is_empty());
    assert_works(&sandbox.env_path("a"));
}

#[test]
fn of_eight_creates_at_once_each_makes_it_or_says_why_not() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for _ in 0..5 {
        let start = |_| {
            let mut command = program(&sandbox, &create_arguments(&python, "a", &["--no-setuptools"]));
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<Child> = (0..8).map(start).collect();
        let outcomes = children.into_iter().map(|child| Outcome::new(&sandbox, &child.wait_with_output().unwrap()));
        let (made, failed): (Vec<_>, Vec<_>) = outcomes.partition(|outcome| outcome.status == Some(0));
        assert!(!made.is_empty(), "{failed:#?}");
        for outcome in failed {
            outcome.fails_with_hint("a late one", "`a` is being changed by another process");
        }
        assert_eq!(listed(&sandbox), ["a"]);
        assert_works(&sandbox.env_path("a"));
        wait_until("no residue", || residue(&sandbox.path("envs")).is_empty());
        fs::remove_dir_all(sandbox.env_path("a")).unwrap();
    }
}

#[test]
fn one_of_eight_wins_while_it_is_at_work() {
    let sandbox = Sandbox::new();
    // This one waits in the middle of its work until it is told to go on.
    let fifo = sandbox.path("go");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let creator = sandbox.write_program(
        "creator",
        "#!/bin/sh\nread line <\"${0%/*}/go\" && mkdir -p \"$1/bin\" && : >\"$1/bin/activate\" && : >\"$1/pyvenv.cfg\"\n",
    );
    let quoted = format!("'{}'", creator.display());
    let create = || {
        let mut command = program(&sandbox, &["create", "a"]);
        command.env("VIRTUALENVWRAPPER_VIRTUALENV", &quoted);
        command
    };
    let first = create().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Opening it waits for the reader.
    let mut go = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    for _ in 0..7 {
        Outcome::new(&sandbox, &create().output().unwrap())
            .fails_with_hint("a late one", "`a` is being changed by another process");
    }
    std::io::Write::write_all(&mut go, b"go\n").unwrap();
    Outcome::new(&sandbox, &first.wait_with_output().unwrap()).succeeds("the first");
    assert_eq!(listed(&sandbox), ["a"]);
    assert_eq!(residue(&sandbox.path("envs")), Vec::<std::path::PathBuf>::new());
}

#[test]
fn nothing_is_changed_under_another_process() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "a");
    let lock = Store::open(StoreOptions::new(sandbox.path("envs"), User::of_this_process(), SystemTime::now))
        .lock(&EnvName::for_new(OsStr::new("a")).unwrap())
        .unwrap();
    let before = names_in(&sandbox.env_path("a/bin"));
    let create_again = create_arguments(&python, "a", &["--clear"]);
    call(&sandbox, &create_again).fails_with_hint("create", "`a` is being changed by another process");
    call(&sandbox, &["remove", "a"]).fails_with_hint("remove", "`a` is being changed by another process");
    assert_eq!(names_in(&sandbox.env_path("a/bin")), before);
    create(&sandbox, &python, "b");
    drop(lock);
    call(&sandbox, &["remove", "a", "b"]).succeeds("remove");
}

/// With a real installer, which is killed too.
#[test]
fn a_restore_killed_at_any_moment_is_the_old_or_the_new_environment() {
    let Some(wheels) = Wheels::new("uv") else { return };
    wheels.add_common();
    wheels.create(&wheels.python, "api", &["alpha==1.0"]);
    let files = ["1.0", "2.0"].map(|version| {
        let text = format!("alpha=={version}\nbeta==1.0\n");
        (wheels.sandbox.write(format!("projects/{version}.txt"), &text), text)
    });
    let is_first = || {
        let frozen = wheels.freeze("api");
        let found = files.iter().position(|(_, text)| *text == frozen);
        let found = found.unwrap_or_else(|| panic!("neither old nor new: {frozen}"));
        wheels.assert_runs("api", "alpha-tool", ["1.0", "2.0"][found]);
        found == 0
    };
    let restore = |first: bool| {
        let file = &files[usize::from(!first)].0;
        wheels.command(&[std::ffi::OsStr::new("restore"), "api".as_ref(), file.as_os_str()])
    };
    let longest = duration(|| {}, || drop(restore(!is_first()).output().unwrap()));
    let mut moments = Moments { random: Random(0x2545_f491_4f6c_dd1d), longest };
    let (mut unfinished, mut finished) = (0, 0);
    for _ in 0..KILLED_RESTORES {
        let before = is_first();
        kill_after(&mut restore(!before), moments.next());
        let has_finished = is_first() != before;
        moments.learn(has_finished);
        if has_finished { finished += 1 } else { unfinished += 1 }
    }
    assert!(finished > 0 && unfinished > 0, "{finished} finished, {unfinished} did not");
    assert!(restore(!is_first()).output().unwrap().status.success());
    wait_until("no residue", || residue(&wheels.sandbox.path("envs")).is_empty());
}
