//! The search path of a compiled extension: where it names the environment, it becomes relative to the file itself.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::links::relative;
use super::mapping::{Mapping, absolute_path};

const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;
/// Entries of the dynamic section whose value is a place in the string table.
const NAMES: [u64; 3] = [DT_NEEDED, 14, 0x7fff_fffd];

/// Returns the file with the parts of its search path that are in the environment made relative to `directory`, where
/// the file is in the copy; none when there is nothing to change, or it cannot be changed without moving other things.
pub(crate) fn relocated(content: &[u8], directory: &Path, mapping: &Mapping) -> Option<Vec<u8>> {
    let elf = Elf::parse(content)?;
    let mut result = None;
    for &(tag, value) in elf.dynamic.iter().filter(|(tag, _)| matches!(*tag, DT_RPATH | DT_RUNPATH)) {
        let start = elf.strings.checked_add(usize::try_from(value).ok()?)?;
        let length = content.get(start..)?.iter().position(|&byte| byte == 0)?;
        let old = &content[start..start + length];
        let Some(new) = relative_search_path(old, directory, mapping) else { continue };
        if new.len() > length || elf.is_shared(tag, value, length) {
            return None;
        }
        let bytes: &mut Vec<u8> = result.get_or_insert_with(|| content.to_vec());
        bytes[start..start + length].fill(0);
        bytes[start..start + new.len()].copy_from_slice(&new);
    }
    result
}

/// Returns the file with another search path; none if it has none, or one that is too short or shared.
pub(crate) fn with_search_path(content: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let elf = Elf::parse(content)?;
    let mut result = None;
    for &(tag, value) in elf.dynamic.iter().filter(|(tag, _)| matches!(*tag, DT_RPATH | DT_RUNPATH)) {
        let start = elf.strings.checked_add(usize::try_from(value).ok()?)?;
        let length = content.get(start..)?.iter().position(|&byte| byte == 0)?;
        if new.len() > length || elf.is_shared(tag, value, length) {
            return None;
        }
        let bytes: &mut Vec<u8> = result.get_or_insert_with(|| content.to_vec());
        bytes[start..start + length].fill(0);
        bytes[start..start + new.len()].copy_from_slice(new);
    }
    result
}

/// Returns whether this is a compiled program or library of Linux.
pub(crate) fn is_elf(content: &[u8]) -> bool {
    content.starts_with(b"\x7fELF")
}

/// The new search path; none when no part of the old one is in the environment.
fn relative_search_path(old: &[u8], directory: &Path, mapping: &Mapping) -> Option<Vec<u8>> {
    let mut has_changed = false;
    let parts: Vec<Vec<u8>> = old
        .split(|&byte| byte == b':')
        .map(|part| match absolute_path(part).and_then(|path| mapping.path(path)) {
            Some(path) => {
                has_changed = true;
                [b"$ORIGIN/", relative(directory, &path).as_os_str().as_bytes()].concat()
            }
            None => part.to_vec(),
        })
        .collect();
    has_changed.then(|| parts.join(&b':'))
}

/// What is needed of the file, all in little-endian order.
struct Elf<'a> {
    content: &'a [u8],
    is_64: bool,
    dynamic: Vec<(u64, u64)>,
    /// Where the dynamic strings are in the file.
    strings: usize,
    /// Where the dynamic symbols are in the file.
    symbols: usize,
}

impl<'a> Elf<'a> {
    fn parse(content: &'a [u8]) -> Option<Self> {
        let is_64 = match content.get(4..6)? {
            [2, 1] => true,
            [1, 1] => false,
            _ => return None,
        };
        let mut elf = Self { content, is_64, dynamic: Vec::new(), strings: 0, symbols: 0 };
        let segments = elf.segments()?;
        let &(_, offset, _, size) = segments.iter().find(|(kind, ..)| *kind == PT_DYNAMIC)?;
        elf.dynamic = elf.dynamic(offset, size);
        let place = |tag| {
            let address = elf.dynamic.iter().find(|(own, _)| *own == tag)?.1;
            let &(_, offset, start, _) = segments.iter().find(|(kind, _, start, size)| {
                *kind == PT_LOAD && (*start..start.saturating_add(*size)).contains(&address)
            })?;
            usize::try_from(offset.checked_add(address - start)?).ok()
        };
        let (strings, symbols) = (place(DT_STRTAB)?, place(DT_SYMTAB)?);
        (elf.strings, elf.symbols) = (strings, symbols);
        Some(elf)
    }

