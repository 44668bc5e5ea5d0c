//! Rebuilding an environment that works in any directory, as `uv venv --relocatable` creates it: the new one does, too.

use std::path::Path;

use super::{CreateError, CreateOptions};
use crate::env::pyvenv_cfg::RELOCATABLE;
use crate::env::{BIN, Environment};
use crate::fs;
use crate::shell::activate::{self, Script};

/// The largest activation script that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Returns whether an environment works in any directory.
pub(super) fn is_one(environment: &Environment) -> bool {
    environment.cfg().is_some_and(|cfg| cfg.is_relocatable())
}

/// Makes the new environment at `root` one as well, before anything is installed: uv writes scripts that find their
/// interpreter next to themselves. The activation scripts are those of the old one, which find their environment; those
/// that it lacks do so too, where that is safe: it gets none for csh and fish.
pub(super) fn prepare(old: &Environment, root: &Path, options: &CreateOptions) -> Result<(), CreateError> {
    let new = Environment::new(old.name().clone(), root.to_path_buf());
    let mut cfg = new.cfg().unwrap_or_default();
    cfg.set(RELOCATABLE, "true")?;
    fs::replace_file(&root.join("pyvenv.cfg"), &cfg.to_bytes(), 0o666)?;
    let prompt = options.prompt.clone().unwrap_or_else(|| old.name().alone());
    for &script in &options.activators {
        for name in activate::file_names(script) {
            let source = old.bin().join(name);
            let content = match script {
                // It names the directory of the packages, which has the version in its name.
                Script::Python => activate::render_self_locating(script, &prompt)?,
                _ => match fs::read_limited(&source, MAX_BYTES) {
                    Ok(content) => content,
                    Err(_) if matches!(script, Script::Csh | Script::Fish) => {
                        fs::remove_tree(&root.join(BIN).join(name))?;
                        continue;
                    }
                    Err(_) => activate::render_self_locating(script, &prompt)?,
                },
            };
            fs::replace_file(&root.join(BIN).join(name), &content, 0o666)?;
        }
    }
    Ok(())
}
