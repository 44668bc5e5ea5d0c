//! Unpacking an archive: built in a hidden directory, and put into its place when it is complete.

use std::path::{Path, PathBuf};

use super::builders;
use super::comparison::Compared;
use super::extract::{Extracted, Extraction};
use super::input::with_archive;
use super::inspect::Inspection;
use super::refusal::UnpackError;
use super::tree::Progress;
use crate::env::health::{self, Health, Memory};
use crate::env::metadata::{self, Metadata};
use crate::env::name::EnvName;
use crate::env::prompt_name;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{BIN, Environment, packages};
use crate::fs::{self, PathContext, PathError};
use crate::python::Interpreter;
use crate::relocate::activation::Prompt;
use crate::relocate::mapping::Mapping;
use crate::relocate::record;
use crate::relocate::rewrite::Rules;
use crate::shell::activate::{self, Activation, Script};
use crate::store::Store;
use crate::store::create::link_names;
use crate::store::lock::Lock;
use crate::store::sweep::sweep_aside;

/// More than any `pyvenv.cfg`.
const MAX_BYTES: u64 = 64 * 1024;

/// Where an archive is unpacked to.
#[derive(Clone, Debug)]
pub enum Destination {
    /// A new environment of the store.
    Name(EnvName),
    /// A new directory elsewhere; absolute. It may exist if it is empty.
    Directory(PathBuf),
}

/// A finished environment.
#[derive(Debug)]
pub struct Unpacked {
    /// The environment.
    pub environment: Environment,
    /// The number of files that were in the archive.
    pub files: usize,
    /// What still names the path that it had.
    pub stale: Vec<PathBuf>,
    /// Scripts that conda sources at activation and that no other activation does.
    pub unsourced: Vec<PathBuf>,
    /// Whether the archive is compressed without a checksum: changed bytes have not been found.
    pub is_unchecked: bool,
    /// What came of comparing the files with the hashes of packages.
    pub compared: Compared,
    /// Whether it works.
    pub health: Health,
}

impl Store {
    /// Unpacks an archive. Until this returns nothing of it is visible; when it fails nothing is left of it. Nothing that
    /// is in it is run.
    pub fn unpack(
        &self,
        inspection: &Inspection,
        interpreter: Option<&Interpreter>,
        destination: &Destination,
        progress: Progress<'_>,
    ) -> Result<Unpacked, UnpackError> {
        if inspection.is_too_old() {
            return Err(UnpackError::TooOld { python: inspection.python().to_owned() });
        }
        inspection.check(interpreter)?;
        let (home, name) = match destination {
            Destination::Name(name) => (self.home().to_path_buf(), name.clone()),
            Destination::Directory(path) => directory(path)?,
        };
        let environment = Environment::new(name.clone(), home.join(name.as_os_str()));
        activate::check(&Activation { env: environment.path(), prompt: &name.to_string() })?;
        if let Some(table) = &inspection.conda {
            table.check(environment.path())?;
        }
        check_absence(&home, &environment)?;
        check_room(&home, inspection)?;
        match destination {
            Destination::Name(_) => drop(self.create_home()?),
            Destination::Directory(_) => std::fs::create_dir_all(&home).at("create", &home)?,
        }
        let lock = match destination {
            Destination::Name(name) => self.lock(name)?,
            Destination::Directory(_) => Lock::take_in_place(&home, &name)?,
        };
        if matches!(destination, Destination::Directory(_)) {
            // What a killed command has left: nothing else looks there.
            sweep_aside(&home);
        }
        check_absence(&home, &environment)?;
        let extracted = build(inspection, interpreter, &environment, &lock.staging(), progress)?;
        let noted = Metadata {
            created: Some(self.now()),
            version: Some(env!("CARGO_PKG_VERSION").to_string()),
            ..Metadata::default()
        };
        fs::write_new(&metadata::path(&lock.staging()), noted.to_toml().as_bytes(), 0o666)?;
        self.begin_change();
        let published = if environment.path().is_dir() { lock.publish_into() } else { lock.publish() };
        published.map_err(|error| taken_meanwhile(error, &environment))?;
        if matches!(destination, Destination::Name(_)) {
            self.mirror_arrival(&environment);
        }
        let Extracted { files, mut stale, mut unsourced, is_unchecked, compared, .. } = extracted;
        stale.sort();
        stale.dedup();
        unsourced.sort();
        let libraries = packages::library_directories(environment.path());
        let health = if inspection.has_python() {
            Health::Ok
        } else {
            health::examine(&environment, environment.cfg().as_ref(), &libraries, &mut Memory::default())
        };
        Ok(Unpacked { environment, files, stale, unsourced, is_unchecked, compared, health })
    }
}

