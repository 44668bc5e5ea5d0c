//! What names a renamed environment from outside: links in the store, environments that were made from its Python, and
//! Jupyter kernels.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::env::kernels::Kernel;
use crate::env::metadata;
use crate::env::name::EnvName;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{BIN, Environment};
use crate::fs::entry::Entry;
use crate::fs::identity::is_same_file;
use crate::fs::{PathContext, PathError, PathResult};
use crate::relocate::mapping::{Language, Mapping};
use crate::relocate::rewrite::Rules;
use crate::store::home::Store;
use crate::store::links::Leading;

/// What is outside of an environment that has got another path, and names the new one now.
#[derive(Debug, Default)]
pub struct Followed {
    /// Environments whose interpreter is in it.
    pub children: Vec<Environment>,
    /// Jupyter kernels that name it.
    pub kernels: Vec<Kernel>,
    /// Links in the store that lead to it.
    pub links: Vec<OsString>,
    /// Links outside of the store that lead to it and kernels that nobody but Jupyter understands, which stay as they are.
    pub elsewhere: Vec<PathBuf>,
    /// What could not follow.
    pub problems: Vec<PathError>,
}

impl Store {
    /// Lets follow what is outside of an environment that has got its new name: associations, snapshots, links,
    /// environments that were made from its Python, kernels. Doing it twice is the same as once: a crash may have come between.
    pub(super) fn follow_rename(&self, old: &Path, renamed: &Environment, mapping: &Mapping) -> Followed {
        let mut problems = Vec::new();
        problems.extend(self.mirror_rename(old, renamed.path()).err());
        problems.extend(self.rename_snapshots(old, renamed.path()).err());
        let mut followed = self.follow_outside(old, renamed, mapping);
        problems.append(&mut followed.problems);
        followed.problems = problems;
        metadata::note_left(renamed.path(), old, !followed.problems.is_empty());
        followed
    }

    /// The same for what venvwrap keeps no list of: links, environments, kernels.
    pub(in crate::store) fn follow_outside(&self, old: &Path, renamed: &Environment, mapping: &Mapping) -> Followed {
        let mut followed = self.followers_of(old);
        let mut problems = Vec::new();
        for link in &followed.links {
            let (from, to) = (old.file_name().unwrap_or_default(), renamed.name().as_os_str());
            problems.extend(self.redirect_link(link, from, to).err());
        }
        for child in &followed.children {
            problems.extend(relink(child, mapping).err());
        }
        for kernel in &mut followed.kernels {
            problems.extend(self.retarget(kernel, old, mapping, renamed).err());
        }
        followed.problems = problems;
        followed
    }

    /// What is going to follow.
    pub(super) fn followers_of(&self, old: &Path) -> Followed {
        // Another store may have had one of this name.
        let is_of_store = old.parent().is_some_and(|parent| is_same_file(parent, self.home()));
        let name = old.file_name().filter(|_| is_of_store);
        let mut leading = name.map_or_else(Leading::default, |name| self.leading_to(name));
        let (kernels, uncertain) = self.kernels_naming(old);
        leading.elsewhere.extend(uncertain);
        Followed {
            children: self.children_of(old),
            kernels,
            links: leading.entries,
            elsewhere: leading.elsewhere,
            problems: Vec::new(),
        }
    }

    /// The same after a crash: the environment has its new name.
    pub(in crate::store) fn finish_rename(&self, old: &Path, new: EnvName) {
        self.follow_move(old, &self.environment(new));
    }

    /// Lets follow all that is outside of an environment that is elsewhere already, also what only other parts of the
    /// program know of.
    pub(in crate::store) fn follow_move(&self, old: &Path, moved: &Environment) -> Followed {
        let mapping = Rules::of_link(old, moved.path()).mapping;
        let followed = self.follow_rename(old, moved, &mapping);
        if let Some(follow) = self.options().after_rename {
            follow(self, old, moved);
        }
        followed
    }

    /// The environments of the store whose `pyvenv.cfg` has a directory inside another environment as its home, as
    /// PyPy and CPython before 3.11 write it, or whose Python is a link into it.
    pub(crate) fn children_of(&self, env: &Path) -> Vec<Environment> {
        let made = self.bases().into_iter().filter(|(child, bases)| is_made_from(env, child, bases));
        made.map(|(child, _)| child).collect()
    }

    /// The environments of the store that are no links, each with the paths that it was made from.
    pub(crate) fn bases(&self) -> Vec<(Environment, Vec<PathBuf>)> {
        let environments = self.names().unwrap_or_default().into_iter().map(|name| self.environment(name));
        let bases = |environment: Environment| {
            let home = environment.cfg().as_ref().and_then(PyvenvCfg::home).map(PathBuf::from);
            let target = std::fs::read_link(environment.python()).ok();
            (environment, home.into_iter().chain(target).collect())
        };
        environments.filter(|environment| environment.link_target().is_none()).map(bases).collect()
    }
}

/// Returns whether an environment that was made from these paths was made from that at `env`.
pub(crate) fn is_made_from(env: &Path, child: &Environment, bases: &[PathBuf]) -> bool {
    child.path() != env && bases.iter().any(|base| base.starts_with(env))
}

/// Makes the links and `pyvenv.cfg` of an environment name the new path of the one that it was made from.
fn relink(child: &Environment, mapping: &Mapping) -> PathResult<()> {
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
        Ok(PyvenvCfg::parse(mapping.replace_rest(&bytes, Language::Plain).as_deref().unwrap_or(&bytes)))
    })
}
