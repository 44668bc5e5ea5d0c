//! The scripts of installed packages: their names, their first line, and the few lines that call an entry point.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::metadata::{EntryPoint, script_lines};
use crate::python::PythonVersion;
use crate::shell::quote;

/// The longest first line, with `#!` and the line end, that every kernel still in use reads as a whole.
pub(crate) const MAX_SHEBANG: usize = 127;

/// Returns the first lines of a Python script that is to be run by this interpreter, up to and with a line end.
///
/// A kernel splits the line at a space and cuts it at some length, so other paths need a detour: three lines that are
/// `sh` code which starts the interpreter, and at the same time a Python string that means nothing.
pub fn shebang(python: &Path) -> Vec<u8> {
    let path = python.as_os_str().as_bytes();
    let simple = [b"#!", path, b"\n"].concat();
    if simple.len() <= MAX_SHEBANG && !path.iter().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control()) {
        return simple;
    }
    [b"#!/bin/sh\n'''exec' ", quote::posix_in_python(path).as_slice(), b" \"$0\" \"$@\"\n' '''\n"].concat()
}

/// Returns the file names to give an entry point.
///
/// pip's wheel names the Python version that built it (`pip3.10`); what is wanted is the one it is installed for.
pub(super) fn file_names(project: &str, entry_points: &[EntryPoint], version: &PythonVersion) -> Vec<(String, usize)> {
    let minor = version.minor_text();
    let mut names: Vec<(String, usize)> = Vec::new();
    for (index, entry_point) in entry_points.iter().enumerate() {
        let name = entry_point.name.as_str();
        let variants = match (project, versionless(name)) {
            ("pip", "pip") => vec!["pip".to_owned(), format!("pip{}", version.major), format!("pip{minor}")],
            ("setuptools", "easy_install") if name != "easy_install" => vec![format!("easy_install-{minor}")],
            _ => vec![name.to_owned()],
        };
        for variant in variants {
            if !names.iter().any(|(existing, _)| *existing == variant) {
                names.push((variant, index));
            }
        }
    }
    names
}

/// Returns the names of the scripts that an installer has made of the entry points of a project, an `entry_points.txt`.
pub(crate) fn generated_names(project: &str, entry_points: &str, python: (u32, u32)) -> HashSet<String> {
    let found = parsed(entry_points);
    let renamed = file_names(project, &found, &version_of(python)).into_iter().map(|(name, _)| name);
    renamed.chain(found.iter().map(|entry_point| entry_point.name.clone())).collect()
}

/// Returns the first lines and the rest of one of those scripts, for an interpreter.
pub(crate) fn generated_script(
    name: &str,
    project: &str,
    entry_points: &str,
    python: (u32, u32),
    interpreter: &Path,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let found = parsed(entry_points);
    let renamed = file_names(project, &found, &version_of(python));
    let index = renamed.iter().find(|(renamed, _)| renamed == name).map(|(_, index)| *index);
    let index = index.or_else(|| found.iter().position(|entry_point| entry_point.name == name))?;
    Some((shebang(interpreter), call_of(&found[index]).into_bytes()))
}

fn parsed(entry_points: &str) -> Vec<EntryPoint> {
    script_lines(entry_points).filter_map(|(name, reference)| EntryPoint::parse(name, reference)).collect()
}

fn version_of((major, minor): (u32, u32)) -> PythonVersion {
    PythonVersion { major, minor, micro: 0, level: "final".to_owned(), serial: 0 }
}

/// Returns the text of the script that imports and calls an entry point.
pub(super) fn entry_point_script(entry_point: &EntryPoint, python: &Path) -> Vec<u8> {
    [shebang(python), call_of(entry_point).into_bytes()].concat()
}

fn call_of(entry_point: &EntryPoint) -> String {
    let EntryPoint { module, function, .. } = entry_point;
    let root = function.split('.').next().unwrap_or(function);
    format!(
        "import sys\n\
         from {module} import {root}\n\
         if __name__ == \"__main__\":\n    \
             for suffix in (\"-script.pyw\", \".exe\"):\n        \
                 if sys.argv[0].endswith(suffix):\n            \
                     sys.argv[0] = sys.argv[0][: -len(suffix)]\n    \
             sys.exit({function}())\n"
    )
}

