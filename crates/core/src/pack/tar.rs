//! Writing tar, in GNU's form: every reader knows it, and names in it are bytes.

use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::entry::{Entry, Kind, Sink};

/// The unit of the format.
pub(super) const BLOCK: usize = 512;
/// How long a name in a header can be.
const NAME: usize = 100;
/// The largest number of eleven octal digits.
const MAX_OCTAL: u64 = 0o777_7777_7777;

/// A tar archive under way.
pub(crate) struct Tar<W> {
    output: W,
    /// What comes before every path.
    prefix: Vec<u8>,
}

impl<W: Write> Tar<W> {
    /// Begins an archive whose paths all begin with a prefix, which may be empty.
    pub(crate) fn new(output: W, prefix: &str) -> Self {
        Self { output, prefix: prefix.as_bytes().to_vec() }
    }

    fn name(&self, path: &Path, is_directory: bool) -> Vec<u8> {
        // The directory of the prefix itself has no other name.
        let end: &[u8] = if is_directory && !path.as_os_str().is_empty() { b"/" } else { b"" };
        [&self.prefix, path.as_os_str().as_bytes(), end].concat()
    }

    /// A name that the header cannot hold comes first, as an entry of its own.
    fn long(&mut self, kind: u8, name: &[u8]) -> io::Result<()> {
        if name.len() <= NAME {
            return Ok(());
        }
        let size = name.len() as u64 + 1;
        self.output.write_all(&header(b"././@LongLink", b"", kind, 0o644, size, 0))?;
        self.output.write_all(name)?;
        self.output.write_all(&[0])?;
        self.pad(size)
    }

    fn pad(&mut self, size: u64) -> io::Result<()> {
        let rest = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        if rest == 0 { Ok(()) } else { self.output.write_all(&[0; BLOCK][rest..]) }
    }
}

impl<W: Write> Sink for Tar<W> {
    fn add(&mut self, entry: &Entry, content: &mut dyn Read) -> io::Result<()> {
        let (kind, size, target) = match &entry.kind {
            Kind::Directory => (b'5', 0, None),
            Kind::File(size) => (b'0', *size, None),
            Kind::Link(target) => (b'2', 0, Some(target.as_os_str().as_bytes())),
        };
        let name = self.name(&entry.path, entry.kind == Kind::Directory);
        let target = target.unwrap_or_default();
        self.long(b'K', target)?;
        self.long(b'L', &name)?;
        self.output.write_all(&header(&name, target, kind, entry.mode, size, entry.mtime))?;
        if size > 0 {
            let copied = io::copy(&mut content.take(size), &mut self.output)?;
            if copied != size {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter while it was read"));
            }
            self.pad(size)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.output.write_all(&[0; 2 * BLOCK])?;
        self.output.flush()
    }
}

pub(super) fn header(name: &[u8], target: &[u8], kind: u8, mode: u32, size: u64, mtime: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, value: &[u8]| block[at..at + value.len()].copy_from_slice(value);
    put(0, &name[..name.len().min(NAME)]);
    put(100, &octal::<7>(u64::from(mode & 0o7777)));
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, &number(size));
    put(136, &number(mtime));
    put(148, b"        ");
    put(156, &[kind]);
    put(157, &target[..target.len().min(NAME)]);
    put(257, b"ustar  \0");
    put(265, b"root");
    put(297, b"root");
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..154].copy_from_slice(&octal::<6>(u64::from(sum)));
    block[154] = 0;
    block
}

/// The last digits of a number. Formatting it would take most of the time of a header.
fn octal<const DIGITS: usize>(value: u64) -> [u8; DIGITS] {
    let mut rest = value;
    let mut digits = [0; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest & 7).to_le_bytes()[0];
        rest >>= 3;
    }
    digits
}

/// Octal digits, or where they are too few the number itself, marked by the highest bit.
fn number(value: u64) -> [u8; 12] {
    let mut field = [0; 12];
    if value <= MAX_OCTAL {
        field[..11].copy_from_slice(&octal::<11>(value));
    } else {
        field[0] = 0x80;
        field[4..].copy_from_slice(&value.to_be_bytes());
    }
    field
}
