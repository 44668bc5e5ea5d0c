//! Versions and implementations of Python.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The second number of the oldest version that environments can be made from.
pub(crate) const OLDEST_MINOR: u32 = 8;

/// A version as `sys.version_info` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonVersion {
    /// The language version's first number: 3.
    pub major: u32,
    /// The second number: 12 in 3.12.1.
    pub minor: u32,
    /// The third number: 1 in 3.12.1.
    pub micro: u32,
    /// `alpha`, `beta`, `candidate` or `final`.
    pub level: String,
    /// The number of the pre-release; 0 for a final release.
    pub serial: u32,
}

impl PythonVersion {
    /// `3.12`.
    pub fn minor_text(&self) -> String {
        format!("{}.{}", self.major, self.minor)
    }

    /// `3.12.1.final.0`: the form of `version_info` in `pyvenv.cfg`.
    pub fn five_part_text(&self) -> String {
        format!("{}.{}.{}.{}.{}", self.major, self.minor, self.micro, self.level, self.serial)
    }

    /// Returns whether this is an alpha, beta or release candidate.
    pub fn is_prerelease(&self) -> bool {
        self.level != "final"
    }
}

/// `3.12.1`, and `3.14.0rc2` for a pre-release.
impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)?;
        match self.level.as_str() {
            "alpha" => write!(f, "a{}", self.serial),
            "beta" => write!(f, "b{}", self.serial),
            "candidate" => write!(f, "rc{}", self.serial),
            _ => Ok(()),
        }
    }
}

/// Which Python it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Implementation {
    /// The reference implementation.
    CPython,
    /// PyPy.
    PyPy,
    /// GraalPy.
    GraalPy,
}

impl Implementation {
    /// The name as `pyvenv.cfg` and people spell it: `CPython`, `PyPy`, `GraalPy`.
    pub fn name(self) -> &'static str {
        match self {
            Self::CPython => "CPython",
            Self::PyPy => "PyPy",
            Self::GraalPy => "GraalPy",
        }
    }
}
