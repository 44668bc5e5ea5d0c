//! Reading a bundle: nothing in it is believed before every file has the hash that is recorded for it.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::check;
use super::compressed::compressed;
use super::error::ReadError;
use super::manifest::{Manifest, SCHEMA, Target};
use super::place::{MANIFEST, SUMS, WHEELS};
use super::target_python::TargetPython;
use crate::fs::hex::hex;
use crate::fs::{self, PathContext, open_regular};
use crate::pack::ArchiveProblem;
use crate::pack::untar::{MemberKind, Untar};
use crate::python::Interpreter;
use crate::wheel::LocalWheel;

/// More than any text in a bundle.
const MAX_TEXT: u64 = 16 << 20;
/// More files than any bundle has.
const MAX_FILES: usize = 100_000;

/// A bundle whose files are all as they were when it was made.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// What it says about itself.
    pub manifest: Manifest,
    path: PathBuf,
    files: BTreeMap<String, Found>,
}

/// A file in a bundle.
#[derive(Clone, Debug)]
struct Found {
    sha256: String,
    /// Where it begins in the archive, and how long it is.
    part: Option<(u64, u64)>,
    /// Its content, if it is a text that is looked at.
    text: Vec<u8>,
}

impl Bundle {
    /// Reads the whole of a bundle, an archive or a directory.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let found = std::fs::metadata(path).at("read", path)?;
        let files = if found.is_dir() { in_directory(path)? } else { in_archive(path)? };
        let bundle = Self { manifest: manifest(path, &files)?, path: path.to_path_buf(), files };
        bundle.check_hashes()?;
        bundle.check_manifest()?;
        Ok(bundle)
    }

    /// Returns the wheels for this machine and a Python, pip among them if that is wanted; fails if the bundle is for
    /// others.
    pub fn wheels(&self, interpreter: &Interpreter, with_pip: bool) -> Result<Vec<LocalWheel>, ReadError> {
        let target: &Target = check::target(&self.manifest, interpreter)?;
        let is_wanted = |file: &&String| with_pip || self.manifest.pip.as_ref() != Some(file);
        let wheels = target.wheels.iter().filter(is_wanted).filter_map(|file| {
            let known = self.manifest.wheels.iter().find(|known| known.file == *file)?;
            let found = self.files.get(&format!("{WHEELS}/{file}"))?;
            Some(LocalWheel {
                file: file.clone(),
                sha256: known.sha256.clone(),
                path: match found.part {
                    Some(_) => self.path.clone(),
                    None => self.path.join(WHEELS).join(file),
                },
                part: found.part,
                is_requested: known.requested,
            })
        });
        Ok(wheels.collect())
    }

    /// Returns a request for the Python that it is for: `3.12`, `3.13t`, `pypy3.10`.
    pub fn python(&self) -> &str {
        let python = self.manifest.python.as_str();
        python.strip_prefix("python").unwrap_or(python)
    }

    fn check_hashes(&self) -> Result<(), ReadError> {
        let wrong = |file: &str| ReadError::Hash { path: self.path.clone(), file: file.escape_debug().to_string() };
        let shown = |file: &str| file.escape_debug().to_string();
        let sums = self.files.get(SUMS).ok_or_else(|| no_bundle(&self.path, "it has no `SHA256SUMS`"))?;
        let sums = String::from_utf8_lossy(&sums.text);
        let mut listed = HashSet::new();
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").ok_or_else(|| wrong(SUMS))?;
            let missing = || ReadError::Missing { path: self.path.clone(), file: shown(name) };
            if self.files.get(name).ok_or_else(missing)?.sha256 != sum {
                return Err(wrong(name));
            }
            listed.insert(name);
        }
        match self.files.keys().find(|name| *name != SUMS && !listed.contains(name.as_str())) {
            Some(name) => Err(ReadError::Unlisted { path: self.path.clone(), file: shown(name) }),
            None => Ok(()),
        }
    }

    fn check_manifest(&self) -> Result<(), ReadError> {
        let refuse = |reason: &str| Err(no_bundle(&self.path, reason));
        let Manifest { python, pip, targets, wheels, .. } = &self.manifest;
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " _.-".contains(c));
        let mut known = HashSet::new();
        for wheel in wheels {
            let file = format!("{WHEELS}/{}", wheel.file.escape_debug());
            let Some(found) = self.files.get(&format!("{WHEELS}/{}", wheel.file)) else {
                return Err(ReadError::Missing { path: self.path.clone(), file });
            };
            if found.sha256 != wheel.sha256
                || Path::new(&wheel.file).extension().is_none_or(|extension| extension != "whl")
            {
                return Err(ReadError::Hash { path: self.path.clone(), file });
            }
            known.insert(&wheel.file);
        }
        // A request for it is made of the text: it must not be able to name a command.
        let is_python = TargetPython::parse(python).is_ok_and(|parsed| parsed.library() == *python);
        if !is_python || targets.iter().any(|target| !target.machine.as_deref().is_none_or(is_plain)) {
            return refuse("it is for no Python or machine that could be");
        }
        if targets.iter().flat_map(|target| &target.wheels).chain(pip).any(|file| !known.contains(file)) {
            return refuse("it lists a wheel that it has not");
        }
        Ok(())
    }
}

fn manifest(path: &Path, files: &BTreeMap<String, Found>) -> Result<Manifest, ReadError> {
    let found = files.get(MANIFEST).ok_or_else(|| no_bundle(path, "it has no `bundle.json`"))?;
    manifest_of(path, &found.text)
}

