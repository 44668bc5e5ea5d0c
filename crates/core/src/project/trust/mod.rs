//! Which directories may bring their own code: remembered outside of them, by their real path and by what they hold.
//!
//! A record covers exactly one directory, never what is below it, and ends when one of the files that would run
//! changes. Nothing that a directory holds can make a record.

mod error;
mod fingerprint;
mod told;

#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub use error::TrustError;

use crate::fs::exposure::Vetting;
use crate::fs::order::Order as _;
use crate::fs::private::{User, is_private, record_of};
use crate::fs::{self, PathContext, PathResult};
use crate::project::dotenv::is_variable;

/// More than a path and a line.
const MAX_BYTES: u64 = 64 * 1024;

/// The records of one user.
#[derive(Clone, Debug)]
pub struct TrustStore {
    root: PathBuf,
    user: User,
    vetting: Vetting,
}

/// What else an allowed directory may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Whether its `.env` file is applied.
    pub dotenv: bool,
    /// The variables that `.env` may set although they change what is executed.
    pub variables: Vec<String>,
}

/// What is known of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody was asked yet.
    Unknown,
    /// Nothing is to happen here by itself.
    Denied,
    /// It was allowed, and has changed since.
    Changed,
    /// It is as it was when it was allowed.
    Allowed(Grants),
}

/// A directory that was allowed or denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its real path.
    pub directory: PathBuf,
    /// What it may do; none for a denied one.
    pub grants: Option<Grants>,
    /// What it held then, as a digest.
    digest: String,
}

impl TrustStore {
    /// Names the records in this program's state directory, for this user.
    pub fn new(state_dir: &Path, user: User) -> Self {
        Self { root: state_dir.join("trust"), user, vetting: Vetting::new(user, Some(state_dir)) }
    }

    /// Judges a directory whose environment, where it is not one of the store, is `env`.
    pub fn judge(&self, directory: &Path, env: Option<&Path>) -> Result<Verdict, TrustError> {
        let directory = directory.canonicalize().at("resolve", directory)?;
        let Some(record) = self.record(&directory) else { return Ok(Verdict::Unknown) };
        let Some(grants) = record.grants else { return Ok(Verdict::Denied) };
        let digest = fingerprint::of(&directory, env, grants.dotenv, &self.vetting)?;
        Ok(if digest == record.digest { Verdict::Allowed(grants) } else { Verdict::Changed })
    }

    /// Returns what a directory was allowed to do, whether or not it has changed since.
    pub fn granted(&self, directory: &Path) -> Option<Grants> {
        self.record(&directory.canonicalize().ok()?)?.grants
    }

    /// Returns whether nothing may run automatically in a directory.
    pub fn is_denied(&self, directory: &Path) -> bool {
        let real = directory.canonicalize().ok();
        real.and_then(|real| self.record(&real)).is_some_and(|record| record.grants.is_none())
    }

    /// Allows a directory as it is now.
    pub fn allow(&self, directory: &Path, env: Option<&Path>, grants: Grants) -> Result<Record, TrustError> {
        let directory = directory.canonicalize().at("resolve", directory)?;
        if let Some(name) = grants.variables.iter().find(|name| !is_variable(name)) {
            return Err(TrustError::Variable { name: name.clone() });
        }
        let digest = fingerprint::of(&directory, env, grants.dotenv, &self.vetting)?;
        let record = Record { directory, grants: Some(grants), digest };
        self.write(&record)?;
        Ok(record)
    }

    /// Denies a directory, whatever it holds.
    pub fn deny(&self, directory: &Path) -> Result<Record, TrustError> {
        let directory = directory.canonicalize().at("resolve", directory)?;
        let record = Record { directory, grants: None, digest: "-".into() };
        self.write(&record)?;
        Ok(record)
    }

    /// All records, in the order of their directories.
    pub fn list(&self) -> PathResult<Vec<Record>> {
        let entries = match std::fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.at("list", &self.root)?,
        };
        let files = entries.flatten().map(|entry| entry.path());
        let mut records: Vec<_> = files.filter_map(|file| read(&file).filter(|_| self.is_private(&file))).collect();
        records.order_by(|a, b| a.directory.cmp(&b.directory));
        Ok(records)
    }

    fn record(&self, directory: &Path) -> Option<Record> {
        let file = self.file(directory);
        // The name of the file is only a digest of the path: the path itself is what counts.
        let record = read(&file).filter(|record| record.directory == directory);
        record.filter(|_| self.is_private(&file))
    }

    /// A record that others could have written is none.
    fn is_private(&self, file: &Path) -> bool {
        std::fs::symlink_metadata(file).is_ok_and(|found| found.is_file() && is_private(&found, self.user))
    }

    fn write(&self, record: &Record) -> PathResult<()> {
        crate::fs::create_private_all(&self.root)?;
        fs::replace_own_file(&self.file(&record.directory), &content(record))
    }

    fn file(&self, directory: &Path) -> PathBuf {
        record_of(&self.root, directory, self.user)
    }
}

/// One line of words, then the path as it is: it may hold anything.
fn content(record: &Record) -> Vec<u8> {
    let line = match &record.grants {
        None => format!("denied {}\n", record.digest),
        Some(grants) => {
            let dotenv = if grants.dotenv { "dotenv" } else { "no-dotenv" };
            format!("allowed {} {dotenv} {}\n", record.digest, grants.variables.join(" "))
        }
    };
    [line.as_bytes(), record.directory.as_os_str().as_bytes()].concat()
}

fn read(file: &Path) -> Option<Record> {
    let content = fs::read_limited(file, MAX_BYTES).ok()?;
    let end = content.iter().position(|&byte| byte == b'\n')?;
    let directory = PathBuf::from(OsStr::from_bytes(&content[end + 1..]));
    let mut words = std::str::from_utf8(&content[..end]).ok()?.split_whitespace();
    let (verdict, digest) = (words.next()?, words.next()?.to_string());
    let grants = match verdict {
        "allowed" => {
            let dotenv = words.next()? == "dotenv";
            Some(Grants { dotenv, variables: words.map(String::from).collect() })
        }
        "denied" => None,
        _ => return None,
    };
    Some(Record { directory, grants, digest })
}
