//! Programs that cannot be run any more because their permissions were lost, as on a memory stick or in a zip archive.

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::activation;
use super::mend::old_path;
use super::programs::Programs;
use crate::env::first_line::{MAX_HEAD, interpreter_in};
use crate::env::{BIN, Environment};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::identity::is_same_file;
use crate::fs::{self, PathResult};

/// More than any program of a package.
const MAX_PROGRAM: u64 = 1 << 30;

/// How compiled programs begin: on Linux, and on macOS for one processor and for several.
const COMPILED: [&[u8]; 3] = [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];

/// The second line of a script whose interpreter is not in the first one.
const DETOUR: &[u8] = b"#!/bin/sh\n'''exec' ";

/// The right to run, for everybody.
const RUN: u32 = 0o111;

/// Returns the names of the programs in `bin` that nobody may run.
///
/// Installers let every script run that they generate, and not everything that a package brings along: where no generated
/// one is among them, nothing was lost, and scripts are as they were installed.
pub(crate) fn unrunnable(environment: &Environment) -> Vec<OsString> {
    let entries = std::fs::read_dir(environment.bin()).into_iter().flatten().flatten();
    // Scripts that are sourced are most of what is there.
    let others = entries.filter(|entry| !activation::is_script(&entry.file_name()));
    let lost = others.filter(|entry| entry.metadata().is_ok_and(|found| found.is_file() && found.mode() & RUN == 0));
    let finder = Finder { environment, old: OnceCell::new(), programs: OnceCell::new() };
    let kinds = lost.filter_map(|entry| Some((finder.kind_of(&entry.file_name())?, entry.file_name())));
    let kinds: Vec<_> = kinds.collect();
    let has_lost = kinds.iter().any(|(kind, _)| *kind == Kind::Generated);
    let mut names: Vec<_> =
        kinds.into_iter().filter(|(kind, _)| has_lost || *kind == Kind::Compiled).map(|(_, name)| name).collect();
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

/// What a program is.
#[derive(PartialEq, Eq)]
enum Kind {
    /// It is no script.
    Compiled,
    /// An installer has written it for a package.
    Generated,
    /// It may be meant to be run.
    Other,
}

struct Finder<'a> {
    environment: &'a Environment,
    old: OnceCell<Option<PathBuf>>,
    programs: OnceCell<Programs>,
}

impl Finder<'_> {
    /// Returns what a file is; none where it is no program.
    fn kind_of(&self, name: &OsStr) -> Option<Kind> {
        let path = self.environment.bin().join(name);
        let head = head_of(&path).ok()?;
        if COMPILED.iter().any(|start| head.starts_with(start)) {
            return (!name.as_bytes().windows(3).any(|part| part == b".so")).then_some(Kind::Compiled);
        }
        if !head.starts_with(b"#!") {
            return None;
        }
        let programs = self.programs.get_or_init(|| Programs::of(self.environment));
        let interpreter = interpreter_in(&head);
        let is_own = interpreter.as_deref().map_or(head.starts_with(DETOUR), |found| self.is_own(found));
        let is_gone = || interpreter.as_deref().is_some_and(|found| is_python(found) && !root_of(found).exists());
        if programs.is_generated(name) && (is_own || is_gone()) {
            return Some(Kind::Generated);
        }
        // A script for a shell may be there to be read by one.
        (is_own || programs.is_recorded(name)).then_some(Kind::Other)
    }

    /// Returns whether an interpreter is, or was, the environment's Python: nobody else writes that into a script.
    fn is_own(&self, interpreter: &Path) -> bool {
        let root = root_of(interpreter);
        let old = || self.old.get_or_init(|| old_path(self.environment)).as_deref();
        is_python(interpreter) && (is_same_file(root, self.environment.path()) || old() == Some(root))
    }
}

fn is_python(interpreter: &Path) -> bool {
    let name = interpreter.file_name().unwrap_or_default().as_bytes();
    ["python", "pypy", "graalpy"].iter().any(|known| name.starts_with(known.as_bytes()))
}

/// The directory that has an interpreter in its `bin`.
fn root_of(interpreter: &Path) -> &Path {
    interpreter.parent().and_then(Path::parent).unwrap_or(interpreter)
}

fn head_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let file = fs::open_regular(path).map_err(|error| error.source)?;
    file.take(MAX_HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
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
        write(&environment, "mine", b"#!/gone/env/bin/python\n", 0o644);
        write(&environment, "my detour", b"#!/bin/sh\n'''exec' '/a b/python' \"$0\" \"$@\"\n' '''\n", 0o600);
        let record = "p.py,,\n\"../../../bin/data,script\",,\n../../../bin/activate,,\n../../../bin/it's long,,\n\
                      ../../../bin/moved,,\n";
        std::fs::write(environment.path().join("lib/python3.12/site-packages/p-1.dist-info/RECORD"), record).unwrap();
        let info = environment.path().join("lib/python3.12/site-packages/p-1.dist-info");
        // As long as no script is among them that installers generate, the package has brought them like this.
        assert_eq!(unrunnable(&environment), ["compiled"]);
        std::fs::write(info.join("entry_points.txt"), "[console_scripts]\nown = p:main\nruns = p:main\n").unwrap();
        let expected = ["compiled", "data,script", "it's long", "moved", "own"];
        assert_eq!(unrunnable(&environment), expected);
    }

    #[test]
    fn other_names_of_a_file_keep_their_permissions() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let content = format!("#!{}/bin/python\n", environment.path().display());
        let path = write(&environment, "tool", content.as_bytes(), 0o640);
        let info = environment.path().join("lib/python3.12/site-packages/p-1.dist-info");
        std::fs::write(info.join("RECORD"), "").unwrap();
        std::fs::write(info.join("entry_points.txt"), "[gui_scripts]\ntool = p:main\n").unwrap();
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
