//! What the builders of conda's packages leave in them about their own machine.

use std::path::{Path, PathBuf};

use crate::env::direct_url::{self, DirectUrl, Kind};
use crate::fs::{self, PathContext, PathResult};
use crate::relocate::record;

/// More than any of these files.
const MAX_BYTES: u64 = 64 << 10;

/// Removes the origins of packages that conda has installed: pip would take the directory in which they were built, on
/// a machine of their builders, for the place to install them from. `records` are the lists of the packages.
pub(super) fn forget(root: &Path, records: &[PathBuf]) -> PathResult<()> {
    for list in records {
        let Some(info) = list.parent() else { continue };
        let origin = info.join(direct_url::FILE_NAME);
        if is_of_conda(&root.join(info)) && is_of_builder(&root.join(&origin)) {
            let path = root.join(&origin);
            std::fs::remove_file(&path).at("remove", &path)?;
            record::remove_row(root, list, &origin)?;
        }
    }
    Ok(())
}

fn is_of_conda(info: &Path) -> bool {
    fs::read_limited(&info.join("INSTALLER"), MAX_BYTES).is_ok_and(|name| name.trim_ascii() == b"conda")
}

/// Returns whether a file names a directory or file of a machine; an editable package is the user's.
fn is_of_builder(path: &Path) -> bool {
    let Ok(content) = fs::read_limited(path, MAX_BYTES) else { return false };
    let origin = DirectUrl::parse(&content);
    origin.is_ok_and(|origin| {
        origin.url.starts_with("file:") && !matches!(origin.kind, Kind::Directory { is_editable: true })
    })
}
