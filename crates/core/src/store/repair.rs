//! Repairing an environment with the Python of its own version: links, `pyvenv.cfg`, scripts. Packages are not touched.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::create::{copied_names, link_names, renew};
use super::error::{OperationError, from_causes};
use super::find::FindError;
use super::home::{HomeError, Store};
use super::lock::LockError;
use super::rename::Followed;
use super::trash::{self, Reason};
use crate::env::elsewhere;
use crate::env::health::{
    Health, has_lost_cfg, is_program, lost_names, old_path_of_pip, old_path_of_scripts, version_without_packages,
};
use crate::env::name::EnvName;
use crate::env::packages::{minor_of, version_of};
use crate::env::pyvenv_cfg::{PyvenvCfg, SetError};
use crate::env::{BIN, Environment, packages};
use crate::fs::entry::Entry;
use crate::fs::{PathContext, PathError};
use crate::python::{self, Interpreter, Remedy, Search};
use crate::relocate::kept::{Scripts, Written};
use crate::relocate::{self, mend, runnable};
use crate::shell::activate::{self, ActivateError, Activation, Script};
use crate::shell::safety::unusable::unusable;

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
    /// Activation scripts that the user may have changed and that were written anew: the old ones are kept, beside those.
    pub beside: Vec<PathBuf>,
    /// The path that it was moved from by hand, and what has followed it from there.
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

