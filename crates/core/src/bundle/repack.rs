//! A wheel made of what is installed: the files that its list names, as they were before they were installed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::altered::Known;
use super::error::Obstacle;
use super::name::file_name;
use super::rows::{Place, Row};
use crate::env::Environment;
use crate::env::distributions::Distribution;
use crate::env::headers::Headers;
use crate::fs::{PathResult, entry};
use crate::pack::entry::{Entry, Kind, Sink};
use crate::pack::libraries;
use crate::pack::zip::Zip;
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
    /// Its content.
    pub(super) content: Vec<u8>,
    /// Its tags.
    pub(super) tags: Vec<String>,
    /// The newest glibc that something in it uses.
    pub(super) glibc: Option<u32>,
}

/// A file of the wheel.
struct Member {
    path: String,
    content: Vec<u8>,
    is_executable: bool,
}

/// Makes the wheel of a distribution. `python` is the environment's version; altered files are packed as they are only
/// if `force` says so.
pub(super) fn repack(
    environment: &Environment,
    distribution: &Distribution,
    rows: &[Row],
    known: &Known,
    python: (u32, u32),
    force: bool,
) -> Result<Repacked, Obstacle> {
    let headers = Headers::read(&distribution.info.join("WHEEL")).map_err(|_| Obstacle::NoTags)?;
    let tags = distribution.wheel_tags();
    let file = file_name(&distribution.name, &distribution.version, headers.first("Build"), &tags)?;
    let info = distribution.info.file_name().and_then(|name| name.to_str()).ok_or(Obstacle::Record)?;
    let (mut members, altered) = read(environment, distribution, rows, known, python)?;
    if !(altered.is_empty() || force) {
        return Err(Obstacle::Altered(altered));
    }
    // What describes the wheel comes last, so that it is found without reading all.
    let last = format!("{info}/");
    members.sort_by_key(|member| (member.path.starts_with(&last), member.path.clone()));
    members.dedup_by(|second, first| second.path == first.path);
    let glibc = members.iter().filter(|member| is_elf(&member.content));
    let glibc = glibc.filter_map(|member| libraries::newest_glibc(&member.content)).max();
    Ok(Repacked { file, content: zip(&members, info)?, tags, glibc })
}

fn read(
    environment: &Environment,
    distribution: &Distribution,
    rows: &[Row],
    known: &Known,
    python: (u32, u32),
) -> Result<(Vec<Member>, Vec<PathBuf>), Obstacle> {
    let info = distribution.info.file_name().and_then(|name| name.to_str()).ok_or(Obstacle::Record)?;
    let data = format!("{}.data", info.strip_suffix(".dist-info").unwrap_or(info));
    let generated = generated(distribution, python);
    let (mut members, mut altered) = (Vec::new(), Vec::new());
    for row in rows {
        let path = match &row.place {
            Place::Script(name) if generated.contains(name.as_str()) => continue,
            Place::Site(path) => path.clone(),
            Place::Script(path) => format!("{data}/scripts/{path}"),
            Place::Header(path) => format!("{data}/headers/{path}"),
            Place::Data(path) => format!("{data}/data/{path}"),
        };
        let Some((mut content, mode)) = content_of(environment, &row.path)? else {
            altered.push(row.path.clone());
            continue;
        };
        if known.is_altered(&row.path, &content) {
            altered.push(row.path.clone());
        }
        let is_script = matches!(row.place, Place::Script(_));
        if is_script {
            content = general(content, environment.path());
        }
        // pip leaves a script as it is in the wheel, even if nobody can run it.
        members.push(Member { path, content, is_executable: is_script || mode & 0o111 != 0 });
    }
    Ok((members, altered))
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

fn is_elf(content: &[u8]) -> bool {
    content.starts_with(b"\x7fELF")
}

fn zip(members: &[Member], info: &str) -> Result<Vec<u8>, Obstacle> {
    let mut list = String::new();
    let mut content = Vec::new();
    let mut archive = Zip::new(&mut content, LEVEL);
    let mut add = |path: &str, content: &[u8], is_executable: bool| {
        let mode = if is_executable { 0o755 } else { 0o644 };
        let entry = Entry { path: path.into(), kind: Kind::File(content.len() as u64), mode, mtime: TIME };
        let mut reader = content;
        archive.add(&entry, &mut reader).map_err(|source| path_error(path, source))
    };
    for member in members {
        record::push_row(&mut list, &member.path, &member.content);
        add(&member.path, &member.content, member.is_executable)?;
    }
    let own = format!("{info}/RECORD");
    record::push_own_row(&mut list, &own);
    add(&own, list.as_bytes(), false)?;
    archive.finish().map_err(|source| path_error(info, source))?;
    drop(archive);
    Ok(content)
}

fn path_error(path: &str, source: std::io::Error) -> Obstacle {
    Obstacle::Path(crate::fs::PathError { action: "pack", path: path.into(), source })
}
