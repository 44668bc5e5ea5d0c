//! What `pyvenv.cfg` says of the Python.

use super::error::RepairError;
use crate::env::pyvenv_cfg::{PyvenvCfg, SetError};
use crate::python::Interpreter;

/// What nobody can know any more has its default; what the file still says stays. One without any key is replaced.
pub(super) fn completed(old: Option<PyvenvCfg>) -> Result<PyvenvCfg, SetError> {
    // Python can start with no other file: it reads UTF-8.
    let is_text = |cfg: &PyvenvCfg| std::str::from_utf8(&cfg.to_bytes()).is_ok_and(|text| text.contains('='));
    let mut cfg = old.filter(is_text).unwrap_or_default();
    if cfg.home().is_some() {
        return Ok(cfg);
    }
    for (key, value) in [("home", ""), ("include-system-site-packages", "false"), ("version", "")] {
        let is_known = cfg.get(key).is_some() || (key == "version" && cfg.version().is_some());
        if !is_known {
            cfg.set(key, value)?;
        }
    }
    Ok(cfg)
}

/// `pyvenv.cfg` with the keys that say where the Python is and of which patch release; no key is added but `home`.
pub(super) fn configuration(mut cfg: PyvenvCfg, interpreter: &Interpreter) -> Result<PyvenvCfg, RepairError> {
    let executable = interpreter.executable.canonicalize().unwrap_or_else(|_| interpreter.executable.clone());
    let version = &interpreter.version;
    let values = [
        ("home", interpreter.home().to_string_lossy().into_owned()),
        ("executable", executable.to_string_lossy().into_owned()),
        ("base-executable", executable.to_string_lossy().into_owned()),
        ("base-exec-prefix", interpreter.base_prefix.to_string_lossy().into_owned()),
        ("base-prefix", interpreter.base_prefix.to_string_lossy().into_owned()),
        ("version", format!("{}.{}.{}", version.major, version.minor, version.micro)),
        ("version_info", version.five_part_text()),
        ("python-version", version.minor_text()),
    ];
    for (key, value) in values {
        if key == "home" || cfg.get(key).is_some() {
            cfg.set(key, &value)?;
        }
    }
    Ok(cfg)
}
