//! Reading a wheel: strictly, and nothing on disk until every name in it has been checked. What is in it
//! is never in memory as a whole.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep440_rs::Version;
use sha2::{Digest, Sha256};

use super::archive::{Archive, LARGER, Limits, MAX_WHEEL, Member, Place};
use super::content::Content;
use super::metadata::{self, EntryPoint, WheelName};
use super::problem::WheelProblem;
use super::reserved;
use crate::env::headers::Headers;
use crate::env::packages::normalized;
use crate::fs::{self, PathContext, PathError, PathResult};

/// Why a wheel was refused.
#[derive(Debug, thiserror::Error)]
pub enum WheelError {
    /// The file could not be read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The content is not that of a sound wheel.
    #[error("`{}` is not a valid wheel: {problem}", path.display())]
    Unsound {
        /// The wheel.
        path: PathBuf,
        /// What is wrong with it.
        problem: WheelProblem,
    },
}

/// What a wheel is.
#[derive(Clone, Debug)]
pub(super) struct Description {
    /// The project's name, normalised.
    pub(super) project: String,
    /// The version as its metadata spells it.
    pub(super) version: String,
    /// The name of the `.dist-info` directory.
    pub(super) dist_info: String,
    /// The Python versions it runs on.
    pub(super) requires_python: Option<String>,
    /// The scripts to make.
    pub(super) entry_points: Vec<EntryPoint>,
}

/// A wheel whose names, sizes and metadata have been checked.
pub(super) struct Wheel {
    pub(super) description: Description,
    pub(super) members: Vec<Member>,
    path: PathBuf,
    archive: Archive,
}

impl Wheel {
    /// Reads and checks a wheel file.
    pub(super) fn open(path: &Path) -> Result<Self, WheelError> {
        Self::parse(fs::read_limited(path, MAX_WHEEL)?.into(), path, Limits::SEED)
    }

    /// Checks a wheel; its path tells its name.
    pub(super) fn parse(content: Content, path: &Path, limits: Limits) -> Result<Self, WheelError> {
        Self::check(content, path, limits).map_err(|problem| WheelError::Unsound { path: path.to_path_buf(), problem })
    }

    /// The SHA-256 of the whole archive, in digits.
    pub(super) fn sha256(&self) -> PathResult<String> {
        self.archive.content().sha256().at("read", &self.path)
    }

    /// Fails if its file is no longer what it was when it was opened.
    pub(super) fn check_unchanged(&self) -> Result<(), WheelError> {
        if self.archive.content().is_unchanged() {
            return Ok(());
        }
        Err(WheelError::Unsound { path: self.path.clone(), problem: WheelProblem::Changed })
    }

    /// Unpacks one file into another, piece by piece, verifying its size and checksum; returns its hash. `path` is where
    /// it is written.
    pub(super) fn unpack(
        &self,
        member: &Member,
        output: &mut dyn Write,
        path: &Path,
        buffer: &mut [u8],
    ) -> Result<[u8; 32], WheelError> {
        let damaged = |reason: String| {
            let problem = WheelProblem::Damaged { entry: member.path.clone(), reason };
            WheelError::Unsound { path: self.path.clone(), problem }
        };
        let (mut reader, _) = self.archive.reader(member).map_err(damaged)?;
        let (mut hash, mut size) = (Sha256::new(), 0);
        loop {
            let count = reader.read(buffer).map_err(|error| damaged(error.to_string()))?;
            if count == 0 {
                break;
            }
            size += count as u64;
            hash.update(&buffer[..count]);
            output.write_all(&buffer[..count]).at("write", path)?;
        }
        if size == member.size { Ok(hash.finalize().into()) } else { Err(damaged(LARGER.into())) }
    }

    /// Unpacks one file into memory.
    #[cfg(test)]
    pub(super) fn read(&self, member: &Member) -> Result<Vec<u8>, WheelError> {
        let mut content = Vec::new();
        self.unpack(member, &mut content, Path::new("memory"), &mut [0; 1 << 12])?;
        Ok(content)
    }

    fn check(content: Content, path: &Path, limits: Limits) -> Result<Self, WheelProblem> {
        let file_name = path.file_name().and_then(|name| name.to_str()).and_then(WheelName::parse);
        let name = file_name.ok_or(WheelProblem::Missing("wheel file name"))?;
        let archive = Archive::new(content)?;
        let entries = archive.list(limits)?;
        let dist_info = dist_info_directory(&entries, &name)?;
        let text = |file: &'static str| read_text(&archive, &entries, &dist_info, file);
        check_format(&text("WHEEL")?)?;
        text("RECORD")?;
        let mut description = describe(&text("METADATA")?, &name, dist_info.clone())?;
        if let Ok(entry_points) = text("entry_points.txt") {
            description.entry_points = parse_entry_points(&entry_points)?;
        }
        let members = place_all(entries, &description)?;
        Ok(Self { description, members, path: path.to_path_buf(), archive })
    }
}

