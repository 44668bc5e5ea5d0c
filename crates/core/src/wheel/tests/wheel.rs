//! Hostile and damaged archives.

use std::path::Path;

use crate::wheel::archive::{Limits, Place};
use crate::wheel::file::Wheel;
use crate::wheel::testing::{WHEEL_NAME, ZipEntry, wheel_entries, zip};
use crate::wheel::{WheelError, WheelProblem};

fn open(content: Vec<u8>) -> Result<Wheel, WheelProblem> {
    Wheel::parse(content.into(), Path::new(WHEEL_NAME), Limits::SEED).map_err(problem)
}

fn problem(error: WheelError) -> WheelProblem {
    match error {
        WheelError::Unsound { problem, .. } => problem,
        WheelError::Path(error) => panic!("{error}"),
    }
}

/// Opens the sound wheel after something was done to it.
fn altered(alter: impl FnOnce(&mut Vec<ZipEntry>)) -> Result<Wheel, WheelProblem> {
    let mut entries = wheel_entries();
    alter(&mut entries);
    open(zip(&entries))
}

fn with(entry: ZipEntry) -> Result<Wheel, WheelProblem> {
    altered(|entries| entries.push(entry))
}

fn replaced(file: &str, content: &str) -> Result<Wheel, WheelProblem> {
    let name = format!("pip-99.1.dist-info/{file}");
    altered(|entries| {
        entries.retain(|entry| entry.name != name.as_bytes());
        entries.push(ZipEntry::new(&name, content));
    })
}

#[test]
fn a_sound_wheel_is_read() {
    let wheel = altered(|_| ()).unwrap();
    assert_eq!(wheel.description.version, "99.1");
    assert_eq!(wheel.description.requires_python.as_deref(), Some(">=3.6"));
    let paths: Vec<_> = wheel.members.iter().map(|member| member.path.as_str()).collect();
    let dist_info = ["METADATA", "WHEEL", "entry_points.txt"].map(|name| format!("pip-99.1.dist-info/{name}"));
    let mut expected = vec!["pip/__init__.py", "pip/sub/data.pem"];
    expected.extend(dist_info.iter().map(String::as_str));
    assert_eq!(paths, expected);
    // 2024-05-06 07:08:10 UTC.
    assert_eq!(wheel.members[0].mtime, 1_714_979_290);
    assert_eq!(wheel.read(&wheel.members[1]).unwrap(), b"certificate\n");
}

#[test]
fn compressed_entries_are_read_and_checked() {
    let content = "the same again\n".repeat(1000);
    let sound = ZipEntry::new("pip/long.py", &content).deflated();
    assert!(sound.content.len() < 200);
    let read = |entry: ZipEntry| {
        let wheel = with(entry).unwrap();
        wheel.read(wheel.members.iter().find(|member| member.path == "pip/long.py").unwrap()).map_err(problem)
    };
    assert_eq!(read(sound.clone()).unwrap(), content.as_bytes());
    let bomb = ZipEntry { size: 100, ..sound.clone() };
    let cut_off = ZipEntry { content: sound.content[..10].to_vec(), ..sound.clone() };
    let unknown = ZipEntry { method: 12, ..sound.clone() };
    for entry in [bomb, cut_off, unknown, ZipEntry { crc: 1, ..sound }] {
        assert!(matches!(read(entry), Err(WheelProblem::Damaged { .. })));
    }
}

#[test]
fn unsafe_names_are_refused() {
    for name in
        ["../evil.py", "/evil.py", "pip/../../evil.py", "pip\\evil.py", "C:evil.py", "a\nb", "a\0b", "\x1b[2J", "a//b"]
    {
        assert!(matches!(with(ZipEntry::new(name, "")), Err(WheelProblem::UnsafeName(_))), "{name:?}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [0o120_777, 0o010_644, 0o020_644, 0o060_644, 0o040_755] {
        let entry = ZipEntry { mode: kind, ..ZipEntry::new("pip/link.py", "/etc/passwd") };
        assert!(matches!(with(entry), Err(WheelProblem::NotAFile(_))), "{kind:o}");
    }
}

#[test]
fn duplicates_are_refused() {
    for name in ["pip/__init__.py", "pip-99.1.data/purelib/pip/__init__.py"] {
        assert!(matches!(with(ZipEntry::new(name, "")), Err(WheelProblem::Duplicate(_))), "{name}");
    }
}

#[test]
fn two_names_for_one_entry_are_refused() {
    let entry = ZipEntry { local_name: b"pip/b.py".into(), ..ZipEntry::new("pip/a.py", "") };
    assert!(matches!(with(entry), Err(WheelProblem::UnsafeName(_))));
}

#[test]
fn cut_off_archives_are_refused() {
    let whole = zip(&wheel_entries());
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        assert!(matches!(open(whole[..length].to_vec()), Err(WheelProblem::Archive(_))), "{length}");
    }
}

