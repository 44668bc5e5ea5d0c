//! What is in an environment after installing.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::wheel::file::Wheel;
use crate::wheel::fill::Transfer;
use crate::wheel::install::Installer;
use crate::wheel::testing::{ZipEntry, imaginary_interpreter, only, seed_pip, wheel_entries, write_wheel};
use crate::wheel::unpack::Entry;
use crate::wheel::{Download, IndexSettings, Project, SeedError, SeedRequest, Sources, Target, seed};

const SITE: &str = "lib/python3.12/site-packages";

/// Unpacks a wheel and installs it by one way of transfer.
fn install(scratch: &Path, entries: &[ZipEntry], transfer: Transfer) -> PathBuf {
    let wheel = Wheel::open(&write_wheel(&scratch.join("wheels"), entries)).unwrap();
    let entry = Entry::unpack(&wheel, &scratch.join("entry")).unwrap();
    let root = scratch.join("staging");
    std::fs::create_dir(&root).unwrap();
    let interpreter = imaginary_interpreter(12);
    let target = Target { interpreter: &interpreter, root: &root, final_root: Path::new("/final place") };
    Installer::new(&target, transfer).unwrap().install(&entry, None, true).unwrap();
    root
}

#[test]
fn every_transfer_gives_the_same_files() {
    for transfer in [Transfer::Link, Transfer::Clone, Transfer::Copy, Transfer::Move] {
        let scratch = tempfile::tempdir().unwrap();
        let root = install(scratch.path(), &wheel_entries(), transfer);
        let code = root.join(SITE).join("pip/__init__.py");
        let metadata = std::fs::metadata(&code).unwrap();
        assert_eq!((metadata.mtime(), metadata.mode() & 0o777), (1_714_979_290, 0o644), "{transfer:?}");
        assert_eq!(metadata.nlink(), if transfer == Transfer::Link { 2 } else { 1 });
        assert_eq!(std::fs::read_to_string(root.join(SITE).join("pip/sub/data.pem")).unwrap(), "certificate\n");
    }
}

#[test]
fn empty_and_executable_files_are_copied_like_others() {
    for transfer in [Transfer::Clone, Transfer::Copy] {
        let scratch = tempfile::tempdir().unwrap();
        let mut entries = wheel_entries();
        entries.push(ZipEntry::new("pip/py.typed", ""));
        entries.push(ZipEntry::new("pip/large.txt", &"line\n".repeat(50_000)));
        let root = install(scratch.path(), &entries, transfer);
        let found = |name: &str| std::fs::read_to_string(root.join(SITE).join("pip").join(name)).unwrap();
        assert_eq!((found("py.typed").len(), found("large.txt").len()), (0, 250_000), "{transfer:?}");
        for path in files_below(&root.join(SITE).join("pip")) {
            assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o644, "{}", path.display());
        }
    }
}

