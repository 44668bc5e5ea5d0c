//! Disks that are full or cannot be written, and directories that are not there: one clear line, nothing half made.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::associations::{self, fails, place};
use crate::support::program::{assert_works, call, create, create_arguments, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::unshare;

/// Calls the program after a script has mounted something; what is in the store afterwards is told, too.
fn call_mounted(sandbox: &Sandbox, mount: &str, call: &Command) -> (Outcome, Vec<String>) {
    let script = format!(
        "cd \"$1\" || exit 99\n{mount}\nshift\n\"$@\"\ncode=$?\n{{ ls -A envs; ls -A full 2>/dev/null; }} >list\nexit $code\n"
    );
    let list = sandbox.write("list", "");
    let mut command = unshare().unwrap();
    command.args(["sh", "-c", &script, "sh"]).arg(sandbox.path("")).arg(call.get_program()).args(call.get_args());
    command.env_clear().envs(call.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let outcome = Outcome::new(sandbox, &command.output().unwrap());
    (outcome, std::fs::read_to_string(list).unwrap().lines().map(String::from).collect())
}

#[test]
fn a_full_disk_leaves_nothing() {
    let Some(python) = python().filter(|_| unshare().is_some()) else { return };
    let sandbox = Sandbox::new();
    // The cache is filled first, so that one of the two has nothing to unpack.
    create(&sandbox, &python, "warm");
    for size in ["16k", "64k", "200k", "1m", "4m"] {
        for cache in [None, Some("/proc/nowhere"), Some("envs/cache")] {
            let mut command = program(&sandbox, &create_arguments(&python, "a", &[]));
            cache.inspect(|cache| {
                command.env("VENVWRAP_CACHE_DIR", sandbox.path(cache));
            });
            let mount = format!("mount -t tmpfs -o size={size} none envs");
            let (outcome, left) = call_mounted(&sandbox, &mount, &command);
            let context = format!("{size} {cache:?}");
            outcome.fails(&context, "No space left on device");
            assert!(
                outcome.stderr.contains("\nhint: free some space on the file system of `[ROOT]/"),
                "{context} {outcome:#?}"
            );
            assert_eq!(left.iter().filter(|name| *name != "cache").count(), 0, "{context} {left:?}");
        }
    }
}

/// Without room in the trash a removal is final.
#[test]
fn what_an_almost_full_disk_does_not_keep_is_told() {
    if unshare().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let mount = "mount -t tmpfs -o size=4m none envs\nmkdir -p envs/a/bin\n: >envs/a/bin/activate >envs/a/pyvenv.cfg\n\
                 head -c 4000000 /dev/zero >envs/.fill";
    let (outcome, _) = call_mounted(&sandbox, mount, &program(&sandbox, &["remove", "a"]));
    let told = "Removed `a` for good: the disk is almost full.\n";
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), told));
    let undo = call(&sandbox, &["undo"]);
    assert!(undo.stderr.contains("hint: what was removed is kept for a day, unless"), "{undo:#?}");
    assert!(undo.stderr.ends_with(" or the disk is almost full\n"), "{undo:#?}");
}

#[test]
fn a_copy_from_another_file_system_is_whole() {
    let Some(python) = python().filter(|_| unshare().is_some()) else { return };
    let sandbox = Sandbox::new();
    let outside = sandbox.path("home/outside");
    std::fs::rename(create(&sandbox, &python, "outside"), &outside).unwrap();
    let copy = program(&sandbox, &[OsStr::new("copy"), outside.as_os_str(), OsStr::new("new")]);
    // The word in front is shifted away.
    let mount = "mount -t tmpfs none envs\nshift\n\
                 set -- - sh -c '\"$@\" && envs/new/bin/python -m pip --version' sh \"$@\"";
    let (outcome, left) = call_mounted(&sandbox, mount, &copy);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""), "{outcome:#?}");
    assert_eq!(left, ["new"]);
    assert!(outcome.stdout.contains("/envs/new/lib/"), "{outcome:#?}");
    // A full one takes none of it.
    let (outcome, left) = call_mounted(&sandbox, "mount -t tmpfs -o size=1m none envs", &copy);
    outcome.fails("full", "No space left on device");
    assert!(left.is_empty(), "{left:?}");
    assert!(outside.join("pyvenv.cfg").is_file());
}

