//! `venvwrap bundle`.

use std::path::PathBuf;
use std::process::ExitCode;

use venvwrap_core::bundle::{self, FromInstalled, Output};
use venvwrap_core::env::Environment;
use venvwrap_core::fs::text::printable;
use venvwrap_core::wheel::pip_on_this_machine;

use crate::actions::{archives, find, listing, sources};
use crate::args::BundleArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer;
use crate::ui::progress::CountProgress;

/// Makes a bundle of an environment's packages.
pub(crate) fn run(process: &Process, args: &BundleArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    let name = environment.name().to_string();
    let path = path(process, args, &environment);
    let output = if args.dir { Output::Directory(&path) } else { Output::Tar(&path) };
    let pip = pip(process, args, &environment);
    let request = FromInstalled { force: args.force, with_pip: !args.no_pip, pip: pip.as_deref() };
    let mut progress = CountProgress::new();
    let bundled = bundle::from_installed(&environment, &request, output, &mut |done, all| progress.show(done, all))
        .with_context(|| format!("could not bundle `{name}`"))?;
    drop(progress);
    if bundled.manifest.pip.is_none() {
        printer::warning("it has no pip: `install.sh` will need uv on the other machine");
    }
    if args.json {
        printer::data(&bundled.manifest.to_json())?;
    }
    let count = bundled.manifest.wheels.len();
    let packages = if count == 1 { "package" } else { "packages" };
    let shown = printable(path.file_name().unwrap_or_default());
    printer::message(&format!(
        "bundled {count} {packages} of `{name}` into `{shown}` ({})",
        listing::size(bundled.size)
    ));
    Ok(ExitCode::SUCCESS)
}

fn path(process: &Process, args: &BundleArgs, environment: &Environment) -> PathBuf {
    let name = || {
        let mut name = environment.name().as_os_str().to_os_string();
        name.push(if args.dir { ".bundle" } else { ".bundle.tar" });
        name
    };
    match &args.output {
        Some(file) => process.absolute(file),
        None => process.cwd.join(name()),
    }
}

/// The wheel of a pip on this machine, for an environment without one.
fn pip(process: &Process, args: &BundleArgs, environment: &Environment) -> Option<PathBuf> {
    let has_one =
        || venvwrap_core::env::packages::site_packages(environment.path()).iter().any(|site| site.join("pip").is_dir());
    if args.no_pip || has_one() {
        return None;
    }
    let interpreter = archives::base(process, environment)?;
    pip_on_this_machine(&sources::known(process, &interpreter), &interpreter)
}
