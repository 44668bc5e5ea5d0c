//! Reading the whole tree once, in several threads: what names the old path gets its new content, next to the tree.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Stat, Uid};

use crate::env::metadata::{self, Metadata};
use crate::fs::order::Order as _;
use crate::fs::times::times_of;
use crate::fs::walk::{Directory, Named};
use crate::fs::{self, PathContext, PathError, PathResult, attributes};
use crate::relocate::rewrite::{Rules, Verdict, is_bytecode, source_of_bytecode};
use crate::relocate::{Stale, large, links, record};
use crate::store::journal::Step;

/// How many files one thread takes at a time.
const BATCH: usize = 64;
/// How many batches may wait; each keeps a directory open.
const WAITING: usize = 64;

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
    records: Vec<PathBuf>,
}

/// What the threads share.
struct Surveyor<'a> {
    rules: &'a Rules,
    /// The environment, under its old path.
    root: &'a Path,
    /// Where new contents are put; nothing is written where there is none.
    staging: Option<&'a Directory>,
}

struct Batch {
    directory: Arc<Directory>,
    path: Arc<PathBuf>,
    names: Vec<OsString>,
}

/// Reads a tree. New contents are put into `staging`, in the order in which they are to be moved in.
pub(super) fn survey(root: &Path, rules: &Rules, staging: Option<&Path>) -> PathResult<Survey> {
    let open = |path: &Path| Directory::open_itself(path).at("open", path);
    let staging = staging.map(open).transpose()?;
    let surveyor = Surveyor { rules, root, staging: staging.as_ref() };
    let directory = open(root)?;
    let mut survey = surveyor.tree(directory)?;
    surveyor.metadata(&mut survey)?;
    surveyor.records(&mut survey)?;
    survey.steps.order_by(|a, b| (rank(a), &a.path).cmp(&(rank(b), &b.path)));
    survey.stale.order_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    survey.regenerated.sort();
    Ok(survey)
}

/// Lists of hashes come after what they are about, and what Python can do without comes last.
fn rank(step: &Step) -> u8 {
    if step.is_cache { 2 } else { u8::from(record::is_record(&step.path)) }
}

impl Surveyor<'_> {
    fn tree(&self, root: Directory) -> PathResult<Survey> {
        let (sender, receiver) = sync_channel(WAITING);
        let receiver = Mutex::new(receiver);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        std::thread::scope(|scope| {
            let start = |number| {
                let worker = Worker::new(self, number);
                std::thread::Builder::new().spawn_scoped(scope, || worker.work(&receiver)).ok()
            };
            let workers: Vec<_> = (1..=threads).map_while(start).collect();
            // Where the system allows no thread, the walk reads the files itself.
            let alone = workers.is_empty().then(|| Worker::new(self, 0));
            let mut walk = Walk { surveyor: self, links: Worker::new(self, threads + 1), sender, alone };
            let walked = walk.directory(&Arc::new(root), Path::new(""));
            let Walk { links, sender, alone, .. } = walk;
            drop(sender);
            let mut survey = links.finish()?;
            if let Some(worker) = alone {
                survey.add(worker.finish()?);
            }
            for worker in workers {
                survey.add(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            walked?;
            Ok(survey)
        })
    }

    /// A temporary environment that gets a name is one to keep.
    fn metadata(&self, survey: &mut Survey) -> PathResult<()> {
        let noted = Metadata::read(self.root);
        if noted.temporary.is_none() {
            return Ok(());
        }
        let content = Metadata { temporary: None, ..noted }.to_toml();
        let mut worker = Worker::new(self, usize::MAX);
        let root = Directory::open_itself(self.root).at("open", self.root)?;
        worker.replace_file(&root, OsStr::new(metadata::FILE_NAME), metadata::FILE_NAME.into(), content.as_bytes())?;
        survey.add(worker.survey);
        Ok(())
    }

    /// Lists that hold the hashes of files with new contents.
    fn records(&self, survey: &mut Survey) -> PathResult<()> {
        let staged: std::collections::HashMap<PathBuf, Option<OsString>> =
            survey.steps.iter().map(|step| (step.path.clone(), step.content.clone())).collect();
        let Some(staging) = self.staging else { return Ok(()) };
        let read = |file: &Path| match staged.get(file) {
            Some(Some(name)) => read_in(staging, name).at("read", file).map(Some),
            _ => Ok(None),
        };
        let mut worker = Worker::new(self, usize::MAX - 1);
        for path in std::mem::take(&mut survey.records) {
            // It may be among the files with new contents itself.
            let known = survey.steps.iter().position(|step| step.path == path && step.content.is_some());
            let content = match known.and_then(|known| survey.steps[known].content.as_ref()) {
                Some(name) => read_in(staging, name).at("read", &path)?,
                None => match fs::read_limited(&self.root.join(&path), record::MAX_BYTES) {
                    Ok(content) => content,
                    Err(_) => continue,
                },
            };
            if let Some(new) = record::updated(&content, self.rules.mapping.new_path(), &path, &read)? {
                let (parent, name) = (self.root.join(path.parent().unwrap_or(&path)), path.file_name());
                let directory = Directory::open(&parent).at("open", &parent)?;
                worker.replace_file(&directory, name.unwrap_or_default(), path.clone(), &new)?;
                known.map(|known| survey.steps.remove(known));
            }
        }
        survey.add(worker.survey);
        Ok(())
    }
}

struct Walk<'a> {
    surveyor: &'a Surveyor<'a>,
    links: Worker<'a>,
    sender: SyncSender<Batch>,
    alone: Option<Worker<'a>>,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Arc<Directory>, path: &Path) -> PathResult<()> {
        let shared = Arc::new(path.to_path_buf());
        let shown = || self.surveyor.root.join(path);
        let (mut names, mut children) = (Vec::new(), Vec::new());
        for Named { name, kind } in directory.entries().at("list", &shown())? {
            if path.as_os_str().is_empty() && fs::is_own_hidden(&name) {
                continue;
            }
            if kind.is_dir() {
                children.push(name);
            } else if kind.is_symlink() {
                self.links.link(directory, &name, path.join(&name))?;
            } else if kind.is_file() {
                names.push(name);
            }
            if names.len() == BATCH {
                self.send(directory, &shared, std::mem::take(&mut names));
            }
        }
        self.send(directory, &shared, names);
        for name in children {
            let child = directory.child(&name).at("open", &self.surveyor.root.join(path).join(&name))?;
            self.directory(&Arc::new(child), &path.join(&name))?;
        }
        Ok(())
    }

    fn send(&mut self, directory: &Arc<Directory>, path: &Arc<PathBuf>, names: Vec<OsString>) {
        if names.is_empty() {
            return;
        }
        let batch = Batch { directory: Arc::clone(directory), path: Arc::clone(path), names };
        match &mut self.alone {
            Some(worker) => worker.take(&batch),
            // The threads end only when nothing more can come.
            None => drop(self.sender.send(batch)),
        }
    }
}

