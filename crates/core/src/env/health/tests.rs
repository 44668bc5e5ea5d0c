use super::*;
use crate::env::name::EnvName;
use crate::env::packages::library_directories;
use crate::fs;
use std::ffi::OsStr;
use std::os::unix::fs::symlink;

struct Tree {
    _directory: tempfile::TempDir,
    base: PathBuf,
    env: Environment,
}

/// An installation of 3.12 at `base`, and an environment of it.
fn tree() -> Tree {
    let directory = tempfile::tempdir().unwrap();
    let base = directory.path().join("base");
    std::fs::create_dir_all(base.join("bin")).unwrap();
    std::fs::create_dir_all(base.join("lib/python3.12")).unwrap();
    std::fs::write(base.join("bin/python3.12"), "a program").unwrap();
    symlink("python3.12", base.join("bin/python3")).unwrap();
    let path = directory.path().join("env");
    std::fs::create_dir_all(path.join("bin")).unwrap();
    std::fs::create_dir_all(path.join("lib/python3.12/site-packages")).unwrap();
    std::fs::write(path.join("pyvenv.cfg"), format!("home = {}\n", base.join("bin").display())).unwrap();
    std::fs::write(path.join("bin/activate"), "").unwrap();
    symlink(base.join("bin/python3"), path.join("bin/python3")).unwrap();
    for name in ["python", "python3.12"] {
        symlink("python3", path.join("bin").join(name)).unwrap();
    }
    let env = Environment::new(EnvName::for_existing(OsStr::new("env")).unwrap(), path);
    Tree { _directory: directory, base, env }
}

fn state(env: &Environment) -> Health {
    examine(env, env.cfg().as_ref(), &library_directories(env.path()), &mut Memory::default())
}

#[test]
fn a_whole_environment_is_ok() {
    let tree = tree();
    assert_eq!(state(&tree.env), Health::Ok);
}

#[test]
fn a_vanished_interpreter_is_seen() {
    let tree = tree();
    std::fs::remove_file(tree.base.join("bin/python3.12")).unwrap();
    assert_eq!(state(&tree.env), Health::DanglingInterpreter { target: tree.base.join("bin/python3") });
    std::fs::remove_file(tree.env.bin().join("python")).unwrap();
    std::fs::remove_file(tree.env.bin().join("python3")).unwrap();
    assert_eq!(state(&tree.env), Health::DanglingInterpreter { target: tree.env.bin().join("python") });
}

#[test]
fn an_interpreter_of_another_version_is_seen() {
    let tree = tree();
    std::fs::rename(tree.base.join("bin/python3.12"), tree.base.join("bin/python3.13")).unwrap();
    std::fs::remove_file(tree.base.join("bin/python3")).unwrap();
    symlink("python3.13", tree.base.join("bin/python3")).unwrap();
    let expected = Health::WrongVersion { packages: "3.12".into(), interpreter: "3.13".into() };
    assert_eq!(state(&tree.env), expected);
    assert_eq!(obstacle(&tree.env), Some(expected));
    std::fs::create_dir(tree.env.path().join("lib/python3.13")).unwrap();
    symlink("python3", tree.env.bin().join("python3.13")).unwrap();
    assert_eq!(obstacle(&tree.env), None, "it has packages for both");
}

#[test]
fn an_executable_without_version_is_known_by_its_library() {
    let tree = tree();
    std::fs::remove_file(tree.base.join("bin/python3")).unwrap();
    std::fs::rename(tree.base.join("bin/python3.12"), tree.base.join("bin/python3")).unwrap();
    std::fs::write(tree.base.join("lib/python3.12/os.py"), "").unwrap();
    assert_eq!(state(&tree.env), Health::Ok);
    std::fs::rename(tree.base.join("lib/python3.12"), tree.base.join("lib/python3.13")).unwrap();
    assert!(matches!(state(&tree.env), Health::WrongVersion { .. }));
}

#[test]
fn an_environment_may_bring_its_python() {
    let tree = tree();
    std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
    assert_eq!(state(&tree.env), Health::NotAnEnvironment);
    std::fs::remove_file(tree.env.bin().join("python3")).unwrap();
    std::fs::write(tree.env.bin().join("python3"), "a copy").unwrap();
    assert_eq!(state(&tree.env), Health::NotAnEnvironment);
    std::fs::write(tree.env.path().join("lib/python3.12/os.py"), "").unwrap();
    assert_eq!(state(&tree.env), Health::Ok);
    // Others that do are not to be activated.
    std::fs::remove_file(tree.env.activate_script()).unwrap();
    assert_eq!(state(&tree.env), Health::NotAnEnvironment);
}

