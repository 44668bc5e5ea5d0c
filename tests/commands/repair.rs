//! `venvwrap repair`.

mod activation;
mod elsewhere;
mod moved;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{
    assert_works, call, create, create_arguments, names_in, program, python, pythons, remove_interpreter, residue,
};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::wheels::Wheels;

#[test]
fn a_dead_environment_works_again_and_keeps_its_packages() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    remove_interpreter(&env);
    let outcome = call(&sandbox, &["repair", "--dry-run", "api"]);
    assert!(outcome.stderr.starts_with("would repair `api`: the interpreter `/gone/bin/python3`"), "{outcome:#?}");
    assert!(!env.join("bin/python").exists());
    let outcome = call(&sandbox, &["repair", "api"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_works(&env);
    assert_eq!(call(&sandbox, &["repair", "--all"]).succeeds("all"), "");
}

#[test]
fn one_that_cannot_be_repaired_stops_no_other() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for name in ["api", "old"] {
        remove_interpreter(&create(&sandbox, &python, name));
    }
    let library = std::fs::read_dir(sandbox.env_path("old").join("lib")).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(library, sandbox.env_path("old").join("lib/python3.2")).unwrap();
    let outcome = call(&sandbox, &["repair", "--all", "--json"]);
    assert_eq!(outcome.status, Some(1), "{outcome:#?}");
    assert!(outcome.stderr.contains("could not repair `old`: Python 3.2 is gone from this machine"), "{outcome:#?}");
    let value: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let states = |value: &serde_json::Value| {
        let found = value["environments"].as_array().unwrap().iter();
        found.map(|found| found["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states(&value), ["repaired", "failed"]);
    assert_works(&sandbox.env_path("api"));
    // What works has nothing to be repaired, and says so.
    let again = call(&sandbox, &["repair", "api", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!((again.status, states(&value)), (Some(0), vec!["ok".to_owned()]), "{again:#?}");
    assert_eq!(value["environments"][0]["changed"], serde_json::json!([]));
    assert!(value["environments"][0]["problem"].is_null(), "{value}");
}

/// Those of PyPy as well: another one on PATH would run.
#[test]
fn every_name_of_the_interpreter_is_missed_and_comes_back() {
    let Some(pypy) = pythons().iter().find(|path| path.ends_with("pypy3")) else {
        return crate::support::tools::skip("there is no PyPy");
    };
    let sandbox = Sandbox::new();
    for (options, name) in [(&["--no-pip"][..], "api"), (&["--no-pip", "--copies"], "copies")] {
        call(&sandbox, &create_arguments(pypy, name, options)).succeeds(name);
        let env = sandbox.env_path(name);
        for lost in ["pypy", "pypy3", "python3"] {
            std::fs::remove_file(env.join("bin").join(lost)).unwrap();
            let told = call(&sandbox, &["doctor", name]);
            assert!(told.stdout.contains(&format!("has no working `bin/{lost}`")), "{told:#?}");
            let planned = call(&sandbox, &["repair", "-n", name]);
            assert!(planned.stderr.starts_with(&format!("would repair `{name}`: ")), "{planned:#?}");
            assert!(!env.join("bin").join(lost).exists());
            let repaired = call(&sandbox, &["repair", name]);
            assert!(repaired.stderr.starts_with(&format!("repaired `{name}`: ")), "{repaired:#?}");
            assert_eq!(std::fs::read_link(env.join("bin").join(lost)).unwrap(), Path::new("python"));
            call(&sandbox, &["doctor", name]).succeeds(lost);
        }
    }
}

/// A copy made by hand: its tool would go on running the original.
#[test]
fn a_copy_without_pip_and_activate_scripts_runs_no_other_environment() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let first = format!("#!/bin/sh\n'''exec' \"{}/bin/python\" \"$0\" \"$@\"\n' '''\nprint(1)\n", env.display());
    sandbox.write_program(env.join("bin/tool"), &first);
    record(&sandbox, &env, "tool");
    let copy = sandbox.env_path("copy");
    assert!(std::process::Command::new("cp").arg("-a").args([&env, &copy]).status().unwrap().success());
    for name in crate::support::program::names_in(&copy.join("bin")) {
        let text = name.to_string_lossy().to_lowercase();
        if text.starts_with("pip") || text.starts_with("activate") {
            std::fs::remove_file(copy.join("bin").join(name)).unwrap();
        }
    }
    assert_eq!(call(&sandbox, &["repair", "copy"]).status, Some(0));
    let tool = std::fs::read_to_string(copy.join("bin/tool")).unwrap();
    assert!(tool.contains("envs/copy/bin/python"), "{tool}");
    assert!(std::fs::read_to_string(env.join("bin/tool")).unwrap().contains("envs/api/bin/python"));
}

#[test]
fn a_version_that_the_python_does_not_have_is_put_right() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let cfg = env.join("pyvenv.cfg");
    let before = std::fs::read_to_string(&cfg).unwrap();
    let is_version = |line: &str| line.starts_with("version");
    let lying: String = before
        .lines()
        .map(|line| {
            if is_version(line) {
                line.split('=').next().unwrap().to_owned() + "= 3.2.1\n"
            } else {
                line.to_owned() + "\n"
            }
        })
        .collect();
    std::fs::write(&cfg, &lying).unwrap();
    let told = call(&sandbox, &["doctor", "api"]).stdout;
    assert!(told.contains("[cfg-lies]") && told.contains("fix: venvwrap repair api\n"), "{told}");
    let dry = call(&sandbox, &["repair", "--dry-run", "api"]);
    assert!(dry.stderr.contains("would repair `api`: its `pyvenv.cfg` says Python 3.2.1"), "{dry:#?}");
    assert_eq!(std::fs::read_to_string(&cfg).unwrap(), lying);
    assert_eq!(call(&sandbox, &["repair", "api"]).status, Some(0));
    assert_eq!(std::fs::read_to_string(&cfg).unwrap(), before);
    assert!(!call(&sandbox, &["doctor", "api"]).stdout.contains("cfg-lies"));
    assert_works(&env);
}

#[test]
fn one_that_was_moved_by_hand_names_its_own_path_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let old = create(&sandbox, &python, "beta");
    let own = ["activate", "activate.fish", "activate.csh", "activate.nu", "activate_this.py", "activate.bat"];
    for name in own {
        let script = old.join("bin").join(name);
        let text = std::fs::read_to_string(&script).unwrap_or_else(|_| format!("set VIRTUAL_ENV={}\n", old.display()));
        std::fs::write(&script, text + "# mine\n").unwrap();
    }
    std::fs::rename(&old, sandbox.env_path("gamma")).unwrap();
    let outcome = call(&sandbox, &["repair", "gamma"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_works(&sandbox.env_path("gamma"));
    for name in own {
        let text = std::fs::read_to_string(sandbox.env_path("gamma/bin").join(name)).unwrap();
        assert!(text.ends_with("# mine\n") && !text.contains(old.to_str().unwrap()), "{name}: {text}");
    }
    let pip = std::process::Command::new(sandbox.env_path("gamma").join("bin/pip")).arg("--version").output().unwrap();
    assert!(pip.status.success(), "{pip:?}");
}

#[test]
fn a_script_that_is_a_link_out_is_named_and_not_called_repaired() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "beta");
    let (pip, elsewhere) = (env.join("bin/pip"), sandbox.path("home/pip"));
    std::fs::rename(&pip, &elsewhere).unwrap();
    symlink(&elsewhere, &pip).unwrap();
    std::fs::rename(&env, sandbox.env_path("gamma")).unwrap();
    for time in ["first", "second"] {
        let outcome = call(&sandbox, &["repair", "gamma"]);
        outcome.fails_with_hint(time, "`bin/pip` of `gamma` is a link that leads out of it, to `[ROOT]/home/pip`");
    }
    std::fs::remove_file(sandbox.env_path("gamma/bin/pip")).unwrap();
    std::fs::copy(&elsewhere, sandbox.env_path("gamma/bin/pip")).unwrap();
    assert_eq!(call(&sandbox, &["repair", "gamma"]).status, Some(0));
    assert_works(&sandbox.env_path("gamma"));
}

/// A copy by hand without an activate script names its original only in its programs.
#[test]
fn one_repair_mends_all_that_it_can() {
    let Some(python) = python() else { return };
    for lost in [&["activate"][..], &["activate", "python3"], &["activate", "python", "python3"]] {
        let sandbox = Sandbox::new();
        let (original, copy) = (create(&sandbox, &python, "api"), sandbox.env_path("copy"));
        assert!(Command::new("cp").arg("-a").args([&original, &copy]).status().unwrap().success());
        for name in lost {
            std::fs::remove_file(copy.join("bin").join(name)).unwrap();
        }
        let outcome = call(&sandbox, &["repair", "copy"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let doctor = call(&sandbox, &["doctor", "copy"]);
        assert_eq!((doctor.status, &*doctor.stdout), (Some(0), ""), "{lost:?}: {doctor:#?}");
        let pip = std::fs::read_to_string(copy.join("bin/pip")).unwrap();
        assert!(pip.contains(copy.to_str().unwrap()), "{lost:?}: {pip}");
    }
}

/// Its name in no encoding: no shell could take what is not quoted, and no activate script name it.
#[test]
fn what_no_script_can_name_is_to_be_renamed() {
    use std::os::unix::ffi::OsStrExt;
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let original = create(&sandbox, &python, "api");
    let name = std::ffi::OsStr::from_bytes(b"n\xff");
    let copy = original.with_file_name(name);
    assert!(Command::new("cp").arg("-a").args([&original, &copy]).status().unwrap().success());
    let doctor = call(&sandbox, &["doctor"]);
    assert_eq!(doctor.stdout.matches("  fix: venvwrap rename $'n\\377' NEW\n").count(), 2, "{doctor:#?}");
    let fixed = call(&sandbox, &["doctor", "--fix"]);
    assert!(!fixed.stderr.contains("fixed"), "{fixed:#?}");
    let outcome = call(&sandbox, &["repair".as_ref(), name]);
    assert!(outcome.stderr.ends_with("hint: `venvwrap rename $'n\\377' NEW` gives it a name that shells can use\n"));
    let outcome = call(&sandbox, &["rename".as_ref(), name, "new".as_ref()]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    let doctor = call(&sandbox, &["doctor"]);
    assert_eq!((doctor.status, &*doctor.stdout), (Some(0), ""), "{doctor:#?}");
}

/// Directories that were added, and their `.venv`, follow an environment that was moved by hand; a copy leaves them to its original.
#[test]
fn added_directories_follow_the_store() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let added = sandbox.path("home/added");
    std::fs::create_dir_all(&added).unwrap();
    let outcome = call(&sandbox, &["project", "set", "--add", "api", added.to_str().unwrap()]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    let linked = sandbox.path("home/linked");
    std::fs::create_dir_all(&linked).unwrap();
    assert_eq!(call(&sandbox, &["link", "--uv", "api", linked.to_str().unwrap()]).status, Some(0));
    assert_eq!(call(&sandbox, &["link", "api", added.to_str().unwrap()]).status, Some(0));
    let moved = sandbox.path("moved");
    let in_moved = |words: &[&str]| {
        let mut command = program(&sandbox, words);
        Outcome::new(&sandbox, &command.env("WORKON_HOME", &moved).output().unwrap()).stdout
    };
    std::fs::create_dir(&moved).unwrap();
    assert!(Command::new("cp").arg("-a").arg(&env).arg(&moved).status().unwrap().success());
    in_moved(&["repair", "--all"]);
    assert!(!in_moved(&["project", "list"]).contains("added"));
    assert_eq!(std::fs::read_link(linked.join(".venv")).unwrap(), env);
    std::fs::remove_dir_all(&moved).unwrap();
    std::fs::rename(sandbox.path("envs"), &moved).unwrap();
    in_moved(&["repair", "--all"]);
    assert!(in_moved(&["project", "list"]).contains("added"));
    assert_eq!(std::fs::read_link(linked.join(".venv")).unwrap(), moved.join("api"));
    let redirection = std::fs::read_to_string(added.join(".venv")).unwrap();
    assert_eq!(redirection.trim_end(), moved.join("api").to_str().unwrap());
}

#[test]
fn programs_whose_interpreter_is_gone_run_again_in_an_environment_that_works() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let (script, own) = (env.join("bin/tool"), env.join("bin/own"));
    for script in [&script, &own] {
        sandbox.write_program(script, "#!/gone/api/bin/python\nprint('runs')\n");
    }
    assert_eq!(call(&sandbox, &["doctor", "api"]).succeeds("what no package has brought is the user's"), "");
    record(&sandbox, &env, "tool");
    let outcome = call(&sandbox, &["repair", "--dry-run", "api"]);
    assert!(outcome.stderr.contains("would repair `api`: some of its scripts do not work"), "{outcome:#?}");
    assert!(std::fs::read_to_string(&script).unwrap().contains("/gone/"), "a dry run");
    assert!(call(&sandbox, &["doctor"]).stdout.contains("fix: venvwrap repair api"));
    let outcome = call(&sandbox, &["repair", "api"]);
    assert_eq!(outcome.stderr, "repaired `api`: some of its scripts do not work\n", "{outcome:#?}");
    let output = std::process::Command::new(&script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "runs\n");
    assert!(std::fs::read_to_string(&own).unwrap().contains("/gone/"), "the user's own");
    assert_eq!(call(&sandbox, &["repair", "--all"]).stderr, "");
}

/// Has a package record a program.
fn record(sandbox: &Sandbox, env: &Path, program: &str) {
    let lib = env.join("lib");
    let info = lib.join(&names_in(&lib)[0]).join("site-packages/t-1.dist-info");
    sandbox.write(info.join("METADATA"), "Name: t\nVersion: 1\n");
    sandbox.write(info.join("RECORD"), format!("../../../bin/{program},,\n"));
}

/// A project directory that became an environment has scripts of its own.
#[test]
fn scripts_of_the_directory_stay_as_they_are() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let project = sandbox.path("it's mine");
    let text = "#!/gone/project/bin/python\nprint('mine')\n";
    sandbox.write_program(project.join("bin/tool"), text);
    for time in ["first", "second"] {
        let words = ["venv", "--no-setuptools", "-p", python.to_str().unwrap(), project.to_str().unwrap()];
        assert_eq!(call(&sandbox, &words).status, Some(0), "{time}");
        assert_eq!(std::fs::read_to_string(project.join("bin/tool")).unwrap(), text, "{time}");
    }
    for name in ["activate", "pip", "pip3"] {
        std::fs::remove_file(project.join("bin").join(name)).unwrap();
    }
    let path = project.to_str().unwrap();
    let repaired = call(&sandbox, &["repair", path]);
    assert!(repaired.stderr.contains("; `pip` and "), "{repaired:#?}");
    assert_eq!(std::fs::read_to_string(project.join("bin/tool")).unwrap(), text);
    assert_works(&project);
}

/// pip is there, and its scripts are not.
#[test]
fn scripts_of_packages_that_are_gone_are_written_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "it's");
    let (pip, old) = (env.join("bin/pip"), std::fs::read(env.join("bin/pip")).unwrap());
    std::fs::remove_file(&pip).unwrap();
    let doctor = call(&sandbox, &["doctor", "it's"]);
    assert!(doctor.status == Some(1) && doctor.stdout.contains("`pip` is gone"), "{doctor:#?}");
    assert!(doctor.stdout.contains("[script-lost]\n  fix: venvwrap repair 'it'\\''s'"), "{doctor:#?}");
    assert!(!call(&sandbox, &["doctor", "--deep", "it's"]).stdout.contains("packages-altered"));
    assert_eq!(call(&sandbox, &["repair", "--dry-run", "it's"]).stderr, "would repair `it's`: `pip` is gone\n");
    assert!(!pip.exists());
    assert_eq!(call(&sandbox, &["repair", "it's"]).stderr, "repaired `it's`: `pip` is gone\n");
    assert_eq!(std::fs::read(&pip).unwrap(), old);
    assert!(Command::new(&pip).arg("--version").output().unwrap().status.success());
    assert_eq!(call(&sandbox, &["doctor", "--deep", "it's"]).succeeds("all is well"), "");
    assert_eq!(call(&sandbox, &["repair", "--all"]).stderr, "");
}

/// The script of pip has no code of its own, so that it is the environment's whatever Python it names.
#[test]
fn a_script_that_an_installer_has_generated_gets_the_interpreter_of_its_environment() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let (pip, own) = (env.join("bin/pip"), env.join("bin/own"));
    let text = std::fs::read_to_string(&pip).unwrap();
    let body = &text[text.find("import sys").unwrap()..];
    sandbox.write_program(&own, "#!/usr/python-gone\nprint('mine')\n");
    std::fs::write(&pip, format!("#!/usr/python-gone\n{body}")).unwrap();
    let run = call(&sandbox, &["run", "api", "pip", "-V"]);
    assert!(run.status == Some(126) && run.stderr.contains("`venvwrap repair api`"), "{run:#?}");
    let doctor = call(&sandbox, &["doctor", "api"]);
    assert!(doctor.stdout.contains("[script-dead]\n  fix: venvwrap repair api"), "{doctor:#?}");
    let repaired = call(&sandbox, &["repair", "api"]);
    assert_eq!(repaired.stderr, "repaired `api`: some of its scripts do not work\n", "{repaired:#?}");
    assert_eq!(std::fs::read_to_string(&pip).unwrap(), text);
    assert!(std::fs::read_to_string(&own).unwrap().contains("python-gone"), "it may have a reason");
    assert_eq!(call(&sandbox, &["run", "api", "pip", "-V"]).status, Some(0));
}

