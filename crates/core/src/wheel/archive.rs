//! Reading a zip archive strictly: what two programs could understand in two ways is refused.

use std::io::{BufReader, Read};
use std::path::Path;

use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipFileHeaderRecord, ZipLocator};

use super::content::Content;
use super::problem::WheelProblem;
use super::safe_path::relative_path;
use super::zip_time::seconds;
use crate::fs::cost;

/// The largest wheel that is read to seed environments. pip has 2 MB.
pub(super) const MAX_WHEEL: u64 = Limits::SEED.wheel;

/// More than the list of the files of any wheel.
const MAX_TEXT: u64 = 64 << 20;
/// More than one entry of the archive's directory: a name, extra fields and a comment of at most 64 KiB each.
const MAX_ENTRY: usize = 1 << 18;
/// How much of a packed file is in memory at once.
const CHUNK: u64 = 1 << 17;
/// What is wrong with a file that goes on after its end.
pub(super) const LARGER: &str = "larger than promised";

/// How large a wheel may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Its file.
    pub(super) wheel: u64,
    /// How many entries it may have.
    entries: usize,
    /// How much it may unpack to, in all.
    unpacked: u64,
}

impl Limits {
    /// Of a wheel that seeds environments. pip has about 600 entries.
    pub(super) const SEED: Self = Self { wheel: 64 << 20, entries: 20_000, unpacked: 256 << 20 };
    /// Of any other. The largest are those for graphics cards.
    pub(super) const ANY: Self = Self { wheel: 4 << 30, entries: 500_000, unpacked: 32 << 30 };
}

/// Where a file of a wheel belongs in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// `lib/pythonX.Y/site-packages`.
    Site,
    /// `bin`.
    Script,
    /// `include/site/pythonX.Y/NAME`.
    Header,
    /// The environment's own directory.
    Data,
}

/// A file in a wheel.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Where it belongs.
    pub(super) place: Place,
    /// The path below that place.
    pub(super) path: String,
    /// Seconds since 1970. Zip has no time zones, so that the same wheel gives the same time everywhere.
    pub(super) mtime: i64,
    /// Whether the archive marks it as executable.
    pub(super) is_executable: bool,
    /// Its size after unpacking, as promised by the archive and checked when read.
    pub(super) size: u64,
    method: CompressionMethod,
    is_encrypted: bool,
    position: ZipArchiveEntryWayfinder,
}

/// A zip archive.
pub(super) struct Archive(ZipArchive<Content>);

impl Archive {
    /// Finds the archive's directory.
    pub(super) fn new(content: Content) -> Result<Self, WheelProblem> {
        let size = content.size();
        let archive = ZipLocator::new().locate_in_reader(content, &mut vec![0; MAX_ENTRY], size);
        archive.map(Self).map_err(|(_, error)| broken(&error))
    }

    /// Returns the whole archive, byte for byte.
    pub(super) fn content(&self) -> &Content {
        self.0.get_ref()
    }

    /// Returns all files, after checking every name, kind and size that the archive claims.
    pub(super) fn list(&self, limits: Limits) -> Result<Vec<Member>, WheelProblem> {
        let mut members = Vec::new();
        let mut unpacked = 0_u64;
        let most = limits.unpacked.min(likely(self.content().size()));
        let mut count = 0_u64;
        let mut last = String::new();
        let (mut buffer, mut local) = (vec![0; MAX_ENTRY], vec![0; MAX_ENTRY]);
        let mut entries = self.0.entries(&mut buffer);
        while let Some(entry) = entries.next_entry().map_err(|error| broken(&error))? {
            count += 1;
            unpacked = unpacked.saturating_add(entry.uncompressed_size_hint());
            if unpacked > most || members.len() >= limits.entries {
                return Err(WheelProblem::TooLarge);
            }
            let found = member(&self.0, &entry, &mut local)?;
            if let Some(member) = &found {
                unpacked = unpacked.saturating_add(cost::of_names(Path::new(&last), Path::new(&member.path)));
                last.clone_from(&member.path);
            }
            members.extend(found);
        }
        if count != self.0.entries_hint() {
            return Err(WheelProblem::Archive("its directory has another number of entries than it says".into()));
        }
        Ok(members)
    }