#[test]
fn record_lists_exactly_what_was_installed() {
    let scratch = tempfile::tempdir().unwrap();
    let mut entries = wheel_entries();
    for path in ["scripts/tool", "headers/a/b.h", "data/share/x,y"] {
        entries.push(ZipEntry::new(&format!("pip-99.1.data/{path}"), "#!python\nx\n"));
    }
    let root = install(scratch.path(), &entries, Transfer::Link);
    let record = std::fs::read_to_string(root.join(SITE).join("pip-99.1.dist-info/RECORD")).unwrap();
    let mut listed: Vec<PathBuf> = Vec::new();
    for row in record.lines() {
        let mut fields = row.rsplitn(3, ',');
        let (size, hash, path) = (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap());
        let path = crate::fs::absolute(&root.join(SITE), Path::new(path.trim_matches('"')));
        if path.ends_with("RECORD") {
            assert_eq!((hash, size), ("", ""));
        } else {
            let expected = format!(",{}\n", crate::wheel::record::digest_and_size(&std::fs::read(&path).unwrap()));
            assert_eq!(format!(",{hash},{size}\n"), expected, "{row}");
        }
        listed.push(path);
    }
    let mut present = files_below(&root);
    listed.sort();
    present.sort();
    assert_eq!(listed, present);
    assert!(present.contains(&root.join("include/site/python3.12/pip/a/b.h")));
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let children = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    children.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn scripts_name_the_final_place_and_are_executable() {
    let scratch = tempfile::tempdir().unwrap();
    let mut entries = wheel_entries();
    entries.push(ZipEntry::new("pip-99.1.data/scripts/tool", "#!python\nprint()\n"));
    let root = install(scratch.path(), &entries, Transfer::Link);
    for name in ["pip", "pip3", "pip3.12", "tool"] {
        let path = root.join("bin").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("#!/bin/sh\n'''exec' '/final place/bin/python' \"$0\" \"$@\"\n"), "{text}");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o700, 0o700);
    }
    assert_eq!(std::fs::read_to_string(root.join(SITE).join("pip-99.1.dist-info/INSTALLER")).unwrap(), "pip\n");
    assert_eq!(std::fs::read_to_string(root.join(SITE).join("pip-99.1.dist-info/REQUESTED")).unwrap(), "");
}

#[test]
fn a_link_in_the_environment_is_not_followed() {
    for link in ["lib", "bin"] {
        let scratch = tempfile::tempdir().unwrap();
        let [root, outside] = ["root", "outside"].map(|name| scratch.path().join(name));
        std::fs::create_dir(&root).unwrap();
        std::fs::create_dir(&outside).unwrap();
        symlink(&outside, root.join(link)).unwrap();
        write_wheel(scratch.path(), &wheel_entries());
        let seeded = seed_pip(&only(scratch.path()), &imaginary_interpreter(12), &root, &root, None);
        assert!(matches!(seeded, Err(SeedError::Path(_))), "{link}");
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    }
}

#[test]
fn a_file_that_is_there_is_not_overwritten() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("root");
    std::fs::create_dir_all(root.join("bin")).unwrap();
    std::fs::write(root.join("bin/pip"), "mine").unwrap();
    write_wheel(scratch.path(), &wheel_entries());
    let error = seed_pip(&only(scratch.path()), &imaginary_interpreter(12), &root, &root, None).unwrap_err();
    assert!(error.to_string().contains("bin/pip"), "{error}");
    assert_eq!(std::fs::read_to_string(root.join("bin/pip")).unwrap(), "mine");
}

#[test]
fn wheels_for_other_pythons_are_passed_over() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("root");
    std::fs::create_dir(&root).unwrap();
    write_wheel(scratch.path(), &wheel_entries());
    let cache = scratch.path().join("cache");
    for cache in [None, Some(cache.as_path()), Some(cache.as_path())] {
        let error = seed_pip(&only(scratch.path()), &imaginary_interpreter(5), &root, &root, cache).unwrap_err();
        assert!(matches!(error, SeedError::NotFound { refused: None, .. }), "{error}");
        assert_eq!(std::fs::read_dir(&root).unwrap().count(), 0);
    }
}

#[test]
fn versions_that_are_none_and_indexes_that_must_not_be_used() {
    let scratch = tempfile::tempdir().unwrap();
    let interpreter = imaginary_interpreter(12);
    let target = Target { interpreter: &interpreter, root: scratch.path(), final_root: scratch.path() };
    let index = IndexSettings { no_index: true, ..IndexSettings::default() };
    let sources = Sources { download: Download::Always, index, ..Sources::default() };
    let request = |version: &str| SeedRequest { project: Project::Pip, version: Some(version.into()) };
    let error = |version| seed(&[request(version)], &sources, &target, None, &mut |_| ()).unwrap_err();
    assert_eq!(error("24; rm -rf ~").to_string(), "`24; rm -rf ~` is not a version");
    assert_eq!(error("24.2").to_string(), "no wheel of `pip==24.2` for Python 3.12.1 was found");
}
