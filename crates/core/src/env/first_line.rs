//! The interpreter that the first lines of a script name.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::fs;

/// How much of a script names its interpreter: two long paths and some quotes.
pub(crate) const MAX_HEAD: usize = 8 * 1024;

/// Returns the absolute path of the interpreter that the first lines of a script name.
pub(crate) fn interpreter_of(script: &Path) -> Option<PathBuf> {
    let mut head = Vec::new();
    fs::open_regular(script).ok()?.take(MAX_HEAD as u64).read_to_end(&mut head).ok()?;
    interpreter_in(&head)
}

/// The same for the first [`MAX_HEAD`] bytes of a script.
pub(crate) fn interpreter_in(head: &[u8]) -> Option<PathBuf> {
    let head = head.strip_prefix(b"#!")?;
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    let first = head[..end].trim_ascii();
    // The form for a path that a kernel cannot read: blanks, or too long.
    let second =
        head.get(end + 1..).filter(|_| first == b"/bin/sh").and_then(|rest| rest.split(|&byte| byte == b'\n').next());
    let detour = second.and_then(|line| line.strip_prefix(b"'''exec' "));
    let path = match detour {
        Some(line) => {
            let words = shell_words::split(std::str::from_utf8(line).ok()?).ok()?;
            PathBuf::from(words.into_iter().next()?)
        }
        None => PathBuf::from(OsStr::from_bytes(first.split(u8::is_ascii_whitespace).next()?)),
    };
    path.is_absolute().then_some(path)
}
