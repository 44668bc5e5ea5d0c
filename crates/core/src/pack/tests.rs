//! Archives as others make them: harmless ones of every kind, and those that would do harm.

mod conda;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, ManifestPython, SCHEMA};
use super::problem::ArchiveProblem;
use super::reading::inspect;
use super::refusal::UnpackError;
use super::safe_name::safe_target;
use super::tar::header;
use super::unpack::{Destination, Unpacked};
use super::untar::{MemberKind, Untar};
use crate::env::name::EnvName;
use crate::fs::remove_tree;
use crate::mutation::check_mutations;
use crate::store::Store;

/// A member as it is written: name, kind, target, content.
type Raw<'a> = (&'a str, u8, &'a str, &'a [u8]);

const ENVIRONMENT: [Raw<'static>; 4] = [
    ("pyvenv.cfg", b'0', "", b"home = /usr/bin\nversion = 3.11.2\n"),
    ("bin/activate", b'0', "", b"VIRTUAL_ENV=/srv/old\n"),
    ("bin/tool", b'0', "", b"#!/srv/old/bin/python\nimport x\n"),
    ("lib/python3.11/site-packages/x.py", b'0', "", b"HERE = '/srv/old/data'\n"),
];

fn raw(members: &[Raw<'_>]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, kind, target, content) in members {
        archive.extend(header(name.as_bytes(), target.as_bytes(), *kind, 0o6755, content.len() as u64, 1_000_000));
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend([0; 1024]);
    archive
}

fn manifest() -> Vec<u8> {
    Manifest {
        schema: SCHEMA,
        tool: "test".into(),
        name: "old".into(),
        layout: "relocatable".into(),
        path: "/srv/old".into(),
        python: ManifestPython {
            version: "3.11".into(),
            implementation: "CPython".into(),
            ..ManifestPython::default()
        },
        system: "Linux".into(),
        machine: "any".into(),
        glibc: None,
        libraries: Vec::new(),
        files: 4,
        bytes: 100,
        packages: Vec::new(),
        left_out: super::manifest::LeftOut::default(),
    }
    .to_json()
}

/// A store, with an archive next to it.
struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir(place.root.path().join("envs")).unwrap();
        place
    }

    fn unpack(&self, archive: &[u8]) -> Result<Unpacked, UnpackError> {
        let file = self.root.path().join("archive.tar");
        fs::write(&file, archive).unwrap();
        let inspection = inspect(&file, false)?;
        let name = EnvName::for_new("new".as_ref()).unwrap();
        let store = Store::at(self.root.path().join("envs"));
        store.unpack(&inspection, None, &Destination::Name(name), &|_| ())
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.path().join("envs/new").join(path)).unwrap()
    }

    /// Everything next to the archive.
    fn names(&self) -> Vec<PathBuf> {
        let entries = |path: PathBuf| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        let root = self.root.path().to_path_buf();
        let mut names: Vec<_> = entries(root.clone()).chain(entries(root.join("envs"))).collect();
        names.sort();
        names
    }
}

#[test]
fn an_archive_of_tar_is_repaired() {
    let place = Place::new();
    let moved: Vec<(String, u8, &str, &[u8])> = ENVIRONMENT
        .iter()
        .map(|(name, kind, target, content)| (format!("./srv/old/{name}"), *kind, *target, *content))
        .collect();
    let mut members: Vec<Raw<'_>> = vec![("./srv/", b'5', "", b""), ("./srv/old/", b'5', "", b"")];
    members.extend(moved.iter().map(|(name, kind, target, content)| (name.as_str(), *kind, *target, *content)));
    members.push(("./srv/old/lib64", b'2', "lib", b""));
    members.push(("./srv/old/share/link", b'2', "/srv/old/lib/python3.11", b""));
    members.push(("./srv/old/share/again", b'1', "./srv/old/bin/tool", b""));
    let unpacked = place.unpack(&raw(&members)).unwrap();
    let path = unpacked.environment.path().display().to_string();
    assert_eq!(place.read("bin/tool"), format!("#!{path}/bin/python\nimport x\n"));
    assert_eq!(place.read("share/again"), place.read("bin/tool"));
    assert_eq!(place.read("lib64/python3.11/site-packages/x.py"), format!("HERE = '{path}/data'\n"));
    assert_eq!(place.read("share/link/site-packages/x.py"), place.read("lib/python3.11/site-packages/x.py"));
    assert!(place.read("bin/activate").contains(&path));
    let mode = fs::metadata(unpacked.environment.path().join("bin/tool")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o755, "no setuid");
    assert!(unpacked.stale.is_empty(), "{:?}", unpacked.stale);
}