/// A copy whose scripts lead to their source by a link: their packages are those of another environment.
#[test]
fn a_script_of_a_package_that_runs_the_python_of_another_environment_gets_its_own() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let (source, env) = (create(&sandbox, &python, "source"), create(&sandbox, &python, "api"));
    let link = sandbox.path("p/.venv");
    std::fs::create_dir(sandbox.path("p")).unwrap();
    symlink(&source, &link).unwrap();
    // A blank is in the path.
    let head = format!("#!/bin/sh\n'''exec' '{}/bin/python' \"$0\" \"$@\"\n' '''\n", link.display());
    for (name, body) in [("tool", "import sys; print(sys.prefix)\n"), ("mine", "print(1)\n")] {
        sandbox.write_program(env.join("bin").join(name), &format!("{head}{body}"));
    }
    let library = env.join("lib").join(&names_in(&env.join("lib"))[0]);
    let info = library.join("site-packages/t-1.dist-info");
    std::fs::create_dir(&info).unwrap();
    std::fs::write(info.join("METADATA"), "Name: t\nVersion: 1\n").unwrap();
    std::fs::write(info.join("RECORD"), "../../../bin/tool,,\n").unwrap();
    assert_eq!(call(&sandbox, &["run", "api", "tool"]).stdout, "[ROOT]/p/.venv\n");
    let doctor = call(&sandbox, &["doctor", "api"]);
    let told = "`tool` runs the Python of another environment: `[ROOT]/p/.venv/bin/python`";
    assert!(doctor.status == Some(1) && doctor.stdout.contains(told), "{doctor:#?}");
    assert!(doctor.stdout.contains("[moved]\n  fix: venvwrap repair api"), "{doctor:#?}");
    assert_eq!(call(&sandbox, &["doctor", "--fix", "api"]).status, Some(0));
    assert_eq!(call(&sandbox, &["run", "api", "tool"]).stdout, "[ROOT]/envs/api\n");
    assert!(std::fs::read_to_string(env.join("bin/mine")).unwrap().contains("/p/.venv/"), "it may have a reason");
    assert_eq!(call(&sandbox, &["repair", "api"]).succeeds("repaired"), "");
    assert_eq!(call(&sandbox, &["doctor", "source"]).status, Some(0));
}

