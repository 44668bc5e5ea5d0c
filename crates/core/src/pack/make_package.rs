//! From an environment to a package of the system.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::error::PackError;
use super::format::check_ending;
use super::gather::{GatherRequest, gather};
use super::layout::Layout;
use super::licenses::licenses;
use super::manifest::LeftOut;
use super::owners::Owners;
use super::package::{OUTSIDE, Package, PackageKind};
use super::package_request::PackageRequest;
use super::scan::Item;
use super::tree::{Progress, Time};
use super::{deb, documents, package_fields as fields, rpm};
use crate::env::Environment;
use crate::env::import_path::library_name;
use crate::fs::PathContext;
use crate::fs::staged::Staged;
use crate::python::Implementation;

/// A finished package.
#[derive(Clone, Debug)]
pub struct PackageDone {
    /// Where it is.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its version, as the package manager writes it.
    pub version: String,
    /// The machines that it is for, as the package manager calls them.
    pub architecture: &'static str,
    /// What it depends on.
    pub depends: Vec<String>,
    /// Libraries that it needs and whose package is not known.
    pub libraries: Vec<String>,
    /// The packages of the base Python that are needed and that no package of the system has: their normalised names.
    pub borrowed: Vec<String>,
    /// What is not in it.
    pub left_out: LeftOut,
}

/// Writes an environment as a package: into a file, or into one with the usual name in a directory.
pub fn package(
    environment: &Environment,
    request: &PackageRequest<'_>,
    owners: &dyn Owners,
    output: &Path,
    is_directory: bool,
    progress: Progress<'_>,
) -> Result<PackageDone, PackError> {
    check_interpreter(request)?;
    fields::check(request)?;
    if !is_directory {
        check_ending(output, &[request.kind.ending()])?;
    }
    let name = fields::name(request, environment)?;
    let (epoch, version) = fields::version(request)?;
    let gathering = GatherRequest {
        layout: Layout::Fixed(request.destination.clone()),
        interpreter: Some(request.interpreter),
        exclude: request.exclude.clone(),
        bytecode: false,
        on_editable: request.on_editable.clone(),
        with_secrets: false,
        time: request.time,
        for_system: true,
    };
    let (mut tree, left_out) = gather(environment, &gathering)?;
    let time = match tree.time {
        Time::Fixed(time) | Time::Newest(time) => time,
    };
    tree.time = Time::Fixed(time);
    let library = library_name(environment).ok_or_else(|| PackError::NoLibrary { name: environment.name().clone() })?;
    let mut package = Package {
        tree,
        destination: request.destination.clone(),
        name,
        epoch,
        version,
        release: request.release.clone(),
        depends: request.depends.clone(),
        license: request.license.clone(),
        maintainer: request.maintainer.clone(),
        time,
        outside: Vec::new(),
        unit: None,
        python: request.interpreter.executable.clone(),
        site: request.destination.join("lib").join(library).join("site-packages"),
        environment: environment.name().alone(),
    };
    check_programs(&package, request, owners)?;
    add_outside(&mut package, request)?;
    package.check_names()?;
    package.check_places()?;
    let mut libraries = Vec::new();
    if request.kind == PackageKind::Deb {
        let minor = request.interpreter.version.minor_text();
        package.depends.insert(0, format!("python{minor} (>= {minor})"));
        libraries = add_libraries(&mut package, owners);
    }
    let borrowed = add_borrowed(&mut package, request, owners);
    let output = if is_directory { output.join(file_name(&package, request.kind)) } else { output.to_path_buf() };
    let staged = Staged::new(&output, 0o666)?;
    match request.kind {
        PackageKind::Deb => deb::write(&package, staged.file(), &output, progress)?,
        PackageKind::Rpm => rpm::write(&package, staged.file(), &output, progress)?,
    }
    staged.publish()?;
    Ok(PackageDone {
        path: output,
        version: package.full_version(),
        architecture: architecture(&package, request.kind),
        name: package.name,
        depends: package.depends,
        libraries,
        borrowed,
        left_out,
    })
}

/// The usual name of its file.
fn file_name(package: &Package, kind: PackageKind) -> String {
    let (name, version, release) = (&package.name, &package.version, &package.release);
    let architecture = architecture(package, kind);
    match kind {
        PackageKind::Deb => format!("{name}_{version}-{release}_{architecture}.deb"),
        PackageKind::Rpm => format!("{name}-{version}-{release}.{architecture}.rpm"),
    }
}

