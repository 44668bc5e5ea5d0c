//! What names an environment that has got another path, and whether it names the new one now.

use std::ffi::OsString;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use venvwrap_core::env::Environment;
use venvwrap_core::env::kernels::Kernel;
use venvwrap_core::fs::PathError;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::references::Reference;
use venvwrap_core::store::kernels::Retitled;

use crate::process::Process;
use crate::ui::{
    printer::{self, shown},
    report,
};

/// What was found.
pub(crate) struct Outside<'a> {
    /// Files of projects and of the user.
    pub(crate) references: &'a [Reference],
    /// Links in the store.
    pub(crate) links: &'a [OsString],
    /// Jupyter kernels.
    pub(crate) kernels: &'a [Kernel],
    /// Environments that were made from its Python.
    pub(crate) children: &'a [Environment],
    /// Links elsewhere, which stay as they are.
    pub(crate) elsewhere: &'a [PathBuf],
    /// What could not follow.
    pub(crate) problems: &'a [PathError],
}

/// Says what has followed an environment that was called `old`, or would after a dry run, and what still names that.
pub(crate) fn tell(process: &Process, old: &impl Display, outside: &Outside<'_>, dry_run: bool) {
    let shown = |path: &Path| shown(path, process.config.home.as_deref());
    let followed = |has: bool| outside.references.iter().filter(move |found| found.has_followed == has);
    let files = followed(true).map(|found| format!("`{}`", shown(&found.file)));
    let links = outside.links.iter().map(|link| format!("link `{}`", printable(link)));
    let kernels = outside.kernels.iter().map(|kernel| format!("kernel `{}`", printable(&kernel.id)));
    let children = outside.children.iter().map(|child| format!("environment `{}`", child.name()));
    let also: Vec<_> = files.chain(links).chain(kernels).chain(children).collect();
    if !also.is_empty() {
        let verb = if dry_run { "would follow" } else { "followed" };
        printer::message(&format!("{verb}: {}", also.join(", ")));
    }
    outside.problems.iter().for_each(|problem| report::warn(problem));
    let others = followed(false).map(|found| found.file.as_path());
    let others: Vec<_> =
        others.chain(outside.elsewhere.iter().map(PathBuf::as_path)).map(|file| format!("`{}`", shown(file))).collect();
    if !others.is_empty() {
        let still = if dry_run { "would still" } else { "still" };
        printer::warning(&format!("these {still} name `{old}`: {}", others.join(", ")));
    }
}

/// Says which kernels name the new Python of their environment, and which still name another.
pub(crate) fn tell_of_titles(kernels: &Retitled) {
    let ids = |kernels: &[Kernel]| {
        let shown = kernels.iter().map(|kernel| format!("`{}`", printable(&kernel.id)));
        shown.collect::<Vec<_>>().join(", ")
    };
    if !kernels.followed.is_empty() {
        printer::message(&format!("the titles of these Jupyter kernels have followed: {}", ids(&kernels.followed)));
    }
    kernels.problems.iter().for_each(|problem| report::warn(problem));
    if !kernels.others.is_empty() {
        printer::warning(&format!("the titles of these Jupyter kernels name another Python: {}", ids(&kernels.others)));
    }
}
