//! Damaged wheels, pages of indexes, and files of our own cache.

use std::path::Path;

use crate::env::headers::Headers;
use crate::env::packages::normalized;
use crate::mutation::check_mutations;
use crate::wheel::archive::{Archive, Limits, Place};
use crate::wheel::file::Wheel;
use crate::wheel::index::page::{Page, links};
use crate::wheel::known_wheels::{Known, KnownWheels, Stamp, is_sha256};
use crate::wheel::listing::{Listing, Row};
use crate::wheel::manifest::Manifest;
use crate::wheel::metadata::{EntryPoint, WheelName, admits, script_lines};
use crate::wheel::safe_path::{is_component, relative_path};
use crate::wheel::testing::{WHEEL_NAME, wheel_entries, zip};
use crate::wheel::unpack::Entry;
use crate::wheel::{bytecode, reserved, scripts};

/// As text, which is what most parsers get.
fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

fn wheels() -> [Vec<u8>; 2] {
    let deflated =
        wheel_entries().into_iter().map(|entry| if entry.content.len() > 20 { entry.deflated() } else { entry });
    [zip(&wheel_entries()), zip(&deflated.collect::<Vec<_>>())]
}

#[test]
fn a_damaged_archive_unpacks_to_what_it_promises_or_not_at_all() {
    check_mutations(&wheels(), |input| {
        let Ok(archive) = Archive::new(input.to_vec().into()) else { return };
        let Ok(members) = archive.list(Limits::SEED) else { return };
        for member in &members {
            assert_eq!(relative_path(member.path.as_bytes()), Some(member.path.as_str()));
            if let Ok(content) = archive.text(member) {
                assert_eq!(content.len() as u64, member.size);
            }
        }
    });
}

#[test]
fn a_damaged_wheel_writes_nothing_outside_its_entry() {
    let scratch = tempfile::tempdir().unwrap();
    check_mutations(&wheels(), |input| {
        let Ok(wheel) = Wheel::parse(input.to_vec().into(), Path::new(WHEEL_NAME), Limits::SEED) else { return };
        let directory = scratch.path().join("entry");
        if let Ok(entry) = Entry::unpack(&wheel, &directory) {
            let text = entry.manifest.to_text();
            assert_eq!(Manifest::parse(&text).map(|manifest| manifest.to_text()), Some(text));
            assert!(entry.manifest.listing.is_intact(&directory, crate::fs::private::User::of_this_process()));
        }
        crate::fs::remove_tree(&directory).unwrap();
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    });
}

#[test]
fn a_manifest_that_is_accepted_is_what_we_would_write() {
    let row = Row { place: Place::Site, path: "a/b.py".into(), size: 3, mtime: 7, is_executable: false };
    let wheel = Wheel::parse(wheels()[0].clone().into(), Path::new(WHEEL_NAME), Limits::SEED).unwrap();
    let manifest = Manifest {
        description: wheel.description.clone(),
        listing: Listing::new(vec![row]),
        record: "a/b.py,sha256=x,3\n".into(),
    };
    check_mutations(&[manifest.to_text()], |input| {
        // The length in front would refuse nearly everything.
        let body = text(input).split_once('\n').map(|(_, body)| body.to_owned()).unwrap_or_default();
        for text in [text(input), format!("venvwrap-wheel 1 {}\n{body}", body.len())] {
            let Some(manifest) = Manifest::parse(&text) else { continue };
            assert!(is_component(&manifest.description.dist_info));
            for row in &manifest.listing.files {
                assert_eq!(relative_path(row.path.as_bytes()), Some(row.path.as_str()));
            }
            assert!(manifest.listing.dirs.iter().all(|dir| relative_path(dir.as_bytes()).is_some()));
            assert!(manifest.description.entry_points.iter().all(|point| reserved::is_allowed_script(&point.name)));
        }
    });
}

#[test]
fn a_line_of_a_listing_is_written_as_it_was_read() {
    check_mutations(&["site x 12 1700000000 pip/a b.py", "dir pip/sub", "scripts - 0 -1 x"], |input| {
        let line = text(input);
        let mut listing = Listing::default();
        if !line.contains(['\n', '\r']) && listing.read_line(&line).is_some() {
            let mut written = String::new();
            listing.write(&mut written);
            let mut again = Listing::default();
            assert!(again.read_line(written.trim_end_matches('\n')).is_some(), "{written:?}");
            assert_eq!(again, listing);
        }
        let body = format!("{line}\n");
        let _ = bytecode::parse(&format!("venvwrap-bytecode 1 {}\n{body}", body.len()));
    });
}

