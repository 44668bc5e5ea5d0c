//! Other programs that tests use: where they are, and what it means that one is missing.

use std::path::PathBuf;
use std::process::Command;

/// Says that a test is skipped and why; with `VENVWRAP_TEST_SHELLS=all` that is a failure, so that nothing is skipped
/// unseen.
#[track_caller]
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("VENVWRAP_TEST_SHELLS").is_none_or(|value| value != "all"), "{why}");
    eprintln!("skipped: {why}");
}

/// Returns a program from the usual directories. A missing one is a skip, and a failure where nothing may be missing.
#[track_caller]
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let found = on_path(name);
    if found.is_none() {
        skip(&format!("`{name}` is not installed"));
    }
    found
}

/// Returns a program that `tests/prepare` does not install; a missing one is a skip anywhere.
pub(crate) fn find_optional(name: &str) -> Option<PathBuf> {
    let found = on_path(name);
    if found.is_none() {
        eprintln!("skipped: `{name}` is not installed");
    }
    found
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|program| program.is_file())
}

/// Returns virtualenv: what `VENVWRAP_TEST_VIRTUALENV` names, or the one on PATH.
#[track_caller]
pub(crate) fn virtualenv() -> Option<PathBuf> {
    named("VENVWRAP_TEST_VIRTUALENV").or_else(|| find_program("virtualenv"))
}

/// Returns uv: what `VENVWRAP_TEST_UV` names, or the one on PATH.
#[track_caller]
pub(crate) fn uv() -> Option<PathBuf> {
    named("VENVWRAP_TEST_UV").or_else(|| find_program("uv"))
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|program| program.is_file())
}

/// Returns a command that runs others where what they mount is seen by them alone; nothing where that is not allowed. As
/// root it must be.
#[track_caller]
pub(crate) fn unshare() -> Option<Command> {
    let mut command = unshare_here();
    command.args(["mount", "-t", "tmpfs", "none", "/mnt"]);
    if command.output().is_ok_and(|output| output.status.success()) {
        return Some(unshare_here());
    }
    skip_mounting("nothing can be mounted here");
    None
}

/// Says that something cannot be mounted, which a user who is not root may have to bear.
#[track_caller]
pub(crate) fn skip_mounting(why: &str) {
    if rustix::process::geteuid().is_root() {
        skip(why);
    } else {
        eprintln!("skipped: {why}");
    }
}

fn unshare_here() -> Command {
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "--"]);
    command
}
