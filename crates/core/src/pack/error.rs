//! Why there is no archive.

use std::path::PathBuf;

use super::image::ImageError;
use crate::env::elsewhere::Elsewhere;
use crate::env::name::EnvName;
use crate::fs::PathError;
use crate::shell::activate::ActivateError;

/// Why an environment was not packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Packages whose files are elsewhere.
    #[error(
        "{} {} installed as editable: {} files are outside of the environment",
        list(names),
        are(names),
        their(names)
    )]
    Editable {
        /// Their names.
        names: Vec<String>,
    },
    /// Its Python would not find its packages.
    #[error("it has no `pyvenv.cfg`")]
    NoConfiguration {
        /// The environment.
        name: EnvName,
    },
    /// The name of the file says nothing about its format.
    #[error(
        "could not tell the format of `{}`: it ends in none of `.tar.gz`, `.tgz`, `.tar.zst`, `.tzst`, `.tar` and `.zip`",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The name of the file promises another format than the one that was asked for.
    #[error("`{}` promises another format than `{usual}`", path.display())]
    OtherEnding {
        /// The file.
        path: PathBuf,
        /// The usual ending of the format.
        usual: &'static str,
    },
    /// The file would be a part of itself.
    #[error("`{}` is inside the environment that is to be packed", path.display())]
    IntoItself {
        /// The file.
        path: PathBuf,
    },
    /// The interpreter is not known, so that it cannot come along.
    #[error("the base Python of `{name}` cannot be packed: {reason}")]
    NoPython {
        /// The environment.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// Its compiled files name its path, and only conda can write another one into them.
    #[error("`{}` is an environment of conda, whose compiled files name its path", path.display())]
    Conda {
        /// The environment.
        path: PathBuf,
    },
    /// A directory of it is not in it.
    #[error(transparent)]
    Elsewhere(#[from] Elsewhere),
    /// The environment has no packages directory of any Python.
    #[error("`{name}` has no `lib/pythonX.Y/site-packages`")]
    NoLibrary {
        /// The environment.
        name: EnvName,
    },
    /// A program that is to be linked is not there.
    #[error("the environment has no program `{program}`")]
    NoProgram {
        /// Its name.
        program: String,
    },
    /// A program that is to be linked would hide that of another package.
    #[error("`/usr/bin/{program}` belongs to the package `{owner}`")]
    Shadows {
        /// Its name.
        program: String,
        /// The package.
        owner: String,
    },
    /// A program that is to be linked is Python.
    #[error("`{program}` is a name of Python itself")]
    Interpreter {
        /// Its name.
        program: String,
    },
    /// The destination has files of others.
    #[error("`{}` is a directory that packages share", path.display())]
    SharedDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// At the destination, a running system has something else.
    #[error("what is in `{}` cannot be seen on a running system", path.display())]
    HiddenDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// The base Python is not one that a package can depend on.
    #[error("the base Python `{}` belongs to no package of the system", python.display())]
    NotOfSystem {
        /// The interpreter.
        python: PathBuf,
    },
    /// The package manager does not allow the name.
    #[error("`{name}` is not a valid package name")]
    PackageName {
        /// The name.
        name: String,
    },
    /// It is no version.
    #[error("`{version}` is not a valid version")]
    PackageVersion {
        /// The text.
        version: String,
    },
    /// systemd would not know the file.
    #[error("`{name}` is not the name of a unit of systemd")]
    Unit {
        /// The name.
        name: String,
    },
    /// A line about the package would be another one.
    #[error("the {field} {text:?} cannot be in a package")]
    PackageField {
        /// What it is.
        field: &'static str,
        /// The text.
        text: String,
    },
    /// The package manager does not understand a dependency.
    #[error("the dependency {text:?} is not in the syntax of {manager}")]
    Dependency {
        /// The text.
        text: String,
        /// The package manager.
        manager: &'static str,
        /// How it is written.
        example: &'static str,
    },
    /// Two files would have one place.
    #[error("the package would have `{}` twice", path.display())]
    Twice {
        /// The place.
        path: PathBuf,
    },
    /// The package manager cannot list the name.
    #[error("a package cannot contain the file name {path:?}")]
    UnsafeName {
        /// The path in the environment.
        path: PathBuf,
    },
    /// The format cannot hold so much.
    #[error("`{}` would hold more than 4 GB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// No activation script can name the destination.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// Only an environment for one place can be in an image.
    #[error("`{name}` can be in an image only at a fixed place")]
    NotFixed {
        /// The environment.
        name: String,
    },
    /// The image that it would be built on.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn are(names: &[String]) -> &'static str {
    if names.len() == 1 { "is" } else { "are" }
}

fn their(names: &[String]) -> &'static str {
    if names.len() == 1 { "its" } else { "their" }
}
