//! What environments hold that archives cannot, or should not.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::call;
use crate::support::sandbox::Sandbox;

/// Formats with links, each with how tar unpacks it.
const FORMATS: [&str; 3] = ["tar", "tar.gz", "tar.zst"];

/// Packs the environment `api`, and unpacks it with tar.
#[track_caller]
fn by_tar(sandbox: &Sandbox, format: &str) -> Option<PathBuf> {
    let archive = sandbox.path(format!("home/a.{format}"));
    let outcome = call(sandbox, &["pack", "api", "-o", archive.to_str().unwrap()]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let place = sandbox.path(format!("by tar {format}"));
    fs::create_dir_all(&place).unwrap();
    let output = Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(&place).output().unwrap();
    if format == "tar.zst" && !output.status.success() && crate::support::tools::find_program("zstd").is_none() {
        return None;
    }
    assert!(output.status.success(), "{output:?}");
    Some(place)
}

#[test]
fn files_that_other_environments_share_are_stored_once_and_whole() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    let cached = sandbox.write("cache/archive/module.py", "SHARED = 1\n");
    let site = environment.join("lib/python3.11/site-packages");
    for name in ["a.py", "b.py"] {
        fs::hard_link(&cached, site.join(name)).unwrap();
    }
    for format in FORMATS {
        let Some(place) = by_tar(&sandbox, format) else { continue };
        let listed = Command::new("tar").arg("tvf").arg(sandbox.path(format!("home/a.{format}"))).output().unwrap();
        assert!(!String::from_utf8_lossy(&listed.stdout).contains(" link to "), "{listed:?}");
        for name in ["a.py", "b.py"] {
            let file = place.join("lib/python3.11/site-packages").join(name);
            assert_eq!(fs::read_to_string(&file).unwrap(), "SHARED = 1\n");
            assert_eq!(fs::metadata(&file).unwrap().nlink(), 1, "{format} {name}");
        }
    }
}

#[test]
fn any_name_comes_along() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    let site = environment.join("lib/python3.11/site-packages");
    let long = format!("{}/{}", "d".repeat(90), "n".repeat(200));
    let names: Vec<&OsStr> = vec![
        OsStr::new(&long),
        OsStr::new("a b'c\"$(touch PWN)`x`é"),
        OsStr::new("-rf"),
        OsStr::from_bytes(b"latin-\xe9-\xff.py"),
        OsStr::new("back\\slash"),
    ];
    for name in &names {
        fs::create_dir_all(site.join(name).parent().unwrap()).unwrap();
        fs::write(site.join(name), name.as_bytes()).unwrap();
    }
    // A link whose target is longer than a header has room for.
    std::os::unix::fs::symlink(&long, site.join("link")).unwrap();
    for format in FORMATS {
        let Some(place) = by_tar(&sandbox, format) else { continue };
        let unpacked = sandbox.path(format!("unpacked {format}"));
        let archive = sandbox.path(format!("home/a.{format}"));
        let words = ["unpack", archive.to_str().unwrap(), "--to", unpacked.to_str().unwrap()];
        let outcome = call(&sandbox, &words);
        let places: &[&Path] = if outcome.stderr.contains("Python 3.11") {
            // This machine has none; that tar reads it must do.
            &[&place]
        } else {
            assert_eq!(outcome.status, Some(0), "{outcome:?}");
            &[&place, &unpacked]
        };
        for place in places {
            let site = place.join("lib/python3.11/site-packages");
            for name in &names {
                assert_eq!(fs::read(site.join(name)).unwrap(), name.as_bytes(), "{format} {name:?}");
            }
            assert_eq!(fs::read(site.join("link")).unwrap(), long.as_bytes());
        }
        assert!(!sandbox.path("home/PWN").exists());
    }
    let zip = sandbox.path("home/a.zip");
    let outcome = call(&sandbox, &["pack", "api", "-o", zip.to_str().unwrap()]);
    // A zip archive has names in UTF-8 only: what cannot come along is named.
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    assert!(outcome.stderr.contains("names that the archive cannot hold"), "{outcome:?}");
    assert!(outcome.stderr.contains("site-packages/latin-\u{fffd}-\u{fffd}.py"), "{outcome:?}");
}

