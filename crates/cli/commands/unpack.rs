//! `venvwrap unpack`.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::bundle::{compressed, is_bundle};
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::pack::{Compared, Destination, Inspection, UnpackError, Unpacked, inspect};
use venvwrap_core::python::{self, Interpreter, Request};
use venvwrap_core::shell::safety;

use crate::actions::{archives, background, interrupt, listing, pins};
use crate::args::UnpackArgs;
use crate::error::{Context as _, Error, Explain, Result, called, quoted_path};
use crate::process::Process;
use crate::ui::progress::ByteProgress;
use crate::ui::{printer, table};

/// So many files are named.
const MAX_ALTERED: usize = 10;

/// Wheels are to be installed, not unpacked.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is a bundle, not an archive of an environment", .0.display())]
struct IsBundle(PathBuf);

impl Explain for IsBundle {
    fn hint(&self) -> Option<String> {
        let file = quoted_path(&self.0);
        Some(format!("`{} --from {file} NAME` creates an environment from it", called::create()))
    }
}

/// Unpacks an archive, or only checks it.
pub(crate) fn run(process: &Process, args: &UnpackArgs) -> Result<ExitCode> {
    let file = process.try_absolute(&args.file)?;
    // Nothing in it is run before it is unpacked.
    if !args.verify_only && file.exists() {
        safety::check_owners_of_archive(&file, process.vetting())?;
    }
    let inspection = inspect(&file, args.verify_only).map_err(explained)?;
    let interpreter = interpreter(process, args, &inspection)?;
    if args.verify_only {
        inspection.check(interpreter.as_ref())?;
        let outcome = verified(args, &inspection);
        if !inspection.has_checksum {
            tell_unchecked(args, &inspection.compared);
        }
        let is_altered = tell_altered(args, &inspection.compared);
        return outcome.map(|done| if is_altered { ExitCode::FAILURE } else { done });
    }
    let destination = match &args.to {
        Some(directory) => {
            let directory = process.try_absolute(directory)?;
            process.check_unreserved(&directory)?;
            Destination::Directory(directory)
        }
        None => Destination::Name(EnvName::for_new(&name(args, &inspection))?),
    };
    let watch = match &destination {
        Destination::Name(name) => Some(interrupt::end_with(process, format!("`{name}` was not created"))),
        Destination::Directory(_) => None,
    };
    let progress = ByteProgress::new("unpacking", Some(inspection.size.1));
    let shown = printable(args.file.as_os_str());
    let store = watch.as_ref().map(|watch| interrupt::finishing(watch, process));
    let unpacked = store
        .as_ref()
        .unwrap_or(&process.store)
        .unpack(&inspection, interpreter.as_ref(), &destination, &|step| progress.show(step))
        .with_context(|| format!("could not unpack `{shown}`"))?;
    drop((progress, watch));
    background::sweep_left_overs(process);
    if let Destination::Name(name) = &destination {
        pins::follow(process, &process.store.environment(name.clone()));
    }
    // That a plain tar has none is no surprise.
    if unpacked.is_unchecked {
        tell_unchecked(args, &unpacked.compared);
    }
    tell_altered(args, &unpacked.compared);
    report(args, &unpacked)
}

fn tell_unchecked(args: &UnpackArgs, compared: &Compared) {
    let file = printable(args.file.as_os_str());
    let what = if compared.is_whole {
        "are found only in files with a hash in `RECORD`"
    } else {
        "in its files are not found"
    };
    printer::warning(&format!("`{file}` has no checksum: changed bytes {what}"));
}

/// Names what is not as it was installed, and returns whether anything is: the archive is damaged, or somebody had changed
/// the file before it was packed.
fn tell_altered(args: &UnpackArgs, compared: &Compared) -> bool {
    let file = printable(args.file.as_os_str());
    for altered in compared.altered.iter().take(MAX_ALTERED) {
        let (path, package) = (printable(altered.path.as_os_str()), printable(altered.package.as_ref()));
        printer::warning(&format!("`{path}` in `{file}` is not what `RECORD` of {package} says"));
    }
    if let more @ 1.. = compared.altered.len().saturating_sub(MAX_ALTERED) {
        printer::warning(&format!("{more} more files in `{file}` are not what `RECORD` says"));
    }
    !compared.altered.is_empty()
}

