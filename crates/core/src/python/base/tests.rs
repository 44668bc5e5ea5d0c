use std::fs;
use std::os::unix::fs::symlink;

use super::*;
use crate::python::PythonVersion;

fn file(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, path.as_os_str().as_bytes()).unwrap();
}

fn environment(path: &Path, config: &str, python: &Path) {
    fs::create_dir_all(path.join("bin")).unwrap();
    fs::write(path.join("pyvenv.cfg"), config).unwrap();
    symlink(python, path.join("bin/python")).unwrap();
    symlink("python", path.join("bin/python3")).unwrap();
}

fn interpreter(prefix: &Path) -> Interpreter {
    Interpreter {
        executable: prefix.join("bin/python3"),
        version: PythonVersion { major: 3, minor: 12, micro: 1, level: "final".into(), serial: 0 },
        implementation: Implementation::CPython,
        implementation_version: "3.12.1".into(),
        magic: 1,
        abiflags: String::new(),
        base_prefix: prefix.to_path_buf(),
        stdlib: prefix.join("lib/python3.12"),
        platlibdir: "lib".into(),
        is_64bit: true,
        platform: "linux".into(),
        framework: String::new(),
    }
}

#[test]
fn a_chain_of_environments_ends_at_the_real_base() {
    let dir = tempfile::tempdir().unwrap();
    let [base, one, two] = ["base", "one", "tw o"].map(|name| dir.path().join(name));
    file(&base.join("bin/python3.12"));
    environment(&one, &format!("home = {}\n", base.join("bin").display()), &base.join("bin/python3.12"));
    environment(&two, &format!("HOME={}\r\nversion = 3.12.1\n", one.join("bin").display()), &one.join("bin/python"));
    assert_eq!(leave_environments(&two.join("bin/python3")).unwrap(), base.join("bin/python3.12"));
    assert_eq!(leave_environments(&base.join("bin/python3.12")).unwrap(), base.join("bin/python3.12"));
}

#[test]
fn a_copied_executable_is_found_by_the_recorded_version() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("base/bin");
    for name in ["python", "python3.11", "python3.12"] {
        file(&home.join(name));
    }
    let copied = dir.path().join("env/bin/python");
    file(&copied);
    let config = format!("home = {}\nversion_info = 3.11.4.final.0\n", home.display());
    fs::write(dir.path().join("env/pyvenv.cfg"), config).unwrap();
    assert_eq!(leave_environments(&copied).unwrap(), home.join("python3.11"));
}

#[test]
fn a_base_that_is_gone_or_endless_or_unknown_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let [gone, circle, unknown] = ["gone", "circle", "unknown"].map(|name| dir.path().join(name));
    environment(&gone, "home = /nowhere/at/all\n", Path::new("/nowhere/at/all/python3"));
    assert!(matches!(leave_environments(&gone.join("bin/python")), Err(BaseError::Gone { .. })));
    environment(&circle, &format!("home = {}\n", circle.join("bin").display()), Path::new("python3.9"));
    file(&circle.join("bin/python3.9"));
    assert!(matches!(leave_environments(&circle.join("bin/python")), Err(BaseError::Endless { .. })));
    file(&unknown.join("bin/python"));
    fs::write(unknown.join("pyvenv.cfg"), "home = relative/bin\n").unwrap();
    assert!(matches!(leave_environments(&unknown.join("bin/python")), Err(BaseError::Unknown { .. })));
}

#[test]
fn an_environment_with_an_unreadable_file_is_no_base() {
    let dir = tempfile::tempdir().unwrap();
    let [large, odd] = ["large", "odd"].map(|name| dir.path().join(name));
    file(&large.join("bin/python"));
    let size = usize::try_from(CONFIG_LIMIT).unwrap() + 1;
    fs::write(large.join("pyvenv.cfg"), vec![b'x'; size]).unwrap();
    file(&odd.join("bin/python"));
    fs::create_dir(odd.join("pyvenv.cfg")).unwrap();
    for environment in [large, odd] {
        let found = leave_environments(&environment.join("bin/python"));
        assert!(matches!(found, Err(BaseError::Unknown { .. })), "{found:?}");
    }
}

#[test]
fn without_a_home_the_link_tells_the_base() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("base/bin/python3");
    file(&base);
    environment(&dir.path().join("env"), "include-system-site-packages = false\n", &base);
    assert_eq!(leave_environments(&dir.path().join("env/bin/python3")).unwrap(), base);
}

#[test]
fn links_are_resolved_until_the_library_is_reached_and_no_further() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let cellar = root.join("Cellar/3.12.1");
    file(&cellar.join("bin/python3.12"));
    file(&cellar.join("lib/python3.12/os.py"));
    symlink("python3.12", cellar.join("bin/python3")).unwrap();
    fs::create_dir_all(root.join("opt")).unwrap();
    symlink("../Cellar/3.12.1", root.join("opt/python")).unwrap();
    fs::create_dir_all(root.join("bin")).unwrap();
    symlink("../opt/python/bin/python3", root.join("bin/py")).unwrap();
    let found = stable_name(&root.join("bin/py"), &interpreter(&cellar));
    assert_eq!(found, root.join("opt/python/bin/python3.12"));
}

#[test]
fn a_versioned_name_of_another_file_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().canonicalize().unwrap();
    for name in ["bin/python3", "bin/python3.12", "lib/python3.12/os.py"] {
        file(&prefix.join(name));
    }
    assert_eq!(stable_name(&prefix.join("bin/python3"), &interpreter(&prefix)), prefix.join("bin/python3"));
}

#[test]
fn dots_behind_a_linked_directory_are_resolved_as_the_kernel_does() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    file(&root.join("usr/lib/py/bin/python3"));
    fs::create_dir_all(root.join("usr/bin")).unwrap();
    symlink("usr/bin", root.join("bin")).unwrap();
    symlink("../lib/py/bin/python3", root.join("usr/bin/python3")).unwrap();
    assert_eq!(follow_once(&root.join("bin/python3")).unwrap(), root.join("usr/lib/py/bin/python3"));
}
