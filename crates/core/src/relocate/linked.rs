//! What a compiled file is linked to: read from its headers, never by running it.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::elf::is_elf;

/// What one compiled file says.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The libraries that it names.
    pub(crate) needed: Vec<String>,
    /// The newest glibc whose symbols it uses.
    pub(crate) glibc: Option<u32>,
}

/// More than the table of names of any library.
const MAX_NAMES: u64 = 64 << 20;
/// More than the other tables.
const MAX_TABLE: u64 = 1 << 20;
/// How much of a file is searched at once.
const PIECE: u64 = 1 << 20;
/// More than the name of any version.
const KEPT: usize = 32;
const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const PT_INTERP: u64 = 3;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_STRSZ: u64 = 10;

/// Reads the headers of a compiled file; none if it is something else.
pub(crate) fn facts(file: &File) -> Option<Facts> {
    let elf = Elf::open(file)?;
    let segments = elf.segments()?;
    let Some(&(_, offset, _, size)) = segments.iter().find(|(kind, ..)| *kind == PT_DYNAMIC) else {
        return Some(Facts::default());
    };
    let dynamic = elf.pairs(offset, size)?;
    let value = |tag| dynamic.iter().find(|(own, _)| *own == tag).map(|&(_, value)| value);
    let (address, size) = (value(DT_STRTAB)?, value(DT_STRSZ)?);
    let &(_, offset, start, _) = segments
        .iter()
        .find(|(kind, _, start, size)| *kind == PT_LOAD && (*start..start.saturating_add(*size)).contains(&address))?;
    let names = elf.read(offset.checked_add(address - start)?, size, MAX_NAMES)?;
    let name_at = |at: u64| {
        let rest = names.get(usize::try_from(at).ok()?..)?;
        Some(String::from_utf8_lossy(rest.split(|&byte| byte == 0).next()?).into_owned())
    };
    let needed = dynamic.iter().filter(|(tag, _)| *tag == DT_NEEDED).filter_map(|&(_, at)| name_at(at)).collect();
    Some(Facts { needed, glibc: newest_glibc(&names) })
}

/// Returns the newest version of glibc that a text names: the N of `GLIBC_2.N`.
pub(crate) fn newest_glibc(text: &[u8]) -> Option<u32> {
    const MARK: &[u8] = b"GLIBC_2.";
    let version = |at: usize| {
        let digits: Vec<u8> = text[at + MARK.len()..].iter().copied().take_while(u8::is_ascii_digit).collect();
        std::str::from_utf8(&digits).ok()?.parse().ok()
    };
    memchr::memmem::find_iter(text, MARK).filter_map(version).max()
}

/// Returns the newest version of glibc that a compiled file names, which may be larger than memory; none for another file,
/// of which only the beginning is read.
pub(crate) fn newest_glibc_in(mut input: impl Read) -> io::Result<Option<u32>> {
    let mut piece = Vec::new();
    input.by_ref().take(PIECE).read_to_end(&mut piece)?;
    if !is_elf(&piece) {
        return Ok(None);
    }
    let mut newest = newest_glibc(&piece);
    loop {
        // What is cut at the end of one piece is whole at the beginning of the next.
        piece.drain(..piece.len().saturating_sub(KEPT));
        if input.by_ref().take(PIECE).read_to_end(&mut piece)? == 0 {
            return Ok(newest);
        }
        newest = newest.max(newest_glibc(&piece));
    }
}

/// A C library of Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    /// That of GNU: the N of version 2.N.
    Glibc(u32),
    /// That of Alpine.
    Musl,
}

/// Returns the C library that a program is started with; none for another one and for a static program.
pub(crate) fn library_of(program: &Path) -> Option<Library> {
    let loader = loader_of(&File::open(program).ok()?)?;
    let name = loader.file_name()?.to_str()?;
    if name.starts_with("ld-musl") {
        return Some(Library::Musl);
    }
    let directory = loader.canonicalize().ok().filter(|_| name.starts_with("ld-linux"))?;
    let library = crate::fs::read_limited(&directory.parent()?.join("libc.so.6"), MAX_NAMES).ok()?;
    newest_glibc(&library).map(Library::Glibc)
}

/// Returns the version of glibc of this machine, by the library that a program is started with.
pub(crate) fn glibc_of(program: &Path) -> Option<u32> {
    match library_of(program)? {
        Library::Glibc(version) => Some(version),
        Library::Musl => None,
    }
}

/// Returns the path of the loader that a program names.
fn loader_of(program: &File) -> Option<PathBuf> {
    let elf = Elf::open(program)?;
    let &(_, offset, _, size) = elf.segments()?.iter().find(|(kind, ..)| *kind == PT_INTERP)?;
    let name = elf.read(offset, size, MAX_TABLE)?;
    Some(PathBuf::from(std::str::from_utf8(name.split(|&byte| byte == 0).next()?).ok()?))
}

