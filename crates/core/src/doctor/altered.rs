//! Whether the files of packages are as they were installed: the hashes in `RECORD`, compared by several threads.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

use super::check::PACKAGES_ALTERED;
use super::finding::Finding;
use super::installer::pip;
use crate::env::distributions::{Distribution, installed};
use crate::env::{BIN, Environment};
use crate::fs::{self, open_regular};
use crate::relocate::programs;
use crate::wheel::record::{self, is_meant_to_change};

/// A list of the files of a distribution is larger only in tests.
const MAX_RECORD: u64 = 64 << 20;

/// How much is read at once.
const BUFFER: usize = 256 * 1024;

/// More threads than this wait for the disk.
const MAX_THREADS: usize = 8;

/// A file that is recorded with a hash, or a program.
struct Recorded {
    path: PathBuf,
    digest: Option<[u8; 32]>,
    owner: usize,
}

/// Returns the normalised names of packages whose files were changed or deleted, other than what people replace on purpose.
pub fn damaged(environment: &Environment) -> BTreeSet<String> {
    let found = altered_files(environment).into_iter();
    found.filter(|(_, paths)| !paths.iter().all(|path| is_meant_to_change(path))).map(|(found, _)| found.key).collect()
}

/// Returns whether files of one package were changed or deleted, other than what people replace on purpose.
pub fn is_damaged(environment: &Environment, distribution: &Distribution) -> bool {
    let files = recorded(distribution, 0, environment, &root_of(environment));
    altered(&files).into_iter().any(|at| !is_meant_to_change(&files[at].path))
}

/// Returns whether a file of a package was deleted. None is read.
pub fn is_incomplete(environment: &Environment) -> bool {
    let files = recorded_files(&own_distributions(environment), environment);
    let is_gone = |path: &Path| path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    files.iter().any(|file| is_gone(&file.path))
}

/// Compares the files of an environment with what is recorded.
pub(super) fn examine(environment: &Environment) -> Vec<Finding> {
    let mut altered = altered_files(environment);
    if !altered.is_empty() {
        // Those have a finding already.
        let lost = programs::lost(environment);
        let is_lost = |path: &PathBuf| lost.iter().any(|lost| *path == environment.bin().join(&lost.name));
        for (_, paths) in &mut altered {
            paths.retain(|path| !is_lost(path));
        }
    }
    altered.iter().filter_map(|(distribution, paths)| of_distribution(environment, distribution, paths)).collect()
}

/// The distributions of an environment with those of their files that are not as recorded.
fn altered_files(environment: &Environment) -> Vec<(Distribution, BTreeSet<PathBuf>)> {
    let distributions = own_distributions(environment);
    let files = recorded_files(&distributions, environment);
    let mut by_owner = vec![BTreeSet::new(); distributions.len()];
    for file in altered(&files).into_iter().map(|at| &files[at]) {
        by_owner[file.owner].insert(file.path.clone());
    }
    distributions.into_iter().zip(by_owner).filter(|(_, paths)| !paths.is_empty()).collect()
}

/// Returns the distribution that records a file of the environment, if one does.
pub fn owner_of(environment: &Environment, path: &Path) -> Option<Distribution> {
    let mut distributions = own_distributions(environment);
    let owner = recorded_files(&distributions, environment).into_iter().find(|file| file.path == path)?.owner;
    Some(distributions.swap_remove(owner))
}

fn own_distributions(environment: &Environment) -> Vec<Distribution> {
    installed(environment, None).distributions.into_iter().filter(|found| found.is_local).collect()
}

fn recorded_files(distributions: &[Distribution], environment: &Environment) -> Vec<Recorded> {
    let root = root_of(environment);
    let numbered = distributions.iter().enumerate();
    numbered.flat_map(|(owner, found)| recorded(found, owner, environment, &root)).collect()
}

