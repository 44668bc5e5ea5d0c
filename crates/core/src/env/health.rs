//! Whether an environment works, told from links, names and directories: no Python is run.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::activate_path::path_in_script;
use crate::env::first_line::{MAX_HEAD, interpreter_in};
use crate::env::packages::{library_directories, minor_of, version_of};
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::view::{Room, View};
use crate::env::{BIN, Environment};
use crate::fs;
use crate::fs::identity::is_same_file;

/// The state of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Its interpreter exists and has the version that its packages are for.
    Ok,
    /// Its interpreter link points to nothing, as after an upgrade of Python.
    DanglingInterpreter {
        /// What the link points to.
        target: PathBuf,
    },
    /// The interpreter is of another version than the packages.
    WrongVersion {
        /// The version that the packages are for.
        packages: String,
        /// The version of the interpreter.
        interpreter: String,
    },
    /// The directory that `pyvenv.cfg` names as home of the base interpreter is gone.
    HomeMissing {
        /// The directory.
        home: PathBuf,
    },
    /// It was moved, renamed or copied: its scripts name another path.
    Moved {
        /// The path.
        from: PathBuf,
    },
    /// There is no script to activate it with.
    NoActivateScript,
    /// There is neither `pyvenv.cfg` nor what virtualenv before 20 wrote: made by conda, or no environment at all.
    NotAnEnvironment,
}

/// What is kept from one environment to the next: what is known of base interpreters, since most environments share a
/// few, and room for a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    bases: HashMap<OsString, BaseFacts>,
    pub(super) room: Room,
}

/// What is known of a base interpreter by its path.
#[derive(Clone, Copy, Debug)]
struct BaseFacts {
    exists: bool,
    version: Option<(u32, u32)>,
}

impl Memory {
    /// Paths are compared by their bytes: another spelling is asked about once more.
    fn facts(&mut self, path: &Path, find: fn(&Path) -> BaseFacts) -> BaseFacts {
        if let Some(known) = self.bases.get(path.as_os_str()) {
            return *known;
        }
        let found = find(path);
        self.bases.insert(path.into(), found);
        found
    }
}

/// A state, and what it depends on.
#[derive(Debug)]
pub(super) struct Verdict {
    /// The state.
    pub(super) health: Health,
    /// Whether the scripts of the environment are fine by what is in them, for which no other file was asked.
    pub(super) is_evident: bool,
}

impl From<Health> for Verdict {
    fn from(health: Health) -> Self {
        Self { health, is_evident: false }
    }
}

/// More than any activation script.
const MAX_SCRIPT_BYTES: usize = 1 << 20;

/// More than any path.
const MAX_PREFIX_BYTES: u64 = 8 * 1024;

/// The names that the link to the base interpreter has in environments made by the various tools. With `pyvenv.cfg` the
/// first is always there.
const LINK_NAMES: [&str; 6] = ["bin/python", "bin/python3", "bin/pypy3", "bin/pypy", "bin/graalpy", "bin/python2"];

/// Tells the state of an environment.
pub(crate) fn examine(
    environment: &Environment,
    cfg: Option<&PyvenvCfg>,
    libraries: &[String],
    memory: &mut Memory,
) -> Health {
    examine_in(&View::open(environment.path()), environment, cfg, libraries, memory).health
}

/// The same for an environment that is held open.
pub(super) fn examine_in(
    view: &View,
    environment: &Environment,
    cfg: Option<&PyvenvCfg>,
    libraries: &[String],
    memory: &mut Memory,
) -> Verdict {
    if cfg.is_some_and(|cfg| cfg.home().is_none()) && has_lost_cfg(environment) {
        return Health::NotAnEnvironment.into();
    }
    let prefix = if cfg.is_none() { original_prefix(environment.path(), libraries) } else { None };
    let home = match cfg {
        Some(cfg) => cfg.home().map(Path::new),
        None if prefix.is_none() && !has_own_python(view, environment, libraries) => {
            return Health::NotAnEnvironment.into();
        }
        None => prefix.as_deref(),
    };
    match of_interpreter(view, environment, (cfg.is_some(), home), libraries, memory) {
        Some(health) => health.into(),
        None => of_scripts(view, environment, &mut memory.room),
    }
}

