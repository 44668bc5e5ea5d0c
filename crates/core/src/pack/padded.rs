//! Compiled code that names the path of its environment. Nothing in it may move: what becomes shorter is filled up with
//! zeros where its string ends. It is changed in its place, a piece of it in memory at a time.

use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;

use memchr::memmem::Finder;

/// How much is looked at at a time.
const WINDOW: usize = 256 << 10;

/// Puts the new path into every place of an old one that is not shorter; returns whether there is any.
pub(super) fn pad(file: &File, old: &Path, new: &Path) -> io::Result<bool> {
    let (finder, new) = (Finder::new(old.as_os_str().as_bytes()), new.as_os_str().as_bytes());
    if new.len() > finder.needle().len() {
        return Ok(false);
    }
    let mut window = Window { file, size: file.metadata()?.len(), start: 0, bytes: Vec::new() };
    let mut start = 0;
    while let Some(at) = window.find(start, finder.needle().len(), |bytes| finder.find(bytes))? {
        let Some(end) = window.find(at, 1, |bytes| memchr::memchr(0, bytes))? else { break };
        shorten(&mut window, &finder, new, at, end)?;
        start = end;
    }
    Ok(start != 0)
}

/// Changes the string between two places, which has no zero and ends with one.
fn shorten(window: &mut Window<'_>, finder: &Finder<'_>, new: &[u8], at: u64, end: u64) -> io::Result<()> {
    let old = finder.needle().len() as u64;
    // What is written is never behind what is still to be read.
    let (mut read, mut write) = (at, at);
    while read < end {
        let bytes = window.from(read, usize::try_from(old).unwrap_or(WINDOW))?;
        let bytes = &bytes[..usize::try_from(end - read).unwrap_or(usize::MAX).min(bytes.len())];
        let is_last = read + bytes.len() as u64 == end;
        let (mut changed, mut taken) = (Vec::with_capacity(bytes.len()), 0);
        for next in finder.find_iter(bytes) {
            changed.extend_from_slice(&bytes[taken..next]);
            changed.extend_from_slice(new);
            taken = next + finder.needle().len();
        }
        // An old path may begin here and end in what comes next.
        let kept =
            if is_last { bytes.len() } else { taken.max((bytes.len() + 1).saturating_sub(finder.needle().len())) };
        changed.extend_from_slice(&bytes[taken..kept]);
        read += kept as u64;
        window.file.write_all_at(&changed, write)?;
        write += changed.len() as u64;
    }
    let zeros = [0; 4096];
    while write < end {
        let count = usize::try_from(end - write).unwrap_or(usize::MAX).min(zeros.len());
        window.file.write_all_at(&zeros[..count], write)?;
        write += count as u64;
    }
    Ok(())
}

/// A piece of a file.
struct Window<'a> {
    file: &'a File,
    size: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// Returns what is in the file from here on: at least so many bytes, if there are so many.
    fn from(&mut self, start: u64, least: usize) -> io::Result<&[u8]> {
        let end = self.start + self.bytes.len() as u64;
        let known = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        if start < self.start || known < least && end < self.size {
            self.bytes.resize(WINDOW.max(least), 0);
            self.start = start;
            let mut length = 0;
            while length < self.bytes.len() {
                match self.file.read_at(&mut self.bytes[length..], start + length as u64)? {
                    0 => break,
                    count => length += count,
                }
            }
            self.bytes.truncate(length);
        }
        Ok(&self.bytes[usize::try_from(start - self.start).unwrap_or(usize::MAX).min(self.bytes.len())..])
    }

    /// Returns the first place from here on where something of this length is.
    fn find(
        &mut self,
        mut start: u64,
        length: usize,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> io::Result<Option<u64>> {
        loop {
            let bytes = self.from(start, length)?;
            if bytes.len() < length {
                return Ok(None);
            }
            match find(bytes) {
                Some(at) => return Ok(Some(start + at as u64)),
                None => start += (bytes.len() - length + 1) as u64,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn padded(content: &[u8], old: &str, new: &str) -> (Vec<u8>, bool) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let is_changed = pad(&file, Path::new(old), Path::new(new)).unwrap();
        let mut result = vec![0; content.len()];
        file.read_exact_at(&mut result, 0).unwrap();
        assert_eq!(file.metadata().unwrap().len(), content.len() as u64);
        (result, is_changed)
    }

    /// The plain way.
    fn expected(content: &[u8], old: &str, new: &str) -> Vec<u8> {
        let ended = content.iter().rposition(|&byte| byte == 0).map_or(0, |at| at + 1);
        let strings = content[..ended].split_inclusive(|&byte| byte == 0).map(|string| {
            let text = String::from_utf8(string[..string.len() - 1].to_vec()).unwrap().replace(old, new);
            let mut text = text.into_bytes();
            text.resize(string.len(), 0);
            text
        });
        strings.chain([content[ended..].to_vec()]).flatten().collect()
    }

    #[test]
    fn compiled_files_keep_their_size_and_their_places() {
        let content =
            "\x7fELF\0/opt/placeholder/lib:/opt/placeholder/share\0next\0/opt/placeholder\0\0/opt/placeholder";
        let expected = [
            &b"\x7fELF\0/e/new/lib:/e/new/share"[..],
            &[0; 21],
            b"next\0/e/new",
            &[0; 12],
            // Nothing says where it ends.
            b"/opt/placeholder",
        ];
        assert_eq!(padded(content.as_bytes(), "/opt/placeholder", "/e/new"), (expected.concat(), true));
    }

    #[test]
    fn strings_across_windows_are_changed_as_in_one_piece() {
        let old = "/opt/placeholder";
        let mut content = b"\x7fELF\0".to_vec();
        for length in [WINDOW - 20, WINDOW - 8, 3, 2 * WINDOW + 5, 0] {
            content.extend(vec![b'x'; length]);
            content.extend(format!("{old}/lib:{old}\0{old}{old}\0").bytes());
        }
        // One string that is longer than a window, with the path in many places.
        content.extend(format!("{old}/a:").repeat(WINDOW / 8).bytes());
        content.extend(b"\0end\0");
        content.extend(format!("{old} without an end").bytes());
        for new in ["/e", "/opt/placeholde2", "/a/b/c"] {
            let (result, is_changed) = padded(&content, old, new);
            assert!(is_changed);
            assert!(result == expected(&content, old, new), "{new}");
        }
        assert_eq!(padded(&content, "/opt/other", "/e"), (content.clone(), false));
        assert_eq!(padded(&content, "/opt/placeholder", "/longer/than/placeholder"), (content, false));
        assert_eq!(padded(b"", old, "/e"), (Vec::new(), false));
        assert!(!padded(b"/opt/placeholder", old, "/e").1);
    }
}
