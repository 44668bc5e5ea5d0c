//! Archives of conda-pack, and those that only look like one.

use super::*;

/// As the builders of conda's packages write it, with room for longer paths.
const OLD: &str = "/home/conda/_h_env_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold\
                   _placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold";

fn script(records: &str) -> Vec<u8> {
    let records = records.replace("OLD", OLD);
    format!("#!/usr/bin/env python\n_prefix_records = [\n{records}\n]\nimport os\nos.mkdir('/run')\n").into_bytes()
}

const RECORDS: &str = "('lib/libssl.so', 'OLD', 'binary'),\n('lib/pkgconfig/ssl.pc', 'OLD', 'text'),\n\
                       ('bin/tool', 'OLD', 'text'),\n('lib/missing', '/srv/old', 'text')";

fn members<'a>(script: &'a [u8], library: &'a [u8], config: &'a [u8], tool: &'a [u8]) -> Vec<Raw<'a>> {
    vec![
        ("conda-meta/history", b'0', "", b""),
        ("bin/python3.11", b'0', "", b"not run"),
        ("bin/python", b'2', "python3.11", b""),
        ("bin/pip", b'0', "", b"#!/usr/bin/env python\nimport pip\n"),
        ("bin/activate", b'0', "", b"export CONDA_PREFIX=x\n"),
        ("bin/tool", b'0', "", tool),
        ("bin/conda_unpack_progress.py", b'0', "", b""),
        ("bin/conda-unpack", b'0', "", script),
        ("lib/libssl.so", b'0', "", library),
        ("lib/libssl.so.3", b'2', "libssl.so", b""),
        ("lib/pkgconfig/ssl.pc", b'0', "", config),
        ("lib/python3.11/os.py", b'0', "", b""),
        ("lib/python3.11/site-packages/x.py", b'0', "", b""),
        ("etc/conda/activate.d/ssl.sh", b'0', "", b"export X=1\n"),
    ]
}

fn archive(records: &str) -> Vec<u8> {
    let library = format!("\0{OLD}/ssl\0next\0");
    let config = format!("prefix={OLD}\n");
    let tool = format!("#!{OLD}/bin/python3.11\nimport x\n");
    raw(&members(&script(records), library.as_bytes(), config.as_bytes(), tool.as_bytes()))
}

#[test]
fn an_archive_of_conda_pack_is_repaired() {
    let place = Place::new();
    let unpacked = place.unpack(&archive(RECORDS)).unwrap();
    let root = unpacked.environment.path().display().to_string();
    let library = fs::read(unpacked.environment.path().join("lib/libssl.so")).unwrap();
    assert_eq!(library.len(), OLD.len() + "\0/ssl\0next\0".len());
    assert!(library.starts_with(format!("\0{root}/ssl\0\0").as_bytes()) && library.ends_with(b"\0\0next\0"));
    assert_eq!(place.read("lib/pkgconfig/ssl.pc"), format!("prefix={root}\n"));
    assert_eq!(place.read("bin/tool"), format!("#!{root}/bin/python3.11\nimport x\n"));
    assert_eq!(place.read("bin/pip"), format!("#!{root}/bin/python\nimport pip\n"));
    assert!(place.read("bin/activate").contains(&root));
    assert_eq!(place.read("bin/python"), "not run");
    assert_eq!(unpacked.unsourced, [Path::new("etc/conda/activate.d/ssl.sh")]);
    for left_out in ["bin/conda-unpack", "bin/conda_unpack_progress.py", "pyvenv.cfg"] {
        assert!(!unpacked.environment.path().join(left_out).exists(), "{left_out}");
    }
    assert!(unpacked.stale.is_empty(), "{:?}", unpacked.stale);
}

#[test]
fn a_hostile_table_is_refused_and_nothing_is_left() {
    let place = Place::new();
    let short = "('lib/libssl.so', '/opt', 'binary')";
    for (what, records) in [
        ("above", "('../out', 'OLD', 'text')"),
        ("absolute", "('/etc/passwd', 'OLD', 'text')"),
        ("no prefix", "('bin/tool', '/', 'text')"),
        ("code", "(print('x'), 'OLD', 'text')"),
        ("no end", "('bin/tool', 'OLD', 'text'), ("),
        ("no room", short),
    ] {
        let archive = archive(records);
        let before = place.names();
        let refused = place.unpack(&archive).map(|_| ()).unwrap_err();
        match what {
            "no room" => assert!(matches!(refused, UnpackError::LongDestination { room: 4, .. }), "{refused:?}"),
            _ => assert!(matches!(refused, UnpackError::Archive { .. }), "{what}: {refused:?}"),
        }
        let mut after = place.names();
        after.retain(|name| !name.ends_with("archive.tar"));
        assert!(after.iter().all(|name| before.contains(name)), "{what}: {after:?}");
    }
    // A file that would grow without measure.
    let often = "/a ".repeat(5 << 20);
    let records = script("('lib/pkgconfig/ssl.pc', '/a', 'text')");
    let grown = raw(&members(&records, b"", often.as_bytes(), b""));
    assert!(matches!(place.unpack(&grown), Err(UnpackError::Archive { .. })));
    assert!(!place.root.path().join("envs/new").exists());
}

#[test]
fn a_table_reaches_nothing_by_a_link() {
    let place = Place::new();
    let outside = place.root.path().join("precious");
    fs::write(&outside, OLD).unwrap();
    let all = script("('share/out', 'OLD', 'text'), ('lib/libssl.so.3', 'OLD', 'binary')");
    // What the link leads to is not in the table.
    let library = format!("\0{OLD}/ssl\0next\0");
    let mut members = members(&all, library.as_bytes(), b"", b"");
    let target = outside.display().to_string();
    members.push(("share/out", b'2', &target, b""));
    assert!(matches!(place.unpack(&raw(&members)), Err(UnpackError::Archive { .. })));
    members.pop();
    place.unpack(&raw(&members)).unwrap();
    assert_eq!(fs::read_to_string(&outside).unwrap(), OLD);
    assert_eq!(place.read("lib/libssl.so.3"), library);
}

