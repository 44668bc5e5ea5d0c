//! Which rule a file is rewritten by, and what is left of the source in it afterwards.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::activation::{self, Outcome, Prompt};
use super::mapping::{Language, Mapping};
use super::script::Head;
use super::{Stale, bytecode, elf, script};
use crate::env::BIN;

/// How much of a file is looked at to tell text from other things.
const PROBE: usize = 8 * 1024;
/// What all files are rewritten by.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The paths.
    pub(crate) mapping: Mapping,
    /// The names.
    pub(crate) prompt: Prompt,
}

/// What becomes of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The new content; none when it is copied as it is.
    pub(crate) content: Option<Vec<u8>>,
    /// What still names the source in it.
    pub(crate) stale: Option<Stale>,
    /// Whether it is made from a template instead of the old content.
    pub(crate) is_regenerated: bool,
}

impl Rules {
    /// Rewrites one file, whose path is relative to the environment.
    pub(crate) fn apply(&self, path: &Path, content: &[u8]) -> Verdict {
        if let Some(verdict) = self.special(path, content) {
            return verdict;
        }
        let is_program = is_in_bin(path) && content.starts_with(b"#!");
        if !(self.mapping.may_be_in(content) || is_program && script::is_led(content, &self.mapping)) {
            let stale = (is_program && runs_another_environment(content, &self.mapping)).then_some(Stale::Script);
            return Verdict { stale, ..Verdict::default() };
        }
        let new = self.rewritten(path, content);
        let result = new.as_deref().unwrap_or(content);
        let stale = if is_program && runs_another_environment(result, &self.mapping) {
            Some(Stale::Script)
        } else if self.mapping.is_left_in(result) {
            Some(kind(path, result))
        } else {
            None
        };
        Verdict { content: new, stale, is_regenerated: false }
    }

    /// The new content of a file; none when it stays as it is.
    pub(crate) fn new_content(&self, path: &Path, content: &[u8]) -> Option<Vec<u8>> {
        self.mapping.may_be_in(content).then(|| self.apply(path, content).content).flatten()
    }

    /// Returns whether the rest of a text that is too large for memory may be rewritten, by its beginning.
    pub(crate) fn may_replace_later(&self, path: &Path, start: &[u8]) -> bool {
        let is_code = start.starts_with(b"#!") || is_shell_code(path);
        !is_binary(start) && !elf::is_elf(start) && (self.mapping.is_plain() || !is_code)
    }

    /// Rewrites a piece of such a rest, which begins and ends with a line.
    pub(crate) fn apply_later(&self, path: &Path, piece: &[u8], may_replace: bool) -> Verdict {
        let content = if may_replace { self.mapping.replace(piece, language(path)) } else { None };
        let result = content.as_deref().unwrap_or(piece);
        let stale = self.mapping.is_left_in(result).then(|| kind(path, result));
        Verdict { content, stale, is_regenerated: false }
    }

    /// The files that are about the environment's name, too.
    fn special(&self, path: &Path, content: &[u8]) -> Option<Verdict> {
        if path == Path::new("pyvenv.cfg") {
            let new = activation::configuration(content, &self.mapping, &self.prompt);
            let is_stale = self.mapping.is_left_in(new.as_deref().unwrap_or(content));
            return Some(Verdict { content: new, stale: is_stale.then_some(Stale::Text), is_regenerated: false });
        }
        let name = path.file_name().filter(|name| is_in_bin(path) && activation::is_script(name))?;
        let outcome = activation::script(name, content, &self.mapping, &self.prompt);
        let is_regenerated = matches!(outcome, Outcome::Regenerated(_));
        let (content, stale) = match outcome {
            Outcome::Unchanged => (None, None),
            Outcome::Edited(new) | Outcome::Regenerated(new) => (Some(new), None),
            Outcome::Stale => (None, Some(Stale::Hook)),
        };
        Some(Verdict { content, stale, is_regenerated })
    }

