//! Paths that are not what a command expects: each error names a path, none is only what the system says, none waits.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{make_fifo, output_in_time, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::skip;

/// Commands with a path, which stands for the braces.
const WITH_A_PATH: [&[&str]; 34] = [
    &["show", "{}"],
    &["path", "{}"],
    &["run", "{}", "true"],
    &["run", "api", "{}"],
    &["activate", "{}"],
    &["remove", "{}"],
    &["create", "-r", "{}", "new"],
    &["create", "-e", "{}", "new"],
    &["create", "-a", "{}", "new"],
    &["create", "-p", "{}", "new"],
    &["create", "--from", "{}", "new"],
    &["create", "--extra-search-dir", "{}", "--no-download", "new"],
    &["copy", "{}", "new"],
    &["rename", "{}", "new"],
    &["adopt", "{}", "new"],
    &["venv", "--no-seed", "{}"],
    &["venv", "--no-seed", "--clear", "{}/below"],
    &["unpack", "{}", "new"],
    &["pack", "api", "-o", "{}"],
    &["bundle", "--from-installed", "api", "-o", "{}"],
    &["freeze", "{}"],
    &["check", "{}"],
    &["diff", "api", "{}"],
    &["restore", "api", "{}"],
    &["dockerfile", "api", "-o", "{}"],
    &["snapshot", "{}"],
    &["allow", "{}"],
    &["allow", "--shared", "{}"],
    &["deny", "{}"],
    &["link", "api", "{}"],
    &["project", "set", "api", "{}"],
    &["project", "which", "{}"],
    &["kernel", "add", "{}"],
    &["send", "{}", "/nowhere"],
];

/// Of these, those that read a named pipe which the user names, as of fish's `psub -F`: they wait for its writer.
const READ_A_PIPE: [&[&str]; 3] = [&["create", "-r", "{}", "new"], &["diff", "api", "{}"], &["restore", "api", "{}"]];

/// Variables that name a place, each with commands that use it.
const VARIABLES: [&str; 9] = [
    "WORKON_HOME",
    "HOME",
    "XDG_CONFIG_HOME",
    "VENVWRAP_CONFIG",
    "VENVWRAP_STATE_DIR",
    "VENVWRAP_CACHE_DIR",
    "VIRTUALENV_CONFIG_FILE",
    "VIRTUALENVWRAPPER_HOOK_DIR",
    "PROJECT_HOME",
];

const WITH_VARIABLES: [&[&str]; 9] = [
    &["list"],
    &["doctor"],
    &["gc"],
    &["create", "--no-seed", "new"],
    &["create-project", "--no-seed", "new"],
    &["config", "set", "picker", "true"],
    &["allow", "home"],
    &["setup", "bash", "--yes"],
    &["init", "bash", "--virtualenvwrapper"],
];

/// Commands that read an environment.
const OF_AN_ENVIRONMENT: [&[&str]; 14] = [
    &["list"],
    &["show", "api"],
    &["path", "--site-packages", "api"],
    &["freeze", "api"],
    &["check", "api"],
    &["diff", "api", "api"],
    &["doctor", "--deep", "api"],
    &["snapshot", "api"],
    &["repair", "api"],
    &["create", "--no-seed", "api"],
    &["copy", "api", "new"],
    &["pack", "api", "-o", "home/x.tar"],
    &["run", "api", "true"],
    &["rename", "api", "new"],
];

/// Devices that everybody on this machine needs, with their numbers. As root a faulty command could replace them, so the
/// sandbox has devices of its own; others could not, and cannot make any.
const DEVICES: [(&str, &str); 2] = [("full", "7"), ("zero", "5")];

/// Returns a device, which is made where it could be replaced; nothing where root may not make any.
fn device(directory: &Path, (name, minor): (&str, &str)) -> Option<PathBuf> {
    if !rustix::process::geteuid().is_root() {
        return Some(Path::new("/dev").join(name));
    }
    let path = directory.join(name);
    let made = Command::new("mknod").args(["-m", "666"]).arg(&path).args(["c", "1", minor]).output();
    if made.is_ok_and(|output| output.status.success()) {
        return Some(path);
    }
    skip("no devices can be made here");
    None
}