#[test]
fn a_script_that_is_called_like_the_interpreter_stays() {
    let script = b"#!/bin/sh\nexec /srv/old/bin/python3.11 \"$@\"\n";
    let own: [Raw<'_>; 6] = [
        ("bin/python3", b'0', "", script),
        ("bin/python", b'1', "bin/python3", b""),
        ("bin/python3.11", b'0', "", b"\x7fELF of another machine"),
        ("bin/python3.11d", b'1', "bin/tool", b""),
        ("bin/other", b'0', "", b"\x7fELF of another machine"),
        ("bin/python3.11t", b'1', "bin/other", b""),
    ];
    let place = Place::new();
    let unpacked = place.unpack(&raw(&[&ENVIRONMENT[..], &own].concat())).unwrap();
    let bin = unpacked.environment.bin();
    let expected = format!("#!/bin/sh\nexec {}/python3.11 \"$@\"\n", bin.display());
    assert_eq!((place.read("bin/python3"), place.read("bin/python")), (expected.clone(), expected));
    for (name, is_there) in [("python3.11", false), ("python3.11d", true), ("python3.11t", false)] {
        assert_eq!(bin.join(name).symlink_metadata().is_ok(), is_there, "{name}");
    }
}

#[test]
fn more_than_an_environment_is_called_so() {
    let place = Place::new();
    let paths = ENVIRONMENT.map(|(name, ..)| format!("api/{name}"));
    let environment: Vec<Raw<'_>> = ENVIRONMENT
        .iter()
        .zip(&paths)
        .map(|((_, kind, target, content), path)| (path.as_str(), *kind, *target, *content))
        .collect();
    for stray in ["env.sh", "web/pyvenv.cfg", "ape", "api2/x"] {
        let other: Raw<'_> = (stray, b'0', "", b"home = /usr/bin\n");
        for members in [[&environment[..], &[other]].concat(), [&[other], &environment[..]].concat()] {
            let refused = place.unpack(&raw(&members)).map(|_| ()).unwrap_err();
            assert!(matches!(refused, UnpackError::Stray { .. }), "{stray}: {refused}");
        }
    }
    // Two environments: which one is meant is not known, whether or not anything is written.
    let second: Vec<String> = paths.iter().map(|path| path.replacen("api", "web", 1)).collect();
    let second = ENVIRONMENT
        .iter()
        .zip(&second)
        .map(|((_, kind, target, content), path)| (path.as_str(), *kind, *target, *content));
    let both: Vec<Raw<'_>> = environment.iter().copied().chain(second).collect();
    let file = place.root.path().join("both.tar");
    fs::write(&file, raw(&both)).unwrap();
    assert!(matches!(inspect(&file, true), Err(UnpackError::Stray { .. })));
    place.unpack(&raw(&environment)).unwrap();
}