    fn rewritten(&self, path: &Path, content: &[u8]) -> Option<Vec<u8>> {
        if is_bytecode(path) {
            return bytecode::patched(content, &self.mapping);
        }
        if elf::is_elf(content) {
            let directory = self.mapping.new_path().join(path.parent().unwrap_or(Path::new("")));
            return elf::relocated(content, &directory, &self.mapping);
        }
        if is_binary(content) {
            return None;
        }
        if content.starts_with(b"#!") {
            return script::rewritten(content, &self.mapping);
        }
        if is_shell_code(path) && !self.mapping.is_plain() {
            return None;
        }
        self.mapping.replace(content, language(path))
    }
}

/// Returns whether a file is compiled Python.
pub(crate) fn is_bytecode(path: &Path) -> bool {
    has_extension(path, &["pyc", "pyo"])
}

/// The source that Python can make a compiled file from again.
pub(crate) fn source_of_bytecode(path: &Path) -> Option<PathBuf> {
    let directory = path.parent().filter(|directory| directory.file_name() == Some(OsStr::new("__pycache__")))?;
    let name = path.file_name()?.as_bytes().split(|&byte| byte == b'.').next()?;
    Some(directory.parent()?.join(OsStr::from_bytes(&[name, b".py"].concat())))
}

/// Returns whether Python corrects the path in a compiled file when it imports it: it does in what it has cached itself.
/// Others that cache there have a tag of more parts, as in `m.cpython-312-pytest-8.4.pyc`.
pub(crate) fn is_corrected_at_import(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    let parts: Vec<&[u8]> = name.split(|&byte| byte == b'.').collect();
    let tag = match parts[..] {
        [_, tag, b"pyc"] => tag,
        [_, tag, level, b"pyc"] if level.starts_with(b"opt-") => tag,
        _ => return false,
    };
    memchr::memchr_iter(b'-', tag).count() <= 1 && source_of_bytecode(path).is_some()
}

/// Returns whether a script's interpreter is that of the source, or of any other environment than the copy.
fn runs_another_environment(content: &[u8], mapping: &Mapping) -> bool {
    let mut roots = mapping.old_paths().to_vec();
    roots.push(mapping.new_path().to_path_buf());
    let Some(head) = Head::parse(content, &roots) else { return false };
    if head.interpreter.starts_with(mapping.new_path()) || !head.interpreter.is_absolute() {
        return false;
    }
    let root = head.interpreter.parent().and_then(Path::parent);
    mapping.path(&head.interpreter).is_some()
        || is_started_by_option(&head, mapping)
        || (head.is_python() && root.is_some_and(|root| root.join("pyvenv.cfg").is_file()))
}

/// Returns whether a program of the source is named after the interpreter, as for `env` with variables.
fn is_started_by_option(head: &Head, mapping: &Mapping) -> bool {
    let mut words = head.options.split(u8::is_ascii_whitespace).map(|word| Path::new(OsStr::from_bytes(word)));
    words.any(|word| mapping.old_paths().iter().any(|old| word.starts_with(old.join(BIN))))
}

/// What kind of thing a file is that still names the source.
pub(crate) fn kind(path: &Path, content: &[u8]) -> Stale {
    if is_bytecode(path) || is_binary(content) {
        Stale::Binary
    } else if is_shell_code(path) {
        Stale::Hook
    } else {
        Stale::Text
    }
}

fn language(path: &Path) -> Language {
    if has_extension(path, &["json", "ipynb"]) {
        Language::Json
    } else if has_extension(path, &["py", "pyi", "pyw"]) {
        Language::Python
    } else {
        Language::Plain
    }
}

/// Hooks of the user and other code that a shell reads.
fn is_shell_code(path: &Path) -> bool {
    is_in_bin(path) || has_extension(path, &["sh", "bash", "zsh", "fish", "csh", "env", "envrc"])
}

/// Returns whether a file is one of the environment's programs and scripts.
pub(crate) fn is_in_bin(path: &Path) -> bool {
    path.parent() == Some(Path::new(BIN))
}