    /// Unpacks one small file, verifying its size and checksum; fails with the reason in words.
    pub(super) fn text(&self, member: &Member) -> Result<Vec<u8>, String> {
        if member.size > MAX_TEXT {
            return Err("too large".into());
        }
        let (mut reader, packed) = self.reader(member)?;
        let mut content = Vec::with_capacity(first_room(member.size, packed));
        reader.read_to_end(&mut content).map_err(|error| error.to_string())?;
        if content.len() as u64 == member.size { Ok(content) } else { Err(LARGER.into()) }
    }

    /// Returns a reader of one file that verifies its checksum at the end, and how long it is in the archive. It ends one
    /// byte after the promised size, which is enough to notice that there is more.
    pub(super) fn reader(&self, member: &Member) -> Result<(Box<dyn Read + '_>, u64), String> {
        let entry = self.0.get_entry(member.position).map_err(|error| error.to_string())?;
        if member.is_encrypted {
            return Err("encrypted".into());
        }
        let (start, end) = entry.compressed_data_range();
        if end > self.content().size() {
            return Err("cut off".into());
        }
        let packed = end - start;
        let chunk = usize::try_from(packed.clamp(1, CHUNK)).unwrap_or_default();
        let (data, limit) = (BufReader::with_capacity(chunk, entry.reader()), member.size.saturating_add(1));
        let reader: Box<dyn Read + '_> = match member.method {
            CompressionMethod::STORE => Box::new(entry.verifying_reader(data).take(limit)),
            CompressionMethod::DEFLATE => {
                Box::new(entry.verifying_reader(flate2::bufread::DeflateDecoder::new(data)).take(limit))
            }
            other => return Err(format!("compression method {} is unknown", other.as_u16())),
        };
        Ok((reader, packed))
    }
}

/// More than a wheel of this size unpacks to, unless it is made to fill a disk.
fn likely(packed: u64) -> u64 {
    packed.saturating_mul(200).saturating_add(256 << 20)
}

/// How much room to make before anything is unpacked: what the size promises, but no more than the packed bytes make
/// likely. A promise costs nothing to write; the rest grows with the data.
fn first_room(promised: u64, packed: u64) -> usize {
    usize::try_from(promised.min(packed.saturating_mul(8)).max(1)).unwrap_or(usize::MAX)
}

/// Checks one entry; `None` for a directory, since directories are made as their files need them.
fn member(
    archive: &ZipArchive<Content>,
    entry: &ZipFileHeaderRecord<'_>,
    buffer: &mut [u8],
) -> Result<Option<Member>, WheelProblem> {
    let raw = entry.file_path();
    let shown = || String::from_utf8_lossy(raw.as_bytes()).escape_debug().to_string();
    let trimmed = raw.as_bytes().strip_suffix(b"/").unwrap_or(raw.as_bytes());
    let path = relative_path(trimmed).ok_or_else(|| WheelProblem::UnsafeName(shown()))?;
    // The upper half of the attributes is a Unix mode, or zero.
    let mode = entry.external_attributes() >> 16;
    let expected = if entry.is_dir() { 0o040_000 } else { 0o100_000 };
    if !matches!(mode & 0o170_000, 0) && mode & 0o170_000 != expected {
        return Err(WheelProblem::NotAFile(shown()));
    }
    if entry.is_dir() {
        return Ok(None);
    }
    let local = archive.get_entry(entry.wayfinder()).map_err(|error| broken(&error))?;
    if local.compressed_data_range().1 > archive.get_ref().size() {
        return Err(WheelProblem::Archive("it is cut off".into()));
    }
    let header = local.local_header(buffer).map_err(|error| broken(&error))?;
    if header.file_path().as_bytes() != raw.as_bytes() {
        // Two parsers would see two different files.
        return Err(WheelProblem::UnsafeName(shown()));
    }
    Ok(Some(Member {
        place: Place::Site,
        path: path.to_owned(),
        mtime: seconds(entry),
        is_executable: mode & 0o111 != 0,
        size: entry.uncompressed_size_hint(),
        method: entry.compression_method(),
        is_encrypted: header.flags().is_encrypted(),
        position: entry.wayfinder(),
    }))
}

fn broken(error: &rawzip::Error) -> WheelProblem {
    WheelProblem::Archive(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::first_room;

    #[test]
    fn a_promise_reserves_no_memory() {
        assert_eq!(first_room(256 << 20, 1000), 8000);
        assert_eq!(first_room(u64::MAX, u64::MAX), usize::MAX);
        assert_eq!(first_room(3000, 1000), 3000);
        assert_eq!(first_room(0, 0), 1);
    }
}