/// Builds the environment at `staging`, as it has to be at its final path.
fn build(
    inspection: &Inspection,
    interpreter: Option<&Interpreter>,
    environment: &Environment,
    staging: &Path,
    progress: Progress<'_>,
) -> Result<Extracted, UnpackError> {
    fs::create_dir(staging, 0o700)?;
    let is_relocatable = inspection.manifest.is_some() && inspection.has_python();
    let rules = (!is_relocatable).then(|| rules(inspection, environment));
    let mut extraction = Extraction::new(inspection, rules.as_ref(), environment.path(), staging)?;
    with_archive(&inspection.path, |archive| extraction.run(archive, progress))?;
    let extracted = extraction.extracted;
    for list in &extracted.records {
        record::update(staging, environment.path(), list, &extracted.changed)?;
    }
    if inspection.conda.is_some() {
        builders::forget(staging, &extracted.records)?;
    }
    let bin = staging.join(BIN);
    if !bin.is_dir() {
        fs::create_dir(&bin, 0o755)?;
    }
    let prompt = match interpreter {
        Some(interpreter) => configure(staging, interpreter)?,
        None => None,
    };
    let prompt = prompt.unwrap_or_else(|| environment.name().to_string());
    for script in Script::ALL {
        let text = activate::render(script, &Activation { env: environment.path(), prompt: &prompt })?;
        for name in activate::file_names(script) {
            match fs::write_new(&bin.join(name), &text, 0o644) {
                // Two of the names differ in case only.
                Err(error) if error.source.kind() == std::io::ErrorKind::AlreadyExists => {}
                other => other?,
            }
        }
    }
    // What the user's mask leaves.
    let mode = std::fs::metadata(&bin).at("read", &bin)?.permissions();
    std::fs::set_permissions(staging, mode).at("write", staging)?;
    Ok(extracted)
}

fn rules(inspection: &Inspection, environment: &Environment) -> Rules {
    let old: Vec<PathBuf> = inspection.old_path.iter().cloned().collect();
    let names = old.iter().flat_map(|path| prompt_name::defaults(path)).map(str::to_owned);
    let old_names = inspection.manifest.iter().map(|manifest| manifest.name.clone()).chain(names).collect();
    let prompt = Prompt { old_names, new_name: environment.name().to_string(), custom: None };
    Rules { mapping: Mapping::new(&old, environment.path()), prompt }
}

/// Links the environment to its base, and says so in `pyvenv.cfg`. Returns the text for the prompt, if it has one. A
/// script in the place of a name of the interpreter stays.
fn configure(staging: &Path, interpreter: &Interpreter) -> Result<Option<String>, UnpackError> {
    let bin = staging.join(BIN);
    let link = |name: &str, target: &Path| {
        let path = bin.join(name);
        match std::os::unix::fs::symlink(target, &path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            made => made.map(|()| true).at("link", &path),
        }
    };
    let is_linked = link("python", &interpreter.executable)?;
    // It may be a script that calls one of the others.
    let hub = if is_linked { Path::new("python") } else { &interpreter.executable };
    for name in link_names(interpreter) {
        link(&name, hub)?;
    }
    let path = staging.join("pyvenv.cfg");
    let old = fs::read_limited(&path, MAX_BYTES).unwrap_or_default();
    let mut cfg = PyvenvCfg::parse(&old);
    let executable = interpreter.executable.canonicalize().unwrap_or_else(|_| interpreter.executable.clone());
    cfg.set("home", &interpreter.home().to_string_lossy())?;
    cfg.set("include-system-site-packages", &cfg.include_system_site_packages().to_string())?;
    cfg.set("executable", &executable.to_string_lossy())?;
    let version = &interpreter.version;
    cfg.set("version", &format!("{}.{}.{}", version.major, version.minor, version.micro))?;
    if cfg.get("version_info").is_some() {
        cfg.set("version_info", &version.five_part_text())?;
    }
    cfg.remove("command");
    fs::replace_file(&path, &cfg.to_bytes(), 0o644)?;
    Ok(cfg.prompt().map(ToString::to_string))
}

/// The directory above, and the name in it.
fn directory(path: &Path) -> Result<(PathBuf, EnvName), UnpackError> {
    let name = EnvName::for_existing(path.file_name().unwrap_or_default())?;
    let above = path.parent().unwrap_or(Path::new("/"));
    Ok((above.to_path_buf(), name))
}

fn check_absence(home: &Path, environment: &Environment) -> Result<(), UnpackError> {
    let path = environment.path();
    match std::fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if found.is_dir() && Lock::has_empty_target(home, environment.name()) => Ok(()),
        Ok(_) => Err(UnpackError::Exists { path: path.to_path_buf() }),
    }
}

/// Refuses early what the disk has no room for.
fn check_room(home: &Path, inspection: &Inspection) -> Result<(), UnpackError> {
    let there = home.ancestors().find(|directory| directory.is_dir()).unwrap_or(home);
    let Ok(found) = rustix::fs::statvfs(there) else { return Ok(()) };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let (files, bytes) = inspection.size;
    // Half a block is lost for each file.
    let needed = bytes.saturating_add(files.saturating_mul(2048));
    if needed <= free {
        return Ok(());
    }
    Err(UnpackError::NoSpace { needed: needed >> 20, free: free >> 20 })
}

fn taken_meanwhile(error: PathError, environment: &Environment) -> UnpackError {
    if error.source.kind() == std::io::ErrorKind::AlreadyExists {
        UnpackError::Exists { path: environment.path().to_path_buf() }
    } else {
        error.into()
    }
}
