//! The commit and the remote of a git working tree, read from its files: what `pip freeze` asks git for.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_encode;

use crate::env::direct_url::PATH;
use crate::fs;

/// The largest file of git that is read, in bytes. Packed references grow with the number of branches.
const MAX_BYTES: u64 = 64 << 20;

/// The largest number of symbolic references that lead to a commit.
const MAX_REFERENCES: usize = 5;

/// Where the files of a project can be fetched again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The project is in no working tree.
    None,
    /// The repository has no remote.
    NoRemote,
    /// The URL of the remote is none that pip understands.
    UnknownRemote(String),
    /// Nothing is committed yet.
    NoCommit,
    /// The commit is at a remote, unless it was never pushed.
    Found {
        /// The URL of the remote.
        url: String,
        /// The commit that is checked out.
        commit: String,
        /// The directory of the project below the root of the repository.
        subdirectory: Option<String>,
    },
}

/// Returns where the project in a directory can be fetched again.
pub fn source_of(project: &Path) -> Source {
    let Some(repository) = Repository::around(project) else { return Source::None };
    let config = repository.read_shared("config").unwrap_or_default();
    let Some(remote) = remote_url(&config) else { return Source::NoRemote };
    let Some(url) = pip_url(&remote) else { return Source::UnknownRemote(remote) };
    let Some(commit) = repository.commit() else { return Source::NoCommit };
    Source::Found { url, commit, subdirectory: repository.subdirectory_of(project) }
}

/// Returns whether a project is in a working tree that is itself inside of a directory. Both paths are real.
pub(super) fn has_tree_inside(directory: &Path, project: &Path) -> bool {
    project.ancestors().take_while(|above| *above != directory).any(|above| git_directory(above).is_some())
}

struct Repository {
    /// The directory of this working tree's own files: `HEAD`.
    own: PathBuf,
    /// The directory of the files that all working trees share: `config`, references.
    shared: PathBuf,
}

impl Repository {
    /// Finds the repository in a directory or one above it, on the same file system.
    fn around(project: &Path) -> Option<Self> {
        let real = project.canonicalize().ok()?;
        let device = real.metadata().ok()?.dev();
        let mut own =
            real.ancestors().take_while(|directory| directory.metadata().is_ok_and(|found| found.dev() == device));
        let own = own.find_map(git_directory)?;
        let shared = match fs::read_limited(&own.join("commondir"), MAX_BYTES) {
            Ok(content) => fs::absolute(&own, path_of(content.trim_ascii())),
            Err(_) => own.clone(),
        };
        Some(Self { own, shared })
    }

    fn read_shared(&self, file: &str) -> Option<String> {
        fs::read_limited(&self.shared.join(file), MAX_BYTES).ok().map(|content| text_of(&content))
    }

    /// Returns the commit that `HEAD` leads to.
    fn commit(&self) -> Option<String> {
        let mut content = text_of(&fs::read_limited(&self.own.join("HEAD"), MAX_BYTES).ok()?);
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = content.trim().strip_prefix("ref:") else {
                let commit = content.trim();
                let is_hash = matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
                return is_hash.then(|| commit.to_owned());
            };
            content = self.reference(reference.trim())?;
        }
        None
    }

    /// Reads a reference: a file, or a line of `packed-refs`.
    fn reference(&self, name: &str) -> Option<String> {
        let is_below = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !is_below || !name.starts_with("refs/") {
            return None;
        }
        let loose = [&self.own, &self.shared].into_iter().find_map(|directory| {
            fs::read_limited(&directory.join(name), MAX_BYTES).ok().map(|content| text_of(&content))
        });
        loose.or_else(|| {
            let packed = self.read_shared("packed-refs")?;
            packed.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' ').map(str::to_owned))
        })
    }

    /// Returns the way from the root of the repository to the project around a directory, as pip finds it.
    fn subdirectory_of(&self, directory: &Path) -> Option<String> {
        let root = self.own.parent()?;
        let is_project =
            |directory: &&Path| ["pyproject.toml", "setup.py"].iter().any(|file| directory.join(file).is_file());
        let project = directory.ancestors().find(is_project)?.canonicalize().ok()?;
        let way = match project.strip_prefix(root) {
            Ok(below) => below.to_path_buf(),
            // The files of a linked working tree are elsewhere.
            Err(_) => way_between(root, &project),
        };
        (!way.as_os_str().is_empty()).then(|| way.to_string_lossy().into_owned())
    }
}

