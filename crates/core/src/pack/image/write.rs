//! Writing an image: the layers of its base as they are, and one with the environment. The file is a layout of OCI and
//! an archive of Docker at once.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::config::{self, Addition, Blob, DIRECTORY};
use super::error::ImageError;
use super::fit::fit;
use super::layers::OPAQUE;
use super::read::{Image, blob};
use super::system::{System, relative};
use crate::env::Environment;
use crate::fs::hashed::Hashed;
use crate::fs::hex::hex;
use crate::fs::staged::Staged;
use crate::fs::{PathContext, PathError, PathResult};
use crate::pack::compression::Compression;
use crate::pack::describe::{describe, library};
use crate::pack::entry::{Entry, Kind, Sink};
use crate::pack::error::PackError;
use crate::pack::format::check_ending;
use crate::pack::gather::{GatherRequest, gather};
use crate::pack::layout::Layout;
use crate::pack::manifest::{FILE_NAME, Manifest};
use crate::pack::scan::{Item, Origin};
use crate::pack::tar::{self, Tar};
use crate::pack::tree::{Progress, Step, Time, Tree, Written};
use crate::pack::write::{LEVEL, check_output, compressed};
use crate::snapshot::dockerfile::base::tag_of;

/// What image to make.
#[derive(Clone, Debug)]
pub struct ImageRequest<'a> {
    /// What of the environment, for a fixed place.
    pub gather: GatherRequest<'a>,
    /// The image that it is built on: a layout of OCI, or an archive of one or of Docker.
    pub base: &'a Path,
    /// The program that runs, and its arguments.
    pub command: Vec<String>,
    /// Compression level, from 0 to 9.
    pub level: Option<u32>,
}

/// A finished image.
#[derive(Clone, Debug)]
pub struct Imaged {
    /// What it says about the environment.
    pub manifest: Manifest,
    /// What still names the path of the environment.
    pub stale: Vec<PathBuf>,
    /// Its name.
    pub tag: String,
    /// The Python of the base that it runs with.
    pub python: PathBuf,
}

/// Writes an environment as an image into a file, which has the old content or the new.
pub fn image(
    environment: &Environment,
    request: &ImageRequest<'_>,
    output: &Path,
    progress: Progress<'_>,
) -> Result<Imaged, PackError> {
    let Layout::Fixed(place) = &request.gather.layout else {
        return Err(PackError::NotFixed { name: environment.name().to_string() });
    };
    check_ending(output, &[".tar"])?;
    check_output(environment, output)?;
    let (mut tree, left_out) = gather(environment, &request.gather)?;
    let library = library(environment)?;
    let base = Image::open(request.base, architecture())?;
    check_machine(&base, &tree)?;
    let system = System::of(&base, &library, &tree.needs, place, Path::new(DIRECTORY))?;
    fit(&mut tree, &system.python)?;
    let manifest = describe(environment, &request.gather, &tree, left_out)?;
    put_first(&mut tree.items, &library, &manifest);
    let staged = Staged::new(output, tree.mode())?;
    let mut writing = Writing { file: staged.file(), path: output, done: Vec::new() };
    let tag = tag_of(&environment.name().alone());
    let stale = writing.all(&tree, request, place, &base, &system, &tag, progress)?.stale;
    staged.publish()?;
    Ok(Imaged { manifest, stale, tag, python: system.python })
}

/// The word for a processor in images.
pub(crate) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" => "ppc64le",
        other => other,
    }
}

fn check_machine(base: &Image, tree: &Tree) -> Result<(), ImageError> {
    let (system, machine) = (base.word("os"), base.word("architecture"));
    let is_same = machine == architecture() && std::env::consts::OS == "linux";
    if system == "linux" && (is_same || !tree.needs.is_compiled) {
        return Ok(());
    }
    Err(ImageError::OtherMachine {
        path: base.place.path().into(),
        wanted: format!("{} {}", std::env::consts::OS, architecture()),
        found: format!("{system} {machine}"),
    })
}

/// Whoever reads the manifest need not read the rest, and every directory comes before what is in it.
fn put_first(items: &mut Vec<Item>, library: &str, manifest: &Manifest) {
    let directory = Path::new("lib").join(library);
    let is_above = |item: &Item| matches!(item.origin, Origin::Directory) && directory.starts_with(&item.path);
    let (mut first, rest): (Vec<Item>, Vec<Item>) = std::mem::take(items).into_iter().partition(is_above);
    first.push(Item::made(directory.join(FILE_NAME), manifest.to_json(), 0o644));
    first.extend(rest);
    *items = first;
}

struct Writing<'a> {
    file: &'a File,
    path: &'a Path,
    /// The digests of what has been written.
    done: Vec<String>,
}

