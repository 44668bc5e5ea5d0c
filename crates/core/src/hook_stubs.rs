//! The empty hook scripts that virtualenvwrapper leaves for its users to fill in, with its names and modes.

use std::path::Path;

use crate::fs::{PathContext, PathResult, replace_file};

/// How the shell uses a hook, which decides whether it must be executable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A program.
    Run,
    /// Sourced, yet executable all the same: virtualenvwrapper's `postmkproject`.
    SourcedExecutable,
    /// Sourced.
    Sourced,
}

impl Use {
    fn mode(self) -> u32 {
        match self {
            Self::Run | Self::SourcedExecutable => 0o755,
            Self::Sourced => 0o644,
        }
    }
}

/// One script that is made when it is missing.
#[derive(Clone, Copy, Debug)]
pub struct Stub {
    /// The name of the file.
    pub name: &'static str,
    /// How the shell uses it.
    pub usage: Use,
    /// What stands in it: one comment for each line.
    pub comment: &'static str,
}

/// The hooks for everything, in the directory of hooks.
pub const GLOBAL: [Stub; 11] = [
    Stub { name: "initialize", usage: Use::Sourced, comment: "Sourced when virtualenvwrapper.sh is loaded." },
    Stub {
        name: "premkvirtualenv",
        usage: Use::Run,
        comment: "Run when an environment has been made, before it is activated.\n# Argument: the environment's name.",
    },
    Stub {
        name: "postmkvirtualenv",
        usage: Use::Sourced,
        comment: "Sourced when a new environment has been activated.",
    },
    Stub {
        name: "prermvirtualenv",
        usage: Use::Run,
        comment: "Run before an environment is removed.\n# Argument: the environment's name.",
    },
    Stub {
        name: "postrmvirtualenv",
        usage: Use::Run,
        comment: "Run when an environment has been removed.\n# Argument: the environment's name.",
    },
    Stub { name: "predeactivate", usage: Use::Sourced, comment: "Sourced before any environment is left." },
    Stub { name: "postdeactivate", usage: Use::Sourced, comment: "Sourced when any environment has been left." },
    Stub {
        name: "preactivate",
        usage: Use::Run,
        comment: "Run before any environment is activated.\n# Argument: the environment's name.",
    },
    Stub { name: "postactivate", usage: Use::Sourced, comment: "Sourced when any environment has been activated." },
    Stub {
        name: "get_env_details",
        usage: Use::Run,
        comment: "Run for each environment that is shown: what it prints is shown too.\n# Argument: the environment's name.",
    },
    Stub {
        name: "premkproject",
        usage: Use::Run,
        comment: "Run by mkproject before the project directory is made.\n# Argument: the project's name.",
    },
];

/// `mkproject`'s second hook, the only one that is sourced although it is executable.
pub const POSTMKPROJECT: Stub = Stub {
    name: "postmkproject",
    usage: Use::SourcedExecutable,
    comment: "Sourced by mkproject when the project is ready.",
};

/// The hooks of one environment, in its directory of programs.
pub const LOCAL: [Stub; 5] = [
    Stub { name: "predeactivate", usage: Use::Sourced, comment: "Sourced before this environment is left." },
    Stub { name: "postdeactivate", usage: Use::Sourced, comment: "Sourced when this environment has been left." },
    Stub {
        name: "preactivate",
        usage: Use::Run,
        comment: "Run before this environment is activated.\n# Argument: the environment's name.",
    },
    Stub { name: "postactivate", usage: Use::Sourced, comment: "Sourced when this environment has been activated." },
    Stub {
        name: "get_env_details",
        usage: Use::Run,
        comment: "Run when this environment is shown: what it prints is shown too.\n# Argument: the environment's name.",
    },
];

/// Makes the hooks of the directory of hooks that are missing, and the directory; `shell` is the interpreter they name.
pub fn write_global(directory: &Path, shell: &str) -> PathResult<()> {
    std::fs::create_dir_all(directory).at("create", directory)?;
    GLOBAL.iter().chain([&POSTMKPROJECT]).try_for_each(|stub| write(directory, stub, shell))
}

/// Makes the hooks of an environment that are missing, in `bin`.
pub fn write_local(bin: &Path, shell: &str) -> PathResult<()> {
    LOCAL.iter().try_for_each(|stub| write(bin, stub, shell))
}

/// A link counts as there, also one that leads nowhere: people keep their hooks elsewhere and link to them.
fn write(directory: &Path, stub: &Stub, shell: &str) -> PathResult<()> {
    let path = directory.join(stub.name);
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    let content = format!("#!{shell}\n# {}\n\n", stub.comment);
    replace_file(&path, content.as_bytes(), stub.usage.mode())
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
                assert!(crate::hooks::is_stub(&std::fs::read(&path).unwrap()), "{}", path.display());
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
