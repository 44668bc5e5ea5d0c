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
    /// variable, and can follow it. Then the descriptions that may name it still when it has lost that path: because only
    /// the program that reads them knows what they mean, or because they cannot be read, or are elsewhere.
    pub(crate) fn kernels_naming(&self, env: &Path) -> (Vec<Kernel>, Vec<PathBuf>) {
        let (mut following, mut elsewhere) = (Vec::new(), Vec::new());
        let naming = Naming::new(env, self.options().user_home.as_deref());
        for directory in self.kernel_dirs() {
            let own = kernels::list(directory);
            let uncertain = own.iter().filter(|kernel| naming.may_be_in(kernel.content()));
            elsewhere.extend(uncertain.map(|kernel| kernel.file().to_path_buf()));
            let others = kernels::passed_over(directory).into_iter();
            let is_named = |content: &[u8]| naming.is_in(content) || naming.may_be_in(content);
            elsewhere.extend(others.filter(|(_, content)| is_named(content)).map(|(file, _)| file));
            following.extend(own.into_iter().filter(|kernel| naming.is_in(kernel.content())));
        }
        (following, elsewhere)
    }

    /// What is in all descriptions of the user's kernels by which something can be started, also in those that
    /// [`kernels`](Self::kernels) passes over.
    pub(crate) fn started_by_kernels(&self) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        for directory in self.kernel_dirs() {
            found.extend(kernels::list(directory).iter().map(|kernel| kernel.content().to_vec()));
            found.extend(kernels::passed_over(directory).into_iter().map(|(_, content)| content));
        }
        found.retain(|content| kernels::can_start(content));
        found
    }

    /// Returns whether one of these descriptions names an environment, or may name it.
    pub(crate) fn is_named_in(&self, env: &Path, descriptions: &[Vec<u8>]) -> bool {
        let naming = Naming::new(env, self.options().user_home.as_deref());
        descriptions.iter().any(|content| naming.is_in(content) || naming.may_be_in(content))
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
        let is_back = |kernel: &&KeptKernel| {
            let found = Kernel::read(&kernel.directory);
            found.is_some_and(|found| found.environment.is_some() && found.runs_in(env.path()))
        };
        for kernel in kept.iter().filter(|kernel| !is_back(kernel)) {
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

/// Finds the path of an environment in descriptions of kernels, however it is spelled.
struct Naming<'a> {
    mapping: Mapping,
    spelled: Option<Spelled<'a>>,
}

impl<'a> Naming<'a> {
    fn new(env: &'a Path, user_home: Option<&'a Path>) -> Self {
        let real = env.parent().and_then(|parent| parent.canonicalize().ok()).zip(env.file_name());
        let real = real.map(|(parent, name)| parent.join(name));
        let in_variables = env.to_str().map(|path| PathBuf::from(kernel_spec::literal(path)));
        let paths: Vec<_> = std::iter::once(env.to_path_buf()).chain(real).chain(in_variables).collect();
        // What it becomes is of no importance.
        let new = Path::new("");
        Self { mapping: Mapping::new(&paths, new), spelled: Spelled::new(env, new, user_home) }
    }

    fn is_in(&self, content: &[u8]) -> bool {
        self.mapping.is_in(content) || self.spelled.as_ref().is_some_and(|spelled| spelled.is_in(content))
    }

    fn may_be_in(&self, content: &[u8]) -> bool {
        self.spelled.as_ref().is_some_and(|spelled| spelled.may_be_in(content))
    }
}

/// The mapping for variables of kernels, in which a dollar is written twice; none where no path holds one.
fn in_variables(mapping: &Mapping) -> Option<Mapping> {
    let spelled = |path: &Path| path.to_str().map(|path| PathBuf::from(kernel_spec::literal(path)));
    let old: Option<Vec<_>> = mapping.old_paths().iter().map(|path| spelled(path)).collect();
    let (old, new) = (old?, spelled(mapping.new_path())?);
    (old != mapping.old_paths()).then(|| Mapping::new(&old, &new))
}
