//! Which Python a new environment gets: what is asked for, the configuration, the project, the first on PATH. Never the
//! environment that happens to be active.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::completion::terminal::Terminal;
use crate::support::program::{call, create_arguments, program, pythons};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, in_each_shell};

/// Returns two interpreters of different versions with those versions, the default on the tests' PATH not among them.
fn two() -> Option<[(PathBuf, String); 2]> {
    let of = |python: &PathBuf| (python.clone(), version(python));
    let default = version(Path::new("/usr/bin/python3"));
    let mut found: Vec<_> = pythons().iter().filter(|path| !path.ends_with("pypy3")).map(of).collect();
    found.retain(|(_, version)| minor(version) != minor(&default));
    found.dedup_by(|a, b| minor(&a.1) == minor(&b.1));
    let [first, second, ..] = &found[..] else {
        eprintln!("skipped: there are no three versions of Python");
        return None;
    };
    Some([first.clone(), second.clone()])
}

fn version(python: &Path) -> String {
    let output = Command::new(python).args(["-c", "import platform; print(platform.python_version())"]).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim().to_string()
}

fn minor(version: &str) -> &str {
    version.rsplit_once('.').unwrap().0
}

/// A sandbox whose PATH has the default first, then the two.
struct Place {
    sandbox: Sandbox,
    path: String,
}

impl Place {
    fn new(pythons: &[(PathBuf, String); 2]) -> Self {
        let directory = |at: usize| pythons[at].0.parent().unwrap().display().to_string();
        Self { sandbox: Sandbox::new(), path: format!("/usr/bin:/bin:{}:{}", directory(0), directory(1)) }
    }

    fn create(&self, directory: &str, options: &[&str], variables: &[(&str, &str)]) -> Outcome {
        let arguments = [&["create", "--no-seed"], options].concat();
        let mut command = program(&self.sandbox, &arguments);
        command.env("PATH", &self.path).current_dir(self.sandbox.path(directory)).envs(variables.iter().copied());
        Outcome::new(&self.sandbox, &command.output().unwrap())
    }

    fn version(&self, name: &str) -> String {
        version(&self.sandbox.env_path(name).join("bin/python"))
    }
}

#[test]
fn the_active_environment_never_decides() {
    let Some(pythons) = two() else { return };
    let place = Place::new(&pythons);
    let default = version(Path::new("/usr/bin/python3"));
    for (at, (python, own)) in pythons.iter().enumerate() {
        let active = format!("active {at}");
        call(&place.sandbox, &create_arguments(python, &active, &["--no-seed"])).succeeds("the active one");
        let env = place.sandbox.env_path(&active);
        let path = format!("{}/bin:{}", env.display(), place.path);
        let variables = [("VIRTUAL_ENV", env.to_str().unwrap()), ("PATH", path.as_str())];
        for options in [&["--clear", "x"][..], &["--clear", "-p", "python3", "x"], &["--clear", "-p", ">=3.8", "x"]] {
            place.create("home", options, &variables).succeeds(&active);
            assert_eq!(place.version("x"), default, "{own} {options:?}");
        }
    }
}

#[test]
fn the_project_decides_before_path_and_after_the_user() {
    let Some(pythons) = two() else { return };
    let place = Place::new(&pythons);
    let [(_, pinned), (_, other)] = &pythons;
    place.sandbox.write("projects/pinned/.python-version", format!("{}\n", minor(pinned)));
    let range = format!("[project]\nname = 'x'\nrequires-python = '=={}.*'\n", minor(other));
    place.sandbox.write("projects/range/pyproject.toml", range);
    let pinned_directory = place.sandbox.path("projects/pinned");
    let pinned_text = pinned_directory.to_str().unwrap();
    place.create("projects/pinned", &["here"], &[]).succeeds("the current directory");
    place.create("projects/range", &["range"], &[]).succeeds("requires-python");
    place.create("projects/range", &["-a", pinned_text, "associated"], &[]).succeeds("-a");
    place.create("projects/pinned", &["-p", minor(other), "asked"], &[]).succeeds("-p");
    let variables = [("VIRTUALENV_PYTHON", minor(other))];
    place.create("projects/pinned", &["configured"], &variables).succeeds("VIRTUALENV_PYTHON");
    for (name, expected) in
        [("here", pinned), ("range", other), ("associated", pinned), ("asked", other), ("configured", other)]
    {
        assert_eq!(place.version(name), *expected, "{name}");
    }
    let mut project = program(&place.sandbox, &["create-project", "--force", "--no-seed", "pinned"]);
    project.env("PATH", &place.path).env("PROJECT_HOME", place.sandbox.path("projects"));
    Outcome::new(&place.sandbox, &project.output().unwrap()).succeeds("mkproject");
    assert_eq!(place.version("pinned"), *pinned);
}