/// What is wrong with the interpreter, or does not fit the libraries. `home` is the directory of the base interpreter;
/// before it stands whether there is a `pyvenv.cfg`.
pub(super) fn of_interpreter(
    view: &View,
    environment: &Environment,
    (has_cfg, home): (bool, Option<&Path>),
    libraries: &[String],
    memory: &mut Memory,
) -> Option<Health> {
    let link = interpreter_link(view, environment, has_cfg);
    let facts = match &link {
        Link::Outside(target) => memory.facts(target, base_facts),
        Link::Copy => BaseFacts { exists: true, version: None },
        Link::Missing(path) => return Some(Health::DanglingInterpreter { target: path.clone() }),
    };
    if let (false, Link::Outside(target)) = (facts.exists, link) {
        return Some(Health::DanglingInterpreter { target });
    }
    if let Some(home) = home
        && !memory.facts(home, directory_facts).exists
    {
        return Some(Health::HomeMissing { home: home.to_path_buf() });
    }
    facts.version.and_then(|version| wrong_version(version, libraries))
}

/// Reads whether the scripts are for the place where the environment is.
fn of_scripts(view: &View, environment: &Environment, room: &mut Room) -> Verdict {
    let Some(script) = view.read(c"bin/activate", MAX_SCRIPT_BYTES, room) else {
        return Health::NoActivateScript.into();
    };
    let named = path_in_script(script.content);
    let is_evident = named.as_ref().is_none_or(|path| path.as_os_str() == environment.path().as_os_str());
    if let Some(from) = named.filter(|path| is_other(path, environment)) {
        return Health::Moved { from }.into();
    }
    let interpreter = view.read_head(c"bin/pip", MAX_HEAD, room).and_then(interpreter_in);
    match interpreter.filter(|interpreter| !is_directly_in_bin(interpreter, environment.path())) {
        None => Verdict { health: Health::Ok, is_evident },
        Some(interpreter) => {
            let from = other_path_of_pip(environment, &interpreter);
            from.map_or(Health::Ok, |from| Health::Moved { from }).into()
        }
    }
}

/// Returns what keeps the Python of an environment from starting, at the cost of a look or two; none when it may start.
///
/// For those who activate: [`Examiner`](super::describe::Examiner) knows more and takes longer.
pub fn obstacle(environment: &Environment) -> Option<Health> {
    let python = environment.python();
    match std::fs::symlink_metadata(&python) {
        Ok(found) if found.is_symlink() && python.exists() => {
            if has_lost_cfg(environment) {
                Some(Health::NotAnEnvironment)
            } else {
                other_version(environment)
            }
        }
        // A copy starts only with the library of its base.
        Ok(found) if found.is_file() && has_lost_cfg(environment) => Some(Health::NotAnEnvironment),
        Ok(found) if found.is_file() => {
            let home = PathBuf::from(environment.cfg()?.home()?);
            (!home.is_dir()).then_some(Health::HomeMissing { home })
        }
        _ => match interpreter_link(&View::open(environment.path()), environment, has_cfg(environment)) {
            Link::Outside(target) if !target.exists() => Some(Health::DanglingInterpreter { target }),
            Link::Missing(target) if LINK_NAMES.iter().any(|name| environment.path().join(name).is_symlink()) => {
                Some(Health::DanglingInterpreter { target })
            }
            // Without any Python it is not what it was made to be, such as a directory of programs.
            _ => None,
        },
    }
}

/// The system's Python has become another minor version, and the link of the environment leads to it still: it starts,
/// without any of the packages.
fn other_version(environment: &Environment) -> Option<Health> {
    let interpreter = base_facts(&environment.python()).version?;
    let libraries = library_directories(environment.path());
    wrong_version(interpreter, &libraries)
}

fn wrong_version(interpreter: (u32, u32), libraries: &[String]) -> Option<Health> {
    if libraries.is_empty() || libraries.iter().any(|name| version_of(name) == Some(interpreter)) {
        return None;
    }
    let packages = libraries.iter().filter_map(|name| version_of(name)).map(text).collect::<Vec<_>>().join(", ");
    Some(Health::WrongVersion { packages, interpreter: text(interpreter) })
}

/// Returns the version of Python that an environment is for whose packages are gone, all at once.
pub(crate) fn version_without_packages(
    environment: &Environment,
    cfg: Option<&PyvenvCfg>,
    libraries: &[String],
) -> Option<String> {
    let version = minor_of(&cfg.filter(|cfg| cfg.home().is_some())?.version()?)?;
    let lib = environment.path().join("lib");
    let has_packages = |library: &String| lib.join(library).join("site-packages").exists();
    (!libraries.iter().any(has_packages)).then(|| text(version))
}

