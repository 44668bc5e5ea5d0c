//! From an environment to a package of the system.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::error::PackError;
use super::gather::{GatherRequest, OnEditable, gather};
use super::layout::Layout;
use super::manifest::LeftOut;
use super::package::{OUTSIDE, Package, PackageKind};
use super::scan::Item;
use super::tree::{Progress, Time};
use super::{deb, rpm};
use crate::env::Environment;
use crate::env::import_path::library_name;
use crate::fs::PathContext;
use crate::fs::staged::Staged;
use crate::python::{Implementation, Interpreter};

/// What package to make.
#[derive(Clone, Debug)]
pub struct PackageRequest<'a> {
    /// Which kind.
    pub kind: PackageKind,
    /// Where its files will be; absolute.
    pub destination: PathBuf,
    /// The base Python, which must be the system's.
    pub interpreter: &'a Interpreter,
    /// The name of the package; that of the environment if it is not given.
    pub name: Option<String>,
    /// The version, as Python writes it.
    pub version: String,
    /// The release of this version.
    pub release: String,
    /// Programs of the environment that get a link in `/usr/bin`.
    pub programs: Vec<String>,
    /// A unit file for systemd.
    pub service: Option<PathBuf>,
    /// What else it depends on.
    pub depends: Vec<String>,
    /// Its licence.
    pub license: String,
    /// Whoever makes it.
    pub maintainer: String,
    /// What happens to editable packages.
    pub on_editable: OnEditable,
    /// Patterns of paths that stay behind.
    pub exclude: Vec<OsString>,
    /// The time of every file.
    pub time: Option<u64>,
}

/// A finished package.
#[derive(Clone, Debug)]
pub struct PackageDone {
    /// Where it is.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its version, as the package manager writes it.
    pub version: String,
    /// What it depends on, beyond Python and glibc: libraries that are not in it.
    pub libraries: Vec<String>,
    /// What is not in it.
    pub left_out: LeftOut,
}

/// Writes an environment as a package: into a file, or into one with the usual name in a directory.
pub fn package(
    environment: &Environment,
    request: &PackageRequest<'_>,
    output: &Path,
    is_directory: bool,
    progress: Progress<'_>,
) -> Result<PackageDone, PackError> {
    check_interpreter(request)?;
    check_fields(request)?;
    let name = package_name(request, environment)?;
    let (epoch, version) = version(request)?;
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
    let library = library_name(environment).ok_or_else(|| PackError::NoLibrary { path: environment.path().into() })?;
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
        python: request.interpreter.executable.clone(),
        site: request.destination.join("lib").join(library).join("site-packages"),
        environment: environment.name().to_string(),
    };
    add_outside(&mut package, request)?;
    package.check_names()?;
    if request.kind == PackageKind::Deb {
        let minor = request.interpreter.version.minor_text();
        package.depends.insert(0, format!("python{minor}"));
    }
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
        name: package.name,
        libraries: package.tree.needs.libraries,
        left_out,
    })
}

/// The usual name of its file.
fn file_name(package: &Package, kind: PackageKind) -> String {
    let (name, version, release) = (&package.name, &package.version, &package.release);
    match kind {
        PackageKind::Deb => format!("{name}_{version}-{release}_{}.deb", package.architecture(deb::ARCHITECTURES)),
        PackageKind::Rpm => format!("{name}-{version}-{release}.{}.rpm", package.architecture(rpm::ARCHITECTURES)),
    }
}

/// Links in `/usr/bin`, the unit, and what belongs to every package.
fn add_outside(package: &mut Package, request: &PackageRequest<'_>) -> Result<(), PackError> {
    let mut items = Vec::new();
    for program in &request.programs {
        let target = request.destination.join("bin").join(program);
        let is_there = package.tree.items.iter().any(|item| item.path == Path::new("bin").join(program));
        if !is_there {
            return Err(PackError::NoProgram { program: program.clone() });
        }
        items.push(Item::link(Path::new("usr/bin").join(program), target));
    }
    if let Some(service) = &request.service {
        let content = std::fs::read(service).at("read", service)?;
        let name = service.file_name().unwrap_or_default();
        items.push(Item::made(Path::new("usr/lib/systemd/system").join(name), content, 0o644));
    }
    let documents = Path::new("usr/share/doc").join(&package.name);
    let copyright = format!("{}\nLicense: {}\n\n{}", package.summary(), package.license, package.description());
    items.push(Item::made(documents.join("copyright"), copyright.into_bytes(), 0o644));
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

/// Package managers read lines, and the release is a part of the name of the file.
fn check_fields(request: &PackageRequest<'_>) -> Result<(), PackError> {
    let wrong = |field, text: &String| Err(PackError::PackageField { field, text: text.clone() });
    let is_known = |c: char| c.is_ascii_alphanumeric() || "+.~".contains(c);
    if request.release.is_empty() || !request.release.chars().all(is_known) {
        return wrong("release", &request.release);
    }
    let depends = request.depends.iter().map(|text| ("dependency", text));
    let lines = [("licence", &request.license), ("maintainer", &request.maintainer)];
    match lines.into_iter().chain(depends).find(|(_, text)| text.contains(char::is_control)) {
        Some((field, text)) => wrong(field, text),
        None => Ok(()),
    }
}

fn package_name(request: &PackageRequest<'_>, environment: &Environment) -> Result<String, PackError> {
    let given = request.name.clone().unwrap_or_else(|| environment.name().to_string());
    let name = given.to_lowercase().replace(['_', ' '], "-");
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    if name.len() >= 2 && begins && name.chars().all(is_allowed) {
        Ok(name)
    } else {
        Err(PackError::PackageName { name: given })
    }
}

/// The epoch, and the version in the order of the package manager: what comes before a release sorts before it.
fn version(request: &PackageRequest<'_>) -> Result<(Option<u32>, String), PackError> {
    let wrong = || PackError::PackageVersion { version: request.version.clone() };
    let version: pep440_rs::Version = request.version.parse().map_err(|_| wrong())?;
    let later = if request.kind == PackageKind::Deb { "+" } else { "^" };
    let mut text = version.release().iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    if let Some(dev) = version.dev().filter(|_| version.pre().is_none() && version.post().is_none()) {
        let _ = write!(text, "~~dev{dev}");
    } else {
        if let Some(pre) = version.pre() {
            let _ = write!(text, "~{pre}");
        }
        if let Some(post) = version.post() {
            let _ = write!(text, "{later}post{post}");
        }
        if let Some(dev) = version.dev() {
            let _ = write!(text, "~dev{dev}");
        }
    }
    let local = version.local().iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    if !local.is_empty() {
        let _ = write!(text, "{later}{local}");
    }
    let epoch = u32::try_from(version.epoch()).ok().filter(|&epoch| epoch > 0);
    Ok((epoch, text))
}
