//! Files of an environment that are links out of it. Nothing is written through one, so what it names stays.

use std::path::{Component, Path, PathBuf};

use super::Stale;
use super::rewrite::{Rules, is_bytecode, kind};
use crate::fs;

/// More than any script.
const MAX_BYTES: u64 = 1 << 20;

/// Returns whether the target of a link, as it is written, may be out of the tree at `root`.
pub(crate) fn may_leave(root: &Path, target: &Path) -> bool {
    let goes_up = target.components().any(|part| part == Component::ParentDir);
    goes_up || (target.is_absolute() && !target.starts_with(root))
}

/// Returns those of some links that lead out of the tree at `root` to a file that would have to be rewritten. Paths are
/// relative to it. A directory that a link leads to is not looked through: it may be a whole disk.
pub(crate) fn stale(root: &Path, rules: &Rules, links: &[PathBuf]) -> Vec<(PathBuf, Stale)> {
    let Ok(real) = root.canonicalize() else { return Vec::new() };
    // Python corrects its bytecode, or compiles it again.
    let others = links.iter().filter(|path| !is_bytecode(path));
    others.filter_map(|path| Some((path.clone(), of_link(&real, path, rules)?))).collect()
}

fn of_link(real: &Path, path: &Path, rules: &Rules) -> Option<Stale> {
    let target = real.join(path).canonicalize().ok().filter(|target| !target.starts_with(real))?;
    // Programs such as Python itself are larger, and not even opened.
    target.metadata().ok().filter(|found| found.is_file() && found.len() <= MAX_BYTES)?;
    let content = fs::read_limited(&target, MAX_BYTES).ok()?;
    let verdict = rules.apply(path, &content);
    let names_it = verdict.content.is_some() || verdict.stale.is_some();
    let found = if content.starts_with(b"#!") { Stale::Script } else { kind(path, &content) };
    names_it.then_some(found)
}
