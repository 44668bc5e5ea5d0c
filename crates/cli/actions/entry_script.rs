//! The files that `VIRTUALENVWRAPPER_SCRIPT` and `VIRTUALENVWRAPPER_VIRTUALENV` name where `venvwrap init
//! --virtualenvwrapper` is the entry point: scripts source the one and run the other.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use venvwrap_core::config::OWN_CREATOR;
use venvwrap_core::config::variables::VIRTUALENVWRAPPER_SCRIPT;
use venvwrap_core::fs::{Change, PathResult};
use venvwrap_core::shell::{Shell, quote};

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
    inherited.into_iter().chain(installed).find(|path| path.is_file()).or_else(|| write(NAME, &text(program), process?))
}

/// Returns what takes virtualenv's arguments, written for this program; none where one is installed next to it.
pub(crate) fn find_creator(program: &Path, process: Option<&Process>) -> Option<PathBuf> {
    if program.with_file_name(OWN_CREATOR).exists() {
        return None;
    }
    write(OWN_CREATOR, &creator_text(program), process?)
}

/// Writes a file into the state directory, unless it is there. Where that fails the variable stays unset.
fn write(name: &str, text: &[u8], process: &Process) -> Option<PathBuf> {
    let directory = process.config.state_dir.as_deref()?;
    let path = directory.join(name);
    if venvwrap_core::fs::read_limited(&path, MAX_BYTES).is_ok_and(|old| old == text) {
        return Some(path);
    }
    venvwrap_core::fs::create_dir_all(directory, 0o777).ok()?;
    let update: PathResult<()> = venvwrap_core::fs::update(&path, MAX_BYTES, 0o755, |old| {
        Ok(if old == Some(text) { Change::Keep } else { Change::Replace(text.to_vec()) })
    });
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

/// Any `sh` runs it, which need not know bash's escapes.
fn creator_text(program: &Path) -> Vec<u8> {
    let program = quote::posix(program.as_os_str().as_bytes());
    [
        b"#!/bin/sh\n# Written by `venvwrap init --virtualenvwrapper`, for scripts that run $VIRTUALENVWRAPPER_VIRTUALENV.\n\
          program=",
        &program[..],
        b"\n[ -x \"$program\" ] || program=venvwrap\nexec \"$program\" venv \"$@\"\n",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_program_in_any_place_is_run_by_sh() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("it's\n\u{1b} $(x)");
        std::fs::create_dir(&directory).unwrap();
        let program = directory.join("venvwrap");
        std::fs::write(&program, "#!/bin/sh\necho \"$@\"\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let script = place.path().join("script");
        std::fs::write(&script, creator_text(&program)).unwrap();
        let output = Command::new("/bin/sh").arg(&script).args(["env", "-q"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "venv env -q\n", "{output:?}");
    }
}