#[test]
fn missing_parts_are_named() {
    let tree = tree();
    std::fs::remove_file(tree.env.activate_script()).unwrap();
    assert_eq!(state(&tree.env), Health::NoActivateScript);
    std::fs::write(tree.env.path().join("pyvenv.cfg"), "home = /nowhere/bin\n").unwrap();
    assert_eq!(state(&tree.env), Health::HomeMissing { home: "/nowhere/bin".into() });
    std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
    assert_eq!(state(&tree.env), Health::NotAnEnvironment);
}

/// As by `--activators fish`, or `--activators ''`, which is noted.
#[test]
fn a_script_that_was_left_out_is_not_missed() {
    let tree = tree();
    let path = tree.env.path().to_path_buf();
    std::fs::remove_file(tree.env.activate_script()).unwrap();
    let cfg = std::fs::read_to_string(path.join("pyvenv.cfg")).unwrap();
    let virtualenv = format!("{cfg}virtualenv = 20.26.1\n");
    std::fs::write(path.join("pyvenv.cfg"), &virtualenv).unwrap();
    assert_eq!(state(&tree.env), Health::Ok, "virtualenv notes nothing");
    std::fs::write(path.join("pyvenv.cfg"), format!("{cfg}venvwrap = 1.0.0\n")).unwrap();
    assert_eq!(state(&tree.env), Health::NoActivateScript);
    std::fs::write(path.join("venvwrap.toml"), "bare = true\n").unwrap();
    assert_eq!(state(&tree.env), Health::Ok);
    std::fs::write(path.join("pyvenv.cfg"), &virtualenv).unwrap();
    for name in ["activate.fish", "activate.csh", "activate.ps1", "activate_this.py"] {
        assert_eq!(state(&tree.env), Health::Ok, "{name}");
        std::fs::write(tree.env.bin().join(name), "").unwrap();
    }
    assert_eq!(state(&tree.env), Health::NoActivateScript, "nobody leaves out this one alone");
    std::fs::remove_file(tree.env.bin().join("activate.csh")).unwrap();
    assert_eq!(state(&tree.env), Health::Ok);
    symlink("/nowhere", tree.env.activate_script()).unwrap();
    assert_eq!(state(&tree.env), Health::NoActivateScript);
    std::fs::remove_file(tree.env.activate_script()).unwrap();
    std::fs::write(tree.env.bin().join("pip"), "#!/e/old/bin/python\n").unwrap();
    assert_eq!(state(&tree.env), Health::Moved { from: "/e/old".into() });
    std::fs::remove_file(tree.env.bin().join("pip")).unwrap();
    std::fs::write(path.join("pyvenv.cfg"), &cfg).unwrap();
    assert_eq!(state(&tree.env), Health::NoActivateScript, "other tools write it always");
}

#[test]
fn an_environment_that_names_another_path_was_moved() {
    let tree = tree();
    let moved = Health::Moved { from: "/e/be ta".into() };
    std::fs::write(tree.env.activate_script(), "VIRTUAL_ENV='/e/be ta'\nexport VIRTUAL_ENV\n").unwrap();
    assert_eq!(state(&tree.env), moved);
    std::fs::write(tree.env.activate_script(), "export VIRTUAL_ENV=$(pwd)\n").unwrap();
    let pip = tree.env.bin().join("pip");
    for head in [r#"'''exec' '/e/be ta/bin/python' "$0" "$@""#, "#!/e/be/bin/python3.12"] {
        let shell = if head.starts_with('#') { "" } else { "#!/bin/sh\n" };
        std::fs::write(&pip, format!("{shell}{head}\n")).unwrap();
        assert!(matches!(state(&tree.env), Health::Moved { .. }), "{head}");
    }
    let link = tree.env.path().with_file_name("link");
    symlink(tree.env.path(), &link).unwrap();
    for path in [tree.env.path(), &link] {
        std::fs::write(tree.env.activate_script(), format!("VIRTUAL_ENV='{}'\n", path.display())).unwrap();
        std::fs::write(&pip, format!("#!{}/bin/python\n", path.display())).unwrap();
        assert_eq!(state(&tree.env), Health::Ok, "{}", path.display());
    }
    // The sandboxes that packages are built in may have only a shell.
    if Path::new("/usr/bin/env").exists() {
        std::fs::write(&pip, "#!/usr/bin/env python3\n").unwrap();
        assert_eq!(state(&tree.env), Health::Ok);
    }
}

