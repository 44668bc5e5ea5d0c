//! Writing what an archive holds into a new directory: nothing outside of it can be reached, as no link is made before
//! everything else is written.

mod large;
mod places;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Timespec, Timestamps};

use crate::env::{BIN, metadata};
use crate::fs::walk::Directory;
use crate::fs::{self, PathContext, PathResult};
use crate::pack::comparison::Compared;
use crate::pack::conda;

use crate::pack::inspect::Inspection;
use crate::pack::interpreter_names::{is_interpreter, is_interpreter_of, is_script_at};
use crate::pack::macos::is_of_macos;
use crate::pack::manifest::Manifest;
use crate::pack::placed::{growth, placed};
use crate::pack::problem::ArchiveProblem;
use crate::pack::refusal::UnpackError;
use crate::pack::tree::{Progress, Step};
use crate::pack::untar::{Member, MemberKind, Untar};
use crate::relocate::rewrite::{Rules, is_bytecode};
use crate::relocate::{activation, record, self_locating};

/// Larger files are not held in memory unless they name the old path.
const LARGE: u64 = 4 << 20;
/// Not even then: what names the old path in them is told, not changed.
const TOO_LARGE: u64 = 32 << 20;
/// By how much the files of an environment grow together when their path becomes longer, and far more.
const MAX_GROWTH: u64 = 256 << 20;

/// Where to write, and what to change on the way.
pub(super) struct Extraction<'a> {
    inspection: &'a Inspection,
    /// What makes files name their new path; none for a tree that names none.
    rules: Option<&'a Rules>,
    /// Where the environment will be.
    target: &'a Path,
    root: Directory,
    staging: &'a Path,
    /// The directory of the last file.
    parent: (PathBuf, Directory),
    links: Vec<(PathBuf, PathBuf)>,
    /// Whether `pyvenv.cfg` is written.
    has_cfg: bool,
    /// By how much files have grown.
    growth: u64,
    /// What was written.
    pub(super) extracted: Extracted,
}

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Extracted {
    /// The number of files.
    pub(super) files: usize,
    /// Those with other content than in the archive.
    pub(super) changed: HashSet<PathBuf>,
    /// Lists of hashes.
    pub(super) records: Vec<PathBuf>,
    /// What still names the old path.
    pub(super) stale: Vec<PathBuf>,
    /// What conda would source at activation.
    pub(super) unsourced: Vec<PathBuf>,
    /// Whether it was decompressed, and changed bytes would not have been found.
    pub(super) is_unchecked: bool,
    /// What came of comparing the files with their hashes.
    pub(super) compared: Compared,
}

impl<'a> Extraction<'a> {
    /// Begins to write into a directory, which exists and is empty.
    pub(super) fn new(
        inspection: &'a Inspection,
        rules: Option<&'a Rules>,
        target: &'a Path,
        staging: &'a Path,
    ) -> PathResult<Self> {
        let open = || Directory::open_itself(staging).at("open", staging);
        let (root, parent) = (open()?, (PathBuf::new(), open()?));
        let extracted = Extracted::default();
        let (links, has_cfg, growth) = (Vec::new(), false, 0);
        Ok(Self { inspection, rules, target, root, staging, parent, links, has_cfg, growth, extracted })
    }

    /// Writes everything.
    pub(super) fn run(
        &mut self,
        archive: &mut Untar<&mut dyn Read>,
        progress: Progress<'_>,
    ) -> Result<(), UnpackError> {
        if let Some(manifest) = &self.inspection.manifest {
            archive.allow(manifest.files, manifest.bytes);
        }
        // Before anything is changed.
        archive.compare();
        loop {
            let member = archive.next().map_err(|problem| self.refused(problem))?;
            let Some(member) = member else { break };
            let Some(path) = self.place(&member)? else { continue };
            let size = if let MemberKind::File(size) = member.kind { size } else { 0 };
            self.member(&path, &member, archive)?;
            progress(Step::Done(size));
        }
        let (is_foreign, is_conda) = (self.inspection.manifest.is_none(), self.inspection.conda.is_some());
        self.extracted.is_unchecked = archive.is_unchecked();
        self.extracted.compared = archive.comparison().finish(is_foreign, is_conda);
        self.make_links()
    }

