//! The directory that an environment is packed for: one that it may have for itself.

use std::path::Path;

use super::error::PackError;
use crate::shell::activate::{self, Activation};

/// Directories of a system directly below the root.
const TOP: [&str; 22] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr", "var", "nix",
];

/// Directories that many packages share.
const SHARED: [&str; 19] = [
    "usr/bin",
    "usr/etc",
    "usr/games",
    "usr/include",
    "usr/lib",
    "usr/lib32",
    "usr/lib64",
    "usr/libexec",
    "usr/local",
    "usr/sbin",
    "usr/share",
    "usr/src",
    "var/cache",
    "var/lib",
    "var/local",
    "var/log",
    "var/mail",
    "var/opt",
    "var/spool",
];

/// Refuses a directory that others have files in: what is unpacked there would take the place of their Python.
pub(super) fn check(destination: &Path) -> Result<(), PackError> {
    activate::check(&Activation { env: destination, prompt: "" })?;
    let is_top = |below: &Path| TOP.iter().any(|top| below == Path::new(top));
    match destination.strip_prefix("/") {
        Ok(below) if !is_top(below) && !is_shared(below) => Ok(()),
        _ => Err(shared(destination)),
    }
}

/// Refuses also what is directly below the root. What is compiled below an environment is deleted with its package.
pub(super) fn check_of_package(destination: &Path) -> Result<(), PackError> {
    check(destination)?;
    if destination.components().count() > 2 { Ok(()) } else { Err(shared(destination)) }
}

fn is_shared(below: &Path) -> bool {
    below == Path::new("")
        || SHARED.iter().any(|shared| below == Path::new(shared))
        || below.parent() == Some(Path::new("usr/local"))
}

fn shared(destination: &Path) -> PackError {
    PackError::SharedDirectory { path: destination.to_path_buf() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_for_a_directory_of_its_own() {
        for shared in ["/", "/usr", "/opt", "/usr/bin", "/usr/local/lib", "/var/lib", "relative"] {
            assert!(check(Path::new(shared)).is_err() && check_of_package(Path::new(shared)).is_err(), "{shared}");
        }
        for own in ["/opt/venv", "/usr/lib/api", "/home/me", "/usr/local/lib/api"] {
            assert!(check(Path::new(own)).is_ok() && check_of_package(Path::new(own)).is_ok(), "{own}");
        }
        // In images environments are often directly below the root.
        assert!(check(Path::new("/venv")).is_ok() && check_of_package(Path::new("/venv")).is_err());
    }
}
