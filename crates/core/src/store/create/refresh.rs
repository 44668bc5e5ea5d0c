//! Renewing an existing environment in place: links, configuration, scripts, and seeds that are missing.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use pep440_rs::Version;

use super::{CreateError, CreateOptions, CreateRequest, Created, copies, layout};
use crate::env::distributions::installed;
use crate::env::packages;
use crate::env::project_file;
use crate::env::prompt_name;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{BIN, Environment};
use crate::fs::entry::Entry;
use crate::fs::order::Order as _;
use crate::fs::text::enumerated;
use crate::fs::{self, PathContext, PathResult};
use crate::relocate::kept::{Scripts, Written, keep_beside};
use crate::relocate::launcher::is_launcher;
use crate::relocate::mend;
use crate::relocate::script::Head;
use crate::shell::activate::{self, Activation};
use crate::store::home::Store;
use crate::store::lock::Lock;
use crate::wheel::{self, Event, SeedError, SeedRequest, Seeded};

/// More than any script.
const MAX_SCRIPT: u64 = 1 << 20;

/// Renews the environment. Every file is replaced as a whole, so that a crash leaves each one old or new.
pub(super) fn refresh(
    store: &Store,
    environment: Environment,
    lock: &Lock,
    request: &CreateRequest<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<Created, CreateError> {
    let root = environment.path().to_path_buf();
    check_version(&environment, request)?;
    check_seeds(&environment, &request.options.seeds)?;
    check_directories(&root, request)?;
    let had_packages = !packages::names(&root.join(library_of(request))).is_empty();
    let cfg = environment.cfg();
    let shown = cfg.as_ref().and_then(PyvenvCfg::prompt).or_else(|| prompt_name::of_path(&root));
    let is_prompt_new = request.options.prompt.as_deref().is_some_and(|prompt| Some(prompt) != shown);
    let request = &CreateRequest { options: kept(&environment, &request.options), ..request.clone() };
    // The scripts below are about to forget it.
    let old = mend::old_path(&environment);
    links(&environment, request)?;
    let (scripts, mut written) = (Scripts::of(&environment, old.as_deref()), Written::default());
    for (name, content) in layout::scripts(&environment, &request.options)? {
        written.renew(&scripts, name.as_ref(), &content, is_prompt_new)?;
    }
    environment.update_cfg(|old| layout::configuration(&old.unwrap_or_default(), &environment, request))?;
    mend::mend(&environment, old.as_deref(), false)?;
    let seeded = seed_missing(store, &environment, lock, request, &mut written.beside, events)?;
    if let Some(project) = &request.options.project {
        project_file::write(&root, store.project_filename(), project)?;
    }
    Ok(Created { environment, seeded, replaced: None, was_kept: true, had_packages, beside: written.beside })
}

/// An environment with a second library directory would be one that lies about its version.
fn check_version(environment: &Environment, request: &CreateRequest<'_>) -> Result<(), CreateError> {
    let wanted = request.interpreter.lib_dir_name();
    check_libraries(environment, |library| library == wanted, spelt(&wanted))
}

/// The same for a Python of which only this is known.
pub(super) fn check_libraries(
    environment: &Environment,
    is_wanted: impl Fn(&str) -> bool,
    requested: &str,
) -> Result<(), CreateError> {
    let libraries = packages::library_directories(environment.path());
    if libraries.is_empty() || libraries.iter().any(|library| is_wanted(library)) {
        return Ok(());
    }
    let existing: Vec<_> = libraries.iter().map(|library| spelt(library)).collect();
    Err(CreateError::OtherPython {
        name: environment.name().clone(),
        existing: enumerated(&existing, "and"),
        requested: requested.to_owned(),
    })
}

/// As `-p` takes it: `3.13t` and `pypy3.11` are others than `3.13` and `3.11`.
fn spelt(library: &str) -> &str {
    library.strip_prefix("python").unwrap_or(library)
}

/// A version that is asked for must be the one that is there: packages are kept.
pub(super) fn check_seeds(environment: &Environment, seeds: &[SeedRequest]) -> Result<(), CreateError> {
    let asked = seeds.iter().filter_map(|seed| Some((seed, seed.version.as_deref()?)));
    let asked: Vec<_> = asked.collect();
    if asked.is_empty() {
        return Ok(());
    }
    let found = installed(environment, None).distributions;
    for (seed, text) in asked {
        let wanted = Version::from_str(text).map_err(|_| SeedError::Version(text.escape_debug().to_string()))?;
        let present = found.iter().find(|found| found.is_local && found.key == seed.project.name());
        if let Some(present) = present.filter(|present| Version::from_str(&present.version).ok() != Some(wanted)) {
            return Err(CreateError::OtherSeed {
                environment: environment.path().to_path_buf(),
                project: seed.project,
                existing: present.version.clone(),
                requested: text.to_owned(),
            });
        }
    }
    Ok(())
}

/// What nobody asks to change stays: access to the packages of the base, and a prompt that somebody has chosen.
fn kept(environment: &Environment, options: &CreateOptions) -> CreateOptions {
    let Some(cfg) = environment.cfg() else { return options.clone() };
    // A damaged file without the key says nothing.
    let has_access = cfg.get("include-system-site-packages").is_some() && cfg.include_system_site_packages();
    // That of an environment which has been moved is its old name.
    let old = mend::old_path(environment);
    let places = [environment.path()].into_iter().chain(old.as_deref());
    let names: Vec<_> = places.flat_map(prompt_name::defaults).collect();
    let is_chosen = |prompt: &&str| {
        let activation = Activation { env: environment.path(), prompt };
        !prompt.is_empty() && !names.contains(prompt) && activate::check(&activation).is_ok()
    };
    CreateOptions {
        system_site_packages: options.system_site_packages || has_access,
        prompt: options.prompt.clone().or_else(|| cfg.prompt().filter(is_chosen).map(ToOwned::to_owned)),
        ..options.clone()
    }
}

/// Nothing is written through a link that leads out of the environment; missing directories are made.
fn check_directories(root: &Path, request: &CreateRequest<'_>) -> Result<(), CreateError> {
    let library = root.join("lib").join(request.interpreter.lib_dir_name());
    for path in [root.join("bin"), root.join("lib"), library.clone(), library.join("site-packages")] {
        match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(CreateError::Foreign { path }),
            Err(_) => fs::create_dir(&path, 0o777)?,
        }
    }
    Ok(())
}

