//! The activation scripts of an environment that is repaired.

use std::ffi::OsString;
use std::path::Path;

use super::RepairError;
use crate::env::Environment;
use crate::env::activators::is_left_out;
use crate::env::prompt_name;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::relocate::damage::damaged;
use crate::relocate::kept::{Scripts, Written};
use crate::relocate::{self, mend};
use crate::shell::activate::{self, ActivateError, Activation, Script};

/// Makes the activation scripts name the path of the environment. One that is damaged or cannot be kept is written again,
/// with the prompt that the environment has; one that was left out when it was created stays away.
pub(super) fn activation(environment: &Environment, old: Option<&Path>, dry_run: bool) -> Result<Written, RepairError> {
    let cfg = environment.cfg();
    let name = prompt_name::of_path(environment.path()).unwrap_or_default();
    let path = mend::old_path(environment);
    let is_old =
        |prompt: &str| path.as_deref().is_some_and(|old| prompt_name::defaults(old).any(|name| name == prompt));
    let prompt = cfg.as_ref().and_then(PyvenvCfg::prompt).filter(|prompt| !is_old(prompt));
    let values = Activation { env: environment.path(), prompt: prompt.unwrap_or(name) };
    let scripts = Scripts::of(environment, old);
    let are_all_written = old.is_some() || scripts.are_wrong();
    let are_all_lost = scripts.names()?.is_empty();
    let is_known = |file: &str| {
        environment.bin().join(file).symlink_metadata().is_ok()
            || (are_all_lost && !is_without(environment, cfg.as_ref(), file))
    };
    let mut written = Written::default();
    for script in Script::ALL {
        let content = text(script, &values, cfg.as_ref())?;
        for file in activate::file_names(script) {
            match scripts.damage(file.as_ref()) {
                Some(damage) if damage.lack().is_some() => {
                    written.replace(&scripts, file.as_ref(), &content, dry_run)?;
                }
                _ => written.mend(
                    &scripts,
                    file.as_ref(),
                    Some(&content[..]).filter(|_| are_all_written && is_known(file)),
                    dry_run,
                )?,
            }
        }
    }
    let is_other = |name: &OsString| relocate::activation::script_of(name).is_none();
    for name in scripts.names()?.into_iter().filter(is_other) {
        written.mend(&scripts, &name, None, dry_run)?;
    }
    for (name, _) in damaged(environment).into_iter().filter(|(name, _)| !dry_run && !is_other(name)) {
        let content = text(activate::script_of_file(Path::new(&name)), &values, cfg.as_ref())?;
        written.replace(&scripts, &name, &content, dry_run)?;
    }
    Ok(written)
}

/// Returns whether an environment is made without a script: that of csh cannot find one that works in any directory.
fn is_without(environment: &Environment, cfg: Option<&PyvenvCfg>, file: &str) -> bool {
    is_left_out(environment, cfg, file) || (is_relocatable(cfg) && file == "activate.csh")
}

fn text(script: Script, values: &Activation<'_>, cfg: Option<&PyvenvCfg>) -> Result<Vec<u8>, ActivateError> {
    if is_relocatable(cfg) && !matches!(script, Script::Csh | Script::Fish) {
        activate::render_self_locating(script, values.prompt)
    } else {
        activate::render(script, values)
    }
}

fn is_relocatable(cfg: Option<&PyvenvCfg>) -> bool {
    cfg.is_some_and(PyvenvCfg::is_relocatable)
}
