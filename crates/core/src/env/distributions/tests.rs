use super::*;
use crate::env::name::EnvName;

struct Tree {
    root: tempfile::TempDir,
    environment: Environment,
}

impl Tree {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("env");
        std::fs::create_dir_all(path.join("lib/python3.11/site-packages")).unwrap();
        std::fs::write(path.join("pyvenv.cfg"), "include-system-site-packages = false\n").unwrap();
        let environment = Environment::new(EnvName::for_existing(OsStr::new("env")).unwrap(), path);
        Self { root, environment }
    }

    /// Writes a file below site-packages.
    fn write(&self, path: &str, content: &str) {
        let path = self.environment.site_packages().unwrap().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn found(&self) -> (Vec<String>, Vec<String>) {
        let found = installed(&self.environment, None);
        let mut names: Vec<_> = found.distributions.iter().map(|d| format!("{} {}", d.name, d.version)).collect();
        names.sort();
        let root = self.root.path().to_str().unwrap();
        let oddities = found.oddities.iter().map(|oddity| oddity.to_string().replace(root, ""));
        (names, oddities.collect())
    }
}

#[test]
fn every_form_of_metadata_is_read() {
    let tree = Tree::new();
    tree.write("a-1.dist-info/METADATA", "Name: A\nVersion: 1\n");
    tree.write("b-1.egg-info/PKG-INFO", "Name: b\nVersion: 1\n");
    tree.write("c-1.EGG-INFO", "Name: c\nVersion: 1\n");
    tree.write("d.egg/EGG-INFO/PKG-INFO", "Name: d\nVersion: 1\n");
    tree.write("e.pth", "./d.egg\n");
    tree.write(".dist-info/METADATA", "Name: x\nVersion: 1\n");
    tree.write("module.py", "");
    assert_eq!(tree.found(), (["A 1", "b 1", "c 1", "d 1", "x 1"].map(String::from).to_vec(), vec![]));
}

/// The bytes of a zip file with these files, the second of each two packed.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for (index, (name, content)) in files.iter().enumerate() {
        let is_packed = index % 2 == 1;
        let method = if is_packed { rawzip::CompressionMethod::DEFLATE } else { rawzip::CompressionMethod::STORE };
        let (mut entry, config) = archive.new_file(name).compression_method(method).start().unwrap();
        if is_packed {
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
            let mut writer = config.wrap(encoder);
            writer.write_all(content.as_bytes()).unwrap();
            let (encoder, output) = writer.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(output).unwrap();
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(content.as_bytes()).unwrap();
            let (_, output) = writer.finish().unwrap();
            entry.finish(output).unwrap();
        }
    }
    archive.finish().unwrap()
}

#[test]
fn what_is_zipped_is_read_where_it_is() {
    let tree = Tree::new();
    let egg = zip(&[
        ("EGG-INFO/PKG-INFO", "Name: Eggz\nVersion: 1.0\n"),
        ("EGG-INFO/requires.txt", "six\n"),
        ("deep/EGG-INFO/PKG-INFO", "Name: deep\nVersion: 1\n"),
        ("eggz.py", ""),
    ]);
    let wheel =
        zip(&[("w.py", ""), ("w-2.dist-info/METADATA", "Name: w\nVersion: 2\n"), ("~w-1.dist-info/METADATA", "")]);
    let site = tree.environment.site_packages().unwrap();
    for (name, content) in
        [("eggz-1.0-py3.11.egg", &*egg), ("w.whl", &wheel), ("no.egg", b"no"), ("cut.egg", &egg[..90])]
    {
        std::fs::write(site.join(name), content).unwrap();
    }
    // The list at the end names files that are gone.
    std::fs::write(site.join("holes.egg"), &egg[60..]).unwrap();
    // One that Python does not import.
    std::fs::write(site.join("other-1.0-py3.11.egg"), zip(&[("EGG-INFO/PKG-INFO", "Name: o\nVersion: 1\n")])).unwrap();
    tree.write("easy-install.pth", "./eggz-1.0-py3.11.egg\n./w.whl\n./no.egg\n./cut.egg\n");
    let (names, oddities) = tree.found();
    assert_eq!(names, ["Eggz 1.0", "w 2"]);
    assert!(oddities.len() == 1 && oddities[0].contains("w.whl/~w-1.dist-info"), "{oddities:?}");
    let found = installed(&tree.environment, None).distributions;
    let egg = found.iter().find(|found| found.key == "eggz").unwrap();
    assert_eq!((egg.requirements(), egg.is_local), (vec!["six".to_owned()], true));
    tree.write("easy-install.pth", "./holes.egg\n");
    assert!(tree.found().0.is_empty());
}

