//! Looking at the names in a wheel that may be larger than memory.

use std::path::Path;

use rawzip::{RECOMMENDED_BUFFER_SIZE, ZipArchive};

use super::archive::Limits;
use super::file::{Wheel, WheelError};
use super::problem::WheelProblem;
use super::safe_path::relative_path;
use crate::fs::{open_regular, read_limited};

/// Fails for what is no zip archive, or has a name that leads out of it. `file` is what messages call it.
pub(crate) fn check(path: &Path, file: &str) -> Result<(), WheelError> {
    let found = open_regular(path)?;
    names(found).map_err(|problem| WheelError::Unsound { path: file.into(), problem })
}

fn names(file: std::fs::File) -> Result<(), WheelProblem> {
    let broken = |error: rawzip::Error| WheelProblem::Archive(error.to_string());
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
    let mut entries = archive.entries(&mut buffer);
    let mut has_metadata = false;
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        let raw = entry.file_path();
        let name = raw.as_bytes().strip_suffix(b"/").unwrap_or(raw.as_bytes());
        let shown = || String::from_utf8_lossy(name).escape_debug().to_string();
        let path = relative_path(name).ok_or_else(|| WheelProblem::UnsafeName(shown()))?;
        has_metadata |= path.ends_with(".dist-info/METADATA");
    }
    if has_metadata { Ok(()) } else { Err(WheelProblem::Missing("METADATA")) }
}

/// Calls `look` with the content of each file of a wheel, in memory. `file` is its name.
pub(crate) fn for_each(path: &Path, file: &str, look: &mut dyn FnMut(&[u8])) -> Result<(), WheelError> {
    let wheel = Wheel::parse(read_limited(path, Limits::ANY.wheel)?, Path::new(file), Limits::ANY)?;
    for member in &wheel.members {
        look(&wheel.read(member)?);
    }
    Ok(())
}