/// pip writes the path of the interpreter as it is into the scripts that a package brings along.
#[test]
fn scripts_whose_interpreter_is_in_a_directory_with_blanks_run() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "it's mine");
    let script = env.join("bin/tool");
    sandbox.write_program(&script, &format!("#!{}/bin/python -E\nprint('runs', __file__)\n", env.display()));
    assert!(Command::new(&script).output().is_err());
    let doctor = call(&sandbox, &["doctor"]);
    assert!(doctor.stdout.contains("[script-dead]\n  fix: venvwrap repair"), "{doctor:#?}");
    let outcome = call(&sandbox, &["doctor", "--fix"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    let output = Command::new(&script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("runs {}\n", script.display()), "{output:?}");
    assert_eq!(call(&sandbox, &["repair", "--all"]).stderr, "");
}

/// A zip archive that was made without permissions, or a memory stick, was on the way.
#[test]
fn programs_that_lost_their_permissions_run_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "it's");
    let bin = env.join("bin");
    let pip = bin.join("pip");
    for name in names_in(&bin) {
        let path = bin.join(name);
        if path.symlink_metadata().unwrap().is_file() {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
        }
    }
    assert!(Command::new(&pip).arg("--version").output().is_err());
    let doctor = call(&sandbox, &["doctor", "it's"]);
    assert!(doctor.stdout.contains("cannot be executed") && doctor.status == Some(1), "{doctor:#?}");
    assert!(doctor.stdout.contains("fix: venvwrap repair 'it'\\''s'"), "{doctor:#?}");
    let outcome = call(&sandbox, &["repair", "it's"]);
    assert_eq!(outcome.stderr, "repaired `it's`: some of its scripts do not work\n", "{outcome:#?}");
    assert!(Command::new(&pip).arg("--version").output().unwrap().status.success());
    let is_executable = |name: &str| bin.join(name).metadata().unwrap().permissions().mode() & 0o111 != 0;
    assert!(!is_executable("activate"), "what is sourced is no program");
    assert_eq!(call(&sandbox, &["doctor", "it's"]).succeeds("all is well"), "");
    assert_eq!(call(&sandbox, &["repair", "--all"]).stderr, "");
}

