//! Runs the program itself, and knows what its users have on their machines: interpreters and other tools.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::sandbox::Sandbox;
use super::shells::Outcome;
use super::tools::skip;

/// How long anything that happens in the background may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the command for one call of the program. All tests share a cache, and none asks an index.
pub(crate) fn program(sandbox: &Sandbox, arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = sandbox.command(Path::new(env!("CARGO_BIN_EXE_venvwrap")));
    command
        .env("VENVWRAP_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .env("VIRTUALENV_NO_DOWNLOAD", "1")
        .stdin(Stdio::null())
        .args(arguments);
    command
}

/// Makes a pipe where a file should be: whoever opens it waits for ever.
pub(crate) fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success(), "{}", path.display());
}

/// Calls the program and returns what it printed.
pub(crate) fn call(sandbox: &Sandbox, arguments: &[impl AsRef<OsStr>]) -> Outcome {
    Outcome::new(sandbox, &program(sandbox, arguments).output().unwrap())
}

/// Runs a command that has to end by itself, and kills it where it waits.
#[track_caller]
pub(crate) fn output_in_time(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output().unwrap()));
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        panic!("{command:?} waits")
    })
}

/// Makes an environment with pip of this interpreter.
#[track_caller]
pub(crate) fn create(sandbox: &Sandbox, python: &Path, name: &str) -> PathBuf {
    let outcome = call(sandbox, &create_arguments(python, name, &["--no-setuptools"]));
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    sandbox.env_path(name)
}

/// The arguments that make an environment of an interpreter.
pub(crate) fn create_arguments(python: &Path, name: impl Into<OsString>, options: &[&str]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["create".into(), "-p".into(), python.into()];
    arguments.extend(options.iter().map(OsString::from));
    arguments.extend(["--".into(), name.into()]);
    arguments
}

impl Outcome {
    /// Asserts a success that says nothing on standard error, and returns standard output.
    #[track_caller]
    pub(crate) fn succeeds(&self, context: &str) -> &str {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{context}: {self:#?}");
        &self.stdout
    }

    /// Asserts a failure that is told in one line with these words, and at most a hint after it.
    #[track_caller]
    pub(crate) fn fails(&self, context: &str, words: &str) {
        assert_ne!(self.status, Some(0), "{context}: {self:#?}");
        assert_eq!(self.stdout, "", "{context}: {self:#?}");
        let lines: Vec<_> = self.stderr.lines().collect();
        let is_clear = match lines[..] {
            [error] => error.starts_with("error: "),
            [error, hint] => error.starts_with("error: ") && hint.starts_with("hint: "),
            _ => false,
        };
        assert!(is_clear && lines[0].contains(words), "{context}: {self:#?}");
        assert!(!self.stderr.contains(|c: char| c.is_control() && c != '\n'), "{context}: {self:#?}");
    }

    /// Asserts such a failure with advice.
    #[track_caller]
    pub(crate) fn fails_with_hint(&self, context: &str, words: &str) {
        self.fails(context, words);
        assert!(self.stderr.contains("\nhint: "), "{context}: {self:#?}");
    }
}

/// Returns the interpreter that most tests use: the first that will do.
pub(crate) fn python() -> Option<PathBuf> {
    let found = pythons().first().cloned();
    if found.is_none() {
        skip("there is no Python 3.8 or later");
    }
    found
}

/// Returns every interpreter of this machine that environments can be made from, each once.
pub(crate) fn pythons() -> &'static [PathBuf] {
    static FOUND: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut found: Vec<PathBuf> = Vec::new();
        for path in executables(|name| matches!(name, "python3" | "pypy3") || name.starts_with("python3.")) {
            let real = path.canonicalize().unwrap();
            if !found.iter().any(|other| other.canonicalize().unwrap() == real) && answers(&path, "(3, 8)", "(4, 0)") {
                found.push(path);
            }
        }
        // The usual ones first: most tests take the first.
        found.sort_by_key(|path| path.ends_with("pypy3"));
        found
    })
}

