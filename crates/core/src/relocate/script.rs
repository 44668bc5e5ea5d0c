//! The first lines of a script that say which interpreter runs it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::mapping::{Language, Mapping};
use crate::env::BIN;
use crate::fs::identity::is_same_file;
use crate::shell::quote;
use crate::wheel::scripts::{MAX_SHEBANG, shebang};

/// The second line of a script whose interpreter cannot be in the first one, up to the interpreter.
const DETOUR: &[u8] = b"'''exec' ";

/// How a script begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The interpreter; the Python that `env` is told to start by its path.
    pub(crate) interpreter: PathBuf,
    /// What starts it, as it is in the first line: `/usr/bin/env -S `. Mostly nothing.
    pub(crate) via: Vec<u8>,
    /// What follows it.
    pub(crate) options: Vec<u8>,
    /// Where the body begins.
    pub(crate) length: usize,
}

impl Head {
    /// Reads the first lines in the forms that installers write; `roots` are paths that may hold blanks.
    pub(crate) fn parse(content: &[u8], roots: &[PathBuf]) -> Option<Self> {
        let first = line(content, 0)?.strip_prefix(b"#!")?.trim_ascii();
        let length = after_line(content, 0);
        if first == b"/bin/sh" && content[length..].starts_with(DETOUR) {
            return detour(content, length);
        }
        // What an old installer wrote: quotes that no kernel understands.
        if let Some((path, options)) = first.strip_prefix(b"\"").and_then(|rest| split_once(rest, b'"')) {
            let (interpreter, options) = (path_of(path), options.trim_ascii().to_vec());
            return Some(Self { interpreter, via: Vec::new(), options, length });
        }
        let (interpreter, options) = split_path(first, roots);
        let head = Self { interpreter: path_of(interpreter), via: Vec::new(), options: options.to_vec(), length };
        Some(head.behind_env(first, roots).unwrap_or(head))
    }

    /// The same for the Python that `env` is told to start by its path; none where it looks for a program, or sets
    /// variables first.
    fn behind_env(&self, first: &[u8], roots: &[PathBuf]) -> Option<Self> {
        if self.interpreter.file_name() != Some(OsStr::new("env")) {
            return None;
        }
        let rest = self.options.strip_prefix(b"-S").map_or(self.options.as_slice(), <[u8]>::trim_ascii_start);
        let (path, options) = split_path(rest, roots);
        let via = first[..first.len() - rest.len()].to_vec();
        let head = Self { interpreter: path_of(path), via, options: options.to_vec(), length: self.length };
        (head.interpreter.is_absolute() && head.is_python()).then_some(head)
    }

    /// The first lines with a Python at another path.
    pub(crate) fn first_lines(&self, python: &Path) -> Vec<u8> {
        let line = if self.via.is_empty() { None } else { one_line(&self.via, python, &self.options) };
        line.unwrap_or_else(|| first_lines(python, &self.options))
    }

    /// Returns whether the interpreter is a Python, by its name.
    pub(crate) fn is_python(&self) -> bool {
        let name = self.interpreter.file_name().unwrap_or_default().as_bytes();
        ["python", "pypy", "graalpy"].iter().any(|known| name.starts_with(known.as_bytes()))
    }
}

/// Returns a script with its first lines regenerated for the new path, and its body rewritten; none when neither names
/// the source, or when the interpreter cannot be written down.
pub(crate) fn rewritten(content: &[u8], mapping: &Mapping) -> Option<Vec<u8>> {
    let head = Head::parse(content, mapping.old_paths())?;
    let body = &content[head.length..];
    let new_body = match head.is_python() {
        true => mapping.replace(body, Language::Python),
        // Only a person can tell which quotes a shell needs there.
        false if !mapping.is_plain() => None,
        false => mapping.replace(body, Language::Plain),
    };
    let new_head = match place_of(&head.interpreter, mapping) {
        Some(python) if head.is_python() => head.first_lines(&python),
        Some(program) => one_line(b"", &program, &head.options)?,
        None => match rewritten_line(&content[..head.length], mapping) {
            None if new_body.is_none() => return None,
            new => new.unwrap_or_else(|| content[..head.length].to_vec()),
        },
    };
    Some([&new_head, new_body.as_deref().unwrap_or(body)].concat())
}

/// Returns where a program of the source is to be, also if a link from elsewhere leads to its directory: uv names a Python
/// by the `.venv` of a project.
pub(crate) fn place_of(program: &Path, mapping: &Mapping) -> Option<PathBuf> {
    let led = || {
        let bin = program.parent().filter(|bin| bin.ends_with(BIN) && bin.is_absolute())?;
        let is_of_source = mapping.old_paths().iter().any(|old| is_same_file(bin, &old.join(BIN)));
        is_of_source.then(|| Some(mapping.new_path().join(BIN).join(program.file_name()?))).flatten()
    };
    mapping.path(program).or_else(led)
}

