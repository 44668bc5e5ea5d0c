//! Programs that cannot be run any more because their permissions were lost, as on a memory stick or in a zip archive.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::mend::old_path;
use super::record;
use crate::env::first_line::{MAX_HEAD, interpreter_in};
use crate::env::{BIN, Environment, packages};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::identity::is_same_file;
use crate::fs::{self, PathResult};
use crate::wheel::record::path_field;

/// More than any program of a package.
const MAX_PROGRAM: u64 = 1 << 30;

/// How compiled programs begin: on Linux, and on macOS for one processor and for several.
const COMPILED: [&[u8]; 3] = [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];

/// The second line of a script whose interpreter is not in the first one.
const DETOUR: &[u8] = b"#!/bin/sh\n'''exec' ";

/// The right to run, for everybody.
const RUN: u32 = 0o111;

/// Returns the names of the programs in `bin` that nobody may run. A file that only may be one, such as a script for a
/// shell that is read and not run, counts if a package was installed with it.
pub(crate) fn unrunnable(environment: &Environment) -> Vec<OsString> {
    let mut finder = Finder { environment, old: OnceCell::new(), recorded: None };
    let entries = std::fs::read_dir(environment.bin()).into_iter().flatten().flatten();
    let lost = entries.filter(|entry| entry.metadata().is_ok_and(|found| found.is_file() && found.mode() & RUN == 0));
    let mut names: Vec<_> = lost.map(|entry| entry.file_name()).filter(|name| finder.is_program(name)).collect();
    names.sort_unstable();
    names
}

/// Gives those programs back the right to be run by everybody who may read them. Each becomes a new file: an old one may
/// have other names, in a cache. Returns what has changed.
pub(crate) fn make_runnable(environment: &Environment, dry_run: bool) -> PathResult<Vec<PathBuf>> {
    let mut changed = Vec::new();
    for name in unrunnable(environment) {
        let relative = Path::new(BIN).join(&name);
        if !dry_run {
            let entry = Entry::below(environment.path(), &relative)?;
            let Some((content, mode)) = entry.read(MAX_PROGRAM)? else { continue };
            entry.replace(&content, Permissions::Kept(mode | (mode & 0o444) >> 2))?;
        }
        changed.push(relative);
    }
    // Some file systems keep no permissions.
    let left = if dry_run || changed.is_empty() { Vec::new() } else { unrunnable(environment) };
    changed.retain(|path| !left.iter().any(|name| path.file_name() == Some(name)));
    Ok(changed)
}

struct Finder<'a> {
    environment: &'a Environment,
    old: OnceCell<Option<PathBuf>>,
    recorded: Option<HashSet<PathBuf>>,
}

impl Finder<'_> {
    fn is_program(&mut self, name: &OsString) -> bool {
        let path = self.environment.bin().join(name);
        let Ok(head) = head_of(&path) else { return false };
        if COMPILED.iter().any(|start| head.starts_with(start)) {
            return !name.as_bytes().windows(3).any(|part| part == b".so");
        }
        if !head.starts_with(b"#!") {
            return false;
        }
        head.starts_with(DETOUR) || interpreter_in(&head).is_some_and(|found| self.is_own(&found)) || self.has(&path)
    }

    /// Returns whether an interpreter is, or was, the environment's Python: nobody else writes that into a script.
    fn is_own(&mut self, interpreter: &Path) -> bool {
        let name = interpreter.file_name().unwrap_or_default().as_bytes();
        let is_python = ["python", "pypy", "graalpy"].iter().any(|known| name.starts_with(known.as_bytes()));
        let Some(root) = interpreter.parent().and_then(Path::parent).filter(|_| is_python) else { return false };
        let environment = self.environment;
        let old = self.old.get_or_init(|| old_path(environment));
        !root.exists() || is_same_file(root, environment.path()) || old.as_deref() == Some(root)
    }

    /// Returns whether a package was installed with a file.
    fn has(&mut self, path: &Path) -> bool {
        let environment = self.environment;
        self.recorded.get_or_insert_with(|| recorded(environment)).contains(path)
    }
}

fn head_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let file = fs::open_regular(path).map_err(|error| error.source)?;
    file.take(MAX_HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// The files in `bin` that packages were installed with.
fn recorded(environment: &Environment) -> HashSet<PathBuf> {
    let bin = environment.bin();
    let mut found = HashSet::new();
    for site in packages::site_packages(environment.path()) {
        for entry in std::fs::read_dir(&site).into_iter().flatten().flatten() {
            let list = entry.path().join("RECORD");
            let content = record::is_record(&list).then(|| fs::read_limited(&list, record::MAX_BYTES));
            let Some(Ok(content)) = content else { continue };
            let paths = content.split(|&byte| byte == b'\n').filter_map(path_field);
            let paths = paths.map(|(_, path)| fs::absolute(&site, Path::new(std::ffi::OsStr::from_bytes(&path))));
            found.extend(paths.filter(|path| path.parent() == Some(&bin)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::env::name::EnvName;

    fn environment(root: &Path) -> Environment {
        let path = root.join("env");
        std::fs::create_dir_all(path.join("bin")).unwrap();
        std::fs::create_dir_all(path.join("lib/python3.12/site-packages/p-1.dist-info")).unwrap();
        Environment::new(EnvName::for_new("env".as_ref()).unwrap(), path)
    }

    fn write(environment: &Environment, name: &str, content: &[u8], mode: u32) -> PathBuf {
        let path = environment.bin().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn programs_are_told_from_what_is_only_read() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let own = format!("#!{}/bin/python3\n", environment.path().display());
        write(&environment, "own", own.as_bytes(), 0o644);
        write(&environment, "runs", own.as_bytes(), 0o744);
        write(&environment, "it's long", b"#!/bin/sh\n'''exec' '/a b/python' \"$0\" \"$@\"\n' '''\n", 0o600);
        write(&environment, "moved", b"#!/gone/env/bin/python\n", 0o644);
        write(&environment, "compiled", b"\x7fELF\x02", 0o644);
        write(&environment, "libx.so.1", b"\x7fELF\x02", 0o644);
        write(&environment, "data,script", b"#!/bin/sh\n", 0o644);
        write(&environment, "postactivate", b"#!/bin/sh\n", 0o644);
        write(&environment, "activate", b"# sourced\n", 0o644);
        let record = "p.py,,\n\"../../../bin/data,script\",,\n../../../bin/activate,,\n";
        std::fs::write(environment.path().join("lib/python3.12/site-packages/p-1.dist-info/RECORD"), record).unwrap();
        let expected = ["compiled", "data,script", "it's long", "moved", "own"];
        assert_eq!(unrunnable(&environment), expected);
    }

    #[test]
    fn other_names_of_a_file_keep_their_permissions() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let content = format!("#!{}/bin/python\n", environment.path().display());
        let path = write(&environment, "tool", content.as_bytes(), 0o640);
        let cached = root.path().join("cached");
        std::fs::hard_link(&path, &cached).unwrap();
        std::os::unix::fs::symlink(&cached, environment.bin().join("link")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!(make_runnable(&environment, true).unwrap(), [Path::new("bin/tool")]);
        assert_eq!(mode(&path), 0o640, "a dry run");
        assert_eq!(make_runnable(&environment, false).unwrap(), [Path::new("bin/tool")]);
        assert_eq!((mode(&path), mode(&cached)), (0o750, 0o640));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        assert!(make_runnable(&environment, false).unwrap().is_empty());
    }
}