/// Returns whether an environment had a `pyvenv.cfg` and has it no more, or only an empty or damaged one: its interpreter
/// is a link, or a copy without a standard library, and there are packages that this interpreter does not find now. Those
/// of conda and of virtualenv before 20 never had one.
pub fn has_lost_cfg(environment: &Environment) -> bool {
    let env = environment.path();
    let is_missing = |name: &&str| env.join(name).symlink_metadata().is_err();
    if has_cfg(environment) || LINK_NAMES.iter().all(is_missing) || env.join("conda-meta").exists() {
        return false;
    }
    let libraries = library_directories(env);
    has_packages(environment)
        && original_prefix(env, &libraries).is_none()
        && match interpreter_link(&View::open(env), environment, false) {
            Link::Outside(_) | Link::Missing(_) => true,
            Link::Copy => !has_own_library(env, &libraries),
        }
}

/// Returns whether `bin/python3` of an environment for Python 3 is missing or leads nowhere: another one on PATH would run.
pub(crate) fn lacks_python3(environment: &Environment) -> bool {
    let is_for_python3 = |library: &String| version_of(library).is_some_and(|(major, _)| major == 3);
    !environment.bin().join("python3").exists() && library_directories(environment.path()).iter().any(is_for_python3)
}

/// Without the directory of its base, Python finds no packages, or those of the system.
fn has_cfg(environment: &Environment) -> bool {
    environment.cfg().is_some_and(|cfg| cfg.home().is_some())
}

fn has_packages(environment: &Environment) -> bool {
    environment.bin().is_dir() && matches!(library_directories(environment.path())[..], [_])
}

/// Returns the path that an environment is not at, by the interpreter in the first line of its pip.
fn other_path_of_pip(environment: &Environment, interpreter: &Path) -> Option<PathBuf> {
    let from = interpreter.parent().filter(|directory| directory.ends_with(BIN))?.parent()?;
    let from = Some(from.to_path_buf()).filter(|from| is_other(from, environment))?;
    // A script that somebody wrote for the system's Python is no sign of a move.
    let is_of_environment = !interpreter.exists() || from.join("pyvenv.cfg").exists();
    is_of_environment.then_some(from)
}

fn is_other(path: &Path, environment: &Environment) -> bool {
    let own = environment.path();
    // Most are equal byte for byte, which is found much sooner.
    path.as_os_str() != own.as_os_str() && path != own && !is_same_file(path, own)
}

/// Returns whether a path, as it is written, is that of a program of the environment at `root`.
fn is_directly_in_bin(path: &Path, root: &Path) -> bool {
    let rest = path.as_os_str().as_bytes().strip_prefix(root.as_os_str().as_bytes());
    rest.and_then(|rest| rest.strip_prefix(b"/bin/")).is_some_and(|name| !name.contains(&b'/'))
}

/// Returns whether the Python itself is in it, as in what `pack --with-python` makes.
fn has_own_python(view: &View, environment: &Environment, libraries: &[String]) -> bool {
    matches!(interpreter_link(view, environment, false), Link::Copy)
        && has_own_library(environment.path(), libraries)
        && environment.activate_script().is_file()
}

/// Returns whether the standard library is in it.
fn has_own_library(env: &Path, libraries: &[String]) -> bool {
    libraries.iter().any(|name| env.join("lib").join(name).join("os.py").is_file())
}

/// Returns the prefix of the base Python as virtualenv before 20 recorded it.
fn original_prefix(env: &Path, libraries: &[String]) -> Option<PathBuf> {
    let file = |name: &String| env.join("lib").join(name).join("orig-prefix.txt");
    let content = libraries.iter().find_map(|name| fs::read_limited(&file(name), MAX_PREFIX_BYTES).ok())?;
    let prefix = PathBuf::from(std::str::from_utf8(&content).ok()?.trim());
    prefix.is_absolute().then_some(prefix)
}

enum Link {
    Outside(PathBuf),
    Copy,
    Missing(PathBuf),
}

