//! `venvwrap package`.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::fs::text::printable;
use venvwrap_core::pack::{PackageKind, PackageRequest, package, without_python};

use crate::actions::owners::PackageManager;
use crate::actions::{archives, find, listing, packages};
use crate::args::PackageArgs;
use crate::error::{Context as _, Error, Result};
use crate::process::Process;
use crate::ui::printer;
use crate::ui::progress::ByteProgress;

/// Where packages put environments.
const DESTINATION: &str = "/opt/venvs";

/// Makes a package.
pub(crate) fn run(process: &Process, args: &PackageArgs) -> Result<ExitCode> {
    archives::check_destination(args.dest.as_deref())?;
    let environment = find::find_at(process, args.environment.as_deref())?;
    let name = environment.name().to_string();
    let interpreter = archives::base(process, &environment).ok_or_else(|| {
        Error::from(without_python(&environment))
            .with_hint("a package needs a Python of the system, of version 3.8 or later".into())
    })?;
    let destination = match &args.dest {
        Some(directory) => process.absolute(directory),
        None => Path::new(DESTINATION).join(environment.name().as_os_str()),
    };
    let editables = archives::editables(process, &environment, args.editable)?;
    let borrowed = packages::of_base(process, &environment).unwrap_or_default();
    let request = PackageRequest {
        kind: if args.deb { PackageKind::Deb } else { PackageKind::Rpm },
        destination,
        interpreter: &interpreter,
        name: args.package_name.clone(),
        version: args.package_version.clone(),
        release: args.release.clone(),
        programs: args.programs.clone(),
        service: args.service.as_ref().map(|file| process.absolute(file)),
        depends: args.depends.clone(),
        borrowed: &borrowed,
        license: args.license.clone(),
        maintainer: args.maintainer.clone(),
        on_editable: editables.choice.clone(),
        exclude: args.exclude.clone(),
        time: archives::time()?,
    };
    let output = archives::output(process, args.output.as_deref().or(Some(&process.cwd)), OsString::new)?;
    let progress = ByteProgress::new("packing", None);
    let add = |step| progress.show(step);
    let done = package(&environment, &request, &PackageManager, &output, output.is_dir(), &add)
        .with_context(|| format!("could not make a package from `{name}`"))?;
    drop(progress);
    archives::tell_left_out(&environment, &done.left_out);
    if borrowed.is_empty() {
        packages::tell_borrowed(process, &environment);
    }
    let left: Vec<_> = borrowed.iter().filter(|found| done.borrowed.contains(&found.key)).cloned().collect();
    packages::tell_left_out(&environment, &left);
    let libraries: Vec<_> = done.libraries.iter().map(Into::into).collect();
    listing::tell("no package here has these libraries; add theirs with `--depends`", &libraries);
    let size = std::fs::metadata(&done.path).map_or(0, |found| found.len());
    if args.json {
        printer::json(&json!({
            "path": done.path.to_string_lossy(),
            "kind": if args.deb { "deb" } else { "rpm" },
            "size": size,
            "name": done.name,
            "version": done.version,
            "architecture": done.architecture,
            "destination": request.destination.to_string_lossy(),
            "depends": done.depends,
            "libraries": done.libraries,
            "borrowed": done.borrowed,
        }))?;
    }
    let file = printable(done.path.file_name().unwrap_or_default());
    printer::message(&format!("packed `{name}` into `{file}` ({})", listing::size(size)));
    Ok(ExitCode::SUCCESS)
}