/// Why an environment was not repaired.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// There is no such environment.
    #[error(transparent)]
    Find(#[from] FindError),
    /// It is a link to an environment that another tool keeps.
    #[error("`{name}` is a link to `{}`", target.display())]
    Link {
        /// The name.
        name: EnvName,
        /// Where it leads.
        target: PathBuf,
    },
    /// It is no environment that could be repaired.
    #[error("`{name}` has no `pyvenv.cfg`")]
    NoConfiguration {
        /// The name.
        name: EnvName,
    },
    /// Its programs are gone.
    #[error("`{name}` has no `bin`")]
    NoPrograms {
        /// The name of the environment.
        name: EnvName,
        /// The version that its packages are for.
        version: Option<String>,
    },
    /// Its programs are not in it.
    #[error("`bin` of `{name}` is a link that leads out of it, to `{}`", target.display())]
    ProgramsElsewhere {
        /// Its name.
        name: EnvName,
        /// Where the link leads.
        target: PathBuf,
    },
    /// A script is not in it, and names the path that it had.
    #[error("`{}` of `{name}` is a link that leads out of it, to `{}`", link.display(), target.display())]
    ScriptElsewhere {
        /// Its name.
        name: EnvName,
        /// The link, relative to the environment.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// Its packages are gone, all at once.
    #[error("the packages of `{name}` are gone: there is no `lib/python{version}/site-packages`")]
    NoPackages {
        /// The name of the environment.
        name: EnvName,
        /// The version that it is for.
        version: String,
    },
    /// No Python of its version is left.
    #[error("Python {version} is gone from this machine")]
    NoPython {
        /// The name of the environment.
        name: EnvName,
        /// The version that its packages are for.
        version: String,
        /// The nearest version that is there.
        nearest: Option<String>,
    },
    /// No activation script can name its path.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// A value cannot be written into `pyvenv.cfg`.
    #[error(transparent)]
    Configuration(#[from] SetError),
    /// The system or a lock is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(RepairError: LockError, HomeError, PathError);

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
        let is_whole = || lost_names(&environment).is_empty() && !needs_scripts(&environment);
        if problem == Health::Ok && lie.is_none() && is_whole() {
            return Ok(Repaired {
                environment,
                problem,
                interpreter: None,
                lie,
                changed: Vec::new(),
                beside: Vec::new(),
                followed: None,
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
            let version = libraries.first().map(|library| python::Guess::of_directory(library).to_string());
            return Err(RepairError::NoPrograms { name: name.clone(), version });
        }
        let interpreter = match problem {
            Health::Ok if lie.is_some() => Some(base_of(&environment, search)?),
            Health::Ok | Health::LostName { .. } | Health::Moved { .. } | Health::NoActivateScript => None,
            _ => Some(base_of(&environment, search)?),
        };
        let mut repaired = Repaired {
            environment,
            problem,
            interpreter,
            lie,
            changed: Vec::new(),
            beside: Vec::new(),
            followed: None,
        };
        let _lock = if dry_run { None } else { Some(self.lock(name)?) };
        let old = repaired.moved_from().filter(|old| !dry_run && self.has_left(old));
        repaired.apply(dry_run)?;
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
        self.moved_from().or_else(|| old_path_of_scripts(&self.environment))
    }

    fn apply(&mut self, dry_run: bool) -> Result<(), RepairError> {
        if let Some(interpreter) = &self.interpreter {
            self.changed.extend(relink(&self.environment, interpreter, dry_run)?);
        } else {
            self.changed.extend(complete(&self.environment, lost_names(&self.environment), dry_run)?);
        }
        let old = self.old_path();
        let lacks_script = self.environment.activate_script().symlink_metadata().is_err();
        if old.is_some() || lacks_script || is_unsafe(&self.environment) {
            let written = activation(&self.environment, old.as_deref(), dry_run)?;
            self.changed.extend(written.changed);
            self.beside.extend(written.beside);
        }
        self.changed.extend(mend::mend(&self.environment, old.as_deref(), dry_run)?);
        let runnable = runnable::make_runnable(&self.environment, dry_run)?;
        // A script may have had both.
        let new: Vec<_> = runnable.into_iter().filter(|path| !self.changed.contains(path)).collect();
        self.changed.extend(new);
        Ok(())
    }
}

/// Returns whether an environment that works has programs whose interpreter is gone or that nobody may run, or an
/// activate script that would run a part of its path or is for another one. Those of a link are its owner's.
fn needs_scripts(environment: &Environment) -> bool {
    let has_dead = || mend::mend(environment, None, true).is_ok_and(|scripts| !scripts.is_empty());
    let has_lost = || !runnable::unrunnable(environment).is_empty();
    environment.link_target().is_none() && (is_unsafe(environment) || has_dead() || has_lost())
}

fn is_unsafe(environment: &Environment) -> bool {
    !unusable(environment).is_empty()
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

/// Makes every link that leads to a Python outside lead to this one and every copy one of it, adds links that are missing
/// or lead nowhere, and has `pyvenv.cfg` name it. Returns what has changed.
fn relink(environment: &Environment, interpreter: &Interpreter, dry_run: bool) -> Result<Vec<PathBuf>, RepairError> {
    let mut names = outward_names(environment)?;
    let copies = copied_names(environment)?;
    let others = link_names(interpreter);
    let mut dead = dead_names(environment, &others, &names);
    // The others lead to it.
    if !dead_names(environment, &["python"], &names).is_empty() {
        names.push("python".into());
        dead.retain(|name| !leads_to(environment, name, &names));
    }
    let mut changed: Vec<_> = copies.iter().map(|name| Path::new(BIN).join(name)).collect();
    if !dry_run && !copies.is_empty() {
        renew(environment, interpreter, &copies)?;
    }
    for name in names {
        let path = Path::new(BIN).join(name);
        if !dry_run {
            Entry::below(environment.path(), &path)?.replace_by_link(&interpreter.executable)?;
        }
        changed.push(path);
    }
    changed.extend(complete(environment, dead, dry_run)?);
    if !dry_run {
        environment.update_cfg(|old| configuration(completed(old)?, interpreter))?;
    }
    changed.push("pyvenv.cfg".into());
    Ok(changed)
}

/// Has these names lead to the interpreter of the environment.
fn complete(environment: &Environment, names: Vec<String>, dry_run: bool) -> Result<Vec<PathBuf>, RepairError> {
    let paths: Vec<_> = names.into_iter().map(|name| Path::new(BIN).join(name)).collect();
    for path in paths.iter().filter(|_| !dry_run) {
        Entry::below(environment.path(), path)?.replace_by_link(Path::new("python"))?;
    }
    Ok(paths)
}

/// The links to a Python outside.
fn outward_names(environment: &Environment) -> Result<Vec<String>, RepairError> {
    let bin = environment.bin();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&bin).at("list", &bin)? {
        let Ok(name) = entry.at("list", &bin)?.file_name().into_string() else { continue };
        // Links to each other stay as they are.
        let leads_out = |target: PathBuf| target.parent() != Some(Path::new(""));
        if python::Guess::of_executable(&name).is_some() && std::fs::read_link(bin.join(&name)).is_ok_and(leads_out) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Those of the names that are missing or lead nowhere, also once others lead to a Python.
fn dead_names(environment: &Environment, names: &[impl AsRef<str>], alive: &[String]) -> Vec<String> {
    let is_dead = |name: &&str| !is_program(&environment.bin().join(name)) && !leads_to(environment, name, alive);
    names.iter().map(AsRef::as_ref).filter(is_dead).map(str::to_owned).collect()
}

/// Returns whether a name is one of others, or a link to one of them.
fn leads_to(environment: &Environment, name: &str, others: &[String]) -> bool {
    let mut name = PathBuf::from(name);
    // Links inside an environment are at most a few; more mean a loop.
    for _ in 0..8 {
        if others.iter().any(|other| name == Path::new(other)) {
            return true;
        }
        match std::fs::read_link(environment.bin().join(&name)) {
            Ok(target) if target.parent() == Some(Path::new("")) => name = target,
            _ => return false,
        }
    }
    false
}

/// What nobody can know any more has its default; what the file still says stays. One without any key is replaced.
fn completed(old: Option<PyvenvCfg>) -> Result<PyvenvCfg, SetError> {
    // Python can start with no other file: it reads UTF-8.
    let is_text = |cfg: &PyvenvCfg| std::str::from_utf8(&cfg.to_bytes()).is_ok_and(|text| text.contains('='));
    let mut cfg = old.filter(is_text).unwrap_or_default();
    if cfg.home().is_some() {
        return Ok(cfg);
    }
    for (key, value) in [("home", ""), ("include-system-site-packages", "false"), ("version", "")] {
        let is_known = cfg.get(key).is_some() || (key == "version" && cfg.version().is_some());
        if !is_known {
            cfg.set(key, value)?;
        }
    }
    Ok(cfg)
}

/// `pyvenv.cfg` with the keys that say where the Python is and of which patch release; no key is added but `home`.
fn configuration(mut cfg: PyvenvCfg, interpreter: &Interpreter) -> Result<PyvenvCfg, RepairError> {
    let executable = interpreter.executable.canonicalize().unwrap_or_else(|_| interpreter.executable.clone());
    let version = &interpreter.version;
    let values = [
        ("home", interpreter.home().to_string_lossy().into_owned()),
        ("executable", executable.to_string_lossy().into_owned()),
        ("base-executable", executable.to_string_lossy().into_owned()),
        ("base-exec-prefix", interpreter.base_prefix.to_string_lossy().into_owned()),
        ("base-prefix", interpreter.base_prefix.to_string_lossy().into_owned()),
        ("version", format!("{}.{}.{}", version.major, version.minor, version.micro)),
        ("version_info", version.five_part_text()),
        ("python-version", version.minor_text()),
    ];
    for (key, value) in values {
        if key == "home" || cfg.get(key).is_some() {
            cfg.set(key, &value)?;
        }
    }
    Ok(cfg)
}

/// Makes the activation scripts name the path of the environment. One that cannot be kept is written again, with the
/// prompt that the environment has.
fn activation(environment: &Environment, old: Option<&Path>, dry_run: bool) -> Result<Written, RepairError> {
    let cfg = environment.cfg();
    let name = environment.name().as_os_str().to_string_lossy().into_owned();
    let old_name = mend::old_path(environment).and_then(|old| Some(old.file_name()?.to_string_lossy().into_owned()));
    let prompt = cfg.as_ref().and_then(PyvenvCfg::prompt).filter(|prompt| old_name.as_deref() != Some(prompt));
    let values = Activation { env: environment.path(), prompt: prompt.unwrap_or(&name) };
    let scripts = Scripts::of(environment, old);
    let mut written = Written::default();
    for script in Script::ALL {
        let content = activate::render(script, &values)?;
        for file in activate::file_names(script) {
            written.mend(&scripts, file.as_ref(), Some(&content), dry_run)?;
        }
    }
    let is_other = |name: &OsString| relocate::activation::script_of(name).is_none();
    for name in scripts.names()?.into_iter().filter(is_other) {
        written.mend(&scripts, &name, None, dry_run)?;
    }
    for (script, _) in unusable(environment).into_iter().filter(|_| !dry_run) {
        let name = script.file_name().unwrap_or_default();
        let content = activate::render(activate::script_of_file(&script), &values)?;
        written.replace(&scripts, name, &content, dry_run)?;
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cfg(text: &str) -> PyvenvCfg {
        PyvenvCfg::parse(text.as_bytes())
    }

    fn interpreter() -> Interpreter {
        serde_json::from_value(serde_json::json!({
            "executable": "/new/bin/python3.12",
            "version": {"major": 3, "minor": 12, "micro": 9, "level": "final", "serial": 0},
            "implementation": "CPython", "implementation_version": "3.12.9", "magic": 3531, "abiflags": "",
            "base_prefix": "/new", "stdlib": "/new/lib/python3.12", "platlibdir": "lib", "is_64bit": true,
            "platform": "linux", "framework": ""
        }))
        .unwrap()
    }

    #[test]
    fn a_version_that_nothing_else_has_is_wrong() {
        let root = tempfile::tempdir().unwrap();
        let env = working(root.path(), "", "x");
        let name = |version: &str, libraries: &[&str]| {
            std::fs::write(env.path().join("pyvenv.cfg"), format!("home = /bin\nversion = {version}\n")).unwrap();
            wrong_version(&env, &libraries.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let base = root.path().join("python3.12");
        std::fs::write(&base, "").unwrap();
        std::fs::remove_file(env.python()).unwrap();
        std::os::unix::fs::symlink(base, env.python()).unwrap();
        assert_eq!(name("3.9.1", &["python3.12"]).as_deref(), Some("3.9.1"));
        assert_eq!(name("3.12.1", &["python3.12"]), None);
        assert_eq!(name("3.9.1", &["python3.9"]), None, "the interpreter is another one");
        assert_eq!(name("3.9.1", &["python3.12", "python3.9"]), None);
        assert_eq!(name("", &["python3.12"]), None);
    }

    #[test]
    fn only_what_says_where_python_is_changes() {
        let old = cfg("home = /old/bin\nversion = 3.12.1\nprompt = x\nbase-exec-prefix = /old\n");
        let new = configuration(old, &interpreter()).unwrap();
        assert_eq!(new.to_bytes(), b"home = /new/bin\nversion = 3.12.9\nprompt = x\nbase-exec-prefix = /new\n");
        let of_virtualenv = "home = /old/bin\nversion_info = 3.12.1.final.0\nexecutable = /old/bin/python3.12\n\
                             base-prefix = /old\nbase-exec-prefix = /old\nbase-executable = /old/bin/python3.12\n";
        let new = configuration(cfg(of_virtualenv), &interpreter()).unwrap();
        let expected = of_virtualenv.replace("/old", "/new").replace("3.12.1.", "3.12.9.");
        assert_eq!(new.to_bytes(), expected.as_bytes());
    }

    /// An environment with a Python that works, an activate script, and this prompt in `pyvenv.cfg`.
    fn working(root: &Path, script: &str, prompt: &str) -> Environment {
        let env = root.join("api");
        std::fs::create_dir_all(env.join("bin")).unwrap();
        std::os::unix::fs::symlink("/bin/sh", env.join("bin/python")).unwrap();
        std::fs::write(env.join("pyvenv.cfg"), format!("home = /bin\nprompt = '{prompt}'\n")).unwrap();
        std::fs::write(env.join("bin/activate"), script).unwrap();
        Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env)
    }

    fn mended(environment: &Environment, dry_run: bool) -> Written {
        activation(environment, mend::old_path(environment).as_deref(), dry_run).unwrap()
    }

    #[test]
    fn what_the_user_has_written_into_activation_scripts_stays() {
        let root = tempfile::tempdir().unwrap();
        let environment = working(root.path(), "", "api");
        let bin = environment.bin();
        let files: Vec<_> = Script::ALL.into_iter().flat_map(activate::file_names).collect();
        for old in ["/nowhere/old", "/nowhere/old name"] {
            for script in Script::ALL {
                let text = activate::render(script, &Activation { env: Path::new(old), prompt: "api" }).unwrap();
                for file in activate::file_names(script) {
                    std::fs::write(bin.join(file), [&text[..], b"# mine\n"].concat()).unwrap();
                }
            }
            std::fs::write(bin.join("activate.xsh"), format!("$VIRTUAL_ENV = r\"{old}\"\n")).unwrap();
            let written = mended(&environment, false);
            assert!(written.beside.is_empty());
            for file in &files {
                let text = std::fs::read_to_string(bin.join(file)).unwrap();
                assert!(text.ends_with("# mine\n") && !text.contains(old), "{file}: {text}");
                assert!(text.contains(environment.path().to_str().unwrap()), "{file}: {text}");
            }
            let other = std::fs::read_to_string(bin.join("activate.xsh")).unwrap();
            assert_eq!(other.contains(old), old.contains(' '), "{other}");
        }
    }

    #[test]
    fn a_script_that_cannot_be_kept_is_beside_the_new_one() {
        let root = tempfile::tempdir().unwrap();
        let own = "# mine\nVIRTUAL_ENV='/nowhere/old name'\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\n";
        let environment = working(root.path(), own, "api");
        assert!(mended(&environment, true).beside.is_empty());
        assert_eq!(mended(&environment, false).beside, [Path::new("bin/activate.old")]);
        assert_eq!(std::fs::read_to_string(environment.bin().join("activate.old")).unwrap(), own);
        assert!(!needs_scripts(&environment));
        std::fs::write(environment.activate_script(), own.replace("mine", "other")).unwrap();
        assert_eq!(mended(&environment, false).beside, [Path::new("bin/activate.old2")]);
    }

    #[test]
    fn activation_scripts_keep_the_prompt_unless_it_is_the_old_name() {
        let root = tempfile::tempdir().unwrap();
        for (prompt, shown) in [("my own", "my own"), ("old name", "api")] {
            let _ = std::fs::remove_file(root.path().join("api/bin/python"));
            let environment = working(root.path(), "VIRTUAL_ENV='/nowhere/old name'\nexport VIRTUAL_ENV\n", prompt);
            assert!(mended(&environment, true).changed.contains(&"bin/activate".into()));
            let read = || std::fs::read_to_string(environment.activate_script()).unwrap();
            assert!(read().contains("/nowhere/old name"), "a dry run");
            mended(&environment, false);
            assert!(read().contains(&format!("'{shown}'")) && !read().contains("old name"), "{}", read());
        }
    }

    #[test]
    fn a_script_that_would_run_a_part_of_its_path_is_to_be_repaired() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("$(touch PWN)");
        let script = format!("VIRTUAL_ENV=\"{}\"\nexport VIRTUAL_ENV\n", place.join("api").display());
        let environment = working(&place, &script, "api");
        assert!(is_unsafe(&environment) && needs_scripts(&environment));
        let linked = root.path().join("linked");
        std::os::unix::fs::symlink(environment.path(), &linked).unwrap();
        let linked = Environment::new(EnvName::for_new("linked".as_ref()).unwrap(), linked);
        assert!(!needs_scripts(&linked), "it is its owner's");
        mended(&environment, false);
        assert!(!needs_scripts(&environment));
    }

    #[test]
    fn each_script_may_be_the_one_that_is_for_another_path() {
        let root = tempfile::tempdir().unwrap();
        let environment = working(root.path(), "", "api");
        mended(&environment, false);
        for name in ["activate", "activate.fish", "activate.csh"] {
            assert!(!needs_scripts(&environment), "{name}");
            let script = environment.bin().join(name);
            let text = std::fs::read_to_string(&script).unwrap();
            std::fs::write(&script, text.replace(environment.path().to_str().unwrap(), "/nowhere/old")).unwrap();
            assert!(needs_scripts(&environment), "{name}");
            mended(&environment, false);
        }
    }

    #[test]
    fn what_is_not_in_the_environment_is_not_repaired() {
        let root = tempfile::tempdir().unwrap();
        let environment = working(root.path(), "", "api");
        let elsewhere = root.path().join("elsewhere");
        std::fs::rename(environment.bin(), &elsewhere).unwrap();
        std::fs::remove_file(elsewhere.join("python")).unwrap();
        std::os::unix::fs::symlink(&elsewhere, environment.bin()).unwrap();
        let lookup = |_: &str| None;
        let search = Search {
            lookup: &lookup,
            home: None,
            root: root.path(),
            cwd: Path::new("/"),
            cache_dir: None,
            user: crate::fs::private::User::of_this_process(),
            query_timeout: std::time::Duration::from_secs(1),
        };
        let refused = Store::at(root.path().to_path_buf()).repair(environment.name(), &search, false).unwrap_err();
        assert!(matches!(refused, RepairError::ProgramsElsewhere { .. }), "{refused:?}");
        assert!(!elsewhere.join("python").is_symlink());
    }

    #[test]
    fn what_a_configuration_without_its_home_still_says_stays() {
        let with_home = |text: &str| {
            let cfg = configuration(completed(Some(cfg(text))).unwrap(), &interpreter()).unwrap();
            String::from_utf8(cfg.to_bytes()).unwrap()
        };
        let rest = "include-system-site-packages = true\nprompt = 'x'\nversion_info = 3.12.9.final.0\n";
        assert_eq!(with_home(rest), format!("{rest}home = /new/bin\n"));
        assert_eq!(with_home(&format!("home =\n{rest}")), format!("home = /new/bin\n{rest}"));
        let lost = "include-system-site-packages = false\nversion = 3.12.9\n";
        assert_eq!(with_home("uv = 0.9\n"), format!("uv = 0.9\nhome = /new/bin\n{lost}"));
        for text in ["", "\n", "\0\0\0"] {
            assert_eq!(with_home(text), format!("home = /new/bin\n{lost}"), "{text:?}");
        }
        assert_eq!(with_home("home = /old\n"), "home = /new/bin\n", "nothing is lost");
    }

    #[test]
    fn copies_of_the_old_python_become_copies_of_the_new_one() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let root = tempfile::tempdir().unwrap();
        let (env, new) = (root.path().join("api"), root.path().join("new/bin/python3.12"));
        std::fs::create_dir_all(env.join("bin")).unwrap();
        std::fs::create_dir_all(new.parent().unwrap()).unwrap();
        std::fs::write(&new, "the new one").unwrap();
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(env.join("pyvenv.cfg"), "home = /gone/bin\n").unwrap();
        for name in ["python", "python3.12"] {
            std::fs::write(env.join("bin").join(name), "the old one").unwrap();
        }
        std::fs::write(env.join("bin/python3.12-tool"), "a tool").unwrap();
        std::fs::write(env.join("bin/pypy3"), "#!/bin/sh\n").unwrap();
        symlink("python", env.join("bin/python3")).unwrap();
        let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env.clone());
        let interpreter = Interpreter { executable: new, ..interpreter() };
        let read = |name: &str| std::fs::read_to_string(env.join("bin").join(name)).unwrap();
        let expected = ["bin/python", "bin/python3.12", "pyvenv.cfg"].map(PathBuf::from);
        assert_eq!(relink(&environment, &interpreter, true).unwrap(), expected);
        assert_eq!(read("python"), "the old one", "a dry run");
        assert_eq!(relink(&environment, &interpreter, false).unwrap(), expected);
        for name in ["python", "python3", "python3.12"] {
            assert_eq!(read(name), "the new one", "{name}");
        }
        assert_eq!((read("python3.12-tool"), read("pypy3")), ("a tool".into(), "#!/bin/sh\n".into()));
        assert_eq!(std::fs::metadata(env.join("bin/python")).unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn every_link_that_leads_out_leads_to_the_new_python_and_others_stay() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let env = root.path().join("api");
        std::fs::create_dir_all(env.join("bin")).unwrap();
        std::fs::write(env.join("pyvenv.cfg"), "home = /gone/bin\n").unwrap();
        for (name, target) in [("python", "/gone/bin/python3.12"), ("python3", "python"), ("tool", "/gone/bin/tool")] {
            symlink(target, env.join("bin").join(name)).unwrap();
        }
        let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env.clone());
        let changed = relink(&environment, &interpreter(), true).unwrap();
        assert_eq!(changed, [PathBuf::from("bin/python"), "bin/python3.12".into(), "pyvenv.cfg".into()]);
        let target = |name: &str| std::fs::read_link(env.join("bin").join(name)).unwrap();
        assert_eq!(target("python"), Path::new("/gone/bin/python3.12"), "a dry run");
        relink(&environment, &interpreter(), false).unwrap();
        assert_eq!(target("python"), Path::new("/new/bin/python3.12"));
        assert_eq!(target("python3"), Path::new("python"));
        assert_eq!(target("tool"), Path::new("/gone/bin/tool"));
        assert_eq!(environment.cfg().unwrap().home(), Some("/new/bin"));
    }

    #[test]
    fn links_that_are_missing_or_lead_nowhere_are_made_again() {
        use std::os::unix::fs::symlink;
        let new = Path::new("/new/bin/python3.12");
        for (links, expected) in [
            (&[("python3", "python"), ("python3.12", "python")][..], &["python"][..]),
            (&[("python", "python3"), ("python3.12", "python3")], &["python", "python3", "python3.12"]),
            (&[("python", "python3"), ("python3", "python")], &["python", "python3.12"]),
            (&[("python", "python3"), ("python3", "/gone/bin/python3")], &["python3", "python3.12"]),
            (&[], &["python", "python3", "python3.12"]),
        ] {
            let root = tempfile::tempdir().unwrap();
            let env = root.path().join("api");
            std::fs::create_dir_all(env.join("bin")).unwrap();
            for (name, target) in links {
                symlink(target, env.join("bin").join(name)).unwrap();
            }
            let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env.clone());
            let foreseen = relink(&environment, &interpreter(), true).unwrap();
            assert_eq!(relink(&environment, &interpreter(), false).unwrap(), foreseen, "{links:?}");
            let changed: Vec<_> = expected.iter().map(|name| Path::new(BIN).join(name)).collect();
            assert_eq!(foreseen[..foreseen.len() - 1], changed, "{links:?}");
            for name in ["python", "python3", "python3.12"] {
                assert!(leads_to(&environment, name, &outward_names(&environment).unwrap()), "{links:?}: {name}");
            }
            let outward = outward_names(&environment).unwrap();
            assert!(outward.iter().all(|name| std::fs::read_link(env.join("bin").join(name)).unwrap() == new));
            assert_eq!(dead_names(&environment, &["python3"], &outward), [""; 0]);
            let cfg = environment.cfg().unwrap();
            assert_eq!((cfg.home(), cfg.include_system_site_packages()), (Some("/new/bin"), false));
            assert_eq!(cfg.get("version"), Some("3.12.9"));
        }
    }
}
