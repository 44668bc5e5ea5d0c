//! What a bundle says to others.

mod offers;
mod targets;
mod wishes;

use std::path::Path;

use super::contents;
use super::error::BundleError;
use super::manifest::{BundledFile, Manifest, SCHEMA, Target};
use super::offer::{Missing, MissingReason};
use super::place::{Draft, Output};
use super::workshop::Workshop;

fn file(name: &str, file: &str) -> BundledFile {
    let (file, name) = (file.to_owned(), name.to_owned());
    BundledFile { file, name, version: "1.0".into(), sha256: "ab".into(), size: 7, requested: false }
}

fn manifest(pip: bool) -> Manifest {
    let wheels = vec![file("b", "b-1.0-py3-none-any.whl"), file("pip", "pip-1.0-py3-none-any.whl")];
    let target = Target {
        machine: Some("Linux x86_64".into()),
        glibc: Some(17),
        requirements: "requirements.txt".into(),
        wheels: wheels.iter().map(|file| file.file.clone()).collect(),
        ..Target::default()
    };
    Manifest {
        schema: SCHEMA,
        tool: "venvwrap".into(),
        name: "api".into(),
        python: "python3.12".into(),
        repacked: true,
        pip: pip.then(|| "pip-1.0-py3-none-any.whl".into()),
        targets: vec![target],
        wheels,
    }
}

#[test]
fn pip_is_a_tool_unless_it_is_a_package() {
    let manifest_with = manifest(true);
    let text = contents::requirements(&manifest_with, "requirements.txt");
    assert_eq!(text, "--no-index\n--find-links wheels\nb==1.0 --hash=sha256:ab\n");
    let without = manifest(false);
    assert!(contents::requirements(&without, "requirements.txt").contains("\npip==1.0 --hash"));
}

#[test]
fn the_lock_has_paths_and_hashes() {
    let lock: toml::Table = toml::from_str(&contents::pylock(&manifest(true))).unwrap();
    assert_eq!(lock["requires-python"].as_str(), Some("==3.12.*"));
    let packages = lock["packages"].as_array().unwrap();
    assert_eq!(packages.len(), 1);
    let wheel = &packages[0]["wheels"].as_array().unwrap()[0];
    assert_eq!(wheel["path"].as_str(), Some("wheels/b-1.0-py3-none-any.whl"));
    assert_eq!(wheel["hashes"]["sha256"].as_str(), Some("ab"));
}

#[test]
fn the_script_knows_what_it_is_for() {
    let mut manifest = manifest(true);
    manifest.python = "it's $(touch PWN)".into();
    let script = String::from_utf8(contents::install_script(&manifest)).unwrap();
    assert!(script.contains("\nbundle_targets='Linux x86_64|17|requirements.txt'\n"), "{script}");
    assert!(script.contains("\nbundle_python='it'\\''s $(touch PWN)'\n"), "{script}");
    manifest.targets[0] = Target { glibc: None, musl: true, ..manifest.targets[0].clone() };
    let script = String::from_utf8(contents::install_script(&manifest)).unwrap();
    assert!(script.contains("\nbundle_targets='Linux x86_64|musl|requirements.txt'\n"), "{script}");
}

#[test]
fn a_manifest_is_read_as_it_was_written() {
    let manifest = manifest(true);
    let read: Manifest = serde_json::from_slice(&manifest.to_json()).unwrap();
    assert_eq!(read, manifest);
}

#[test]
fn a_place_that_is_taken_is_refused_before_any_work() {
    let scratch = tempfile::tempdir().unwrap();
    let (there, new) = (scratch.path().join("there"), scratch.path().join("new"));
    std::fs::create_dir(&there).unwrap();
    for path in [&there, Path::new("/dev/null")] {
        assert!(matches!(Workshop::new(Output::Tar(path)), Err(BundleError::Path(_))), "{}", path.display());
        assert!(matches!(Workshop::new(Output::Directory(path)), Err(BundleError::Exists { .. })));
    }
    drop((Workshop::new(Output::Tar(&new)).unwrap(), Workshop::new(Output::Directory(&new)).unwrap()));
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1);
}

/// pip and some indexes tell no sizes before.
#[test]
fn copies_that_do_not_fit_are_not_begun() {
    let scratch = tempfile::tempdir().unwrap();
    let (tar, directory) = (scratch.path().join("b.tar"), scratch.path().join("b"));
    let mut manifest = manifest(true);
    manifest.wheels[0].size = u64::MAX / 2;
    for (output, is_elsewhere) in [(Output::Tar(&tar), false), (Output::Directory(&directory), true)] {
        let mut draft = Draft::new(manifest.clone(), output).unwrap();
        if is_elsewhere {
            draft.take("b-1.0-py3-none-any.whl", Path::new("/none"));
        }
        let error = draft.publish(output).unwrap_err();
        assert!(matches!(error, BundleError::NoRoom { is_cache: false, .. }), "{error}");
    }
    // There already.
    Draft::new(manifest, Output::Directory(&directory)).unwrap().publish(Output::Directory(&directory)).unwrap();
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1);
}

#[test]
fn a_package_without_a_wheel_is_one_whatever_the_number_of_systems() {
    let missing = |key: &str, reason| Missing { key: key.into(), reason };
    let not_for =
        |key: &str, platform: &str| missing(key, MissingReason::NotFor(format!("`{platform}` and Python 3.13t")));
    let all = vec![
        missing("a", MissingReason::OnlySource),
        missing("a", MissingReason::NoFiles),
        not_for("b", "linux-aarch64"),
        not_for("b", "macos-arm64"),
        not_for("b", "windows-x86_64"),
        not_for("c", "linux-aarch64"),
    ];
    assert_eq!(
        BundleError::Missing(all).to_string(),
        "3 packages have no wheel that could be bundled: `a` has only a source archive; `a` has no files; \
         `b` has no wheel for `linux-aarch64`, `macos-arm64`, `windows-x86_64` and Python 3.13t; \
         `c` has no wheel for `linux-aarch64` and Python 3.13t"
    );
}
