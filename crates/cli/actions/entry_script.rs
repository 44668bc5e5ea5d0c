//! The file that `VIRTUALENVWRAPPER_SCRIPT` names where `venvwrap init --virtualenvwrapper` is the entry point: scripts that a
//! shell starts source it.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use venvwrap_core::config::variables::VIRTUALENVWRAPPER_SCRIPT;
use venvwrap_core::fs::PathResult;
use venvwrap_core::shell::Shell;

use crate::process::{Process, set_variable};

/// The name that scripts know.
const NAME: &str = "virtualenvwrapper.sh";

/// More than the file holds.
const MAX_BYTES: u64 = 1 << 16;

/// Returns the entry point that was installed with this program, else one that is written for it.
pub(crate) fn find(program: &Path, process: Option<&Process>) -> Option<PathBuf> {
    let directory = program.parent()?;
    let inherited = set_variable(VIRTUALENVWRAPPER_SCRIPT).map(PathBuf::from);
    let installed = [directory.join(NAME), directory.join("../share/venvwrap").join(NAME)];
    inherited.into_iter().chain(installed).find(|path| path.is_file()).or_else(|| write(program, process?))
}

/// Writes the file into the state directory, unless it is there. Where that fails the variable stays unset.
fn write(program: &Path, process: &Process) -> Option<PathBuf> {
    let directory = process.config.state_dir.as_deref()?;
    let path = directory.join(NAME);
    let text = text(program);
    if venvwrap_core::fs::read_limited(&path, MAX_BYTES).is_ok_and(|old| old == text) {
        return Some(path);
    }
    std::fs::create_dir_all(directory).ok()?;
    let update: PathResult<()> =
        venvwrap_core::fs::update(&path, MAX_BYTES, 0o755, |old| Ok((old != Some(&text[..])).then(|| text.clone())));
    update.ok().map(|()| path)
}

fn text(program: &Path) -> Vec<u8> {
    let program = Shell::Bash.quote(program.as_os_str().as_bytes());
    [
        b"#!/bin/sh\n# Written by `venvwrap init --virtualenvwrapper`, for scripts that source $VIRTUALENVWRAPPER_SCRIPT.\n\
          __venvwrap_bin=",
        &program[..],
        b"\n[ -x \"$__venvwrap_bin\" ] || __venvwrap_bin=venvwrap\n\
          \\eval \"$(\\command \"$__venvwrap_bin\" init --virtualenvwrapper \"${ZSH_VERSION:+zsh}${BASH_VERSION:+bash}\")\"\n",
    ]
    .concat()
}