#[test]
fn what_conda_pack_has_not_written_is_told_apart() {
    let place = Place::new();
    let refused = |archive: &[u8]| place.unpack(archive).map(|_| ()).unwrap_err();
    let all = script("");
    let without = |left_out: &[&str]| {
        let mut members = members(&all, b"", b"", b"");
        members.retain(|(name, ..)| !left_out.iter().any(|part| name.contains(part)));
        raw(&members)
    };
    assert!(matches!(refused(&without(&["conda-unpack"])), UnpackError::Conda { .. }));
    assert!(matches!(refused(&without(&["lib/python3.11"])), UnpackError::CondaWithoutPython { .. }));
    let mut elsewhere = members(&all, b"", b"", b"");
    let foreign: &[u8] = b"\xcf\xfa\xed\xfe\x0c\0\0\x01";
    elsewhere.retain(|(name, ..)| *name != "bin/python3.11");
    elsewhere.push(("bin/python3.11", b'0', "", foreign));
    assert!(matches!(refused(&raw(&elsewhere)), UnpackError::OtherMachine { .. }) || cfg!(target_os = "macos"));
}

#[test]
fn damaged_tables_are_read_without_harm() {
    let seeds = [script(RECORDS), script("(\"it's\", '\\u20ac\\\\', 'text')")];
    check_mutations(&seeds, |input| {
        let Ok(table) = crate::pack::conda::Table::parse(input) else { return };
        table.check(Path::new("/e/new")).ok();
        table.old_path();
    });
}

#[test]
fn large_files_are_changed_in_pieces() {
    let place = Place::new();
    let filler = "x\0".repeat(3 << 20);
    let library = format!("\0{OLD}/ssl\0{filler}{OLD}/a:{OLD}/b\0{filler}\0{OLD}/end\0");
    let lines = "# a line of a header that somebody has generated\n".repeat(60_000);
    let config = format!("prefix={OLD}\n{lines}middle={OLD}/lib\n{lines}-L{OLD}/lib '{OLD}-other'\n{lines}end={OLD}");
    let records = script(RECORDS);
    let unpacked = place.unpack(&raw(&members(&records, library.as_bytes(), config.as_bytes(), b""))).unwrap();
    let root = unpacked.environment.path().display().to_string();
    let expected = config.replace(OLD, &root).replace(&format!("{root}-other"), &format!("{OLD}-other"));
    assert!(place.read("lib/pkgconfig/ssl.pc") == expected);
    let found = fs::read(unpacked.environment.path().join("lib/libssl.so")).unwrap();
    let strings = |content: &[u8]| -> Vec<String> {
        let parts = content.split(|&byte| byte == 0).filter(|part| part.len() > 1);
        parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    };
    assert_eq!(found.len(), library.len());
    assert_eq!(strings(&found), strings(library.replace(OLD, &root).as_bytes()));
    let is_kept = |(old, new): (&u8, &u8)| *old != 0 || *new == 0;
    assert!(library.as_bytes().iter().zip(&found).all(is_kept), "the end of a string has moved");
    assert!(unpacked.stale.is_empty(), "{:?}", unpacked.stale);

    let long = format!("{OLD} {}", " ".repeat(9 << 20));
    let archive = raw(&members(&records, b"", long.as_bytes(), b""));
    crate::fs::remove_tree(unpacked.environment.path()).unwrap();
    assert!(matches!(place.unpack(&archive), Err(UnpackError::Archive { .. })));
}

#[test]
fn the_directory_in_which_a_package_was_built_is_forgotten() {
    let place = Place::new();
    let records = script("");
    let mut members = members(&records, b"", b"", b"");
    let built = br#"{"dir_info": {}, "url": "file:///home/conda/feedstock_root/build_artifacts/x_1/work"}"#;
    let edited = br#"{"dir_info": {"editable": true}, "url": "file:///home/me/x"}"#;
    let from_git = br#"{"vcs_info": {"vcs": "git", "commit_id": "a"}, "url": "https://example.org/x"}"#;
    let cases: [(&str, &[u8], &[u8], bool); 5] = [
        ("built", built, b"conda", false),
        ("line", built, b"conda\n", false),
        ("own", built, b"pip\n", true),
        ("edited", edited, b"conda", true),
        ("git", from_git, b"conda", true),
    ];
    let info = |name: &str, file: &str| format!("lib/python3.11/site-packages/{name}-1.dist-info/{file}");
    let mut files = Vec::new();
    for (name, origin, installer, _) in cases {
        let list = format!("{name}.py,,\n{name}-1.dist-info/direct_url.json,sha256=x,9\n{name}-1.dist-info/RECORD,,\n");
        files.push((info(name, "RECORD"), list.into_bytes()));
        files.push((info(name, "direct_url.json"), origin.to_vec()));
        files.push((info(name, "INSTALLER"), installer.to_vec()));
    }
    members.extend(files.iter().map(|(name, content)| (name.as_str(), b'0', "", content.as_slice())));
    let root = place.unpack(&raw(&members)).unwrap().environment.path().to_path_buf();
    for (name, _, _, is_kept) in cases {
        assert_eq!(root.join(info(name, "direct_url.json")).exists(), is_kept, "{name}");
        let list = place.read(&info(name, "RECORD"));
        assert_eq!(
            (list.lines().count(), list.contains("direct_url")),
            (if is_kept { 3 } else { 2 }, is_kept),
            "{name}"
        );
    }
}
