//! What is to be bundled: an environment, files, a lock, or projects alone.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use venvwrap_core::bundle::wish::Wish;
use venvwrap_core::env::distributions::Distribution;
use venvwrap_core::env::{Environment, is_environment};
use venvwrap_core::snapshot::borrowed::borrowed;
use venvwrap_core::snapshot::file;
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::snapshot::requirements::{Requirements, is_file_name, read_text};

use crate::actions::{find, inputs, packages};
use crate::args::BundleArgs;
use crate::error::{Error, Result};
use crate::process::{Process, lookup};
use crate::ui::printer;

/// What is to be bundled.
pub(crate) struct Input {
    /// The name of the bundle, where no file is named.
    pub(crate) name: OsString,
    /// What a message calls it.
    pub(crate) title: String,
    /// The packages.
    pub(crate) wish: Wish,
    /// A lock, which needs no resolver, and the directory that it is in.
    pub(crate) lock: Option<(String, PathBuf)>,
    /// The environment.
    pub(crate) environment: Option<(Environment, Packages)>,
    /// Packages of its base Python that come along.
    pub(crate) borrowed: Vec<Distribution>,
    /// The Python that a lock says it is for.
    pub(crate) python: Option<String>,
}

/// Reads it.
pub(crate) fn read(process: &Process, args: &BundleArgs) -> Result<Input> {
    if !args.requirements.is_empty() {
        return of_files(process, args, &args.requirements);
    }
    match &args.name {
        Some(name) if inputs::is_escaped_name(process, name) || is_environment(&process.absolute(Path::new(name))) => {
            of_environment(process, args, Some(name))
        }
        Some(file) if is_file_name(file) || inputs::is_plain_file(process, file) => {
            of_files(process, args, &[PathBuf::from(file)])
        }
        None if !args.projects.is_empty() => {
            let project = process.absolute(&args.projects[0]);
            let name = project.file_name().map_or_else(|| "bundle".into(), OsStr::to_os_string);
            Ok(Input { title: named(&name), name: plain(&name), ..Input::empty() })
        }
        name => of_environment(process, args, name.as_deref()),
    }
}

impl Input {
    fn empty() -> Self {
        Self {
            name: OsString::new(),
            title: String::new(),
            wish: Wish::default(),
            lock: None,
            environment: None,
            borrowed: Vec::new(),
            python: None,
        }
    }
}

fn of_environment(process: &Process, args: &BundleArgs, name: Option<&OsStr>) -> Result<Input> {
    let environment = find::find_at(process, name)?;
    let packages = packages::read(process, &environment)?;
    packages::warn(&packages.installed.oddities);
    let borrowed = if args.local { Vec::new() } else { borrowed(&packages) };
    let wish = Wish::of_environment(&packages.installed, &packages.python, &borrowed)?;
    let name = environment.name().as_os_str().to_os_string();
    let environment = Some((environment, packages));
    Ok(Input { title: named(&name), name, wish, environment, borrowed, ..Input::empty() })
}

/// Files of requirements, or one lock.
fn of_files(process: &Process, args: &BundleArgs, files: &[PathBuf]) -> Result<Input> {
    let mut input = Input::empty();
    // The directory in the archive: the same bytes wherever it is made.
    let output = args.output.as_deref().filter(|output| args.dir || !process.absolute(output).is_dir());
    let of_output = output.and_then(Path::file_name).map(without_ending);
    let of_directory = || process.cwd.file_name().map_or_else(|| "bundle".into(), plain);
    input.name = of_output.map_or_else(of_directory, |name| plain(&name));
    for file in files {
        let path = process.absolute(file);
        let found: Requirements = if inputs::is_pipe(file) {
            match inputs::read(process, Some(file.as_os_str()))? {
                inputs::Input::Requirements(found) => found,
                inputs::Input::Environment(_) | inputs::Input::Carried(_) => Requirements::default(),
            }
        } else {
            file::read(&path, &lookup).map_err(|error| unread(error.into(), args, &path))?
        };
        if found.lines.is_empty() && found.oddities.is_empty() {
            printer::warning(&format!("{} names no packages", named(file.as_os_str())));
        }
        if files.len() == 1 && !inputs::is_pipe(file) && file::is_lock(&path) {
            let text = read_text(&path)?;
            input.python.clone_from(&found.python);
            input.lock = Some((text, path.parent().unwrap_or(Path::new("/")).to_path_buf()));
        }
        input.wish.extend(Wish::of_requirements(&found)?);
    }
    input.title = match files {
        [file] => named(file.file_name().unwrap_or(file.as_os_str())),
        _ => format!("{} files", files.len()),
    };
    Ok(input)
}

/// A file was named, or a word that is taken for one.
fn unread(error: Error, args: &BundleArgs, path: &Path) -> Error {
    let is_missing = error.hint().is_none() && path.symlink_metadata().is_err();
    if is_missing && !args.requirements.is_empty() {
        error.with_hint("name a requirements file or a lock that exists; `-` reads standard input".into())
    } else {
        inputs::explained(error, path)
    }
}

fn named(name: &OsStr) -> String {
    format!("`{}`", venvwrap_core::fs::text::printable(name))
}

/// The name of a bundle's file without what says that it is one.
fn without_ending(name: &OsStr) -> OsString {
    let bytes = name.as_bytes();
    let stem = [&b".bundle.tar"[..], b".tar", b".bundle"].iter().find_map(|ending| bytes.strip_suffix(*ending));
    OsStr::from_bytes(stem.unwrap_or(bytes)).to_os_string()
}

/// A name that every system can give to a directory.
fn plain(name: &OsStr) -> OsString {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let text: String = name.to_string_lossy().chars().filter(|c| is_plain(*c)).collect();
    if text.trim_matches('.').is_empty() { "bundle".into() } else { text.into() }
}
