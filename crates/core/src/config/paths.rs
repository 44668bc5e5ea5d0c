//! Paths in variables and in the configuration file.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::file::File;
use super::variables::{Variable, WORKON_HOME};
use crate::fs;

/// Resolves path values the way virtualenvwrapper does: variables and `~` expanded, relative paths below the home
/// directory, superfluous slashes and dots removed.
pub(super) struct Paths<'a> {
    /// The variables.
    pub(super) lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// The home directory.
    pub(super) home: Option<&'a Path>,
    /// The configuration file.
    pub(super) file: &'a mut File,
}

impl Paths<'_> {
    /// Returns the directory of environments.
    pub(super) fn workon_home(&mut self) -> Result<PathBuf, ConfigError> {
        match self.set(WORKON_HOME, "workon_home")? {
            Some(path) => Ok(path),
            // Whether the default holds is checked when all of the file is known.
            None => Ok(self.home(WORKON_HOME)?.join(".virtualenvs")),
        }
    }

    fn home(&self, variable: Variable) -> Result<&Path, ConfigError> {
        self.home.ok_or(ConfigError::NoHome { variable: variable.name })
    }

    /// Returns the path that a variable or its key sets.
    pub(super) fn set(&mut self, variable: Variable, key: &'static str) -> Result<Option<PathBuf>, ConfigError> {
        if let Some(value) = (self.lookup)(variable.name).filter(|value| !value.is_empty()) {
            // What a shell makes of a path that is put into a number.
            if let Some(number) = value.to_str().filter(|value| value.bytes().all(|byte| byte.is_ascii_digit())) {
                let problem = "a number, where a directory should be; the shell may have declared the variable as one";
                let value = number.to_string();
                return Err(ConfigError::Value { variable: variable.name, value, problem: problem.into() });
            }
            return self.resolve(variable, &value).map(Some);
        }
        let Some(value) = self.file.text(key).filter(|value| !value.is_empty()).map(OsString::from) else {
            return Ok(None);
        };
        if value.as_bytes().contains(&0) {
            self.file.reject(key, "no path contains a NUL".to_string());
            return Ok(None);
        }
        match self.resolve(variable, &value) {
            Err(ConfigError::OtherUser { .. }) => {
                self.file.reject(key, "the home directory of another user must be written in full".to_string());
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    fn resolve(&self, variable: Variable, value: &OsStr) -> Result<PathBuf, ConfigError> {
        let expanded = expand_variables(self.lookup, value.as_bytes());
        let path = match expanded.strip_prefix(b"~") {
            None => PathBuf::from(OsString::from_vec(expanded)),
            Some(rest) if rest.is_empty() || rest[0] == b'/' => {
                // Behind `~//` the rest would be a path from the root.
                let start = rest.iter().take_while(|byte| **byte == b'/').count();
                self.home(variable)?.join(OsStr::from_bytes(&rest[start..]))
            }
            Some(_) => {
                return Err(ConfigError::OtherUser {
                    variable: variable.name,
                    value: value.to_string_lossy().into_owned(),
                });
            }
        };
        let base = if path.is_absolute() { Path::new("/") } else { self.home(variable)? };
        Ok(fs::absolute(base, &path))
    }
}

/// Resolves `~`, `$NAME` and `${NAME}` in a path and takes superfluous slashes and dots out of it; what cannot be
/// resolved stays as written.
pub fn expand(lookup: &dyn Fn(&str) -> Option<OsString>, home: Option<&Path>, value: &OsStr) -> PathBuf {
    let expanded = PathBuf::from(OsString::from_vec(expand_variables(lookup, value.as_bytes())));
    let expanded = match (home, expanded.strip_prefix("~")) {
        // Behind `~//` the rest would be a path from the root.
        (Some(home), Ok(rest)) => home.join(rest.strip_prefix("/").unwrap_or(rest)),
        _ => expanded,
    };
    if expanded.is_absolute() { fs::absolute(Path::new("/"), &expanded) } else { relative(&expanded) }
}

/// A relative path without `.` and `x/..`, by text alone; `..` at its beginning stays.
fn relative(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(result.components().next_back(), Some(Component::Normal(_))) => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    if result.as_os_str().is_empty() { PathBuf::from(".") } else { result }
}

/// Replaces `$NAME` and `${NAME}`; an unknown variable stays as written, as Python's `expandvars` leaves it.
fn expand_variables(lookup: &dyn Fn(&str) -> Option<OsString>, value: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.iter().position(|&byte| byte == b'$') {
        result.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (name, length) = variable_reference(rest);
        match lookup(&String::from_utf8_lossy(name)).filter(|_| !name.is_empty()) {
            Some(found) => result.extend_from_slice(found.as_bytes()),
            None => result.extend_from_slice(&rest[..length]),
        }
        rest = &rest[length..];
    }
    result.extend_from_slice(rest);
    result
}

/// The name in a text that begins with `$`, and the length of the whole reference.
fn variable_reference(text: &[u8]) -> (&[u8], usize) {
    let body = &text[1..];
    if let Some(braced) = body.strip_prefix(b"{")
        && let Some(end) = braced.iter().position(|&byte| byte == b'}')
    {
        return (&braced[..end], end + 3);
    }
    let end = body.iter().position(|&byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(body.len());
    (&body[..end], end + 1)
}
