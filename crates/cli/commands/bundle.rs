//! `venvwrap bundle`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::bundle::{self, Bundled, FromIndex, FromInstalled, Gathered, Network, Output, Selection, Workshop};
use venvwrap_core::env::Environment;
use venvwrap_core::env::distributions::Distribution;
use venvwrap_core::env::packages::has_pip;
use venvwrap_core::fs::text::printable;
use venvwrap_core::wheel::pip_on_this_machine;

use crate::actions::bundle::build;
use crate::actions::bundle::gather::Gathering;
use crate::actions::bundle::input::{self, Input};
use crate::actions::bundle::network;
use crate::actions::bundle::resolve::Resolver;
use crate::actions::bundle::target::Targets;
use crate::actions::{archives, find, listing, packages, sources};
use crate::args::BundleArgs;
use crate::error::{Context as _, Error, Explain, Result};
use crate::process::Process;
use crate::ui::printer;
use crate::ui::progress::ByteProgress;

/// A bundle is written where it can be replaced as a whole.
#[derive(Debug, thiserror::Error)]
#[error("a bundle is written to a file, not to standard output")]
struct ToOutput;

impl Explain for ToOutput {
    fn hint(&self) -> Option<String> {
        Some("name a file with `-o FILE`".into())
    }
}

/// Makes a bundle.
pub(crate) fn run(process: &Process, args: &BundleArgs) -> Result<ExitCode> {
    if args.from_installed {
        return from_installed(process, args);
    }
    let input = input::read(process, args)?;
    from_index(process, args, input)
}

/// Makes a bundle of wheels that an index has.
fn from_index(process: &Process, args: &BundleArgs, mut input: Input) -> Result<ExitCode> {
    let title = input.title.clone();
    let path = path(process, args, &input.name)?;
    let output = if args.dir { Output::Directory(&path) } else { Output::Tar(&path) };
    let gathered = gather(process, args, &mut input, output).map_err(|error| explained(error, &input.borrowed));
    let gathered = gathered.with_context(|| format!("could not bundle {title}"))?;
    for (file, glibc) in &gathered.built {
        let needs = glibc.as_ref().map_or_else(String::new, |glibc| format!(": it needs glibc {glibc} or later"));
        printer::warning(&format!("`{file}` is for machines like the one that built it{needs}"));
    }
    if let Some((environment, _)) = &input.environment {
        tell_borrowed(process, environment, &input.borrowed, &gathered.bundled);
    }
    report(args, &gathered.bundled, &title, &path)
}

/// Says which packages of the base Python are in a bundle, and which are needed and are not.
fn tell_borrowed(process: &Process, environment: &Environment, borrowed: &[Distribution], bundled: &Bundled) {
    if borrowed.is_empty() {
        return packages::tell_borrowed(process, environment);
    }
    let is_there = |found: &Distribution| bundled.manifest.wheels.iter().any(|wheel| wheel.name == found.key);
    let (there, left): (Vec<_>, Vec<_>) = borrowed.iter().cloned().partition(is_there);
    packages::tell_taken(&there);
    packages::tell_left_out(environment, &left);
}

/// What only the base Python has may be no package of an index.
fn explained(error: Error, borrowed: &[Distribution]) -> Error {
    if borrowed.is_empty() || error.hint().is_some() {
        return error;
    }
    let names: Vec<_> = borrowed.iter().map(|found| found.key.as_str()).collect();
    error.with_hint(format!("`--local` leaves out the packages of the base Python: {}", names.join(", ")))
}

