//! Which variables hold no choice of the user: the entry point for virtualenvwrapper exports a value for scripts to read,
//! and notes it in a variable.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::variables::VENVWRAP_DEFAULTS;

/// What was derived: `|NAME=value|NAME=value|`.
pub(super) struct Derived(Vec<u8>);

impl Derived {
    /// Takes in the note, if there is one.
    pub(super) fn new(lookup: &dyn Fn(&str) -> Option<OsString>) -> Self {
        Self(lookup(VENVWRAP_DEFAULTS.name).map(|note| note.as_bytes().to_vec()).unwrap_or_default())
    }

    /// Returns whether a variable still has the value that was derived for it.
    pub(super) fn holds(&self, name: &str, value: &OsStr) -> bool {
        let entry = [b"|", name.as_bytes(), b"=", value.as_bytes(), b"|"].concat();
        !self.0.is_empty() && self.0.windows(entry.len()).any(|part| part == entry)
    }
}
