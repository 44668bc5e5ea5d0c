//! The packages of an environment, and the Python that they are for.

use std::path::Path;

use super::python::Python;
use crate::env::Environment;
use crate::env::distributions::{Distribution, Installed, installed};
use crate::env::health::{has_lost_cfg, version_without_packages};
use crate::env::name::EnvName;
use crate::env::packages::{library_directories, site_packages};
use crate::fs::{PathContext as _, PathError};

/// What is installed in an environment.
#[derive(Debug)]
pub struct Packages {
    /// The packages.
    pub installed: Installed,
    /// The Python.
    pub python: Python,
}

/// Why the packages of an environment are not known.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    /// Nothing says which Python they are for.
    #[error("could not read the packages of `{name}`: it has no `pyvenv.cfg`")]
    NoConfiguration {
        /// The environment.
        name: EnvName,
        /// Whether a repair writes it again.
        is_repairable: bool,
    },
    /// There is no directory of packages, and nothing says which it would be.
    #[error("could not read the packages of `{name}`: there is no `lib/pythonX.Y/site-packages`")]
    NoLibrary {
        /// The environment.
        name: EnvName,
    },
    /// Its packages are gone, all at once.
    #[error("the packages of `{name}` are gone: there is no `lib/python{version}/site-packages`")]
    Gone {
        /// The environment.
        name: EnvName,
        /// The version that it is for.
        version: String,
    },
    /// The system refuses.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Packages {
    /// Reads what is installed. Packages that are gone, all at once, are an error: nobody has removed them one by one.
    pub fn read(environment: &Environment, user_home: Option<&Path>) -> Result<Self, PackagesError> {
        let libraries = library_directories(environment.path());
        match version_without_packages(environment, environment.cfg().as_ref(), &libraries) {
            Some(version) => Err(PackagesError::Gone { name: environment.name().clone(), version }),
            None => Self::read_rest(environment, user_home),
        }
    }

    /// Reads what is still installed, for those who bring back the others.
    pub fn read_rest(environment: &Environment, user_home: Option<&Path>) -> Result<Self, PackagesError> {
        let name = || environment.name().clone();
        for site in site_packages(environment.path()) {
            std::fs::read_dir(&site).at("list", &site)?;
        }
        match Python::of(environment).or_else(|| Python::inside(environment)) {
            Some(python) => Ok(Self { installed: installed(environment, user_home), python }),
            None if environment.cfg().is_some() => Err(PackagesError::NoLibrary { name: name() }),
            None => Err(PackagesError::NoConfiguration { name: name(), is_repairable: has_lost_cfg(environment) }),
        }
    }

    /// Returns the installed package of this normalised name.
    pub fn get(&self, key: &str) -> Option<&Distribution> {
        self.installed.distributions.iter().find(|found| found.key == key)
    }
}
