//! Reading tar strictly: what two programs could understand in two ways is refused, and so is what leads out of the tree
//! that the archive is unpacked to.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::Ordering;

use super::comparison::Comparison;
use super::members::Unchecked;
use super::problem::{ArchiveProblem, SPARSE};
use super::safe_name::{MAX_PATH, safe_path, unsafe_name};
use super::tar::BLOCK;
use super::tar_extra::Extra;
use super::tar_fields::{name_in, number, padding, text_in};
use crate::fs::cost;

/// More than any environment has.
const MAX_ENTRIES: u64 = 1_000_000;
/// What names may take on a disk besides what contents may: those of a quarter of a million files.
const FREE_NAMES: u64 = 1 << 30;
/// More than the extra headers of one entry.
const MAX_EXTRA: u64 = 1 << 20;

/// Something in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Where it is: relative, without `..`.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) kind: MemberKind,
    /// Its permission bits.
    pub(crate) mode: u32,
    /// When it was last changed, in seconds since 1970.
    pub(crate) mtime: u64,
}

/// What something in an archive is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// A directory.
    Directory,
    /// A file of this size.
    File(u64),
    /// A symlink with its target as it is written.
    Link(PathBuf),
    /// Another name of a file that came before.
    HardLink(PathBuf),
}

/// A tar archive that is read from the beginning to the end.
pub(crate) struct Untar<R> {
    input: R,
    /// How much of the content of the last member has not been read, and how much follows it up to the next header.
    rest: u64,
    padding: u64,
    entries: u64,
    unpacked: u64,
    most: u64,
    /// What all names take on a disk, and the last of them.
    names: u64,
    last: PathBuf,
    /// Whether it may hold what a system has and an environment has not.
    is_of_system: bool,
    /// Whether it is not compressed: what is longer than the file is not there.
    is_plain: bool,
    unchecked: Unchecked,
    /// What compares files with the hashes in lists, while nothing else would find changed bytes.
    comparison: Option<Box<Comparison>>,
}

impl<R: Read> Untar<R> {
    /// Begins to read an archive that may unpack to `most` bytes.
    pub(crate) fn new(input: R, most: u64) -> Self {
        Self {
            input,
            rest: 0,
            padding: 0,
            entries: 0,
            unpacked: 0,
            most,
            names: 0,
            last: PathBuf::new(),
            is_of_system: false,
            is_plain: false,
            unchecked: Unchecked::default(),
            comparison: None,
        }
    }

    /// The same for what is decompressed by somebody who notes whether a part had no checksum.
    pub(super) fn noting(input: R, most: u64, unchecked: Unchecked) -> Self {
        Self { unchecked, ..Self::new(input, most) }
    }

    /// Begins to read an archive that is not compressed, from a file of this size.
    pub(crate) fn plain(input: R, size: u64) -> Self {
        Self { is_plain: true, ..Self::new(input, size) }
    }

    /// Begins to read a layer of an image. It may hold devices and pipes, which are passed over, absolute names, and any
    /// name that a file can have, and it may end without an end: it is only looked at, and by others unpacked.
    pub(crate) fn of_system(input: R, most: u64) -> Self {
        Self { is_of_system: true, ..Self::new(input, most) }
    }

