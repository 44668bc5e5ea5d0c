//! A wheel made of what is installed: the files that its list names, as they were before they were installed.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::altered::Known;
use super::error::Obstacle;
use super::name::file_name;
use super::rows::{Place, Row, Source};
use crate::env::distributions::Distribution;
use crate::env::headers::Headers;
use crate::fs::hashed::Hashed;
use crate::fs::order::Order as _;
use crate::fs::{PathContext, PathResult, entry};
use crate::pack::entry::{Entry, Kind, Sink};
use crate::pack::zip::Zip;
use crate::relocate::linked;
use crate::relocate::script::Head;
use crate::wheel::{record, scripts};

/// How hard is tried to make it small: as pip's own wheels are.
const LEVEL: u32 = 6;
/// The time of every file: wheels of one content have one hash.
pub(super) const TIME: u64 = 315_532_800;

/// What stands for any Python in a wheel.
const ANY_PYTHON: &[u8] = b"#!python\n";
/// More than the lines at the beginning of a script that name its interpreter.
const MAX_HEAD: u64 = 64 << 10;

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
/// `python` is the environment's version; altered files are packed as they are only if `force` says so. Nothing is left
/// of one that cannot be finished.
pub(super) fn repack(
    source: &Source,
    known: &Known,
    python: (u32, u32),
    force: bool,
    directory: &Path,
) -> Result<Repacked, Obstacle> {
    let distribution = &source.distribution;
    let headers = Headers::read(&distribution.info.join("WHEEL")).map_err(|_| Obstacle::NoTags)?;
    let tags = distribution.wheel_tags();
    let file = file_name(&distribution.name, &distribution.version, headers.first("Build"), &tags)?;
    let path = directory.join(&file);
    let created = File::create_new(&path).at("create", &path)?;
    let written = write(source, known, python, force, created, &path);
    if written.is_err() {
        let _ = std::fs::remove_file(&path);
    }
    let (sha256, size, glibc) = written?;
    Ok(Repacked { file, sha256, size, tags, glibc })
}

/// Writes the wheel; returns its hash, its size, and the newest glibc that something in it uses.
fn write(
    of: &Source,
    known: &Known,
    python: (u32, u32),
    force: bool,
    created: File,
    path: &Path,
) -> Result<(String, u64, Option<u32>), Obstacle> {
    let Source { distribution, root, rows } = of;
    let info = distribution.info.file_name().and_then(|name| name.to_str()).ok_or(Obstacle::Record)?;
    let mut output = Hashed::new(BufWriter::with_capacity(1 << 17, created));
    let mut wheel = Wheel { archive: Zip::new(&mut output, LEVEL), file: path, list: String::new(), glibc: None };
    let mut altered = Vec::new();
    for member in members(distribution, rows, python, info) {
        let place = &member.row.path;
        let Some((mut source, whole, mode)) = open(root, place)? else {
            altered.push(place.clone());
            continue;
        };
        let old_head = if member.is_script { old_head(&source, of).at("read", place)? } else { 0 };
        source.seek(SeekFrom::Start(old_head)).at("read", place)?;
        let head = if old_head > 0 { ANY_PYTHON } else { b"" };
        // pip leaves a script as it is in the wheel, even if nobody can run it.
        let is_executable = member.is_script || mode & 0o111 != 0;
        let size = whole.saturating_sub(old_head) + head.len() as u64;
        let mut digest = wheel.add(&member.path, &mut head.chain(&source), size, is_executable)?;
        source.rewind().at("read", place)?;
        if old_head > 0 {
            (digest, _) = Hashed::new(&source).read_all().at("read", place)?;
            source.rewind().at("read", place)?;
        }
        if known.is_altered(&root.join(place), &digest, whole) {
            altered.push(place.clone());
        }
        wheel.glibc = wheel.glibc.max(linked::newest_glibc_in(&source).at("read", place)?);
    }
    if !(altered.is_empty() || force) {
        return Err(Obstacle::Altered(altered));
    }
    let glibc = wheel.finish(info)?;
    output.flush().at("write", path)?;
    let (sha256, size) = output.finish();
    Ok((sha256, size, glibc))
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

/// A file with its size and permission bits; none where it is gone.
fn open(root: &Path, path: &Path) -> PathResult<Option<(File, u64, u32)>> {
    match entry::Entry::below(root, path).and_then(|file| file.open()) {
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        other => other,
    }
}

/// The names of scripts that an installer makes of the entry points.
fn generated(distribution: &Distribution, python: (u32, u32)) -> HashSet<String> {
    let content = std::fs::read(distribution.info.join("entry_points.txt")).unwrap_or_default();
    scripts::generated_names(&distribution.key, &String::from_utf8_lossy(&content), python)
}

/// How long the first lines of a script are that name the Python it was installed for; 0 if there are none.
fn old_head(file: &File, of: &Source) -> io::Result<u64> {
    let mut content = Vec::new();
    file.take(MAX_HEAD).read_to_end(&mut content)?;
    let head = Head::parse(&content, std::slice::from_ref(&of.root));
    // Packages of a base Python are also installed elsewhere: in `/usr/local`, or at home.
    let is_own = |head: &Head| !of.distribution.is_local || head.interpreter.starts_with(&of.root);
    let head = head.filter(|head| head.is_python() && is_own(head));
    Ok(head.map_or(0, |head| head.length as u64))
}

/// A wheel under way.
struct Wheel<'a> {
    archive: Zip<&'a mut Hashed<BufWriter<File>>>,
    /// Where it is written.
    file: &'a Path,
    list: String,
    glibc: Option<u32>,
}

impl Wheel<'_> {
    /// Packs and lists a file, and returns its hash.
    fn add(&mut self, path: &str, content: &mut dyn Read, size: u64, is_executable: bool) -> PathResult<[u8; 32]> {
        let mut content = Hashed::new(content);
        self.write(path, &mut content, size, is_executable)?;
        let (digest, _) = content.digest();
        record::push_known(&mut self.list, path, &digest, size);
        Ok(digest)
    }

    fn write(&mut self, path: &str, content: &mut dyn Read, size: u64, is_executable: bool) -> PathResult<()> {
        let mode = if is_executable { 0o755 } else { 0o644 };
        let entry = Entry { path: path.into(), kind: Kind::File(size), mode, mtime: TIME };
        self.archive.add(&entry, content).copying(Path::new(path), self.file)
    }

    /// Writes the list of the files, and returns the newest glibc that one of them uses.
    fn finish(mut self, info: &str) -> PathResult<Option<u32>> {
        let own = format!("{info}/RECORD");
        record::push_own_row(&mut self.list, &own);
        let list = std::mem::take(&mut self.list);
        self.write(&own, &mut list.as_bytes(), list.len() as u64, false)?;
        self.archive.finish().at("write", self.file)?;
        Ok(self.glibc)
    }
}
