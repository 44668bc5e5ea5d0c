//! Writing cpio, in the form that rpm reads, and noting what was written.

use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::entry::{Entry, Kind, Sink};
use crate::fs::hex::hex;

/// Something in the archive.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    /// Its path from the root, without the slash.
    pub(super) path: PathBuf,
    /// Its kind and permissions.
    pub(super) mode: u16,
    /// Its size; of a link the length of its target.
    pub(super) size: u64,
    /// The hash of a file; of others nothing.
    pub(super) digest: String,
    /// The target of a link.
    pub(super) target: PathBuf,
    /// Its number.
    pub(super) inode: u32,
}

/// An archive under way.
pub(super) struct Cpio<W> {
    output: W,
    /// For what is copied: most files are small, and a new one would be cleared for each.
    buffer: Vec<u8>,
    /// What was written.
    pub(super) files: Vec<Packed>,
    /// The number of bytes.
    pub(super) size: u64,
}

impl<W: Write> Cpio<W> {
    pub(super) fn new(output: W) -> Self {
        Self { output, buffer: vec![0; 64 << 10], files: Vec::new(), size: 0 }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        self.output.write_all(bytes)
    }

    fn pad(&mut self) -> io::Result<()> {
        let rest = usize::try_from(self.size % 4).unwrap_or(0);
        if rest == 0 { Ok(()) } else { self.put(&[0; 4][rest..]) }
    }

    fn header(&mut self, inode: u32, mode: u32, links: u32, mtime: u64, size: u64, name: &[u8]) -> io::Result<()> {
        let small = |number: u64| u32::try_from(number).map_err(|_| io::Error::other("too large for rpm"));
        let length = small(name.len() as u64 + 1)?;
        let fields = [inode, mode, 0, 0, links, small(mtime)?, small(size)?, 0, 0, 0, 0, length, 0];
        self.put(b"070701")?;
        for number in fields {
            self.put(format!("{number:08x}").as_bytes())?;
        }
        self.put(name)?;
        self.put(&[0])?;
        self.pad()
    }
}

impl<W: Write> Sink for Cpio<W> {
    fn add(&mut self, entry: &Entry, content: &mut dyn Read) -> io::Result<()> {
        let (kind, size, target) = match &entry.kind {
            Kind::Directory => (0o040_000, 0, PathBuf::new()),
            Kind::File(size) => (0o100_000, *size, PathBuf::new()),
            Kind::Link(target) => (0o120_000, target.as_os_str().len() as u64, target.clone()),
        };
        let mode = kind | entry.mode;
        let inode = u32::try_from(self.files.len() + 1).map_err(io::Error::other)?;
        let name = [b"./", entry.path.as_os_str().as_bytes()].concat();
        let links = if entry.kind == Kind::Directory { 2 } else { 1 };
        self.header(inode, mode, links, entry.mtime, size, &name)?;
        let mut hash = Sha256::new();
        match &entry.kind {
            Kind::Directory => {}
            Kind::Link(target) => self.put(target.as_os_str().as_bytes())?,
            Kind::File(size) => {
                let mut buffer = std::mem::take(&mut self.buffer);
                let mut content = content.take(*size);
                let mut copied = 0;
                loop {
                    let count = content.read(&mut buffer)?;
                    if count == 0 {
                        break;
                    }
                    hash.update(&buffer[..count]);
                    self.put(&buffer[..count])?;
                    copied += count as u64;
                }
                self.buffer = buffer;
                if copied != *size {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        }
        self.pad()?;
        let digest = if matches!(entry.kind, Kind::File(_)) { hex(&hash.finalize()) } else { String::new() };
        // A directory has the size of a block, which rpm does not verify.
        let size = if entry.kind == Kind::Directory { 4096 } else { size };
        let mode = u16::try_from(mode).unwrap_or(0);
        self.files.push(Packed { path: entry.path.clone(), mode, size, digest, target, inode });
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.header(0, 0, 1, 0, 0, b"TRAILER!!!")?;
        self.output.flush()
    }
}