#[test]
fn what_venvwrap_keeps_for_itself_does_not_come_from_an_archive() {
    let place = Place::new();
    let own: [Raw<'_>; 2] = [(".venvwrap-users/1", b'0', "", b"x"), ("share/.venvwrap-x", b'0', "", b"x")];
    let unpacked = place.unpack(&raw(&[&ENVIRONMENT[..], &own].concat())).unwrap();
    assert!(!unpacked.environment.path().join(".venvwrap-users").exists());
    assert!(unpacked.environment.path().join("share/.venvwrap-x").exists());
}

#[test]
fn an_environment_without_packages_is_called_so() {
    let refused = Place::new().unpack(&raw(&[ENVIRONMENT[0]])).map(|_| ()).unwrap_err();
    assert!(matches!(refused, UnpackError::NoLibrary { .. }), "{refused}");
}

#[test]
fn a_python_that_is_too_old_is_named_but_its_archive_can_be_checked() {
    let place = Place::new();
    let older = [ENVIRONMENT[0], ("lib/python3.7/site-packages/x.py", b'0', "", b"x = 1\n")];
    let refused = place.unpack(&raw(&older)).map(|_| ()).unwrap_err();
    assert!(matches!(&refused, UnpackError::TooOld { python } if python == "3.7"), "{refused}");
    assert_eq!(place.names().len(), 2);
    let inspection = inspect(&place.root.path().join("archive.tar"), true).unwrap();
    assert!(inspection.is_too_old() && inspection.check(None).is_ok());
}

/// The text is a request for a Python: a path or the name of a command would be run.
#[test]
fn only_a_release_of_its_own_version_is_the_python_of_an_archive() {
    let place = Place::new();
    let exact = |library: &str, version: &str| {
        let text = String::from_utf8(manifest()).unwrap();
        let text = text.replace("\"3.11\"", &serde_json::to_string(version).unwrap());
        let at = format!("lib/{library}/venvwrap-pack.json");
        let file = place.root.path().join("archive.tar");
        fs::write(&file, raw(&[&[(at.as_str(), b'0', "", text.as_bytes())], &ENVIRONMENT[..]].concat())).unwrap();
        inspect(&file, false).unwrap().exact_python()
    };
    for (library, version, expected) in [
        ("python3.12", "3.12.4", "3.12.4"),
        ("python3.14", "3.14.0rc2", "3.14.0rc2"),
        ("python3.13t", "3.13.1", "3.13.1t"),
    ] {
        assert_eq!(exact(library, version).as_deref(), Some(expected));
    }
    for version in [
        "/x",
        "./x",
        "../x",
        "x/py",
        "~/x",
        "~",
        ".",
        "ls",
        "python",
        "python3.12",
        "",
        "3",
        "3.12",
        ">=3",
        ">=3.12",
        "==3.12.4",
        "3.11.2",
        "4.12.1",
        "3.12.4/x",
        "3.12.4.1",
        "3.12.4+x",
        "3.12.4.post1",
        "3.12.4.dev1",
        "1!3.12.4",
        "$(id)",
        "3.12.4 x",
    ] {
        assert_eq!(exact("python3.12", version), None, "{version}");
    }
    assert_eq!(exact("pypy3.10", "3.10.14"), None);
}

#[test]
fn a_large_file_with_the_old_path_is_told() {
    let place = Place::new();
    let mut large = vec![b'x'; (32 << 20) + 1];
    let plain = large.clone();
    large.extend_from_slice(b"/srv/old/data");
    // One that memory has room for is rewritten.
    let half = [&large[..5 << 20], b" /srv/old/data"].concat();
    let files: [Raw<'_>; 3] = [("large", b'0', "", &large), ("plain", b'0', "", &plain), ("half", b'0', "", &half)];
    let members = [&ENVIRONMENT[..], &files].concat();
    let unpacked = place.unpack(&raw(&members)).unwrap();
    assert_eq!(unpacked.stale, [Path::new("large")]);
    let half = place.read("half");
    let end = format!(" {}/data", unpacked.environment.path().display());
    assert!(half.len() == (5 << 20) + end.len() && half.ends_with(&end), "{}", half.len());
}

#[test]
fn what_venv_pack_writes_twice_is_taken_once() {
    let place = Place::new();
    let again = |content| raw(&[&ENVIRONMENT[..], &[("pyvenv.cfg", b'0', "", content)]].concat());
    place.unpack(&again(b"home = /usr/bin\nversion = 3.11.9\n")).map(|_| ()).unwrap_err();
    place.unpack(&again(ENVIRONMENT[0].3)).unwrap();
    assert!(place.read("pyvenv.cfg").contains("version = 3.11.2\n"));
}

#[test]
fn an_activation_script_may_be_there_twice() {
    let place = Place::new();
    let with = |added: &[Raw<'_>]| raw(&[&ENVIRONMENT[..], added].concat());
    let (first, second): (Raw<'_>, Raw<'_>) =
        (("bin/Activate.ps1", b'0', "", b"of venv"), ("bin/Activate.ps1", b'0', "", b"of pack2"));
    place.unpack(&with(&[first, second, ("bin/activate", b'0', "", b"VIRTUAL_ENV=/srv/other\n")])).unwrap();
    assert!(!place.read("bin/Activate.ps1").contains("of pack2") && !place.read("bin/activate").contains("/srv/"));
    remove_tree(&place.root.path().join("envs/new")).unwrap();
    // None but those of the environment are written anew.
    let deep = "lib/python3.11/site-packages/x/bin/activate";
    let elsewhere: [Raw<'_>; 2] = [(deep, b'0', "", b"one"), (deep, b'0', "", b"other")];
    let link: Raw<'_> = ("bin/Activate.ps1", b'2', "tool", b"");
    for (added, name) in [
        (&[elsewhere[0], elsewhere[1]][..], "site-packages/x/bin"),
        (&[first, second, elsewhere[0], elsewhere[1]], deep),
        (&[first, link], "Activate.ps1"),
    ] {
        let refused = place.unpack(&with(added)).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("twice") && refused.contains(name), "{refused}");
    }
}

/// Of a plain tar, a `pyvenv.cfg` says it. Its text is a request for a Python, as that of a manifest is.
#[test]
fn the_python_of_an_archive_of_tar_is_that_of_its_configuration() {
    let place = Place::new();
    let exact = |cfg: &str| {
        let members = [("pyvenv.cfg", b'0', "", cfg.as_bytes()), ENVIRONMENT[3]];
        let file = place.root.path().join("archive.tar");
        fs::write(&file, raw(&members)).unwrap();
        inspect(&file, false).unwrap().exact_python()
    };
    for cfg in [
        "home = /usr/bin\nversion = 3.11.2\n",
        "version_info = 3.11.2.final.0\nimplementation = CPython\n",
        "executable = /x\nversion_info = 3.11.2\n",
    ] {
        assert_eq!(exact(cfg).as_deref(), Some("3.11.2"), "{cfg}");
    }
    for cfg in [
        "",
        "home = /usr/bin\n",
        "version = 3.11\n",
        "version = 3.12.1\n",
        "version = 3.11.2\nimplementation = PyPy\n",
        "version = /x\n",
        "version = ./3.11.2\n",
        "version = python3.11\n",
        "version = >=3.11.2\n",
        "version = $(id)\n",
    ] {
        assert_eq!(exact(cfg), None, "{cfg}");
    }
    assert_eq!(exact("version = 3.11.2/x\n").as_deref(), Some("3.11.2"));
}

#[test]
fn what_has_no_checksum_is_known() {
    let place = Place::new();
    let file = place.root.path().join("archive");
    let has_checksum = |content: &[u8]| {
        fs::write(&file, content).unwrap();
        inspect(&file, true).unwrap().has_checksum
    };
    let plain = raw(&ENVIRONMENT);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    let mut checked = Vec::new();
    super::zstandard::compress(&mut checked, 3, |output| output.write_all(&plain)).unwrap();
    assert!(has_checksum(&gzip.finish().unwrap()) && has_checksum(&checked));
    assert!(!has_checksum(&plain));
    let unchecked = zstd::encode_all(plain.as_slice(), 3).unwrap();
    assert!(!has_checksum(&unchecked));
    assert!(place.unpack(&unchecked).unwrap().is_unchecked);
    remove_tree(&place.root.path().join("envs/new")).unwrap();
    assert!(!place.unpack(&checked).unwrap().is_unchecked);
    remove_tree(&place.root.path().join("envs/new")).unwrap();
    assert!(!place.unpack(&plain).unwrap().is_unchecked);
}

#[test]
fn files_of_packages_are_compared_where_no_checksum_is() {
    let site = "lib/python3.11/site-packages";
    let list = format!("{site}/p-1.0.dist-info/RECORD");
    let hash = crate::wheel::record::digest_and_size;
    let (tool, module) = (b"#!/srv/old/bin/python\nimport x\n", b"HERE = '/srv/old/data'\n");
    let record = format!(
        "x.py,{0}\n../../../bin/tool,{1}\nx.pyc,{2}\ncacert.pem,{2}\ngone.py,{2}\nagain.py,{0}\np-1.0.dist-info/RECORD,,\n",
        hash(module),
        hash(tool),
        hash(b"")
    );
    let names = ["x.pyc", "cacert.pem", "again.py"].map(|name| format!("{site}/{name}"));
    let other = format!("{site}/q-2.dist-info/RECORD");
    let members = |module: &'static [u8], tool: &'static [u8], has_manifest: bool| {
        let other_row = format!("x.py,{}\n", hash(b"of q\n"));
        let rows = [
            ("lib/python3.11/venvwrap-pack.json".to_owned(), manifest()),
            (list.clone(), record.clone().into_bytes()),
            ("bin/tool".to_owned(), tool.to_vec()),
            (format!("{site}/x.py"), module.to_vec()),
            (names[0].clone(), b"compiled".to_vec()),
            (names[1].clone(), b"trusted".to_vec()),
            (other.clone(), other_row.into_bytes()),
        ];
        let rows: Vec<_> = rows.into_iter().skip(usize::from(!has_manifest)).collect();
        let mut all: Vec<Raw<'_>> = rows.iter().map(|(name, content)| (name.as_str(), b'0', "", &**content)).collect();
        all.extend(&ENVIRONMENT[..2]);
        all.push((&names[2], b'1', names[0].strip_suffix('c').unwrap(), b""));
        raw(&all)
    };
    let place = Place::new();
    let file = place.root.path().join("archive");
    let altered = |archive: &[u8]| {
        fs::write(&file, archive).unwrap();
        let read = inspect(&file, true).unwrap();
        let unpacked = place.unpack(archive).unwrap();
        remove_tree(unpacked.environment.path()).unwrap();
        assert_eq!(read.compared, unpacked.compared);
        read.compared.altered.into_iter().map(|file| (file.path, file.package)).collect::<Vec<_>>()
    };
    assert_eq!(altered(&members(module, tool, true)), [], "a file that is as one of two packages has it");
    assert_eq!(altered(&members(b"of q\n", tool, false)), [(names[2].clone().into(), "p 1.0".to_owned())]);
    let is_x = |path: &str, package: &str| (PathBuf::from(format!("{site}/{path}")), package.to_owned());
    let changed = members(b"HERE = '/srv/old/dath'\n", b"#!/usr/bin/env python\nimport x\n", false);
    let both = [is_x("x.py", "p 1.0"), is_x("again.py", "p 1.0"), is_x("x.py", "q 2")];
    assert_eq!(altered(&changed), both, "another program may have changed the script");
    let script = members(module, b"#!/usr/bin/env python\nimport x\n", true);
    assert_eq!(altered(&script), [("bin/tool".into(), "p 1.0".to_owned())]);
    let compressed = |has_checksum: bool| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_checksum(has_checksum).unwrap();
        encoder.write_all(&changed).unwrap();
        encoder.finish().unwrap()
    };
    assert_eq!((altered(&compressed(false)).len(), altered(&compressed(true)).len()), (3, 0));
}

#[test]
fn what_macos_adds_is_passed_over() {
    let place = Place::new();
    let double: &[u8] = b"\0\x05\x16\x07\0\x02";
    let paths = ENVIRONMENT.map(|(name, ..)| format!("api/{name}"));
    let members: Vec<Raw<'_>> = paths
        .iter()
        .zip(ENVIRONMENT)
        .map(|(name, (_, kind, target, content))| (name.as_str(), kind, target, content))
        .collect();
    let added: [Raw<'_>; 4] = [
        ("._api", b'0', "", double),
        ("__MACOSX/api/._bin", b'0', "", double),
        ("api/lib/python3.11/site-packages/._x.pth", b'0', "", double),
        ("api/lib/python3.11/site-packages/._mine", b'0', "", b"mine"),
    ];
    let unpacked = place.unpack(&raw(&[&added[..], &members].concat())).unwrap();
    let site = unpacked.environment.path().join("lib/python3.11/site-packages");
    let found = fs::read_dir(site).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert!(found.len() == 2 && !found.contains(&"._x.pth".into()), "{found:?}");
    // Nothing else may be outside of the environment.
    place.unpack(&raw(&[&members[..], &[("other", b'0', "", double)]].concat())).map(|_| ()).unwrap_err();
}

#[test]
fn what_a_killed_command_left_next_to_a_directory_is_removed() {
    let place = Place::new();
    let (root, file) = (place.root.path().join("elsewhere"), place.root.path().join("archive.tar"));
    fs::write(&file, raw(&ENVIRONMENT)).unwrap();
    for left in [".venvwrap-op-new/new/lib", ".venvwrap-trash-1/removed/lib"] {
        fs::create_dir_all(root.join(left)).unwrap();
    }
    fs::create_dir_all(root.join(".venvwrap-op-other/new")).unwrap();
    fs::write(root.join("precious"), "").unwrap();
    let inspection = inspect(&file, false).unwrap();
    let store = Store::at(place.root.path().join("envs"));
    store.unpack(&inspection, None, &Destination::Directory(root.join("new")), &|_| ()).unwrap();
    let mut left: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".venvwrap-op-other", "new", "precious"]);
}

