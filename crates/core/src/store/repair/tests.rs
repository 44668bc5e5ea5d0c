//! Repairs of what is broken in one way each.

use super::configuration::{completed, configuration};
use super::links::{dead_names, leads_to, outward_names};
use super::*;
use crate::env::BIN;
use crate::relocate::kept::Written;
use crate::shell::activate::{self, Activation, Script};

fn cfg(text: &str) -> PyvenvCfg {
    PyvenvCfg::parse(text.as_bytes())
}

fn interpreter() -> Interpreter {
    serde_json::from_value(serde_json::json!({
        "executable": "/new/bin/python3.12",
        "version": {"major": 3, "minor": 12, "micro": 9, "level": "final", "serial": 0},
        "implementation": "CPython", "implementation_version": "3.12.9", "magic": 3531, "abiflags": "",
        "base_prefix": "/new", "stdlib": "/new/lib/python3.12", "platlibdir": "lib", "is_64bit": true,
        "platform": "linux", "framework": ""
    }))
    .unwrap()
}

#[test]
fn a_version_that_nothing_else_has_is_wrong() {
    let root = tempfile::tempdir().unwrap();
    let env = working(root.path(), "", "x");
    let name = |version: &str, libraries: &[&str]| {
        std::fs::write(env.path().join("pyvenv.cfg"), format!("home = /bin\nversion = {version}\n")).unwrap();
        wrong_version(&env, &libraries.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let base = root.path().join("python3.12");
    std::fs::write(&base, "").unwrap();
    std::fs::remove_file(env.python()).unwrap();
    std::os::unix::fs::symlink(base, env.python()).unwrap();
    assert_eq!(name("3.9.1", &["python3.12"]).as_deref(), Some("3.9.1"));
    assert_eq!(name("3.12.1", &["python3.12"]), None);
    assert_eq!(name("3.9.1", &["python3.9"]), None, "the interpreter is another one");
    assert_eq!(name("3.9.1", &["python3.12", "python3.9"]), None);
    assert_eq!(name("", &["python3.12"]), None);
}

#[test]
fn only_what_says_where_python_is_changes() {
    let old = cfg("home = /old/bin\nversion = 3.12.1\nprompt = x\nbase-exec-prefix = /old\n");
    let new = configuration(old, &interpreter()).unwrap();
    assert_eq!(new.to_bytes(), b"home = /new/bin\nversion = 3.12.9\nprompt = x\nbase-exec-prefix = /new\n");
    let of_virtualenv = "home = /old/bin\nversion_info = 3.12.1.final.0\nexecutable = /old/bin/python3.12\n\
                         base-prefix = /old\nbase-exec-prefix = /old\nbase-executable = /old/bin/python3.12\n";
    let new = configuration(cfg(of_virtualenv), &interpreter()).unwrap();
    let expected = of_virtualenv.replace("/old", "/new").replace("3.12.1.", "3.12.9.");
    assert_eq!(new.to_bytes(), expected.as_bytes());
}

/// An environment with a Python that works, an activate script, and this prompt in `pyvenv.cfg`.
fn working(root: &Path, script: &str, prompt: &str) -> Environment {
    let env = root.join("api");
    std::fs::create_dir_all(env.join("bin")).unwrap();
    std::os::unix::fs::symlink("/bin/sh", env.join("bin/python")).unwrap();
    std::fs::write(env.join("pyvenv.cfg"), format!("home = /bin\nprompt = '{prompt}'\n")).unwrap();
    std::fs::write(env.join("bin/activate"), script).unwrap();
    Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env)
}

fn mended(environment: &Environment, dry_run: bool) -> Written {
    activation(environment, mend::old_path(environment).as_deref(), dry_run).unwrap()
}

#[test]
fn what_the_user_has_written_into_activation_scripts_stays() {
    let root = tempfile::tempdir().unwrap();
    let environment = working(root.path(), "", "api");
    let bin = environment.bin();
    let files: Vec<_> = Script::ALL.into_iter().flat_map(activate::file_names).collect();
    for old in ["/nowhere/old", "/nowhere/old name"] {
        for script in Script::ALL {
            let text = activate::render(script, &Activation { env: Path::new(old), prompt: "api" }).unwrap();
            for file in activate::file_names(script) {
                std::fs::write(bin.join(file), [&text[..], b"# mine\n"].concat()).unwrap();
            }
        }
        std::fs::write(bin.join("activate.xsh"), format!("$VIRTUAL_ENV = r\"{old}\"\n")).unwrap();
        let written = mended(&environment, false);
        assert!(written.beside.is_empty());
        for file in &files {
            let text = std::fs::read_to_string(bin.join(file)).unwrap();
            assert!(text.ends_with("# mine\n") && !text.contains(old), "{file}: {text}");
            assert!(text.contains(environment.path().to_str().unwrap()), "{file}: {text}");
        }
        let other = std::fs::read_to_string(bin.join("activate.xsh")).unwrap();
        assert!(!other.contains(old), "{other}");
    }
}

#[test]
fn a_script_that_cannot_be_kept_is_beside_the_new_one() {
    let root = tempfile::tempdir().unwrap();
    let own = "# mine\nVIRTUAL_ENV='/nowhere/old name'\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\n";
    let environment = working(root.path(), own, "api");
    assert!(mended(&environment, true).beside.is_empty());
    assert_eq!(mended(&environment, false).beside, [Path::new("bin/activate.old")]);
    assert_eq!(std::fs::read_to_string(environment.bin().join("activate.old")).unwrap(), own);
    assert!(!needs_scripts(&environment));
    std::fs::write(environment.activate_script(), own.replace("mine", "other")).unwrap();
    assert_eq!(mended(&environment, false).beside, [Path::new("bin/activate.old2")]);
}

#[test]
fn activation_scripts_keep_the_prompt_unless_it_is_the_old_name() {
    let root = tempfile::tempdir().unwrap();
    for (prompt, shown) in [("my own", "my own"), ("old name", "api")] {
        let _ = std::fs::remove_file(root.path().join("api/bin/python"));
        let environment = working(root.path(), "VIRTUAL_ENV='/nowhere/old name'\nexport VIRTUAL_ENV\n", prompt);
        assert!(mended(&environment, true).changed.contains(&"bin/activate".into()));
        let read = || std::fs::read_to_string(environment.activate_script()).unwrap();
        assert!(read().contains("/nowhere/old name"), "a dry run");
        mended(&environment, false);
        assert!(read().contains(&format!("'{shown}'")) && !read().contains("old name"), "{}", read());
    }
}

#[test]
fn a_script_that_would_run_a_part_of_its_path_is_to_be_repaired() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("$(touch PWN)");
    let script = format!("VIRTUAL_ENV=\"{}\"\nexport VIRTUAL_ENV\n", place.join("api").display());
    let environment = working(&place, &script, "api");
    assert!(is_damaged(&environment) && needs_scripts(&environment));
    let linked = root.path().join("linked");
    std::os::unix::fs::symlink(environment.path(), &linked).unwrap();
    let linked = Environment::new(EnvName::for_new("linked".as_ref()).unwrap(), linked);
    assert!(!needs_scripts(&linked), "it is its owner's");
    mended(&environment, false);
    assert!(!needs_scripts(&environment));
}

