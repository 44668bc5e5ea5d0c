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
