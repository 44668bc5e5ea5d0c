//! Reading and editing `pyvenv.cfg`, the file that makes a directory an environment.
//!
//! The format is one `key = value` per line, without comments, quotes or escapes. Parsing accepts everything, since an
//! interpreter does too; what it does not understand stays in its place byte for byte.

use std::ops::Range;

#[cfg(test)]
mod tests;

/// The content of a `pyvenv.cfg`: its lines in order, known or not.
#[derive(Clone, Debug, Default)]
pub struct PyvenvCfg {
    /// The text of all lines; also of those that were replaced.
    text: Vec<u8>,
    lines: Vec<Line>,
}

impl PartialEq for PyvenvCfg {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

impl Eq for PyvenvCfg {}

/// Which tool made an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creator {
    /// This program.
    Venvwrap,
    /// virtualenv.
    Virtualenv,
    /// uv.
    Uv,
    /// The standard library, or a tool that left no mark.
    Venv,
}

/// The key by which uv knows an environment that works in any directory.
pub(crate) const RELOCATABLE: &str = "relocatable";

/// Why a key cannot be given a value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// The value would become several lines, and what follows the break another key.
    #[error("the value {value:?} of `{key}` contains a line break")]
    LineBreak {
        /// The key that was to be set.
        key: String,
        /// The value as it was given.
        value: String,
    },
    /// The key is empty, has blanks around it, or contains `=` or a line break.
    #[error("{key:?} cannot be a key of `pyvenv.cfg`")]
    BadKey {
        /// The key as it was given.
        key: String,
    },
}

#[derive(Clone, Debug)]
struct Line {
    /// Where the line is, without its ending.
    place: Range<usize>,
    /// Where the key is, found once: a file is asked for a dozen keys. Empty where there is none.
    key: Range<usize>,
    /// `\n`, `\r\n`, `\r`, or nothing at the end of the file.
    ending: &'static [u8],
}

impl PyvenvCfg {
    /// Returns the lines of a file; there is no content that it fails for.
    ///
    /// A line ends at LF, CR LF or CR alone, as in the text files of Python.
    pub fn parse(content: &[u8]) -> Self {
        let mut lines = Vec::with_capacity(8);
        let mut rest = content;
        while !rest.is_empty() {
            let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            let ending: &[u8] = match &rest[length..] {
                [b'\r', b'\n', ..] => b"\r\n",
                [b'\r', ..] => b"\r",
                [b'\n', ..] => b"\n",
                _ => b"",
            };
            let start = content.len() - rest.len();
            lines.push(Line::new(content, start..start + length, ending));
            rest = &rest[length + ending.len()..];
        }
        Self { text: content.to_vec(), lines }
    }

