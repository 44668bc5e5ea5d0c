//! The texts in a bundle: the lists for pip and uv, and the script for machines that have nothing.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::manifest::{BundledFile, Manifest, Target};
use crate::env::packages::version_of;
use crate::fs::order::Order as _;
use crate::shell::quote;

/// The script, without what is special to a bundle.
const SCRIPT: &str = include_str!("install.sh");

/// Returns the names of the lists for pip and uv.
pub(super) fn lists(manifest: &Manifest) -> Vec<String> {
    let names: BTreeSet<&String> = manifest.targets.iter().map(|target| &target.requirements).collect();
    names.into_iter().cloned().collect()
}

/// Returns a list that pip and uv install: with every hash, and without any index.
pub(super) fn requirements(manifest: &Manifest, list: &str) -> String {
    let mut lines: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for target in manifest.targets.iter().filter(|target| target.requirements == list) {
        for file in packages(manifest, target) {
            lines.entry(format!("{}=={}", file.name, file.version)).or_default().insert(&file.sha256);
        }
    }
    let mut text = String::from("--no-index\n--find-links wheels\n");
    for (line, hashes) in lines {
        text.push_str(&line);
        text.extend(hashes.into_iter().map(|hash| format!(" --hash=sha256:{hash}")));
        text.push('\n');
    }
    text
}

/// Returns the lock, with the paths of the wheels.
pub(super) fn pylock(manifest: &Manifest) -> String {
    let mut names: Vec<&BundledFile> = manifest.targets.iter().flat_map(|target| packages(manifest, target)).collect();
    names.order_by_key(|file| (&file.name, &file.file));
    names.dedup_by(|a, b| a.file == b.file);
    let mut packages: Vec<Table> = Vec::new();
    for file in names {
        let wheel = Value::Table(wheel(file));
        let is_same = |package: &&mut Table| {
            let has = |key: &str, value: &str| package.get(key).and_then(Value::as_str) == Some(value);
            has("name", &file.name) && has("version", &file.version)
        };
        if let Some(Value::Array(wheels)) =
            packages.iter_mut().find(is_same).and_then(|package| package.get_mut("wheels"))
        {
            wheels.push(wheel);
            continue;
        }
        let mut package = Table::new();
        package.insert("name".into(), file.name.clone().into());
        package.insert("version".into(), file.version.clone().into());
        if let Some(marker) = marker(manifest, file) {
            package.insert("marker".into(), marker.into());
        }
        package.insert("wheels".into(), Value::Array(vec![wheel]));
        packages.push(package);
    }
    let mut own = Table::new();
    own.insert("repacked".into(), manifest.repacked.into());
    let mut tool = Table::new();
    tool.insert("venvwrap".into(), own.into());
    let mut lock = Table::new();
    lock.insert("lock-version".into(), "1.0".into());
    lock.insert("created-by".into(), "venvwrap".into());
    if let Some((major, minor)) = version_of(&manifest.python) {
        lock.insert("requires-python".into(), format!("=={major}.{minor}.*").into());
    }
    lock.insert("packages".into(), packages.into_iter().map(Value::Table).collect::<Vec<_>>().into());
    lock.insert("tool".into(), tool.into());
    toml::to_string(&lock).unwrap_or_default()
}

/// The marker of a version that not every system has.
fn marker(manifest: &Manifest, file: &BundledFile) -> Option<String> {
    let is_same = |other: &&BundledFile| other.name == file.name && other.version == file.version;
    let has = |target: &&Target| packages(manifest, target).any(|other| is_same(&other));
    let (with, without): (Vec<_>, Vec<_>) = manifest.targets.iter().partition(has);
    if without.is_empty() {
        return None;
    }
    let markers: BTreeSet<&str> = with.into_iter().filter_map(|target| target.marker.as_deref()).collect();
    Some(markers.into_iter().map(|marker| format!("({marker})")).collect::<Vec<_>>().join(" or "))
}

fn wheel(file: &BundledFile) -> Table {
    let mut hashes = Table::new();
    hashes.insert("sha256".into(), file.sha256.clone().into());
    let mut wheel = Table::new();
    wheel.insert("name".into(), file.file.clone().into());
    wheel.insert("path".into(), format!("wheels/{}", file.file).into());
    if let Ok(size) = i64::try_from(file.size) {
        wheel.insert("size".into(), size.into());
    }
    wheel.insert("hashes".into(), hashes.into());
    wheel
}

/// Returns the script that installs the bundle where this program is not.
pub(super) fn install_script(manifest: &Manifest) -> Vec<u8> {
    let line = |target: &Target| {
        let glibc = target.glibc.map(|glibc| glibc.to_string()).unwrap_or_default();
        let library = if target.musl { "musl".to_owned() } else { glibc };
        format!("{}|{library}|{}", target.machine.as_deref().unwrap_or_default(), target.requirements)
    };
    let targets = manifest.targets.iter().map(line).collect::<Vec<_>>().join("\n");
    let has_packages = manifest.targets.iter().any(|target| packages(manifest, target).next().is_some());
    let mut script = b"#!/bin/sh\n\
        # Makes a Python environment of the wheels next to this script. Nothing is downloaded.\n\
        #     sh install.sh DIRECTORY [PYTHON]\n\
        set -eu\n\n"
        .to_vec();
    for (name, value) in [
        ("bundle_python", manifest.python.as_str()),
        ("bundle_pip", manifest.pip.as_deref().unwrap_or_default()),
        ("has_packages", if has_packages { "yes" } else { "no" }),
        ("bundle_targets", targets.as_str()),
    ] {
        script.extend_from_slice(&[name.as_bytes(), b"=", &quote::posix(value.as_bytes()), b"\n"].concat());
    }
    script.push(b'\n');
    script.extend_from_slice(SCRIPT.as_bytes());
    script
}

/// The wheels of a target that are listed: all but pip, which is a tool here.
fn packages<'a>(manifest: &'a Manifest, target: &'a Target) -> impl Iterator<Item = &'a BundledFile> {
    let is_listed =
        |file: &&BundledFile| target.wheels.contains(&file.file) && manifest.pip.as_ref() != Some(&file.file);
    manifest.wheels.iter().filter(is_listed)
}
