//! What is to be created, whichever command asked for it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use venvwrap_core::bundle::{Bundle, deciding_files};
use venvwrap_core::env::metadata::Owner;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::shell::safety;

use super::install::{self, Packages};
use crate::args::{CreateArgs, EnvironmentOptions, HiddenOptions};
use crate::error::{Error, Result};
use crate::process::Process;

/// The request.
pub(crate) struct CreateRequest<'a> {
    /// The name.
    pub(crate) name: EnvName,
    /// What kind of environment.
    pub(crate) options: &'a EnvironmentOptions,
    /// Options that only older programs know.
    pub(crate) hidden: &'a HiddenOptions,
    /// The project directory to associate; absolute, existing.
    pub(crate) project: Option<PathBuf>,
    /// The directory whose files may ask for a Python, if any may; absolute.
    pub(crate) project_files: Option<PathBuf>,
    /// What is to be installed later; checked before anything is made.
    pub(crate) packages: Packages,
    /// The shell for which a temporary environment is made.
    pub(crate) owner: Option<Owner>,
    /// The bundle that it is made from.
    pub(crate) bundle: Option<Bundle>,
}

/// The checked meaning of the options of `mkvirtualenv`.
pub(crate) fn request<'a>(process: &Process, args: &'a CreateArgs) -> Result<CreateRequest<'a>> {
    let project = args.project.as_deref().map(|directory| process.absolute(directory));
    Ok(CreateRequest {
        name: new_name(process, args)?,
        options: &args.options,
        hidden: &args.hidden,
        project_files: Some(project.clone().unwrap_or_else(|| process.cwd.clone())),
        packages: Packages::relative_to(&args.packages, &install::directory(process, project.as_deref())),
        project,
        owner: None,
        bundle: args.from.as_deref().map(|path| open(process, &process.absolute(path))).transpose()?,
    })
}

/// Opens a bundle that nobody else could have written: its packages become the user's own.
fn open(process: &Process, path: &Path) -> Result<Bundle> {
    for file in deciding_files(path).iter().filter(|file| file.exists()) {
        safety::check_owners_of_archive(file, process.vetting())?;
    }
    Ok(Bundle::open(path)?)
}

/// The name to make; an existing one may be any, because it is only renewed or replaced.
fn new_name(process: &Process, args: &CreateArgs) -> Result<EnvName> {
    // `--wheel` has had a value in some versions of virtualenv and none in others.
    let given = args.name.as_deref().or(args.hidden.wheel.as_deref()).map(OsStr::to_os_string);
    let directory = || Some(process.absolute(args.project.as_deref()?).file_name()?.to_os_string());
    let is_given = given.is_some();
    let name = given.or_else(directory).unwrap_or_default();
    let name = name.as_os_str();
    match EnvName::for_new(name) {
        Ok(name) => Ok(name),
        Err(error) => match process.store.find(name) {
            Ok(environment) => Ok(environment.name().clone()),
            Err(_) if is_given => Err(error.into()),
            Err(_) => Err(Error::from(error).with_hint("give a name: the directory has none that would do".into())),
        },
    }
}