#[test]
fn what_is_odd_is_reported_and_nothing_else_is_lost() {
    let tree = Tree::new();
    tree.write("~a-1.dist-info/METADATA", "Name: a\nVersion: 1\n");
    tree.write("a-1.dist-info/METADATA", "Name: a\nVersion: 1\n");
    let (names, oddities) = tree.found();
    assert_eq!(names, ["a 1"]);
    assert!(oddities[0].contains("~a-1.dist-info` is skipped: it is left over"), "{oddities:?}");

    let tree = Tree::new();
    tree.write("empty-1.dist-info/RECORD", "");
    tree.write("b-1.dist-info/METADATA", "Name: b\nVersion:\n");
    tree.write("a-1.dist-info/METADATA", "Name: a\nVersion: 1\n");
    tree.write("a-1.dist-info/direct_url.json", "{");
    let (names, oddities) = tree.found();
    assert_eq!((names.join(","), oddities.len()), ("a 1,b 1,empty 1".into(), 3), "{oddities:?}");

    let tree = Tree::new();
    tree.write("a_b-1.dist-info/METADATA", "Name: a.b\nVersion: 1\n");
    tree.write("a_b-2.dist-info/METADATA", "Name: A-B\nVersion: 2\n");
    let (names, oddities) = tree.found();
    assert_eq!((names.len(), oddities.len()), (1, 1), "{names:?}");
    assert!(oddities[0].contains("is installed twice: versions "), "{oddities:?}");
}

#[test]
fn one_version_that_is_found_twice_is_no_second_one() {
    let tree = Tree::new();
    tree.write("a-1.0.dist-info/METADATA", "Name: a\nVersion: 1.0\n");
    tree.write("a-1.egg-info/PKG-INFO", "Name: a\nVersion: 1\n");
    tree.write("b-x.dist-info/METADATA", "Name: b\nVersion: x\n");
    tree.write("b.egg-info/PKG-INFO", "Name: b\nVersion: x\n");
    let project = tree.root.path().join("leg");
    std::fs::create_dir_all(project.join("leg.egg-info")).unwrap();
    std::fs::write(project.join("leg.egg-info/PKG-INFO"), "Name: leg\nVersion: 1\n").unwrap();
    tree.write("leg.egg-link", &format!("{}\n.\n", project.display()));
    tree.write("easy-install.pth", &format!("{}\n", project.display()));
    let (names, oddities) = tree.found();
    assert_eq!((names.len(), oddities), (3, vec![]), "{names:?}");
}

#[test]
fn a_link_makes_a_distribution_editable() {
    let tree = Tree::new();
    let project = tree.root.path().join("my project/src");
    std::fs::create_dir_all(project.join("My_Thing.egg-info")).unwrap();
    std::fs::write(project.join("My_Thing.egg-info/PKG-INFO"), "Name: My_Thing\nVersion: 1\n").unwrap();
    tree.write("My-Thing.egg-link", "../../../../my project/src\n../\n");
    let found = installed(&tree.environment, None);
    assert_eq!(found.distributions[0].editable.as_deref(), Some(project.as_path()));
    assert!(found.distributions[0].is_local);
}

#[test]
fn old_requirements_get_markers() {
    let text = "a>=1\n\n[:python_version < \"3\"]\nb\n\n[x]\nc\n[y:os_name == 'nt']\nd @ https://x/d\n";
    let expected = [
        "a>=1",
        "b ; (python_version < \"3\")",
        "c ; extra == \"x\"",
        "d @ https://x/d ; (os_name == 'nt') and extra == \"y\"",
    ];
    assert_eq!(old_requirements(text), expected);
}