#[test]
fn names_count_towards_the_size() {
    let names = raw(&[("a", b'0', "", b""), ("b", b'0', "", b""), ("c", b'0', "", b"")]);
    let read = |archive: &[u8], most: u64| {
        let mut archive = Untar::new(archive, most);
        std::iter::from_fn(|| archive.next().transpose()).collect::<Result<Vec<_>, _>>()
    };
    assert_eq!(read(&names, names.len() as u64).unwrap().len(), 3);
    assert!(matches!(read(&names, 1024), Err(ArchiveProblem::TooLarge(_))));
    // So do the directories that they lead through.
    let deep = ["a/", "b/"].map(|top| top.to_owned() + &"x/".repeat(45));
    let members = |count: usize| -> Vec<u8> {
        let all: Vec<Raw<'_>> = (0..count).map(|at| (deep[at % 2].as_str(), b'5', "", &b""[..])).collect();
        raw(&all)
    };
    assert_eq!(read(&members(5000), 1 << 22).unwrap().len(), 5000);
    assert!(matches!(read(&members(6000), 1 << 22), Err(ArchiveProblem::TooLarge(_))));
}

#[test]
fn what_shrinks_to_nearly_nothing_is_read_as_far_as_its_list_says() {
    let manifest = |bytes: u64| {
        let mut list = Manifest::parse(&manifest()).unwrap();
        list.bytes = bytes;
        list.to_json()
    };
    let read = |bytes: u64| {
        let list = manifest(bytes);
        let large = vec![0; 1 << 20];
        let place = "lib/python3.11/venvwrap-pack.json";
        let archive = raw(&[(place, b'0', "", &list[..]), ("big", b'0', "", &large[..])]);
        let mut input: &[u8] = &archive;
        super::reading::Reading::default().read(&mut Untar::new(&mut input as &mut dyn Read, 1 << 16), true)
    };
    read(1 << 20).unwrap();
    assert!(matches!(read(1 << 18), Err(ArchiveProblem::TooLarge(_))));
}

