//! What is compared or restored: an environment, a file, a snapshot, an archive, or an environment of another machine.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use venvwrap_core::bundle::{Carried, carried, is_carrier};
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::{Environment, is_environment};
use venvwrap_core::snapshot::file;
use venvwrap_core::snapshot::history::Snapshot;
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::snapshot::requirements::{Requirements, is_file_name};

use super::{find, packages, place, remote};
use crate::error::{Context as _, Error, Explain, Result, called};
use crate::process::{Process, lookup};

/// The name of standard input on the command line.
pub(crate) const STDIN: &str = "-";

/// The pipes that have been read to their end, standard input among them: their devices and inodes.
static READ: Mutex<Vec<(u64, u64)>> = Mutex::new(Vec::new());

/// What was named on the command line.
pub(crate) enum Input {
    /// An environment of this machine.
    Environment(Box<Packages>),
    /// A file, a snapshot, or what another machine printed.
    Requirements(Requirements),
    /// What an archive, a bundle or an image holds for each system.
    Carried(Vec<Carried>),
}

/// Reads what an argument names; none is the active environment. A name of the store comes first.
pub(crate) fn read(process: &Process, argument: Option<&OsStr>) -> Result<Input> {
    let Some(argument) = argument else { return environment(process, None) };
    let is_own = || EnvName::typed(argument).is_ok_and(|name| process.store.path_of(&name).is_dir());
    if is_pipe(argument.as_ref()) && !is_own() {
        let content = read_pipe(argument.as_ref())?;
        return Ok(Input::Requirements(file::parse(&content, &process.cwd, &argument.to_string_lossy(), &lookup)?));
    }
    if let Some(place) = remote::Place::parse(argument).filter(|_| !is_own()) {
        let content = place?.freeze()?;
        return Ok(Input::Requirements(file::parse(&content, Path::new("/"), &argument.to_string_lossy(), &lookup)?));
    }
    if is_escaped_name(process, argument) {
        return environment(process, Some(argument));
    }
    let path = process.absolute(Path::new(argument));
    if is_carrier(&path) && !is_own() {
        return Ok(Input::Carried(carried(&path)?));
    }
    if is_file_name(argument) && is_environment(&path) {
        let name = EnvName::for_existing(path.file_name().unwrap_or_default())?;
        return listed(process, &Environment::new(name.called_by(Path::new(argument)), path));
    }
    if is_file_name(argument) || (is_lock(argument) && !is_own()) {
        return file::read(&path, &lookup).map(Input::Requirements).map_err(|error| explained(error.into(), &path));
    }
    if let Some((name, id)) = snapshot_of(argument).filter(|_| !is_own()) {
        let snapshot = find_snapshot(process, &name, &id)?;
        return Ok(Input::Requirements(file::read(&snapshot.path, &lookup)?));
    }
    if is_plain_file(process, argument) {
        return file::read(&path, &lookup).map(Input::Requirements).map_err(|error| explained(error.into(), &path));
    }
    environment(process, Some(argument)).map_err(|error| place::hinted(process, argument, error))
}

/// Returns whether a word is the name of an environment with `./` before its dash, as completion offers it, and no file.
pub(crate) fn is_escaped_name(process: &Process, argument: &OsStr) -> bool {
    let is_own = || EnvName::typed(argument).is_ok_and(|name| process.store.path_of(&name).is_dir());
    argument.as_bytes().starts_with(b"./-") && !process.absolute(Path::new(argument)).exists() && is_own()
}

/// Returns whether a word that does not look like a file is one: no environment has the name, and a file does.
pub(crate) fn is_plain_file(process: &Process, argument: &OsStr) -> bool {
    let has_name = EnvName::typed(argument).is_ok_and(|name| process.store.path_of(&name).symlink_metadata().is_ok());
    !has_name && process.absolute(Path::new(argument)).is_file()
}

/// Returns whether a path of the command line is that of standard input, of a pipe, as of `<(...)` or fish's `psub -F`,
/// or of nothing at all. Who names a pipe waits for its writer; one that is found in the place of a file never is read.
pub(crate) fn is_pipe(path: &Path) -> bool {
    let is_fifo = || path.metadata().is_ok_and(|found| found.file_type().is_fifo());
    is_stdin(path) || path == Path::new("/dev/null") || is_fifo()
}

