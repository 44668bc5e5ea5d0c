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

/// What the kernel fills on every running system. Of `dev`, a part is plain memory.
const OF_KERNEL: [&str; 3] = ["dev", "proc", "sys"];
const MEMORY: &str = "dev/shm";

/// What a system that starts hides behind an empty directory. `var/run` and `var/lock` are links to it.
const EMPTIED: [&str; 4] = ["dev", "run", "var/lock", "var/run"];

/// Refuses a directory that others have files in: what is unpacked there would take the place of their Python.
pub(super) fn check(destination: &Path) -> Result<(), PackError> {
    activate::check(&Activation { env: destination, prompt: "" })?;
    let is_top = |below: &Path| TOP.iter().any(|top| below == Path::new(top));
    match destination.strip_prefix("/") {
        Ok(below) if is_below(below, &OF_KERNEL) && !below.starts_with(MEMORY) => Err(hidden(destination)),
        Ok(below) if !is_top(below) && !is_shared(below) && below != Path::new(MEMORY) => Ok(()),
        _ => Err(shared(destination)),
    }
}

/// Refuses also what nobody sees who starts a system or a container of it.
pub(super) fn check_of_system(destination: &Path) -> Result<(), PackError> {
    check(destination)?;
    let is_hidden = destination.strip_prefix("/").is_ok_and(|below| is_below(below, &EMPTIED));
    if is_hidden { Err(hidden(destination)) } else { Ok(()) }
}

/// Refuses also what is directly below the root. What is compiled below an environment is deleted with its package.
pub(super) fn check_of_package(destination: &Path) -> Result<(), PackError> {
    check_of_system(destination)?;
    if destination.components().count() > 2 { Ok(()) } else { Err(shared(destination)) }
}

fn is_shared(below: &Path) -> bool {
    below == Path::new("")
        || SHARED.iter().any(|shared| below == Path::new(shared))
        || below.parent() == Some(Path::new("usr/local"))
}

fn is_below(below: &Path, directories: &[&str]) -> bool {
    directories.iter().any(|directory| below.starts_with(directory) && below != Path::new(directory))
}

fn hidden(destination: &Path) -> PackError {
    PackError::HiddenDirectory { path: destination.to_path_buf() }
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
        for hidden in ["/proc/x", "/sys/x/y", "/dev/x", "/dev/shmem/x"] {
            assert!(matches!(check(Path::new(hidden)), Err(PackError::HiddenDirectory { .. })), "{hidden}");
        }
        // An archive may be unpacked on a running system, where an image or a package is not.
        for emptied in ["/run/x", "/var/run/x", "/var/lock/x", "/dev/shm/x"] {
            assert!(check(Path::new(emptied)).is_ok() && check(Path::new("/dev/shm")).is_err(), "{emptied}");
            let (image, package) = (check_of_system(Path::new(emptied)), check_of_package(Path::new(emptied)));
            assert!(matches!(image, Err(PackError::HiddenDirectory { .. })), "{emptied}");
            assert!(matches!(package, Err(PackError::HiddenDirectory { .. })), "{emptied}");
        }
        assert!(check_of_system(Path::new("/venv")).is_ok() && check_of_system(Path::new("/running/x")).is_ok());
        // In images environments are often directly below the root.
        assert!(check(Path::new("/venv")).is_ok() && check_of_package(Path::new("/venv")).is_err());
    }
}
