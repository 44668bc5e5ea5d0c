//! What conda-pack notes about the files that name the path of their environment. Its table is in a script, which is read
//! as text and never run.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use super::problem::ArchiveProblem;
use super::refusal::UnpackError;
use super::safe_name::{has_control, safe_path};

/// The script with the table, and what it imports: of no use once the files name their new path.
pub(super) const SCRIPTS: [&str; 2] = ["conda-unpack", "conda_unpack_progress.py"];
/// A line for each file of an environment with a million of them would be more.
pub(super) const MAX_BYTES: u64 = 32 << 20;

/// How the table begins.
const START: &[u8] = b"\n_prefix_records = [";
/// The longest path, in bytes.
const MAX_PATH: usize = 4096;

/// A path that a file names in place of that of its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// The path.
    pub(super) path: PathBuf,
    /// Whether the file is compiled, so that nothing in it may move.
    pub(super) is_binary: bool,
}

/// The files that name a path, by their own.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(HashMap<PathBuf, Vec<Placeholder>>);

impl Table {
    /// Reads the table in a script.
    pub(super) fn parse(script: &[u8]) -> Result<Self, ArchiveProblem> {
        let broken = || ArchiveProblem::Damaged("the table of paths in `bin/conda-unpack` is not understood".into());
        let start = memchr::memmem::find(script, START).ok_or_else(broken)? + START.len();
        let mut literals = Literals { rest: &script[start..] };
        let mut table = Self::default();
        loop {
            if literals.takes(b']') {
                return Ok(table);
            }
            let [path, placeholder, mode] = literals.record().ok_or_else(broken)?;
            let is_binary = match mode.as_slice() {
                b"text" => false,
                b"binary" => true,
                _ => return Err(broken()),
            };
            let placeholder = Placeholder { path: old_path(placeholder)?, is_binary };
            table.0.entry(safe_path(&path)?).or_default().push(placeholder);
            if !literals.takes(b',') && !literals.rest.starts_with(b"]") {
                return Err(broken());
            }
        }
    }

    /// What a file names.
    pub(super) fn of(&self, path: &Path) -> &[Placeholder] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }

    /// All that text files name, none twice.
    pub(super) fn in_texts(&self) -> Vec<&Path> {
        let texts = self.0.values().flatten().filter(|placeholder| !placeholder.is_binary);
        let mut paths: Vec<&Path> = texts.map(|placeholder| placeholder.path.as_path()).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// The path that the environment had, if it is known: builders of packages write others, with a name that fills them
    /// up.
    pub(super) fn old_path(&self) -> Option<PathBuf> {
        let is_filled = |path: &Path| {
            let text = path.as_os_str().as_bytes();
            [&b"placehold"[..], b"anaconda3anaconda"].iter().any(|part| memchr::memmem::find(text, part).is_some())
        };
        let mut found = self.in_texts().into_iter().filter(|path| !is_filled(path));
        let first = found.next()?;
        found.next().is_none().then(|| first.to_path_buf())
    }

    /// Fails if compiled files have no room for a path.
    pub(super) fn check(&self, target: &Path) -> Result<(), UnpackError> {
        let compiled = self.0.iter().flat_map(|(file, found)| found.iter().map(move |found| (file, found)));
        let compiled = compiled.filter(|(_, placeholder)| placeholder.is_binary);
        // The same file each time.
        let shortest = compiled.min_by_key(|(file, placeholder)| (placeholder.path.as_os_str().len(), *file));
        let Some((file, placeholder)) = shortest else { return Ok(()) };
        if cfg!(target_os = "macos") {
            return Err(UnpackError::Unsigned { file: file.clone() });
        }
        let (room, length) = (placeholder.path.as_os_str().len(), target.as_os_str().len());
        if length <= room {
            return Ok(());
        }
        Err(UnpackError::LongDestination { path: target.into(), length, room, file: file.clone() })
    }
}

/// A path that an environment can have had.
fn old_path(text: Vec<u8>) -> Result<PathBuf, ArchiveProblem> {
    let path = PathBuf::from(OsString::from_vec(text));
    let bytes = path.as_os_str().as_bytes();
    let mut parts = path.components();
    let is_absolute = parts.next() == Some(Component::RootDir);
    let is_plain = parts.clone().count() > 0 && parts.all(|part| matches!(part, Component::Normal(_)));
    if is_absolute && is_plain && bytes.len() <= MAX_PATH && !has_control(bytes) && !bytes.ends_with(b"/") {
        return Ok(path);
    }
    Err(ArchiveProblem::Unsafe { name: path, reason: "is no path that an environment can have had" })
}

/// Literals of Python, as its `repr` writes them.
struct Literals<'a> {
    rest: &'a [u8],
}