#[test]
fn each_script_may_be_the_one_that_is_for_another_path() {
    let root = tempfile::tempdir().unwrap();
    let environment = working(root.path(), "", "api");
    std::fs::remove_file(environment.activate_script()).unwrap();
    mended(&environment, false);
    for name in ["activate", "activate.fish", "activate.csh"] {
        assert!(!needs_scripts(&environment), "{name}");
        let script = environment.bin().join(name);
        let text = std::fs::read_to_string(&script).unwrap();
        std::fs::write(&script, text.replace(environment.path().to_str().unwrap(), "/nowhere/old")).unwrap();
        assert!(needs_scripts(&environment), "{name}");
        mended(&environment, false);
    }
}

/// As by `--activators bash,fish`.
#[test]
fn a_script_that_was_left_out_stays_away_after_a_move() {
    let root = tempfile::tempdir().unwrap();
    for old in ["/nowhere/old", "/nowhere/old name"] {
        crate::fs::remove_tree(&root.path().join("api")).unwrap();
        let environment = working(root.path(), "", "api");
        for (script, name) in [(Script::Posix, "activate"), (Script::Fish, "activate.fish")] {
            let text = activate::render(script, &Activation { env: Path::new(old), prompt: "api" }).unwrap();
            std::fs::write(environment.bin().join(name), text).unwrap();
        }
        assert_eq!(mended(&environment, false).changed, ["bin/activate", "bin/activate.fish"].map(PathBuf::from));
        std::fs::remove_file(environment.activate_script()).unwrap();
        assert_eq!(mended(&environment, false).changed, [Path::new("bin/activate")]);
        assert_eq!(activate::chosen(&environment), Script::ALL, "nobody knows who has made it");
        std::fs::write(environment.path().join("pyvenv.cfg"), "home = /bin\nvirtualenv = 20.1\n").unwrap();
        assert_eq!(activate::chosen(&environment), [Script::Posix, Script::Fish]);
    }
}

