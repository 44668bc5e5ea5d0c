//! Archives as others make them, and those that lie.

use std::fs;
use std::path::Path;

use super::collect::{Collected, Kind};
use super::*;
use crate::pack::problem::ArchiveProblem;
use crate::pack::tar::header;
use crate::pack::untar::Untar;
use crate::snapshot::side::Source;

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in members {
        archive.extend(header(name.as_bytes(), b"", b'0', 0o644, content.len() as u64, 0));
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend([0; 1024]);
    archive
}

fn listed(content: &[u8]) -> Result<Listing, ListingError> {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("archive");
    fs::write(&path, content).unwrap();
    listing(&path)
}

fn manifest(packages: &str) -> String {
    format!(
        r#"{{"schema": 1, "tool": "x", "name": "api", "layout": "fixed", "path": "/opt/venv", "system": "Linux",
        "python": {{"version": "3.12.4", "implementation": "CPython", "abiflags": "", "magic": null}},
        "machine": "x86_64", "glibc": null, "libraries": [], "files": 1, "bytes": 1, "packages": {packages},
        "left_out": {{"editable": [], "secrets": [], "links": [], "special": []}}}}"#
    )
}

const SITE: &str = "api/lib/python3.11/site-packages";

#[test]
fn a_manifest_says_everything_and_nothing_else_is_read() {
    let packages = r#"[{"name": "A", "version": "1.0"}, {"name": "b", "version": "2", "requirement": "b @ git+https://x@1"},
        {"name": "c", "version": "3", "requirement": "-e git+https://x@2#egg=c"}]"#;
    let text = manifest(packages);
    let mut archive = tar(&[("lib/python3.12/venvwrap-pack.json", text.as_bytes())]);
    archive.truncate(archive.len() - 1024);
    archive.extend([b'x'; 4096]);
    let found = listed(&archive).unwrap();
    assert_eq!((found.python.version.as_str(), found.python.platform.as_str()), ("3.12.4", "linux x86_64"));
    let packages: Vec<_> = found.packages.iter().map(|own| (own.name.as_str(), own.source.clone())).collect();
    let url = Source::Url("git+https://x@1".into());
    let editable = Source::Editable("git+https://x@2#egg=c".into());
    assert_eq!(packages, [("A", Source::Index), ("b", url), ("c", editable)]);
}

#[test]
fn metadata_is_found_where_there_is_no_manifest() {
    let deep = format!("{SITE}/vendor/lib/python3.11/site-packages/other-1.dist-info/METADATA");
    let members = [
        (format!("{SITE}/a-1.dist-info/METADATA"), "Name: a\nVersion: 1\n\nName: not-this\n"),
        (format!("{SITE}/b-2-py3.egg-info/PKG-INFO"), "Name: b\nVersion: 2\n"),
        (format!("{SITE}/a-1.dist-info/licenses/METADATA"), "Name: c\nVersion: 1\n"),
        ("elsewhere/lib/python3.9/site-packages/d-1.dist-info/METADATA".to_owned(), "Name: d\nVersion: 1\n"),
        ("api/pyvenv.cfg".to_owned(), "version = 3.11.2\n"),
        ("api/share/example/pyvenv.cfg".to_owned(), "version = 3.5.2\n"),
    ];
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let found = listed(&tar(&members)).unwrap();
    assert_eq!(found.python.version, "3.11.2");
    let names: Vec<_> = found.packages.iter().map(|own| format!("{} {}", own.name, own.version)).collect();
    assert_eq!(names, ["a 1", "b 2"], "{deep}");
    assert!(found.packages.iter().all(|own| own.source == Source::Unknown));
}

#[test]
fn what_would_fill_the_memory_is_refused() {
    // Text shrinks to nothing where it is all the same.
    let text = ["Name: a\nVersion: ", &"1".repeat(250 << 10), "\n\n"].concat();
    let mut collected = Collected::default();
    let take = |at: usize| {
        let path = format!("lib/python3.12/site-packages/a{at}.dist-info/METADATA");
        collected.take(Kind::Metadata, Path::new(&path), &mut text.as_bytes())
    };
    assert!((0..1100).map(take).any(|taken| taken.is_err()));
    let endless = Untar::new(std::io::repeat(0).take(1 << 50), 1 << 20).next();
    assert!(matches!(endless, Err(ArchiveProblem::TooLarge(_))), "{endless:?}");
}

#[test]
fn what_lists_nothing_or_lies_is_refused() {
    let place = "lib/python3.12/venvwrap-pack.json";
    for packages in [
        r#"[{"name": "a\nb", "version": "1"}]"#,
        r#"[{"name": "a", "version": "1 --index-url x"}]"#,
        r#"[{"name": "", "version": "1"}]"#,
        r#"[{"name": "a", "version": "1", "requirement": "a @ x\nb"}]"#,
    ] {
        let refused = listed(&tar(&[(place, manifest(packages).as_bytes())]));
        assert!(matches!(refused, Err(ListingError::Package { .. })), "{packages}: {refused:?}");
    }
    assert!(matches!(listed(&tar(&[("a", b"x")])), Err(ListingError::Unknown { .. })));
    let hostile = listed(&tar(&[("../a", b"x")])).unwrap_err();
    assert!(matches!(hostile, ListingError::Archive(_)));
    // Nobody has asked to unpack it.
    assert!(hostile.to_string().starts_with("could not read `/"), "{hostile}");
    assert!(matches!(listed(b"PK\x03\x04nothing"), Err(ListingError::Zip { .. })));
    assert!(matches!(listed(&tar(&[("manifest.json", b"{}")])), Err(ListingError::Image(_))));
    assert!(matches!(listing(Path::new("/")), Err(ListingError::Unknown { .. })));
    assert!(listed(b"text").is_err() && listed(b"").is_err());
}
