//! Repairing an environment with the Python of its own version: links, `pyvenv.cfg`, scripts. Packages are not touched.

mod activation;
mod configuration;
mod error;
mod links;
#[cfg(test)]
mod tests;

use std::cell::LazyCell;
use std::path::{Path, PathBuf};

use self::activation::activation;
pub use self::error::RepairError;
use self::links::{complete, relink};
use super::find::FindError;
use super::home::Store;
use super::rename::Followed;
use super::trash::{self, Reason};
use crate::env::elsewhere;
use crate::env::health::{
    Health, has_lost_cfg, is_program, lost_names, old_path_of_pip, old_path_of_scripts, version_without_packages,
};
use crate::env::metadata::Metadata;
use crate::env::name::EnvName;
use crate::env::packages::{minor_of, version_of};
use crate::env::prompt_name;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{Environment, packages};
use crate::python::{self, Interpreter, Remedy, Search};
use crate::relocate::damage::{Damage, damaged};
use crate::relocate::programs::{self, Programs};
use crate::relocate::{installed, mend, runnable};

/// What a repair has done, or would do.
#[derive(Debug)]
pub struct Repaired {
    /// The environment.
    pub environment: Environment,
    /// What was wrong; [`Health::Ok`] where nothing was, or only scripts that `changed` names.
    pub problem: Health,
    /// The Python that it runs on now, where that is another one than before.
    pub interpreter: Option<Interpreter>,
    /// The version that `pyvenv.cfg` wrongly named, if that was wrong.
    pub lie: Option<String>,
    /// The links and files that are new, relative to the environment.
    pub changed: Vec<PathBuf>,
    /// The scripts of packages that did not exist, by name.
    pub lost: Vec<String>,
    /// The directories in `bin` in whose place a script of a package should be; nothing replaces them.
    pub in_the_way: Vec<String>,
    /// Activation scripts that the user may have changed and that were written anew: the old ones are kept, beside those.
    pub beside: Vec<PathBuf>,
    /// The path that it was moved from by hand, or that something had not followed it from, and what has now.
    pub followed: Option<(PathBuf, Followed)>,
}

/// How an environment was mended on the way.
#[derive(Debug)]
pub enum Revived {
    /// It has another Python now.
    Replaced(Box<Interpreter>),
    /// Its Python was there; these names lead to it again, relative to the environment.
    Completed(Vec<PathBuf>),
}