#[test]
fn the_doctor_repairs_what_is_dead_or_moved_and_names_what_helps_otherwise() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for name in ["dead", "it's", "old"] {
        remove_interpreter(&create(&sandbox, &python, name));
    }
    std::fs::rename(create(&sandbox, &python, "before"), sandbox.env_path("moved")).unwrap();
    std::fs::remove_file(create(&sandbox, &python, "bare").join("bin/activate")).unwrap();
    let library = std::fs::read_dir(sandbox.env_path("old").join("lib")).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(library, sandbox.env_path("old").join("lib/python3.2")).unwrap();
    let outcome = call(&sandbox, &["doctor", "--fix", "dead", "it's", "old", "moved", "bare"]);
    assert_eq!(outcome.status, Some(1), "{outcome:#?}");
    assert_eq!(outcome.stderr.matches("fixed: ").count(), 4, "{outcome:#?}");
    assert!(outcome.stdout.contains("fix: venvwrap upgrade old -p 3."), "{outcome:#?}");
    for name in ["dead", "it's", "moved", "bare"] {
        assert_works(&sandbox.env_path(name));
    }
    assert_eq!(call(&sandbox, &["doctor", "dead", "it's", "moved", "bare"]).succeeds("all is well"), "");
}

/// What every message names where no Python of the version is left, and where `--fix` changes nothing.
#[test]
fn a_repair_that_must_fail_is_named_nowhere() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "it's");
    let lib = env.join("lib");
    std::fs::rename(lib.join(&names_in(&lib)[0]), lib.join("python3.99")).unwrap();
    remove_interpreter(&env);
    for words in [
        &["doctor", "it's"][..],
        &["doctor", "--fix", "it's"],
        &["repair", "it's"],
        &["run", "it's", "python"],
        &["activate", "it's"],
        &["link", "--uv", "it's"],
        &["__plan", "bash", "workon", "it's"],
    ] {
        let outcome = call(&sandbox, words);
        let told = outcome.stdout.clone() + &outcome.stderr;
        assert!(told.contains("venvwrap upgrade 'it'\\''s' -p 3."), "{words:?}: {outcome:#?}");
        assert!(!told.contains("venvwrap repair"), "{words:?}: {outcome:#?}");
    }
}

