//! Reading layers: archives of what each adds to those below it, and of marks for what it takes away.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::error::ImageError;
use super::place::Place;
use crate::fs::PathContext;
use crate::fs::hashed::Hashed;
use crate::pack::compression::Compression;
use crate::pack::untar::{Member, Untar};

/// What the name of a mark begins with.
const MARK: &[u8] = b".wh.";
/// The mark that everything is gone which layers below have in this directory.
pub(super) const OPAQUE: &str = ".wh..wh..opq";

/// What looks at members.
pub(in crate::pack) trait Visitor {
    /// A layer begins.
    fn layer(&mut self);

    /// What layers below have below this path is gone, and if `itself` is set, what they have at it.
    fn gone(&mut self, path: &Path, itself: bool);

    /// Something is there. False ends the layer.
    fn member(&mut self, member: &Member, content: &mut dyn Read) -> io::Result<bool>;
}

/// What a layer is.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The SHA-256 of the file.
    pub(super) digest: String,
    /// Its size.
    pub(super) size: u64,
    /// The SHA-256 of what it unpacks to.
    pub(super) diff_id: String,
    /// How it is compressed.
    pub(super) compression: Compression,
}

/// Reads a layer as a whole.
pub(super) fn walk(place: &Place, name: &Path, visitor: &mut dyn Visitor) -> Result<Known, ImageError> {
    let compression = compression(place, name)?;
    let (input, size) = place.read(name)?;
    let mut input = Hashed::new(input);
    let diff_id = {
        let decoder = compression.decoder(&mut input).at("read", place.path())?;
        let mut content = Hashed::new(decoder);
        visitor.layer();
        members(place, &mut content, size, visitor)?;
        io::copy(&mut content, &mut io::sink()).at("read", place.path())?;
        content.finish().0
    };
    io::copy(&mut input, &mut io::sink()).at("read", place.path())?;
    let (digest, size) = input.finish();
    Ok(Known { digest, size, diff_id, compression })
}

/// Reads a layer until the visitor has seen enough.
pub(in crate::pack) fn glance(place: &Place, name: &Path, visitor: &mut dyn Visitor) -> Result<(), ImageError> {
    let (input, size) = place.read(name)?;
    let mut decoder = compression(place, name)?.decoder(input).at("read", place.path())?;
    visitor.layer();
    members(place, &mut decoder, size, visitor)
}

fn members(place: &Place, content: &mut dyn Read, size: u64, visitor: &mut dyn Visitor) -> Result<(), ImageError> {
    let damaged = |problem| ImageError::Archive { path: place.path().into(), problem };
    let mut archive = Untar::of_system(content, size.saturating_mul(1000).saturating_add(1 << 30));
    while let Some(member) = archive.next().map_err(damaged)? {
        if let Some((path, itself)) = mark(&member.path) {
            visitor.gone(&path, itself);
        } else if !visitor.member(&member, &mut archive.content()).map_err(|error| damaged(error.into()))? {
            break;
        }
    }
    Ok(())
}

/// What a mark says is gone, and whether that is the path itself.
fn mark(path: &Path) -> Option<(PathBuf, bool)> {
    let name = path.file_name()?;
    let rest = name.as_bytes().strip_prefix(MARK)?;
    let directory = path.parent().unwrap_or(Path::new(""));
    if name == OPAQUE { Some((directory.into(), false)) } else { Some((directory.join(OsStr::from_bytes(rest)), true)) }
}

fn compression(place: &Place, name: &Path) -> Result<Compression, ImageError> {
    let mut start = Vec::new();
    let (input, _) = place.read(name)?;
    input.take(4).read_to_end(&mut start).at("read", place.path())?;
    Ok(Compression::of(&start))
}
