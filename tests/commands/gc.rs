//! `venvwrap gc`.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An environment that works and was used so many days ago; a negative number is in the future.
fn used(sandbox: &Sandbox, name: &str, days: i32) {
    let env = sandbox.make_bare_env(name);
    sandbox.write_program("base/bin/python3.11", "");
    symlink(sandbox.path("base/bin/python3.11"), env.join("bin/python")).unwrap();
    fs::write(env.join("venvwrap.toml"), "").unwrap();
    let age = DAY * days.unsigned_abs();
    let time = if days < 0 { SystemTime::now() + age } else { SystemTime::now() - age };
    // It was made before that.
    File::open(env.join("pyvenv.cfg")).unwrap().set_modified(SystemTime::UNIX_EPOCH + DAY).unwrap();
    File::options().append(true).open(env.join("venvwrap.toml")).unwrap().set_modified(time).unwrap();
}

/// The names that are proposed, with the reasons.
fn proposed(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let outcome = call(sandbox, &[&["gc", "--json"], words].concat());
    let values: Vec<Value> = serde_json::from_str(outcome.succeeds("gc")).unwrap();
    let reasons = |value: &Value| {
        let reasons: Vec<_> = value["reasons"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        format!("{} {}", value["name"].as_str().unwrap(), reasons.join(" "))
    };
    values.iter().map(reasons).collect()
}

#[test]
fn what_nobody_needs_is_proposed_and_nothing_is_removed() {
    let sandbox = Sandbox::new();
    for (name, days) in [("new", 1), ("old", 100), ("future", -100), ("kept", 100), ("live", 100), ("second", 200)] {
        used(&sandbox, name, days);
    }
    for name in ["live", "second"] {
        sandbox.make_project(&sandbox.env_path(name), "p");
    }
    used(&sandbox, "orphan", 1);
    fs::write(sandbox.env_path("orphan/.project"), "/nowhere/p\n").unwrap();
    used(&sandbox, "dead", 1);
    fs::remove_file(sandbox.env_path("dead/bin/python")).unwrap();
    symlink("/nowhere/python2.1", sandbox.env_path("dead/bin/python")).unwrap();
    fs::write(sandbox.env_path("dead/pyvenv.cfg"), "home = /nowhere\nversion = 2.1.0\n").unwrap();
    used(&sandbox, "linked", 200);
    fs::rename(sandbox.env_path("linked"), sandbox.path("home/elsewhere")).unwrap();
    symlink(sandbox.path("home/elsewhere"), sandbox.env_path("linked")).unwrap();
    // A backup that was restored: the last use is before it was made.
    used(&sandbox, "reset", 100);
    let created = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let file = sandbox.env_path("reset/venvwrap.toml");
    fs::write(&file, format!("created = {created}\n")).unwrap();
    File::options().append(true).open(&file).unwrap().set_modified(SystemTime::UNIX_EPOCH + DAY).unwrap();
    let expected = ["dead broken", "old unused", "orphan orphaned", "second unused"];
    assert_eq!(proposed(&sandbox, &["--keep", "kept"]), expected);
    assert_eq!(proposed(&sandbox, &["--orphaned"]), ["orphan orphaned"]);
    assert_eq!(proposed(&sandbox, &["--broken"]), ["dead broken"]);
    assert_eq!(proposed(&sandbox, &["--unused", "150d"]), ["second unused"]);
    sandbox.write("home/.config/venvwrap/config.toml", "keep = \"old second\"\n");
    assert_eq!(proposed(&sandbox, &["--unused", "90d"]), ["kept unused"]);
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout.lines().count(), 10);
}

#[test]
fn what_is_active_or_in_use_is_never_proposed() {
    let sandbox = Sandbox::new();
    for name in ["active", "busy", "idle"] {
        used(&sandbox, name, 100);
    }
    let mut sleeper = Command::new("cat");
    sleeper.current_dir(sandbox.env_path("busy")).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut sleeper = sleeper.spawn().unwrap();
    let mut command = program(&sandbox, &["gc", "--dry-run"]);
    let outcome = Outcome::new(&sandbox, &command.env("VIRTUAL_ENV", sandbox.env_path("active")).output().unwrap());
    drop(sleeper.stdin.take());
    sleeper.wait().unwrap();
    let names: Vec<_> = outcome.stdout.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!((outcome.status, names), (Some(0), vec!["idle"]), "{outcome:#?}");
}