/// Only its home is put back: the rest of the file says how the environment was made.
#[test]
fn a_configuration_without_its_home_is_completed() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let cfg = env.join("pyvenv.cfg");
    let before = std::fs::read_to_string(&cfg).unwrap().replace("packages = false", "packages = true");
    let mut lines: Vec<_> = before.lines().filter(|line| !line.starts_with("home =")).collect();
    let lost = lines.join("\n") + "\n";
    lines.sort_unstable();
    for verb in ["repair", "workon"] {
        std::fs::write(&cfg, &lost).unwrap();
        let refused = call(&sandbox, &["run", "api", "python", "-c", "0"]);
        refused.fails_with_hint("run", "`pyvenv.cfg` of `api` names no Python");
        let words = if verb == "repair" { vec!["repair", "api"] } else { vec!["__plan", "bash", "workon", "api"] };
        let told = call(&sandbox, &words).stderr;
        let expected =
            if verb == "repair" { "names no Python" } else { "repaired `api`: its `pyvenv.cfg` named no Python" };
        assert!(told.contains(expected) && !told.contains("was gone"), "{verb}: {told}");
        let after = std::fs::read_to_string(&cfg).unwrap();
        let mut kept: Vec<_> = after.lines().filter(|line| !line.starts_with("home =")).collect();
        assert!(after.contains("home = /"), "{verb}: {after}");
        kept.sort_unstable();
        assert_eq!(kept, lines, "{verb}");
        assert_works(&env);
    }
}

#[test]
fn workon_repairs_what_takes_no_time_and_says_so() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let plan = |expected: &str| {
        let outcome = call(&sandbox, &["__plan", "bash", "workon", "api"]);
        assert!(outcome.stderr.contains(expected), "{expected}: {outcome:#?}");
    };
    remove_interpreter(&env);
    sandbox.write("home/.config/venvwrap/config.toml", "auto_repair = false\n");
    plan("no longer exists; `venvwrap repair api` repairs the environment");
    assert!(!env.join("bin/python").exists());
    sandbox.write("home/.config/venvwrap/config.toml", "");
    plan("repaired `api`: its Python was gone");
    assert_works(&env);
    plan("");
}

#[test]
fn names_and_links_are_refused_in_one_line() {
    let sandbox = Sandbox::new();
    let outside: PathBuf = sandbox.path("home/outside");
    std::fs::create_dir_all(outside.join("bin")).unwrap();
    std::fs::write(outside.join("pyvenv.cfg"), "home = /gone/bin\n").unwrap();
    std::fs::create_dir(sandbox.path("envs")).unwrap_or_default();
    symlink(&outside, sandbox.env_path("linked")).unwrap();
    call(&sandbox, &["repair", "linked"]).fails_with_hint("linked", "`linked` is a link to");
    call(&sandbox, &["repair", "nothing"]).fails_with_hint("nothing", "no environment is named `nothing`");
    assert_eq!(call(&sandbox, &["repair"]).status, Some(2));
    assert_eq!(call(&sandbox, &["repair", "--all"]).status, Some(0));
}