/// Returns interpreters that environments cannot be made from, for they are too old.
pub(crate) fn old_pythons() -> Vec<PathBuf> {
    executables(|name| name == "python").into_iter().filter(|path| answers(path, "(2, 0)", "(3, 8)")).collect()
}

pub(crate) fn answers(python: &Path, at_least: &str, below: &str) -> bool {
    let test = format!("import sys; sys.exit(not {at_least} <= sys.version_info[:2] < {below})");
    let mut command = Command::new(python);
    command.args(["-c", &test]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The executables with such names, on PATH and where version managers install.
fn executables(is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = ["/usr/bin", "/usr/local/bin"].map(PathBuf::from).to_vec();
    directories.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    for versions in [".pyenv/versions", ".local/share/uv/python", ".local/share/mise/installs/python"] {
        directories
            .extend(names_in(&home.join(versions)).iter().map(|name| home.join(versions).join(name).join("bin")));
    }
    // A shim is not an interpreter.
    directories.retain(|directory| !directory.ends_with("shims"));
    let in_directory = |directory: &PathBuf| {
        let names = names_in(directory).into_iter().filter(|name| name.to_str().is_some_and(&is_wanted));
        names.map(|name| directory.join(name)).filter(|path| path.is_file()).collect::<Vec<_>>()
    };
    directories.iter().flat_map(in_directory).filter(|path| !path.ends_with("config")).collect()
}

/// The names in a directory, sorted; none when it is missing.
pub(crate) fn names_in(directory: &Path) -> Vec<OsString> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

/// Makes the interpreter of an environment one that is gone.
pub(crate) fn remove_interpreter(env: &Path) {
    for name in ["python", "python3"] {
        let link = env.join("bin").join(name);
        if std::fs::read_link(&link).is_ok_and(|target| target.is_absolute()) {
            std::fs::remove_file(&link).unwrap();
            std::os::unix::fs::symlink("/gone/bin/python3", &link).unwrap();
        }
    }
    let cfg = std::fs::read_to_string(env.join("pyvenv.cfg")).unwrap();
    let lines = cfg.lines().map(|line| if line.starts_with("home") { "home = /gone/bin" } else { line });
    std::fs::write(env.join("pyvenv.cfg"), lines.flat_map(|line| [line, "\n"]).collect::<String>()).unwrap();
}

/// Asserts that an environment runs, and that pip is in it as a whole.
#[track_caller]
pub(crate) fn assert_works(env: &Path) {
    let output = Command::new(env.join("bin/python")).args(["-c", "import sys; print(sys.prefix)"]).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", env.display()));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), env.to_str().unwrap(), "{output:?}");
    assert!(output.status.success(), "{output:?}");
    assert!(env.join("bin/activate").is_file() && env.join("bin/pip").is_file(), "{}", env.display());
    let libraries = names_in(&env.join("lib"));
    // A copied interpreter has its shared library there.
    let library = libraries.iter().find(|name| env.join("lib").join(name).is_dir()).unwrap();
    let packages = env.join("lib").join(library).join("site-packages");
    let dist_infos = names_in(&packages).into_iter().filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("pip-") && name.ends_with(".dist-info")
    });
    let [dist_info] = &dist_infos.collect::<Vec<_>>()[..] else { panic!("{}: no pip", packages.display()) };
    for file in [packages.join(dist_info).join("RECORD"), packages.join("pip/__init__.py")] {
        assert!(file.is_file(), "{}", file.display());
    }
}

/// Waits until a condition holds that something in the background brings about.
#[track_caller]
pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::yield_now();
    }
}

/// Our own hidden files anywhere below a directory, except removed environments that are kept as a whole.
pub(crate) fn residue(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    // What vanishes meanwhile is no residue.
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_name() == ".venvwrap-trash" {
            let names = names_in(&entry.path());
            found.extend(names.is_empty().then(|| entry.path()));
            let kept = names.into_iter().map(|name| entry.path().join(name));
            found.extend(kept.filter(|kept| kept.is_dir() && names_in(kept).len() != 2));
        } else if entry.file_name().to_string_lossy().starts_with(".venvwrap-") {
            found.push(entry.path());
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(residue(&entry.path()));
        }
    }
    found
}
