//! The packages of an environment, and the Python that they are for.

use std::path::Path;

use super::python::Python;
use crate::env::Environment;
use crate::env::distributions::{Distribution, Installed, installed};
use crate::env::name::EnvName;

/// What is installed in an environment.
#[derive(Debug)]
pub struct Packages {
    /// The packages.
    pub installed: Installed,
    /// The Python.
    pub python: Python,
}

/// The directory has no `pyvenv.cfg`, or no library of a known Python.
#[derive(Debug, thiserror::Error)]
#[error("could not read the packages of `{name}`: it has no `pyvenv.cfg`, or no Python library")]
pub struct NoPython {
    /// The environment.
    pub name: EnvName,
}

impl Packages {
    /// Reads what is installed.
    pub fn read(environment: &Environment, user_home: Option<&Path>) -> Result<Self, NoPython> {
        match Python::of(environment).or_else(|| Python::inside(environment)) {
            Some(python) => Ok(Self { installed: installed(environment, user_home), python }),
            None => Err(NoPython { name: environment.name().clone() }),
        }
    }

    /// Returns the installed package of this normalised name.
    pub fn get(&self, key: &str) -> Option<&Distribution> {
        self.installed.distributions.iter().find(|found| found.key == key)
    }
}