    /// Kind, offset in the file, address and size of every segment.
    fn segments(&self) -> Option<Vec<(u64, u64, u64, u64)>> {
        let (table, size, count) = if self.is_64 {
            (self.number(32, 8)?, self.number(54, 2)?, self.number(56, 2)?)
        } else {
            (self.number(28, 4)?, self.number(42, 2)?, self.number(44, 2)?)
        };
        (0..count)
            .map(|index| {
                let at = usize::try_from(table.checked_add(index * size)?).ok()?;
                let field = |wide: usize, narrow: usize| {
                    let (offset, width) = if self.is_64 { (wide, 8) } else { (narrow, 4) };
                    self.number(at.checked_add(offset)?, width)
                };
                Some((self.number(at, 4)?, field(8, 4)?, field(16, 8)?, field(32, 16)?))
            })
            .collect()
    }

    fn dynamic(&self, offset: u64, size: u64) -> Vec<(u64, u64)> {
        let width = self.word();
        let entry = |index: usize| {
            let at = usize::try_from(offset).ok()?.checked_add(index.checked_mul(2 * width)?)?;
            Some((self.number(at, width)?, self.number(at.checked_add(width)?, width)?))
        };
        let count = usize::try_from(size).unwrap_or(0) / (2 * width);
        (0..count).map_while(entry).take_while(|(tag, _)| *tag != 0).collect()
    }

    /// Returns whether something else may be using a part of a string: linkers store a name that another one ends with
    /// only once.
    fn is_shared(&self, tag: u64, value: u64, length: usize) -> bool {
        let inside = value..=value + length as u64;
        let is_name = |own: u64| NAMES.contains(&own) || matches!(own, DT_RPATH | DT_RUNPATH);
        let other_entry =
            self.dynamic.iter().any(|&(own, place)| own != tag && is_name(own) && inside.contains(&place));
        // The table of symbols does not record its size. Linkers put it right before the strings.
        let size = if self.is_64 { 24 } else { 16 };
        let names = (self.symbols..self.strings).step_by(size);
        other_entry
            || self.symbols >= self.strings
            || names.filter_map(|at| self.number(at, 4)).any(|place| place != 0 && inside.contains(&place))
    }

    fn word(&self) -> usize {
        if self.is_64 { 8 } else { 4 }
    }

    fn number(&self, at: usize, width: usize) -> Option<u64> {
        let bytes = self.content.get(at..at.checked_add(width)?)?;
        Some(bytes.iter().rev().fold(0, |number, &byte| (number << 8) | u64::from(byte)))
    }
}