/// As by `--activators fish`: the one for Bourne shells stays away, too.
#[test]
fn the_script_of_bourne_shells_may_be_left_out_too() {
    let root = tempfile::tempdir().unwrap();
    let environment = working(root.path(), "", "api");
    std::fs::write(environment.path().join("pyvenv.cfg"), "home = /bin\nvirtualenv = 20.1\n").unwrap();
    std::fs::remove_file(environment.activate_script()).unwrap();
    assert_eq!(activate::chosen(&environment), [], "virtualenv notes no choice");
    std::fs::remove_file(environment.bin().join("python")).unwrap();
    assert_eq!(activate::chosen(&environment), Script::ALL, "nothing is left: they are lost");
    std::fs::write(environment.path().join("venvwrap.toml"), "bare = true\n").unwrap();
    assert_eq!(activate::chosen(&environment), [], "that is noted");
    let old = Path::new("/nowhere/old");
    assert!(activation(&environment, Some(old), false).unwrap().changed.is_empty());
    let text = activate::render(Script::Fish, &Activation { env: old, prompt: "api" }).unwrap();
    std::fs::write(environment.bin().join("activate.fish"), text).unwrap();
    assert_eq!(activate::chosen(&environment), [Script::Fish]);
    assert_eq!(mended(&environment, false).changed, [Path::new("bin/activate.fish")]);
    assert!(!environment.activate_script().exists());
}

/// As by `uv venv --relocatable`, which writes none for csh.
#[test]
fn scripts_of_what_works_in_any_directory_find_their_environment() {
    let root = tempfile::tempdir().unwrap();
    let environment = working(root.path(), "", "api");
    std::fs::write(environment.path().join("pyvenv.cfg"), "home = /bin\nuv = 1\nrelocatable = true\n").unwrap();
    std::fs::remove_file(environment.activate_script()).unwrap();
    mended(&environment, false);
    let moved = root.path().join("moved");
    std::fs::rename(environment.path(), &moved).unwrap();
    let names: Vec<_> =
        std::fs::read_dir(moved.join("bin")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(
        names.iter().any(|name| name == "activate") && names.iter().all(|name| name != "activate.csh"),
        "{names:?}"
    );
    let moved = Environment::new(EnvName::for_new("moved".as_ref()).unwrap(), moved);
    std::fs::remove_file(moved.bin().join("activate.fish")).unwrap();
    assert_eq!(damaged(&moved), [("activate.fish".into(), Damage::Missing)]);
}

#[test]
fn what_is_not_in_the_environment_is_not_repaired() {
    let root = tempfile::tempdir().unwrap();
    let environment = working(root.path(), "", "api");
    let elsewhere = root.path().join("elsewhere");
    std::fs::rename(environment.bin(), &elsewhere).unwrap();
    std::fs::remove_file(elsewhere.join("python")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, environment.bin()).unwrap();
    let lookup = |_: &str| None;
    let search = Search {
        lookup: &lookup,
        home: None,
        root: root.path(),
        cwd: Path::new("/"),
        cache_dir: None,
        user: crate::fs::private::User::of_this_process(),
        query_timeout: std::time::Duration::from_secs(1),
    };
    let refused = Store::at(root.path().to_path_buf()).repair(environment.name(), &search, false).unwrap_err();
    assert!(matches!(refused, RepairError::ProgramsElsewhere { .. }), "{refused:?}");
    assert!(!elsewhere.join("python").is_symlink());
}

#[test]
fn what_a_configuration_without_its_home_still_says_stays() {
    let with_home = |text: &str| {
        let cfg = configuration(completed(Some(cfg(text))).unwrap(), &interpreter()).unwrap();
        String::from_utf8(cfg.to_bytes()).unwrap()
    };
    let rest = "include-system-site-packages = true\nprompt = 'x'\nversion_info = 3.12.9.final.0\n";
    assert_eq!(with_home(rest), format!("{rest}home = /new/bin\n"));
    assert_eq!(with_home(&format!("home =\n{rest}")), format!("home = /new/bin\n{rest}"));
    let lost = "include-system-site-packages = false\nversion = 3.12.9\n";
    assert_eq!(with_home("uv = 0.9\n"), format!("uv = 0.9\nhome = /new/bin\n{lost}"));
    for text in ["", "\n", "\0\0\0"] {
        assert_eq!(with_home(text), format!("home = /new/bin\n{lost}"), "{text:?}");
    }
    assert_eq!(with_home("home = /old\n"), "home = /new/bin\n", "nothing is lost");
}

#[test]
fn copies_of_the_old_python_become_copies_of_the_new_one() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let root = tempfile::tempdir().unwrap();
    let (env, new) = (root.path().join("api"), root.path().join("new/bin/python3.12"));
    std::fs::create_dir_all(env.join("bin")).unwrap();
    std::fs::create_dir_all(new.parent().unwrap()).unwrap();
    std::fs::write(&new, "the new one").unwrap();
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(env.join("pyvenv.cfg"), "home = /gone/bin\n").unwrap();
    for name in ["python", "python3.12"] {
        std::fs::write(env.join("bin").join(name), "the old one").unwrap();
    }
    std::fs::write(env.join("bin/python3.12-tool"), "a tool").unwrap();
    std::fs::write(env.join("bin/pypy3"), "#!/bin/sh\n").unwrap();
    symlink("python", env.join("bin/python3")).unwrap();
    let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env.clone());
    let interpreter = Interpreter { executable: new, ..interpreter() };
    let read = |name: &str| std::fs::read_to_string(env.join("bin").join(name)).unwrap();
    let expected = ["bin/python", "bin/python3.12", "pyvenv.cfg"].map(PathBuf::from);
    assert_eq!(relink(&environment, &interpreter, true).unwrap(), expected);
    assert_eq!(read("python"), "the old one", "a dry run");
    assert_eq!(relink(&environment, &interpreter, false).unwrap(), expected);
    for name in ["python", "python3", "python3.12"] {
        assert_eq!(read(name), "the new one", "{name}");
    }
    assert_eq!((read("python3.12-tool"), read("pypy3")), ("a tool".into(), "#!/bin/sh\n".into()));
    assert_eq!(std::fs::metadata(env.join("bin/python")).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn every_link_that_leads_out_leads_to_the_new_python_and_others_stay() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    let env = root.path().join("api");
    std::fs::create_dir_all(env.join("bin")).unwrap();
    std::fs::write(env.join("pyvenv.cfg"), "home = /gone/bin\n").unwrap();
    for (name, target) in [("python", "/gone/bin/python3.12"), ("python3", "python"), ("tool", "/gone/bin/tool")] {
        symlink(target, env.join("bin").join(name)).unwrap();
    }
    let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env.clone());
    let changed = relink(&environment, &interpreter(), true).unwrap();
    assert_eq!(changed, [PathBuf::from("bin/python"), "bin/python3.12".into(), "pyvenv.cfg".into()]);
    let target = |name: &str| std::fs::read_link(env.join("bin").join(name)).unwrap();
    assert_eq!(target("python"), Path::new("/gone/bin/python3.12"), "a dry run");
    let cfg = env.join("pyvenv.cfg");
    let made = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    std::fs::File::options().append(true).open(&cfg).unwrap().set_modified(made).unwrap();
    relink(&environment, &interpreter(), false).unwrap();
    assert_eq!(target("python"), Path::new("/new/bin/python3.12"));
    // For one of another tool that is when it was created.
    assert_eq!(cfg.metadata().unwrap().modified().unwrap(), made);
    assert!(!std::fs::read_to_string(&cfg).unwrap().contains("/gone"));
    assert_eq!(target("python3"), Path::new("python"));
    assert_eq!(target("tool"), Path::new("/gone/bin/tool"));
    assert_eq!(environment.cfg().unwrap().home(), Some("/new/bin"));
}

