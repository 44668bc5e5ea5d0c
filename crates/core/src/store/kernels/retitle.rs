//! The version in the titles of kernels, after their environment has got another Python.

use crate::env::Environment;
use crate::env::kernels::Kernel;
use crate::env::packages::minor_of;
use crate::fs::entry::{Entry, Permissions};
use crate::fs::{PathError, PathResult};
use crate::store::home::Store;

/// The kernels whose titles named another Python than that of their environment.
#[derive(Debug, Default)]
pub struct Retitled {
    /// Those that name the right one now: venvwrap has written them.
    pub followed: Vec<Kernel>,
    /// Those that still name another.
    pub others: Vec<Kernel>,
    /// What could not be written.
    pub problems: Vec<PathError>,
}

impl Store {
    /// Has the titles of kernels name the Python that their environment has.
    pub(in crate::store) fn retitle_kernels(&self, environment: &Environment) -> Retitled {
        let mut retitled = Retitled::default();
        let version = environment.cfg().and_then(|cfg| minor_of(&cfg.version()?));
        let Some(version) = version else { return retitled };
        for mut kernel in self.kernels_in(environment.path()) {
            let Some(content) = kernel.retitled(version) else { continue };
            if kernel.environment.is_none() {
                retitled.others.push(kernel);
                continue;
            }
            match write(&mut kernel, content) {
                Ok(()) => retitled.followed.push(kernel),
                Err(problem) => retitled.problems.push(problem),
            }
        }
        retitled
    }
}

fn write(kernel: &mut Kernel, content: Vec<u8>) -> PathResult<()> {
    Entry::at(kernel.file())?.replace(&content, Permissions::Kept(kernel.mode()))?;
    kernel.note(content);
    Ok(())
}
