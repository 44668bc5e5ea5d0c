//! What names a renamed environment from outside: environments that were made from its Python, and Jupyter kernels.

use std::path::Path;

use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{BIN, Environment};
use crate::fs::entry::Entry;
use crate::fs::{PathContext, PathResult};
use crate::relocate::mapping::{Language, Mapping};
use crate::store::home::Store;

impl Store {
    /// The environments of the store whose `pyvenv.cfg` has a directory inside another environment as its home, as
    /// PyPy and CPython before 3.11 write it.
    pub(super) fn children_of(&self, env: &Path) -> Vec<Environment> {
        let environments = self.names().unwrap_or_default().into_iter().map(|name| self.environment(name));
        let is_child = |child: &Environment| {
            let cfg = child.cfg();
            let home = cfg.as_ref().and_then(PyvenvCfg::home).map(Path::new);
            child.link_target().is_none() && home.is_some_and(|home| home.starts_with(env))
        };
        environments.filter(is_child).collect()
    }
}

/// Makes the links and `pyvenv.cfg` of an environment name the new path of the one that it was made from.
pub(super) fn relink(child: &Environment, mapping: &Mapping) -> PathResult<()> {
    let bin = child.bin();
    for entry in std::fs::read_dir(&bin).at("list", &bin)? {
        let name = entry.at("list", &bin)?.file_name();
        let target = std::fs::read_link(bin.join(&name)).ok().and_then(|target| mapping.path(&target));
        if let Some(target) = target {
            Entry::below(child.path(), &Path::new(BIN).join(&name))?.replace_by_link(&target)?;
        }
    }
    child.update_cfg(|old| {
        let bytes = old.unwrap_or_default().to_bytes();
        Ok(PyvenvCfg::parse(mapping.replace(&bytes, Language::Plain).as_deref().unwrap_or(&bytes)))
    })
}