    /// Returns the content as it is written to the file: for one that was not changed, what was read.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.text.len());
        for line in &self.lines {
            bytes.extend_from_slice(&self.text[line.place.clone()]);
            bytes.extend_from_slice(line.ending);
        }
        bytes
    }

    /// Returns the value of a key, in whatever case either is written; of several lines the first, as
    /// interpreters do for `home`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.lines.iter().find(|line| self.has_key(line, key)).and_then(|line| self.value(line))
    }

    /// Sets a key in its place, or at the end if there is none; a second line with the same key goes.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SetError> {
        if key.is_empty() || key.trim() != key || key.contains('=') || key.contains(is_line_boundary) {
            return Err(SetError::BadKey { key: key.to_owned() });
        }
        if value.contains(is_line_boundary) {
            return Err(SetError::LineBreak { key: key.to_owned(), value: value.to_owned() });
        }
        let Some(at) = self.lines.iter().position(|line| self.has_key(line, key)) else {
            self.append(&format!("{key} = {value}"));
            return Ok(());
        };
        let rest = self.lines.split_off(at + 1);
        self.lines[at] = self.line(&format!("{key} = {value}"), self.lines[at].ending);
        self.lines.extend(rest.into_iter().filter(|line| !has_key(&self.text, line, key)));
        Ok(())
    }

    /// Removes every line with this key, and tells whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.lines.len();
        self.lines.retain(|line| !has_key(&self.text, line, key));
        self.lines.len() < before
    }

    /// Returns the directory of the interpreter that the environment was made from.
    pub fn home(&self) -> Option<&str> {
        self.get("home").filter(|value| !value.is_empty())
    }

    /// Returns whether the interpreter's own packages are visible.
    ///
    /// Interpreters show them when the key is missing, and go by the last line when there are several.
    pub fn include_system_site_packages(&self) -> bool {
        let mut lines = self.lines.iter().rev();
        let line = lines.find(|line| self.has_key(line, "include-system-site-packages"));
        line.is_none_or(|line| self.value(line).is_some_and(|value| value.eq_ignore_ascii_case("true")))
    }

    /// Returns whether the environment works in any directory, as `uv venv --relocatable` creates it.
    pub fn is_relocatable(&self) -> bool {
        self.get(RELOCATABLE).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Returns the version of Python as it was recorded, `X.Y` or `X.Y.Z`, whichever of its three keys there is.
    pub fn version(&self) -> Option<String> {
        ["version_info", "version", "python-version"].iter().find_map(|key| numeric_version(self.get(key)?))
    }

    /// Returns the name of the implementation as it was recorded: `CPython`, `PyPy`.
    pub fn implementation(&self) -> Option<&str> {
        self.get("implementation").filter(|value| !value.is_empty())
    }

    /// Returns the prompt, without the one pair of quotes that venv and virtualenv put around it.
    pub fn prompt(&self) -> Option<&str> {
        let value = self.get("prompt")?;
        ['\'', '"'].iter().find_map(|&mark| value.strip_prefix(mark)?.strip_suffix(mark)).or(Some(value))
    }

    /// Sets the prompt in quotes, as venv does: liquidprompt and others show what is written without them with its key.
    pub fn set_prompt(&mut self, prompt: &str) -> Result<(), SetError> {
        let mark = if prompt.contains('\'') { '"' } else { '\'' };
        self.set("prompt", &format!("{mark}{prompt}{mark}"))
    }

    /// Returns what is in the file as it was read from the value of the prompt on: uv writes a prompt as it is, with its
    /// line breaks.
    pub fn from_prompt(&self) -> Option<&[u8]> {
        let line = self.lines.iter().find(|line| self.has_key(line, "prompt"))?;
        let rest = &self.text[line.key.end..];
        Some(rest[memchr::memchr(b'=', rest)? + 1..].trim_ascii_start())
    }

    /// Returns the tool that made the environment, by the mark it leaves.
    pub fn creator(&self) -> Creator {
        [("venvwrap", Creator::Venvwrap), ("virtualenv", Creator::Virtualenv), ("uv", Creator::Uv)]
            .into_iter()
            .find(|(key, _)| self.get(key).is_some())
            .map_or(Creator::Venv, |(_, creator)| creator)
    }

    fn append(&mut self, text: &str) {
        let ending = self.lines.iter().map(|line| line.ending).find(|ending| !ending.is_empty()).unwrap_or(b"\n");
        if let Some(last) = self.lines.last_mut().filter(|line| line.ending.is_empty()) {
            last.ending = ending;
        }
        let line = self.line(text, ending);
        self.lines.push(line);
    }

    /// Makes a line of a text.
    fn line(&mut self, text: &str, ending: &'static [u8]) -> Line {
        let start = self.text.len();
        self.text.extend_from_slice(text.as_bytes());
        Line::new(&self.text, start..self.text.len(), ending)
    }

    fn has_key(&self, line: &Line, key: &str) -> bool {
        has_key(&self.text, line, key)
    }

    /// The value in a line, or nothing when it is not UTF-8.
    fn value(&self, line: &Line) -> Option<&str> {
        let text = &self.text[line.place.clone()];
        std::str::from_utf8(&text[memchr::memchr(b'=', text)? + 1..]).ok().map(str::trim)
    }
}

fn has_key(text: &[u8], line: &Line, key: &str) -> bool {
    text[line.key.clone()].eq_ignore_ascii_case(key.as_bytes()) && !key.is_empty()
}

impl Line {
    fn new(text: &[u8], place: Range<usize>, ending: &'static [u8]) -> Self {
        let key = key_in(&text[place.clone()]).unwrap_or_default();
        Self { key: place.start + key.start..place.start + key.end, place, ending }
    }
}

/// The place of the key in a line: what is before the `=`, without what surrounds it.
fn key_in(line: &[u8]) -> Option<Range<usize>> {
    let before = std::str::from_utf8(&line[..memchr::memchr(b'=', line)?]).ok()?;
    let rest = before.trim_start_matches('\u{feff}').trim_start();
    Some(before.len() - rest.len()..before.len() - rest.len() + rest.trim_end().len())
}

/// Returns whether Python's `str.splitlines` ends a line at this character.
///
/// Some readers of the file split it that way, so a value with any of these could bring in a key of its own.
pub fn is_line_boundary(character: char) -> bool {
    matches!(character, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The leading two or three numbers of a version such as `3.12.1.final.0` or `3.14.0rc2`.
fn numeric_version(text: &str) -> Option<String> {
    let numbers: Vec<&str> = text
        .split('.')
        .take(3)
        .map(|part| &part[..part.find(|character: char| !character.is_ascii_digit()).unwrap_or(part.len())])
        .take_while(|digits| !digits.is_empty())
        .collect();
    (numbers.len() >= 2).then(|| numbers.join("."))
}
