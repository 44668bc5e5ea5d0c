//! `venvwrap venv`: an environment in any directory, as `virtualenv DIR` makes it.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::shell::activate::{self, ActivateError, Activation};
use venvwrap_core::store::ReservedError;

use crate::actions::creation_request::CreateRequest;
use crate::actions::install::Packages;
use crate::actions::make;
use crate::args::{PackageOptions, VenvArgs};
use crate::error::{Context as _, Explain, FAILED, Result};
use crate::process::{CwdGone, Process};
use crate::ui::printer;
use crate::ui::table::{self, Entry};

/// Why no environment can be made in a directory. The messages of the store would speak of `WORKON_HOME`.
#[derive(Debug, thiserror::Error)]
enum PlaceError {
    /// The directory is named by an empty word.
    #[error("the name of the directory is empty")]
    Empty,
    /// It is a symlink, whose target is not to be changed under its feet.
    #[error("`{}` is a symlink", .0.display())]
    Link(PathBuf),
    /// Something above it is a file.
    #[error("`{}` is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// It would be in a directory that has been removed.
    #[error(transparent)]
    CwdGone(#[from] CwdGone),
    /// It is for something else.
    #[error(transparent)]
    Reserved(#[from] ReservedError),
    /// No shell could activate what is made there.
    #[error(transparent)]
    Activate(#[from] ActivateError),
}

impl Explain for PlaceError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Empty => "`.` is the current directory".into(),
            Self::Link(path) => match path.canonicalize() {
                Ok(target) => format!("its target is `{}`", target.display()),
                Err(_) => "remove it, or choose another directory".into(),
            },
            Self::CwdGone(error) => return error.hint(),
            Self::Reserved(error) => return error.hint(),
            Self::NotADirectory(_) | Self::Activate(_) => "choose another directory".into(),
        })
    }

    fn status(&self) -> u8 {
        if matches!(self, Self::Empty) { 2 } else { FAILED }
    }
}

/// Returns the absolute path of a directory in which an environment can be made.
fn place(process: &Process, directory: &Path) -> Result<PathBuf, PlaceError> {
    // Often a variable that is not set: the current directory is nobody's wish then, and `--clear` would replace it.
    if directory.as_os_str().as_bytes().trim_ascii().is_empty() {
        return Err(PlaceError::Empty);
    }
    let path = process.try_absolute(directory)?;
    if path.is_symlink() {
        return Err(PlaceError::Link(path));
    }
    let there = path.ancestors().skip(1).find(|above| above.symlink_metadata().is_ok());
    if let Some(above) = there.filter(|above| !above.is_dir()) {
        return Err(PlaceError::NotADirectory(above.to_path_buf()));
    }
    activate::check(&Activation { env: &path, prompt: "" })?;
    process.check_unreserved(&path)?;
    Ok(path)
}

/// Creates the environment; nothing else knows of it.
pub(crate) fn run(process: &Process, args: &VenvArgs) -> Result<ExitCode> {
    let path =
        place(process, &args.directory).with_context(|| format!("could not create `{}`", args.directory.display()))?;
    let name = EnvName::for_existing(path.file_name().unwrap_or_default())?;
    let home = path.parent().unwrap_or(&path).to_path_buf();
    let process = process.anywhere(home);
    let request = CreateRequest {
        name,
        options: &args.options,
        hidden: &args.hidden,
        project: None,
        project_files: None,
        packages: Packages::new(&PackageOptions::default()),
        owner: None,
        bundle: None,
    };
    make::bare(&process, &request).with_context(|| format!("could not create `{}`", path.display()))?;
    if args.json {
        let entry = Entry::measured(&process, &process.store.environment(request.name))?;
        printer::json(&table::json_of(&entry))?;
    }
    Ok(ExitCode::SUCCESS)
}