#[test]
fn links_that_are_missing_or_lead_nowhere_are_made_again() {
    use std::os::unix::fs::symlink;
    let new = Path::new("/new/bin/python3.12");
    for (links, expected) in [
        (&[("python3", "python"), ("python3.12", "python")][..], &["python"][..]),
        (&[("python", "python3"), ("python3.12", "python3")], &["python", "python3", "python3.12"]),
        (&[("python", "python3"), ("python3", "python")], &["python", "python3.12"]),
        (&[("python", "python3"), ("python3", "/gone/bin/python3")], &["python3", "python3.12"]),
        (&[], &["python", "python3", "python3.12"]),
    ] {
        let root = tempfile::tempdir().unwrap();
        let env = root.path().join("api");
        std::fs::create_dir_all(env.join("bin")).unwrap();
        for (name, target) in links {
            symlink(target, env.join("bin").join(name)).unwrap();
        }
        let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env.clone());
        let foreseen = relink(&environment, &interpreter(), true).unwrap();
        assert_eq!(relink(&environment, &interpreter(), false).unwrap(), foreseen, "{links:?}");
        let changed: Vec<_> = expected.iter().map(|name| Path::new(BIN).join(name)).collect();
        assert_eq!(foreseen[..foreseen.len() - 1], changed, "{links:?}");
        for name in ["python", "python3", "python3.12"] {
            assert!(leads_to(&environment, name, &outward_names(&environment).unwrap()), "{links:?}: {name}");
        }
        let outward = outward_names(&environment).unwrap();
        assert!(outward.iter().all(|name| std::fs::read_link(env.join("bin").join(name)).unwrap() == new));
        assert_eq!(dead_names(&environment, &["python3"], &outward), [""; 0]);
        let cfg = environment.cfg().unwrap();
        assert_eq!((cfg.home(), cfg.include_system_site_packages()), (Some("/new/bin"), false));
        assert_eq!(cfg.get("version"), Some("3.12.9"));
    }
}
