//! Making a bundle of what is installed in an environment.

use std::path::Path;

use super::altered::Known;
use super::check;
use super::error::{BundleError, Obstacle, Unfit};
use super::manifest::{BundledFile, Manifest, SCHEMA, TOOL, Target};
use super::place::{Bundled, Draft, Output, REQUIREMENTS};
use super::repack::{Repacked, repack};
use super::rows::{Source, rows};
use crate::env::Environment;
use crate::env::distributions::{Distribution, installed};
use crate::env::import_path::library_name;
use crate::env::packages::version_of;
use crate::fs::is_about_writing;
use crate::fs::order::Order as _;
use crate::pack::manifest::machine;
use crate::pack::{Progress, Step};

/// How a bundle is made from what is installed.
#[derive(Clone, Debug, Default)]
pub struct FromInstalled<'a> {
    /// Whether changed files are packed as they are.
    pub force: bool,
    /// Whether pip comes along.
    pub with_pip: bool,
    /// A wheel of pip, for an environment that has none.
    pub pip: Option<&'a Path>,
    /// Packages of the base Python that come along. Those of which no wheel can be made are left out.
    pub borrowed: &'a [Distribution],
}

/// Makes a bundle of the packages that are installed in an environment. No index is asked. `progress` is told of the
/// bytes of each package, and of those of all before.
pub fn from_installed(
    environment: &Environment,
    request: &FromInstalled<'_>,
    output: Output<'_>,
    progress: Progress<'_>,
) -> Result<Bundled, BundleError> {
    let python =
        library_name(environment).ok_or_else(|| BundleError::NoLibrary { name: environment.name().clone() })?;
    check_place(environment, output)?;
    let mut packages = listed(environment, request)?;
    packages.extend(borrowed(request));
    let manifest = Manifest {
        schema: SCHEMA,
        tool: TOOL.into(),
        name: environment.name().alone(),
        python,
        repacked: true,
        pip: None,
        targets: vec![Target { requirements: REQUIREMENTS.into(), ..Target::default() }],
        wheels: Vec::new(),
    };
    let mut draft = Draft::new(manifest, output)?;
    add_all(&mut draft, &packages, request, progress)?;
    if let Some(pip) = request.pip.filter(|_| request.with_pip && draft.manifest.pip.is_none()) {
        draft.add_pip(pip)?;
    }
    draft.publish(output)
}

fn check_place(environment: &Environment, output: Output<'_>) -> Result<(), BundleError> {
    output.check()?;
    let path = output.path();
    let parent = path.parent().unwrap_or(path);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if real(parent).starts_with(real(environment.path())) {
        return Err(BundleError::IntoItself { path: path.to_path_buf() });
    }
    Ok(())
}

/// The environment's own packages with their files; fails with all of which no wheel can be made.
fn listed(environment: &Environment, request: &FromInstalled<'_>) -> Result<Vec<Source>, BundleError> {
    let (mut found, mut unfit) = (Vec::new(), Vec::new());
    let is_wanted = |found: &Distribution| found.is_local && (request.with_pip || found.key != "pip");
    let mut distributions: Vec<_> = installed(environment, None).distributions.into_iter().filter(is_wanted).collect();
    distributions.order_by(|a, b| a.key.cmp(&b.key));
    for distribution in distributions {
        let root = environment.path().to_path_buf();
        match rows(&root, &distribution) {
            Ok(rows) => found.push(Source { distribution, root, rows }),
            Err(obstacle) => unfit.push(Unfit { name: distribution.name, obstacle }),
        }
    }
    if unfit.is_empty() { Ok(found) } else { Err(BundleError::Unfit(unfit)) }
}

/// The packages of the base Python that come along. Their metadata are in `PREFIX/lib/pythonX.Y/site-packages`.
fn borrowed(request: &FromInstalled<'_>) -> impl Iterator<Item = Source> {
    let source = |distribution: &Distribution| {
        let root = distribution.info.ancestors().nth(4)?.to_path_buf();
        Some(Source { rows: rows(&root, distribution).ok()?, distribution: distribution.clone(), root })
    };
    request.borrowed.iter().filter_map(source).filter(|found| request.with_pip || found.distribution.key != "pip")
}

fn add_all(
    draft: &mut Draft,
    packages: &[Source],
    request: &FromInstalled<'_>,
    progress: Progress<'_>,
) -> Result<(), BundleError> {
    let version = version_of(&draft.manifest.python).unwrap_or((3, 0));
    let mut known = Known::default();
    for source in packages {
        known.add(source);
        progress(Step::Ahead(source.size()));
    }
    let mut unfit = Vec::new();
    for source in packages {
        let distribution = &source.distribution;
        match repack(source, &known, version, request.force, &draft.wheels()) {
            Ok(wheel) => add(draft, distribution, wheel),
            // That is no fault of the package.
            Err(Obstacle::Path(error)) if is_about_writing(&error.source) => return Err(error.into()),
            Err(_) if !distribution.is_local => {}
            Err(obstacle) => unfit.push(Unfit { name: distribution.name.clone(), obstacle }),
        }
        progress(Step::Done(source.size()));
    }
    if unfit.is_empty() { Ok(()) } else { Err(BundleError::Unfit(unfit)) }
}

fn add(draft: &mut Draft, distribution: &Distribution, wheel: Repacked) {
    let target = &mut draft.manifest.targets[0];
    if !check::is_for_any(&wheel.tags) {
        target.machine.get_or_insert_with(machine);
        target.glibc = target.glibc.max(check::glibc(&wheel.tags, wheel.glibc));
    }
    if distribution.key == "pip" {
        draft.manifest.pip = Some(wheel.file.clone());
    }
    let file = BundledFile {
        file: wheel.file,
        name: distribution.key.clone(),
        version: distribution.version.clone(),
        sha256: wheel.sha256,
        size: wheel.size,
        requested: distribution.is_local && distribution.is_requested(),
    };
    draft.list(file, &[0]);
}