/// Returns a packaged script with its placeholder first line replaced by the environment's interpreter.
pub(super) fn packaged_script(content: &[u8], python: &Path) -> Vec<u8> {
    if !content.starts_with(b"#!python") {
        return content.to_vec();
    }
    let rest = content.iter().position(|&byte| byte == b'\n').map_or(&[][..], |end| &content[end + 1..]);
    [shebang(python).as_slice(), rest].concat()
}

/// `pip` for `pip3.12` and `pip-3.12`.
fn versionless(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-')
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::wheel::testing::python3;

    fn version(minor: u32) -> PythonVersion {
        PythonVersion { major: 3, minor, micro: 0, level: "final".into(), serial: 0 }
    }

    fn entry_point(name: &str) -> EntryPoint {
        EntryPoint { name: name.into(), module: "m".into(), function: "Class.main".into() }
    }

    #[test]
    fn short_plain_paths_get_one_line() {
        assert_eq!(shebang(Path::new("/e/bin/python")), b"#!/e/bin/python\n");
        let longest = format!("/{}", "x".repeat(123));
        assert_eq!(shebang(Path::new(&longest)), format!("#!{longest}\n").into_bytes());
        assert!(shebang(Path::new(&format!("{longest}x"))).starts_with(b"#!/bin/sh\n"));
    }

    #[test]
    fn pip_is_named_for_the_python_it_is_installed_for() {
        let names = |project, entry_points: &[&str]| {
            let entry_points: Vec<_> = entry_points.iter().map(|name| entry_point(name)).collect();
            file_names(project, &entry_points, &version(13)).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names("pip", &["pip", "pip3", "pip3.10"]), ["pip", "pip3", "pip3.13"]);
        assert_eq!(names("setuptools", &["easy_install", "easy_install-3.8"]), ["easy_install", "easy_install-3.13"]);
        assert_eq!(names("other", &["x3.8"]), ["x3.8"]);
    }

    #[test]
    fn packaged_scripts_get_the_interpreter() {
        let python = Path::new("/e/bin/python");
        assert_eq!(packaged_script(b"#!python\nprint()\n", python), b"#!/e/bin/python\nprint()\n");
        assert_eq!(packaged_script(b"#!pythonw -E\nx", python), b"#!/e/bin/python\nx");
        assert_eq!(packaged_script(b"#!python", python), b"#!/e/bin/python\n");
        assert_eq!(packaged_script(b"#!/bin/sh\nx", python), b"#!/bin/sh\nx");
    }

    /// Runs a script through its own first lines, from a directory whose name wants to be executed.
    fn run_in(directory: &str) {
        let Some(python) = python3() else { return };
        let scratch = tempfile::tempdir().unwrap();
        let bin = scratch.path().join(directory);
        std::fs::create_dir_all(&bin).unwrap();
        std::os::unix::fs::symlink(python, bin.join("python")).unwrap();
        let body = b"import sys, warnings\nprint(sys.executable, sys.argv[1:])\n";
        let script = bin.join("script");
        let content = [shebang(&bin.join("python")).as_slice(), body].concat();
        crate::fs::write_new(&script, &content, 0o755).unwrap();

        let output = Command::new(&script).args(["a b", "$(c)"]).current_dir(scratch.path()).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(stdout, format!("{} ['a b', '$(c)']\n", bin.join("python").display()));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{directory}");
        assert!(!scratch.path().join("PWN").exists(), "{directory}");
    }

    #[test]
    fn hostile_directories_only_hold_scripts() {
        for directory in [
            "plain",
            "a b",
            "a $(touch PWN) 'b",
            "`touch PWN`",
            "';touch PWN;'",
            "\";touch PWN;\"",
            "a '' ''' b",
            "a \\N\\x\\' \\",
        ] {
            run_in(directory);
        }
        run_in(&format!("{}/{}", "long".repeat(30), "x".repeat(150)));
    }
}