/// Wheels are not unpacked, however they are packed.
fn explained(error: UnpackError) -> Error {
    match error {
        UnpackError::NotAnEnvironment { path } if is_bundle(&path) => IsBundle(path).into(),
        UnpackError::NotAnEnvironment { path } => match compressed(&path) {
            Some(error) => error.into(),
            None => UnpackError::NotAnEnvironment { path }.into(),
        },
        other => other.into(),
    }
}

/// The Python that the environment will have: the one that was asked for, else one of the version that it had, of the
/// same patch release if there is one.
fn interpreter(process: &Process, args: &UnpackArgs, inspection: &Inspection) -> Result<Option<Interpreter>> {
    if (inspection.has_python() || inspection.is_too_old()) && args.python.is_none() {
        return Ok(None);
    }
    let find = |request: &Request| python::find(Some(request), &process.search());
    if let Some(asked) = &args.python {
        return Ok(Some(find(&Request::parse(asked, &process.cwd, process.config.home.as_deref())?)?));
    }
    // What an archive says is a version, or nothing: it must not name what is run.
    let exact = inspection.exact_python().and_then(|version| Request::parse_version(&version).ok().flatten());
    if let Some(found) = exact.and_then(|request| find(&request).ok()) {
        return Ok(Some(found));
    }
    let wanted = Request::parse_version(inspection.python())?;
    let wanted = wanted.ok_or_else(|| UnpackError::NoLibrary { path: inspection.path.clone() })?;
    Ok(Some(find(&wanted)?))
}

/// The name that was given, else the one that it had, else that of the file.
fn name(args: &UnpackArgs, inspection: &Inspection) -> OsString {
    if let Some(name) = &args.name {
        return name.clone();
    }
    let own = inspection.manifest.as_ref().map(|manifest| manifest.name.as_str());
    own.filter(|name| is_one_component(name)).map_or_else(|| stem(&args.file), Into::into)
}

fn is_one_component(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
}

fn stem(file: &Path) -> OsString {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let endings = [".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name).into()
}

fn verified(args: &UnpackArgs, inspection: &Inspection) -> Result<ExitCode> {
    let (files, bytes) = inspection.size;
    if args.json {
        let manifest = serde_json::to_value(&inspection.manifest)?;
        let (python, checksum) = (inspection.python(), inspection.has_checksum);
        let value = json!({
            "python": python,
            "files": files,
            "bytes": bytes,
            "checksum": checksum,
            "altered": inspection.compared.altered.iter().map(|file| file.path.to_string_lossy()).collect::<Vec<_>>(),
            "manifest": manifest,
        });
        printer::json(&value)?;
    } else {
        let (file, python) = (printable(args.file.as_os_str()), inspection.python());
        let size = listing::size(bytes);
        printer::message(&format!("`{file}` is complete: {files} files, {size}, for Python {python}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn report(args: &UnpackArgs, unpacked: &Unpacked) -> Result<ExitCode> {
    let root = unpacked.environment.path();
    let stale: Vec<_> = unpacked.stale.iter().map(|path| root.join(path).into_os_string()).collect();
    listing::tell("these still contain the path that the environment had", &stale);
    let unsourced: Vec<_> = unpacked.unsourced.iter().map(|path| root.join(path).into_os_string()).collect();
    listing::tell("these are sourced by conda at activation, but not by venvwrap", &unsourced);
    archives::tell_inert(root);
    if let Some(problem) = table::problem(&unpacked.health) {
        printer::warning(&format!("the environment is broken: {problem}"));
    }
    if args.json {
        let value = json!({
            "name": unpacked.environment.name().as_os_str().to_string_lossy(),
            "path": root.to_string_lossy(),
            "files": unpacked.files,
            "stale": unpacked.stale.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
        });
        printer::json(&value)?;
    } else if args.name.is_none() && args.to.is_none() {
        let shown = printable(OsStr::new(unpacked.environment.name().as_os_str()));
        printer::message(&format!("unpacked `{shown}`"));
    }
    Ok(ExitCode::SUCCESS)
}