/// Follows the links inside `bin` to the first path outside of it.
fn interpreter_link(view: &View, environment: &Environment, has_cfg: bool) -> Link {
    let in_bin = |name: &OsStr| environment.bin().join(name);
    let names = if has_cfg { &LINK_NAMES[..1] } else { &LINK_NAMES };
    let found = names.iter().map(OsStr::new).find_map(|path| {
        let name = OsStr::from_bytes(&path.as_bytes()[BIN.len() + 1..]);
        match view.link(path) {
            Ok(target) => Some((name.to_os_string(), Some(target))),
            // Something else than a link.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Some((name.to_os_string(), None)),
            Err(_) => None,
        }
    });
    let Some((mut name, mut next)) = found else { return Link::Missing(in_bin("python".as_ref())) };
    // Links inside an environment are at most a few; more mean a loop.
    for _ in 0..8 {
        let Some(target) = next.take().or_else(|| view.link(Path::new(BIN).join(&name)).ok()) else {
            let path = in_bin(&name);
            return if path.is_file() { Link::Copy } else { Link::Missing(path) };
        };
        if target.as_os_str().as_bytes().contains(&b'/') {
            return Link::Outside(environment.bin().join(target));
        }
        name = target.into_os_string();
    }
    Link::Missing(in_bin(&name))
}

fn base_facts(target: &Path) -> BaseFacts {
    let Ok(real) = target.canonicalize() else { return BaseFacts { exists: false, version: None } };
    let name = real.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    BaseFacts { exists: true, version: version_of(name).or_else(|| landmark_version(&real)) }
}

fn directory_facts(directory: &Path) -> BaseFacts {
    BaseFacts { exists: directory.is_dir(), version: None }
}

/// The version of the only standard library beside an executable whose name does not tell it.
fn landmark_version(executable: &Path) -> Option<(u32, u32)> {
    let lib = executable.parent()?.parent()?.join("lib");
    let entries = std::fs::read_dir(lib).ok()?.flatten();
    let mut versions = entries.filter(|entry| entry.path().join("os.py").exists()).filter_map(|entry| {
        let name = entry.file_name();
        version_of(name.to_str()?)
    });
    let first = versions.next()?;
    versions.all(|version| version == first).then_some(first)
}