/// A script that somebody has put in the place of an interpreter stays, as when the environment is repaired.
fn links(environment: &Environment, request: &CreateRequest<'_>) -> PathResult<()> {
    let mut names = layout::link_names(request.interpreter);
    names.push("python".to_string());
    names.retain(|name| !copies::is_wrapper(&environment.bin().join(name)));
    if request.options.copies {
        return copies::copy(environment.path(), request.interpreter, &names);
    }
    for name in &names {
        let target = if name == "python" { &request.interpreter.executable } else { Path::new("python") };
        Entry::below(environment.path(), &Path::new(BIN).join(name))?.replace_by_link(target)?;
    }
    Ok(())
}

/// Installs those of the wanted seeds that are not there: first next to it, then moved in, the record of each last. What
/// somebody has put in the place of a program is kept `beside` it.
fn seed_missing(
    store: &Store,
    environment: &Environment,
    lock: &Lock,
    request: &CreateRequest<'_>,
    beside: &mut Vec<PathBuf>,
    events: &mut dyn FnMut(Event),
) -> Result<Seeded, CreateError> {
    let library = library_of(request);
    let present = packages::names(&environment.path().join(&library));
    let wanted: Vec<SeedRequest> =
        request.options.seeds.iter().filter(|request| !present.contains(request.project.name())).cloned().collect();
    if wanted.is_empty() {
        return Ok(Seeded::default());
    }
    let staging = lock.staging();
    for directory in [&staging, &staging.join("bin")] {
        fs::create_dir(directory, 0o777)?;
    }
    std::fs::create_dir_all(staging.join(&library)).at("create", &staging)?;
    let target = wheel::Target { interpreter: request.interpreter, root: &staging, final_root: environment.path() };
    let seeded = wheel::seed(&wanted, request.sources, &target, store.wheel_cache(), events)?;
    move_in(&staging.join(&library), &environment.path().join(&library))?;
    for name in names_in(&staging.join(BIN))? {
        beside.extend(keep_foreign(environment, &name)?);
    }
    move_in(&staging.join(BIN), &environment.bin())?;
    Ok(seeded)
}

/// The directory of its packages, relative to the environment.
fn library_of(request: &CreateRequest<'_>) -> PathBuf {
    Path::new("lib").join(request.interpreter.lib_dir_name()).join("site-packages")
}

/// Keeps a program that no installer has generated, and returns where.
fn keep_foreign(environment: &Environment, name: &OsStr) -> PathResult<Option<PathBuf>> {
    let Ok(content) = fs::read_limited(&environment.bin().join(name), MAX_SCRIPT) else { return Ok(None) };
    let roots = [environment.path().to_path_buf()];
    let is_generated =
        Head::parse(&content, &roots).is_some_and(|head| head.is_python() && is_launcher(&content[head.length..]));
    (!is_generated).then(|| keep_beside(environment.path(), name, &content)).transpose()
}

fn names_in(directory: &Path) -> PathResult<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).at("list", directory)? {
        names.push(entry.at("list", directory)?.file_name());
    }
    Ok(names)
}

fn move_in(from: &Path, to: &Path) -> PathResult<()> {
    let mut entries = names_in(from)?;
    entries.order_by_key(|name| name.to_string_lossy().ends_with(".dist-info"));
    for name in entries {
        let (source, target) = (from.join(&name), to.join(&name));
        // What has this name without being recorded is a left-over.
        fs::remove_tree(&target)?;
        fs::rename_no_replace(&source, &target)?;
    }
    Ok(())
}