/// No hint leads to a command that refuses a link.
#[test]
fn what_is_wrong_with_a_link_is_to_be_repaired_where_it_is() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for (lost, runs) in [("bin/activate", true), ("bin/python3", false), ("pyvenv.cfg", false), ("", true)] {
        let outside = sandbox.path("home/outside");
        std::fs::rename(create(&sandbox, &python, "old"), &outside).unwrap();
        let env = sandbox.env_path("api");
        symlink(&outside, &env).unwrap();
        if !lost.is_empty() {
            std::fs::remove_file(outside.join(lost)).unwrap();
        }
        let doctor = call(&sandbox, &["doctor", "api"]);
        assert!(doctor.stdout.contains("to be repaired there"), "{lost}: {doctor:#?}");
        let plan = call(&sandbox, &["__plan", "bash", "workon", "api"]);
        let run = call(&sandbox, &["run", "api", "python3", "-c", "0"]);
        assert_eq!(run.status == Some(0), runs, "{lost}: {run:#?}");
        for outcome in [&doctor, &plan, &run] {
            let told = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(
                !["repair api", "upgrade", "same name"].iter().any(|word| told.contains(word)),
                "{lost}: {outcome:#?}"
            );
        }
        std::fs::remove_file(&env).unwrap();
        std::fs::rename(&outside, sandbox.path(format!("home/old{}", lost.replace('/', "")))).unwrap();
    }
}

#[test]
fn what_would_run_another_python_unseen_is_refused_and_repaired() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for (lost, copies) in [("bin/python", false), ("bin/python3", false), ("pyvenv.cfg", false), ("pyvenv.cfg", true)] {
        let env = create(&sandbox, &python, "it's");
        if copies {
            std::fs::remove_file(env.join("bin/python")).unwrap();
            std::fs::copy(&python, env.join("bin/python")).unwrap();
        }
        std::fs::remove_file(env.join(lost)).unwrap();
        let doctor = call(&sandbox, &["doctor", "it's"]);
        assert!(doctor.stdout.contains("repair"), "{lost}: {doctor:#?}");
        let program = if lost == "bin/python3" { "python3" } else { "python" };
        let run = call(&sandbox, &["run", "it's", program, "-c", "0"]);
        assert_eq!(run.status, Some(126), "{lost}: {run:#?}");
        assert!(run.stderr.contains("repair "), "{lost}: {run:#?}");
        sandbox.write("home/.config/venvwrap/config.toml", "auto_repair = false\n");
        let plan = call(&sandbox, &["__plan", "bash", "workon", "it's"]);
        assert!(plan.stderr.contains("repairs the environment"), "{lost}: {plan:#?}");
        let outcome = call(&sandbox, &["repair", "it's"]);
        assert_eq!(outcome.status, Some(0), "{lost}: {outcome:#?}");
        assert_works(&env);
        let prefix = call(&sandbox, &["run", "it's", program, "-c", "import sys; print(sys.prefix)"]);
        assert_eq!(prefix.stdout, "[ROOT]/envs/it's\n", "{lost}: {prefix:#?}");
        let healthy = call(&sandbox, &["doctor", "it's"]);
        assert_eq!(healthy.status, Some(0), "{lost}: {healthy:#?}");
        assert_eq!(call(&sandbox, &["remove", "--now", "it's"]).status, Some(0));
    }
}

/// The link of an environment leads to another minor version after an upgrade of the system: Python starts, and finds no
/// package.
#[test]
fn workon_warns_of_a_python_of_another_version_and_a_repair_of_nothing_left_is_refused() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let library = env.join("lib").join(&names_in(&env.join("lib"))[0]);
    std::fs::rename(&library, env.join("lib/python3.2")).unwrap();
    let plan = call(&sandbox, &["__plan", "bash", "workon", "api"]);
    assert!(plan.stderr.contains("the packages are for Python 3.2, the interpreter is 3."), "{plan:#?}");
    assert!(plan.stderr.contains("; `venvwrap upgrade api -p 3."), "{plan:#?}");
    std::fs::rename(env.join("lib/python3.2/site-packages"), sandbox.path("aside")).unwrap();
    std::fs::rename(env.join("lib/python3.2"), &library).unwrap();
    call(&sandbox, &["repair", "api"]).fails_with_hint("api", "the packages of `api` are gone");
}

/// Loses a part of an environment.
type Loss = fn(&Path);