#[test]
fn a_full_or_read_only_disk_takes_no_part_of_an_archive() {
    let python = Path::new("/usr/bin/python3");
    if !python.is_file() || unshare().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let environment = create(&sandbox, python, "api");
    add_large(&environment);
    let bundle = sandbox.path("home/api.bundle");
    assert_eq!(
        call(&sandbox, &["bundle", "api", "--from-installed", "--dir", "-o", bundle.to_str().unwrap()]).status,
        Some(0)
    );
    // Whoever does not know the sizes finds out.
    let lock = bundle.join("pylock.toml");
    let text = std::fs::read_to_string(&lock).unwrap().replace("size = ", "unknown = ");
    std::fs::write(&lock, text).unwrap();
    std::fs::create_dir(sandbox.path("full")).unwrap();
    let full = "mount -t tmpfs -o size=1m none full";
    let closed = "mount --bind full full && mount -o remount,ro,bind full";
    for (mount, words, hint) in [
        (full, "No space left on device", "hint: free some space on the file system of `[ROOT]/full/"),
        (closed, "Read-only file system", "read-only"),
    ] {
        for (verb, options, file) in [
            ("pack", &["api"][..], "a.tar.gz"),
            ("pack", &["api"], "a.zip"),
            ("package", &["api", "--deb"], "a.deb"),
            ("package", &["api", "--rpm"], "a.rpm"),
            ("bundle", &["api", "--from-installed"], "a.tar"),
            // The wheels of a lock are elsewhere.
            ("bundle", &[lock.to_str().unwrap()], "a.tar"),
            ("bundle", &[lock.to_str().unwrap(), "--dir"], "a"),
        ] {
            // Once the sizes are known.
            let is_known = mount == full && options.contains(&lock.to_str().unwrap());
            let words = if is_known { "MB free, and the wheels need" } else { words };
            let hint = if is_known { "hint: make room, or choose another place with `-o`" } else { hint };
            let output = sandbox.path("full").join(file);
            let arguments = [&[verb, "-o", output.to_str().unwrap()], options].concat();
            let (outcome, left) = call_mounted(&sandbox, mount, &program(&sandbox, &arguments));
            outcome.fails_with_hint(&format!("{arguments:?}"), words);
            assert!(outcome.stderr.contains(hint), "{arguments:?} {outcome:#?}");
            assert_eq!(left, ["api"], "{arguments:?}");
        }
    }
    let archive = sandbox.path("home/api.tar.gz");
    let archive = archive.to_str().unwrap();
    assert_eq!(call(&sandbox, &["pack", "api", "-o", archive]).status, Some(0));
    let whole = sandbox.path("home/api.bundle.tar");
    let whole = whole.to_str().unwrap();
    assert_eq!(call(&sandbox, &["bundle", "api", "--from-installed", "-o", whole]).status, Some(0));
    let (unpack, from) = (["unpack", archive, "new"], ["create", "--from", whole, "new"]);
    // The first has too little room, which is known before; the other too few places for files.
    for (arguments, size, words) in [
        (&unpack[..], "size=1m", "there is not enough space"),
        (&unpack, "nr_inodes=200", "No space left on device"),
        (&from, "size=1m", "envs` has 0 MB free, and the wheels need "),
    ] {
        let mount = format!("mount -t tmpfs -o {size} none envs");
        let (outcome, left) = call_mounted(&sandbox, &mount, &program(&sandbox, arguments));
        outcome.fails_with_hint(size, words);
        assert!(left.is_empty(), "{size} {left:?}");
    }
}