fn root_of(environment: &Environment) -> PathBuf {
    environment.path().canonicalize().unwrap_or_else(|_| environment.path().to_path_buf())
}

fn of_distribution(
    environment: &Environment,
    distribution: &Distribution,
    paths: &BTreeSet<PathBuf>,
) -> Option<Finding> {
    let first = paths.first()?;
    let Distribution { name, version, .. } = distribution;
    let state = if first.exists() { "was changed" } else { "is gone" };
    let more = match paths.len() {
        1 => String::new(),
        count => format!(" ({} more)", count - 1),
    };
    let message = format!("`{}` of {name} {version} {state}{more}", first.display());
    let words = ["--force-reinstall".to_string(), "--no-deps".to_string(), format!("{name}=={version}")];
    let env = environment.name().as_os_str().to_string_lossy().into_owned();
    let is_program = |path: &PathBuf| path.parent().and_then(Path::file_name) == Some(OsStr::new(BIN));
    let fix = if distribution.key == "pip" && !paths.iter().all(is_program) {
        // It cannot be asked to install itself. The same packages are those that are there.
        [["venvwrap", "restore", &env, &env].map(str::to_owned).to_vec(), Vec::new()]
    } else {
        pip(environment, "install", words)
    };
    let finding = Finding::of(PACKAGES_ALTERED, environment, message);
    // Only what has a name is restored.
    let is_restored = fix[0].get(1).is_some_and(|verb| verb == "restore") && environment.name().path().is_some();
    let finding = if is_restored { finding } else { finding.fixed_by_both(fix) };
    let finding = finding
        .detail("package", [name.clone()])
        .detail("files", paths.iter().map(|path| path.to_string_lossy().into_owned()));
    Some(if paths.iter().all(|path| is_meant_to_change(path)) { finding.into_note() } else { finding })
}

/// The files of a distribution that are in the environment and have a hash, and its programs; compiled ones are remade by
/// Python.
fn recorded(distribution: &Distribution, owner: usize, environment: &Environment, root: &Path) -> Vec<Recorded> {
    let content = fs::read_limited(&distribution.info.join("RECORD"), MAX_RECORD).unwrap_or_default();
    let Some(site) = distribution.info.parent() else { return Vec::new() };
    let is_own = |path: &Path| path.starts_with(environment.path()) || path.starts_with(root);
    let is_program = |path: &Path| path.parent().is_some_and(|bin| *bin == environment.bin() || *bin == root.join(BIN));
    let rows = content.split(|&byte| byte == b'\n').filter_map(record::row);
    let files = rows.map(|(path, digest)| Recorded { path: fs::absolute(site, &path), digest, owner });
    files.filter(|file| is_own(&file.path) && (file.digest.is_some() || is_program(&file.path))).collect()
}

/// The numbers of those files that have another content than recorded, or are not there.
fn altered(files: &[Recorded]) -> Vec<usize> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        let mut buffer = vec![0; BUFFER];
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { break };
            if is_altered(file, &mut buffer) {
                own.push(at);
            }
        }
        found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).append(&mut own);
    };
    std::thread::scope(|scope| {
        // Where the system allows no further thread, this one does it all.
        let others: Vec<_> =
            (1..threads).map_while(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        work();
        drop(others);
    });
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort_unstable();
    found
}

/// A file that may not be read tells nothing.
fn is_altered(file: &Recorded, buffer: &mut [u8]) -> bool {
    match (open_regular(&file.path), file.digest) {
        (Ok(opened), Some(recorded)) => digest(opened, buffer).is_ok_and(|digest| digest != recorded),
        (Ok(_), None) => false,
        (Err(error), _) => error.source.kind() != io::ErrorKind::PermissionDenied,
    }
}

fn digest(mut file: File, buffer: &mut [u8]) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    loop {
        match file.read(buffer)? {
            0 => return Ok(hash.finalize().into()),
            length => hash.update(&buffer[..length]),
        }
    }
}
