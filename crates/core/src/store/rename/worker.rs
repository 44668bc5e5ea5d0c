//! Reading the files of a tree: what becomes of each, and where its new content waits.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Stat, Uid};

use crate::fs::times::times_of;
use crate::fs::walk::Directory;
use crate::fs::{PathContext, PathError, PathResult, attributes};
use crate::relocate::rewrite::{self, Rules, Verdict, is_bytecode, source_of_bytecode};
use crate::relocate::{Stale, large, links, outward, record};
use crate::store::journal::Step;

/// What a look at every file has shown.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The number of files.
    pub(super) files: usize,
    /// What is to be replaced.
    pub(super) steps: Vec<Step>,
    /// Activation scripts that are made from a template.
    pub(super) regenerated: Vec<PathBuf>,
    /// What will name the old path still.
    pub(super) stale: Vec<(PathBuf, Stale)>,
    /// Lists of installed files.
    pub(super) records: Vec<PathBuf>,
    /// Links that may lead out of the environment.
    pub(super) outward: Vec<PathBuf>,
}

/// What the threads share.
pub(super) struct Surveyor<'a> {
    pub(super) rules: &'a Rules,
    /// The environment, under its old path.
    pub(super) root: &'a Path,
    /// Where new contents are put; nothing is written where there is none.
    pub(super) staging: Option<&'a Directory>,
}

/// Reads file after file, until one fails.
pub(super) struct Worker<'a> {
    surveyor: &'a Surveyor<'a>,
    number: usize,
    buffer: Vec<u8>,
    pub(super) survey: Survey,
    failure: Option<PathError>,
}

impl<'a> Worker<'a> {
    /// The number tells its files from those of others.
    pub(super) fn new(surveyor: &'a Surveyor<'a>, number: usize) -> Self {
        Self { surveyor, number, buffer: Vec::new(), survey: Survey::default(), failure: None }
    }

    /// Reads files of one directory, whose path is relative to the environment.
    pub(super) fn take(&mut self, directory: &Directory, path: &Path, names: &[OsString]) {
        for name in names {
            if self.failure.is_none() {
                self.failure = self.file(directory, name, path.join(name)).err();
            }
        }
    }

    pub(super) fn finish(self) -> PathResult<Survey> {
        self.failure.map_or(Ok(self.survey), Err)
    }

    fn file(&mut self, directory: &Directory, name: &OsStr, path: PathBuf) -> PathResult<()> {
        self.survey.files += 1;
        self.read(directory, name, path)
    }

    /// Reads a file, and writes what becomes of it.
    pub(super) fn read(&mut self, directory: &Directory, name: &OsStr, path: PathBuf) -> PathResult<()> {
        let (rules, root) = (self.surveyor.rules, self.surveyor.root);
        if record::is_record(&path) {
            self.survey.records.push(path.clone());
        }
        match read_unless_other(rules, directory, name, &path, &mut self.buffer) {
            Ok(false) => Ok(()),
            Ok(true) => {
                let verdict = rules.apply(&path, &self.buffer);
                self.note(directory, name, path, &verdict)
            }
            Err(error) => Err(error).at("read", &root.join(&path)),
        }
    }

    fn note(&mut self, directory: &Directory, name: &OsStr, path: PathBuf, verdict: &Verdict) -> PathResult<()> {
        let is_cache = is_bytecode(&path)
            && source_of_bytecode(&path).is_some_and(|source| self.surveyor.root.join(source).is_file());
        if let Some(stale) = verdict.stale {
            if is_cache {
                // Python makes it again from the source next to it.
                self.survey.steps.push(Step { path, content: None, is_cache });
                return Ok(());
            }
            self.survey.stale.push((path.clone(), stale));
        }
        if verdict.is_regenerated {
            self.survey.regenerated.push(path.clone());
        }
        match &verdict.content {
            Some(content) => self.replace_file(directory, name, path, content),
            None => Ok(()),
        }
    }