#[test]
fn what_is_not_compressed_and_cut_short_is_damaged() {
    let content = [1; 5000];
    let whole = raw(&[("a", b'0', "", &content[..]), ("b", b'0', "", &content[..])]);
    for length in [100, 600, 5000, 6000, 11_000, whole.len() - 1024] {
        let mut archive = Untar::plain(&whole[..length], length as u64);
        let problem = std::iter::from_fn(|| archive.next().transpose()).find_map(Result::err);
        let problem = problem.map(|problem| problem.to_string());
        assert_eq!(problem.as_deref(), Some("it is damaged: it ends too early"), "{length}");
    }
}

#[test]
fn what_leads_out_or_is_ambiguous_is_refused_and_nothing_is_left() {
    let many = "x/".repeat(2100);
    let long = format!("lib/{}", "n".repeat(256));
    let cases: [(&str, &[Raw<'_>]); 35] = [
        ("above", &[("../evil", b'0', "", b"x")]),
        ("above, deeper", &[("lib/../../evil", b'0', "", b"x")]),
        ("absolute", &[("/tmp/venvwrap-evil", b'0', "", b"x")]),
        ("a link to above", &[("d", b'2', "..", b""), ("d/evil", b'0', "", b"x")]),
        ("a link to elsewhere", &[("share", b'2', "/etc", b"")]),
        ("a link that climbs after a name", &[("a", b'2', "bin", b""), ("b", b'2', "a/../../evil", b"")]),
        ("a link that is written through", &[("d", b'2', "lib", b""), ("d/evil", b'0', "", b"x")]),
        ("a relative link that leaves", &[("lib/l", b'2', "../../evil", b"")]),
        ("a link without a target", &[("lib/l", b'2', "", b"")]),
        ("a hard link to elsewhere", &[("h", b'1', "/etc/passwd", b"")]),
        ("a hard link to above", &[("h", b'1', "../archive.tar", b"")]),
        ("a hard link to nothing", &[("h", b'1', "nothing", b"")]),
        ("a hard link to a link", &[("l", b'2', "bin/tool", b""), ("h", b'1', "l", b"")]),
        ("a device", &[("dev", b'3', "", b"")]),
        ("a block device", &[("dev", b'4', "", b"")]),
        ("a pipe", &[("fifo", b'6', "", b"")]),
        ("another kind", &[("what", b'Z', "", b"")]),
        ("a sparse file", &[("hole", b'S', "", b"")]),
        ("a sparse file of pax", &[("x", b'x', "", b"22 GNU.sparse.major=1\n"), ("hole", b'0', "", b"")]),
        ("the second part of a file", &[("part", b'M', "", b"x")]),
        ("a list of files above", &[("../evil", b'D', "", b"Ya\0\0")]),
        ("a name twice", &[("bin/tool", b'0', "", b"x")]),
        ("a file and a link", &[("bin/tool", b'2', "python", b"")]),
        ("a directory that is a file", &[("bin/tool/x", b'0', "", b"x")]),
        ("an escape", &[("bin/\u{1b}[2J", b'0', "", b"x")]),
        ("an escape of two bytes", &[("bin/\u{9b}2J", b'0', "", b"x")]),
        ("a name for all", &[("g", b'g', "", b"21 path=../evil/evil\n"), ("x", b'0', "", b"x")]),
        ("a target for all", &[("g", b'g', "", b"17 linkpath=/etc\n"), ("x", b'2', "lib", b"")]),
        ("a size for all", &[("g", b'g', "", b"9 size=1\n"), ("x", b'0', "", b"x")]),
        ("two names", &[("n", b'L', "", b"a"), ("n", b'L', "", b"b"), ("x", b'0', "", b"x")]),
        ("two names in two ways", &[("n", b'L', "", b"a"), ("n", b'x', "", b"10 path=b\n"), ("x", b'0', "", b"x")]),
        ("two targets", &[("n", b'K', "", b"lib"), ("n", b'K', "", b"bin"), ("x", b'2', "", b"")]),
        ("two sizes", &[("n", b'x', "", b"9 size=2\n"), ("x", b'0', "", b"x")]),
        ("depth", &[("././@LongLink", b'L', "", many.as_bytes()), ("x", b'0', "", b"x")]),
        ("a long name", &[("././@LongLink", b'L', "", long.as_bytes()), ("x", b'0', "", b"x")]),
    ];
    let manifest = manifest();
    let first: Raw<'_> = ("lib/python3.11/venvwrap-pack.json", b'0', "", &manifest);
    for (what, members) in cases {
        for start in [&[][..], &[first][..]] {
            let place = Place::new();
            let before = place.names().len();
            let archive = raw(&[start, &ENVIRONMENT, members].concat());
            let refused = place.unpack(&archive);
            assert!(matches!(refused, Err(UnpackError::Archive { .. })), "{what}: {refused:?}");
            assert_eq!(place.names().len(), before + 1, "{what}: {:?}", place.names());
            assert!(!Path::new("/tmp/venvwrap-evil").exists(), "{what}");
        }
    }
}

#[test]
fn sound_members_are_taken() {
    let place = Place::new();
    let long = format!("lib/python3.11/site-packages/{}/m.py", "n".repeat(120));
    let name = format!("{long}\0");
    let pax = |key: &str, value: &str| {
        let rest = format!(" {key}={value}\n");
        let digits = (rest.len() + 2..rest.len() + 5).find(|total| total.to_string().len() + rest.len() == *total);
        format!("{}{rest}", digits.unwrap())
    };
    let record = pax("path", "share/as-pax-says");
    let members: Vec<Raw<'_>> = [
        &[("label", b'V', "", b"".as_slice()), ("pax_global_header", b'g', "", b"20 comment=whatever\n")][..],
        &ENVIRONMENT,
        &[
            ("././@LongLink", b'L', "", name.as_bytes()),
            ("cut", b'0', "", b"long\n"),
            ("header", b'x', "", record.as_bytes()),
            ("other", b'0', "", b"pax\n"),
            ("listed/", b'D', "", b"Ya\0Nb\0\0"),
            ("listed/a", b'0', "", b"of an incremental archive\n"),
            ("bin/", b'5', "", b""),
            ("bin", b'5', "", b""),
            ("old/", b'5', "", b""),
        ],
    ]
    .concat();
    place.unpack(&raw(&members)).unwrap();
    assert_eq!(place.read(&long), "long\n");
    assert_eq!(place.read("share/as-pax-says"), "pax\n");
    assert_eq!(place.read("listed/a"), "of an incremental archive\n");
}

#[test]
fn what_is_no_environment_is_told_apart() {
    let place = Place::new();
    let refused = |archive: &[u8]| place.unpack(archive).map(|_| ()).unwrap_err();
    assert!(matches!(refused(b"text"), UnpackError::NotAnArchive { .. }));
    for compressed in [&b"BZh91AY&SY"[..], b"\xfd7zXZ\0"] {
        assert!(matches!(refused(compressed), UnpackError::Compressed { .. }));
    }
    assert!(matches!(refused(&raw(&[("a", b'0', "", b"x")])), UnpackError::NotAnEnvironment { .. }));
    assert!(matches!(refused(b"PK\x03\x04"), UnpackError::Archive { .. }));
    assert!(matches!(refused(b"\x28\xb5\x2f\xfd"), UnpackError::Archive { .. }));
    let mut cut = raw(&ENVIRONMENT);
    cut.truncate(cut.len() - 1600);
    assert!(matches!(refused(&cut), UnpackError::Archive { .. }));
    let mut followed = raw(&ENVIRONMENT);
    followed.extend(raw(&ENVIRONMENT));
    assert!(matches!(refused(&followed), UnpackError::Archive { .. }));
    let gzip = |rest: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&raw(&ENVIRONMENT)).unwrap();
        [&encoder.finish().unwrap(), rest].concat()
    };
    for rest in [&b"x"[..], b"\0\0x", b"\x1f "] {
        let told = refused(&gzip(rest)).to_string();
        assert!(told.ends_with("something follows its end"), "{told}");
    }
    inspect_all(&place, &gzip(&[0; 600]));
    let other: [Raw<'_>; 1] = [("lib/python3.11/venvwrap-pack.json", b'0', "", b"{\"schema\": 2}")];
    assert!(matches!(refused(&raw(&other)), UnpackError::OtherSchema { .. }));
}