impl Literals<'_> {
    /// Takes a character, and the blanks around it, if it comes next.
    fn takes(&mut self, wanted: u8) -> bool {
        self.rest = self.rest.trim_ascii_start();
        let Some(rest) = self.rest.strip_prefix(&[wanted]) else { return false };
        self.rest = rest.trim_ascii_start();
        true
    }

    /// Three strings in parentheses.
    fn record(&mut self) -> Option<[Vec<u8>; 3]> {
        self.takes(b'(').then_some(())?;
        let first = self.string()?;
        self.takes(b',').then_some(())?;
        let second = self.string()?;
        self.takes(b',').then_some(())?;
        let third = self.string()?;
        self.takes(b')').then_some([first, second, third])
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        let quote = self.next().filter(|byte| matches!(byte, b'\'' | b'"'))?;
        let mut text = Vec::new();
        loop {
            match self.next()? {
                byte if byte == quote => return Some(text),
                b'\\' => self.escape(&mut text)?,
                b'\n' => return None,
                byte => text.push(byte),
            }
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let digits = match self.next()? {
            byte @ (b'\\' | b'\'' | b'"') => {
                text.push(byte);
                return Some(());
            }
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            // What else has a letter is a control character, which no name has.
            _ => return None,
        };
        let (number, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        let number = u32::from_str_radix(std::str::from_utf8(number).ok()?, 16).ok()?;
        match number {
            // A byte that is no text, as Python keeps it.
            0xdc80..=0xdcff => text.push(u8::try_from(number - 0xdc00).ok()?),
            _ => text.extend_from_slice(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        Some(())
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

/// Returns whether a name in `bin` is that of a file that only serves to repair the paths.
pub(super) fn is_own_script(name: &OsStr) -> bool {
    SCRIPTS.iter().any(|own| name == *own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(records: &str) -> Result<Table, ArchiveProblem> {
        Table::parse(format!("#!/usr/bin/env python\nx = 1\n_prefix_records = [\n{records}\n]\nprint()\n").as_bytes())
    }

    #[test]
    fn strings_are_read_as_python_writes_them() {
        let table = parse(
            r#"('bin/x', '/opt/plac', 'text'),
("lib/it's", '/opt/\u20ac\xe9\U0001f40d\udcff\\"\'', 'binary'),
('bin/x', '/opt/other', 'binary')"#,
        );
        let table = table.unwrap();
        let path = |text: &[u8]| PathBuf::from(OsStr::from_bytes(text));
        let expected = Placeholder { path: path("/opt/€é🐍".as_bytes()), is_binary: true };
        let found = &table.of(Path::new("lib/it's"))[0];
        assert_eq!(found.path, path(&[expected.path.as_os_str().as_bytes(), b"\xff\\\"'"].concat()));
        assert!(found.is_binary);
        assert_eq!(table.of(Path::new("bin/x")).len(), 2);
        assert!(table.of(Path::new("bin/y")).is_empty());
        assert_eq!(table.old_path(), Some("/opt/plac".into()));
        assert!(parse("").unwrap().0.is_empty());
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for records in [
            "('a', '/b', 'text'",
            "('a', '/b')",
            "('a', '/b', 'text') ('a', '/b', 'text')",
            "('a', '/b', 'link')",
            "('a', '/b', 'text'), x",
            "(__import__('os').system('x'), '/b', 'text')",
            "('a' + 'b', '/b', 'text')",
            "('a\\N{DASH}', '/b', 'text')",
            "('a\\ud800', '/b', 'text')",
            "('a",
            "('../a', '/b', 'text')",
            "('/a', '/b', 'text')",
            "('a/../../b', '/b', 'text')",
            "('', '/b', 'text')",
            "('a\\n', '/b', 'text')",
            "('a', '', 'text')",
            "('a', '/', 'text')",
            "('a', '/b/', 'text')",
            "('a', 'b', 'text')",
            "('a', '/b/../c', 'text')",
            "('a', '/b\\x00', 'text')",
        ] {
            parse(records).map(|_| ()).expect_err(records);
        }
        Table::parse(b"print()\n").unwrap_err();
    }

    #[test]
    fn compiled_files_must_have_room_for_the_path() {
        let table = parse("('a', '/opt', 'text'), ('b', '/opt/environment', 'binary')").unwrap();
        if cfg!(target_os = "macos") {
            return;
        }
        table.check(Path::new("/srv/environment")).unwrap();
        assert!(matches!(table.check(Path::new("/srv/environments")), Err(UnpackError::LongDestination { .. })));
        parse("('a', '/opt', 'text')").unwrap().check(Path::new("/srv/environments")).unwrap();
    }
}