impl Store {
    /// Repairs an environment. No Python is started, unless one that is new here has to say what it is.
    pub fn repair(&self, name: &EnvName, search: &Search<'_>, dry_run: bool) -> Result<Repaired, RepairError> {
        let environment = match self.find(name.as_os_str()) {
            Err(FindError::NotAnEnvironment { repairable: Some(_), .. }) => self.environment(name.clone()),
            // As it is called.
            other => Environment::new(name.clone(), other?.path().to_path_buf()),
        };
        let problem = self.examiner().describe(&environment).health;
        let libraries = packages::library_directories(environment.path());
        if problem == Health::Ok
            && let Some(version) = version_without_packages(&environment, environment.cfg().as_ref(), &libraries)
        {
            return Err(RepairError::NoPackages { name: name.clone(), version });
        }
        let lie = (problem == Health::Ok).then(|| wrong_version(&environment, &libraries)).flatten();
        let left = Metadata::read(environment.path()).left.map(PathBuf::from).filter(|old| self.has_left(old));
        let is_own = environment.link_target().is_none();
        let lost = if is_own { programs::all_lost(&environment) } else { Vec::new() };
        let has_lost = lost.iter().any(|lost| !lost.is_directory);
        let in_the_way = lost.into_iter().filter(|lost| lost.is_directory).map(|lost| lost.name).collect();
        let is_whole = || lost_names(&environment).is_empty() && !(is_own && (has_lost || needs_scripts(&environment)));
        if problem == Health::Ok && lie.is_none() && is_whole() {
            let followed = match left {
                Some(old) if !dry_run => {
                    let _lock = self.lock(name)?;
                    let followed = self.follow_move(&old, &environment);
                    Some((old, followed))
                }
                left => left.map(|old| (old, Followed::default())),
            };
            return Ok(Repaired {
                environment,
                in_the_way,
                problem,
                interpreter: None,
                lie,
                changed: Vec::new(),
                lost: Vec::new(),
                beside: Vec::new(),
                followed,
            });
        }
        if let Some(target) = environment.link_target() {
            return Err(RepairError::Link { name: name.clone(), target });
        }
        if problem == Health::NotAnEnvironment && !has_lost_cfg(&environment) {
            return Err(RepairError::NoConfiguration { name: name.clone() });
        }
        if let Some(target) = elsewhere::programs(environment.path()) {
            return Err(RepairError::ProgramsElsewhere { name: name.clone(), target });
        }
        if !environment.bin().is_dir() {
            let without = version_without_packages(&environment, environment.cfg().as_ref(), &libraries);
            let has_packages = without.is_none();
            let of_library = || libraries.first().map(|library| python::Guess::of_directory(library).to_string());
            return Err(RepairError::NoPrograms {
                name: name.clone(),
                version: without.or_else(of_library),
                has_packages,
            });
        }
        let interpreter = match problem {
            Health::Ok if lie.is_some() => Some(base_of(&environment, search)?),
            Health::Ok | Health::LostName { .. } | Health::Moved { .. } | Health::NoActivateScript => None,
            _ => Some(base_of(&environment, search)?),
        };
        let mut repaired = Repaired {
            environment,
            in_the_way,
            problem,
            interpreter,
            lie,
            changed: Vec::new(),
            lost: Vec::new(),
            beside: Vec::new(),
            followed: None,
        };
        let _lock = if dry_run { None } else { Some(self.lock(name)?) };
        let old = repaired.moved_from().filter(|old| !dry_run && self.has_left(old));
        repaired.apply(dry_run)?;
        if let Some(old) = left.filter(|left| !dry_run && old.as_ref() != Some(left)) {
            let followed = self.follow_move(&old, &repaired.environment);
            repaired.followed = Some((old, followed));
        }
        if let Some(old) = old {
            let followed = self.follow_move(&old, &repaired.environment);
            repaired.followed = Some((old, followed));
        }
        let is_moved = || matches!(self.examiner().describe(&repaired.environment).health, Health::Moved { .. });
        if !dry_run
            && matches!(repaired.problem, Health::Moved { .. })
            && is_moved()
            && let Some((link, target)) = elsewhere::script(repaired.environment.path())
        {
            return Err(RepairError::ScriptElsewhere { name: name.clone(), link, target });
        }
        Ok(repaired)
    }

    /// Whether what belongs to the environment at a path is free to follow one that was moved from there. A copy leaves it to
    /// its original, also to one that was removed and can come back.
    fn has_left(&self, old: &Path) -> bool {
        // Who moves a whole store moves its trash as well.
        let home = old.parent().filter(|home| home.is_dir()).unwrap_or(self.home());
        let is_removed =
            |entry: &trash::Entry| entry.reason == Reason::Remove && Some(entry.name.as_os_str()) == old.file_name();
        old.symlink_metadata().is_err() && !trash::entries(home).iter().any(is_removed)
    }

    /// Mends what keeps the Python of an environment from starting, if that takes no search: another Python of its version
    /// takes the place of one that is gone, and names that are missing lead to the one that is there.
    pub fn revive(&self, environment: &Environment, obstacle: &Health, search: &Search<'_>) -> Option<Revived> {
        if !self.keeps(environment) || environment.link_target().is_some() || environment.cfg().is_none() {
            return None;
        }
        if matches!(obstacle, Health::DanglingInterpreter { .. }) && is_program(&environment.python()) {
            let _lock = self.lock(environment.name()).ok()?;
            let names = complete(environment, lost_names(environment), false).ok()?;
            return Some(Revived::Completed(names));
        }
        let found = python::known_for_existing(environment.path(), search)?;
        let _lock = self.lock(environment.name()).ok()?;
        relink(environment, &found, false).ok()?;
        Some(Revived::Replaced(Box::new(found)))
    }
}

impl Repaired {
    /// The path that it had before it was moved by hand.
    fn moved_from(&self) -> Option<PathBuf> {
        match &self.problem {
            Health::Moved { from } => Some(from.clone()),
            _ => mend::old_path(&self.environment).or_else(|| old_path_of_pip(&self.environment)),
        }
    }

    /// The path that its scripts are for. Any script may tell, which is too little to take what belongs to that path.
    fn old_path(&self) -> Option<PathBuf> {
        let programs = LazyCell::new(|| Programs::of(&self.environment));
        self.moved_from().or_else(|| old_path_of_scripts(&self.environment, &|name| programs.has(name)))
    }