/// Reads the whole of a sound archive.
fn inspect_all(place: &Place, archive: &[u8]) {
    let file = place.root.path().join("archive.tar");
    fs::write(&file, archive).unwrap();
    inspect(&file, true).unwrap();
}

/// A zip archive of names, Unix modes and contents.
fn zip(members: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, mode, content) in members {
        if name.ends_with('/') {
            archive.new_dir(name).unix_permissions(*mode).create().unwrap();
            continue;
        }
        let (mut entry, config) = archive.new_file(name).unix_permissions(*mode).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(content).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap()
}

#[test]
fn zip_is_unpacked_as_tar_is() {
    let place = Place::new();
    let members: [(&str, u32, &[u8]); 6] = [
        ("bin/", 0o040_755, b""),
        ("pyvenv.cfg", 0o100_644, ENVIRONMENT[0].3),
        ("bin/activate", 0, ENVIRONMENT[1].3),
        ("bin/tool", 0o100_755, ENVIRONMENT[2].3),
        ("bin/other", 0o120_777, b"tool"),
        ("lib/python3.11/site-packages/x.py", 0o100_644, ENVIRONMENT[3].3),
    ];
    let archive = zip(&members);
    place.unpack(&archive).unwrap();
    let new = place.root.path().join("envs/new");
    assert!(place.read("bin/tool").starts_with(&format!("#!{}/bin/python\n", new.display())));
    assert_eq!(fs::read_link(new.join("bin/other")).unwrap(), Path::new("tool"));
    let mode = |path: &str| fs::metadata(new.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("bin/tool"), mode("pyvenv.cfg")), (0o755, 0o644));
    remove_tree(&new).unwrap();
    let before = place.names();
    for length in (0..archive.len()).step_by(7) {
        place.unpack(&archive[..length]).map(|_| ()).unwrap_err();
        assert_eq!(place.names(), before, "{length}");
    }
}