/// Returns whether a path is a name of standard input.
fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN) || path == Path::new("/dev/stdin")
}

/// Reads such a pipe to its end.
pub(crate) fn read_pipe(path: &Path) -> Result<Vec<u8>> {
    note_as_read(path)?;
    if is_stdin(path) {
        return contents(std::io::stdin().lock(), "standard input");
    }
    let shown = format!("`{}`", path.display());
    let file = File::open(path).map_err(NotReadable).with_context(|| format!("could not read {shown}"))?;
    contents(file, &shown)
}

/// Notes that a pipe is read. Fails if it has been, also by another name: nobody may ever write to it again.
fn note_as_read(path: &Path) -> Result<(), ReadTwice> {
    let of_stdin = || File::from(std::io::stdin().as_fd().try_clone_to_owned()?).metadata();
    let found = if is_stdin(path) { of_stdin() } else { path.metadata() };
    let Some(found) = found.ok().filter(|found| is_stdin(path) || found.file_type().is_fifo()) else { return Ok(()) };
    let identity = (found.dev(), found.ino());
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if read.contains(&identity) {
        return Err(if is_stdin(path) { ReadTwice::Stdin } else { ReadTwice::Pipe(path.to_path_buf()) });
    }
    read.push(identity);
    Ok(())
}

/// Reads to the end what has no size.
fn contents(input: impl Read, name: &str) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let read = input.take(file::MAX_BYTES + 1).read_to_end(&mut content);
    let too_large = || Err(std::io::ErrorKind::FileTooLarge.into());
    let read = if content.len() as u64 > file::MAX_BYTES { too_large() } else { read };
    read.map_err(NotReadable).with_context(|| format!("could not read {name}"))?;
    Ok(content)
}

/// A word with a slash or an ending is taken for a file, which the user may not have meant.
pub(crate) fn explained(error: Error, path: &Path) -> Error {
    if error.hint().is_some() {
        error
    } else if path.is_dir() {
        error.with_hint("it is no environment: it has neither `pyvenv.cfg` nor `bin/activate`".into())
    } else if path.symlink_metadata().is_err() {
        error.with_hint(format!("give the name of an environment, which `{}` lists, or a file", called::list()))
    } else if !path.is_file() {
        error.with_hint("give a file or a pipe; `-` reads standard input".into())
    } else {
        error
    }
}

/// What `venvwrap dockerfile` writes is called so.
fn is_lock(argument: &OsStr) -> bool {
    argument.as_bytes().ends_with(b".lock")
}

/// Finds a snapshot of an environment, which need not exist any more.
pub(crate) fn find_snapshot(process: &Process, name: &OsStr, id: &str) -> Result<Snapshot> {
    let name = EnvName::typed(name)?;
    let history = process.store.history(&process.store.environment(name)).ok_or(crate::process::NoState)?;
    Ok(history.find(id)?)
}

/// Divides `NAME@SNAPSHOT`.
fn snapshot_of(argument: &OsStr) -> Option<(OsString, String)> {
    let bytes = argument.as_bytes();
    let at = bytes.iter().rposition(|&byte| byte == b'@')?;
    let id = std::str::from_utf8(&bytes[at + 1..]).ok()?;
    (at > 0).then(|| (OsStr::from_bytes(&bytes[..at]).to_os_string(), id.to_owned()))
}

fn environment(process: &Process, name: Option<&OsStr>) -> Result<Input> {
    listed(process, &find::find_or_active(process, name)?)
}

fn listed(process: &Process, environment: &Environment) -> Result<Input> {
    let packages = packages::read(process, environment)?;
    packages::warn(&packages.installed.oddities);
    Ok(Input::Environment(Box::new(packages)))
}

/// A second time nothing would be there, which is not what was meant.
#[derive(Debug, thiserror::Error)]
enum ReadTwice {
    /// Standard input.
    #[error("standard input is named twice, and can be read once")]
    Stdin,
    /// A pipe with a name, which was opened by that or by another one.
    #[error("`{}` is named twice, and a pipe can be read once", .0.display())]
    Pipe(PathBuf),
}

impl Explain for ReadTwice {
    fn hint(&self) -> Option<String> {
        Some("write what is read twice into a file".into())
    }
}

/// Standard input could not be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct NotReadable(std::io::Error);

impl Explain for NotReadable {
    fn hint(&self) -> Option<String> {
        None
    }
}