    /// Writes the new content of a file, with everything else that the old one has.
    pub(super) fn replace_file(
        &mut self,
        directory: &Directory,
        name: &OsStr,
        path: PathBuf,
        content: &[u8],
    ) -> PathResult<()> {
        let is_cache = is_bytecode(&path);
        let staged = self.next();
        if let Some(staging) = self.surveyor.staging {
            let shown = self.surveyor.root.join(&path);
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let old = rustix::fs::openat(directory, name, flags, Mode::empty()).at("open", &shown)?;
            let found = rustix::fs::fstat(&old).at("read", &shown)?;
            let file = create_in(staging, &staged).at("create", &shown)?;
            (&file).write_all(content).at("write", &shown)?;
            keep_owner(&file, &found).at("keep the owner of", &shown)?;
            attributes::keep(&old, &file, &found).at("write", &shown)?;
        }
        self.survey.steps.push(Step { path, content: Some(staged), is_cache });
        Ok(())
    }

    /// A link whose target moves with the tree.
    pub(super) fn link(&mut self, directory: &Directory, name: &OsStr, path: PathBuf) -> PathResult<()> {
        use std::os::unix::ffi::OsStrExt;
        let Surveyor { rules, root, staging } = *self.surveyor;
        let shown = root.join(&path);
        let target = rustix::fs::readlinkat(directory, name, Vec::new()).at("read", &shown)?;
        let target = Path::new(OsStr::from_bytes(target.to_bytes()));
        let new = links::target(&rules.mapping, root, path.parent().unwrap_or(&path), target);
        if outward::may_leave(root, target) {
            self.survey.outward.push(path.clone());
        }
        if new == target {
            return Ok(());
        }
        let staged = self.next();
        if let Some(staging) = staging {
            let found = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).at("read", &shown)?;
            rustix::fs::symlinkat(&new, staging, &staged).at("create", &shown)?;
            rustix::fs::utimensat(staging, &staged, &times_of(&found), AtFlags::SYMLINK_NOFOLLOW)
                .at("write", &shown)?;
        }
        self.survey.steps.push(Step { path, content: Some(staged), is_cache: false });
        Ok(())
    }

    /// A name that no other thread uses.
    fn next(&self) -> OsString {
        format!("{}-{}", self.number, self.survey.steps.len()).into()
    }
}

impl Survey {
    pub(super) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.steps.extend(other.steps);
        self.regenerated.extend(other.regenerated);
        self.stale.extend(other.stale);
        self.records.extend(other.records);
        self.outward.extend(other.outward);
    }
}

/// Reads a file, unless a quick search shows that nothing in it changes.
fn read_unless_other(
    rules: &Rules,
    directory: &Directory,
    name: &OsStr,
    path: &Path,
    buffer: &mut Vec<u8>,
) -> io::Result<bool> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(directory, name, flags, Mode::empty())?;
    let size = u64::try_from(rustix::fs::fstat(&file)?.st_size).unwrap_or(0);
    // Of a script the first line counts, too, whatever else is in it.
    let searched = if rewrite::is_in_bin(path) { large::LARGE } else { large::SEARCHED };
    if size > searched && !large::may_name(&rules.mapping, &file, size)? {
        return Ok(false);
    }
    attributes::read_all(&file, size, buffer)?;
    Ok(true)
}

fn create_in(directory: &Directory, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(directory, name, flags, Mode::RUSR | Mode::WUSR)?.into())
}

/// Reads a file in a directory.
pub(super) fn read_in(directory: &Directory, name: &OsStr) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(directory, name, flags, Mode::empty())?;
    let mut content = Vec::new();
    attributes::read_all(&file, 0, &mut content)?;
    Ok(content)
}

/// A file of another user must not become the user's; the superuser can keep it that user's.
fn keep_owner(file: &File, found: &Stat) -> io::Result<()> {
    let new = rustix::fs::fstat(file.as_fd())?;
    if (new.st_uid, new.st_gid) == (found.st_uid, found.st_gid) {
        return Ok(());
    }
    let kept = rustix::fs::fchown(file, Some(Uid::from_raw(found.st_uid)), Some(Gid::from_raw(found.st_gid)));
    match kept {
        Err(_) if new.st_uid == found.st_uid => Ok(()),
        other => Ok(other?),
    }
}