struct Elf<'a> {
    file: &'a File,
    head: [u8; 64],
    is_64: bool,
}

impl<'a> Elf<'a> {
    fn open(file: &'a File) -> Option<Self> {
        let mut head = [0; 64];
        file.read_exact_at(&mut head, 0).ok()?;
        // Little-endian, of 64 or 32 bits.
        let is_64 = match head {
            [0x7f, b'E', b'L', b'F', 2, 1, ..] => true,
            [0x7f, b'E', b'L', b'F', 1, 1, ..] => false,
            _ => return None,
        };
        Some(Self { file, head, is_64 })
    }

    fn read(&self, at: u64, size: u64, limit: u64) -> Option<Vec<u8>> {
        let size = usize::try_from(size.min(limit)).ok()?;
        let mut content = vec![0; size];
        self.file.read_exact_at(&mut content, at).ok()?;
        Some(content)
    }

    /// Kind, offset, address and size in the file of each segment.
    fn segments(&self) -> Option<Vec<(u64, u64, u64, u64)>> {
        let head = |wide, narrow| number(&self.head, if self.is_64 { wide } else { narrow });
        let (at, size, count) = (head((32, 8), (28, 4))?, head((54, 2), (42, 2))?, head((56, 2), (44, 2))?);
        let table = self.read(at, size.checked_mul(count)?, MAX_TABLE)?;
        let of = |row: &[u8]| {
            let field = |wide, narrow| number(row, if self.is_64 { wide } else { narrow });
            Some((number(row, (0, 4))?, field((8, 8), (4, 4))?, field((16, 8), (8, 4))?, field((32, 8), (16, 4))?))
        };
        table.chunks_exact(usize::try_from(size.max(1)).ok()?).map(of).collect()
    }

    /// The rows of the dynamic section.
    fn pairs(&self, at: u64, size: u64) -> Option<Vec<(u64, u64)>> {
        let width = if self.is_64 { 8 } else { 4 };
        let table = self.read(at, size, MAX_TABLE)?;
        table
            .chunks_exact(2 * width)
            .map(|row| Some((number(row, (0, width))?, number(row, (width, width))?)))
            .collect()
    }
}

/// The number at a place with a width in bytes.
fn number(bytes: &[u8], (at, width): (usize, usize)) -> Option<u64> {
    let field = bytes.get(at..at + width)?;
    Some(field.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn this_program_and_its_machine_agree() {
        let program = std::env::current_exe().unwrap();
        let facts = facts(&File::open(&program).unwrap()).unwrap();
        let here = glibc_of(&program);
        assert!(facts.glibc <= here, "{:?} {here:?}", facts.glibc);
        assert_eq!(facts.glibc.is_some(), here.is_some());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_size_of_a_program_does_not_matter() {
        let program = std::env::current_exe().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large");
        std::fs::copy(&program, &large).unwrap();
        File::options().write(true).open(&large).unwrap().set_len(MAX_NAMES + (1 << 30)).unwrap();
        assert_eq!(glibc_of(&large), glibc_of(&program));
        assert_eq!(glibc_of(folder.path()), None);
    }

    #[test]
    fn the_libraries_that_it_needs_are_named() {
        let file = |content: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            std::io::Write::write_all(&mut file, content).unwrap();
            facts(&file)
        };
        let content = super::super::elf::library_that_needs(&["libpq.so.5", "libc.so.6"]);
        assert_eq!(file(&content).unwrap().needed, ["libpq.so.5", "libc.so.6"]);
        assert!(file(b"text").is_none());
        crate::mutation::check_mutations(&[content], |input| drop(file(input)));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(newest_glibc(b"\0GLIBC_2.4\0GLIBC_2.17\0GLIBC_2.3.4\0GLIBC_PRIVATE\0"), Some(17));
        assert_eq!(newest_glibc(b"nothing"), None);
    }

    #[test]
    fn a_version_is_found_wherever_a_piece_ends() {
        let file = |begin: &[u8], at: usize| {
            let mut content = begin.to_vec();
            content.resize(at, 0);
            newest_glibc_in([&content[..], b"GLIBC_2.34", &[0; 9]].concat().as_slice()).unwrap()
        };
        let end = usize::try_from(PIECE).unwrap();
        for at in [4, 100, end - 12, end - 9, end - 1, end, 2 * end - 9, 3 * end + 5] {
            assert_eq!(file(b"\x7fELF", at), Some(34), "{at}");
            assert_eq!(file(b"text", at), None, "{at}");
        }
    }
}