/// Reads batch after batch, until one fails.
struct Worker<'a> {
    surveyor: &'a Surveyor<'a>,
    number: usize,
    buffer: Vec<u8>,
    survey: Survey,
    failure: Option<PathError>,
}

impl<'a> Worker<'a> {
    fn new(surveyor: &'a Surveyor<'a>, number: usize) -> Self {
        Self { surveyor, number, buffer: Vec::new(), survey: Survey::default(), failure: None }
    }

    fn work(mut self, receiver: &Mutex<Receiver<Batch>>) -> PathResult<Survey> {
        loop {
            let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = next else { break };
            self.take(&batch);
        }
        self.finish()
    }

    fn take(&mut self, batch: &Batch) {
        for name in &batch.names {
            if self.failure.is_none() {
                self.failure = self.file(&batch.directory, name, batch.path.join(name)).err();
            }
        }
    }

    fn finish(self) -> PathResult<Survey> {
        self.failure.map_or(Ok(self.survey), Err)
    }

    fn file(&mut self, directory: &Directory, name: &OsStr, path: PathBuf) -> PathResult<()> {
        let (rules, root) = (self.surveyor.rules, self.surveyor.root);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(directory, name, flags, Mode::empty()).at("open", &root.join(&path))?;
        let found = rustix::fs::fstat(&file).at("read", &root.join(&path))?;
        let size = u64::try_from(found.st_size).unwrap_or(0);
        self.survey.files += 1;
        if size > large::LARGE && !large::may_name(&rules.mapping, &file, size).at("read", &root.join(&path))? {
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        attributes::read_all(&file, size, &mut buffer).at("read", &root.join(&path))?;
        let verdict = rules.apply(&path, &buffer);
        self.buffer = buffer;
        if record::is_record(&path) {
            self.survey.records.push(path.clone());
        }
        self.note(directory, name, path, &verdict)
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
    fn replace_file(&mut self, directory: &Directory, name: &OsStr, path: PathBuf, content: &[u8]) -> PathResult<()> {
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
    fn link(&mut self, directory: &Directory, name: &OsStr, path: PathBuf) -> PathResult<()> {
        use std::os::unix::ffi::OsStrExt;
        let Surveyor { rules, root, staging } = *self.surveyor;
        let shown = root.join(&path);
        let target = rustix::fs::readlinkat(directory, name, Vec::new()).at("read", &shown)?;
        let target = Path::new(OsStr::from_bytes(target.to_bytes()));
        let new = links::target(&rules.mapping, root, path.parent().unwrap_or(&path), target);
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
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.steps.extend(other.steps);
        self.regenerated.extend(other.regenerated);
        self.stale.extend(other.stale);
        self.records.extend(other.records);
    }
}

fn create_in(directory: &Directory, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(directory, name, flags, Mode::RUSR | Mode::WUSR)?.into())
}

fn read_in(directory: &Directory, name: &OsStr) -> io::Result<Vec<u8>> {
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