/// Returns whether the first lines of a script lead to a program of the source by a link from elsewhere.
pub(crate) fn is_led(content: &[u8], mapping: &Mapping) -> bool {
    let is_of_source = |head: Head| place_of(&head.interpreter, mapping).is_some();
    content.starts_with(b"#!") && Head::parse(content, mapping.old_paths()).is_some_and(is_of_source)
}

/// A first line that names the source in an option, such as a variable that `env` sets; none where no kernel could read
/// the new one.
fn rewritten_line(line: &[u8], mapping: &Mapping) -> Option<Vec<u8>> {
    let new = mapping.replace(line, Language::Plain).filter(|_| mapping.is_plain())?;
    (new.len() <= MAX_SHEBANG).then_some(new)
}

/// The path at the beginning of a line, and what follows it. One of the roots may hold blanks.
fn split_path<'a>(line: &'a [u8], roots: &[PathBuf]) -> (&'a [u8], &'a [u8]) {
    let root = roots.iter().map(|root| root.as_os_str().as_bytes()).find(|root| line.starts_with(root));
    let skip = root.map_or(0, <[u8]>::len);
    let end = line[skip..].iter().position(u8::is_ascii_whitespace).map_or(line.len(), |end| skip + end);
    (&line[..end], line[end..].trim_ascii())
}

/// The first lines for a Python with options; the same as an installer's when there are none.
pub(crate) fn first_lines(python: &Path, options: &[u8]) -> Vec<u8> {
    if options.is_empty() {
        return shebang(python);
    }
    if let Some(line) = one_line(b"", python, options) {
        return line;
    }
    let detour = shebang(python);
    let end = detour.windows(10).rposition(|part| part == b" \"$0\" \"$@\"").unwrap_or(detour.len());
    let words = split_words(options).unwrap_or_default();
    let words: Vec<u8> = words.iter().flat_map(|word| [b" ", quote::posix(word).as_slice()].concat()).collect();
    let detour_for_options = [b"#!/bin/sh\n'''exec' ", quote::posix(python.as_os_str().as_bytes()).as_slice()].concat();
    // A path that is simple without options has no detour to put them into.
    let (start, rest): (&[u8], &[u8]) = if end == detour.len() {
        (&detour_for_options, b" \"$0\" \"$@\"\n' '''\n")
    } else {
        (&detour[..end], &detour[end..])
    };
    [start, &words, rest].concat()
}

/// The simple form, where a kernel can read it.
fn one_line(via: &[u8], program: &Path, options: &[u8]) -> Option<Vec<u8>> {
    let path = program.as_os_str().as_bytes();
    let blank: &[u8] = if options.is_empty() { b"" } else { b" " };
    let line = [b"#!", via, path, blank, options, b"\n"].concat();
    (line.len() <= MAX_SHEBANG && !path.iter().any(u8::is_ascii_whitespace)).then_some(line)
}

/// The three-line form: the interpreter is the first word after `exec`.
fn detour(content: &[u8], second: usize) -> Option<Head> {
    let words = split_words(&line(content, second)?[DETOUR.len()..])?;
    let (interpreter, rest) = words.split_first()?;
    let options = rest.strip_suffix(&[b"$0".to_vec(), b"$@".to_vec()])?;
    let third = after_line(content, second);
    if line(content, third)?.trim_ascii_end() != b"' '''" {
        return None;
    }
    Some(Head {
        interpreter: path_of(interpreter),
        via: Vec::new(),
        options: bytes_of(&shell_words::join(options.iter().map(|word| characters_of(word)))),
        length: after_line(content, third),
    })
}

/// Splits as a shell does. A path need not be UTF-8, so that each byte is split as a character.
fn split_words(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let words = shell_words::split(&characters_of(text)).ok()?;
    Some(words.iter().map(|word| bytes_of(word)).collect())
}

fn characters_of(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn bytes_of(characters: &str) -> Vec<u8> {
    characters.chars().filter_map(|character| u8::try_from(character).ok()).collect()
}

fn line(content: &[u8], start: usize) -> Option<&[u8]> {
    content.get(start..)?.split(|&byte| byte == b'\n').next()
}

fn after_line(content: &[u8], start: usize) -> usize {
    let rest = &content[start..];
    rest.iter().position(|&byte| byte == b'\n').map_or(content.len(), |end| start + end + 1)
}

fn split_once(text: &[u8], mark: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|&byte| byte == mark)?;
    Some((&text[..place], &text[place + 1..]))
}

