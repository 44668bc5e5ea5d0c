//! The activation scripts of every shell.

use std::path::Path;

use crate::support::program::{call, create, names_in, python};
use crate::support::sandbox::Sandbox;

/// Each shell has its own script, and nothing else is written.
#[test]
fn activation_scripts_that_are_damaged_are_written_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let read = || {
        let names = names_in(&env.join("bin")).into_iter().filter(|name| name.to_string_lossy().contains("ctivate"));
        names.map(|name| (name.clone(), std::fs::read(env.join("bin").join(name)).unwrap())).collect::<Vec<_>>()
    };
    let before = read();
    assert_eq!(call(&sandbox, &["doctor", "api"]).stdout, "");
    for name in ["activate", "activate.fish", "activate.csh", "activate.ps1", "activate.nu", "activate_this.py"] {
        let script = env.join("bin").join(name);
        let text = std::fs::read_to_string(&script).unwrap();
        let elsewhere = text.replace(env.to_str().unwrap(), "/nowhere/old");
        for (damage, id) in [
            (None, "activate-missing"),
            (Some(""), "activate-missing"),
            (Some(&text[..text.len() / 2]), "activate-missing"),
            (Some(&elsewhere), "moved"),
        ] {
            // Who has left out the script of another shell does not miss it.
            if damage.is_none() && name != "activate" {
                continue;
            }
            match damage {
                None => std::fs::remove_file(&script).unwrap(),
                Some(text) => std::fs::write(&script, text).unwrap(),
            }
            let found = call(&sandbox, &["doctor", "api"]);
            let line = format!("[{id}]");
            assert!(found.status == Some(1) && found.stdout.contains(&line), "{name}: {damage:?}: {found:#?}");
            assert!(found.stdout.contains("fix: venvwrap repair api\n"), "{name}: {found:#?}");
            let foreseen = call(&sandbox, &["repair", "api", "--dry-run", "--json"]);
            assert!(foreseen.stdout.contains(&format!("\"bin/{name}\"")), "{name}: {damage:?}: {foreseen:#?}");
            let repaired = call(&sandbox, &["repair", "api"]);
            assert_eq!(repaired.status, Some(0), "{name}: {repaired:#?}");
            assert_eq!(read(), before, "{name}: {damage:?}");
            assert_eq!(call(&sandbox, &["doctor", "api"]).stdout, "", "{name}");
        }
    }
}

/// What other tools write keeps the user's lines; what the standard library does not write is not added.
#[test]
fn scripts_that_the_creator_does_not_write_are_not_invented() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = sandbox.env_path("made");
    let output = sandbox.command(&python).args(["-m", "venv", "--without-pip"]).arg(&env).output().unwrap();
    if !output.status.success() {
        return crate::support::tools::skip("this Python has no venv");
    }
    let names = names_in(&env.join("bin"));
    std::fs::remove_file(env.join("bin/activate.csh")).unwrap();
    let mine = |name: &str, line: &str| {
        let script = env.join("bin").join(name);
        let text = std::fs::read_to_string(&script).unwrap();
        std::fs::write(script, format!("{text}{line}")).unwrap();
    };
    mine("activate.fish", "# mine\n");
    // Of a script for another shell only the path is known.
    sandbox.write("envs/made/bin/activate.xsh", format!("$VIRTUAL_ENV = r\"{}-old\"\n", env.display()));
    let found = call(&sandbox, &["doctor", "made"]);
    for part in ["its `activate.csh` is missing", "its `activate.xsh` is for `"] {
        assert!(found.stdout.contains(part), "{part}: {found:#?}");
    }
    assert_eq!(call(&sandbox, &["repair", "made"]).status, Some(0));
    assert_eq!(call(&sandbox, &["doctor", "made"]).stdout, "");
    let read = |name: &str| std::fs::read_to_string(env.join("bin").join(name)).unwrap();
    assert_eq!(read("activate.xsh"), format!("$VIRTUAL_ENV = r\"{}\"\n", env.display()));
    assert!(read("activate.fish").ends_with("# mine\n"));
    std::fs::remove_file(env.join("bin/activate.xsh")).unwrap();
    let added = |name: &std::ffi::OsString| !names.contains(name) && Path::new(name).extension().is_none();
    assert!(!names_in(&env.join("bin")).iter().any(added), "{:?}", names_in(&env.join("bin")));
}
