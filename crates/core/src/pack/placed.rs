//! A file of a conda environment, as it has to be for its new path.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use memchr::memmem;

use super::conda::{Placeholder, Table};
use crate::env::BIN;
use crate::relocate::activation::Prompt;
use crate::relocate::mapping::Mapping;
use crate::relocate::rewrite::{Rules, Verdict, is_bytecode};
use crate::relocate::script::Head;
use crate::wheel::scripts::shebang;

/// How much of a large text is changed at a time.
pub(super) const PIECE: usize = 1 << 20;
/// The longest line of a large text.
pub(super) const MAX_LINE: usize = 8 << 20;
/// More than any script.
const MAX_SCRIPT: usize = 1 << 20;

/// Returns a text with the new path in every place of an old one. Compiled code is changed where it is written.
pub(super) fn placed(table: &Table, path: &Path, content: &[u8], target: &Path) -> Verdict {
    let mut placed = Verdict::default();
    for Placeholder { path: old, is_binary } in table.of(path) {
        if *is_binary && !is_bytecode(path) {
            continue;
        }
        let now = placed.content.as_deref().unwrap_or(content);
        let verdict = text(path, now, old, target);
        placed.content = verdict.content.or(placed.content);
        placed.stale = placed.stale.or(verdict.stale);
    }
    // conda-pack leaves out what is next to the Python that runs its script.
    if table.of(path).is_empty() && is_next_to_python(path) && content.starts_with(b"#!") && content.len() < MAX_SCRIPT
    {
        for old in table.in_texts() {
            let now = placed.content.as_deref().unwrap_or(content);
            if memmem::find(now, old.as_os_str().as_bytes()).is_some() {
                let verdict = text(path, now, old, target);
                placed.content = verdict.content.or(placed.content);
                placed.stale = placed.stale.or(verdict.stale);
            }
        }
    }
    placed
}

/// A large text, piece by piece.
pub(super) struct Pieces<'a> {
    table: &'a Table,
    path: &'a Path,
    target: &'a Path,
    /// Whether what is not the beginning may be changed, and the rules, for each old path.
    rest: Vec<(bool, Rules)>,
    is_first: bool,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(table: &'a Table, path: &'a Path, target: &'a Path) -> Self {
        Self { table, path, target, rest: Vec::new(), is_first: true }
    }

    /// Returns the next piece, which ends where a line does, with the new path in every place of an old one.
    pub(super) fn next(&mut self, content: &[u8]) -> Verdict {
        if std::mem::take(&mut self.is_first) {
            let rules = self.table.of(self.path).iter().map(|note| rules(&note.path, self.target));
            self.rest = rules.map(|rules| (rules.may_replace_later(self.path, content), rules)).collect();
            return placed(self.table, self.path, content, self.target);
        }
        let mut placed = Verdict::default();
        for (may_replace, rules) in &self.rest {
            let now = placed.content.as_deref().unwrap_or(content);
            let verdict = rules.apply_later(self.path, now, *may_replace);
            placed.content = verdict.content.or(placed.content);
            placed.stale = placed.stale.or(verdict.stale);
        }
        placed
    }
}

/// By how much a file can grow at most.
pub(super) fn growth(table: &Table, path: &Path, content: &[u8], target: &Path) -> u64 {
    let texts = table.of(path).iter().filter(|placeholder| !placeholder.is_binary);
    let more = texts.map(|placeholder| {
        let old = placeholder.path.as_os_str().as_bytes();
        let longer = (4 * target.as_os_str().len()).saturating_sub(old.len()) as u64;
        longer.saturating_mul(memmem::find_iter(content, old).count() as u64)
    });
    more.sum()
}

fn is_next_to_python(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    path.parent() == Some(Path::new(BIN)) && name.starts_with(b"python")
}

/// By the rules for an environment that was moved.
fn text(path: &Path, content: &[u8], old: &Path, target: &Path) -> Verdict {
    let mapping = Mapping::new(&[old.to_path_buf()], target);
    let head = program_on_path(path, content, &mapping);
    let verdict = rules(old, target).apply(path, head.as_deref().unwrap_or(content));
    Verdict { content: verdict.content.or(head), ..verdict }
}

fn rules(old: &Path, target: &Path) -> Rules {
    let prompt = Prompt { old_names: Vec::new(), new_name: String::new(), custom: None };
    Rules { mapping: Mapping::new(&[old.to_path_buf()], target), prompt }
}

/// A script for another program than Python whose first line has no room for the new path, so that the program is found
/// on PATH instead, as conda does it.
fn program_on_path(path: &Path, content: &[u8], mapping: &Mapping) -> Option<Vec<u8>> {
    let is_script = path.parent() == Some(Path::new(BIN)) && content.starts_with(b"#!");
    let head = Head::parse(content, mapping.old_paths()).filter(|head| is_script && !head.is_python())?;
    let program = mapping.path(&head.interpreter)?;
    let simple = [b"#!", program.as_os_str().as_bytes(), b"\n"].concat();
    let options = if head.options.is_empty() { Vec::new() } else { [b" ", head.options.as_slice()].concat() };
    // The same limits as for a Python.
    if shebang(&program) == simple && simple.len() + options.len() <= crate::wheel::scripts::MAX_SHEBANG {
        return None;
    }
    let split: &[u8] = if options.is_empty() { b"" } else { b"-S " };
    let name = program.file_name()?.as_bytes();
    Some([b"#!/usr/bin/env ", split, name, &options, b"\n", &content[head.length..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(records: &str) -> Table {
        Table::parse(format!("\n_prefix_records = [{records}]").as_bytes()).unwrap()
    }

    fn change(records: &str, path: &str, content: &[u8], target: &str) -> Option<Vec<u8>> {
        placed(&table(records), Path::new(path), content, Path::new(target)).content
    }

    #[test]
    fn text_is_written_in_its_language() {
        let record = "('lib/x.py', '/opt/p', 'text'), ('lib/x.pc', '/opt/p', 'text')";
        assert_eq!(change(record, "lib/x.py", b"P = '/opt/p/x'\n", "/e/it's").unwrap(), b"P = '/e/it\\'s/x'\n");
        assert_eq!(change(record, "lib/x.pc", b"prefix=/opt/p\n", "/e/it's").unwrap(), b"prefix=/e/it's\n");
        assert_eq!(change(record, "lib/x.pc", b"prefix=/opt/pp\n", "/e/it's"), None);
    }

    #[test]
    fn scripts_find_their_program() {
        let long = format!("/e/{}", "n".repeat(120));
        let record = "('bin/x', '/opt/p', 'text')";
        let script = |program: &str| format!("#!/opt/p/bin/{program}\ncode\n").into_bytes();
        assert_eq!(change(record, "bin/x", &script("perl -w"), "/e/n").unwrap(), b"#!/e/n/bin/perl -w\ncode\n");
        assert_eq!(change(record, "bin/x", &script("perl -w"), &long).unwrap(), b"#!/usr/bin/env -S perl -w\ncode\n");
        assert_eq!(change(record, "bin/x", &script("perl"), "/e/a b").unwrap(), b"#!/usr/bin/env perl\ncode\n");
        let python = String::from_utf8(change(record, "bin/x", &script("python"), "/e/a b").unwrap()).unwrap();
        assert!(python.starts_with("#!/bin/sh\n'''exec' '/e/a b/bin/python' "), "{python}");
        // It is not in the table, although it should be.
        let config = change(record, "bin/python3-config", b"#!/bin/sh\nprefix=\"/opt/p\"\n", "/e/n").unwrap();
        assert_eq!(config, b"#!/bin/sh\nprefix=\"/e/n\"\n");
    }
}
