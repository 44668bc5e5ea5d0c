//! What is asked of the machine for a Dockerfile, and the files that are written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use venvwrap_core::env::Environment;
use venvwrap_core::fs::text::enumerated;
use venvwrap_core::fs::{self, PathError};
use venvwrap_core::pack::owners::Owners as _;
use venvwrap_core::snapshot::dockerfile::libraries::{self, Library};
use venvwrap_core::snapshot::dockerfile::lock;
use venvwrap_core::snapshot::dockerfile::text::{self, Installer};
use venvwrap_core::wheel::installer_options::InstallerContext;
use venvwrap_core::wheel::package_sources::{PackageSources, package_sources};

use super::owners::PackageManager;
use super::tool::{self, Tool};
use crate::error::{Explain, Result, quoted_path};
use crate::process::Process;

/// The names of the files, in the order in which they are written: the last one is what is built from.
pub(crate) const FILES: [&str; 3] = [lock::FILE_NAME, ".dockerignore", "Dockerfile"];

/// The tag of uv's image where this machine has no uv.
const UV: &str = "0.13";

/// The files are there already.
#[derive(Debug, thiserror::Error)]
#[error("`{}` already has {}", directory.display(), enumerated(names, "and"))]
pub(crate) struct FilesExist {
    directory: PathBuf,
    names: Vec<String>,
}

impl Explain for FilesExist {
    fn hint(&self) -> Option<String> {
        Some("`--force` replaces them, `--dir DIR` names another directory".into())
    }
}

/// There is no directory for the files.
#[derive(Debug, thiserror::Error)]
#[error("could not write a Dockerfile into `{}`: there is no such directory", directory.display())]
pub(crate) struct NoDirectory {
    directory: PathBuf,
}

impl Explain for NoDirectory {
    fn hint(&self) -> Option<String> {
        Some(match self.directory.symlink_metadata() {
            Ok(_) => "name a directory with `--dir DIR`; this is something else".into(),
            Err(_) => format!("`mkdir -p {}` creates it", quoted_path(&self.directory)),
        })
    }
}

/// Fails if there is no directory, or a file in it that would be replaced: before packages are looked up.
pub(crate) fn check(directory: &Path, is_forced: bool) -> Result<()> {
    if !directory.is_dir() {
        return Err(NoDirectory { directory: directory.to_path_buf() }.into());
    }
    let is_there = |name: &&&str| directory.join(name).symlink_metadata().is_ok();
    let names: Vec<_> = FILES.iter().filter(is_there).map(|name| format!("`{name}`")).collect();
    if names.is_empty() || is_forced {
        return Ok(());
    }
    Err(FilesExist { directory: directory.to_path_buf(), names }.into())
}

/// Writes the files; none stays if one of them cannot be written.
pub(crate) fn write(directory: &Path, texts: [&str; 3], is_forced: bool) -> Result<()> {
    let mut made: Vec<PathBuf> = Vec::new();
    for (name, text) in FILES.iter().zip(texts) {
        let path = directory.join(name);
        let put = if is_forced { fs::replace_file } else { fs::publish_new };
        if let Err(error) = put(&path, text.as_bytes(), 0o666) {
            return Err(take_back(&made, is_forced, error).into());
        }
        made.push(path);
    }
    Ok(())
}

/// Removes what was written, unless it took the place of something.
fn take_back(made: &[PathBuf], is_forced: bool, error: PathError) -> PathError {
    made.iter().filter(|_| !is_forced).for_each(|path| drop(std::fs::remove_file(path)));
    error
}

/// What installs in the image: what was asked for, else what installs on this machine.
pub(crate) fn installer(process: &Process, environment: &Environment, uses: [bool; 2]) -> Installer {
    let [uv, pip] = uses;
    let is_uv = || matches!(Tool::choose(process, &context(process, environment)), Ok(Tool::Uv(_)));
    if pip || !(uv || is_uv()) { Installer::Pip } else { Installer::Uv(uv_tag(process)) }
}

/// Checks the words of the command that an image runs; what is no text has a character that is refused.
pub(crate) fn command(given: &[OsString]) -> Result<Vec<String>> {
    let word = |word: &OsString| word.to_str().map_or_else(|| "\u{1}".to_owned(), str::to_owned);
    Ok(text::command(&given.iter().map(word).collect::<Vec<_>>())?)
}

/// Where packages come from on this machine.
pub(crate) fn sources(process: &Process, environment: &Environment) -> Result<PackageSources> {
    Ok(package_sources(&context(process, environment))?)
}

/// Reads what the packages of an environment need of the system, and asks dpkg where that is.
pub(crate) fn libraries(environment: &Environment) -> Result<Vec<Library>> {
    let mut found = match environment.site_packages() {
        Some(site_packages) => libraries::outside(&site_packages)?,
        None => Vec::new(),
    };
    let names: Vec<_> = found.iter().map(|library| library.name.clone()).collect();
    let packages = PackageManager.of_libraries(&names);
    for library in &mut found {
        library.package = packages.get(&library.name).cloned();
    }
    Ok(found)
}

/// The version of this machine's uv, which is the tag of its image.
fn uv_tag(process: &Process) -> String {
    let version = tool::uv(process).ok().flatten().and_then(|uv| {
        let output = Command::new(uv).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let version = text.split_whitespace().nth(1)?.to_owned();
        let is_version = version.split('.').all(|part| part.parse::<u32>().is_ok());
        is_version.then_some(version)
    });
    version.unwrap_or_else(|| UV.to_owned())
}

fn context<'a>(process: &'a Process, environment: &'a Environment) -> InstallerContext<'a> {
    process.installer_context(environment.path(), &process.cwd)
}
