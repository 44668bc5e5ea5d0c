//! The activation scripts that an environment was made without: `--activators` of virtualenv and venvwrap chooses them.

use crate::env::Environment;
use crate::env::metadata::Metadata;
use crate::env::pyvenv_cfg::{Creator, PyvenvCfg};

/// The script that Bourne shells source.
const POSIX: &str = "activate";

/// What both tools write besides that, unless they are told what to write.
const USUAL: [&str; 4] = ["activate.fish", "activate.csh", "activate.ps1", "activate_this.py"];

/// Returns whether the script of this name does not exist because it was not wanted. Where others are there, it was not,
/// except that nobody leaves out the one for Bourne shells alone: that is lost. Where none is, venvwrap has noted it;
/// virtualenv never does.
pub(crate) fn is_left_out(environment: &Environment, cfg: Option<&PyvenvCfg>, name: &str) -> bool {
    let creator = cfg.map(PyvenvCfg::creator);
    let bin = environment.bin();
    let is_there = |name: &&str| bin.join(name).symlink_metadata().is_ok();
    if !matches!(creator, Some(Creator::Venvwrap | Creator::Virtualenv)) || is_there(&name) {
        return false;
    }
    if ![POSIX, "activate.nu"].iter().chain(&USUAL).any(is_there) {
        return creator == Some(Creator::Virtualenv) || Metadata::read(environment.path()).bare == Some(true);
    }
    name != POSIX || !USUAL.iter().all(is_there)
}
