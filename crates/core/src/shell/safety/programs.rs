//! Whether a program of an environment may run: who could have changed it, and what it names.

use std::io;
use std::path::Path;

use super::SafetyError;
use crate::env::first_line::files_named_by;
use crate::env::program::is_name_of_python;
use crate::fs::PathContext;
use crate::fs::exposure::{Exposure, Vetting};
use crate::fs::identity::is_same_file;

/// As many interpreters that are scripts as the system follows.
const MAX_INTERPRETERS: usize = 5;

/// Fails where someone other than the user and root could put a program into an environment, or change the one that is to
/// run: at both ends of each link, and what its first line names. Without a program, it is the environment's Python.
///
/// The Python that the environment is made of may be that of another user, as packages may: only who has put one into a
/// place where everybody may write is not trusted. What programs load is not judged.
pub fn check_owners_of_programs(root: &Path, program: Option<&Path>, vetting: &Vetting) -> Result<(), SafetyError> {
    let bin = root.join("bin");
    let python = bin.join("python");
    let refused = |exposure| SafetyError::Programs { env: root.to_path_buf(), exposure };
    if let Some(exposure) = vetting.find_before_it_is_there(&bin).at("read", &bin)? {
        return Err(refused(exposure));
    }
    let program = program.unwrap_or(&python);
    if !program.starts_with(root) {
        return Ok(());
    }
    match find_of_program(&bin, program, vetting, MAX_INTERPRETERS).at("read", program)? {
        Some(exposure) => Err(refused(exposure)),
        None => Ok(()),
    }
}

/// Finds who could change a program, or one of the files that its first line names.
fn find_of_program(bin: &Path, program: &Path, vetting: &Vetting, depth: usize) -> io::Result<Option<Exposure>> {
    // What is missing, whoever runs it tells.
    if !program.exists() {
        return Ok(None);
    }
    let is_base = is_python(bin, program) && (program.is_symlink() || program.parent() != Some(bin));
    let found = if is_base { vetting.find_planted(program)? } else { vetting.find_before_it_is_there(program)? };
    if found.is_some() || depth == 0 {
        return Ok(found);
    }
    for named in files_named_by(program) {
        if let Some(exposure) = find_of_program(bin, &named, vetting, depth - 1)? {
            return Ok(Some(exposure));
        }
    }
    Ok(None)
}

/// Whether this is the environment's Python, by the name that it has there or as the file that it is.
fn is_python(bin: &Path, program: &Path) -> bool {
    let is_named_so = program.file_name().is_some_and(is_name_of_python);
    is_named_so && (program.parent() == Some(bin) || is_same_file(program, &bin.join("python")))
}
