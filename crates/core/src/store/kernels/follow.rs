//! What kernels become when their environment gets another path.

use std::path::{Path, PathBuf};

use super::spelled::Spelled;
use crate::env::Environment;
use crate::env::kernel_spec;
use crate::env::kernels::{self, KeptKernel, Kernel};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::{PathError, PathResult};
use crate::relocate::mapping::{Language, Mapping};
use crate::store::home::Store;

impl Store {
    /// The Jupyter kernels of the user that have the path of an environment anywhere in them, also as an argument or in a
    /// variable.
    pub(in crate::store) fn kernels_naming(&self, env: &Path) -> Vec<Kernel> {
        let kernels = self.options().kernel_dir.as_deref().map(kernels::list).unwrap_or_default();
        let spelled = env.to_str().map(|path| PathBuf::from(kernel_spec::literal(path)));
        let paths: Vec<_> = std::iter::once(env.to_path_buf()).chain(spelled).collect();
        // What it becomes is of no importance.
        let mapping = Mapping::new(&paths, Path::new(""));
        let spelled = Spelled::new(env, Path::new(""), self.options().user_home.as_deref());
        let names_it =
            |content: &[u8]| mapping.is_in(content) || spelled.as_ref().is_some_and(|spelled| spelled.is_in(content));
        kernels.into_iter().filter(|kernel| names_it(kernel.content())).collect()
    }

    /// The descriptions of kernels that still name, or may name, an environment by a path that it has lost: because only
    /// the program that reads them knows what they mean, or because they cannot be read, or are elsewhere.
    pub(in crate::store) fn kernels_still_naming(&self, env: &Path) -> Vec<PathBuf> {
        let Some(directory) = self.options().kernel_dir.as_deref() else { return Vec::new() };
        let real = env.parent().and_then(|parent| parent.canonicalize().ok()).zip(env.file_name());
        let real = real.map(|(parent, name)| parent.join(name));
        let paths: Vec<_> = std::iter::once(env.to_path_buf()).chain(real).collect();
        let mapping = Mapping::new(&paths, Path::new(""));
        let spelled = Spelled::new(env, Path::new(""), self.options().user_home.as_deref());
        let may_be_in = |content: &[u8]| spelled.as_ref().is_some_and(|spelled| spelled.may_be_in(content));
        let is_in =
            |content: &[u8]| mapping.is_in(content) || spelled.as_ref().is_some_and(|spelled| spelled.is_in(content));
        let own = kernels::list(directory);
        let uncertain = own.iter().filter(|kernel| may_be_in(kernel.content()));
        let mut found: Vec<_> = uncertain.map(|kernel| kernel.file().to_path_buf()).collect();
        let others = kernels::passed_over(directory).into_iter();
        found.extend(others.filter(|(_, content)| is_in(content) || may_be_in(content)).map(|(file, _)| file));
        found
    }

    /// Puts kernels back for an environment that has another path now; returns what could not be.
    pub(in crate::store) fn move_kernels_back(
        &self,
        old: &Path,
        env: &Environment,
        kept: &[KeptKernel],
    ) -> Vec<PathError> {
        let mapping = Mapping::new(&[old.to_path_buf()], env.path());
        let mut problems = Vec::new();
        for kernel in kept {
            let moved = self.put_kernel_back(env.path(), kernel).and_then(|()| {
                let read = Kernel::read(&kernel.directory);
                read.map_or(Ok(()), |mut kernel| self.retarget(&mut kernel, old, &mapping, env))
            });
            problems.extend(moved.err());
        }
        problems
    }

    /// Makes a kernel name the new path of an environment that was at `old`.
    pub(in crate::store) fn retarget(
        &self,
        kernel: &mut Kernel,
        old: &Path,
        mapping: &Mapping,
        environment: &Environment,
    ) -> PathResult<()> {
        let mut content = kernel.content().to_vec();
        for mapping in [Some(mapping), in_variables(mapping).as_ref()].into_iter().flatten() {
            content = mapping.replace_rest(&content, Language::Json).unwrap_or(content);
        }
        if let Some(spelled) = Spelled::new(old, environment.path(), self.options().user_home.as_deref()) {
            content = spelled.replaced(&content).unwrap_or(content);
        }
        if content == kernel.content() {
            return Ok(());
        }
        let content = kernel.renamed(&content, environment.name());
        Entry::at(kernel.file())?.replace(&content, Permissions::Kept(kernel.mode()))?;
        kernel.note(content);
        Ok(())
    }
}

/// The same for variables of kernels, in which a dollar is written twice; none where no path holds one.
fn in_variables(mapping: &Mapping) -> Option<Mapping> {
    let spelled = |path: &Path| path.to_str().map(|path| PathBuf::from(kernel_spec::literal(path)));
    let old: Option<Vec<_>> = mapping.old_paths().iter().map(|path| spelled(path)).collect();
    let (old, new) = (old?, spelled(mapping.new_path())?);
    (old != mapping.old_paths()).then(|| Mapping::new(&old, &new))
}
