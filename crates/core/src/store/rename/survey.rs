//! Reading the whole tree once, in several threads: what names the old path gets its new content, next to the tree.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::worker::{Survey, Surveyor, Worker, read_in};
use crate::env::metadata::{self, Metadata};
use crate::fs::order::Order as _;
use crate::fs::walk::{Directory, Named};
use crate::fs::{self, PathContext, PathResult};
use crate::relocate::rewrite::{Rules, is_corrected_at_import};
use crate::relocate::{outward, record};
use crate::store::journal::Step;

/// How many files one thread takes at a time.
const BATCH: usize = 64;
/// Of how many directories they may be, each of which is kept open.
const DIRECTORIES: usize = 8;
/// How many batches may wait.
const WAITING: usize = 8;

/// Files of one directory.
struct Group {
    directory: Arc<Directory>,
    path: Arc<PathBuf>,
    names: Vec<OsString>,
}

/// What a thread takes at a time: most directories have few files, and waking a thread costs more than reading some.
type Batch = Vec<Group>;

/// Reads a tree. New contents are put into `staging`, in the order in which they are to be moved in.
pub(super) fn survey(root: &Path, rules: &Rules, staging: Option<&Path>) -> PathResult<Survey> {
    let open = |path: &Path| Directory::open_itself(path).at("open", path);
    let staging = staging.map(open).transpose()?;
    let surveyor = Surveyor { rules, root, staging: staging.as_ref() };
    let directory = open(root)?;
    let mut survey = surveyor.tree(directory)?;
    surveyor.metadata(&mut survey)?;
    surveyor.bytecode(&mut survey)?;
    surveyor.records(&mut survey)?;
    survey.steps.order_by(|a, b| (rank(a), &a.path).cmp(&(rank(b), &b.path)));
    survey.stale.extend(outward::stale(root, rules, &survey.outward));
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
                std::thread::Builder::new().spawn_scoped(scope, || work(worker, &receiver)).ok()
            };
            let workers: Vec<_> = (1..=threads).map_while(start).collect();
            // Where the system allows no thread, the walk reads the files itself.
            let alone = workers.is_empty().then(|| Worker::new(self, 0));
            let links = Worker::new(self, threads + 1);
            let mut walk = Walk { surveyor: self, links, sender, alone, batch: Vec::new(), files: 0, skipped: 0 };
            let walked = walk.directory(&Arc::new(root), Path::new(""));
            walk.send();
            let Walk { links, sender, alone, skipped, .. } = walk;
            drop(sender);
            let mut survey = links.finish()?;
            survey.files += skipped;
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

    /// The bytecode of sources that change: it holds their constants. Where a source keeps its size, Python would take the
    /// old bytecode for it.
    fn bytecode(&self, survey: &mut Survey) -> PathResult<()> {
        let is_source = |path: &&Path| path.extension() == Some(OsStr::new("py"));
        let mut worker = Worker::new(self, usize::MAX - 2);
        for source in survey.steps.iter().map(|step| step.path.as_path()).filter(is_source) {
            let path = source.with_file_name("__pycache__");
            let Some(directory) = self.cache(&path)? else { continue };
            let stem = source.file_stem().unwrap_or_default();
            for Named { name, kind } in directory.entries().at("list", &self.root.join(&path))? {
                let file = path.join(&name);
                if kind.is_file() && is_corrected_at_import(&file) && is_cache_of(stem, &name) {
                    worker.read(&directory, &name, file)?;
                }
            }
        }
        survey.add(worker.survey);
        Ok(())
    }

    /// Opens a directory of bytecode, if there is one.
    fn cache(&self, path: &Path) -> PathResult<Option<Directory>> {
        let root = Directory::open_itself(self.root).at("open", self.root)?;
        match path.iter().try_fold(root, |directory, name| directory.child(name)) {
            Ok(found) => Ok(Some(found)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(error).at("open", &self.root.join(path)),
        }
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
    /// What is going to be sent next.
    batch: Batch,
    /// The number of files in it.
    files: usize,
    /// The number of files that nobody need read.
    skipped: usize,
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
            } else if kind.is_file() && is_corrected_at_import(&path.join(&name)) {
                // Most of an environment that pip has filled; looked at only where its source changes.
                self.skipped += 1;
            } else if kind.is_file() {
                names.push(name);
            }
            if names.len() == BATCH {
                self.add(directory, &shared, std::mem::take(&mut names));
            }
        }
        self.add(directory, &shared, names);
        for name in children {
            let child = directory.child(&name).at("open", &self.surveyor.root.join(path).join(&name))?;
            self.directory(&Arc::new(child), &path.join(&name))?;
        }
        Ok(())
    }

    fn add(&mut self, directory: &Arc<Directory>, path: &Arc<PathBuf>, names: Vec<OsString>) {
        if names.is_empty() {
            return;
        }
        self.files += names.len();
        self.batch.push(Group { directory: Arc::clone(directory), path: Arc::clone(path), names });
        if self.files >= BATCH || self.batch.len() == DIRECTORIES {
            self.send();
        }
    }

    fn send(&mut self) {
        self.files = 0;
        let batch = std::mem::take(&mut self.batch);
        match &mut self.alone {
            Some(worker) => take(worker, &batch),
            // The threads end only when nothing more can come.
            None => drop(self.sender.send(batch)),
        }
    }
}

/// Reads batch after batch, until none can come any more.
fn work(mut worker: Worker<'_>, receiver: &Mutex<Receiver<Batch>>) -> PathResult<Survey> {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { break };
        take(&mut worker, &batch);
    }
    worker.finish()
}

fn take(worker: &mut Worker<'_>, batch: &[Group]) {
    for Group { directory, path, names } in batch {
        worker.take(directory, path, names);
    }
}

fn is_cache_of(stem: &OsStr, name: &OsStr) -> bool {
    name.as_encoded_bytes().strip_prefix(stem.as_encoded_bytes()).is_some_and(|rest| rest.starts_with(b"."))
}