#[test]
fn what_a_project_asks_for_in_vain_is_told() {
    let Some(pythons) = two() else { return };
    let place = Place::new(&pythons);
    let [(_, pinned), _] = &pythons;
    let pin = |text: &str| place.sandbox.write("home/.python-version", text);
    pin(&format!("{}.99", minor(pinned)));
    let outcome = place.create("home", &["a"], &[]);
    let words = format!(
        "warning: `~/.python-version` asks for `{0}.99`, which is not installed; this is {pinned}\n",
        minor(pinned)
    );
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), words.as_str()));
    pin("my-$(touch PWN)-env");
    let outcome = place.create("home", &["b"], &[]);
    assert_eq!(
        (outcome.status, outcome.stderr.as_str()),
        (Some(0), "warning: `~/.python-version` asks for `my-$(touch PWN)-env`, which is not a version of Python\n")
    );
    for text in ["3.99", "2.7", "pypy3.99"] {
        pin(text);
        place.create("home", &["c"], &[]).fails_with_hint(text, &format!("asks for Python {text}"));
    }
    assert!(!place.sandbox.env_path("c").exists());
}

#[test]
fn an_environment_that_is_renewed_keeps_its_python() {
    let Some(pythons) = two() else { return };
    let place = Place::new(&pythons);
    let [(python, own), (_, other)] = &pythons;
    call(&place.sandbox, &create_arguments(python, "x", &["--no-seed"])).succeeds("new");
    place.sandbox.write("home/.python-version", minor(other));
    let renewed = format!("renewed `x` for Python {own}\n");
    for variables in [&[][..], &[("VIRTUALENV_PYTHON", minor(other))], &[("VIRTUALENV_PYTHON", "no-such-python")]] {
        let outcome = place.create("home", &["x"], variables);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), renewed.as_str()), "{variables:?}");
        assert_eq!(place.version("x"), *own);
    }
    place.create("home", &["-q", "x"], &[]).succeeds("-q");
    // Without its base it finds another of its version.
    let env = place.sandbox.env_path("x");
    std::fs::write(env.join("pyvenv.cfg"), "home = /nowhere/bin\n").unwrap();
    for name in ["python", "python3"] {
        std::fs::remove_file(env.join("bin").join(name)).unwrap();
        std::os::unix::fs::symlink("/nowhere/bin/python3", env.join("bin").join(name)).unwrap();
    }
    assert_eq!(place.create("home", &["x"], &[]).status, Some(0));
    assert_eq!(minor(&place.version("x")), minor(own));
}

#[test]
fn the_python_is_told_on_a_terminal() {
    in_each_shell(|sandbox, shell| {
        let version = version(Path::new("/usr/bin/python3"));
        sandbox.write("home/p/.python-version", minor(&version));
        let mut terminal = Terminal::open_real(sandbox, shell, "", (24, 100));
        terminal.enter("mkvirtualenv --without-pip api");
        let line = format!("created `api` with Python {version}");
        assert!(terminal.prompt().contains(&format!("{line}\r\n")), "{}: {}", shell.name(), terminal.prompt());
        terminal.enter("cd ~/p; mkvirtualenv --without-pip 'b c'");
        let line = format!("created `b c` with Python {version} (`.python-version`)\r\n");
        assert!(terminal.prompt().contains(&line), "{}: {}", shell.name(), terminal.prompt());
        terminal.enter("mkvirtualenv -q --without-pip quiet");
        assert!(!terminal.prompt().contains("created"), "{}: {}", shell.name(), terminal.prompt());
    });
}

#[test]
fn a_project_file_that_cannot_be_read_is_told_and_temporary_environments_ask_none() {
    let Some(pythons) = two() else { return };
    let place = Place::new(&pythons);
    let file = |text: &str| place.sandbox.write("home/p/pyproject.toml", text);
    file("[project]\nname = 'p'\nrequires-python = >=3.9\n");
    let outcome = place.create("home/p", &["a"], &[]);
    assert_eq!((outcome.status, outcome.stderr.lines().count()), (Some(0), 1), "{outcome:#?}");
    assert!(outcome.stderr.starts_with("warning: `~/p/pyproject.toml` is ignored: line 3: "), "{outcome:#?}");
    file("[project]\nname = 'p'\nrequires-python = '>=3.99'\n");
    let outcome = place.create("home/p", &["b"], &[]);
    outcome.fails_with_hint(
        "nothing fits",
        "`[ROOT]/home/p/pyproject.toml` asks for Python >=3.99, which is not installed",
    );
    assert!(outcome.stderr.ends_with("; `--python` overrides the file\n"), "{outcome:#?}");
    let mut command = program(&place.sandbox, &["__do", "mktmpenv", "--token", "1.2", "--no-seed"]);
    command.current_dir(place.sandbox.path("home/p"));
    assert_eq!(Outcome::new(&place.sandbox, &command.output().unwrap()).status, Some(0));
}