/// What the doctor names puts it right, whatever is lost.
#[test]
fn the_fix_that_the_doctor_names_works() {
    let Some(wheels) = Wheels::new("pip") else { return };
    let losses: [(&str, Loss); 10] = [
        ("bin", |env| std::fs::remove_dir_all(env.join("bin")).unwrap()),
        ("lib", |env| std::fs::remove_dir_all(env.join("lib")).unwrap()),
        ("bin/python", |env| std::fs::remove_file(env.join("bin/python")).unwrap()),
        ("bin/python3", |env| std::fs::remove_file(env.join("bin/python3")).unwrap()),
        ("activate", |env| std::fs::remove_file(env.join("bin/activate")).unwrap()),
        ("pyvenv.cfg", |env| std::fs::remove_file(env.join("pyvenv.cfg")).unwrap()),
        ("its content", |env| std::fs::write(env.join("pyvenv.cfg"), "").unwrap()),
        ("its encoding", |env| std::fs::write(env.join("pyvenv.cfg"), b"\xff = \xfe\n").unwrap()),
        ("both", |env| {
            std::fs::remove_file(env.join("pyvenv.cfg")).unwrap();
            std::fs::remove_file(env.join("bin/python")).unwrap();
        }),
        ("the end of the links", |env| {
            std::fs::remove_file(env.join("bin/python")).unwrap();
            symlink("python3", env.join("bin/python")).unwrap();
        }),
    ];
    for (what, lose) in losses {
        let env = wheels.create(&wheels.python, "api", &[]);
        let library = names_in(&env.join("lib"))[0].clone();
        let known = wheels.sandbox.path("bin").join(&library);
        if !known.exists() {
            symlink(&wheels.python, known).unwrap();
        }
        lose(&env);
        let outcome = wheels.call(&["doctor", "--json", "api"]);
        let found: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let fix = &found["checks"][0]["fix"]["command"];
        let words: Vec<_> = fix.as_array().into_iter().flatten().filter_map(|word| word.as_str()).collect();
        assert!(words.first() == Some(&"venvwrap"), "{what}: {outcome:#?}");
        let fixed = wheels.call(&words[1..]);
        assert_eq!(fixed.status, Some(0), "{what}: {words:?} {fixed:#?}");
        let doctor = wheels.call(&["doctor", "api"]);
        assert_eq!((doctor.status, &*doctor.stdout), (Some(0), ""), "{what}: {words:?} {doctor:#?}");
        assert_works(&env);
        assert_eq!(wheels.call(&["remove", "--now", "api"]).status, Some(0));
    }
}

#[test]
fn an_environment_that_has_lost_both_of_its_marks_is_one_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "it's");
    for file in ["pyvenv.cfg", "bin/activate"] {
        std::fs::remove_file(env.join(file)).unwrap();
    }
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "");
    let doctor = call(&sandbox, &["doctor"]);
    assert!(doctor.stdout.contains("[marks-lost]\n  fix: venvwrap repair 'it'\\''s'\n"), "{doctor:#?}");
    let show = call(&sandbox, &["show", "it's"]);
    show.fails_with_hint("show", "it has neither `pyvenv.cfg` nor `bin/activate`");
    assert!(show.stderr.contains("hint: `venvwrap repair "), "{show:#?}");
    assert_eq!(call(&sandbox, &["repair", "it's"]).status, Some(0));
    assert_works(&env);
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "it's\n");
}

/// What is lost is told by every command that reads packages, with what brings it back.
#[test]
fn every_command_that_reads_packages_says_what_is_lost() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for name in ["good", "nocfg", "nosite", "nobin"] {
        create(&sandbox, &python, name);
    }
    std::fs::remove_file(sandbox.env_path("nocfg").join("pyvenv.cfg")).unwrap();
    std::fs::remove_dir_all(sandbox.env_path("nobin").join("bin")).unwrap();
    let lib = sandbox.env_path("nosite").join("lib");
    let library = names_in(&lib).remove(0).into_string().unwrap();
    std::fs::remove_dir_all(lib.join(&library)).unwrap();
    let commands = |name: &'static str| {
        [
            vec!["freeze", name],
            vec!["freeze", "--hashes", name],
            vec!["check", name],
            vec!["diff", name, "good"],
            vec!["diff", "good", name],
            vec!["snapshot", name],
            vec!["restore", "good", name],
            vec!["kernel", "add", name],
            vec!["bundle", name, "-o", "x"],
            vec!["dockerfile", name],
        ]
    };
    for (name, problem, hint) in [
        ("nocfg", "could not read the packages of `nocfg`: it has no `pyvenv.cfg`", "`venvwrap repair nocfg` repairs"),
        ("nosite", "the packages of `nosite` are gone: there is no `lib/", "`venvwrap restore nosite` brings back"),
    ] {
        for command in commands(name) {
            let outcome = call(&sandbox, &command);
            assert!(matches!(outcome.status, Some(1 | 2)) && outcome.stdout.is_empty(), "{command:?}: {outcome:#?}");
            let lines: Vec<_> = outcome.stderr.lines().collect();
            let [error, help] = lines[..] else { panic!("{command:?}: {outcome:#?}") };
            assert!(error.starts_with("error: ") && error.contains(problem), "{command:?}: {outcome:#?}");
            assert!(help.starts_with(&format!("hint: {hint}")), "{command:?}: {outcome:#?}");
        }
    }
    call(&sandbox, &["pack", "nocfg"]).fails_with_hint("pack", "could not pack `nocfg`: it has no `pyvenv.cfg`");
    let active = |name: &str, function: &str| {
        let mut command = crate::support::program::program(&sandbox, &["__do", function]);
        let output = command.env("VIRTUAL_ENV", sandbox.env_path(name)).output().unwrap();
        crate::support::shells::Outcome::new(&sandbox, &output)
    };
    active("nocfg", "toggleglobalsitepackages").fails_with_hint("toggle", "`nocfg` has no `pyvenv.cfg`");
    let site = sandbox.env_path("nocfg").join("lib").join(&library).join("site-packages/demo-1.dist-info");
    std::fs::create_dir(site).unwrap();
    active("nocfg", "wipeenv").fails_with_hint("wipeenv", "it has no `pyvenv.cfg`");
    let run = call(&sandbox, &["run", "nobin", "python", "-c", "1"]);
    assert!(run.stderr.contains("\nhint: `venvwrap upgrade nobin -p "), "{run:#?}");
}

