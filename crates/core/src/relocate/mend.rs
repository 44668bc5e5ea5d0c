//! Makes the scripts of an environment that was moved or renamed run its own interpreter again.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::launcher::is_launcher;
use super::mapping::Mapping;
use super::programs::Programs;
use super::record;
use super::script::{self, Head};
use crate::env::activate_path::path_in_script;
use crate::env::metadata::{self, Metadata};
use crate::env::{BIN, Environment, packages};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::identity::is_same_file;
use crate::fs::{self, PathContext, PathResult};

/// More than any script.
const MAX_BYTES: u64 = 1 << 20;

/// Returns the path that an environment had, by its activation script; none when it is where it was.
pub(crate) fn old_path(environment: &Environment) -> Option<PathBuf> {
    let script = fs::read_limited(&environment.activate_script(), MAX_BYTES).unwrap_or_default();
    path_in_script(&script).filter(|path| !is_same_file(path, environment.path()))
}

/// Notes the path of an environment whose scripts find it themselves, so that what belongs to it is known after a move.
pub(crate) fn note_path(environment: &Environment) {
    if !tells_path(environment) {
        metadata::note_path(environment.path());
    }
}

/// Returns the path that [`note_path`] has noted; none when the environment is where it was, or its scripts tell.
pub(crate) fn noted_path(environment: &Environment) -> Option<PathBuf> {
    let path = PathBuf::from(Metadata::read(environment.path()).path?);
    (!tells_path(environment) && !is_same_file(&path, environment.path())).then_some(path)
}

fn tells_path(environment: &Environment) -> bool {
    let script = fs::read_limited(&environment.activate_script(), MAX_BYTES).unwrap_or_default();
    path_in_script(&script).is_some()
}

/// Rewrites every script in `bin` that is run by the Python of the environment's old path, or of one whose path no kernel
/// reads to its end because it holds blanks, and those of packages for a Python that is gone or is another environment's,
/// and the lists that hold its hash. Returns the scripts. A dry run changes none.
pub(crate) fn mend(environment: &Environment, old: Option<&Path>, dry_run: bool) -> PathResult<Vec<PathBuf>> {
    let root = environment.path();
    let bin = environment.bin();
    let mut mended = Vec::new();
    let programs = LazyCell::new(|| Programs::of(environment));
    let is_of_package = |name: &OsStr| programs.has(name);
    for entry in std::fs::read_dir(&bin).at("list", &bin)? {
        let name = entry.at("list", &bin)?.file_name();
        let relative = Path::new(BIN).join(&name);
        if let Some((content, mode)) = new_content(environment, &name, old, &is_of_package) {
            if !dry_run {
                Entry::below(root, &relative)?.replace(&content, Permissions::Kept(mode))?;
            }
            mended.push(relative);
        }
    }
    if !mended.is_empty() && !dry_run {
        update_records(root, &mended.iter().cloned().collect())?;
    }
    Ok(mended)
}

/// Returns whether [`mend`] would give a script of a package the interpreter of its environment.
pub(crate) fn mends(environment: &Environment, name: &OsStr) -> bool {
    new_content(environment, name, None, &|_| true).is_some()
}

/// Returns whether a Python is that of another environment that is there, as where a link led to this one before.
pub(crate) fn is_of_another(environment: &Environment, python: &Path) -> bool {
    let root = python.parent().filter(|bin| bin.ends_with(BIN)).and_then(Path::parent);
    root.is_some_and(|root| {
        python.is_file() && root.join("pyvenv.cfg").is_file() && !is_same_file(root, environment.path())
    })
}

