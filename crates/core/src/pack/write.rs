//! Writing an environment into one file.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::describe::{describe, library};
use super::entry::Sink;
use super::error::PackError;
use super::format::Format;
use super::gather::{GatherRequest, gather};
use super::manifest::{FILE_NAME, Manifest};
use super::scan::Item;
use super::tar::Tar;
use super::tree::{Progress, Tree, Written};
use super::zip::{self, Zip};
use super::{gzip, zstandard};
use crate::env::Environment;
use crate::fs::staged::{self, Staged};
use crate::fs::{PathContext, PathError};

/// The usual level of gzip: a little larger than the usual nine, and several times faster.
pub(super) const LEVEL: u32 = 4;

/// Where an archive is written to.
pub enum Output<'a> {
    /// A file, which is replaced when the archive is complete.
    File(&'a Path),
    /// Something else; its name is for errors.
    Stream(&'a mut (dyn Write + Send), &'a Path),
}

/// What to write.
#[derive(Clone, Debug)]
pub struct PackRequest<'a> {
    /// What of the environment.
    pub gather: GatherRequest<'a>,
    /// In which format.
    pub format: Format,
    /// Compression level, from 0 to 9.
    pub level: Option<u32>,
}

/// A finished archive.
#[derive(Clone, Debug)]
pub struct Packed {
    /// What it says about itself.
    pub manifest: Manifest,
    /// What still names the path of the environment.
    pub stale: Vec<PathBuf>,
}

/// Packs an environment. A file has the old content or the new; a crash leaves nothing that the next one does not remove.
pub fn pack(
    environment: &Environment,
    request: &PackRequest<'_>,
    output: Output<'_>,
    progress: Progress<'_>,
) -> Result<Packed, PackError> {
    if let Output::File(path) = &output {
        check_output(environment, path)?;
    }
    let (mut tree, mut left_out) = gather(environment, &request.gather)?;
    if request.format == Format::Zip {
        // Nothing looks for `lib64`, which every environment has.
        left_out.special.extend(tree.follow_links().into_iter().filter(|path| path != Path::new("lib64")));
        left_out.names.extend(tree.keep(&zip::can_hold));
    }
    let manifest = describe(environment, &request.gather, &tree, left_out)?;
    let place = Path::new("lib").join(library(environment)?).join(FILE_NAME);
    // First of all: who reads it need not read the rest to refuse.
    tree.items.insert(0, Item::made(place, manifest.to_json(), 0o644));
    let written = match output {
        Output::Stream(stream, path) => write(&tree, request, stream, path, progress)?,
        Output::File(path) => {
            let staged = Staged::new(path, tree.mode())?;
            let mut buffered = BufWriter::with_capacity(1 << 17, staged.file());
            let written = write(&tree, request, &mut buffered, path, progress)?;
            buffered.flush().at("write", path)?;
            drop(buffered);
            staged.publish()?;
            written
        }
    };
    Ok(Packed { manifest, stale: written.stale })
}

/// Returns what an archive would say about itself.
pub fn manifest_of(environment: &Environment, request: &PackRequest<'_>) -> Result<Manifest, PackError> {
    let (tree, left_out) = gather(environment, &request.gather)?;
    describe(environment, &request.gather, &tree, left_out)
}

/// Refuses a file in the environment, which would be a part of itself, and the place of what is no file.
pub(super) fn check_output(environment: &Environment, path: &Path) -> Result<(), PackError> {
    let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
    let real = environment.path().canonicalize().ok();
    match (parent, real) {
        (Some(parent), Some(real)) if parent.starts_with(&real) => {
            Err(PackError::IntoItself { path: path.to_path_buf() })
        }
        _ => Ok(staged::check(path)?),
    }
}

fn write(
    tree: &Tree,
    request: &PackRequest<'_>,
    output: &mut (dyn Write + Send),
    path: &Path,
    progress: Progress<'_>,
) -> Result<Written, PackError> {
    let default = if request.format == Format::TarZst { zstandard::LEVEL } else { LEVEL };
    let level = request.level.unwrap_or(default).min(9);
    let into = |sink: &mut dyn Sink| tree.write(sink, path, progress);
    match request.format {
        Format::Tar => into(&mut Tar::new(output, "")),
        Format::Zip => into(&mut Zip::new(output, level)),
        Format::TarGz => compressed(output, level, path, |output| into(&mut Tar::new(output, ""))),
        Format::TarZst => {
            kept(path, |write| zstandard::compress(output, level, write), |output| into(&mut Tar::new(output, "")))
        }
    }
}

/// Compresses what is written with gzip, and keeps the reason why it was not.
pub(super) fn compressed<T>(
    output: impl Write,
    level: u32,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<T, PackError>,
) -> Result<T, PackError> {
    kept(path, |write| gzip::compress(output, level, write), write)
}

/// Keeps the reason why something was not written, which the compressor passes on as one of its own.
fn kept<T>(
    path: &Path,
    compress: impl FnOnce(&mut dyn FnMut(&mut dyn Write) -> io::Result<T>) -> io::Result<T>,
    write: impl FnOnce(&mut dyn Write) -> Result<T, PackError>,
) -> Result<T, PackError> {
    let (mut failure, mut write) = (None, Some(write));
    let result = compress(&mut |output| {
        let Some(write) = write.take() else { return Err(io::ErrorKind::Unsupported.into()) };
        write(output).map_err(|error| {
            failure = Some(error);
            io::Error::other("the archive was not written")
        })
    });
    match (result, failure) {
        (_, Some(error)) => Err(error),
        (result, None) => Ok(result.at("write", path).map_err(|error: PathError| error)?),
    }
}
