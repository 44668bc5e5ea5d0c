//! What an archive says about itself.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::error::PackError;
use super::gather::GatherRequest;
use super::layout::Layout;
use super::manifest::{LeftOut, Manifest, ManifestPython, SCHEMA};
use super::tree::Tree;
use crate::env::{Environment, import_path};
use crate::relocate::glibc;

/// The name of the library directory of an environment.
pub(super) fn library(environment: &Environment) -> Result<String, PackError> {
    import_path::library_name(environment).ok_or_else(|| PackError::NoLibrary { name: environment.name().clone() })
}

/// Describes a tree that is gathered.
pub(super) fn describe(
    environment: &Environment,
    request: &GatherRequest<'_>,
    tree: &Tree,
    left_out: LeftOut,
) -> Result<Manifest, PackError> {
    let (files, bytes) = tree.size();
    let system = rustix::system::uname();
    let text = |text: &std::ffi::CStr| OsStr::from_bytes(text.to_bytes()).to_string_lossy().into_owned();
    let path = match &request.layout {
        Layout::Fixed(destination) => destination.clone(),
        _ => environment.path().to_path_buf(),
    };
    Ok(Manifest {
        schema: SCHEMA,
        tool: concat!("venvwrap ", env!("CARGO_PKG_VERSION")).into(),
        name: environment.name().alone(),
        layout: request.layout.name().into(),
        path,
        python: python(environment, request)?,
        system: text(system.sysname()),
        machine: text(system.machine()),
        glibc: tree.needs.glibc.map(glibc::version),
        libraries: tree.needs.libraries.clone(),
        files,
        bytes,
        packages: tree.packages.all.clone(),
        left_out,
    })
}

fn python(environment: &Environment, request: &GatherRequest<'_>) -> Result<ManifestPython, PackError> {
    if let Some(interpreter) = request.interpreter {
        return Ok(ManifestPython {
            version: interpreter.version.to_string(),
            implementation: interpreter.implementation.name().into(),
            abiflags: interpreter.abiflags.clone(),
            magic: Some(interpreter.magic),
        });
    }
    let library = library(environment)?;
    let (major, minor) = crate::env::packages::version_of(&library).unwrap_or_default();
    let implementation = if library.starts_with("pypy") { "PyPy" } else { "CPython" };
    Ok(ManifestPython {
        version: format!("{major}.{minor}"),
        implementation: implementation.into(),
        abiflags: if library.ends_with('t') { "t".into() } else { String::new() },
        magic: None,
    })
}
