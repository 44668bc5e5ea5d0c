//! What still names a path after an environment was copied or renamed.

use std::path::{Path, PathBuf};

use venvwrap_core::fs::text::printable;
use venvwrap_core::relocate::Stale;

use crate::ui::printer;

/// How many files of one kind are named; of the others the number.
const NAMED: usize = 3;

/// Warns of everything that still contains a path, or would after a dry run, kind by kind; `what` names that path.
pub(crate) fn tell_of(root: &Path, stale: &[(PathBuf, Stale)], what: &str, dry_run: bool) {
    let of = |kind| stale.iter().filter(move |(_, own)| *own == kind).map(|(path, _)| path);
    let (would, still) = if dry_run { ("would ", "would still") } else { ("", "still") };
    tell(&format!("these scripts {would}run the Python of another environment"), root, of(Stale::Script));
    tell(&format!("these {still} contain {what}; mind the quotes when you edit them"), root, of(Stale::Hook));
    tell(&format!("these binary files {still} contain {what}"), root, of(Stale::Binary));
    tell(&format!("these {still} contain {what}"), root, of(Stale::Text));
}

/// Warns of files, which are given relative to a directory.
pub(crate) fn tell<'a>(what: &str, root: &Path, paths: impl Iterator<Item = &'a PathBuf>) {
    let paths: Vec<_> = paths.collect();
    if paths.is_empty() {
        return;
    }
    let mut names: Vec<_> = paths.iter().take(NAMED).map(|path| format!("`{}`", printable(path.as_os_str()))).collect();
    if paths.len() > NAMED {
        names.push(format!("{} more", paths.len() - NAMED));
    }
    printer::warning(&format!("{what}: {} in `{}`", names.join(", "), printable(root.as_os_str())));
}
