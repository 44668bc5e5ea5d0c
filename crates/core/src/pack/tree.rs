//! A whole tree to be written: what is in it, in which order, and what was left out.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use super::contents::Contents;
use super::editable::Packages;
use super::entry::{Entry, Kind, Sink};
use super::error::PackError;
use super::libraries::Needs;
use super::scan::{self, Item, Origin, Source};
use crate::fs::order::{Order as _, by_bytes};
use crate::fs::{PathContext, PathResult};
use crate::relocate::record;
use crate::relocate::rewrite::Verdict;

/// Larger files are not held in memory as a whole unless they name the environment.
const LARGE: u64 = 8 << 20;

/// What the user of a long operation is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many bytes are to be written, besides those that were announced before.
    Ahead(u64),
    /// So many bytes, a file, were written.
    Done(u64),
}

/// Called with each step.
pub type Progress<'a> = &'a dyn Fn(Step);

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Tree {
    /// In the order of their paths.
    pub(super) items: Vec<Item>,
    /// What decides about their content.
    pub(super) contents: Contents,
    /// Where the files of items are that have another place in the archive than in the environment.
    pub(super) moved: Option<(PathBuf, PathBuf)>,
    /// What they need of a machine.
    pub(super) needs: Needs,
    /// What is installed.
    pub(super) packages: Packages,
    /// The time of what is made, or of everything.
    pub(super) time: Time,
    /// Whether it holds passwords.
    pub(super) has_secrets: bool,
}

/// Which times the entries get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// Each its own; what has none gets this one.
    Newest(u64),
    /// All the same.
    Fixed(u64),
}

/// What came of writing.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// What still names the environment.
    pub(crate) stale: Vec<PathBuf>,
}

impl Tree {
    /// Who may read the file that it is written into, besides what the user's mask takes away.
    pub(super) fn mode(&self) -> u32 {
        if self.has_secrets { 0o600 } else { 0o666 }
    }

    /// The number of files, and how large they are together.
    pub(super) fn size(&self) -> (u64, u64) {
        let sizes = self.items.iter().filter_map(|item| match &item.origin {
            Origin::File(source) => Some(source.size),
            Origin::Made(content) => Some(content.len() as u64),
            _ => None,
        });
        sizes.fold((0, 0), |(files, bytes), size| (files + 1, bytes + size))
    }

    /// Puts files into the place of links to them, and leaves out links to directories, which it returns.
    pub(super) fn follow_links(&mut self) -> Vec<PathBuf> {
        let by_path: HashMap<PathBuf, Item> = self.items.iter().map(|item| (item.path.clone(), item.clone())).collect();
        let mut left_out = Vec::new();
        for item in std::mem::take(&mut self.items) {
            let path = item.path.clone();
            match followed(item, &by_path) {
                Some(item) => self.items.push(item),
                None => left_out.push(path),
            }
        }
        left_out
    }

    /// Leaves out what has a name that the format cannot hold, and returns it: of a directory and what is in it only that.
    pub(super) fn keep(&mut self, can_hold: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
        let (kept, odd): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.items).into_iter().partition(|item| can_hold(&item.path));
        self.items = kept;
        odd.into_iter().map(|item| item.path).filter(|path| path.parent().is_none_or(can_hold)).collect()
    }

    /// Writes everything. Lists of hashes come last, when all that they list is known.
    pub(crate) fn write(
        &self,
        sink: &mut dyn Sink,
        output: &Path,
        progress: Progress<'_>,
    ) -> Result<Written, PackError> {
        let mut writer = Writer { tree: self, sink, output, changed: HashMap::new(), written: Written::default() };
        progress(Step::Ahead(self.items.iter().map(size_of).sum()));
        let (lists, others): (Vec<_>, Vec<_>) = self.items.iter().partition(|item| is_list(item));
        for item in others {
            writer.item(item)?;
            progress(Step::Done(size_of(item)));
        }
        for item in lists {
            writer.list(item)?;
            progress(Step::Done(size_of(item)));
        }
        writer.sink.finish().at("write", output)?;
        writer.written.stale.sort();
        Ok(writer.written)
    }

    /// The path in the environment of something in the archive.
    fn place_in_environment(&self, path: &Path) -> PathBuf {
        match &self.moved {
            Some((from, to)) => path.strip_prefix(to).map_or_else(|_| path.to_path_buf(), |rest| from.join(rest)),
            None => path.to_path_buf(),
        }
    }

    fn entry(&self, item: &Item, kind: Kind) -> Entry {
        let mtime = match self.time {
            Time::Fixed(time) => time,
            // The time of a directory tells when something in it was compiled or removed, which is of no interest.
            Time::Newest(newest) if item.mtime == 0 || kind == Kind::Directory => newest,
            Time::Newest(_) => item.mtime,
        };
        Entry { path: item.path.clone(), kind, mode: item.mode, mtime }
    }

    fn verdict(&self, item: &Item, content: &[u8]) -> Verdict {
        self.contents.apply(&self.place_in_environment(&item.path), content)
    }

    /// A file as it is written, if that is not as it was.
    fn new_content(&self, item: &Item) -> PathResult<Option<Vec<u8>>> {
        let Origin::File(source) = &item.origin else { return Ok(None) };
        let content = read(source)?;
        Ok(self.verdict(item, &content).content)
    }
}

struct Writer<'a> {
    tree: &'a Tree,
    sink: &'a mut dyn Sink,
    output: &'a Path,
    /// What is written otherwise than it is in the environment.
    changed: HashMap<&'a Path, &'a Item>,
    written: Written,
}