#[test]
fn a_damaged_memory_of_wheels_holds_only_hashes() {
    let scratch = tempfile::tempdir().unwrap();
    let (memory, wheel) = (scratch.path().join("index"), scratch.path().join("wheel"));
    std::fs::write(&wheel, "x").unwrap();
    let known = Known { sha256: "a".repeat(64), requires_python: Some(">=3.8, <4".into()) };
    let mut wheels = KnownWheels::read(memory.clone());
    wheels.insert(&wheel, Stamp::of(&wheel).unwrap(), known).unwrap();
    let content = std::fs::read(&memory).unwrap();
    check_mutations(&[content], |input| {
        std::fs::write(&memory, input).unwrap();
        let wheels = KnownWheels::read(memory.clone());
        assert!(wheels.get(&wheel).is_none_or(|known| is_sha256(&known.sha256)));
    });
}

#[test]
fn metadata_headers_are_single_lines() {
    let seeds = [
        "Metadata-Version: 2.1\nName: pip\nVersion: 24.0\nRequires-Python: >=3.7\n\nName: other\n",
        "Wheel-Version: 1.0\r\nRoot-Is-Purelib: true\r\n",
    ];
    check_mutations(&seeds, |input| {
        let headers = Headers::parse(input);
        for name in ["Name", "Version", "Requires-Python", "Wheel-Version"] {
            let Some(value) = headers.first(name) else { continue };
            assert!(!value.contains('\n') && value.trim() == value, "{value:?}");
            let _ = admits(Some(value), &"3.11.2".parse().unwrap());
            assert_eq!(normalized(&normalized(value)), normalized(value));
        }
    });
}

#[test]
fn names_of_wheels() {
    check_mutations(
        &[WHEEL_NAME, "My_Thing-1.0-1-cp312-cp312-linux_x86_64.whl", "a-1!2.0rc1+l-py3-none-any.whl"],
        |input| {
            if let Some(name) = WheelName::parse(&text(input)) {
                assert_eq!(normalized(&name.project), name.project);
            }
        },
    );
}

#[test]
fn entry_points_that_are_accepted_become_nothing_but_an_import_and_a_call() {
    let seeds = [
        "[console_scripts]\npip = pip._internal.cli.main:main\npip3 = pip:main [extra]\n\n[gui_scripts]\na b=a.b:c.d\n",
        "# no\n[other]\nx = y\n[console_scripts]\n;x = y:z\n",
    ];
    check_mutations(&seeds, |input| {
        let text = text(input);
        for (name, reference) in script_lines(&text) {
            let Some(point) = EntryPoint::parse(name, reference) else { continue };
            let is_code = |text: &str| text.chars().any(|c| !c.is_alphanumeric() && c != '_' && c != '.');
            assert!(!is_code(&point.module) && !is_code(&point.function), "{point:?}");
            let script = scripts::entry_point_script(&point, Path::new("/envs/a b/bin/python"));
            assert_eq!(script.split(|&byte| byte == b'\n').count(), 11, "{point:?}");
        }
    });
}

#[test]
fn links_of_a_page_are_verifiable_addresses() {
    let hash = "0123456789abcdef".repeat(4);
    let json = format!(
        r#"{{"files":[{{"filename":"pip-1-py3-none-any.whl","url":"../../files/pip-1-py3-none-any.whl",
        "hashes":{{"sha256":"{hash}"}},"requires-python":">=3.8","yanked":"why"}}]}}"#
    );
    let html = format!(
        "<html><a href=\"../../files/pip-1-py3-none-any.whl?x#sha256={hash}\" data-requires-python=\"&gt;=3.8\">x</a>\
         <a href='//f.example/y.whl#egg=x&amp;sha256={hash}' data-yanked=''>x</a>"
    );
    for (is_json, seed) in [(true, json), (false, html)] {
        check_mutations(&[seed], |input| {
            let page = Page { url: "https://i.example/root/simple/pip/".into(), is_json, text: text(input) };
            for link in links(&page).unwrap_or_default() {
                assert!(is_sha256(&link.sha256) && link.url.contains("://"), "{link:?}");
            }
        });
    }
}