/// Lays out what a path may be; returns all of them.
fn odd_places(sandbox: &Sandbox, directory: &str) -> Vec<String> {
    let at = |name: &str| sandbox.path(directory).join(name);
    fs::create_dir_all(at("directory")).unwrap();
    sandbox.write(format!("{directory}/file"), "\0\u{1}\n[");
    symlink("loop", at("loop")).unwrap();
    symlink("nowhere", at("broken")).unwrap();
    make_fifo(&at("fifo"));
    sandbox.write(format!("{directory}/closed/inside"), "");
    let long = "n".repeat(300);
    let devices = DEVICES.into_iter().filter_map(|named| device(&sandbox.path(directory), named));
    let mut all: Vec<_> = devices.map(|path| path.display().to_string()).collect();
    all.push("it's $(touch PWN)/none".to_owned());
    for name in ["missing", "directory", "file", "file/below", "loop", "broken", "fifo", &long] {
        all.push(at(name).display().to_string());
    }
    all
}

/// Returns whether a line that holds what the system says also says of what: a path, or a word of the command.
fn names_its_object(line: &str, words: &[String]) -> bool {
    let is_object = |part: &str| part.contains('/') || words.iter().any(|word| word.contains(part));
    let is_of_system = line.contains("(os error") || line.contains("No such file");
    !is_of_system || line.contains("WORKON_HOME") || line.split('`').skip(1).step_by(2).any(is_object)
}

#[test]
fn a_message_without_its_object_is_found() {
    let words = ["show".to_owned(), "api".to_owned()];
    for line in ["error: No such file or directory (os error 2)", "error: could not read `x`: it is (os error 40)"] {
        assert!(!names_its_object(line, &words), "{line}");
    }
    for line in ["error: could not read `/a b`: No such file (os error 2)", "error: could not run `api`: (os error 2)"]
    {
        assert!(names_its_object(line, &words), "{line}");
    }
}

/// Runs a command that must end soon, and judges each line of its errors.
#[track_caller]
fn judge(sandbox: &Sandbox, words: &[String], variable: Option<(&str, &str)>) {
    let mut command = program(sandbox, words);
    command.current_dir(sandbox.path(""));
    if let Some((name, value)) = variable {
        command.env(name, value);
    }
    let outcome = Outcome::new(sandbox, &output_in_time(&mut command));
    let context = format!("{words:?} {variable:?}: {outcome:#?}");
    assert!(outcome.status.is_some_and(|status| status != 101), "{context}");
    assert!(outcome.stderr.lines().all(|line| names_its_object(line, words)), "{context}");
    assert!(!sandbox.path("PWN").exists() && !sandbox.path("home/PWN").exists(), "{context}");
    let given = words.iter().map(String::as_str).chain(variable.map(|(_, value)| value));
    let devices = DEVICES.map(|(name, _)| sandbox.path("odd").join(name));
    let mut tried = devices.iter().filter(|device| given.clone().any(|word| word.contains(device.to_str().unwrap())));
    let is_device = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_char_device());
    assert!(tried.all(is_device), "{context}");
}

fn words(command: &[&str], place: &str) -> Vec<String> {
    command.iter().map(|word| word.replace("{}", place)).collect()
}

#[test]
fn as_arguments() {
    for command in WITH_A_PATH {
        let sandbox = Sandbox::new();
        sandbox.make_own_env("api");
        for place in odd_places(&sandbox, "odd") {
            let is_pipe = fs::metadata(&place).is_ok_and(|found| found.file_type().is_fifo());
            if is_pipe && READ_A_PIPE.contains(&command) {
                continue;
            }
            judge(&sandbox, &words(command, &place), None);
        }
    }
}

#[test]
fn as_settings() {
    for name in VARIABLES {
        for command in WITH_VARIABLES {
            let sandbox = Sandbox::new();
            for place in odd_places(&sandbox, "odd") {
                // The shared store of a test is not to be made in a device.
                judge(&sandbox, &words(command, ""), Some((name, &place)));
            }
        }
    }
}

#[test]
fn inside_an_environment() {
    let files = ["pyvenv.cfg", "venvwrap.toml", ".project", "bin", "bin/activate", "bin/python", "lib", "lib64"];
    for file in files {
        for kind in ["directory", "file", "loop", "broken", "fifo"] {
            let sandbox = Sandbox::new();
            odd_places(&sandbox, "odd");
            for command in OF_AN_ENVIRONMENT {
                let env = sandbox.env_path("api");
                for left in ["api", "new"] {
                    let _ = fs::remove_dir_all(sandbox.env_path(left));
                }
                sandbox.make_own_env("api");
                let path = env.join(file);
                let _ = fs::remove_file(&path);
                let _ = fs::remove_dir_all(&path);
                match kind {
                    "fifo" => make_fifo(&path),
                    "directory" => fs::create_dir(&path).unwrap(),
                    "file" => fs::write(&path, "\0\u{1}\n[").unwrap(),
                    other => symlink(other, &path).unwrap(),
                }
                judge(&sandbox, &words(command, ""), None);
            }
        }
    }
}
