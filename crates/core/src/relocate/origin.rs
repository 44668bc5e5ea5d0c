//! Everything that names the source of a copy.

use std::path::{Path, PathBuf};

use super::activation::prompt_of;
use super::mapping::Mapping;
use super::rewrite::Rules;
use crate::env::Environment;
use crate::env::activate_path::path_in_script;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::fs;

/// More than any activation script.
const MAX_SCRIPT_BYTES: u64 = 1 << 20;

impl Rules {
    /// Returns the rules that make a copy of an environment name its own path and name. The source is given as the
    /// caller wrote it, and by its real path.
    pub(crate) fn of_copy(given: &Path, real: &Path, copy: &Environment) -> Self {
        let source = Environment::new(copy.name().clone(), real.to_path_buf());
        let cfg = source.cfg();
        let old = spellings(given, &source, cfg.as_ref());
        // One in the trash may have another name by now, and is called by that of the path in its scripts.
        let named: Vec<_> = old.iter().map(PathBuf::as_path).collect();
        let prompt = prompt_of(cfg.as_ref(), &named, copy.name().as_os_str(), copy.path());
        Self { mapping: Mapping::new(&old, copy.path()), prompt }
    }

    /// Returns the rules for what names an environment by the path of a link to it.
    pub(crate) fn of_link(old: &Path, new: &Path) -> Self {
        let prompt = prompt_of(None, &[old], new.file_name().unwrap_or_default(), new);
        Self { mapping: Mapping::new(&[old.to_path_buf()], new), prompt }
    }
}

/// Every path that means the source: as it was given, as the file system has it, and as its own scripts say.
fn spellings(given: &Path, source: &Environment, cfg: Option<&PyvenvCfg>) -> Vec<PathBuf> {
    let real = source.path();
    let mut paths = vec![given.to_path_buf(), real.to_path_buf()];
    let script = fs::read_limited(&source.activate_script(), MAX_SCRIPT_BYTES).unwrap_or_default();
    let base = cfg.and_then(PyvenvCfg::home).map(PathBuf::from);
    paths.extend(path_in_script(&script).filter(|path| is_specific(path, real, base.as_deref())));
    paths
}

/// Returns whether a path from a script can only mean the environment: one that also holds other things, such as the
/// system's programs, must not be replaced everywhere.
fn is_specific(path: &Path, real: &Path, base: Option<&Path>) -> bool {
    let is_above = |other: &Path| other.starts_with(path);
    path.components().count() > 2 && (path == real || !is_above(real)) && !base.is_some_and(is_above)
}