fn dist_info_directory(entries: &[Member], name: &WheelName) -> Result<String, WheelProblem> {
    let mut found: Option<&str> = None;
    for member in entries {
        let Some((directory, _)) = member.path.split_once('/') else { continue };
        if !directory.ends_with(".dist-info") || found == Some(directory) {
            continue;
        }
        if found.is_some() {
            return Err(WheelProblem::Duplicate(".dist-info".into()));
        }
        found = Some(directory);
    }
    let directory = found.ok_or(WheelProblem::Missing(".dist-info"))?;
    let release = directory.strip_suffix(".dist-info").and_then(|stem| stem.rsplit_once('-'));
    let agrees = release.is_some_and(|(project, version)| is_release(project, version, name));
    if agrees { Ok(directory.to_owned()) } else { Err(WheelProblem::Mismatch(directory.to_owned())) }
}

fn is_release(project: &str, version: &str, name: &WheelName) -> bool {
    normalized(project) == name.project && Version::from_str(version).is_ok_and(|v| v == name.version)
}

fn read_text(
    archive: &Archive,
    entries: &[Member],
    dist_info: &str,
    file: &'static str,
) -> Result<String, WheelProblem> {
    let path = format!("{dist_info}/{file}");
    let member = entries.iter().find(|member| member.path == path).ok_or(WheelProblem::Missing(file))?;
    let content = archive.text(member);
    let text = content.and_then(|content| String::from_utf8(content).map_err(|error| error.to_string()));
    text.map_err(|reason| WheelProblem::Damaged { entry: path, reason })
}

fn check_format(wheel: &str) -> Result<(), WheelProblem> {
    let headers = Headers::parse(wheel.as_bytes());
    let format = headers.first("Wheel-Version").unwrap_or_default();
    let major = format.split('.').next().unwrap_or_default();
    if major == "1" { Ok(()) } else { Err(WheelProblem::Format(format.escape_debug().to_string())) }
}

fn describe(text: &str, name: &WheelName, dist_info: String) -> Result<Description, WheelProblem> {
    let headers = Headers::parse(text.as_bytes());
    let header = |key| headers.first(key);
    let (project, version) = (header("Name").unwrap_or_default(), header("Version").unwrap_or_default());
    let plain = !version.chars().any(|c| c.is_control() || c.is_whitespace());
    if !is_release(project, version, name) || !plain {
        return Err(WheelProblem::Mismatch(format!("{project} {version}").escape_debug().to_string()));
    }
    Ok(Description {
        project: name.project.clone(),
        version: version.to_owned(),
        dist_info,
        requires_python: header("Requires-Python").map(|text| text.replace(char::is_control, " ")),
        entry_points: Vec::new(),
    })
}

fn parse_entry_points(text: &str) -> Result<Vec<EntryPoint>, WheelProblem> {
    let mut entry_points = Vec::new();
    for (name, reference) in metadata::script_lines(text) {
        let refused = || WheelProblem::EntryPoint(name.escape_debug().to_string());
        if !reserved::is_allowed_script(name) {
            return Err(refused());
        }
        entry_points.push(EntryPoint::parse(name, reference).ok_or_else(refused)?);
    }
    Ok(entry_points)
}

/// Gives every file its place, and drops those that the installer writes itself.
fn place_all(entries: Vec<Member>, description: &Description) -> Result<Vec<Member>, WheelProblem> {
    let stem = description.dist_info.strip_suffix(".dist-info").unwrap_or_default();
    let data = format!("{stem}.data/");
    let mut seen = HashSet::new();
    let mut members = Vec::with_capacity(entries.len());
    for mut member in entries {
        if let Some(rest) = member.path.strip_prefix(&data) {
            let (place, path) = place(rest).ok_or_else(|| WheelProblem::UnsafeName(member.path.clone()))?;
            (member.place, member.path) = (place, path.to_owned());
        }
        if !seen.insert((member.place, member.path.clone())) {
            return Err(WheelProblem::Duplicate(member.path));
        }
        if !is_written_by_installer(&member, &description.dist_info) {
            members.push(member);
        }
    }
    Ok(members)
}

/// The place of a file below `NAME.data/`, and its path there.
fn place(path: &str) -> Option<(Place, &str)> {
    let (kind, path) = path.split_once('/')?;
    let place = match kind {
        "purelib" | "platlib" => Place::Site,
        "scripts" => Place::Script,
        "headers" => Place::Header,
        "data" => Place::Data,
        _ => return None,
    };
    reserved::is_allowed(place, path).then_some((place, path))
}

fn is_written_by_installer(member: &Member, dist_info: &str) -> bool {
    let file = member.path.strip_prefix(dist_info).and_then(|rest| rest.strip_prefix('/'));
    let own = ["RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"];
    member.place == Place::Site && file.is_some_and(|file| own.contains(&file))
}