impl Writing<'_> {
    #[allow(clippy::too_many_arguments, reason = "each is used once, in the order of the file")]
    fn all(
        &mut self,
        tree: &Tree,
        request: &ImageRequest<'_>,
        place: &Path,
        base: &Image,
        system: &System,
        tag: &str,
        progress: Progress<'_>,
    ) -> Result<Written, PackError> {
        let (Time::Fixed(seconds) | Time::Newest(seconds)) = tree.time;
        for directory in ["blobs", "blobs/sha256"] {
            self.add(Path::new(directory), Kind::Directory, &mut io::empty())?;
        }
        let mut layers = Vec::new();
        for (layer, read) in base.layers.iter().zip(&system.layers) {
            let (mut content, _) = base.place.read(&layer.name)?;
            let own = Blob { digest: read.digest.clone(), size: read.size };
            self.blob(&own, &mut content)?;
            progress(Step::Ahead(own.size));
            progress(Step::Done(own.size));
            layers.push((own, read.compression));
        }
        let level = request.level.unwrap_or(LEVEL).min(9);
        let (own, diff_id, written) = self.layer(tree, place, system, level, seconds, progress)?;
        layers.push((own, Compression::Gzip));
        let time = humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds));
        let addition = Addition {
            place: &place.to_string_lossy(),
            command: &request.command,
            time: &time.to_string(),
            by: concat!("venvwrap ", env!("CARGO_PKG_VERSION"), " pack"),
            diff_id: &diff_id,
        };
        let config = config::config(&base.config, &addition);
        let config_blob = self.json_blob(&config)?;
        let manifest = self.json_blob(&config::manifest(&config_blob, &layers))?;
        self.json("index.json", &config::index(&manifest, &config, tag))?;
        self.json("manifest.json", &config::docker_manifest(&config_blob, &layers, tag))?;
        self.text("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        self.out().finish().at("write", self.path)?;
        Ok(written)
    }

    /// Writes the layer of the environment; its name and size are filled in when they are known. Returns it, the hash of
    /// what it unpacks to, and what came of writing.
    fn layer(
        &mut self,
        tree: &Tree,
        place: &Path,
        system: &System,
        level: u32,
        time: u64,
        progress: Progress<'_>,
    ) -> Result<(Blob, String, Written), PackError> {
        let path = self.path;
        let mut file = self.file;
        let start = file.stream_position().at("write", path)?;
        file.write_all(&[0; tar::BLOCK]).at("write", path)?;
        let mut output = Hashed::new(BufWriter::with_capacity(1 << 17, file));
        let (diff_id, written) = compressed(&mut output, level, path, |output| {
            let mut content = Hashed::new(output);
            let written = write_tree(tree, place, system, time, &mut content, path, progress)?;
            Ok((content.finish().0, written))
        })?;
        let (digest, size) = output.finish();
        let mut finish = || -> io::Result<()> {
            let rest = usize::try_from(size.next_multiple_of(tar::BLOCK as u64) - size).unwrap_or(0);
            file.seek(SeekFrom::End(0))?;
            file.write_all(&[0; tar::BLOCK][..rest])?;
            file.seek(SeekFrom::Start(start))?;
            let name = blob(&digest);
            file.write_all(&tar::header(name.as_os_str().as_encoded_bytes(), b"", b'0', 0o644, size, 0))?;
            file.seek(SeekFrom::End(0))?;
            Ok(())
        };
        finish().at("write", path)?;
        Ok((Blob { digest, size }, diff_id, written))
    }

    fn json_blob(&mut self, value: &Value) -> PathResult<Blob> {
        let content = value.to_string().into_bytes();
        let own = Blob { digest: hex(&Sha256::digest(&content)), size: content.len() as u64 };
        self.blob(&own, &mut content.as_slice())?;
        Ok(own)
    }

    fn blob(&mut self, own: &Blob, content: &mut dyn io::Read) -> PathResult<()> {
        // An image may have the same layer twice.
        if self.done.contains(&own.digest) {
            return Ok(());
        }
        self.done.push(own.digest.clone());
        self.add(&blob(&own.digest), Kind::File(own.size), content)
    }

    fn json(&mut self, name: &str, value: &Value) -> PathResult<()> {
        self.text(name, value.to_string().as_bytes())
    }

    fn text(&mut self, name: &str, mut content: &[u8]) -> PathResult<()> {
        self.add(Path::new(name), Kind::File(content.len() as u64), &mut content)
    }

    fn add(&mut self, name: &Path, kind: Kind, content: &mut dyn io::Read) -> PathResult<()> {
        let mode = if kind == Kind::Directory { 0o755 } else { 0o644 };
        let entry = Entry { path: name.into(), kind, mode, mtime: 0 };
        self.out().add(&entry, content).at("write", self.path)
    }

    fn out(&self) -> Tar<&File> {
        Tar::new(self.file, "")
    }
}

/// The files of the environment, below its place.
fn write_tree(
    tree: &Tree,
    place: &Path,
    system: &System,
    time: u64,
    output: &mut dyn Write,
    path: &Path,
    progress: Progress<'_>,
) -> Result<Written, PackError> {
    let entry = |path: PathBuf, kind, mode| Entry { path, kind, mode, mtime: time };
    let inside = relative(place);
    let write_error =
        |error: io::Error| -> PathError { PathError { action: "write", path: path.into(), source: error } };
    let mut above = Tar::new(&mut *output, "");
    let mut add =
        |path: PathBuf, kind, mode| above.add(&entry(path, kind, mode), &mut io::empty()).map_err(write_error);
    if !system.has_directory {
        add(relative(Path::new(DIRECTORY)), Kind::Directory, 0o755)?;
    }
    add(inside.clone(), Kind::Directory, 0o755)?;
    if system.is_taken {
        add(inside.join(OPAQUE), Kind::File(0), 0o644)?;
    }
    let mut placed = Placed { tar: Tar::new(output, ""), place: inside };
    tree.write(&mut placed, path, progress)
}

/// Puts everything below a directory.
struct Placed<W> {
    tar: Tar<W>,
    place: PathBuf,
}

impl<W: Write> Sink for Placed<W> {
    fn add(&mut self, entry: &Entry, content: &mut dyn io::Read) -> io::Result<()> {
        self.tar.add(&Entry { path: self.place.join(&entry.path), ..entry.clone() }, content)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.tar.finish()
    }
}