    /// Where a member belongs in the environment; none for what is not needed there.
    fn place(&self, member: &Member) -> Result<Option<PathBuf>, UnpackError> {
        let Ok(path) = member.path.strip_prefix(&self.inspection.prefix) else {
            // What leads to the environment is no part of it.
            let is_above = self.inspection.prefix.starts_with(&member.path) && member.kind == MemberKind::Directory;
            return if is_above || is_of_macos(member) {
                Ok(None)
            } else {
                Err(UnpackError::Stray {
                    path: self.inspection.path.clone(),
                    environment: self.inspection.prefix.clone(),
                    stray: member.path.clone(),
                })
            };
        };
        let name = path.file_name().unwrap_or_default();
        let is_top = path.components().count() <= 1;
        let in_bin = path.parent() == Some(Path::new(BIN));
        let first = path.components().next().map_or(name, Component::as_os_str);
        let is_ours = fs::is_own_hidden(first) || is_top && (name == metadata::FILE_NAME || name == ".lock");
        let is_done = self.inspection.conda.is_some() && conda::is_own_script(name);
        let is_remade = in_bin && (activation::is_script(name) || name == "venvwrap-fix" || is_done);
        // The interpreter is linked again. A link to another leads nowhere, and a file may be anything.
        let (text, is_link) = (name.to_string_lossy(), matches!(member.kind, MemberKind::Link(_)));
        let is_python = is_interpreter_of(&text, &self.inspection.library) || is_link && is_interpreter(&text);
        let is_linked = in_bin && !self.inspection.has_python() && is_python && !self.may_be_script(member);
        // The same once more, as the inspection has seen.
        let is_known = self.has_cfg && self.inspection.manifest.is_none() && path == Path::new("pyvenv.cfg");
        let is_left_out =
            is_known || path.as_os_str().is_empty() || is_ours || is_remade || is_linked || Manifest::is_at(path);
        Ok((!is_left_out).then(|| path.to_path_buf()))
    }

    /// Returns whether a member with the name of the interpreter may be a script that somebody wrote, as far as that is
    /// known before its content is.
    fn may_be_script(&self, member: &Member) -> bool {
        match &member.kind {
            MemberKind::File(size) => *size <= LARGE,
            // The file has been written, and no link.
            MemberKind::HardLink(first) => {
                let first = first.strip_prefix(&self.inspection.prefix).map(|first| self.staging.join(first));
                first.is_ok_and(|first| is_script_at(&first))
            }
            MemberKind::Directory | MemberKind::Link(_) => false,
        }
    }

