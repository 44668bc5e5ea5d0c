//! Which interpreter runs a program of an environment, and which programs must not be taken from elsewhere.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::first_line::interpreter_of;
use super::health::{has_lost_cfg, is_program, moved_from};
use super::name::EnvName;
use super::packages;
use super::{BIN, Environment};
use crate::fs;

/// A list of the files of a distribution is larger only in tests.
const MAX_RECORD: u64 = 16 << 20;

/// Why a command cannot be run in an environment.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The environment should have the program, and does not: another one of this name would run in its place.
    #[error("`{environment}` has no working `{program}`, and `{}` is not a part of it", found.display())]
    Elsewhere {
        /// The environment.
        environment: EnvName,
        /// The name of the program.
        program: String,
        /// What PATH has under this name.
        found: PathBuf,
    },
    /// The environment should have the program, and there is none of this name anywhere.
    #[error("`{environment}` has no `{program}`")]
    Missing {
        /// The environment.
        environment: EnvName,
        /// The name of the program.
        program: String,
    },
    /// The environment's Python is an empty file, which runs as a script that does nothing.
    #[error("`{environment}` has no Python: `{}` is empty", program.display())]
    Empty {
        /// The environment.
        environment: EnvName,
        /// The file.
        program: PathBuf,
    },
    /// The environment's Python would run as if there were no environment.
    #[error(
        "{}: `{}` would not find its packages",
        if *is_there { format!("`pyvenv.cfg` of `{environment}` names no Python") }
        else { format!("`{environment}` has no `pyvenv.cfg`") },
        program.display()
    )]
    NoConfiguration {
        /// Whether the file is there, and says too little.
        is_there: bool,
        /// The environment.
        environment: EnvName,
        /// The program.
        program: PathBuf,
    },
    /// The environment's own program cannot start.
    #[error("the interpreter `{}` of `{}` does not exist", interpreter.display(), program.display())]
    NoInterpreter {
        /// The environment.
        environment: EnvName,
        /// The program.
        program: PathBuf,
        /// What it would be run by.
        interpreter: PathBuf,
    },
    /// The environment is a copy, and its program would run in the one that it was copied from.
    #[error("`{}` would run in `{}`, of which `{environment}` is a copy", program.display(), original.display())]
    OfAnother {
        /// The environment.
        environment: EnvName,
        /// The program.
        program: PathBuf,
        /// The environment that it names.
        original: PathBuf,
    },
}

/// Checks that a command means the same inside an environment as its user thinks. `resolved` is what PATH has for it.
pub fn check(environment: &Environment, program: &OsStr, resolved: &Path) -> Result<(), ProgramError> {
    let own = environment.bin();
    let name = || environment.name().clone();
    if resolved.parent() == Some(&own) {
        if has_lost_cfg(environment) {
            let is_there = environment.cfg().is_some();
            return Err(ProgramError::NoConfiguration { is_there, environment: name(), program: program.into() });
        }
        if is_name_of_python(program) && !is_program(resolved) {
            return Err(ProgramError::Empty { environment: name(), program: resolved.to_path_buf() });
        }
        let Some(interpreter) = interpreter_of(resolved) else { return Ok(()) };
        let program = resolved.to_path_buf();
        if !interpreter.exists() {
            return Err(ProgramError::NoInterpreter { environment: name(), program, interpreter });
        }
        // A script that somebody has written for another environment is meant to run there.
        let is_own = interpreter.parent() == Some(&own);
        let original = if is_own { None } else { moved_from(environment) };
        return match original.filter(|original| interpreter.starts_with(original.join(BIN))) {
            Some(original) => Err(ProgramError::OfAnother { environment: name(), program, original }),
            None => Ok(()),
        };
    }
    if program.as_bytes().contains(&b'/') {
        return Ok(());
    }
    let path = own.join(program);
    let is_dead_link = path.is_symlink() && !path.exists();
    if !resolved.is_absolute() {
        return match std::fs::read_link(&path) {
            Ok(target) if is_dead_link => Err(ProgramError::NoInterpreter {
                environment: name(),
                program: path.clone(),
                interpreter: own.join(target),
            }),
            _ if program == "python" || program == "python3" => {
                Err(ProgramError::Missing { environment: name(), program: fs::text::printable(program) })
            }
            _ => Ok(()),
        };
    }
    if is_dead_link || belongs_to(environment, program) {
        let program = fs::text::printable(program);
        return Err(ProgramError::Elsewhere { environment: name(), program, found: resolved.to_path_buf() });
    }
    Ok(())
}

