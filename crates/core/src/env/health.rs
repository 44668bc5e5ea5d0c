//! Whether an environment works, told from links, names and directories: no Python is run.

mod base;
mod interpreter;
mod obstacle;
mod state;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::activate_path::path_in_script;
use crate::env::activators::is_left_out;
use crate::env::first_line::{MAX_HEAD, interpreter_in, interpreter_of};
use crate::env::packages::library_directories;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::view::{Room, View};
use crate::env::{BIN, Environment};
use crate::fs::identity::is_same_file;
use crate::fs::read_limited;

use base::{BaseFacts, base_facts, directory_facts};
use interpreter::{Link, has_own_python, interpreter_link};
use state::wrong_version;

pub(crate) use base::Memory;
pub use interpreter::is_of_old_virtualenv;
pub(crate) use interpreter::{is_program, original_prefix};
use obstacle::lost_name_in;
pub use obstacle::{has_lost_cfg, has_lost_marks, is_evident, obstacle, without_permission};
pub(crate) use obstacle::{lost_names, version_without_packages};
pub use state::Health;

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

/// Returns whether an environment has its Python inside, and thus no base.
pub fn brings_python(environment: &Environment) -> bool {
    let libraries = library_directories(environment.path());
    environment.cfg().is_none() && has_own_python(&View::open(environment.path()), environment, &libraries)
}

/// Returns whether such an environment shows the packages of its base.
pub fn shows_system_by_old_virtualenv(environment: &Environment) -> bool {
    let is_hidden =
        |name: &String| environment.path().join("lib").join(name).join("no-global-site-packages.txt").exists();
    is_of_old_virtualenv(environment) && !library_directories(environment.path()).iter().any(is_hidden)
}

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
        return Health::NoHome.into();
    }
    let prefix = if cfg.is_none() { original_prefix(environment.path(), libraries) } else { None };
    let home = match cfg {
        Some(cfg) => cfg.home().map(Path::new),
        None if prefix.is_none() && !has_own_python(view, environment, libraries) => {
            return Health::NotAnEnvironment.into();
        }
        None => prefix.as_deref(),
    };
    if let Some(health) = of_interpreter(view, environment, (cfg.is_some(), home), libraries, memory) {
        return health.into();
    }
    let verdict = of_scripts(view, environment, cfg, &mut memory.room);
    let lost = if verdict.health == Health::Ok { lost_name_in(view, environment, libraries) } else { None };
    lost.map_or(verdict, |path| Health::LostName { path }.into())
}

/// What is wrong with the interpreter, or does not fit the libraries. `home` is the directory of the base interpreter;
/// before it stands whether there is a `pyvenv.cfg`.
pub(super) fn of_interpreter(
    view: &View,
    environment: &Environment,
    (has_cfg, home): (bool, Option<&Path>),
    libraries: &[impl AsRef<str>],
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
fn of_scripts(view: &View, environment: &Environment, cfg: Option<&PyvenvCfg>, room: &mut Room) -> Verdict {
    let script = view.read(c"bin/activate", MAX_SCRIPT_BYTES, room);
    let is_there = script.is_some();
    let named = script.and_then(|script| path_in_script(script.content));
    if !is_there && !is_left_out(environment, cfg, "activate") {
        return Health::NoActivateScript.into();
    }
    let is_evident = is_there && named.as_ref().is_none_or(|path| path.as_os_str() == environment.path().as_os_str());
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

/// Returns the path that an environment was at, by its pip; its activate script may be gone.
pub(crate) fn old_path_of_pip(environment: &Environment) -> Option<PathBuf> {
    let interpreter = interpreter_of(&environment.bin().join("pip"))?;
    if is_directly_in_bin(&interpreter, environment.path()) {
        return None;
    }
    other_path_of_pip(environment, &interpreter)
}

/// Returns the same by any script of its packages, where neither its pip nor an activate script is left to tell.
pub(crate) fn old_path_of_scripts(
    environment: &Environment,
    is_of_package: &dyn Fn(&OsStr) -> bool,
) -> Option<PathBuf> {
    let bin = environment.bin();
    if environment.activate_script().symlink_metadata().is_ok() || bin.join("pip").symlink_metadata().is_ok() {
        return None;
    }
    let entries = std::fs::read_dir(&bin).ok()?.flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let scripts = files.filter_map(|entry| Some((interpreter_of(&entry.path())?, entry.file_name())));
    let mut paths: Vec<_> = scripts
        .filter_map(|(interpreter, name)| Some((other_path_of_pip(environment, &interpreter)?, name)))
        .filter(|(_, name)| is_of_package(name))
        .collect();
    paths.sort();
    paths.into_iter().next().map(|(path, _)| path)
}

/// Returns the path that an environment is not at, by the interpreter in the first line of its pip.
fn other_path_of_pip(environment: &Environment, interpreter: &Path) -> Option<PathBuf> {
    let from = interpreter.parent().filter(|directory| directory.ends_with(BIN))?.parent()?;
    let from = Some(from.to_path_buf()).filter(|from| is_other(from, environment))?;
    // A script that somebody wrote for the system's Python is no sign of a move.
    let is_of_environment = !interpreter.exists() || from.join("pyvenv.cfg").exists();
    is_of_environment.then_some(from)
}

/// Returns the environment that the activate script of this one is for, where that is another: it was copied or moved.
pub(super) fn moved_from(environment: &Environment) -> Option<PathBuf> {
    let script = read_limited(&environment.activate_script(), 1 << 20).ok()?;
    path_in_script(&script).filter(|path| is_other(path, environment))
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