    /// Returns whether a file is the interpreter, which is linked again.
    fn is_interpreter(&self, path: &Path, content: &[u8]) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_named_so = || is_interpreter_of(&name, &self.inspection.library);
        let is_of_base = path.parent() == Some(Path::new(BIN)) && !self.inspection.has_python();
        is_of_base && !content.starts_with(b"#!") && is_named_so()
    }

    fn member(&mut self, path: &Path, member: &Member, archive: &mut Untar<&mut dyn Read>) -> Result<(), UnpackError> {
        match &member.kind {
            MemberKind::Directory => {
                self.enter(path)?;
                Ok(())
            }
            MemberKind::File(size) => self.file(path, member, *size, archive),
            MemberKind::Link(target) => {
                self.links.push((path.to_path_buf(), target.clone()));
                Ok(())
            }
            MemberKind::HardLink(first) => self.hard_link(path, first),
        }
    }

    fn file(
        &mut self,
        path: &Path,
        member: &Member,
        size: u64,
        archive: &mut Untar<&mut dyn Read>,
    ) -> Result<(), UnpackError> {
        // How a program finds its Python is in its first lines, whether they name the old path or not.
        let recorded = self.inspection.conda.as_ref().map_or(&[][..], |table| table.of(path));
        let in_bin = path.parent() == Some(Path::new(BIN)) && recorded.is_empty();
        let is_compiled = recorded.iter().any(|note| note.is_binary) && !is_bytecode(path);
        let full = self.staging.join(path);
        let file = if is_compiled || size > [LARGE, TOO_LARGE][usize::from(in_bin)] {
            self.large_file(path, member, archive)?
        } else {
            let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            let read = archive.content().read_to_end(&mut content);
            read.map_err(|error| self.refused(error.into()))?;
            if is_apple_double(path, &content) || self.is_interpreter(path, &content) {
                return Ok(());
            }
            let file = self.create(path, member.mode)?;
            let noted = self.placed(path, &content)?;
            let new = self.rewritten(path, noted.as_deref().unwrap_or(&content)).or(noted);
            (&file).write_all(new.as_deref().unwrap_or(&content)).at("write", &full)?;
            file
        };
        self.has_cfg |= path == Path::new("pyvenv.cfg");
        if record::is_record(path) {
            self.extracted.records.push(path.to_path_buf());
        }
        if self.inspection.conda.is_some() && path.parent() == Some(Path::new("etc/conda/activate.d")) {
            self.extracted.unsourced.push(path.to_path_buf());
        }
        self.extracted.files += 1;
        let time = Timespec { tv_sec: i64::try_from(member.mtime).unwrap_or(0), tv_nsec: 0 };
        let times = Timestamps { last_access: time, last_modification: time };
        Ok(rustix::fs::futimens(&file, &times).at("write", &full)?)
    }

    /// A file as conda-pack has noted it; none if it has nothing to do with it.
    fn placed(&mut self, path: &Path, content: &[u8]) -> Result<Option<Vec<u8>>, UnpackError> {
        let Some(table) = &self.inspection.conda else { return Ok(None) };
        self.grow(path, content)?;
        let verdict = placed(table, path, content, self.target);
        if verdict.stale.is_some() {
            self.extracted.stale.push(path.to_path_buf());
        }
        if verdict.content.is_some() {
            self.extracted.changed.insert(path.to_path_buf());
        }
        Ok(verdict.content)
    }

    /// Counts by how much files grow.
    fn grow(&mut self, path: &Path, content: &[u8]) -> Result<(), UnpackError> {
        let more = self.inspection.conda.as_ref().map_or(0, |table| growth(table, path, content, self.target));
        self.growth = self.growth.saturating_add(more);
        if self.growth > MAX_GROWTH {
            return Err(self.unsafe_member(path, "names its path far too often"));
        }
        Ok(())
    }

    /// A file as it has to be in its new place; none if that is as it is.
    fn rewritten(&mut self, path: &Path, content: &[u8]) -> Option<Vec<u8>> {
        let rules = self.rules?;
        let in_bin = path.parent() == Some(Path::new(BIN));
        let own = in_bin.then(|| self.script(content)).flatten();
        let verdict = rules.apply(path, own.as_deref().unwrap_or(content));
        if verdict.stale.is_some() {
            self.extracted.stale.push(path.to_path_buf());
        }
        let new = verdict.content.or(own);
        if new.is_some() {
            self.extracted.changed.insert(path.to_path_buf());
        }
        new
    }

    /// A script that finds its Python in some way, as an installer would have written it here.
    fn script(&self, content: &[u8]) -> Option<Vec<u8>> {
        if let Some(fixed) = self_locating::fixed(content, self.target, BIN) {
            return Some(fixed);
        }
        // What venv-pack has put into the place of the environment's own Python.
        let is_foreign = self.inspection.manifest.is_none();
        let rest = content.strip_prefix(b"#!/usr/bin/env python").filter(|_| is_foreign)?;
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let is_version = rest[..end].iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
        let head = crate::wheel::scripts::shebang(&self.target.join(BIN).join("python"));
        is_version.then(|| [&head, &rest[end + 1..]].concat())
    }

    fn unsafe_member(&self, path: &Path, reason: &'static str) -> UnpackError {
        self.refused(ArchiveProblem::Unsafe { name: path.to_path_buf(), reason })
    }

    fn refused(&self, problem: ArchiveProblem) -> UnpackError {
        UnpackError::Archive { path: self.inspection.path.clone(), problem }
    }
}

/// Returns whether a file has only what macOS knows about the one next to it: Python would take one for a `.pth` file.
fn is_apple_double(path: &Path, content: &[u8]) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b"._") && content.starts_with(&[0, 5, 22, 7])
}
