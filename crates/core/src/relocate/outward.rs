//! Programs of an environment that are links out of it. Nothing is written through one, so what it names stays.

use std::path::{Path, PathBuf};

use super::Stale;
use super::rewrite::Rules;
use crate::env::BIN;
use crate::fs;

/// More than any script.
const MAX_BYTES: u64 = 1 << 20;

/// Returns the links in `bin` that lead out of the tree at `root` to what would have to be rewritten. Paths are relative
/// to it.
pub(crate) fn stale(root: &Path, rules: &Rules) -> Vec<(PathBuf, Stale)> {
    let Ok(real) = root.canonicalize() else { return Vec::new() };
    let entries = std::fs::read_dir(real.join(BIN)).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|found| found.is_symlink()));
    links.filter_map(|entry| of_link(&real, Path::new(BIN).join(entry.file_name()), rules)).collect()
}

fn of_link(real: &Path, path: PathBuf, rules: &Rules) -> Option<(PathBuf, Stale)> {
    let target = real.join(&path).canonicalize().ok().filter(|target| !target.starts_with(real))?;
    let content = fs::read_limited(&target, MAX_BYTES).ok()?;
    let verdict = rules.apply(&path, &content);
    let names_it = verdict.content.is_some() || verdict.stale.is_some();
    let kind = if content.starts_with(b"#!") { Stale::Script } else { Stale::Hook };
    names_it.then_some((path, kind))
}
