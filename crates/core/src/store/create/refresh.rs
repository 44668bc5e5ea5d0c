//! Renewing an existing environment in place: links, configuration, scripts, and seeds that are missing.

use std::path::Path;

use super::{CreateError, CreateRequest, Created, copies, layout};
use crate::env::Environment;
use crate::env::packages;
use crate::env::project_file;
use crate::fs::entry::{Entry, Permissions};
use crate::fs::order::Order as _;
use crate::fs::text::enumerated;
use crate::fs::{self, PathContext, PathResult};
use crate::relocate::mend;
use crate::store::home::Store;
use crate::store::lock::Lock;
use crate::wheel::{self, Event, SeedRequest, Seeded};

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
    check_directories(&root, request)?;
    // The scripts below are about to forget it.
    let old = mend::old_path(&environment);
    links(&root, request)?;
    for (name, content) in layout::scripts(&environment, &request.options)? {
        Entry::below(&root, &Path::new("bin").join(name))?.replace(&content, Permissions::New(0o666))?;
    }
    environment.update_cfg(|old| layout::configuration(&old.unwrap_or_default(), &environment, request))?;
    mend::mend(&environment, old.as_deref(), false)?;
    let seeded = seed_missing(store, &environment, lock, request, events)?;
    if let Some(project) = &request.options.project {
        project_file::write(&root, store.project_filename(), project)?;
    }
    Ok(Created { environment, seeded, replaced: None, was_kept: true })
}

/// An environment with a second library directory would be one that lies about its version.
fn check_version(environment: &Environment, request: &CreateRequest<'_>) -> Result<(), CreateError> {
    let libraries = packages::library_directories(environment.path());
    if libraries.is_empty() || libraries.contains(&request.interpreter.lib_dir_name()) {
        return Ok(());
    }
    let versions = libraries.iter().filter_map(|name| packages::version_of(name));
    let existing: Vec<_> = versions.map(|(major, minor)| format!("{major}.{minor}")).collect();
    Err(CreateError::OtherPython {
        name: environment.name().clone(),
        existing: enumerated(&existing, "and"),
        requested: format!(
            "{} {}",
            request.interpreter.version.minor_text(),
            request.interpreter.implementation.name()
        )
        .replace(" CPython", ""),
    })
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

fn links(root: &Path, request: &CreateRequest<'_>) -> PathResult<()> {
    if request.options.copies {
        return copies::copy(root, request.interpreter, &layout::link_names(request.interpreter));
    }
    Entry::below(root, Path::new("bin/python"))?.replace_by_link(&request.interpreter.executable)?;
    for name in layout::link_names(request.interpreter) {
        Entry::below(root, &Path::new("bin").join(name))?.replace_by_link(Path::new("python"))?;
    }
    Ok(())
}

/// Installs those of the wanted seeds that are not there: first next to it, then moved in, the record of each last.
fn seed_missing(
    store: &Store,
    environment: &Environment,
    lock: &Lock,
    request: &CreateRequest<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<Seeded, CreateError> {
    let library = Path::new("lib").join(request.interpreter.lib_dir_name()).join("site-packages");
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
    move_in(&staging.join("bin"), &environment.bin())?;
    Ok(seeded)
}

fn move_in(from: &Path, to: &Path) -> PathResult<()> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(from).at("list", from)? {
        entries.push(entry.at("list", from)?.file_name());
    }
    entries.order_by_key(|name| name.to_string_lossy().ends_with(".dist-info"));
    for name in entries {
        let (source, target) = (from.join(&name), to.join(&name));
        // What has this name without being recorded is a left-over.
        fs::remove_tree(&target)?;
        fs::rename_no_replace(&source, &target)?;
    }
    Ok(())
}