/// A script with its own interpreter, and its permission bits; none when it stays.
///
/// What nobody has installed is the user's, as in a project directory that became an environment: no directory that is
/// gone says that it was the environment's.
fn new_content(
    environment: &Environment,
    name: &OsStr,
    old: Option<&Path>,
    is_of_package: &dyn Fn(&OsStr) -> bool,
) -> Option<(Vec<u8>, u32)> {
    let path = environment.bin().join(name);
    let found = std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
    let content = fs::read_limited(&path, MAX_BYTES).ok().filter(|content| content.starts_with(b"#!"))?;
    let roots: Vec<PathBuf> = old.into_iter().chain([environment.path()]).map(Path::to_path_buf).collect();
    let head = Head::parse(&content, &roots).filter(Head::is_python)?;
    let root = head.interpreter.parent().and_then(Path::parent)?;
    let is_gone = !root.exists() && root.is_absolute();
    if is_same_file(root, environment.path()) {
        // Installers write it so for the scripts that a package brings along.
        let is_cut = !content.starts_with(b"#!/bin/sh\n")
            && head.interpreter.as_os_str().as_bytes().iter().any(u8::is_ascii_whitespace);
        let new = || [&head.first_lines(&head.interpreter), &content[head.length..]].concat();
        return is_cut.then(|| (new(), found.mode() & 0o7777));
    }
    if Some(root) != old && !is_of_package(name) {
        return None;
    }
    if Some(root) != old && is_of_another(environment, &head.interpreter) {
        let own = head.interpreter.file_name().map(|name| environment.bin().join(name)).filter(|own| own.is_file());
        let python = own.unwrap_or_else(|| environment.python());
        return Some(([&head.first_lines(&python), &content[head.length..]].concat(), found.mode() & 0o7777));
    }
    if !(is_gone || Some(root) == old) {
        // What was written for any other Python that is gone may have a reason for it, unless it has no code of its own.
        let body = &content[head.length..];
        let is_lost = head.via.is_empty() && head.interpreter.try_exists().is_ok_and(|exists| !exists);
        let new = || [&head.first_lines(&environment.python()), body].concat();
        return (is_lost && is_launcher(body)).then(|| (new(), found.mode() & 0o7777));
    }
    let mapping = Mapping::new(&[root.to_path_buf()], environment.path());
    Some((script::rewritten(&content, &mapping)?, found.mode() & 0o7777))
}

fn update_records(root: &Path, changed: &HashSet<PathBuf>) -> PathResult<()> {
    for site in packages::site_packages(root) {
        for entry in std::fs::read_dir(&site).into_iter().flatten().flatten() {
            let list = entry.path().join("RECORD");
            if record::is_record(&list)
                && let Ok(list) = list.strip_prefix(root)
            {
                record::update(root, root, list, changed)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    /// As in a project directory that became an environment.
    #[test]
    fn scripts_for_a_python_that_is_gone_are_the_users_unless_a_package_has_brought_them() {
        let root = tempfile::tempdir().unwrap();
        let env = root.path().join("project");
        let info = env.join("lib/python3.12/site-packages/tool-1.dist-info");
        std::fs::create_dir_all(&info).unwrap();
        std::fs::create_dir(env.join(BIN)).unwrap();
        let environment = Environment::new(EnvName::for_new("project".as_ref()).unwrap(), env.clone());
        let launcher = "import sys\nfrom t import main\nif __name__ == '__main__':\n    sys.exit(main())\n";
        let gone = "#!/gone/project/bin/python\nprint(1)\n".to_string();
        let lost = format!("#!/usr/python-gone\n{launcher}");
        let own = format!("#!{}/bin/python3\nprint(1)\n", env.display());
        for (name, text) in [("tool", &gone), ("mine", &gone), ("made", &lost), ("my-made", &lost), ("own", &own)] {
            std::fs::write(env.join(BIN).join(name), text).unwrap();
        }
        std::fs::write(info.join("RECORD"), "../../../bin/tool,,\n").unwrap();
        std::fs::write(info.join("entry_points.txt"), "[console_scripts]\nmade = t:main\n").unwrap();
        let mended = |old: Option<&str>| {
            let mut paths = mend(&environment, old.map(Path::new), true).unwrap();
            paths.sort();
            paths
        };
        assert_eq!(mended(None), ["bin/made", "bin/tool"].map(PathBuf::from));
        // What was for the path that the environment had is its own.
        let moved = ["bin/made", "bin/mine", "bin/tool"].map(PathBuf::from);
        assert_eq!(mended(Some("/gone/project")), moved);
    }
}