/// Returns the path that leads from one directory to another.
fn way_between(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}

/// Returns the directory of git's files for a working tree: `.git`, or where a file of this name points.
fn git_directory(tree: &Path) -> Option<PathBuf> {
    let path = tree.join(".git");
    let found = match fs::read_limited(&path, MAX_BYTES) {
        Ok(content) => fs::absolute(tree, path_of(content.strip_prefix(b"gitdir:")?.trim_ascii())),
        Err(_) => path,
    };
    found.join("HEAD").symlink_metadata().is_ok().then_some(found)
}

/// Returns the URL of the remote `origin`, else of the first one.
fn remote_url(config: &str) -> Option<String> {
    let mut first = None;
    let mut origin = None;
    let mut remote = None;
    for line in logical_lines(config) {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            remote = remote_of_section(section);
        } else if let (Some(name), Some((key, value))) = (&remote, line.split_once('='))
            && key.trim().eq_ignore_ascii_case("url")
        {
            // pip reads up to the first blank.
            let value = value_of(value).split(' ').next().unwrap_or_default().trim().to_owned();
            first = first.or_else(|| Some(value.clone()));
            if name == "origin" && origin.is_none() {
                origin = Some(value);
            }
        }
    }
    origin.or(first)
}

/// Joins the lines that end in a backslash with the next one.
fn logical_lines(config: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut continues = false;
    for line in config.lines() {
        match lines.last_mut().filter(|_| continues) {
            Some(last) => last.push_str(line),
            None => lines.push(line.to_owned()),
        }
        continues = lines.last().is_some_and(|last| last.ends_with('\\') && !last.ends_with("\\\\"));
        if let Some(last) = lines.last_mut().filter(|_| continues) {
            last.pop();
        }
    }
    lines
}

/// Returns the name in `remote "NAME"]`.
fn remote_of_section(section: &str) -> Option<String> {
    let (kind, rest) = section.split_once(char::is_whitespace)?;
    let name = rest.trim_start().strip_prefix('"')?;
    let mut found = String::new();
    let mut characters = name.chars();
    loop {
        match characters.next()? {
            '"' => break,
            '\\' => found.push(characters.next()?),
            other => found.push(other),
        }
    }
    kind.eq_ignore_ascii_case("remote").then_some(found)
}

/// Returns a value of git's configuration: quotes and comments taken off, escapes resolved.
fn value_of(text: &str) -> String {
    let mut value = String::new();
    let mut is_quoted = false;
    let mut characters = text.trim().chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => is_quoted = !is_quoted,
            '#' | ';' if !is_quoted => break,
            '\\' => match characters.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some(other) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    value.trim_end().to_owned()
}

/// Returns a remote's URL in the form that pip takes: paths become `file:` URLs, `user@host:path` one of ssh.
fn pip_url(remote: &str) -> Option<String> {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    if remote.split_once("://").is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.chars().all(is_word)) {
        return Some(remote.to_owned());
    }
    let path = Path::new(remote);
    if path.is_absolute() && path.exists() {
        let normal: PathBuf = path.components().collect();
        return Some(format!("file://{}", percent_encode(normal.as_os_str().as_bytes(), PATH)));
    }
    let (host, path) = remote.split_once(':')?;
    let user = host.split_once('@').map(|(user, _)| user).filter(|user| !user.is_empty() && user.chars().all(is_word));
    let server = user.map_or(host, |user| &host[user.len() + 1..]);
    let is_scp = !server.is_empty() && !server.contains('/') && path.starts_with(is_word) && !path.contains(':');
    is_scp.then(|| format!("ssh://{host}/{path}"))
}

fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