/// As a kill does: in a directory of other files, or next to one that is not there yet.
#[test]
fn what_an_interrupted_command_has_left_elsewhere_is_found_and_cleared_away() {
    let sandbox = Sandbox::new();
    sandbox.write("home/full/mine", "precious");
    let left = |sandbox: &Sandbox| {
        for place in ["home/full/.venvwrap-op-full", "home/.venvwrap-op-new"] {
            sandbox.write(format!("{place}/new/bin/activate"), "half");
        }
    };
    let residue = || residue(&sandbox.path("home"));
    left(&sandbox);
    for (word, place) in [("./full", "full/.venvwrap-op-full"), ("./new", ".venvwrap-op-new")] {
        let found = call(&sandbox, &["doctor", word]);
        let expected = format!(
            "note: {word}: a command was interrupted and has left `~/{place}` [operation-leftover]\n  fix: venvwrap doctor --fix {word}\n"
        );
        assert_eq!((found.stdout, found.status), (expected, Some(0)));
        let foreseen = call(&sandbox, &["repair", "--dry-run", word]);
        let expected = format!("would finish or clear away what an interrupted command has left of `{word}`\n");
        assert_eq!((foreseen.stderr, foreseen.status), (expected, Some(0)));
    }
    assert_eq!(residue().len(), 2);
    for (verb, said) in [(&["doctor", "--fix"][..], "fixed: "), (&["repair"], "cleared away what ")] {
        left(&sandbox);
        let outcome = call(&sandbox, &[verb, &["./full", "./new"]].concat());
        assert_eq!(outcome.stderr.lines().filter(|line| line.starts_with(said)).count(), 2, "{outcome:#?}");
        assert_eq!((outcome.status, residue().len()), (Some(0), 0), "{outcome:#?}");
    }
    assert_eq!(std::fs::read(sandbox.path("home/full/mine")).unwrap(), b"precious");
    call(&sandbox, &["repair", "./full"]).fails_with_hint("full", "`./full` is not an environment");
}

/// Nobody wants an environment in `/usr`.
#[test]
fn hints_about_what_is_no_environment_fit_what_is_there() {
    let sandbox = Sandbox::new();
    sandbox.write("home/full/mine", "precious");
    std::fs::create_dir(sandbox.path("home/empty")).unwrap();
    let env = sandbox.make_env("api");
    let named = "give a name, or the directory of an environment; `venvwrap list` shows those that have a name";
    let free =
        |path: &str| format!("give a name, or the directory of an environment, as `venvwrap venv '{path}'` makes it");
    let inside = format!("it is in the environment `{}`", env.display());
    for (path, hint) in [
        ("/", named.to_string()),
        ("/usr", named.to_string()),
        ("./full", named.to_string()),
        ("./full/mine", named.to_string()),
        ("..", named.to_string()),
        ("./empty", free("./empty")),
        ("./nothere", free("./nothere")),
        (env.join("bin").to_str().unwrap(), inside.clone()),
        (env.join("bin/activate").to_str().unwrap(), inside),
    ] {
        for verb in ["repair", "doctor", "show", "upgrade"].iter().take(if path == ".." { 2 } else { 4 }) {
            let outcome = call(&sandbox, &[verb, path]);
            assert!(outcome.stderr.contains("is not an environment\n"), "{verb} {path}: {outcome:#?}");
            let hint = hint.replace(sandbox.path("").to_str().unwrap().trim_end_matches('/'), "[ROOT]");
            assert!(outcome.stderr.ends_with(&format!("hint: {hint}\n")), "{verb} {path}: {outcome:#?}");
        }
    }
    // The current directory and the one above are paths, too.
    let there = |directory: &str, word: &str| {
        let mut command = program(&sandbox, &["repair", "--dry-run", word]);
        Outcome::new(&sandbox, &command.current_dir(sandbox.path(directory)).output().unwrap())
    };
    std::fs::rename(&env, sandbox.path("home/full/env")).unwrap();
    for (directory, word) in [("home/full/env", "."), ("home/full/env/bin", "..")] {
        let outcome = there(directory, word);
        assert!(!outcome.stderr.contains("is not"), "{word}: {outcome:#?}");
        assert!(outcome.stderr.contains(&format!("repair `{word}`")), "{word}: {outcome:#?}");
    }
}

/// As everywhere else: completion leaves a slash, also where a directory of the project has the same name.
#[test]
fn a_name_with_a_slash_at_its_end_is_a_name() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "web");
    for has_directory in [false, true] {
        if has_directory {
            std::fs::create_dir(sandbox.path("home/web")).unwrap();
        }
        remove_interpreter(&env);
        let repaired = call(&sandbox, &["repair", "web/"]);
        assert!(repaired.status == Some(0) && repaired.stderr.starts_with("repaired `web`"), "{repaired:#?}");
        let planned = call(&sandbox, &["upgrade", "--dry-run", "web/"]);
        assert!(!planned.stderr.contains("is not an environment"), "{planned:#?}");
        call(&sandbox, &["repair", "web//"]).fails_with_hint("web//", "`web//` is not an environment");
        call(&sandbox, &["repair", "nothere/"]).fails_with_hint("nothere/", "`nothere/` is not an environment");
    }
    // An environment in this directory is named by its path.
    std::fs::remove_dir(sandbox.path("home/web")).unwrap();
    let made = call(&sandbox, &["venv", "-p", python.to_str().unwrap(), "web"]);
    assert_eq!(made.status, Some(0), "{made:#?}");
    remove_interpreter(&sandbox.path("home/web"));
    let repaired = call(&sandbox, &["repair", "web/"]);
    assert!(repaired.stderr.starts_with("repaired `./web`"), "{repaired:#?}");
    assert_works(&sandbox.path("home/web"));
}
