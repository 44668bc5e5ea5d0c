//! The tree of an environment: one thread walks and makes directories and links, the others copy the files.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use rustix::fs::{AtFlags, FileType, Mode};

use super::Progress;
use super::transfer::{Pair, Tally, Transfer};
use crate::env::metadata;
use crate::fs::times::times_of;
use crate::fs::walk::{Directory, Named};
use crate::fs::{self, PathContext, PathError, PathResult};
use crate::relocate::rewrite::Rules;
use crate::relocate::{links, outward};

/// How many files one worker takes at a time.
const BATCH: usize = 32;
/// How many batches may wait; each keeps two directories open.
const WAITING: usize = 64;

/// A copied tree.
#[derive(Debug, Default)]
pub(super) struct CopiedTree {
    /// What was found in the files.
    pub(super) tally: Tally,
    /// What is neither a file nor a directory nor a link, and was left out.
    pub(super) skipped: Vec<PathBuf>,
    /// Links that may lead out of the source.
    pub(super) outward: Vec<PathBuf>,
    /// Directories that their owner may not write, in the end.
    directories: Vec<Closed>,
}

impl CopiedTree {
    /// Gives directories their modes, when nothing is to be written into them any more.
    pub(super) fn close(&self) -> PathResult<()> {
        self.directories
            .iter()
            .rev()
            .try_for_each(|Closed { handle, mode, path }| rustix::fs::fchmod(handle, *mode).at("write", path))
    }
}

/// Copies everything below one directory into another, which must not exist; never follows a link.
pub(super) fn copy(source: &Path, copy: &Path, rules: &Rules, progress: Progress<'_>) -> PathResult<CopiedTree> {
    copy_below(source, copy, rules, progress).map_err(|mut error| {
        let root = if matches!(error.action, "create" | "write") { rules.mapping.new_path() } else { source };
        error.path = root.join(error.path);
        error
    })
}

/// Does it, with paths relative to the environment in its errors.
fn copy_below(source: &Path, copy: &Path, rules: &Rules, progress: Progress<'_>) -> PathResult<CopiedTree> {
    fs::create_dir(copy, 0o700)?;
    let root = Pair { source: open(source)?, copy: open(copy)?, path: PathBuf::new() };
    let root = Arc::new(root);
    let transfer = Transfer::new(rules, source, progress);
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    std::thread::scope(|scope| {
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, || work(&receiver, &transfer)).ok();
        let workers: Vec<_> = (0..workers).map_while(start).collect();
        // Where the system allows no thread, the walk copies the files itself.
        let alone = workers.is_empty().then(|| Worker::new(&transfer));
        let mut walk =
            Walk { source, rules, sender, alone, skipped: Vec::new(), outward: Vec::new(), directories: Vec::new() };
        let walked = walk.directory(&root);
        let Walk { sender, alone, skipped, outward, directories, .. } = walk;
        drop(sender);
        let mut copied = CopiedTree { skipped, outward, directories, ..CopiedTree::default() };
        if let Some(worker) = alone {
            copied.tally.add(worker.finish()?);
        }
        for worker in workers {
            let tally = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            copied.tally.add(tally);
        }
        walked?;
        transfer.link(&root.copy, &mut copied.tally)?;
        copied.skipped.append(&mut copied.tally.mounted);
        Ok(copied)
    })
}

struct Batch {
    pair: Arc<Pair>,
    names: Vec<OsString>,
}

/// A directory that is to be closed to its owner in the end.
#[derive(Debug)]
struct Closed {
    handle: OwnedFd,
    mode: Mode,
    path: PathBuf,
}

/// Copies batch after batch, until one fails.
struct Worker<'a> {
    transfer: &'a Transfer<'a>,
    buffer: Vec<u8>,
    tally: Tally,
    failure: Option<PathError>,
}

impl<'a> Worker<'a> {
    fn new(transfer: &'a Transfer<'a>) -> Self {
        Self { transfer, buffer: Vec::new(), tally: Tally::default(), failure: None }
    }

    /// Copies the files of a batch; none after a failure.
    fn take(&mut self, batch: &Batch) {
        if self.failure.is_none() {
            let Self { transfer, buffer, tally, .. } = self;
            let mut names = batch.names.iter();
            self.failure = names.try_for_each(|name| transfer.copy(&batch.pair, name, buffer, tally)).err();
        }
    }

    fn finish(self) -> PathResult<Tally> {
        self.failure.map_or(Ok(self.tally), Err)
    }
}

