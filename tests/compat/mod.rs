//! The same script through virtualenvwrapper 6.1.1 and through ours: people who change one line see the same.

mod commands;
mod copying;
mod deliberate;
mod entry;
mod helpers;
mod homes;
mod hooks;
mod original;
mod packages;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use venvwrap_core::shell::Shell;

use crate::support::sandbox::Sandbox;
use crate::support::shells::{PRELUDE_SH, command};
use crate::support::tools::find_program;
use original::Original;

/// What a script leaves behind, in words that do not depend on where it ran.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trace {
    stdout: String,
    stderr: String,
    status: Option<i32>,
    files: BTreeMap<PathBuf, String>,
}

/// Asserts that a script does the same in both, in bash and zsh; `set_up` prepares each sandbox.
fn same(set_up: impl Fn(&Sandbox), script: &str) {
    for_both(set_up, script, assert_same);
}

#[track_caller]
fn assert_same(shell: Shell, theirs: &Trace, ours: &Trace) {
    let name = shell.name();
    let lines = |text: &str| -> Vec<String> { text.lines().map(String::from).collect() };
    assert_eq!(lines(&ours.stdout), lines(&theirs.stdout), "stdout in {name}, left ours\n{}", theirs.stderr);
    assert_eq!(lines(&ours.stderr), lines(&theirs.stderr), "stderr in {name}, left ours");
    assert_eq!(ours.files, theirs.files, "files in {name}, left ours");
    assert_eq!(ours.status, theirs.status, "status in {name}, left ours");
}

/// Runs a script through both, in bash and zsh, for a judgement on what they leave behind: theirs, then ours.
fn for_both(set_up: impl Fn(&Sandbox), script: &str, judge: impl Fn(Shell, &Trace, &Trace)) {
    let Some(original) = Original::find() else { return };
    for shell in [Shell::Bash, Shell::Zsh] {
        if find_program(shell.name()).is_none() {
            continue;
        }
        let traces = [original.script(), &ours()].map(|entry| {
            let sandbox = Sandbox::named("compat-");
            sandbox.use_real_program();
            set_up(&sandbox);
            trace(&sandbox, shell, original, entry, script)
        });
        judge(shell, &traces[0], &traces[1]);
    }
}

fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("shell/virtualenvwrapper.sh")
}

fn trace(sandbox: &Sandbox, shell: Shell, original: &Original, entry: &Path, script: &str) -> Trace {
    let text = format!("{PRELUDE_SH}\n. '{}'\nreport loaded\n{script}\n", entry.display());
    let path = [&sandbox.path("bin"), original.directory(), Path::new("/usr/local/bin:/usr/bin:/bin")]
        .map(|entry| entry.to_str().unwrap().to_string());
    let mut command = command(sandbox, shell, &text);
    command.env("PATH", path.join(":")).env("TMPDIR", sandbox.path("")).env("SHELL", "/bin/sh");
    command.env("VIRTUALENV_NO_SEED", "1").env("PROJECT_HOME", sandbox.path("projects"));
    // What is to be installed comes from the sandbox, and the seeds from what all tests share.
    command.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", sandbox.path("wheels")).env("VIRTUALENV_NO_DOWNLOAD", "1");
    command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    command.env("VENVWRAP_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    if entry == original.script() {
        command.env("VIRTUALENVWRAPPER_PYTHON", original.directory().join("python"));
    }
    let output = command.output().unwrap();
    let normal = |bytes: &[u8]| normalise(sandbox, &String::from_utf8_lossy(bytes));
    Trace {
        stdout: normal(&output.stdout),
        stderr: normal(&output.stderr),
        status: output.status.code(),
        files: files(sandbox),
    }
}

/// Makes an environment with virtualenv, for what asks its Python: both sides are given the same.
fn real_env(sandbox: &Sandbox, path: &str, options: &[&str]) -> PathBuf {
    let virtualenv = Original::find().unwrap().directory().join("virtualenv");
    let path = sandbox.path(path);
    let mut command = sandbox.command(&virtualenv);
    let output = command.args(["--quiet", "--no-download"]).args(options).arg(&path).output().unwrap();
    assert!(output.status.success(), "{output:#?}");
    path
}

/// One without packages.
fn bare_env(sandbox: &Sandbox, name: &str) -> PathBuf {
    real_env(sandbox, &format!("envs/{name}"), &["--no-seed"])
}

/// What may stand next to a name that is made up.
const SEPARATORS: [char; 5] = ['/', ' ', '\'', '(', ')'];

/// Takes out what may differ by design: our hints, their reports of each stub, and names that are made up.
fn normalise(sandbox: &Sandbox, text: &str) -> String {
    let text = sandbox.normalise(text);
    let is_told_by_one =
        |line: &str| line.starts_with("hint: ") || line.starts_with("virtualenvwrapper.user_scripts creating");
    let lines = text.lines().filter(|line| !is_told_by_one(line));
    let mut result = String::new();
    for line in lines {
        let words = line.split_inclusive(SEPARATORS).map(|word| {
            let bare = word.trim_end_matches(SEPARATORS);
            if bare.starts_with("tmp-") { word.replace(bare, "tmp-N") } else { word.to_string() }
        });
        result.extend(words);
        result.push('\n');
    }
    result
}

/// The hooks, projects and environments that are there, with the modes of the hooks.
fn files(sandbox: &Sandbox) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let root = sandbox.path("");
    let mut directories = vec![root.join("envs"), root.join("projects")];
    while let Some(directory) = directories.pop() {
        // Theirs can remove any directory.
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_string();
            // Where the environments themselves differ is of no concern here, nor what is hidden beside them.
            let is_hidden = name.starts_with('.') && name != ".project" || name.starts_with("tmp-");
            let is_inside = path.strip_prefix(root.join("envs")).is_ok_and(|inside| inside.components().count() == 2);
            if is_hidden || (is_inside && name != "bin" && name != ".project") {
                continue;
            }
            let key = path.strip_prefix(&root).unwrap().to_path_buf();
            if path.is_dir() {
                files.insert(key, "directory".into());
                directories.push(path);
            } else if name == ".project" {
                files.insert(key, sandbox.normalise(&std::fs::read_to_string(&path).unwrap()));
            } else if !path.starts_with(root.join("envs")) || is_hook(&name) {
                let mode = path.metadata().unwrap().permissions().mode() & 0o777;
                files.insert(key, format!("{mode:o}"));
            }
        }
    }
    files
}

fn is_hook(name: &str) -> bool {
    name.starts_with("pre") || name.starts_with("post") || name == "get_env_details" || name == "initialize"
}