#[test]
fn an_environment_of_an_old_virtualenv_is_one() {
    let tree = tree();
    std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
    let prefix = tree.env.path().join("lib/python3.12/orig-prefix.txt");
    std::fs::write(&prefix, format!("{}\n", tree.base.display())).unwrap();
    assert_eq!(state(&tree.env), Health::Ok);
    std::fs::write(&prefix, "/nowhere").unwrap();
    assert_eq!(state(&tree.env), Health::HomeMissing { home: "/nowhere".into() });
    for nothing in ["", "relative", "\u{0}"] {
        std::fs::write(&prefix, nothing).unwrap();
        assert_eq!(state(&tree.env), Health::NotAnEnvironment, "{nothing:?}");
    }
    std::fs::write(&prefix, format!("{}\n", tree.base.display())).unwrap();
    std::fs::remove_file(tree.base.join("bin/python3.12")).unwrap();
    assert!(matches!(state(&tree.env), Health::DanglingInterpreter { .. }));
}

#[test]
fn what_keeps_python_from_starting_is_seen_at_a_glance() {
    let tree = tree();
    assert_eq!(obstacle(&tree.env), None);
    std::fs::remove_file(tree.base.join("bin/python3.12")).unwrap();
    assert_eq!(obstacle(&tree.env), Some(Health::DanglingInterpreter { target: tree.base.join("bin/python3") }));
    std::fs::remove_file(tree.env.python()).unwrap();
    // The only name, so that no link speaks for it.
    std::fs::remove_file(tree.env.bin().join("python3")).unwrap();
    std::fs::create_dir(tree.env.python()).unwrap();
    assert_eq!(obstacle(&tree.env), Some(Health::DanglingInterpreter { target: tree.env.python() }));
    std::fs::remove_dir(tree.env.python()).unwrap();
    std::fs::write(tree.env.python(), "a copy").unwrap();
    std::fs::remove_file(tree.env.bin().join("python3.12")).unwrap();
    for name in ["python3", "python3.12"] {
        symlink("python", tree.env.bin().join(name)).unwrap();
    }
    assert_eq!(obstacle(&tree.env), None);
    assert_eq!(without_permission(&tree.env), Some(tree.env.python()));
    std::fs::set_permissions(tree.env.python(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(without_permission(&tree.env), None);
    fs::remove_tree(&tree.base).unwrap();
    assert_eq!(obstacle(&tree.env), Some(Health::HomeMissing { home: tree.base.join("bin") }));
    fs::remove_tree(&tree.env.bin()).unwrap();
    assert_eq!(obstacle(&tree.env), None, "there is no Python");
}

#[test]
fn a_missing_link_or_configuration_is_an_obstacle() {
    let (gone, no_cfg) = (tree(), tree());
    std::fs::remove_file(gone.env.python()).unwrap();
    let dangling = Health::DanglingInterpreter { target: gone.env.python() };
    assert_eq!((state(&gone.env), obstacle(&gone.env)), (dangling.clone(), Some(dangling)));
    assert!(!has_lost_cfg(&no_cfg.env));
    std::fs::remove_file(no_cfg.env.path().join("pyvenv.cfg")).unwrap();
    assert!(has_lost_cfg(&no_cfg.env));
    assert_eq!(obstacle(&no_cfg.env), Some(Health::NotAnEnvironment));
    std::fs::create_dir(no_cfg.env.path().join("conda-meta")).unwrap();
    assert_eq!((has_lost_cfg(&no_cfg.env), obstacle(&no_cfg.env)), (false, None));
    let copy = tree();
    std::fs::remove_file(copy.env.path().join("pyvenv.cfg")).unwrap();
    std::fs::remove_file(copy.env.python()).unwrap();
    std::fs::write(copy.env.python(), "a copy").unwrap();
    assert_eq!((has_lost_cfg(&copy.env), obstacle(&copy.env)), (true, Some(Health::NotAnEnvironment)));
    std::fs::write(copy.env.path().join("lib/python3.12/os.py"), "").unwrap();
    assert_eq!((has_lost_cfg(&copy.env), obstacle(&copy.env)), (false, None), "it brings its Python");
}

#[test]
fn a_missing_name_is_an_obstacle_where_every_tool_makes_it() {
    let tree = tree();
    let bin = tree.env.bin();
    assert_eq!(lost_names(&tree.env), [""; 0]);
    std::fs::remove_file(bin.join("python3.12")).unwrap();
    assert_eq!(lost_names(&tree.env), ["python3.12"]);
    assert_eq!(obstacle(&tree.env), Some(Health::DanglingInterpreter { target: bin.join("python3.12") }));
    for name in ["python", "python3"] {
        std::fs::remove_file(bin.join(name)).unwrap();
    }
    symlink(tree.base.join("bin/python3"), bin.join("python")).unwrap();
    assert_eq!(lost_names(&tree.env), ["python3", "python3.12"]);
    assert_eq!(obstacle(&tree.env), Some(Health::DanglingInterpreter { target: bin.join("python3") }));
    // An empty file and a directory are no programs.
    std::fs::write(bin.join("python3"), "").unwrap();
    std::fs::create_dir(bin.join("python3.12")).unwrap();
    assert_eq!(lost_names(&tree.env), ["python3", "python3.12"]);
    for (library, expected) in [
        ("python3.8", &["python3"][..]),
        ("python2.7", &[]),
        ("python3.13t", &["python3", "python3.13"]),
        ("pypy3.8", &["python3", "pypy3", "pypy"]),
        ("pypy3.10", &["python3", "python3.10", "pypy3", "pypy"]),
        ("graalpy3.11", &["python3"]),
    ] {
        fs::remove_tree(&tree.env.path().join("lib")).unwrap();
        std::fs::create_dir_all(tree.env.path().join("lib").join(library)).unwrap();
        assert_eq!(lost_names(&tree.env), expected, "{library}");
    }
    fs::remove_tree(&tree.env.path().join("lib")).unwrap();
    std::fs::create_dir_all(tree.env.path().join("lib/python3.12")).unwrap();
    std::fs::write(bin.join("graalpy"), "a program").unwrap();
    assert_eq!(lost_names(&tree.env), ["python3"]);
}

#[test]
fn no_python_at_all_is_an_obstacle_of_an_environment_only() {
    let tree = tree();
    let bin = tree.env.bin();
    for name in ["python", "python3", "python3.12"] {
        std::fs::remove_file(bin.join(name)).unwrap();
    }
    let dangling = Some(Health::DanglingInterpreter { target: tree.env.python() });
    assert_eq!(obstacle(&tree.env), dangling);
    for content in ["", "#!/bin/sh\n"] {
        std::fs::write(tree.env.python(), content).unwrap();
        assert_eq!(obstacle(&tree.env).is_some(), content.is_empty() || !lost_names(&tree.env).is_empty());
        assert_eq!(matches!(state(&tree.env), Health::DanglingInterpreter { .. }), content.is_empty());
    }
    for name in ["python3.12", "python3"] {
        let path = bin.join(name);
        assert_eq!(state(&tree.env), Health::LostName { path: bin.join("python3") });
        std::fs::write(path, "#!/bin/sh\n").unwrap();
    }
    assert_eq!(state(&tree.env), Health::Ok);
    std::fs::remove_file(bin.join("python3.12")).unwrap();
    assert_eq!(state(&tree.env), Health::LostName { path: bin.join("python3.12") });
    std::fs::remove_file(bin.join("python3")).unwrap();
    std::fs::remove_file(tree.env.python()).unwrap();
    symlink("python", tree.env.python()).unwrap();
    assert_eq!(obstacle(&tree.env), dangling, "a loop");
    std::fs::remove_file(tree.env.python()).unwrap();
    std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
    assert_eq!(obstacle(&tree.env), Some(Health::NotAnEnvironment), "its script says that it is one");
    std::fs::remove_file(tree.env.activate_script()).unwrap();
    assert_eq!(obstacle(&tree.env), None, "a directory of programs");
}

#[test]
fn hostile_configurations_are_only_data() {
    let tree = tree();
    std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
    std::fs::create_dir(tree.env.path().join("pyvenv.cfg")).unwrap();
    assert_eq!(state(&tree.env), Health::NotAnEnvironment);
    for name in ["python", "python3"] {
        std::fs::remove_file(tree.env.bin().join(name)).unwrap();
    }
    std::fs::remove_dir(tree.env.path().join("pyvenv.cfg")).unwrap();
    std::fs::write(tree.env.path().join("pyvenv.cfg"), b"home = $(touch PWN)\0\n").unwrap();
    symlink("python", tree.env.bin().join("python3")).unwrap();
    symlink("python3", tree.env.bin().join("python")).unwrap();
    assert!(matches!(state(&tree.env), Health::DanglingInterpreter { .. }));
}
