//! The empty hook scripts that virtualenvwrapper leaves for its users to fill in, with its names and modes.

use std::io::ErrorKind;
use std::path::Path;

use crate::fs::{self, PathContext, PathResult};

/// What a program is called with, in a comment.
const NAME: &str = "\n# Argument: the environment's name.";
const PROJECT: &str = "\n# Argument: the project's name.";

/// One script that is made when it is missing.
struct Stub {
    name: &'static str,
    /// Executable for programs, and for virtualenvwrapper's `postmkproject`, which is sourced.
    mode: u32,
    /// What stands in it.
    comment: &'static str,
    argument: &'static str,
}

/// The hooks for everything, in the directory of hooks.
const GLOBAL: [Stub; 12] = [
    sourced("initialize", "Sourced when virtualenvwrapper.sh is loaded."),
    run("premkvirtualenv", "Run when an environment has been made, before it is activated.", NAME),
    sourced("postmkvirtualenv", "Sourced when a new environment has been activated."),
    run("prermvirtualenv", "Run before an environment is removed.", NAME),
    run("postrmvirtualenv", "Run when an environment has been removed.", NAME),
    sourced("predeactivate", "Sourced before any environment is left."),
    sourced("postdeactivate", "Sourced when any environment has been left."),
    run("preactivate", "Run before any environment is activated.", NAME),
    sourced("postactivate", "Sourced when any environment has been activated."),
    run("get_env_details", "Run for each environment that is shown: what it prints is shown too.", NAME),
    run("premkproject", "Run by mkproject before the project directory is made.", PROJECT),
    run("postmkproject", "Sourced by mkproject when the project is ready.", ""),
];

/// The hooks of one environment, in its directory of programs.
const LOCAL: [Stub; 5] = [
    sourced("predeactivate", "Sourced before this environment is left."),
    sourced("postdeactivate", "Sourced when this environment has been left."),
    run("preactivate", "Run before this environment is activated.", NAME),
    sourced("postactivate", "Sourced when this environment has been activated."),
    run("get_env_details", "Run when this environment is shown: what it prints is shown too.", NAME),
];

const fn run(name: &'static str, comment: &'static str, argument: &'static str) -> Stub {
    Stub { name, mode: 0o755, comment, argument }
}

const fn sourced(name: &'static str, comment: &'static str) -> Stub {
    Stub { name, mode: 0o644, comment, argument: "" }
}

/// Returns whether this is the name of a hook, global or of one environment, also of one that has no stub.
pub fn is_hook(name: &str) -> bool {
    let without_stub = ["postcpvirtualenv", "precpvirtualenv"];
    GLOBAL.iter().chain(&LOCAL).any(|stub| stub.name == name) || without_stub.contains(&name)
}

/// Makes the hooks of the directory of hooks that are missing, and the directory; `shell` is the interpreter they name.
pub fn write_global(directory: &Path, shell: &str) -> PathResult<()> {
    std::fs::create_dir_all(directory).at("create", directory)?;
    GLOBAL.iter().try_for_each(|stub| write(directory, stub, shell))
}

/// Makes the hooks of an environment that are missing, in `bin`.
pub fn write_local(bin: &Path, shell: &str) -> PathResult<()> {
    LOCAL.iter().try_for_each(|stub| write(bin, stub, shell))
}

/// A link counts as there, also one that leads nowhere: people keep their hooks elsewhere and link to them. What appears
/// meanwhile is never replaced.
fn write(directory: &Path, stub: &Stub, shell: &str) -> PathResult<()> {
    let path = directory.join(stub.name);
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    let content = format!("#!{shell}\n# {}{}\n\n", stub.comment, stub.argument);
    match fs::publish_new(&path, content.as_bytes(), stub.mode) {
        Err(error) if error.source.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn stubs_are_stubs_and_have_the_modes_of_virtualenvwrapper() {
        let directory = tempfile::tempdir().unwrap();
        write_global(directory.path(), "/bin/bash").unwrap();
        let mut found: Vec<_> = std::fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                assert!(crate::shell::hooks::is_stub(&std::fs::read(&path).unwrap()), "{}", path.display());
                let mode = path.metadata().unwrap().permissions().mode() & 0o777;
                format!("{mode:o} {}", path.file_name().unwrap().to_string_lossy())
            })
            .collect();
        found.sort();
        let expected = "644 initialize, 644 postactivate, 644 postdeactivate, 644 postmkvirtualenv, 644 predeactivate, \
            755 get_env_details, 755 postmkproject, 755 postrmvirtualenv, 755 preactivate, 755 premkproject, \
            755 premkvirtualenv, 755 prermvirtualenv";
        assert_eq!(found.join(", "), expected);
    }

    #[test]
    fn what_is_there_stays() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("preactivate"), "mine").unwrap();
        std::os::unix::fs::symlink("nowhere", directory.path().join("postactivate")).unwrap();
        write_local(directory.path(), "/bin/sh").unwrap();
        assert_eq!(std::fs::read_to_string(directory.path().join("preactivate")).unwrap(), "mine");
        assert!(directory.path().join("postactivate").symlink_metadata().unwrap().is_symlink());
        assert!(directory.path().join("predeactivate").is_file());
    }
}
