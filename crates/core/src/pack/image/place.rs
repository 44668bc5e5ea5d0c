//! Where the parts of an image are: in a directory, or in a tar archive of one.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use super::error::ImageError;
use crate::fs::{self, PathContext};
use crate::pack::compression::Compression;
use crate::pack::untar::{MemberKind, Untar};

/// More than any text in an image.
const MAX_TEXT: u64 = 16 << 20;
/// How much is read at a time.
const CHUNK: usize = 1 << 17;

/// Where the parts of an image are.
#[derive(Debug)]
pub(in crate::pack) struct Place {
    path: PathBuf,
    /// Where each part is in an archive; none for a directory.
    parts: Option<HashMap<PathBuf, Part>>,
}

#[derive(Clone, Debug)]
enum Part {
    /// A file with its position and size.
    File(u64, u64),
    /// Another name of one.
    Link(PathBuf),
}

impl Place {
    /// Opens a directory, or an archive, which is listed.
    pub(super) fn open(path: &Path) -> Result<Self, ImageError> {
        let parts = if std::fs::metadata(path).at("read", path)?.is_dir() { None } else { Some(list(path)?) };
        Ok(Self { path: path.to_path_buf(), parts })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether a part is there.
    pub(super) fn has(&self, name: &Path) -> bool {
        match &self.parts {
            Some(parts) => parts.contains_key(name),
            None => is_below(name) && self.path.join(name).is_file(),
        }
    }

    /// Reads a part that is a text.
    pub(super) fn text(&self, name: &Path) -> Result<Vec<u8>, ImageError> {
        let (input, size) = self.read(name)?;
        if size > MAX_TEXT {
            return Err(self.damaged(format!("`{}` is too large", name.display())));
        }
        let mut content = Vec::new();
        input.take(MAX_TEXT).read_to_end(&mut content).at("read", &self.path)?;
        Ok(content)
    }

    /// Begins to read a part, whose size is known.
    pub(super) fn read(&self, name: &Path) -> Result<(impl Read + Send + use<>, u64), ImageError> {
        let missing = || self.damaged(format!("it has no `{}`", name.display()));
        let (path, start, size) = match &self.parts {
            None if is_below(name) => (self.path.join(name), 0, None),
            None => return Err(missing()),
            Some(parts) => {
                let mut part = parts.get(name).ok_or_else(missing)?;
                if let Part::Link(target) = part {
                    part = parts.get(target).ok_or_else(missing)?;
                }
                let Part::File(start, size) = *part else { return Err(missing()) };
                (self.path.clone(), start, Some(size))
            }
        };
        let mut file = fs::open_regular(&path)?;
        let size = match size {
            Some(size) => size,
            None => file.metadata().at("read", &path)?.len(),
        };
        file.seek(SeekFrom::Start(start)).at("read", &path)?;
        Ok((BufReader::with_capacity(CHUNK, file.take(size)), size))
    }

    /// What is wrong with the image.
    pub(super) fn damaged(&self, reason: impl Into<String>) -> ImageError {
        ImageError::Damaged { path: self.path.clone(), reason: reason.into() }
    }
}

/// Lists what is in an archive.
fn list(path: &Path) -> Result<HashMap<PathBuf, Part>, ImageError> {
    let mut file = fs::open_regular(path)?;
    let size = file.metadata().at("read", path)?.len();
    let mut start = Vec::new();
    Read::by_ref(&mut file).take(512).read_to_end(&mut start).at("read", path)?;
    file.rewind().at("read", path)?;
    if Compression::of(&start) != Compression::None {
        return Err(ImageError::Compressed { path: path.into() });
    }
    if start.len() < 512 || &start[257..262] != b"ustar" {
        return Err(ImageError::NoImage { path: path.into() });
    }
    let archive = |problem| ImageError::Archive { path: path.into(), problem };
    let mut tar = Untar::plain(Positioned { input: BufReader::with_capacity(CHUNK, file), position: 0 }, size);
    let mut parts = HashMap::new();
    while let Some(member) = tar.next().map_err(archive)? {
        let part = match member.kind {
            MemberKind::File(size) => Part::File(tar.input().position, size),
            // Docker wrote a layer once, and links where another image or layer has the same.
            MemberKind::Link(target) => Part::Link(resolved(&member.path, &target)),
            MemberKind::HardLink(target) => Part::Link(target),
            MemberKind::Directory => continue,
        };
        parts.insert(member.path, part);
    }
    Ok(parts)
}

/// Where a link in an archive leads.
fn resolved(path: &Path, target: &Path) -> PathBuf {
    let directory = Path::new("/").join(path.parent().unwrap_or(Path::new("")));
    let absolute = fs::absolute(&directory, target);
    absolute.strip_prefix("/").unwrap_or(&absolute).to_path_buf()
}

/// Returns whether a name leads nowhere but below its directory.
fn is_below(name: &Path) -> bool {
    name.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Knows how much has been read.
struct Positioned {
    input: BufReader<File>,
    position: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}