/// Takes batches until there are none; after a failure only empties the queue, so that the walk can end.
fn work(receiver: &Mutex<Receiver<Batch>>, transfer: &Transfer<'_>) -> PathResult<Tally> {
    let mut worker = Worker::new(transfer);
    loop {
        let next = receiver.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok(batch) = next else { break };
        worker.take(&batch);
    }
    worker.finish()
}

struct Walk<'a> {
    source: &'a Path,
    rules: &'a Rules,
    sender: SyncSender<Batch>,
    /// Copies the files when no thread could be started that does.
    alone: Option<Worker<'a>>,
    skipped: Vec<PathBuf>,
    outward: Vec<PathBuf>,
    directories: Vec<Closed>,
}

impl Walk<'_> {
    fn directory(&mut self, pair: &Arc<Pair>) -> PathResult<()> {
        let found = rustix::fs::fstat(&pair.source).at("read", &pair.path)?;
        let mut names = Vec::new();
        let mut children = Vec::new();
        for Named { name, kind } in pair.source.entries().at("list", &pair.path)? {
            if is_left_out(&pair.path, &name) {
                continue;
            }
            match kind {
                FileType::Directory => children.push(name),
                FileType::Symlink => self.link(pair, &name)?,
                FileType::RegularFile => names.push(name),
                _ => self.skipped.push(pair.path.join(name)),
            }
            if names.len() == BATCH {
                self.send(pair, std::mem::take(&mut names));
            }
        }
        self.send(pair, names);
        for name in children {
            let path = pair.path.join(&name);
            match make_child(pair, &name, &path) {
                Err(error) if error.source.kind() == io::ErrorKind::CrossesDevices => self.skipped.push(path),
                child => self.directory(&Arc::new(child?))?,
            }
        }
        self.finish_later(pair, &found)
    }

    fn send(&mut self, pair: &Arc<Pair>, names: Vec<OsString>) {
        if names.is_empty() {
            return;
        }
        let batch = Batch { pair: Arc::clone(pair), names };
        match &mut self.alone {
            Some(worker) => worker.take(&batch),
            // The workers end only when nothing more can come.
            None => drop(self.sender.send(batch)),
        }
    }

    fn link(&mut self, pair: &Pair, name: &OsStr) -> PathResult<()> {
        let path = pair.path.join(name);
        let found = rustix::fs::statat(&pair.source, name, AtFlags::SYMLINK_NOFOLLOW).at("read", &path)?;
        let target = rustix::fs::readlinkat(&pair.source, name, Vec::new()).at("read", &path)?;
        let target = Path::new(OsStr::from_bytes(target.to_bytes()));
        if outward::may_leave(self.source, target) {
            self.outward.push(path.clone());
        }
        let target = links::target(&self.rules.mapping, self.source, &pair.path, target);
        rustix::fs::symlinkat(&target, &pair.copy, name).at("create", &path)?;
        rustix::fs::utimensat(&pair.copy, name, &times_of(&found), AtFlags::SYMLINK_NOFOLLOW).at("write", &path)
    }

    fn finish_later(&mut self, pair: &Pair, found: &rustix::fs::Stat) -> PathResult<()> {
        let is_root = pair.path.as_os_str().is_empty();
        // The owner of an environment can always write into its top directory, else it could not be moved into its place.
        let mode = found.st_mode & 0o777 | if is_root { 0o700 } else { 0 };
        let mode = Mode::from_raw_mode(mode);
        if is_root || mode.contains(Mode::RWXU) {
            // Nothing depends on the order, and one handle less stays open.
            rustix::fs::fchmod(&pair.copy, mode).at("write", &pair.path)?;
            return Ok(());
        }
        let handle = pair.copy.as_fd().try_clone_to_owned().at("write", &pair.path)?;
        self.directories.push(Closed { handle, mode, path: pair.path.clone() });
        Ok(())
    }
}

/// What belongs to the source alone: who uses it, half-written files, and our own file about it.
fn is_left_out(directory: &Path, name: &OsStr) -> bool {
    directory.as_os_str().is_empty() && (fs::is_own_hidden(name) || name == metadata::FILE_NAME)
}

/// Opens a directory of the source, and makes the one that it becomes.
fn make_child(pair: &Pair, name: &OsStr, path: &Path) -> PathResult<Pair> {
    let source = pair.source.child(name).at("open", path)?;
    rustix::fs::mkdirat(&pair.copy, name, Mode::RWXU).at("create", path)?;
    let copy = pair.copy.child(name).at("open", path)?;
    Ok(Pair { source, copy, path: path.to_path_buf() })
}

fn open(path: &Path) -> PathResult<Directory> {
    Directory::open_itself(path).at("open", path)
}
