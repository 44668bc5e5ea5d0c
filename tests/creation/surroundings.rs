//! Neither the directory that somebody is in nor settings for other purposes decide what is installed, and where to.

use std::path::Path;

use crate::support::program::{answers, create_arguments, pythons};
use crate::support::shells::Outcome;
use crate::support::wheels::{ANY, Wheels};

const SETTINGS: &str = "[global]\nno-index = true\nfind-links = ~/links\n";

fn call(wheels: &Wheels, directory: &Path, words: &[&str]) -> Outcome {
    Outcome::new(&wheels.sandbox, &wheels.command(words).current_dir(directory).output().unwrap())
}

fn create(wheels: &Wheels, directory: &Path, name: &str, options: &[&str]) -> Outcome {
    let words = create_arguments(&wheels.python, name, &[&["--no-setuptools"], options].concat());
    Outcome::new(&wheels.sandbox, &wheels.command(&words).current_dir(directory).output().unwrap())
}

fn assert_done(outcome: &Outcome, context: &str) {
    assert_eq!(outcome.status, Some(0), "{context}: {outcome:#?}");
}

#[test]
fn no_code_of_the_directory_is_run() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    let clone = wheels.sandbox.path("home/clone");
    for module in ["pip", "types", "runpy", "importlib", "logging", "ipykernel"] {
        wheels.sandbox.write(format!("home/clone/{module}.py"), "open('was-run', 'a').write(__file__)\n");
    }
    assert_done(&create(&wheels, &clone, "api", &["-i", "alpha==1.0"]), "create");
    assert_done(&call(&wheels, &clone, &["snapshot", "api"]), "snapshot");
    wheels.sandbox.write("home/clone/reqs.txt", "beta==1.0\n");
    for words in [
        &["restore", "api", "./reqs.txt"][..],
        &["restore", "api", "1"],
        &["run", "--tmp", "-i", "alpha", "python", "-c", ""],
        &["create", "other", "--no-setuptools", "-r", "reqs.txt"],
    ] {
        assert_done(&call(&wheels, &clone, words), words[0]);
        assert!(!clone.join("was-run").exists(), "{words:?}");
    }
    assert_eq!(wheels.freeze("api"), "alpha==1.0\nbeta==1.0\n");
    assert_eq!(wheels.freeze("other"), "beta==1.0\n");
    // Before Python 3.10, pip reads it.
    wheels.sandbox.write("home/clone/setup.cfg", format!("[install]\ninstall_lib = {}\n", clone.join("lib").display()));
    for (at, python) in pythons().iter().filter(|python| answers(python, "(3, 8)", "(3, 10)")).enumerate() {
        let words = create_arguments(python, format!("old{at}"), &["--no-setuptools", "-i", "beta"]);
        let output = wheels.command(&words).current_dir(&clone).output().unwrap();
        assert_done(&Outcome::new(&wheels.sandbox, &output), "old");
        assert_eq!(wheels.freeze(&format!("old{at}")), "beta==1.0\n", "{}", python.display());
    }
}

#[test]
fn no_setting_of_the_directory_counts_with_uv() {
    let Some(wheels) = Wheels::new("uv") else { return };
    wheels.add("alpha", "9.0", ANY, "", "");
    let (clone, evil) = (wheels.sandbox.path("home/clone"), wheels.sandbox.path("home/clone/w"));
    std::fs::create_dir_all(&evil).unwrap();
    let wheel = format!("alpha-9.0-{ANY}.whl");
    std::fs::rename(wheels.sandbox.path("wheels").join(&wheel), evil.join(&wheel)).unwrap();
    wheels.add_common();
    let settings = "no-index = true\nfind-links = [\"./w\"]\n";
    wheels
        .sandbox
        .write("home/clone/pyproject.toml", format!("[project]\nname = \"q\"\nversion = \"1\"\n[tool.uv]\n{settings}"));
    wheels.sandbox.write("home/clone/a/uv.toml", "override-dependencies = [\"beta==9\"]\n[pip]\ntarget = \"out\"\n");
    wheels.sandbox.write("home/clone/a/b/x", "");
    for (name, directory) in [("one", clone.clone()), ("two", clone.join("a")), ("three", clone.join("a/b"))] {
        assert_done(&create(&wheels, &directory, name, &["-i", "alpha"]), name);
        assert_eq!(wheels.freeze(name), "alpha==2.0\nbeta==1.0\n", "{name}");
    }
    assert_done(&call(&wheels, &clone, &["snapshot", "one"]), "snapshot");
    wheels.sandbox.write("home/clone/reqs.txt", "beta==1.0\n");
    assert_done(&call(&wheels, &clone, &["restore", "one", "./reqs.txt"]), "restore");
    assert_done(&call(&wheels, &clone, &["restore", "one", "1"]), "back");
    assert_eq!(wheels.freeze("one"), "alpha==2.0\nbeta==1.0\n");
    // The user's own file counts, but for another place.
    for key in ["target", "prefix"] {
        wheels.sandbox.write("home/.config/uv/uv.toml", format!("[pip]\n{key} = \"out\"\n"));
        assert_done(&create(&wheels, &clone, key, &["-i", "alpha"]), key);
        assert_eq!(wheels.freeze(key), "alpha==2.0\nbeta==1.0\n", "{key}");
        let bare = format!("bare-{key}");
        let words = format!("the environment has no pip, and uv's own setting `pip.{key}` leads elsewhere");
        create(&wheels, &clone, &bare, &["--no-pip", "-i", "alpha"]).fails_with_hint(key, &words);
    }
}

#[test]
fn no_setting_of_pip_leads_elsewhere() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let home = wheels.sandbox.path("home");
        let other = wheels.create(&wheels.python, "other", &[]);
        let python = other.join("bin/python");
        for (at, setting) in [
            format!("python = {}\n", python.display()),
            format!("[install]\npython = {}\n", python.display()),
            "[install]\ndry-run = true\n".to_owned(),
            "dry_run = 1\n".to_owned(),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("env{at}");
            wheels.sandbox.write("home/.config/pip/pip.conf", format!("{SETTINGS}{setting}"));
            assert_done(&create(&wheels, &home, &name, &["-i", "alpha"]), &setting);
            assert_eq!(wheels.freeze(&name), "alpha==2.0\nbeta==1.0\n", "{setting}");
            assert_eq!(wheels.freeze("other"), "", "{setting}");
        }
    }
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    wheels.sandbox.write("home/.config/pip/pip.conf", format!("{SETTINGS}version = true\n"));
    let outcome = create(&wheels, &wheels.sandbox.path("home"), "api", &["-i", "alpha"]);
    outcome.fails("version", "`version` must be no, or pip only prints its version");
}
