//! Copying an interpreter into an environment, with the library that it needs to start.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::env::{BIN, Environment};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::{self, PathContext, PathResult, sparse};
use crate::python::{Guess, Interpreter};

/// More than any interpreter.
const MAX_BYTES: u64 = 1 << 30;

/// Copies the executable to these names in `bin`, and the shared library of Python that it is linked to,
/// where that is in the installation itself: a build that looks for it next to the executable would not start without.
///
/// Nothing is a link, as in virtualenv: some file systems have none.
pub(super) fn copy(root: &Path, interpreter: &Interpreter, names: &[String]) -> PathResult<()> {
    let executable = &interpreter.executable;
    for name in names {
        copy_program(executable, &root.join("bin").join(name))?;
    }
    let content = fs::read_limited(executable, MAX_BYTES)?;
    for library in shared_libraries(&content) {
        let Some(source) = beside(executable, &library) else { continue };
        let target = root.join(directory_of(&library)).join(&library);
        copy_program(&source, &target)?;
    }
    Ok(())
}

/// The names in `bin` that are copies of an interpreter.
pub(crate) fn copied_names(environment: &Environment) -> PathResult<Vec<String>> {
    let bin = environment.bin();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&bin).at("list", &bin)? {
        let Ok(name) = entry.at("list", &bin)?.file_name().into_string() else { continue };
        let path = bin.join(&name);
        let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() > 0);
        if is_file && Guess::of_executable(&name).is_some() && !is_script(&path) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Puts copies of an interpreter, and of the library that it needs, into the place of others. A program that runs keeps
/// its file.
pub(crate) fn renew(environment: &Environment, interpreter: &Interpreter, names: &[String]) -> PathResult<()> {
    let executable = &interpreter.executable;
    let content = fs::read_limited(executable, MAX_BYTES)?;
    let put = |relative: PathBuf, source: &Path, content: &[u8]| {
        let mode = source.metadata().at("read", source)?.permissions().mode() & 0o777;
        Entry::below(environment.path(), &relative)?.replace(content, Permissions::Kept(mode))
    };
    for library in shared_libraries(&content) {
        let Some(source) = beside(executable, &library) else { continue };
        put(Path::new(directory_of(&library)).join(&library), &source, &fs::read_limited(&source, MAX_BYTES)?)?;
    }
    names.iter().try_for_each(|name| put(Path::new(BIN).join(name), executable, &content))
}

/// Returns whether a file with a name of the interpreter is a script that can be run.
pub(super) fn is_wrapper(path: &Path) -> bool {
    let is_runnable = |found: std::fs::Metadata| found.is_file() && found.permissions().mode() & 0o111 != 0;
    path.symlink_metadata().is_ok_and(is_runnable) && is_script(path)
}

fn is_script(path: &Path) -> bool {
    let mut start = [0; 2];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *b"#!"
}

/// CPython looks for its library in `../lib`, PyPy in its own directory.
fn directory_of(library: &str) -> &'static str {
    if library.starts_with("libpypy") { BIN } else { "lib" }
}

/// Copies a regular file, with its permission bits. A program that runs keeps the file that was there.
fn copy_program(source: &Path, target: &Path) -> PathResult<()> {
    match std::fs::remove_file(target) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).at("replace", target),
        _ => {}
    }
    let file = fs::open_regular(source)?;
    let found = file.metadata().at("read", source)?;
    fs::write_new(target, b"", 0o600)?;
    let copy = std::fs::File::options().write(true).open(target).at("write", target)?;
    sparse::copy(&file, &copy, found.len()).copying(source, target)?;
    copy.set_permissions(found.permissions()).at("write", target)
}

/// The names of Python's own shared libraries that an executable mentions.
fn shared_libraries(executable: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for prefix in ["libpython3", "libpypy3"] {
        for at in memchr::memmem::find_iter(executable, prefix) {
            let name: Vec<u8> = executable[at..].iter().copied().take_while(|&byte| is_name_byte(byte)).collect();
            let name = String::from_utf8_lossy(&name).into_owned();
            if (name.contains(".so") || name.contains(".dylib")) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

fn beside(executable: &Path, library: &str) -> Option<PathBuf> {
    let real = executable.canonicalize().ok()?;
    let bin = real.parent()?;
    let candidates = [bin.join(library), bin.parent()?.join("lib").join(library)];
    // A library of the system is found wherever the executable is.
    let is_system = |path: &PathBuf| path.parent() == Some(Path::new("/usr/lib"));
    candidates.into_iter().find(|path| path.is_file() && !is_system(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn library_names_are_found_in_an_executable() {
        let content = b"\0libc.so.6\0libpython3.12.so.1.0\0libpython3.12.so.1.0\0see libpython3 docs\0";
        assert_eq!(shared_libraries(content), ["libpython3.12.so.1.0"]);
    }
}
