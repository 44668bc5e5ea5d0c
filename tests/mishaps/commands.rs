//! The commands that change something, and the place that they change.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::injection::run_to_the_end;
use super::state;
use crate::support::images::{architecture, write_layout};
use crate::support::program::{names_in, program, remove_interpreter};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

/// What stands for the interpreter in the arguments.
const PYTHON: &str = "PYTHON";

/// The start-up file that `setup` adds a line to.
const RC_FILE: &str = "# mine\nalias ll='ls -l'";

/// Another program that makes environments, in several steps.
const CREATOR: &str =
    "#!/bin/sh\nmkdir -p \"$1/bin\" && : >\"$1/bin/activate\" && echo home = /usr/bin >\"$1/pyvenv.cfg\"\n";

/// Stands for ssh: the other machine is a directory. A lock is held there as long as a process of it lives.
const SSH: &str = r#"#!/bin/sh
here=${0%/*}
exec 9>>"$here/lock"
flock 9
while [ "$1" != -- ]; do shift; done
cd "$here/../home/there" || exit 255
HOME=$PWD
export HOME
exec /bin/sh -c "$3"
"#;

/// A command that changes something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// What failures call it.
    pub(super) name: &'static str,
    /// The arguments of the program; relative paths begin in the sandbox.
    arguments: &'static [&'static str],
    /// How much of an environment it changes at once.
    pub(super) unit: Unit,
}

/// What is always the old one or the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Every environment.
    Environment,
    /// Every file, of an environment that is renewed in its place.
    File,
    /// Every environment, but only when a later command has swept: another program makes it in its place.
    SweptEnvironment,
    /// The same, and until then a file may have its new path with its old content.
    Renamed,
}

const fn change(name: &'static str, arguments: &'static [&'static str]) -> Change {
    Change { name, arguments, unit: Unit::Environment }
}

/// Those that make, change or remove environments.
pub(super) const OF_THE_STORE: [Change; 24] = [
    change("create", &["create", "-p", PYTHON, "--no-seed", "new"]),
    change("create with pip", &["create", "-p", PYTHON, "--no-setuptools", "new"]),
    change("create with a project", &["create", "-p", PYTHON, "--no-seed", "-a", "projects/p", "new"]),
    Change { unit: Unit::SweptEnvironment, ..change("create by another program", &["create", "by-creator"]) },
    Change { unit: Unit::File, ..change("create again", &["create", "-p", PYTHON, "--no-seed", "kept"]) },
    change("create --clear", &["create", "-p", PYTHON, "--no-seed", "--clear", "kept"]),
    change("create from a bundle", &["create", "-p", PYTHON, "--from", "home/kept.bundle.tar", "new"]),
    change("remove", &["remove", "kept"]),
    change("remove --now", &["remove", "--now", "kept"]),
    change("undo", &["undo", "warm"]),
    change("undo --as", &["undo", "warm", "--as", "new"]),
    change("undo of a replacement", &["undo", "other"]),
    change("trash empty", &["trash", "empty"]),
    change("copy", &["copy", "kept", "new"]),
    change("copy of an adopted one", &["copy", "adopted", "new"]),
    Change { unit: Unit::Renamed, ..change("rename", &["rename", "kept", "new"]) },
    Change { unit: Unit::Renamed, ..change("rename of one with a project", &["rename", "other", "it's"]) },
    Change { unit: Unit::Renamed, ..change("rename of one with links", &["rename", "linked", "new"]) },
    change("restore", &["restore", "--allow-empty", "other", "projects/none.txt"]),
    change("upgrade", &["upgrade", "kept", "-p", PYTHON]),
    Change { unit: Unit::File, ..change("repair", &["repair", "dead"]) },
    change("gc", &["gc", "--orphaned", "--yes"]),
    change("unpack", &["unpack", "home/kept.tar.gz", "new"]),
    change("mktmpenv", &["__do", "mktmpenv", "--token", "PID.1", "-p", PYTHON, "--no-seed"]),
];

/// Those that change files about environments and projects.
pub(super) const OF_FILES: [Change; 29] = [
    Change { unit: Unit::File, ..change("venv among files", &["venv", "-p", PYTHON, "--no-seed", "projects/p"]) },
    change("project set", &["project", "set", "kept", "projects/p"]),
    change("project set --add", &["project", "set", "--add", "kept", "projects/p"]),
    change("project unset", &["project", "unset", "other"]),
    change("allow", &["allow", "projects/p"]),
    change("deny", &["deny", "projects/p"]),
    change("link", &["link", "kept", "projects/p"]),
    change("link again", &["link", "kept", "projects/it's"]),
    change("link for uv", &["link", "--uv", "kept", "projects/p"]),
    change("variables set", &["variables", "set", "-n", "other", "A=1", "B=2"]),
    change("variables unset", &["variables", "unset", "-n", "other", "KEPT"]),
    change("adopt", &["adopt", "home/outside/.venv", "new"]),
    change("pack", &["pack", "kept", "-o", "home/new.tar.gz"]),
    change("package --deb", &["package", "kept", "--deb", "-o", "home/new.deb"]),
    change("package --rpm", &["package", "kept", "--rpm", "-o", "home/new.rpm"]),
    Change { unit: Unit::File, ..change("send", &["send", "kept", "host:sent"]) },
    change("pack with Zstandard", &["pack", "kept", "-o", "home/new.tar.zst"]),
    change("pack into an image", &["pack", "kept", "--format", "oci", "--base", "home/base", "-o", "home/new.oci.tar"]),
    change("bundle", &["bundle", "--from-installed", "kept", "-o", "home/new.bundle.tar"]),
    change("bundle --dir", &["bundle", "--from-installed", "--dir", "kept", "-o", "home/new.bundle"]),
    change("bundle of a lock", &["bundle", "--no-pip", "projects/pylock.toml", "-o", "home/locked.bundle.tar"]),
    change("config set", &["config", "set", "python", "3.12"]),
    change("config unset", &["config", "unset", "picker"]),
    change("snapshot", &["snapshot", "kept"]),
    change("kernel add", &["kernel", "add", "other", "--id", "new"]),
    change("kernel remove", &["kernel", "remove", "old"]),
    change("setup", &["setup", "bash", "--yes"]),
    change("add2virtualenv", &["__do", "add2virtualenv", "/srv/it's", "/srv/new"]),
    change("toggleglobalsitepackages", &["__do", "toggleglobalsitepackages"]),
];

impl Change {
    /// Returns the command, in a place that [`lay_out`] has laid out.
    pub(super) fn command(&self, place: &Sandbox, python: &Path) -> Command {
        let mut command = call(place, &self.words(python));
        command.current_dir(place.path(""));
        if self.arguments.first() == Some(&"__do") {
            command.env("VIRTUAL_ENV", place.env_path("kept"));
        }
        if self.arguments.first().is_some_and(|verb| verb.starts_with("pack")) {
            // Of two places with the same files, only the times differ.
            command.env("SOURCE_DATE_EPOCH", "1000000000");
        }
        if self.arguments.first() == Some(&"send") {
            let python = python.parent().unwrap().display();
            command.env("PATH", format!("{}:{python}:/usr/bin:/bin", place.path("ssh").display()));
        }
        if self.arguments.contains(&"by-creator") {
            command.env("VIRTUALENVWRAPPER_VIRTUALENV", format!("'{}'", place.path("creator").display()));
        }
        command
    }

    fn words(&self, python: &Path) -> Vec<OsString> {
        // A temporary environment belongs to a process that lives.
        let token = || format!("{}.1", std::process::id()).into();
        let word = |word: &&str| match *word {
            PYTHON => python.into(),
            "PID.1" => token(),
            other => other.into(),
        };
        self.arguments.iter().map(word).collect()
    }
}

/// Returns a call of the program whose cache no other test uses: what is killed may damage it.
pub(super) fn call(place: &Sandbox, arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = program(place, arguments);
    command.env("VENVWRAP_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("mishaps-cache"));
    command
}

/// Waits until the other machine has nothing more to do.
pub(super) fn settle(place: &Sandbox) {
    if let Ok(lock) = std::fs::File::open(place.path("ssh/lock")) {
        rustix::fs::flock(lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    }
}

/// Lays out environments, projects and settings, and returns a copy to begin from again.
pub(super) fn lay_out(place: &Sandbox, python: &Path) -> PathBuf {
    place.write("home/.bashrc", RC_FILE);
    place.write("home/.config/venvwrap/config.toml", "# mine\npicker = false # no list\nauto = true\n");
    place.write("projects/p/README", "precious");
    place.write("projects/p/.env", "NAME=value\n");
    place.write("projects/it's/.venv", "other\n");
    place.write_program("creator", CREATOR);
    place.write_program("ssh/ssh", SSH);
    place.write("home/there/mark", "");
    let run = |arguments: &[&str]| {
        let word = |word: &&str| if *word == PYTHON { python.into() } else { OsString::from(word) };
        let mut command = call(place, &arguments.iter().map(word).collect::<Vec<_>>());
        let command = command.current_dir(place.path("")).env("VIRTUAL_ENV", place.env_path("kept"));
        let outcome = Outcome::new(place, &run_to_the_end(command).unwrap());
        assert_eq!(outcome.status, Some(0), "{arguments:?} {outcome:#?}");
    };
    // Fills the cache, bytecode included: no command waits for that. What is removed can be brought back.
    run(&["create", "-p", PYTHON, "--no-setuptools", "warm"]);
    run(&["bundle", "--from-installed", "warm", "-o", "home/kept.bundle.tar"]);
    run(&["bundle", "--from-installed", "--dir", "warm", "-o", "home/warm.bundle"]);
    place.write("projects/pylock.toml", lock_of(&place.path("home/warm.bundle")));
    // The wheels of the bundle are others.
    run(&["create", "-p", PYTHON, "--from", "home/kept.bundle.tar", "new"]);
    run(&["remove", "--now", "new"]);
    run(&["remove", "warm"]);
    for name in ["kept", "other", "outside", "dead", "linked"] {
        run(&["create", "-p", PYTHON, "--no-seed", name]);
    }
    remove_interpreter(&place.env_path("dead"));
    place.write("envs/dead/.project", "/nowhere/p\n");
    place.write("envs/other/mark", "of the old one");
    run(&["create", "-p", PYTHON, "--no-seed", "--clear", "other"]);
    std::fs::create_dir(place.path("home/outside")).unwrap();
    std::fs::rename(place.env_path("outside"), place.path("home/outside/.venv")).unwrap();
    run(&["adopt", "home/outside/.venv", "adopted"]);
    // Links that follow a rename: in the store, directly and by another one, and with a whole path in the environment.
    let linked = place.env_path("linked");
    for (target, link) in [
        ("linked".into(), place.env_path("direct")),
        (linked.clone(), place.env_path("whole")),
        ("direct".into(), place.env_path("by-another")),
        (linked.join("pyvenv.cfg"), linked.join("bin/settings")),
        (linked.join("bin"), linked.join("lib/programs")),
    ] {
        std::os::unix::fs::symlink::<PathBuf, _>(target, link).unwrap();
    }
    run(&["pack", "kept", "-o", "home/kept.tar.gz"]);
    run(&["project", "set", "other", "projects/it's"]);
    run(&["variables", "set", "-n", "other", "KEPT=1"]);
    // Something that `restore` takes away.
    place.write("projects/none.txt", "");
    let lib = place.env_path("other").join("lib");
    let version = names_in(&lib).remove(0);
    let site = lib.join(&version).join("site-packages");
    // An image to build on.
    place.write(Path::new("rootfs/usr/bin").join(&version), "");
    write_layout(&place.path("home/base"), &place.path("rootfs"), architecture());
    place.write(site.join("tiny-1.dist-info/METADATA"), "Name: tiny\nVersion: 1\n");
    place.write(site.join("ipykernel_launcher.py"), "");
    run(&["kernel", "add", "other", "--id", "old"]);
    run(&["__do", "add2virtualenv", "/srv/it's"]);
    state::save(place)
}

/// A lock of the only wheel in a bundle.
fn lock_of(bundle: &Path) -> String {
    let text = std::fs::read_to_string(bundle.join("bundle.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let wheel = |key: &str| manifest["wheels"][0][key].as_str().unwrap();
    format!(
        "lock-version = \"1.0\"\n[[packages]]\nname = \"{}\"\nversion = \"{}\"\n\
         wheels = [{{path = \"../home/warm.bundle/wheels/{}\", hashes = {{sha256 = \"{}\"}}}}]\n",
        wheel("name"),
        wheel("version"),
        wheel("file"),
        wheel("sha256")
    )
}
