//! The files of an installed distribution, and their places in a wheel.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::Obstacle;
use crate::env::BIN;
use crate::env::distributions::Distribution;
use crate::fs;
use crate::wheel::record::path_field;

/// More than the list of any distribution.
const MAX_RECORD: u64 = 64 << 20;

/// What the installer has written itself. Where a package came from is nobody's business on another machine.
const OF_INSTALLER: [&str; 6] = ["RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"];

/// A file of a distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its path, relative to the environment.
    pub(super) path: PathBuf,
    /// Its place in a wheel.
    pub(super) place: Place,
    /// The hash that it had when it was installed.
    pub(super) digest: Option<[u8; 32]>,
    /// The size that it had then.
    pub(super) size: Option<u64>,
}

/// An installed distribution, and its files.
#[derive(Debug)]
pub(super) struct Source {
    /// The distribution.
    pub(super) distribution: Distribution,
    /// Where it is installed: an environment, or the prefix of its base Python.
    pub(super) root: PathBuf,
    /// Its files.
    pub(super) rows: Vec<Row>,
}

impl Source {
    /// The size of its files, as far as they are there.
    pub(super) fn size(&self) -> u64 {
        let size = |row: &Row| self.root.join(&row.path).symlink_metadata().map_or(0, |found| found.len());
        self.rows.iter().map(size).sum()
    }
}

/// The place of a file in a wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Below `site-packages`.
    Site(String),
    /// In `bin`.
    Script(String),
    /// Among the headers of the package.
    Header(String),
    /// Below the environment.
    Data(String),
}

/// Returns the files of a distribution that belong into its wheel. `root` is where it is installed: an environment, or
/// the prefix of a Python.
pub(super) fn rows(root: &Path, distribution: &Distribution) -> Result<Vec<Row>, Obstacle> {
    if let Some(path) = &distribution.editable {
        return Err(Obstacle::Editable(path.clone()));
    }
    let is_modern = distribution.info.extension().is_some_and(|extension| extension == "dist-info");
    if !is_modern || !distribution.has_record() {
        return Err(Obstacle::NoRecord);
    }
    let content = fs::read_limited(&distribution.info.join("RECORD"), MAX_RECORD)?;
    let places = Places::new(root, distribution).ok_or(Obstacle::Record)?;
    let lines = content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty());
    let mut found = Vec::new();
    for line in lines {
        if let Some(row) = places.row(line)? {
            found.push(row);
        }
    }
    Ok(found)
}

/// Where things are in an environment.
struct Places<'a> {
    site: &'a Path,
    info: &'a std::ffi::OsStr,
    roots: [PathBuf; 2],
    headers: PathBuf,
}

impl<'a> Places<'a> {
    fn new(root: &Path, distribution: &'a Distribution) -> Option<Self> {
        let root = root.to_path_buf();
        let real = root.canonicalize().unwrap_or_else(|_| root.clone());
        let site = distribution.info.parent()?;
        let library = site.parent()?.file_name()?;
        let headers = Path::new("include/site").join(library);
        Some(Self { site, info: distribution.info.file_name()?, roots: [root, real], headers })
    }

    fn row(&self, line: &[u8]) -> Result<Option<Row>, Obstacle> {
        let (length, path) = path_field(line).ok_or(Obstacle::Record)?;
        let path = String::from_utf8(path).map_err(|_| Obstacle::Record)?;
        let whole = fs::absolute(self.site, Path::new(&path));
        let rest = line.get(length + 1..).unwrap_or_default();
        let (digest, size) = (digest(rest), size(rest));
        if is_compiled(&whole) || self.is_of_installer(&whole) {
            return Ok(None);
        }
        let inside = self.roots.iter().find_map(|root| whole.strip_prefix(root).ok());
        let inside = inside.ok_or_else(|| Obstacle::Outside(whole.clone()))?;
        let place = self.place(inside, &whole).ok_or(Obstacle::Record)?;
        Ok(Some(Row { path: inside.to_path_buf(), place, digest, size }))
    }

    fn is_of_installer(&self, path: &Path) -> bool {
        path.parent() == Some(&self.site.join(self.info))
            && path.file_name().is_some_and(|name| OF_INSTALLER.iter().any(|own| name == *own))
    }

    fn place(&self, inside: &Path, whole: &Path) -> Option<Place> {
        let text = |path: &Path| path.to_str().map(str::to_owned);
        if let Ok(path) = whole.strip_prefix(self.site) {
            return Some(Place::Site(text(path)?));
        }
        if let Ok(path) = inside.strip_prefix(BIN) {
            return Some(Place::Script(text(path)?));
        }
        if let Ok(path) = inside.strip_prefix(&self.headers) {
            // The first component is the name of the package, which its installer adds.
            let path: PathBuf = path.components().skip(1).collect();
            return Some(Place::Header(text(&path).filter(|path| !path.is_empty())?));
        }
        Some(Place::Data(text(inside)?))
    }
}

/// Python recreates these.
fn is_compiled(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pyc")
}

fn size(fields: &[u8]) -> Option<u64> {
    std::str::from_utf8(fields).ok()?.split(',').nth(1)?.parse().ok()
}

fn digest(fields: &[u8]) -> Option<[u8; 32]> {
    let hash = std::str::from_utf8(fields).ok()?.split(',').next()?.strip_prefix("sha256=")?;
    URL_SAFE_NO_PAD.decode(hash.trim_end_matches('=')).ok()?.try_into().ok()
}