fn text((major, minor): (u32, u32)) -> String {
    format!("{major}.{minor}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;
    use std::ffi::OsStr;
    use std::os::unix::fs::symlink;

    struct Tree {
        _directory: tempfile::TempDir,
        base: PathBuf,
        env: Environment,
    }

    /// An installation of 3.12 at `base`, and an environment of it.
    fn tree() -> Tree {
        let directory = tempfile::tempdir().unwrap();
        let base = directory.path().join("base");
        std::fs::create_dir_all(base.join("bin")).unwrap();
        std::fs::create_dir_all(base.join("lib/python3.12")).unwrap();
        std::fs::write(base.join("bin/python3.12"), "").unwrap();
        symlink("python3.12", base.join("bin/python3")).unwrap();
        let path = directory.path().join("env");
        std::fs::create_dir_all(path.join("bin")).unwrap();
        std::fs::create_dir_all(path.join("lib/python3.12/site-packages")).unwrap();
        std::fs::write(path.join("pyvenv.cfg"), format!("home = {}\n", base.join("bin").display())).unwrap();
        std::fs::write(path.join("bin/activate"), "").unwrap();
        symlink(base.join("bin/python3"), path.join("bin/python3")).unwrap();
        symlink("python3", path.join("bin/python")).unwrap();
        let env = Environment::new(EnvName::for_existing(OsStr::new("env")).unwrap(), path);
        Tree { _directory: directory, base, env }
    }

    fn state(env: &Environment) -> Health {
        examine(env, env.cfg().as_ref(), &library_directories(env.path()), &mut Memory::default())
    }

    #[test]
    fn a_whole_environment_is_ok() {
        let tree = tree();
        assert_eq!(state(&tree.env), Health::Ok);
    }

    #[test]
    fn a_vanished_interpreter_is_seen() {
        let tree = tree();
        std::fs::remove_file(tree.base.join("bin/python3.12")).unwrap();
        assert_eq!(state(&tree.env), Health::DanglingInterpreter { target: tree.base.join("bin/python3") });
        std::fs::remove_file(tree.env.bin().join("python")).unwrap();
        std::fs::remove_file(tree.env.bin().join("python3")).unwrap();
        assert_eq!(state(&tree.env), Health::DanglingInterpreter { target: tree.env.bin().join("python") });
    }

    #[test]
    fn an_interpreter_of_another_version_is_seen() {
        let tree = tree();
        std::fs::rename(tree.base.join("bin/python3.12"), tree.base.join("bin/python3.13")).unwrap();
        std::fs::remove_file(tree.base.join("bin/python3")).unwrap();
        symlink("python3.13", tree.base.join("bin/python3")).unwrap();
        let expected = Health::WrongVersion { packages: "3.12".into(), interpreter: "3.13".into() };
        assert_eq!(state(&tree.env), expected);
        assert_eq!(obstacle(&tree.env), Some(expected));
        std::fs::create_dir(tree.env.path().join("lib/python3.13")).unwrap();
        assert_eq!(obstacle(&tree.env), None, "it has packages for both");
    }

    #[test]
    fn an_executable_without_version_is_known_by_its_library() {
        let tree = tree();
        std::fs::remove_file(tree.base.join("bin/python3")).unwrap();
        std::fs::rename(tree.base.join("bin/python3.12"), tree.base.join("bin/python3")).unwrap();
        std::fs::write(tree.base.join("lib/python3.12/os.py"), "").unwrap();
        assert_eq!(state(&tree.env), Health::Ok);
        std::fs::rename(tree.base.join("lib/python3.12"), tree.base.join("lib/python3.13")).unwrap();
        assert!(matches!(state(&tree.env), Health::WrongVersion { .. }));
    }

    #[test]
    fn an_environment_may_bring_its_python() {
        let tree = tree();
        std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
        assert_eq!(state(&tree.env), Health::NotAnEnvironment);
        std::fs::remove_file(tree.env.bin().join("python3")).unwrap();
        std::fs::write(tree.env.bin().join("python3"), "").unwrap();
        assert_eq!(state(&tree.env), Health::NotAnEnvironment);
        std::fs::write(tree.env.path().join("lib/python3.12/os.py"), "").unwrap();
        assert_eq!(state(&tree.env), Health::Ok);
        // Others that do are not to be activated.
        std::fs::remove_file(tree.env.activate_script()).unwrap();
        assert_eq!(state(&tree.env), Health::NotAnEnvironment);
    }

    #[test]
    fn missing_parts_are_named() {
        let tree = tree();
        std::fs::remove_file(tree.env.activate_script()).unwrap();
        assert_eq!(state(&tree.env), Health::NoActivateScript);
        std::fs::write(tree.env.path().join("pyvenv.cfg"), "home = /nowhere/bin\n").unwrap();
        assert_eq!(state(&tree.env), Health::HomeMissing { home: "/nowhere/bin".into() });
        std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
        assert_eq!(state(&tree.env), Health::NotAnEnvironment);
    }

    #[test]
    fn an_environment_that_names_another_path_was_moved() {
        let tree = tree();
        let moved = Health::Moved { from: "/e/be ta".into() };
        std::fs::write(tree.env.activate_script(), "VIRTUAL_ENV='/e/be ta'\nexport VIRTUAL_ENV\n").unwrap();
        assert_eq!(state(&tree.env), moved);
        std::fs::write(tree.env.activate_script(), "export VIRTUAL_ENV=$(pwd)\n").unwrap();
        let pip = tree.env.bin().join("pip");
        for head in [r#"'''exec' '/e/be ta/bin/python' "$0" "$@""#, "#!/e/be/bin/python3.12"] {
            let shell = if head.starts_with('#') { "" } else { "#!/bin/sh\n" };
            std::fs::write(&pip, format!("{shell}{head}\n")).unwrap();
            assert!(matches!(state(&tree.env), Health::Moved { .. }), "{head}");
        }
        let link = tree.env.path().with_file_name("link");
        symlink(tree.env.path(), &link).unwrap();
        for path in [tree.env.path(), &link] {
            std::fs::write(tree.env.activate_script(), format!("VIRTUAL_ENV='{}'\n", path.display())).unwrap();
            std::fs::write(&pip, format!("#!{}/bin/python\n", path.display())).unwrap();
            assert_eq!(state(&tree.env), Health::Ok, "{}", path.display());
        }
        std::fs::write(&pip, "#!/usr/bin/env python3\n").unwrap();
        assert_eq!(state(&tree.env), Health::Ok);
    }

    #[test]
    fn an_environment_of_an_old_virtualenv_is_one() {
        let tree = tree();
        std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
        let prefix = tree.env.path().join("lib/python3.12/orig-prefix.txt");
        std::fs::write(&prefix, format!("{}\n", tree.base.display())).unwrap();
        assert_eq!(state(&tree.env), Health::Ok);
        std::fs::write(&prefix, "/nowhere").unwrap();
        assert_eq!(state(&tree.env), Health::HomeMissing { home: "/nowhere".into() });
        for nothing in ["", "relative", "\u{0}"] {
            std::fs::write(&prefix, nothing).unwrap();
            assert_eq!(state(&tree.env), Health::NotAnEnvironment, "{nothing:?}");
        }
        std::fs::write(&prefix, format!("{}\n", tree.base.display())).unwrap();
        std::fs::remove_file(tree.base.join("bin/python3.12")).unwrap();
        assert!(matches!(state(&tree.env), Health::DanglingInterpreter { .. }));
    }

    #[test]
    fn what_keeps_python_from_starting_is_seen_at_a_glance() {
        let tree = tree();
        assert_eq!(obstacle(&tree.env), None);
        std::fs::remove_file(tree.base.join("bin/python3.12")).unwrap();
        assert_eq!(obstacle(&tree.env), Some(Health::DanglingInterpreter { target: tree.base.join("bin/python3") }));
        std::fs::remove_file(tree.env.python()).unwrap();
        std::fs::write(tree.env.python(), "a copy").unwrap();
        assert_eq!(obstacle(&tree.env), None);
        fs::remove_tree(&tree.base).unwrap();
        assert_eq!(obstacle(&tree.env), Some(Health::HomeMissing { home: tree.base.join("bin") }));
        fs::remove_tree(&tree.env.bin()).unwrap();
        assert_eq!(obstacle(&tree.env), None, "there is no Python");
    }

    #[test]
    fn a_missing_link_or_configuration_is_an_obstacle() {
        let (gone, no_cfg) = (tree(), tree());
        std::fs::remove_file(gone.env.python()).unwrap();
        let dangling = Health::DanglingInterpreter { target: gone.env.python() };
        assert_eq!((state(&gone.env), obstacle(&gone.env)), (dangling.clone(), Some(dangling)));
        assert!(!has_lost_cfg(&no_cfg.env));
        std::fs::remove_file(no_cfg.env.path().join("pyvenv.cfg")).unwrap();
        assert!(has_lost_cfg(&no_cfg.env));
        assert_eq!(obstacle(&no_cfg.env), Some(Health::NotAnEnvironment));
        std::fs::create_dir(no_cfg.env.path().join("conda-meta")).unwrap();
        assert_eq!((has_lost_cfg(&no_cfg.env), obstacle(&no_cfg.env)), (false, None));
        let copy = tree();
        std::fs::remove_file(copy.env.path().join("pyvenv.cfg")).unwrap();
        std::fs::remove_file(copy.env.python()).unwrap();
        std::fs::write(copy.env.python(), "").unwrap();
        assert_eq!((has_lost_cfg(&copy.env), obstacle(&copy.env)), (true, Some(Health::NotAnEnvironment)));
        std::fs::write(copy.env.path().join("lib/python3.12/os.py"), "").unwrap();
        assert_eq!((has_lost_cfg(&copy.env), obstacle(&copy.env)), (false, None), "it brings its Python");
        assert!(!lacks_python3(&no_cfg.env));
        std::fs::remove_file(no_cfg.env.bin().join("python3")).unwrap();
        assert!(lacks_python3(&no_cfg.env));
        std::fs::rename(no_cfg.env.path().join("lib/python3.12"), no_cfg.env.path().join("lib/python2.7")).unwrap();
        assert!(!lacks_python3(&no_cfg.env), "Python 2 has none");
    }

    #[test]
    fn hostile_configurations_are_only_data() {
        let tree = tree();
        std::fs::remove_file(tree.env.path().join("pyvenv.cfg")).unwrap();
        std::fs::create_dir(tree.env.path().join("pyvenv.cfg")).unwrap();
        assert_eq!(state(&tree.env), Health::NotAnEnvironment);
        for name in ["python", "python3"] {
            std::fs::remove_file(tree.env.bin().join(name)).unwrap();
        }
        std::fs::remove_dir(tree.env.path().join("pyvenv.cfg")).unwrap();
        std::fs::write(tree.env.path().join("pyvenv.cfg"), b"home = $(touch PWN)\0\n").unwrap();
        symlink("python", tree.env.bin().join("python3")).unwrap();
        symlink("python3", tree.env.bin().join("python")).unwrap();
        assert!(matches!(state(&tree.env), Health::DanglingInterpreter { .. }));
    }
}