#[test]
fn wrong_checksums_and_sizes_are_noticed() {
    let sound = ZipEntry::new("pip/x.py", "content");
    for entry in
        [ZipEntry { crc: 1, ..sound.clone() }, ZipEntry { size: 3, ..sound.clone() }, ZipEntry { size: 9, ..sound }]
    {
        let wheel = with(entry).unwrap();
        let member = wheel.members.iter().find(|member| member.path == "pip/x.py").unwrap();
        assert!(matches!(wheel.read(member).map_err(problem), Err(WheelProblem::Damaged { .. })));
    }
}

#[test]
fn too_many_bytes_or_entries_are_refused() {
    let bomb = ZipEntry { size: u32::MAX - 1, ..ZipEntry::new("pip/bomb", "") };
    assert_eq!(with(bomb).err(), Some(WheelProblem::TooLarge));
    let crowd =
        |entries: &mut Vec<ZipEntry>| entries.extend((0..20_001).map(|n| ZipEntry::new(&format!("pip/{n}"), "")));
    assert_eq!(altered(crowd).err(), Some(WheelProblem::TooLarge));
    // A small one is no wheel for graphics cards.
    for (size, is_likely) in [(200 << 20, true), (300 << 20, false)] {
        let mut entries = wheel_entries();
        entries.push(ZipEntry { size, ..ZipEntry::new("pip/bomb", "") });
        let read = Wheel::parse(zip(&entries).into(), Path::new(WHEEL_NAME), Limits::ANY).map_err(problem);
        assert_eq!(read.err(), (!is_likely).then_some(WheelProblem::TooLarge), "{size}");
    }
}

#[test]
fn every_description_is_required_and_must_agree() {
    for file in ["METADATA", "WHEEL", "RECORD"] {
        let missing = altered(|entries| entries.retain(|entry| !entry.name.ends_with(file.as_bytes())));
        assert_eq!(missing.err(), Some(WheelProblem::Missing(file)));
    }
    assert_eq!(replaced("WHEEL", "Wheel-Version: 2.0\n").err(), Some(WheelProblem::Format("2.0".into())));
    for metadata in ["Name: other\nVersion: 99.1\n", "Name: pip\nVersion: 1\n", "Version: 99.1\n"] {
        assert!(matches!(replaced("METADATA", metadata), Err(WheelProblem::Mismatch(_))), "{metadata}");
    }
    let second = with(ZipEntry::new("other-1.dist-info/METADATA", ""));
    assert!(matches!(second, Err(WheelProblem::Duplicate(_))));
    let renamed = Wheel::parse(zip(&wheel_entries()).into(), Path::new("pip-98-py3-none-any.whl"), Limits::SEED);
    assert!(matches!(renamed.map_err(problem), Err(WheelProblem::Mismatch(_))));
}

#[test]
fn entry_points_cannot_take_other_names_or_smuggle_code() {
    for line in [
        "../../x = pip:main",
        "python3 = pip:main",
        "activate = pip:main",
        "postactivate = pip:main",
        "PreDeactivate.fish = pip:main",
        "get_env_details=pip:main",
        "venvwrap.toml = pip:main",
        "x = os:system('y')",
        "x = pip",
    ] {
        let wheel = replaced("entry_points.txt", &format!("[console_scripts]\n{line}\n"));
        assert!(matches!(wheel, Err(WheelProblem::EntryPoint(_))), "{line}");
    }
}

#[test]
fn data_files_have_their_places() {
    let place = |path: &str| {
        let wheel = with(ZipEntry::new(&format!("pip-99.1.data/{path}"), ""))?;
        let member = wheel.members.last().unwrap();
        Ok::<_, WheelProblem>((member.place, member.path.clone()))
    };
    assert_eq!(place("platlib/x.py"), Ok((Place::Site, "x.py".into())));
    assert_eq!(place("scripts/tool"), Ok((Place::Script, "tool".into())));
    assert_eq!(place("headers/a/b.h"), Ok((Place::Header, "a/b.h".into())));
    assert_eq!(place("data/share/man/x.1"), Ok((Place::Data, "share/man/x.1".into())));
    for path in [
        "scripts/python",
        "scripts/a/b",
        "data/pyvenv.cfg",
        "data/bin/python3",
        "data/lib64/x",
        "elsewhere/x",
        "scripts/postactivate",
        "scripts/predeactivate.fish",
        "scripts/.project",
        "data/.project",
        "data/venvwrap.toml",
        "data/bin/preactivate",
        "purelib/../postactivate",
    ] {
        assert!(matches!(place(path), Err(WheelProblem::UnsafeName(_))), "{path}");
    }
}