fn gather(process: &Process, args: &BundleArgs, input: &mut Input, output: Output<'_>) -> Result<Gathered> {
    args.projects.iter().try_for_each(|project| build::check_project(&process.absolute(project)))?;
    let targets = Targets::of(process, args, input)?;
    let workshop = Workshop::new(output)?;
    let env = input.environment.as_ref().map_or(&*process.cwd, |(environment, _)| environment.path()).to_path_buf();
    let mut gathering = Gathering::new(process, args, &targets, &workshop);
    gathering.build_projects(input)?;
    let resolver = Resolver { process, targets: &targets, workshop: &workshop, env: &env };
    let mut offers = Vec::new();
    for platform in &targets.platforms {
        offers.push((platform.clone(), gathering.offers(&resolver, input, platform)?));
    }
    let pip = targets.interpreter.as_ref().filter(|_| !args.no_pip);
    let pip = pip.and_then(|python| pip_on_this_machine(&sources::known(process, python), python));
    let pip = pip.or_else(|| gathering.pip_for_others());
    let name = input.name.to_string_lossy();
    let request = FromIndex {
        name: &name,
        python: targets.python,
        targets: offers,
        requested: input.wish.requested(),
        pip: pip.as_deref(),
    };
    let selection = Selection::new(&request)?;
    for (platform, names) in selection.differences() {
        printer::remark(&format!("only for `{platform}`: {}", names.join(", ")));
    }
    let (settings, credentials) = network::read(process, &env, input.wish.options());
    let cache = process.store.wheel_cache();
    let network = Network { settings: &settings, credentials: &credentials, cache };
    let progress = ByteProgress::new("downloading", selection.size());
    Ok(selection.bundle(&network, output, &|bytes| progress.add(bytes))?)
}

fn report(args: &BundleArgs, bundled: &Bundled, title: &str, path: &Path) -> Result<ExitCode> {
    if bundled.manifest.pip.is_none() {
        printer::warning("it has no pip: `install.sh` will need uv on the other machine");
    }
    if args.json {
        printer::data(&bundled.manifest.to_json())?;
    }
    let count = bundled.manifest.wheels.len();
    let wheels = if args.from_installed { "package" } else { "wheel" };
    let plural = if count == 1 { "" } else { "s" };
    let shown = printable(path.file_name().unwrap_or_default());
    let size = listing::size(bundled.size);
    let platforms: Vec<_> = bundled.manifest.targets.iter().filter_map(|target| target.platform.clone()).collect();
    let python = bundled.manifest.python.strip_prefix("python").unwrap_or(&bundled.manifest.python);
    let what =
        if platforms.is_empty() { String::new() } else { format!(" for {} and Python {python}", platforms.join(", ")) };
    printer::message(&format!("bundled {count} {wheels}{plural} of {title}{what} into `{shown}` ({size})"));
    Ok(ExitCode::SUCCESS)
}

/// Makes a bundle of an environment's packages.
fn from_installed(process: &Process, args: &BundleArgs) -> Result<ExitCode> {
    let environment = find::find_at(process, args.name.as_deref())?;
    let name = environment.name().to_string();
    let path = path(process, args, environment.name().as_os_str())?;
    let output = if args.dir { Output::Directory(&path) } else { Output::Tar(&path) };
    let pip = pip(process, args, &environment);
    let borrowed = packages::of_base(process, &environment).filter(|_| !args.local).unwrap_or_default();
    let request = FromInstalled { force: args.force, with_pip: !args.no_pip, pip: pip.as_deref(), borrowed: &borrowed };
    let progress = ByteProgress::new("packing", None);
    let bundled = bundle::from_installed(&environment, &request, output, &|step| progress.show(step))
        .with_context(|| format!("could not bundle `{name}`"))?;
    drop(progress);
    tell_borrowed(process, &environment, &borrowed, &bundled);
    report(args, &bundled, &format!("`{name}`"), &path)
}

fn path(process: &Process, args: &BundleArgs, name: &OsStr) -> Result<PathBuf> {
    let name = || {
        let mut name: OsString = name.to_os_string();
        name.push(if args.dir { ".bundle" } else { ".bundle.tar" });
        name
    };
    match &args.output {
        Some(file) if file == Path::new("-") => Err(ToOutput.into()),
        Some(directory) if args.dir => Ok(process.absolute(directory)),
        output => archives::output(process, output.as_deref(), name),
    }
}

/// The wheel of a pip on this machine, for an environment without one.
fn pip(process: &Process, args: &BundleArgs, environment: &Environment) -> Option<PathBuf> {
    if args.no_pip || has_pip(environment.path()) {
        return None;
    }
    let interpreter = archives::base(process, environment)?;
    pip_on_this_machine(&sources::known(process, &interpreter), &interpreter)
}