impl<'a> Writer<'a> {
    fn item(&mut self, item: &'a Item) -> PathResult<()> {
        match &item.origin {
            Origin::Directory => self.add(item, Kind::Directory, &mut std::io::empty()),
            Origin::Link(target) => self.add(item, Kind::Link(target.clone()), &mut std::io::empty()),
            Origin::Made(content) => {
                self.changed.insert(&item.path, item);
                self.bytes(item, content)
            }
            Origin::File(source) if source.size > LARGE => {
                let mut file = source.open()?;
                let path = self.tree.place_in_environment(&item.path);
                if self.tree.contents.may_be_streamed(&path, &file, source.size).at("read", source.path())? {
                    return self.add(item, Kind::File(source.size), &mut file);
                }
                self.rewritten(item, source)
            }
            Origin::File(source) => self.rewritten(item, source),
        }
    }

    fn rewritten(&mut self, item: &'a Item, source: &Source) -> PathResult<()> {
        let content = read(source)?;
        let verdict = self.tree.verdict(item, &content);
        if verdict.stale.is_some() {
            self.written.stale.push(item.path.clone());
        }
        if verdict.content.is_some() {
            self.changed.insert(&item.path, item);
        }
        self.bytes(item, verdict.content.as_deref().unwrap_or(&content))
    }

    /// A list of hashes, with those of files that were rewritten.
    fn list(&mut self, item: &'a Item) -> PathResult<()> {
        let Origin::File(source) = &item.origin else { return self.item(item) };
        let content = read(source)?;
        let tree = self.tree;
        let of_changed = |path: &Path| match self.changed.get(path) {
            Some(Item { origin: Origin::Made(content), .. }) => Ok(Some(content.clone())),
            Some(changed) => tree.new_content(changed),
            None => Ok(None),
        };
        let new = record::updated(&content, tree.contents.place(), &item.path, &of_changed)?;
        self.bytes(item, new.as_deref().unwrap_or(&content))
    }

    fn bytes(&mut self, item: &Item, content: &[u8]) -> PathResult<()> {
        self.add(item, Kind::File(content.len() as u64), &mut Cursor::new(content))
    }

    fn add(&mut self, item: &Item, kind: Kind, content: &mut dyn Read) -> PathResult<()> {
        self.sink.add(&self.tree.entry(item, kind), content).at("write", self.output)
    }
}

/// What a link leads to, in its place.
fn followed(item: Item, by_path: &HashMap<PathBuf, Item>) -> Option<Item> {
    let path = item.path.clone();
    let mut item = item;
    // Links in an environment lead over one or two others.
    for _ in 0..8 {
        let Origin::Link(target) = &item.origin else {
            return (!matches!(item.origin, Origin::Directory) || item.path == path).then_some(Item { path, ..item });
        };
        if target.is_absolute() {
            return scan::file(target, path).ok();
        }
        let directory = item.path.parent().unwrap_or(Path::new(""));
        let target = crate::fs::absolute(&Path::new("/").join(directory), target);
        item = by_path.get(target.strip_prefix("/").ok()?)?.clone();
    }
    None
}

fn read(source: &Source) -> PathResult<Vec<u8>> {
    let mut content = Vec::with_capacity(usize::try_from(source.size).unwrap_or(0) + 1);
    source.open()?.read_to_end(&mut content).at("read", source.path())?;
    Ok(content)
}

fn is_list(item: &Item) -> bool {
    matches!(item.origin, Origin::File(_)) && record::is_record(&item.path)
}

fn size_of(item: &Item) -> u64 {
    match &item.origin {
        Origin::File(source) => source.size,
        _ => 0,
    }
}

/// Puts items into the order in which they are written. Of two with one path the first counts.
pub(super) fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.order_by(|a, b| by_bytes(&a.path, &b.path));
    items.dedup_by(|later, earlier| later.path.as_os_str() == earlier.path.as_os_str());
    items
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs;

    use super::super::{Format, GatherRequest, Layout, OnEditable, Output, PackRequest, pack};
    use super::*;
    use crate::env::Environment;
    use crate::env::name::EnvName;

    #[test]
    fn what_is_written_was_announced() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("api");
        for (path, content) in [
            ("pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n"),
            ("bin/tool", "#!/usr/bin/env python3\n"),
            ("lib/python3.11/site-packages/x.py", "x = 1\n"),
            ("lib/python3.11/site-packages/x-1.dist-info/METADATA", "Name: x\nVersion: 1\n"),
            ("lib/python3.11/site-packages/x-1.dist-info/RECORD", "x.py,,\n"),
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), content).unwrap();
        }
        std::os::unix::fs::symlink("/usr/bin/python3.11", root.join("bin/python")).unwrap();
        let gather = GatherRequest {
            layout: Layout::Relocatable,
            interpreter: None,
            exclude: Vec::new(),
            bytecode: true,
            on_editable: OnEditable::Fail,
            with_secrets: false,
            time: None,
            for_system: false,
        };
        let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), root);
        let request = PackRequest { gather, format: Format::Tar, level: None };
        let (ahead, done) = (Cell::new(0), Cell::new(0));
        let progress = |step| match step {
            Step::Ahead(bytes) => ahead.set(ahead.get() + bytes),
            Step::Done(bytes) => {
                done.set(done.get() + bytes);
                assert!(done <= ahead);
            }
        };
        let mut archive = Vec::new();
        pack(&environment, &request, Output::Stream(&mut archive, Path::new("archive")), &progress).unwrap();
        assert!(done.get() > 50 && done == ahead, "{done:?} of {ahead:?}");
    }
}