    /// A prompt that was only the name of the environment is that at its new path, too. The scripts, which have said what it
    /// was before, come first.
    fn rename_prompt(&mut self, old: &Path, dry_run: bool) -> Result<(), RepairError> {
        let cfg = self.environment.cfg();
        let Some(name) = prompt_name::of_path(self.environment.path()) else { return Ok(()) };
        let prompt = cfg.as_ref().and_then(PyvenvCfg::prompt).filter(|prompt| *prompt != name);
        if prompt.is_none_or(|prompt| prompt_name::defaults(old).all(|name| name != prompt)) {
            return Ok(());
        }
        if !dry_run {
            self.environment.update_cfg(|cfg| {
                let mut cfg = cfg.unwrap_or_default();
                cfg.set_prompt(name)?;
                Ok::<_, RepairError>(cfg)
            })?;
        }
        let file = PathBuf::from("pyvenv.cfg");
        if !self.changed.contains(&file) {
            self.changed.push(file);
        }
        Ok(())
    }

    fn apply(&mut self, dry_run: bool) -> Result<(), RepairError> {
        if let Some(interpreter) = &self.interpreter {
            self.changed.extend(relink(&self.environment, interpreter, dry_run)?);
        } else {
            self.changed.extend(complete(&self.environment, lost_names(&self.environment), dry_run)?);
        }
        let (moved_from, old) = (self.moved_from(), self.old_path());
        if old.is_some() || is_damaged(&self.environment) {
            let written = activation(&self.environment, old.as_deref(), dry_run)?;
            self.changed.extend(written.changed);
            self.beside.extend(written.beside);
        }
        if let Some(old) = &old {
            self.rename_prompt(old, dry_run)?;
        }
        self.changed.extend(mend::mend(&self.environment, old.as_deref(), dry_run)?);
        if let Some(old) = moved_from {
            self.changed.extend(installed::follow(self.environment.path(), &old, dry_run)?);
        }
        let lost = programs::lost(&self.environment);
        self.changed.extend(programs::write(&self.environment, &lost, dry_run)?);
        self.lost = lost.into_iter().map(|lost| lost.name).collect();
        let runnable = runnable::make_runnable(&self.environment, dry_run)?;
        // A script may have had both.
        let new: Vec<_> = runnable.into_iter().filter(|path| !self.changed.contains(path)).collect();
        self.changed.extend(new);
        Ok(())
    }
}

/// Returns whether an environment that works has programs whose interpreter is gone or that nobody may run, or an
/// activation script that is damaged. Those of a link are its owner's.
fn needs_scripts(environment: &Environment) -> bool {
    let has_dead = || mend::mend(environment, None, true).is_ok_and(|scripts| !scripts.is_empty());
    let has_locked = || !runnable::unrunnable(environment).is_empty();
    environment.link_target().is_none() && (is_damaged(environment) || has_dead() || has_locked())
}

fn is_damaged(environment: &Environment) -> bool {
    damaged(environment).iter().any(|(_, damage)| !matches!(damage, Damage::Stale(_)))
}

/// The version that `pyvenv.cfg` names although the interpreter and the packages are of one other; none where it is right,
/// or they differ as well.
pub(crate) fn wrong_version(environment: &Environment, libraries: &[String]) -> Option<String> {
    let [library] = libraries else { return None };
    let recorded = environment.cfg()?.version()?;
    let actual = version_of(library)?;
    let real = environment.python().canonicalize().ok()?;
    let interpreter = real.file_name().and_then(|name| version_of(name.to_str()?));
    let is_wrong = minor_of(&recorded).is_some_and(|recorded| recorded != actual) && interpreter == Some(actual);
    is_wrong.then_some(recorded)
}

/// Another Python of the version that the packages are for.
fn base_of(environment: &Environment, search: &Search<'_>) -> Result<Interpreter, RepairError> {
    python::choose_for_existing(environment.path(), search).map(|choice| choice.interpreter).map_err(|_| {
        let libraries = packages::library_directories(environment.path());
        let version =
            libraries.first().map_or_else(String::new, |library| python::Guess::of_directory(library).to_string());
        let nearest = match python::remedy(environment.path(), search) {
            Remedy::Upgrade(nearest) => nearest,
            Remedy::Repair => None,
        };
        RepairError::NoPython { name: environment.name().clone(), version, nearest }
    })
}