#[test]
fn zip_that_leads_out_or_is_ambiguous_is_refused_and_nothing_is_left() {
    let place = Place::new();
    let with = |name, mode, content| {
        let sound = ENVIRONMENT.map(|(name, _, _, content)| (name, 0o100_644, content));
        zip(&[&sound[..], &[(name, mode, content)]].concat())
    };
    let changed = |old: &[u8], new: &[u8], which: usize| {
        let mut archive = with("lib/twice", 0o100_644, b"content of it");
        let at = memchr::memmem::find_iter(&archive, old).nth(which).unwrap();
        archive[at..at + new.len()].copy_from_slice(new);
        archive
    };
    // The writer would not write such names.
    let named = |name: &[u8]| {
        let mut archive = with("a/name", 0o100_644, b"x");
        let places: Vec<_> = memchr::memmem::find_iter(&archive, b"a/name").collect();
        assert_eq!(places.len(), 2);
        for at in places {
            archive[at..at + name.len()].copy_from_slice(name);
        }
        archive
    };
    // The directory names a file that is the content of another one.
    let inside = || {
        let inner = zip(&[("lib/twice", 0o100_644, b"x".as_slice())]);
        let end = memchr::memmem::find(&inner, b"PK\x01\x02").unwrap();
        let sound = ENVIRONMENT.map(|(name, _, _, content)| (name, 0o100_644, content));
        let outer: [(&str, u32, &[u8]); 2] = [("lib/outer", 0o100_644, &inner[..end]), ("lib/twice", 0o100_644, b"x")];
        let mut archive = zip(&[&sound[..], &outer].concat());
        let found = memchr::memmem::find_iter(&archive, b"lib/twice").collect::<Vec<_>>();
        let (nested, entry) = (found[0] - 30, *found.last().unwrap());
        archive[entry - 4..entry].copy_from_slice(&u32::try_from(nested).unwrap().to_le_bytes());
        archive
    };
    let refused = [
        ("../out", named(b"../out")),
        ("/x/out", named(b"/x/out")),
        ("a/../b", named(b"a/../b")),
        ("a line end", named(b"a/nam\n")),
        ("a name that ends early", named(b"a/na\0e")),
        ("a link out", with("bin/out", 0o120_777, b"../../out")),
        ("a device", with("bin/out", 0o020_644, b"x")),
        ("a pipe", with("bin/out", 0o010_644, b"x")),
        ("a directory that is a file", with("bin/", 0o100_644, b"")),
        ("the same twice", with("pyvenv.cfg", 0o100_644, b"x")),
        ("two names", changed(b"lib/twice", b"lib/other", 0)),
        ("a wrong checksum", changed(b"content of it", b"another thing", 0)),
        ("one inside of another", inside()),
    ];
    place.unpack(&with("lib/twice", 0o100_644, b"content of it")).unwrap();
    remove_tree(&place.root.path().join("envs/new")).unwrap();
    let before = place.names();
    for (what, archive) in refused {
        assert!(matches!(place.unpack(&archive), Err(UnpackError::Archive { .. })), "{what}");
        assert_eq!(place.names(), before, "{what}");
    }
}