/// Adds a package that hardly shrinks.
fn add_large(environment: &Path) {
    let site = environment.join("lib").read_dir().unwrap().next().unwrap().unwrap().path().join("site-packages");
    let mut state = 1_u32;
    let data: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(2 << 20)
    .collect();
    std::fs::write(site.join("large.bin"), data).unwrap();
    let info = site.join("large-1.0.dist-info");
    std::fs::create_dir(&info).unwrap();
    for (name, text) in [
        ("METADATA", "Metadata-Version: 2.1\nName: large\nVersion: 1.0\n"),
        ("WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (
            "RECORD",
            "large.bin,,\nlarge-1.0.dist-info/METADATA,,\nlarge-1.0.dist-info/WHEEL,,\nlarge-1.0.dist-info/RECORD,,\n",
        ),
    ] {
        std::fs::write(info.join(name), text).unwrap();
    }
}

#[test]
fn where_nothing_may_be_run_is_told() {
    let Some(python) = python().filter(|_| unshare().is_some()) else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "api");
    let (archive, bundle) = (sandbox.path("home/api.tar.gz"), sandbox.path("home/api.bundle"));
    let [archive, bundle] = [&archive, &bundle].map(|path| path.to_str().unwrap());
    assert_eq!(call(&sandbox, &["pack", "api", "-o", archive]).status, Some(0));
    assert_eq!(call(&sandbox, &["bundle", "--from-installed", "api", "--dir", "-o", bundle]).status, Some(0));
    let mount = "mount -t tmpfs -o noexec none envs";
    for arguments in [&["unpack", archive, "new"][..], &["create", "--from", bundle, "new"]] {
        let (outcome, left) = call_mounted(&sandbox, mount, &program(&sandbox, arguments));
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let told = "is on a file system from which nothing may be run";
        assert!(
            outcome.stderr.starts_with("warning: `[ROOT]/envs/new`") && outcome.stderr.contains(told),
            "{outcome:#?}"
        );
        assert_eq!(left, ["new"]);
    }
    // The script of a bundle, which has no room elsewhere either.
    let mut script = sandbox.command(Path::new("/bin/sh"));
    script.arg(sandbox.path("home/api.bundle/install.sh")).arg(sandbox.path("envs/new")).arg(&python);
    script.env("TMPDIR", sandbox.path("full"));
    std::fs::create_dir(sandbox.path("full")).unwrap();
    let full = format!("{mount}\nmount -t tmpfs -o size=4k none full\necho full >full/x");
    let (outcome, left) = call_mounted(&sandbox, &full, &script);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("nothing may be run"), "{outcome:#?}");
    assert_eq!(left, ["new", "x"]);
}

#[test]
fn a_read_only_store_is_one_line() {
    let Some(python) = python().filter(|_| unshare().is_some()) else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "kept");
    let mount = "mount --bind envs envs && mount -o remount,ro,bind envs";
    let calls = [
        create_arguments(&python, "a", &[]),
        create_arguments(&python, "kept", &[]),
        create_arguments(&python, "kept", &["--clear"]),
        vec!["remove".into(), "kept".into()],
    ];
    for arguments in calls {
        let (outcome, left) = call_mounted(&sandbox, mount, &program(&sandbox, &arguments));
        outcome.fails(&format!("{arguments:?}"), "Read-only file system");
        let hint = outcome.stderr.lines().nth(1).unwrap_or_default();
        let is_about_store = hint.starts_with("hint: the file system of `[ROOT]/envs");
        assert!(is_about_store && hint.ends_with("` is mounted read-only"), "{arguments:?} {outcome:#?}");
        assert_eq!(left, ["kept"]);
    }
    for arguments in [&["list", "-b"][..], &["run", "kept", "python", "-c", ""], &["__plan", "bash", "workon", "kept"]]
    {
        let (outcome, _) = call_mounted(&sandbox, mount, &program(&sandbox, arguments));
        outcome.succeeds(&format!("{arguments:?}"));
    }
    assert_works(&sandbox.env_path("kept"));
}

