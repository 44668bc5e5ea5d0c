//! Environments and their project directories, arranged through the program as a user would.

use std::fs;
use std::path::Path;

use super::sandbox::Sandbox;

/// Associates through the program, as a user would.
pub(crate) fn associate(sandbox: &Sandbox, name: &str, directory: &Path) {
    std::fs::create_dir_all(directory).unwrap();
    program(sandbox, &["project", "set", name, directory.to_str().unwrap()]);
}

/// Runs the program and returns what it printed; it must succeed.
pub(crate) fn program(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = sandbox.command(Path::new(env!("CARGO_BIN_EXE_venvwrap"))).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?} {output:?}");
    sandbox.normalise(&String::from_utf8_lossy(&output.stdout))
}

/// What `venvwrap project list` shows below its headings, with one blank between two words.
pub(crate) fn projects(sandbox: &Sandbox) -> Vec<String> {
    let text = program(sandbox, &["project", "list"]);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut lines = text.lines().map(words);
    assert!(lines.next().is_none_or(|headings| headings == "project environment"), "{text}");
    lines.collect()
}

/// Makes the mirror agree now, so that `init` starts nothing in the background.
pub(crate) fn settle(sandbox: &Sandbox) {
    std::fs::File::open(sandbox.path("envs")).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    program(sandbox, &["project", "list"]);
}

/// Two environments, and directories that could be their projects.
pub(crate) fn place() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    for name in ["api", "web"] {
        sandbox.make_env(name);
    }
    for directory in ["api", "web", "worktree"] {
        fs::create_dir_all(sandbox.path("projects").join(directory)).unwrap();
    }
    sandbox
}

/// Runs the program and returns what it complained of; it must fail.
pub(crate) fn fails(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = sandbox.command(Path::new(env!("CARGO_BIN_EXE_venvwrap"))).args(arguments).output().unwrap();
    assert!(!output.status.success(), "{arguments:?} {output:?}");
    sandbox.normalise(&String::from_utf8_lossy(&output.stderr))
}