fn is_binary(content: &[u8]) -> bool {
    content[..content.len().min(PROBE)].contains(&0)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|own| extensions.contains(&own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(new: &str) -> Rules {
        let mapping = Mapping::new(&["/e/old".into()], Path::new(new));
        let prompt = Prompt { old_names: vec!["old".into()], new_name: "new".into(), custom: None };
        Rules { mapping, prompt }
    }

    fn apply(path: &str, content: &[u8], new: &str) -> Verdict {
        rules(new).apply(Path::new(path), content)
    }

    fn text(verdict: Verdict) -> String {
        assert_eq!(verdict.stale, None);
        String::from_utf8(verdict.content.unwrap()).unwrap()
    }

    #[test]
    fn each_kind_of_text_has_its_language() {
        let finder = b"MAPPING = {'p': '/e/old/src/p'}\n";
        assert_eq!(text(apply("lib/x.py", finder, "/e/it's")), "MAPPING = {'p': '/e/it\\'s/src/p'}\n");
        let kernel = b"{\"argv\": [\"/e/old/bin/python\"]}";
        assert_eq!(text(apply("share/kernel.json", kernel, "/e/a\"b")), "{\"argv\": [\"/e/a\\\"b/bin/python\"]}");
        assert_eq!(text(apply("lib/x.pth", b"/e/old/src\n", "/e/a b")), "/e/a b/src\n");
        assert_eq!(text(apply(".project", b"/e/old/p\n", "/e/a b")), "/e/a b/p\n");
    }

    #[test]
    fn code_of_a_shell_is_left_to_its_author_when_quotes_matter() {
        let hook = b"cd /e/old/src\n";
        assert_eq!(text(apply("bin/postactivate", hook, "/e/new")), "cd /e/new/src\n");
        let verdict = apply("bin/postactivate", hook, "/e/a b");
        assert_eq!((verdict.content, verdict.stale), (None, Some(Stale::Hook)));
        let verdict = apply("bin/x", b"#!/bin/sh\ncd /e/old/src\n", "/e/a b");
        assert_eq!((verdict.content, verdict.stale), (None, Some(Stale::Hook)));
    }

    #[test]
    fn other_binaries_are_only_reported() {
        let verdict = apply("lib/data.bin", b"\0/e/old/x\0", "/e/new");
        assert_eq!((verdict.content, verdict.stale), (None, Some(Stale::Binary)));
        assert_eq!(apply("lib/data.bin", b"\0/e/old-2/x\0", "/e/new"), Verdict::default());
    }

    #[test]
    fn scripts_that_run_another_environment_are_found() {
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join("pyvenv.cfg"), "").unwrap();
        let script = format!("#!{}/bin/python\nx\n", other.path().display());
        assert_eq!(apply("bin/x", script.as_bytes(), "/e/new").stale, Some(Stale::Script));
        assert_eq!(apply("lib/x", script.as_bytes(), "/e/new").stale, None);
        assert_eq!(apply("bin/x", b"#!/usr/bin/python3\nx\n", "/e/new").stale, None);
        assert_eq!(apply("bin/x", b"#!/e/old/bin/node\nx\n", "/e/n w").stale, Some(Stale::Script));
        let with_variable = b"#!/usr/bin/env -S A=b /e/old/bin/python\n";
        assert_eq!(apply("bin/x", with_variable, "/e/n w").stale, Some(Stale::Script));
        assert_eq!(apply("bin/x", b"#!/usr/bin/env /e/old/bin/python\n", "/e/n w").stale, None);
    }

    #[test]
    fn what_python_has_cached_is_told_from_what_others_have() {
        for name in ["m.cpython-312.pyc", "m.cpython-39.opt-1.pyc", "m.pypy310.pyc", "m.cpython-313t.pyc"] {
            assert!(is_corrected_at_import(&Path::new("lib/__pycache__").join(name)), "{name}");
            assert!(!is_corrected_at_import(&Path::new("lib").join(name)), "{name}");
        }
        for name in ["m.cpython-312-pytest-8.pyc", "m.cpython-312-pytest-8.4.1.pyc", "m.pyc", "a.b.cpython-312.pyc", ""]
        {
            assert!(!is_corrected_at_import(&Path::new("lib/__pycache__").join(name)), "{name}");
        }
    }

    #[test]
    fn only_cached_bytecode_has_a_known_source() {
        let source = |path| source_of_bytecode(Path::new(path));
        assert_eq!(source("lib/a/__pycache__/m.cpython-312.opt-1.pyc"), Some("lib/a/m.py".into()));
        assert_eq!(source("lib/a/m.pyc"), None);
    }
}