fn architecture(package: &Package, kind: PackageKind) -> &'static str {
    package.architecture(match kind {
        PackageKind::Deb => deb::ARCHITECTURES,
        PackageKind::Rpm => rpm::ARCHITECTURES,
    })
}

/// Adds the packages of the libraries that are not in the tree, and returns those that no package here has.
fn add_libraries(package: &mut Package, owners: &dyn Owners) -> Vec<String> {
    let needed = package.tree.needs.libraries.clone();
    let known = if needed.is_empty() { BTreeMap::new() } else { owners.of_libraries(&needed) };
    known.values().collect::<BTreeSet<_>>().into_iter().for_each(|name| package.depend_on(name));
    needed.into_iter().filter(|library| !known.contains_key(library)).collect()
}

/// Adds the packages of the system that have what is needed of the base Python, and returns what none has.
fn add_borrowed(package: &mut Package, request: &PackageRequest<'_>, owners: &dyn Owners) -> Vec<String> {
    let mut unknown = Vec::new();
    for found in request.borrowed {
        match owners.of_path(request.kind, &found.info) {
            Some(name) => package.depend_on(&name),
            None => unknown.push(found.key.clone()),
        }
    }
    unknown
}

/// The environment must have the programs, and no other package their names.
fn check_programs(package: &Package, request: &PackageRequest<'_>, owners: &dyn Owners) -> Result<(), PackError> {
    for program in &request.programs {
        let path = Path::new("bin").join(program);
        if !package.tree.items.iter().any(|item| item.path == path) {
            return Err(PackError::NoProgram { program: program.clone() });
        }
        // Where both are one directory, the package may name either.
        let places = ["/usr/bin", "/bin"].map(|directory| Path::new(directory).join(program));
        let owner = places.iter().find_map(|place| owners.of_file(place)).filter(|owner| *owner != package.name);
        if let Some(owner) = owner {
            return Err(PackError::Shadows { program: program.clone(), owner });
        }
    }
    Ok(())
}

/// Links in `/usr/bin`, the unit, and what belongs to every package.
fn add_outside(package: &mut Package, request: &PackageRequest<'_>) -> Result<(), PackError> {
    let mut items = Vec::new();
    // A name may be given twice. A package that lists a file twice cannot be installed.
    for program in request.programs.iter().collect::<BTreeSet<_>>() {
        let target = request.destination.join("bin").join(program);
        items.push(Item::link(Path::new("usr/bin").join(program), target));
    }
    if let Some(service) = &request.service {
        let content = std::fs::read(service).at("read", service)?;
        let name = service.file_name().unwrap_or_default();
        items.push(Item::made(Path::new("usr/lib/systemd/system").join(name), content, 0o644));
        package.unit = Some(name.to_string_lossy().into_owned());
    }
    let directory = Path::new("usr/share/doc").join(&package.name);
    let copyright = documents::copyright(package, &licenses(&package.tree.items)?);
    items.push(Item::made(directory.join("copyright"), copyright.into_bytes(), 0o644));
    if request.kind == PackageKind::Deb {
        items.push(Item::made(directory.join("changelog.Debian.gz"), documents::changelog(package), 0o644));
        let overrides = documents::overrides(package).into_bytes();
        items.push(Item::made(Path::new("usr/share/lintian/overrides").join(&package.name), overrides, 0o644));
    }
    for mut item in items {
        package.outside.push(item.path.clone());
        item.path = Path::new(OUTSIDE).join(&item.path);
        package.tree.items.push(item);
    }
    Ok(())
}

fn check_interpreter(request: &PackageRequest<'_>) -> Result<(), PackError> {
    let interpreter = request.interpreter;
    let of_system =
        ["/usr/bin", "/usr/libexec", "/bin"].iter().any(|directory| interpreter.executable.starts_with(directory));
    if !of_system {
        return Err(PackError::NotOfSystem { python: interpreter.executable.clone() });
    }
    if interpreter.implementation != Implementation::CPython {
        return Err(PackError::NotOfSystem { python: interpreter.executable.clone() });
    }
    Ok(())
}