/// Reads what a bundle says about itself.
pub(super) fn manifest_of(path: &Path, text: &[u8]) -> Result<Manifest, ReadError> {
    let value: serde_json::Value =
        serde_json::from_slice(text).map_err(|_| no_bundle(path, "its `bundle.json` is damaged"))?;
    match value.get("schema").and_then(serde_json::Value::as_u64) {
        Some(SCHEMA) => {}
        Some(schema) => return Err(ReadError::Schema { path: path.to_path_buf(), schema }),
        None => return Err(no_bundle(path, "its `bundle.json` is damaged")),
    }
    serde_json::from_value(value).map_err(|_| no_bundle(path, "its `bundle.json` is damaged"))
}

fn in_directory(root: &Path) -> Result<BTreeMap<String, Found>, ReadError> {
    let mut files = BTreeMap::new();
    let mut names: Vec<String> = Vec::new();
    for (directory, prefix) in [(root.to_path_buf(), String::new()), (root.join(WHEELS), format!("{WHEELS}/"))] {
        let entries = std::fs::read_dir(&directory).at("read", &directory);
        let Ok(entries) = entries else { return Err(no_bundle(root, "it has no directory `wheels`")) };
        for entry in entries {
            let entry = entry.at("read", &directory)?;
            if prefix.is_empty() && entry.file_name() == WHEELS {
                continue;
            }
            let name = entry.file_name().into_string().map_err(|_| no_bundle(root, "a name in it is no text"))?;
            names.push(format!("{prefix}{name}"));
            if names.len() > MAX_FILES {
                return Err(no_bundle(root, "it has too many files"));
            }
        }
    }
    for name in names {
        let path = root.join(&name);
        let is_file = path.symlink_metadata().at("read", &path)?.is_file();
        if !is_file {
            return Err(no_bundle(root, &format!("`{}` in it is no file", name.escape_debug())));
        }
        let mut file = open_regular(&path)?;
        let found = read_file(&mut file, &name).at("read", &path)?;
        files.insert(name, found);
    }
    Ok(files)
}

fn in_archive(path: &Path) -> Result<BTreeMap<String, Found>, ReadError> {
    let file = fs::open_regular(path)?;
    let size = file.metadata().at("read", path)?.len();
    let archive = |problem| ReadError::Archive { path: path.to_path_buf(), problem };
    let mut input = Counting { input: BufReader::with_capacity(1 << 17, file), position: 0 };
    let mut is_tar = [0; 512];
    let length = io::Read::read(&mut input.input, &mut is_tar).at("read", path)?;
    if length < 512 || &is_tar[257..262] != b"ustar" {
        return Err(compressed(path).unwrap_or_else(|| no_bundle(path, "it is not an uncompressed tar archive")));
    }
    std::io::Seek::rewind(&mut input.input).at("read", path)?;
    let mut tar = Untar::plain(input, size);
    let (mut files, mut top) = (BTreeMap::new(), None);
    while let Some(member) = tar.next().map_err(archive)? {
        // What has no list so far is another archive, which does no harm.
        let is_bundle = files.contains_key(MANIFEST);
        let unsafe_member = |reason| {
            if is_bundle {
                archive(ArchiveProblem::Unsafe { name: member.path.clone(), reason })
            } else {
                no_bundle(path, "it has no `bundle.json`")
            }
        };
        let name = name_in(&member.path, &mut top).ok_or_else(|| unsafe_member("does not belong into a bundle"))?;
        let size = match member.kind {
            MemberKind::Directory => continue,
            MemberKind::File(size) => size,
            MemberKind::Link(_) | MemberKind::HardLink(_) => return Err(unsafe_member("is a link")),
        };
        if name.is_empty() || name == WHEELS || files.len() >= MAX_FILES {
            return Err(unsafe_member("does not belong into a bundle"));
        }
        let start = tar.input().position;
        let found = read_file(&mut tar.content(), &name).map_err(|error| archive(error.into()))?;
        if files.insert(name, Found { part: Some((start, size)), ..found }).is_some() {
            return Err(unsafe_member("is there twice"));
        }
    }
    Ok(files)
}

/// Returns the name below the top directory of the bundle: of a file there, or of one among the wheels.
fn name_in(path: &Path, top: &mut Option<PathBuf>) -> Option<String> {
    let mut parts = path.components().map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let first = parts.next()??;
    if *top.get_or_insert_with(|| first.into()) != Path::new(first) {
        return None;
    }
    let rest: Vec<&str> = parts.collect::<Option<_>>()?;
    match rest[..] {
        [] => Some(String::new()),
        [name] => Some(name.to_owned()),
        [WHEELS, name] => Some(format!("{WHEELS}/{name}")),
        _ => None,
    }
}

fn read_file(input: &mut dyn Read, name: &str) -> io::Result<Found> {
    let is_text = name == MANIFEST || name == SUMS;
    let (mut hash, mut text, mut buffer) = (Sha256::new(), Vec::new(), vec![0; 1 << 17]);
    loop {
        let count = input.read(&mut buffer)?;
        if count == 0 {
            return Ok(Found { sha256: hex(&hash.finalize()), part: None, text });
        }
        hash.update(&buffer[..count]);
        if is_text {
            text.extend_from_slice(&buffer[..count]);
            if text.len() as u64 > MAX_TEXT {
                return Err(io::Error::other("a list in it is too large"));
            }
        }
    }
}

/// Knows how much has been read.
#[derive(Debug)]
struct Counting {
    input: BufReader<File>,
    position: u64,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

fn no_bundle(path: &Path, reason: &str) -> ReadError {
    ReadError::NoBundle { path: path.to_path_buf(), reason: reason.to_owned() }
}