    /// Returns the next member; none at the end, when everything after it has been read, too.
    pub(crate) fn next(&mut self) -> Result<Option<Member>, ArchiveProblem> {
        self.skip()?;
        let mut extra = Extra::default();
        loop {
            let Some(header) = self.header()? else {
                self.end()?;
                return Ok(None);
            };
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(ArchiveProblem::TooLarge("more than a million files"));
            }
            let size = number(&header[124..136])?;
            match header[156] {
                b'L' => extra.name(self.text(size)?)?,
                b'K' => extra.target(self.text(size)?)?,
                b'x' => extra.read(&self.extra(size)?)?,
                b'g' => self.for_all(size)?,
                // The name of the archive itself, as GNU tar writes it.
                b'V' if size == 0 => {}
                b'S' => return Err(SPARSE),
                b'M' => return Err(ArchiveProblem::Unread("parts of files that begin in another volume")),
                b'3' | b'4' | b'6' if self.is_of_system => extra = Extra::default(),
                kind => return self.member(&header, kind, size, extra).map(Some),
            }
        }
    }

    /// Lets it unpack to more: to what its list says, which the disk must have room for.
    pub(crate) fn allow(&mut self, files: u64, bytes: u64) {
        // What describes a file takes two or three blocks.
        let more = bytes.saturating_add(files.saturating_mul(4 * BLOCK as u64));
        self.most = self.most.saturating_add(more);
    }

    /// Returns whether changed bytes would be found, as far as it has been read.
    pub(super) fn has_checksum(&self) -> bool {
        !self.is_plain && !self.is_unchecked()
    }

    /// Returns whether it was decompressed, and changed bytes would not have been found.
    pub(super) fn is_unchecked(&self) -> bool {
        self.unchecked.load(Ordering::Relaxed)
    }

    /// Lets the files of packages be compared with their hashes as far as no checksum finds changed bytes.
    pub(super) fn compare(&mut self) {
        self.comparison = Some(Box::default());
    }

    /// What was compared.
    pub(super) fn comparison(&mut self) -> Comparison {
        self.comparison.take().map(|comparison| *comparison).unwrap_or_default()
    }

    /// What it is read from.
    pub(crate) fn input(&self) -> &R {
        &self.input
    }

    /// The content of the last member, as far as it has not been read.
    pub(crate) fn content(&mut self) -> Content<'_, R> {
        Content(self)
    }

    fn member(&mut self, header: &[u8], kind: u8, size: u64, extra: Extra) -> Result<Member, ArchiveProblem> {
        let name = extra.path.unwrap_or_else(|| name_in(header));
        let path = self.path(&name)?;
        if !self.is_of_system {
            self.names = self.names.saturating_add(cost::of_names(&self.last, &path));
            self.last.clone_from(&path);
            if self.names > self.most.saturating_add(FREE_NAMES) {
                return Err(ArchiveProblem::TooLarge("far more directories than its size makes likely"));
            }
        }
        let target = extra.target.unwrap_or_else(|| text_in(&header[157..257]).to_vec());
        // The directory of an incremental archive has a list of its files, which need not all be there.
        let is_listed = kind == b'D';
        let is_directory = kind == b'5' || is_listed || (matches!(kind, b'0' | 0 | b'7') && name.ends_with(b"/"));
        if extra.size.is_some_and(|other| other != size && size != 0) {
            return Err(unsafe_name(&name, "has two sizes"));
        }
        let size = extra.size.unwrap_or(size);
        let kind = match kind {
            _ if is_directory => MemberKind::Directory,
            b'0' | 0 | b'7' => MemberKind::File(size),
            b'1' => MemberKind::HardLink(self.path(&target)?),
            b'2' => MemberKind::Link(Path::new(OsStr::from_bytes(&target)).to_path_buf()),
            b'3' | b'4' => return Err(unsafe_name(&name, "is a device")),
            b'6' => return Err(unsafe_name(&name, "is a pipe")),
            _ => return Err(unsafe_name(&name, "is of a kind that environments do not have")),
        };
        if matches!(kind, MemberKind::File(_)) || is_listed {
            self.rest = size;
            self.padding = padding(size);
            self.count(size)?;
        } else if size != 0 && !matches!(kind, MemberKind::HardLink(_)) {
            return Err(unsafe_name(&name, "has content, which its kind has not"));
        }
        let mode = u32::try_from(number(&header[100..108])? & 0o7777).unwrap_or(0);
        let mtime = extra.mtime.unwrap_or_else(|| number(&header[136..148]).unwrap_or(0));
        let member = Member { path, kind, mode, mtime };
        if !self.has_checksum()
            && let Some(comparison) = &mut self.comparison
        {
            match &member.kind {
                MemberKind::File(size) => comparison.begin(&member.path, *size),
                MemberKind::HardLink(first) => comparison.link(&member.path, first),
                MemberKind::Directory | MemberKind::Link(_) => {}
            }
        }
        Ok(member)
    }

    fn path(&self, name: &[u8]) -> Result<PathBuf, ArchiveProblem> {
        if !self.is_of_system {
            return safe_path(name);
        }
        let above = |part: &Component<'_>| *part == Component::ParentDir;
        let path = Path::new(OsStr::from_bytes(name));
        if name.len() > MAX_PATH || path.components().any(|part| above(&part)) {
            return Err(unsafe_name(name, "leads out of the archive"));
        }
        Ok(path.components().filter(|part| matches!(part, Component::Normal(_))).collect())
    }

    /// Names count too: those of a million files are more than their contents may be.
    fn count(&mut self, bytes: u64) -> Result<(), ArchiveProblem> {
        self.unpacked = self.unpacked.saturating_add(bytes);
        if self.unpacked > self.most && self.is_plain {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        if self.unpacked > self.most {
            return Err(ArchiveProblem::TooLarge("far more than its size makes likely"));
        }
        Ok(())
    }

    /// The next header with a right checksum; none where the end is marked.
    fn header(&mut self) -> Result<Option<[u8; BLOCK]>, ArchiveProblem> {
        let mut block = [0; BLOCK];
        let length = self.input.read(&mut block)?;
        if length == 0 && self.is_of_system {
            return Ok(None);
        }
        self.input.read_exact(&mut block[length..])?;
        self.count(BLOCK as u64)?;
        if block.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(at, &byte)| u64::from(if (148..156).contains(&at) { b' ' } else { byte }))
            .sum();
        if number(&block[148..156])? != sum {
            return Err(ArchiveProblem::Damaged("a header has a wrong checksum".into()));
        }
        Ok(Some(block))
    }

    /// After the first empty block nothing may follow but others: another reader might go on there.
    fn end(&mut self) -> Result<(), ArchiveProblem> {
        let mut buffer = [0; 4096];
        loop {
            let count = self.input.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            // Nothing shrinks as well as nothing at all.
            self.count(count as u64)?;
            if buffer[..count].iter().any(|&byte| byte != 0) {
                return Err(ArchiveProblem::Damaged("something follows its end".into()));
            }
        }
    }

    fn skip(&mut self) -> io::Result<()> {
        if let Some(comparison) = self.comparison.as_mut().filter(|comparison| comparison.is_reading()) {
            // The rest of the content counts as well.
            let mut rest = Read::by_ref(&mut self.input).take(self.rest);
            let mut buffer = [0; 8192];
            while self.rest > 0 {
                let count = rest.read(&mut buffer)?;
                if count == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                comparison.take(&buffer[..count]);
                self.rest -= count as u64;
            }
            comparison.end();
        }
        let whole = self.rest + self.padding;
        // umoci does not fill the last block.
        let least = if self.is_of_system { self.rest } else { whole };
        (self.rest, self.padding) = (0, 0);
        let skipped = io::copy(&mut Read::by_ref(&mut self.input).take(whole), &mut io::sink())?;
        if skipped >= least { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn extra(&mut self, size: u64) -> Result<Vec<u8>, ArchiveProblem> {
        if size > MAX_EXTRA {
            return Err(ArchiveProblem::Damaged("a header is too large".into()));
        }
        self.count(size)?;
        let mut content = vec![0; usize::try_from(size + padding(size)).unwrap_or(0)];
        self.input.read_exact(&mut content)?;
        content.truncate(usize::try_from(size).unwrap_or(0));
        Ok(content)
    }

    fn text(&mut self, size: u64) -> Result<Vec<u8>, ArchiveProblem> {
        Ok(text_in(&self.extra(size)?).to_vec())
    }

    /// What is said about all members that follow may be a comment, but neither a name nor a size: some programs give it
    /// to each of them, and others to none.
    fn for_all(&mut self, size: u64) -> Result<(), ArchiveProblem> {
        let mut extra = Extra::default();
        extra.read(&self.extra(size)?)?;
        if extra.path.is_some() || extra.target.is_some() || extra.size.is_some() {
            return Err(ArchiveProblem::Damaged("all its members have one name or size".into()));
        }
        Ok(())
    }
}

/// The content of a member.
pub(crate) struct Content<'a, R>(&'a mut Untar<R>);

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.rest == 0 || buffer.is_empty() {
            return Ok(0);
        }
        let most = usize::try_from(self.0.rest).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.0.input.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.rest -= count as u64;
        if let Some(comparison) = &mut self.0.comparison {
            comparison.take(&buffer[..count]);
        }
        Ok(count)
    }
}
