//! A wheel made of what is installed: the files that its list names, as they were before they were installed.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::altered::Known;
use super::error::Obstacle;
use super::name::file_name;
use super::rows::{Place, Row};
use crate::env::Environment;
use crate::env::distributions::Distribution;
use crate::env::headers::Headers;
use crate::fs::hex::hex;
use crate::fs::order::Order as _;
use crate::fs::{PathContext, PathResult, entry};
use crate::pack::entry::{Entry, Kind, Sink};
use crate::pack::zip::Zip;
use crate::relocate::elf::is_elf;
use crate::relocate::linked;
use crate::relocate::script::Head;
use crate::wheel::{record, scripts};

/// More than any file of a package.
const MAX_FILE: u64 = 4 << 30;
/// How hard is tried to make it small: as pip's own wheels are.
const LEVEL: u32 = 6;
/// The time of every file: wheels of one content have one hash.
pub(super) const TIME: u64 = 315_532_800;

/// A wheel that was made.
#[derive(Debug)]
pub(super) struct Repacked {
    /// The name of its file.
    pub(super) file: String,
    /// The hash of the file.
    pub(super) sha256: String,
    /// Its size in bytes.
    pub(super) size: u64,
    /// Its tags.
    pub(super) tags: Vec<String>,
    /// The newest glibc that something in it uses.
    pub(super) glibc: Option<u32>,
}

/// A file of the wheel.
struct Member<'a> {
    path: String,
    row: &'a Row,
    is_script: bool,
}

/// Writes the wheel of a distribution into a directory, one file after another: some packages are larger than memory.
/// `python` is the environment's version; altered files are packed as they are only if `force` says so.
pub(super) fn repack(
    environment: &Environment,
    distribution: &Distribution,
    rows: &[Row],
    known: &Known,
    python: (u32, u32),
    force: bool,
    directory: &Path,
) -> Result<Repacked, Obstacle> {
    let headers = Headers::read(&distribution.info.join("WHEEL")).map_err(|_| Obstacle::NoTags)?;
    let tags = distribution.wheel_tags();
    let file = file_name(&distribution.name, &distribution.version, headers.first("Build"), &tags)?;
    let info = distribution.info.file_name().and_then(|name| name.to_str()).ok_or(Obstacle::Record)?;
    let path = directory.join(&file);
    let mut output = Hashed::new(File::create_new(&path).at("create", &path)?);
    let mut wheel = Wheel { archive: Zip::new(&mut output, LEVEL), list: String::new(), glibc: None };
    let mut altered = Vec::new();
    for member in members(distribution, rows, python, info) {
        let place = &member.row.path;
        let Some((content, mode)) = content_of(environment, place)? else {
            altered.push(place.clone());
            continue;
        };
        if known.is_altered(place, &content) {
            altered.push(place.clone());
        }
        if altered.is_empty() || force {
            let content = if member.is_script { general(content, environment.path()) } else { content };
            // pip leaves a script as it is in the wheel, even if nobody can run it.
            wheel.add(&member.path, &content, member.is_script || mode & 0o111 != 0)?;
        }
    }
    if !(altered.is_empty() || force) {
        return Err(Obstacle::Altered(altered));
    }
    let glibc = wheel.finish(info)?;
    let (sha256, size) = output.finish().at("write", &path)?;
    Ok(Repacked { file, sha256, size, tags, glibc })
}

/// The files in their order: what describes the wheel comes last, so that it is found without reading all.
fn members<'a>(distribution: &Distribution, rows: &'a [Row], python: (u32, u32), info: &str) -> Vec<Member<'a>> {
    let data = format!("{}.data", info.strip_suffix(".dist-info").unwrap_or(info));
    let generated = generated(distribution, python);
    let member = |row: &'a Row| {
        let path = match &row.place {
            Place::Script(name) if generated.contains(name.as_str()) => return None,
            Place::Site(path) => path.clone(),
            Place::Script(path) => format!("{data}/scripts/{path}"),
            Place::Header(path) => format!("{data}/headers/{path}"),
            Place::Data(path) => format!("{data}/data/{path}"),
        };
        Some(Member { path, row, is_script: matches!(row.place, Place::Script(_)) })
    };
    let mut members: Vec<_> = rows.iter().filter_map(member).collect();
    let last = format!("{info}/");
    members.order_by_key(|member| (member.path.starts_with(&last), member.path.clone()));
    members.dedup_by(|second, first| second.path == first.path);
    members
}

/// The content of a file and its permission bits; none where it is gone.
fn content_of(environment: &Environment, path: &Path) -> PathResult<Option<(Vec<u8>, u32)>> {
    match entry::Entry::below(environment.path(), path).and_then(|file| file.read(MAX_FILE)) {
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        other => other,
    }
}

/// The names of scripts that an installer makes of the entry points.
fn generated(distribution: &Distribution, python: (u32, u32)) -> HashSet<String> {
    let content = std::fs::read(distribution.info.join("entry_points.txt")).unwrap_or_default();
    scripts::generated_names(&distribution.key, &String::from_utf8_lossy(&content), python)
}

/// A script whose first lines name the environment's Python, with the line that stands for any Python instead.
fn general(content: Vec<u8>, environment: &Path) -> Vec<u8> {
    let Some(head) = Head::parse(&content, &[environment.to_path_buf()]) else { return content };
    if !head.is_python() || !head.interpreter.starts_with(environment) {
        return content;
    }
    [b"#!python\n", &content[head.length..]].concat()
}

/// A wheel under way.
struct Wheel<'a> {
    archive: Zip<&'a mut Hashed>,
    list: String,
    glibc: Option<u32>,
}

impl Wheel<'_> {
    fn add(&mut self, path: &str, content: &[u8], is_executable: bool) -> PathResult<()> {
        record::push_row(&mut self.list, path, content);
        if is_elf(content) {
            self.glibc = self.glibc.max(linked::newest_glibc(content));
        }
        self.write(path, content, is_executable)
    }

    fn write(&mut self, path: &str, mut content: &[u8], is_executable: bool) -> PathResult<()> {
        let mode = if is_executable { 0o755 } else { 0o644 };
        let entry = Entry { path: path.into(), kind: Kind::File(content.len() as u64), mode, mtime: TIME };
        self.archive.add(&entry, &mut content).at("pack", Path::new(path))
    }

    /// Writes the list of the files, and returns the newest glibc that one of them uses.
    fn finish(mut self, info: &str) -> PathResult<Option<u32>> {
        let own = format!("{info}/RECORD");
        record::push_own_row(&mut self.list, &own);
        let list = std::mem::take(&mut self.list);
        self.write(&own, list.as_bytes(), false)?;
        self.archive.finish().at("pack", Path::new(info))?;
        Ok(self.glibc)
    }
}

/// A file that knows the hash of what is written into it.
struct Hashed {
    file: BufWriter<File>,
    hash: Sha256,
    size: u64,
}

impl Hashed {
    fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(1 << 17, file), hash: Sha256::new(), size: 0 }
    }

    fn finish(mut self) -> io::Result<(String, u64)> {
        self.file.flush()?;
        Ok((hex(&self.hash.finalize()), self.size))
    }
}

impl Write for Hashed {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        let count = self.file.write(content)?;
        self.hash.update(&content[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