#[test]
fn what_is_removed_can_be_undone() {
    let sandbox = Sandbox::new();
    used(&sandbox, "old", 100);
    used(&sandbox, "new", 1);
    // Nobody can be asked.
    let listed = call(&sandbox, &["gc"]);
    assert!(listed.status == Some(0) && listed.stdout.contains("old"), "{listed:#?}");
    assert_eq!(listed.stderr, "removed nothing: `--yes` removes what is listed\n");
    call(&sandbox, &["gc", "--dry-run"]).succeeds("who only asks knows");
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "new\nold\n");
    let removed = call(&sandbox, &["gc", "--yes"]);
    assert!(removed.status == Some(0) && removed.stdout.contains("old"), "{removed:#?}");
    assert_eq!(removed.stderr, "Removed old. `venvwrap undo` brings it back until tomorrow.\n");
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "new\n");
    assert_eq!(call(&sandbox, &["undo", "old"]).status, Some(0));
    assert_eq!(call(&sandbox, &["gc", "--yes", "--keep", "old"]).succeeds("nothing"), "");
    for words in [&["gc", "--unused", "soon"][..], &["gc", "--yes", "--dry-run"], &["gc", "old"]] {
        assert_eq!(call(&sandbox, words).status, Some(2), "{words:?}");
    }
}

#[test]
fn json_says_what_was_removed_in_the_end() {
    let sandbox = Sandbox::new();
    used(&sandbox, "a", 100);
    used(&sandbox, "b", 100);
    sandbox.write_program(
        "envs/prermvirtualenv",
        "#!/bin/sh\n[ \"$1\" = a ] || rm -r \"$WORKON_HOME/$1/bin\" \"$WORKON_HOME/$1/pyvenv.cfg\"\n",
    );
    let outcome = call(&sandbox, &["gc", "--yes", "--json"]);
    let values: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:#?}"));
    assert_eq!((&values[0]["removed"], &values[1]["removed"]), (&true.into(), &false.into()), "{outcome:#?}");
    assert!(outcome.status == Some(1) && outcome.stderr.contains("could not remove `b`"), "{outcome:#?}");
}

#[test]
fn without_a_record_the_last_change_counts_and_is_called_that() {
    let sandbox = Sandbox::new();
    used(&sandbox, "foreign", 100);
    let env = sandbox.env_path("foreign");
    fs::remove_file(env.join("venvwrap.toml")).unwrap();
    assert!(proposed(&sandbox, &[]).is_empty(), "it was changed just now");
    for file in ["pyvenv.cfg", "bin", "lib/python3.11/site-packages"] {
        File::open(env.join(file)).unwrap().set_modified(SystemTime::now() - DAY * 100).unwrap();
    }
    assert_eq!(proposed(&sandbox, &[]), ["foreign unused"]);
    let table = call(&sandbox, &["gc", "-n"]);
    assert!(table.succeeds("gc -n").contains("changed 3mo ago (no record of use)"), "{table:#?}");
}

#[test]
fn what_directories_and_kernels_name_is_never_proposed() {
    let sandbox = Sandbox::new();
    for name in ["added", "linked", "kernel", "other"] {
        used(&sandbox, name, 200);
    }
    for directory in ["l2", "lkd"] {
        fs::create_dir(sandbox.path(directory)).unwrap();
    }
    let path = |name: &str| sandbox.path(name).to_str().unwrap().to_string();
    assert_eq!(proposed(&sandbox, &[]).len(), 4);
    assert_eq!(call(&sandbox, &["project", "set", "--add", "added", &path("l2")]).status, Some(0));
    assert_eq!(call(&sandbox, &["link", "linked", &path("lkd")]).status, Some(0));
    let python = sandbox.env_path("kernel/bin/python");
    let text = format!("{{\"argv\": [{:?}], \"display_name\": \"k\"}}", python.display().to_string());
    sandbox.write("jupyter/kernels/k/kernel.json", &text);
    let mut command = program(&sandbox, &["gc", "--yes", "--json"]);
    let output = command.env("JUPYTER_PATH", sandbox.path("jupyter")).output().unwrap();
    let values: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> = values.as_array().unwrap().iter().map(|value| value["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["other"]);
    let unknown = call(&sandbox, &["gc", "--yes", "--keep", "kernal"]);
    assert!(unknown.status == Some(1) && unknown.stderr.contains("`kernal`"), "{unknown:#?}");
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "added\nkernel\nlinked\n");
}
