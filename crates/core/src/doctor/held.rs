//! What speaks for an environment although nobody seems to use it: projects, kernels and other environments.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::env::Environment;
use crate::fs;
use crate::project::decide::Switcher;
use crate::project::trust::TrustStore;
use crate::store::Store;
use crate::store::kernels::{KernelState, ListedKernel};
use crate::store::rename::is_made_from;

/// The name of what leads from a directory to its environment.
const LINK: &str = ".venv";

/// What names environments.
pub(super) struct Held<'a> {
    store: &'a Store,
    /// The real paths of the environments that known directories lead to.
    of_directories: HashSet<PathBuf>,
    /// The kernels of all directories of Jupyter that can be started.
    kernels: Vec<ListedKernel>,
    /// What is in the descriptions of those of the user.
    descriptions: Vec<Vec<u8>>,
    /// All environments, with what each was made from.
    bases: Vec<(Environment, Vec<PathBuf>)>,
}

impl<'a> Held<'a> {
    /// Looks at all directories that are known and exist: of projects, linked ones, and those that were allowed or denied.
    pub(super) fn new(store: &'a Store, kernel_directories: &[PathBuf]) -> Self {
        let named = switcher(store).map(|switcher| named(&switcher)).unwrap_or_default();
        let of_directories = named.iter().filter_map(|env| env.canonicalize().ok()).collect();
        let mut kernels = store.kernels(kernel_directories);
        kernels.retain(|found| found.state != KernelState::Dead);
        Self { store, of_directories, kernels, descriptions: store.started_by_kernels(), bases: store.bases() }
    }

    /// Returns whether an existing directory leads to an environment, a kernel that can be started names it, or another one
    /// was made from it.
    pub(super) fn holds(&self, environment: &Environment) -> bool {
        let env = environment.path();
        env.canonicalize().is_ok_and(|real| self.of_directories.contains(&real))
            || !self.store.linked_directories(env).is_empty()
            || self.is_kernel(environment)
            || self.bases.iter().any(|(child, bases)| is_made_from(env, child, bases))
    }

    fn is_kernel(&self, environment: &Environment) -> bool {
        let is_meant = |found: &ListedKernel| {
            found.environment.as_ref() == Some(environment.name()) || found.kernel.runs_in(environment.path())
        };
        self.kernels.iter().any(is_meant) || self.store.is_named_in(environment.path(), &self.descriptions)
    }
}

fn switcher(store: &Store) -> Option<Switcher<'_>> {
    let options = store.options();
    let trust = TrustStore::new(options.state_dir.as_deref()?, options.user);
    Some(Switcher { store, tree: store.mirror()?, trust })
}

/// The environments that directories lead to. A tool may follow `.venv` where an association comes first here.
fn named(switcher: &Switcher<'_>) -> Vec<PathBuf> {
    let associated = switcher.tree.list().into_iter().map(|found| found.directory);
    let trusted = switcher.trust.list().unwrap_or_default().into_iter().map(|record| record.directory);
    let directories = associated.chain(trusted).filter(|directory| directory.is_dir());
    directories.flat_map(|directory| [resolved(switcher, &directory), linked(&directory)]).flatten().collect()
}

fn resolved(switcher: &Switcher<'_>, directory: &Path) -> Option<PathBuf> {
    let candidate = switcher.candidate(directory).ok().flatten()?;
    Some(candidate.environment.path().to_path_buf())
}

fn linked(directory: &Path) -> Option<PathBuf> {
    let target = std::fs::read_link(directory.join(LINK)).ok()?;
    Some(fs::absolute(directory, &target))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::SystemTime;

    use super::*;
    use crate::env::name::EnvName;
    use crate::fs::private::User;
    use crate::project::trust::Grants;
    use crate::store::StoreOptions;

    #[test]
    fn directories_kernels_and_other_environments_hold_one() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let options = StoreOptions::new(root.join("envs"), User::of_this_process(), SystemTime::now);
        let (state_dir, kernel_dir) = (Some(root.join("state")), Some(root.join("kernels")));
        let store = Store::open(StoreOptions { kernel_dir, state_dir, ..options });
        let make = |name: &str, cfg: String| {
            let environment = store.environment(EnvName::for_new(name.as_ref()).unwrap());
            std::fs::create_dir_all(environment.bin()).unwrap();
            std::fs::write(environment.python(), "a program").unwrap();
            std::fs::write(environment.path().join("pyvenv.cfg"), cfg).unwrap();
            environment
        };
        let directory = |name: &str| {
            let directory = root.join(name);
            std::fs::create_dir_all(&directory).unwrap();
            directory
        };
        let names = [
            "added", "linked", "file", "named", "kernel", "other", "argument", "base", "pythons", "gone", "dead",
            "free",
        ];
        let environments = names.map(|name| make(name, String::new()));
        let [added, link, file, _, kernel, other, argument, base, pythons, gone, dead, _] = &environments;
        store.add_directory(added, &directory("l2")).unwrap();
        store.add_directory(gone, &directory("l3")).unwrap();
        std::fs::remove_dir(root.join("l3")).unwrap();
        symlink(link.path(), directory("lk").join(LINK)).unwrap();
        store.note_uv_link(&root.join("lk"), link, None).unwrap();
        std::fs::write(directory("lf").join(LINK), format!("{}\n", file.path().display())).unwrap();
        store.note_file_link(&root.join("lf")).unwrap();
        std::fs::write(directory("allowed").join(LINK), "named\n").unwrap();
        let trust = TrustStore::new(&root.join("state"), User::of_this_process());
        trust.allow(&root.join("allowed"), None, Grants::default()).unwrap();
        let write = |place: &str, argv: &str| {
            std::fs::write(directory(place).join("kernel.json"), format!("{{\"argv\": [{argv}]}}")).unwrap();
        };
        write("kernels/a", &format!("\"{}/bin/python\"", kernel.path().display()));
        write("kernels/b", &format!("\"/bin/sh\", \"{}/run\"", argument.path().display()));
        write("more/c", &format!("\"{}/bin/python\"", other.path().display()));
        // What cannot be started needs no environment.
        std::fs::remove_file(dead.python()).unwrap();
        let (python, script) = (dead.python(), dead.path().join("run"));
        write("kernels/d", &format!("\"{}\", \"-m\", \"x\"", python.display()));
        write("more/e", &format!("\"{}\"", python.display()));
        write("kernels/f", &format!("\"/nowhere/python\", \"{}\"", script.display()));
        write("kernels/g", &format!("\"/bin/sh\", \"{}\", ", script.display()));
        make("child", format!("home = {}/bin\n", base.path().display()));
        let second = make("second", "home = /usr/bin\n".into());
        std::fs::remove_file(second.python()).unwrap();
        symlink(pythons.path().join("bin/python3"), second.bin().join("python")).unwrap();
        let more = [root.join("more")];
        let held = Held::new(&store, &more);
        let free: Vec<_> = environments.iter().filter(|found| !held.holds(found)).collect();
        let free: Vec<_> = free.into_iter().map(|found| found.name().to_string()).collect();
        assert_eq!(free, ["gone", "dead", "free"]);
    }
}