/// A 64-bit library that is linked to others: the strings come last, after one segment, the dynamic section and a symbol.
#[cfg(test)]
pub(crate) fn library_that_needs(names: &[&str]) -> Vec<u8> {
    let mut strings = vec![0];
    let mut entries = Vec::new();
    for name in names {
        entries.push((DT_NEEDED, strings.len() as u64));
        strings.extend(name.as_bytes());
        strings.push(0);
    }
    tests::library_of(&entries, 0, &strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DT_STRSZ: u64 = 10;

    /// A 64-bit library: one segment that is loaded, a dynamic section, one symbol, and strings at the end.
    fn library(search_path: &str, symbol_name: u32) -> Vec<u8> {
        let strings = ["\0", search_path, "\0name\0"].concat();
        library_of(&[(DT_RUNPATH, 1)], symbol_name, strings.as_bytes())
    }

    /// The same with these entries of the dynamic section.
    pub(super) fn library_of(entries: &[(u64, u64)], symbol_name: u32, names: &[u8]) -> Vec<u8> {
        let size = 16 * (entries.len() as u64 + 4);
        let dynamic = 64 + 2 * 56;
        let (symbols, strings) = (dynamic + size, dynamic + size + 24);
        let mut file = b"\x7fELF\x02\x01".to_vec();
        file.resize(64, 0);
        file[32..40].copy_from_slice(&64_u64.to_le_bytes());
        file[54..56].copy_from_slice(&56_u16.to_le_bytes());
        file[56..58].copy_from_slice(&2_u16.to_le_bytes());
        let segment = |kind: u32, offset: u64, address: u64, size: u64| {
            let mut bytes = kind.to_le_bytes().to_vec();
            bytes.extend([0; 4]);
            bytes.extend([offset, address, address, size, size, 8].iter().flat_map(|number| number.to_le_bytes()));
            bytes
        };
        file.extend(segment(1, 0, 0x1000, 4096));
        file.extend(segment(2, dynamic, 0x1000 + dynamic, size));
        let (strings, length) = (0x1000 + strings, names.len() as u64);
        let tables = [(DT_STRTAB, strings), (DT_STRSZ, length), (DT_SYMTAB, 0x1000 + symbols)];
        for (tag, value) in tables.iter().chain(entries).chain(&[(0, 0)]) {
            file.extend([*tag, *value].iter().flat_map(|number: &u64| number.to_le_bytes()));
        }
        file.extend(symbol_name.to_le_bytes());
        file.extend([0; 20]);
        file.extend(names);
        file
    }

    fn relocate(search_path: &str, symbol_name: u32) -> Option<String> {
        let mapping = Mapping::new(&["/e/quite/long/old".into()], Path::new("/somewhere/new"));
        let content = library(search_path, symbol_name);
        let new = relocated(&content, Path::new("/somewhere/new/lib/site/pkg/sub"), &mapping)?;
        assert_eq!(new.len(), content.len());
        let start = content.len() - search_path.len() - 6;
        assert_eq!(&new[start + search_path.len()..], b"\0name\0");
        Some(String::from_utf8(new[start..start + search_path.len()].to_vec()).unwrap())
    }

    #[test]
    fn parts_in_the_environment_become_relative() {
        let new = relocate("/usr/lib:/e/quite/long/old/lib/a/long/enough/one:/e/quite/long/old-2", 0).unwrap();
        assert_eq!(new.trim_end_matches('\0'), "/usr/lib:$ORIGIN/../../../a/long/enough/one:/e/quite/long/old-2");
    }

    #[test]
    fn what_does_not_fit_or_is_shared_stays() {
        assert_eq!(relocate("/e/quite/long/old", 0), None, "longer than before");
        assert_eq!(relocate("/usr/lib:/usr/local/lib", 0), None, "nothing to do");
        assert!(relocate("/e/quite/long/old/lib/a/long/enough/one", 0).is_some());
        assert_eq!(relocate("/e/quite/long/old/lib/a/long/enough/one", 38), None, "a symbol is named `one`");
    }

    #[test]
    fn a_damaged_library_keeps_its_length() {
        let mapping = Mapping::new(&["/e/quite/long/old".into()], Path::new("/n"));
        let path = "/usr/lib:/e/quite/long/old/lib/a/long/enough/one";
        crate::mutation::check_mutations(&[library(path, 0), library(path, 38)], |input| {
            let new = relocated(input, Path::new("/n/lib/site"), &mapping);
            assert!(new.is_none_or(|new| new.len() == input.len()));
        });
    }

    #[test]
    fn damaged_files_are_left_alone() {
        let mapping = Mapping::new(&["/e/quite/long/old".into()], Path::new("/n"));
        let whole = library("/e/quite/long/old/lib/a/long/enough/one", 0);
        for end in 0..whole.len() - 6 {
            assert_eq!(relocated(&whole[..end], Path::new("/n"), &mapping), None, "{end}");
        }
    }
}