fn path_of(bytes: &[u8]) -> PathBuf {
    OsStr::from_bytes(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(script: &str, old: &str, new: &str) -> Option<String> {
        let mapping = Mapping::new(&[old.into()], Path::new(new));
        rewritten(script.as_bytes(), &mapping).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    const BODY: &str = "import sys\nprint('/e/old/x')\n";
    const DISTLIB: &str = "#!/bin/sh\n'''exec' \"/e f/old/bin/python3\" \"$0\" \"$@\"\n' '''\nbody\n";

    #[test]
    fn a_simple_first_line_stays_simple_while_it_can() {
        let script = format!("#!/e/old/bin/python3.12\n{BODY}");
        let new = rewrite(&script, "/e/old", "/e/new").unwrap();
        assert_eq!(new, "#!/e/new/bin/python3.12\nimport sys\nprint('/e/new/x')\n");
        let new = rewrite(&script, "/e/old", "/e/n w").unwrap();
        assert_eq!(
            new,
            "#!/bin/sh\n'''exec' '/e/n w/bin/python3.12' \"$0\" \"$@\"\n' '''\nimport sys\nprint('/e/n w/x')\n"
        );
        let long = format!("/{}", "x".repeat(120));
        assert!(rewrite(&script, "/e/old", &long).unwrap().starts_with("#!/bin/sh\n'''exec' '/xxx"));
    }

    #[test]
    fn every_form_of_detour_is_understood() {
        assert_eq!(rewrite(DISTLIB, "/e f/old", "/e/new").unwrap(), "#!/e/new/bin/python3\nbody\n");
        for quoted in ["'/e f/old/bin/python3'", "/e\\ f/old/bin/python3"] {
            let script = DISTLIB.replace("\"/e f/old/bin/python3\"", quoted);
            assert_eq!(rewrite(&script, "/e f/old", "/e/new").unwrap(), "#!/e/new/bin/python3\nbody\n");
        }
        let script = "#!\"/e f/old/bin/python\"\nbody\n";
        assert_eq!(rewrite(script, "/e f/old", "/e/new").unwrap(), "#!/e/new/bin/python\nbody\n");
        let relocatable =
            "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n";
        assert_eq!(rewrite(relocatable, "/e/old", "/e/new"), None);
    }

    #[test]
    fn a_first_line_with_a_blank_in_the_path_is_repaired() {
        let new = rewrite("#!/e f/old/bin/python -E\nx\n", "/e f/old", "/e/new").unwrap();
        assert_eq!(new, "#!/e/new/bin/python -E\nx\n");
        let new = rewrite("#!/e f/old/bin/python -E\nx\n", "/e f/old", "/e f/new").unwrap();
        assert_eq!(new, "#!/bin/sh\n'''exec' '/e f/new/bin/python' '-E' \"$0\" \"$@\"\n' '''\nx\n");
        let again = rewrite(&new, "/e f/new", "/e/new").unwrap();
        assert_eq!(again, "#!/e/new/bin/python -E\nx\n");
    }

    #[test]
    fn a_python_that_env_starts_by_its_path_is_the_interpreter() {
        let new = |script: &str, to: &str| rewrite(script, "/e/old", to).unwrap();
        let script = format!("#!/usr/bin/env /e/old/bin/python3\n{BODY}");
        assert_eq!(new(&script, "/e/new"), "#!/usr/bin/env /e/new/bin/python3\nimport sys\nprint('/e/new/x')\n");
        let body = "import sys\nprint('/e/n w/x')\n";
        let to = format!("#!/bin/sh\n'''exec' '/e/n w/bin/python3' \"$0\" \"$@\"\n' '''\n{body}");
        assert_eq!(new(&script, "/e/n w"), to);
        let split = "#!/usr/bin/env -S /e/old/bin/python -u -X dev\nx\n";
        assert_eq!(new(split, "/e/new"), "#!/usr/bin/env -S /e/new/bin/python -u -X dev\nx\n");
        let to = "#!/bin/sh\n'''exec' '/e/n w/bin/python' '-u' '-X' 'dev' \"$0\" \"$@\"\n' '''\nx\n";
        assert_eq!(new(split, "/e/n w"), to);
        let blank = rewrite("#!/usr/bin/env /e f/old/bin/python\nx", "/e f/old", "/e/n").unwrap();
        assert_eq!(blank, "#!/usr/bin/env /e/n/bin/python\nx");
        let variable = "#!/usr/bin/env -S PYTHONPATH=/e/old/x /e/old/bin/python\nx\n";
        assert_eq!(new(variable, "/e/new"), "#!/usr/bin/env -S PYTHONPATH=/e/new/x /e/new/bin/python\nx\n");
        assert_eq!(new("#!/bin/sh /e/old/bin/x\n", "/e/new"), "#!/bin/sh /e/new/bin/x\n");
        for to in ["/e/n w".to_string(), format!("/{}", "x".repeat(120))] {
            assert_eq!(rewrite(variable, "/e/old", &to), None, "cannot be written");
        }
    }

    #[test]
    fn foreign_interpreters_stay() {
        assert_eq!(rewrite("#!/usr/bin/env python\nx\n", "/e/old", "/e/new"), None);
        assert_eq!(rewrite("#!/e/old-2/bin/python\nx\n", "/e/old", "/e/new"), None);
        let new = rewrite("#!/bin/sh\nexec /e/old/x\n", "/e/old", "/e/new").unwrap();
        assert_eq!(new, "#!/bin/sh\nexec /e/new/x\n");
        assert_eq!(rewrite("#!/e/old/bin/node\nx", "/e/old", "/e/n w"), None, "cannot be written");
    }
}