#[test]
fn holes_are_zeros_and_bits_of_other_users_are_gone() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    let sparse = environment.join("share/sparse.bin");
    fs::create_dir_all(sparse.parent().unwrap()).unwrap();
    let file = File::create(&sparse).unwrap();
    file.set_len(20 << 20).unwrap();
    file.write_all_at(b"end", (20 << 20) - 3).unwrap();
    let program = sandbox.write_program("envs/api/bin/tool", "#!/bin/sh\n");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o6755)).unwrap();
    for format in FORMATS {
        let Some(place) = by_tar(&sandbox, format) else { continue };
        assert!(fs::read(place.join("share/sparse.bin")).unwrap() == fs::read(&sparse).unwrap(), "{format}");
        assert_eq!(fs::metadata(place.join("bin/tool")).unwrap().permissions().mode() & 0o7777, 0o755);
    }
}

#[test]
fn what_would_make_the_archive_useless_is_listed_and_stays() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    let bad = environment.join("share/a\nb");
    fs::create_dir_all(bad.join("below")).unwrap();
    fs::write(bad.join("below/c\x1b[31m"), "").unwrap();
    fs::write(environment.join("share/tab\there"), "").unwrap();
    fs::write(environment.join("share/plain"), "").unwrap();
    std::os::unix::fs::symlink("x\ny", environment.join("share/link")).unwrap();
    let nowhere = call(&sandbox, &["pack", "api", "-o", "none/a.tar.gz"]);
    assert!(nowhere.status == Some(1) && nowhere.stderr.contains("hint: there is no directory `"), "{nowhere:?}");
    let archive = sandbox.path("home/a.tar.gz");
    let outcome = call(&sandbox, &["pack", "api", "--json", "-o", archive.to_str().unwrap()]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let manifest: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let names = serde_json::json!(["share/a\nb", "share/link", "share/tab\there"]);
    assert_eq!(manifest["left_out"]["names"], names, "{manifest}");
    assert!(
        outcome.stderr.contains("names that the archive cannot hold") && !outcome.stderr.contains("\x1b[31m"),
        "{outcome:?}"
    );
    let verified = call(&sandbox, &["unpack", archive.to_str().unwrap(), "--verify-only"]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
    let Some(place) = by_tar(&sandbox, "tar.gz") else { return };
    let found: Vec<_> = fs::read_dir(place.join("share")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(found, ["plain"]);
}

#[test]
fn what_is_not_a_file_is_listed_and_stays() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    let _socket = std::os::unix::net::UnixListener::bind(environment.join("socket")).unwrap();
    let pipe = environment.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    sandbox.write("envs/api/.netrc", "machine x login y password hidden\n");
    for name in [".lock", ".venvwrap-users", "venvwrap.toml"] {
        sandbox.write(format!("envs/api/{name}"), "");
    }
    let archive = sandbox.path("home/a.tar.zst");
    let outcome = call(&sandbox, &["pack", "api", "--json", "-o", archive.to_str().unwrap()]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let manifest: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(manifest["left_out"]["special"], serde_json::json!(["pipe", "socket"]));
    assert_eq!(manifest["left_out"]["secrets"], serde_json::json!([".netrc"]));
    for path in ["pipe", "socket", ".netrc"] {
        assert!(outcome.stderr.contains(&format!("[ROOT]/envs/api/{path}")), "{outcome:?}");
    }
    let Some(place) = by_tar(&sandbox, "tar.gz") else { return };
    for name in ["pipe", "socket", ".netrc", ".lock", ".venvwrap-users", "venvwrap.toml"] {
        assert!(fs::symlink_metadata(place.join(name)).is_err(), "{name}");
    }
}

#[test]
fn wheels_that_no_disk_has_room_for_are_not_fetched() {
    let sandbox = Sandbox::new();
    let (hash, size) = ("0".repeat(64), 4_000_000_000_000_000_u64);
    // Nothing listens there.
    let url = "https://127.0.0.1:1/torch-2.0-py3-none-any.whl";
    let lock = format!(
        "lock-version = \"1.0\"\n[[packages]]\nname = \"torch\"\nversion = \"2.0\"\n\
         wheels = [{{url = \"{url}\", size = {size}, hashes = {{sha256 = \"{hash}\"}}}}]\n"
    );
    let lock = sandbox.write("projects/pylock.toml", lock);
    let output = sandbox.path("projects/torch.bundle.tar");
    let words = ["bundle", "--no-pip", "--python", "3.12", lock.to_str().unwrap(), "-o", output.to_str().unwrap()];
    call(&sandbox, &words).fails_with_hint("bundle", "MB free, and the wheels need 9155273437 MB");
    assert_eq!(crate::support::program::names_in(&sandbox.path("projects")), ["pylock.toml"]);
}
