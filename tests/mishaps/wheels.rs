//! Damaged caches and hostile wheels: made anew or refused, and nothing is written anywhere else.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{assert_works, create_arguments, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

/// Calls `create` with a cache that no other test uses.
fn create(sandbox: &Sandbox, python: &Path, name: &str, options: &[&str]) -> Outcome {
    let options = [options, &["--no-setuptools"]].concat();
    let mut command = program(sandbox, &create_arguments(python, name, &options));
    let output = command.env("VENVWRAP_CACHE_DIR", sandbox.path("cache")).output().unwrap();
    Outcome::new(sandbox, &output)
}

/// All regular files below a directory, sorted.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names_in(directory) {
        let path = directory.join(name);
        let kind = fs::symlink_metadata(&path).map(|data| data.file_type());
        match kind {
            Ok(kind) if kind.is_dir() => found.extend(files(&path)),
            Ok(kind) if kind.is_file() => found.push(path),
            _ => {}
        }
    }
    found
}

/// What pip is in an environment: its sources, byte for byte.
fn pip_of(env: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let sources = files(&env.join("lib")).into_iter().filter(|path| path.extension().is_some_and(|end| end == "py"));
    sources.map(|path| (path.strip_prefix(env).unwrap().to_path_buf(), fs::read(&path).unwrap())).collect()
}

#[test]
fn damaged_cache_entries_are_made_anew() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "whole", &[]).succeeds("whole");
    let expected = pip_of(&sandbox.env_path("whole"));
    assert!(expected.len() > 100, "{}", expected.len());
    let wheels = sandbox.path("cache/v1/wheels");
    // The environment shares its files with the cache: a new file, so that only the cache is damaged.
    let replace = |path: &Path, content: &[u8]| {
        fs::remove_file(path).unwrap();
        fs::write(path, content).unwrap();
    };
    let sources = || files(&wheels).into_iter().filter(|path| path.extension().is_some_and(|end| end == "py"));
    let others =
        || files(&wheels).into_iter().filter(|path| path.components().count() == wheels.components().count() + 2);
    let damages: [(&str, &dyn Fn()); 7] = [
        ("a file is cut off", &|| replace(&sources().next_back().unwrap(), b"")),
        ("a file is gone", &|| fs::remove_file(sources().next().unwrap()).unwrap()),
        ("a file is a link", &|| {
            let path = sources().next().unwrap();
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink("/etc/hostname", path).unwrap();
        }),
        ("the manifests are flipped", &|| {
            for path in others() {
                let content: Vec<u8> = fs::read(&path).unwrap().iter().map(|byte| byte ^ 0x20).collect();
                replace(&path, &content);
            }
        }),
        ("the manifests are cut off", &|| {
            for path in others() {
                let content = fs::read(&path).unwrap();
                replace(&path, &content[..content.len() / 2]);
            }
        }),
        ("everything is gone", &|| fs::rename(&wheels, sandbox.path("cache/gone")).unwrap()),
        ("the rest is nonsense", &|| {
            for path in files(&sandbox.path("cache/v1")).iter().filter(|path| !path.starts_with(&wheels)) {
                replace(path, b"\xff\0nonsense\n");
            }
        }),
    ];
    for (context, damage) in damages {
        damage();
        create(&sandbox, &python, "a", &["--clear"]).succeeds(context);
        assert_works(&sandbox.env_path("a"));
        assert!(pip_of(&sandbox.env_path("a")) == expected, "{context}");
    }
}

/// Writes a wheel of pip 99 that has one more entry; `kind` says what is wrong with it.
fn write_wheel(python: &Path, directory: &Path, kind: &str) {
    const SCRIPT: &str = r#"
import os, stat, sys, zipfile
directory, kind = sys.argv[1:]
path = os.path.join(directory, "pip-99.0-py3-none-any.whl")
info = "pip-99.0.dist-info/"
with zipfile.ZipFile(path, "w") as wheel:
    wheel.writestr("pip/__init__.py", "")
    wheel.writestr("pip/__main__.py", "print('ninety-nine')")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: pip\nVersion: 99.0\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    names = {"parent": "../../../../../../PWN", "absolute": "/tmp/PWN", "dots": "pip/../../PWN", "backslash": "..\\PWN",
             "scripts": "pip-99.0.data/scripts/../../../PWN", "data": "pip-99.0.data/data/bin/activate", "nul": "pip/a\nb"}
    if kind in names:
        wheel.writestr(names[kind], "payload")
    if kind == "link":
        entry = zipfile.ZipInfo("pip/link")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        wheel.writestr(entry, "../../../../..")
        wheel.writestr("pip/link/PWN", "payload")
    entry_points = {"points": "[console_scripts]\n../../../PWN = pip:main\n", "python": "[console_scripts]\npython = pip:main\n",
                    "code": "[console_scripts]\npip = pip:main;open('PWN','w')\n"}
    if kind in entry_points:
        wheel.writestr(info + "entry_points.txt", entry_points[kind])
    wheel.writestr(info + "RECORD", "")
if kind == "truncated":
    content = open(path, "rb").read()
    open(path, "wb").write(content[:len(content) // 2])
if kind == "flipped":
    content = bytearray(open(path, "rb").read())
    at = content.index(b"ninety-nine")
    content[at] ^= 1
    open(path, "wb").write(content)
if kind == "empty":
    open(path, "wb").close()
"#;
    let output = Command::new(python).args(["-c", SCRIPT]).arg(directory).arg(kind).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn hostile_wheels_are_refused_and_the_next_is_taken() {
    let Some(python) = python() else { return };
    let kinds = [
        "parent",
        "absolute",
        "dots",
        "backslash",
        "scripts",
        "data",
        "nul",
        "link",
        "points",
        "python",
        "code",
        "truncated",
        "flipped",
        "empty",
    ];
    for kind in kinds {
        let sandbox = Sandbox::new();
        let directory = sandbox.path("projects");
        write_wheel(&python, &directory, kind);
        let search = format!("--extra-search-dir={}", directory.display());
        fs::create_dir(sandbox.path("cache")).unwrap();
        let before = [sandbox.path(""), sandbox.path("home"), directory].map(|directory| names_in(&directory));
        create(&sandbox, &python, "a", &[&search, "--pip", "99.0"]).fails_with_hint(kind, "pip==99.0");
        assert_eq!(names_in(&sandbox.path("envs")), Vec::<OsString>::new(), "{kind}");
        create(&sandbox, &python, "a", &[&search]).succeeds(kind);
        assert_works(&sandbox.env_path("a"));
        let pwn = files(&sandbox.path("")).into_iter().find(|path| path.file_name().is_some_and(|name| name == "PWN"));
        assert_eq!((pwn, Path::new("/tmp/PWN").exists()), (None, false), "{kind}");
        let after =
            [sandbox.path(""), sandbox.path("home"), sandbox.path("projects")].map(|directory| names_in(&directory));
        assert_eq!(before, after, "{kind}");
    }
}

#[test]
fn a_good_wheel_that_is_pointed_at_is_taken() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    write_wheel(&python, &sandbox.path("projects"), "good");
    let search = format!("--extra-search-dir={}", sandbox.path("projects").display());
    create(&sandbox, &python, "a", &[&search]).succeeds("good");
    let output = Command::new(sandbox.env_path("a/bin/python")).args(["-m", "pip"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ninety-nine\n");
}