/// Returns whether a program is called as interpreters are.
pub(crate) fn is_name_of_python(program: &OsStr) -> bool {
    let is_version = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b't'));
    let name = program.to_str().unwrap_or_default();
    ["python", "pypy", "graalpy"].iter().any(|prefix| name.strip_prefix(prefix).is_some_and(is_version))
}

/// Returns whether an environment should have a program of this name.
fn belongs_to(environment: &Environment, program: &OsStr) -> bool {
    let Some(text) = program.to_str() else { return false };
    if matches!(text, "python" | "python3" | "pip" | "pip3") {
        return true;
    }
    let libraries = packages::library_directories(environment.path());
    let is_of_version = |library: &String| {
        let version = library.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let names = ["python", "pip", "pypy"].map(|name| format!("{name}{version}"));
        names.iter().any(|name| name == text) || (library.starts_with("pypy") && matches!(text, "pypy" | "pypy3"))
    };
    libraries.iter().any(is_of_version) || is_recorded(environment, &libraries, program)
}

/// Returns whether an installed distribution has brought a program of this name along.
fn is_recorded(environment: &Environment, libraries: &[String], program: &OsStr) -> bool {
    // A list would quote it; unquoted it is the beginning of another row.
    if program.as_bytes().contains(&b',') {
        return false;
    }
    let row = [b"../../../bin/", program.as_bytes(), b","].concat();
    let begins_row = |content: &[u8], at: usize| at == 0 || content[at - 1] == b'\n';
    packages::site_packages_of(environment.path(), libraries).iter().any(|site| {
        let entries = std::fs::read_dir(site).into_iter().flatten().flatten();
        let lists = entries.filter(|entry| entry.file_name().as_bytes().ends_with(b".dist-info"));
        lists.into_iter().any(|entry| {
            let content = fs::read_limited(&entry.path().join("RECORD"), MAX_RECORD).unwrap_or_default();
            memchr::memmem::find_iter(&content, &row).any(|at| begins_row(&content, at))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn environment(root: &Path) -> Environment {
        let path = root.join("a b");
        std::fs::create_dir_all(path.join("bin")).unwrap();
        std::fs::create_dir_all(path.join("lib/python3.12/site-packages/tool-1.dist-info")).unwrap();
        let record = "tool.py,,\n../../../bin/tool,sha256=x,1\n";
        std::fs::write(path.join("lib/python3.12/site-packages/tool-1.dist-info/RECORD"), record).unwrap();
        Environment::new(EnvName::for_existing("a b".as_ref()).unwrap(), path)
    }

    #[test]
    fn programs_that_an_environment_should_have_are_not_taken_from_elsewhere() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let elsewhere = |name: &str| check(&environment, name.as_ref(), &Path::new("/usr/bin").join(name));
        for name in ["python", "python3", "python3.12", "pip", "pip3", "pip3.12", "tool"] {
            assert!(matches!(elsewhere(name), Err(ProgramError::Elsewhere { .. })), "{name}");
        }
        for name in ["ls", "python3.11", "pip3.11", "too", "ool", "pypy3", "$(touch PWN)", "tool,sha256=x"] {
            assert!(elsewhere(name).is_ok(), "{name}");
        }
        symlink("/nowhere/tool", environment.bin().join("linked")).unwrap();
        assert!(matches!(elsewhere("linked"), Err(ProgramError::Elsewhere { .. })));
        let unresolved = check(&environment, "linked".as_ref(), Path::new("linked"));
        assert!(matches!(unresolved, Err(ProgramError::NoInterpreter { .. })));
        let nowhere = |name: &str| check(&environment, name.as_ref(), Path::new(name));
        assert!(matches!(nowhere("python3"), Err(ProgramError::Missing { .. })));
        assert!(nowhere("tool-that-nobody-has").is_ok());
        assert!(check(&environment, "/usr/bin/python3".as_ref(), Path::new("/usr/bin/python3")).is_ok(), "a path");
    }

    #[test]
    fn an_empty_file_is_no_python() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        std::fs::write(environment.path().join("pyvenv.cfg"), "home = /bin\n").unwrap();
        for (name, is_refused) in [("python", true), ("python3.12", true), ("pypy3", true), ("python-tool", false)] {
            let path = environment.bin().join(name);
            std::fs::write(&path, "").unwrap();
            let checked = check(&environment, name.as_ref(), &path);
            assert_eq!(matches!(checked, Err(ProgramError::Empty { .. })), is_refused, "{name}");
        }
    }

    #[test]
    fn nothing_runs_without_the_configuration_that_makes_it_an_environment() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let python = environment.python();
        symlink("/bin/sh", &python).unwrap();
        let refused = check(&environment, "python".as_ref(), &python);
        assert!(matches!(refused, Err(ProgramError::NoConfiguration { .. })), "{refused:?}");
        assert!(refused.unwrap_err().to_string().starts_with("`a b` has no `pyvenv.cfg`: "));
        std::fs::write(environment.path().join("pyvenv.cfg"), "home =\nversion = 3.12.1\n").unwrap();
        let refused = check(&environment, "python".as_ref(), &python).unwrap_err();
        assert!(refused.to_string().starts_with("`pyvenv.cfg` of `a b` names no Python: "), "{refused}");
        std::fs::write(environment.path().join("pyvenv.cfg"), "home = /bin\n").unwrap();
        assert!(check(&environment, "python".as_ref(), &python).is_ok());
    }

    #[test]
    fn scripts_of_a_copy_do_not_run_in_the_original() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let original = root.path().join("it's");
        std::fs::create_dir_all(original.join("bin")).unwrap();
        std::fs::write(original.join("bin/python"), "").unwrap();
        std::fs::write(environment.path().join("pyvenv.cfg"), "home = /bin\n").unwrap();
        let script = environment.bin().join("tool");
        std::fs::write(&script, format!("#!{}/bin/python\n", original.display())).unwrap();
        let checked = || check(&environment, "tool".as_ref(), &script);
        assert!(checked().is_ok(), "somebody has written it so");
        let activate = |path: &Path| {
            let path = path.display().to_string().replace('\'', "'\\''");
            std::fs::write(environment.activate_script(), format!("VIRTUAL_ENV='{path}'\nexport VIRTUAL_ENV\n"))
                .unwrap();
        };
        activate(environment.path());
        assert!(checked().is_ok(), "it is no copy");
        activate(&original);
        assert!(matches!(checked(), Err(ProgramError::OfAnother { original: found, .. }) if found == original));
        let own = environment.python();
        std::fs::write(&script, format!("#!/bin/sh\n'''exec' '{}' \"$0\" \"$@\"\n", own.display())).unwrap();
        std::fs::write(&own, "").unwrap();
        assert!(checked().is_ok(), "its own Python runs it");
    }

    #[test]
    fn scripts_of_a_dead_interpreter_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let script = environment.bin().join("tool");
        for head in [
            "#!/nowhere/bin/python3\n",
            "#! /nowhere/bin/python3 -E\n",
            "#!/bin/sh\n'''exec' '/no where/bin/python' \"$0\" \"$@\"\n' '''\n",
            "#!/bin/sh\n'''exec' \"/no where/bin/python\" \"$0\" \"$@\"\n' '''\n",
        ] {
            std::fs::write(&script, head).unwrap();
            let outcome = check(&environment, "tool".as_ref(), &script);
            assert!(matches!(outcome, Err(ProgramError::NoInterpreter { .. })), "{head}");
        }
        // The sandboxes that packages are built in may have only a shell.
        let env = if Path::new("/usr/bin/env").exists() { "#!/usr/bin/env python3\n" } else { "#!/bin/sh\n" };
        for head in ["#!/bin/sh\n", env, "", "\x7fELF", "#!", "#!relative/python\n", "#!\n'"] {
            std::fs::write(&script, head).unwrap();
            assert!(check(&environment, "tool".as_ref(), &script).is_ok(), "{head}");
        }
    }
}