#[test]
fn a_store_that_is_none_is_one_line() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("file", "precious");
    std::os::unix::fs::symlink("nowhere/at/all", sandbox.path("dangling")).unwrap();
    std::os::unix::fs::symlink("home", sandbox.path("home again")).unwrap();
    let create = create_arguments(&python, "a", &[]);
    let stores = [
        ("file", "is not a directory"),
        ("file/below", "is not a directory"),
        ("dangling", "is not a directory"),
        ("home", "cannot hold environments"),
        ("home again", "cannot hold environments"),
        ("/", "cannot hold environments"),
        ("~somebody", "must be written in full"),
    ];
    for (store, words) in stores {
        let path = if store.starts_with('~') { PathBuf::from(store) } else { sandbox.path(store) };
        for arguments in [&create[..], &["remove".into(), "home".into()]] {
            let output = program(&sandbox, arguments).env("WORKON_HOME", &path).output().unwrap();
            Outcome::new(&sandbox, &output).fails_with_hint(&format!("{store} {arguments:?}"), words);
        }
    }
    assert_eq!(std::fs::read_to_string(sandbox.path("file")).unwrap(), "precious");
    assert_eq!(names_in(&sandbox.path("home")), Vec::<std::ffi::OsString>::new());
}

#[test]
fn a_missing_home_directory_is_no_obstacle_unless_it_is_needed() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let create = |name: &str| program(&sandbox, &create_arguments(&python, name, &["--no-setuptools"]));
    let homes =
        [("unset", None), ("empty", Some("")), ("relative", Some("some/where")), ("gone", Some("/proc/nowhere"))];
    for (name, home) in homes {
        let mut commands = [create(name), create(name)];
        for command in &mut commands {
            for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
                command.env_remove(variable);
            }
            home.map(|home| command.env("HOME", home));
        }
        let [with, without] = &mut commands;
        Outcome::new(&sandbox, &with.output().unwrap()).succeeds(name);
        assert_works(&sandbox.env_path(name));
        if name != "gone" {
            let output = without.env_remove("WORKON_HOME").output().unwrap();
            Outcome::new(&sandbox, &output).fails_with_hint(name, "the home directory is unknown");
            let output = without.env("WORKON_HOME", "relative").output().unwrap();
            Outcome::new(&sandbox, &output).fails_with_hint(name, "the home directory is unknown");
        }
    }
    assert_eq!(names_in(&sandbox.path("home")), Vec::<std::ffi::OsString>::new());
}

#[test]
fn an_unusable_cache_costs_speed_only() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("file", "precious");
    std::fs::create_dir(sandbox.path("shared")).unwrap();
    std::fs::set_permissions(sandbox.path("shared"), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let caches = ["file", "file/below", "shared", "/proc/nowhere/cache", "/dev/null/cache"];
    for (number, cache) in caches.iter().enumerate() {
        let name = format!("e{number}");
        let mut command = program(&sandbox, &create_arguments(&python, &name, &["--no-setuptools"]));
        let output = command.env("VENVWRAP_CACHE_DIR", sandbox.path(cache)).output().unwrap();
        Outcome::new(&sandbox, &output).succeeds(cache);
        assert_works(&sandbox.env_path(&name));
    }
    // Anybody may write there: no code is kept in it.
    assert!(!sandbox.path("shared/v1/wheels").exists());
    assert_eq!(std::fs::read_to_string(sandbox.path("file")).unwrap(), "precious");
    let listed = call(&sandbox, &["list", "-b"]);
    assert_eq!(listed.succeeds("list").lines().count(), caches.len());
}

#[test]
fn a_missing_store_is_made() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let store = Path::new("a").join("b c");
    let mut command = program(&sandbox, &create_arguments(&python, "x", &["--no-seed"]));
    let outcome = Outcome::new(&sandbox, &command.env("WORKON_HOME", sandbox.path(&store)).output().unwrap());
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    assert!(sandbox.path(store.join("x/bin/python")).exists());
}

#[test]
fn a_state_directory_that_cannot_be_used_costs_only_the_switching() {
    let sandbox = place();
    sandbox.write("home/.local/state", "a file");
    associations::program(&sandbox, &["project", "set", "api", "../projects/api"]);
    assert_eq!(associations::program(&sandbox, &["project", "show", "api"]), "[ROOT]/projects/api\n");
    associations::program(&sandbox, &["__plan", "bash", "follow", "/"]);
    associations::program(&sandbox, &["__plan", "bash", "workon", "api"]);
    associations::program(&sandbox, &["remove", "api"]);
    sandbox.write("home/.env", "");
    assert!(fails(&sandbox, &["allow"]).contains("could not create"));
}
