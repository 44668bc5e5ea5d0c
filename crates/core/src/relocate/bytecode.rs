//! Paths inside compiled Python: strings of the marshal format, each preceded by its length.
//!
//! Every file that an installer compiles remembers where its source was, and finders of editable installs hold maps of
//! paths. A reference inside the format is the number of an object, not an offset: strings may grow and shrink.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use memchr::memmem;

use super::mapping::Mapping;
use crate::fs::order::Order as _;

/// Says that later objects may refer to this one.
const REFERENCE: u8 = 0x80;
/// What may follow a directory's path inside a string.
const SEPARATOR: u8 = b'/';

/// Returns the file with the new path in every string that begins with an old one, and nothing else changed; none when
/// there is no such string.
pub(crate) fn patched(content: &[u8], mapping: &Mapping) -> Option<Vec<u8>> {
    let mut strings: Vec<_> = mapping.old_paths().iter().flat_map(|old| strings(content, old)).collect();
    if strings.is_empty() {
        return None;
    }
    strings.order_by_key(|string| string.header);
    let mut result = Vec::with_capacity(content.len() + 64);
    let mut end = 0;
    for string in strings {
        if string.header < end {
            continue;
        }
        result.extend_from_slice(&content[end..string.header]);
        let tail = &content[string.start + string.old_length..string.end];
        write_string(&mut result, content[string.header], mapping.new_path(), tail);
        end = string.end;
    }
    result.extend_from_slice(&content[end..]);
    Some(result)
}

/// A string that begins with the old path.
struct MarshalString {
    /// Where its type code is.
    header: usize,
    /// Where its text begins.
    start: usize,
    /// Where its text ends.
    end: usize,
    /// How much of the text is the old path.
    old_length: usize,
}

fn strings<'a>(content: &'a [u8], old: &'a Path) -> impl Iterator<Item = MarshalString> + 'a {
    let old = old.as_os_str().as_bytes();
    memmem::find_iter(content, old).filter_map(move |start| {
        let (header, length) = header_before(content, start)?;
        let end = start.checked_add(length)?;
        let after = content.get(start..end)?.get(old.len()..)?;
        let is_whole = after.first().is_none_or(|&byte| byte == SEPARATOR);
        is_whole.then_some(MarshalString { header, start, end, old_length: old.len() })
    })
}

/// The place of the type code and the length of the text, when a string begins here.
///
/// The two forms cannot be mistaken for each other: what ends the long one is the highest byte of a length, and the
/// type code of the short one would make that a length of more than a gigabyte.
fn header_before(content: &[u8], start: usize) -> Option<(usize, usize)> {
    let short = start.checked_sub(2).filter(|&header| matches!(content[header] & !REFERENCE, b'z' | b'Z'));
    if let Some(header) = short {
        return Some((header, usize::from(content[header + 1])));
    }
    let header = start.checked_sub(5)?;
    let length = u32::from_le_bytes(content[header + 1..start].try_into().ok()?);
    matches!(content[header] & !REFERENCE, b'a' | b'A' | b'u' | b't' | b's')
        .then(|| Some((header, usize::try_from(length).ok()?)))
        .flatten()
}

/// Writes a string in the type of the old one, or in the nearest that can hold it.
fn write_string(result: &mut Vec<u8>, code: u8, new: &Path, tail: &[u8]) {
    let new = new.as_os_str().as_bytes();
    let length = new.len() + tail.len();
    let is_ascii = new.is_ascii();
    let kind = match code & !REFERENCE {
        // Interned strings stay interned.
        b'z' | b'a' if !is_ascii => b'u',
        b'Z' | b'A' if !is_ascii => b't',
        b'z' if length > 255 => b'a',
        b'Z' if length > 255 => b'A',
        kind => kind,
    };
    result.push(kind | (code & REFERENCE));
    if matches!(kind, b'z' | b'Z') {
        result.push(u8::try_from(length).unwrap_or(u8::MAX));
    } else {
        result.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    }
    result.extend_from_slice(new);
    result.extend_from_slice(tail);
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "/e/old";

    fn short(code: u8, text: &str) -> Vec<u8> {
        [&[code, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    }

    fn long(code: u8, text: &str) -> Vec<u8> {
        [&[code][..], &u32::try_from(text.len()).unwrap().to_le_bytes(), text.as_bytes()].concat()
    }

    fn patch(content: &[u8], new: &str) -> Option<Vec<u8>> {
        patched(content, &Mapping::new(&[OLD.into()], Path::new(new)))
    }

    #[test]
    fn every_kind_of_string_gets_the_new_path() {
        for code in [b'z', b'Z', b'z' | REFERENCE, b'Z' | REFERENCE] {
            assert_eq!(patch(&short(code, "/e/old/m.py"), "/e/longer").unwrap(), short(code, "/e/longer/m.py"));
        }
        for code in [b'a', b'A', b'u', b't', b's', b'u' | REFERENCE] {
            assert_eq!(patch(&long(code, "/e/old/é.py"), "/n").unwrap(), long(code, "/n/é.py"));
        }
        // The code of the next object must not be taken for a part of the path.
        let content = [short(b'z', OLD), short(b'z', "x")].concat();
        assert_eq!(patch(&content, "/n").unwrap(), [short(b'z', "/n"), short(b'z', "x")].concat());
    }

    #[test]
    fn a_string_that_grows_too_long_changes_its_form() {
        let new = format!("/{}", "n".repeat(250));
        for (code, wide) in [(b'z', b'a'), (b'Z' | REFERENCE, b'A' | REFERENCE)] {
            assert_eq!(patch(&short(code, "/e/old/m.py"), &new).unwrap(), long(wide, &format!("{new}/m.py")));
        }
        assert_eq!(patch(&short(b'z', "/e/old/abc"), &new).unwrap(), short(b'z', &format!("{new}/abc")));
    }

    #[test]
    fn a_path_beyond_ascii_changes_the_form() {
        for (code, unicode) in [(b'z', b'u'), (b'Z' | REFERENCE, b't' | REFERENCE)] {
            assert_eq!(patch(&short(code, "/e/old/m.py"), "/é/x").unwrap(), long(unicode, "/é/x/m.py"));
        }
        for (code, unicode) in [(b'a', b'u'), (b'A', b't'), (b't', b't')] {
            assert_eq!(patch(&long(code, "/e/old/m.py"), "/é/x").unwrap(), long(unicode, "/é/x/m.py"));
        }
    }

    #[test]
    fn other_strings_stay() {
        assert_eq!(patch(&short(b'z', "/e/old-2/m.py"), "/n"), None);
        assert_eq!(patch(&short(b'z', "see /e/old"), "/n"), None);
        assert_eq!(patch(b"/e/old/x", "/n"), None);
        assert_eq!(patch(&[b"z\xff", OLD.as_bytes()].concat(), "/n"), None, "longer than the file");
    }
}
