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

/// Returns every absolute path that the first lines of a script name: the interpreter, and what that is told to run.
pub(crate) fn files_named_by(script: &Path) -> Vec<PathBuf> {
    let mut head = Vec::new();
    let file = fs::open_regular(script).ok();
    if file.and_then(|file| file.take(MAX_HEAD as u64).read_to_end(&mut head).ok()).is_none() {
        return Vec::new();
    }
    let Some(rest) = head.strip_prefix(b"#!") else { return Vec::new() };
    let first = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let words = first.split(u8::is_ascii_whitespace).map(|word| word.strip_prefix(b"-S").unwrap_or(word));
    let named = words.filter(|word| word.starts_with(b"/")).map(|word| PathBuf::from(OsStr::from_bytes(word)));
    named.chain(interpreter_in(&head)).collect()
}

/// The interpreter in the first [`MAX_HEAD`] bytes of a script.
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
        None => in_one_line(first)?,
    };
    path.is_absolute().then_some(path)
}

/// The interpreter in a first line without `#!`: what `env` is told to start by its path, else what the line begins with.
fn in_one_line(line: &[u8]) -> Option<PathBuf> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let path = PathBuf::from(OsStr::from_bytes(words.next()?));
    let started = words.map(|word| word.strip_prefix(b"-S").unwrap_or(word)).find(|word| !word.is_empty());
    let started = started.filter(|word| path.ends_with("env") && word.starts_with(b"/"));
    Some(started.map_or(path, |word| OsStr::from_bytes(word).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_env_starts_by_its_path_is_the_interpreter() {
        for (line, expected) in [
            ("#!/e/bin/python -E", Some("/e/bin/python")),
            ("#! /usr/bin/env python3", Some("/usr/bin/env")),
            ("#!/usr/bin/env /e/bin/python", Some("/e/bin/python")),
            ("#!/usr/bin/env  -S /e/bin/python -u", Some("/e/bin/python")),
            ("#!/usr/bin/env -S/e/bin/python", Some("/e/bin/python")),
            ("#!/usr/bin/env -S A=b /e/bin/python", Some("/usr/bin/env")),
            ("#!/usr/bin/env", Some("/usr/bin/env")),
            ("#!/bin/sh -S /x", Some("/bin/sh")),
            ("#!/bin/sh\n'''exec' '/a b/python' \"$0\"", Some("/a b/python")),
            ("#!python", None),
            ("#!", None),
        ] {
            assert_eq!(interpreter_in(line.as_bytes()).as_deref(), expected.map(Path::new), "{line}");
        }
    }
}