#[test]
fn what_was_cut_off_is_damaged_and_not_unsafe() {
    let large = vec![b'x'; 100_000];
    let mut archive = raw(&[&ENVIRONMENT[..], &[("lib/large", b'0', "", &large)]].concat());
    archive.truncate(archive.len() - 50_000);
    let refused = Place::new().unpack(&archive);
    let Err(UnpackError::Archive { problem, .. }) = refused else { panic!("{refused:?}") };
    assert!(matches!(&problem, ArchiveProblem::Damaged(reason) if reason == "it ends too early"), "{problem:?}");
}

/// As umoci ends one, and Go's reader, which is that of Docker and Podman, reads it.
#[test]
fn a_layer_may_end_with_the_content_of_a_file() {
    let whole = raw(&[("a", b'0', "", b"xy")]);
    for (length, is_layer) in [(512, false), (513, false), (514, true), (700, true), (1024, true), (1536, true)] {
        let cut = &whole[..length];
        let read = |mut archive: Untar<&[u8]>| archive.next().is_ok() && matches!(archive.next(), Ok(None));
        assert_eq!(read(Untar::of_system(cut, 1 << 20)), is_layer, "{length}");
        assert_eq!(read(Untar::new(cut, 1 << 20)), length == 1536, "{length}");
    }
}

#[test]
fn damaged_archives_are_read_without_harm() {
    let seeds = [raw(&ENVIRONMENT), raw(&[("a", b'x', "", b"16 path=a/../b\n"), ("h", b'1', "a", b"")])];
    check_mutations(&seeds, |input| {
        let mut archive = Untar::new(input, 1 << 20);
        while let Ok(Some(member)) = archive.next() {
            assert!(member.path.is_relative());
            assert!(!member.path.components().any(|part| part.as_os_str() == ".."), "{:?}", member.path);
            if let MemberKind::File(size) = member.kind {
                let mut content = Vec::new();
                if archive.content().read_to_end(&mut content).is_ok() {
                    assert_eq!(content.len() as u64, size);
                }
            }
        }
    });
}

#[test]
fn links_may_climb_before_they_descend() {
    let target = |directory: &str, target: &str| safe_target(Path::new(directory), Path::new(target));
    assert_eq!(target("lib/a", "../b"), Some("lib/b".into()));
    assert_eq!(target("lib/a", "../../bin/x"), Some("bin/x".into()));
    assert_eq!(target("", "lib"), Some("lib".into()));
    for (directory, bad) in [("", ".."), ("lib", "../../x"), ("lib", "a/../b"), ("lib", "/etc"), ("lib", "")] {
        assert_eq!(target(directory, bad), None, "{directory} {bad}");
    }
}
