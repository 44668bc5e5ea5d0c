//! A digest of everything in a directory that would run, or take effect, by itself.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::TrustError;
use crate::fs::exposure::{Exposure, Vetting};
use crate::fs::hex::hex;
use crate::fs::private::Danger;
use crate::fs::{self, PathContext};
use crate::project::dotenv;
use crate::project::marker;
use crate::shell::event::{Event, Place};

/// What decides how an environment is activated, besides its hooks.
const ENVIRONMENT_FILES: [&str; 3] = ["pyvenv.cfg", "bin/activate", "bin/activate.fish"];

/// More than any script of this kind.
const MAX_BYTES: u64 = 1 << 20;

/// Digests a directory, and the environment it leads to; fails where another user could change what runs.
pub(super) fn of(directory: &Path, env: Option<&Path>, dotenv: bool, vetting: &Vetting) -> Result<String, TrustError> {
    // Most of the files are in the same few directories.
    let vetting = &vetting.clone().remembering();
    let mut digest = Sha256::new();
    check(directory, vetting)?;
    let markers = marker::FILES.into_iter().map(String::from);
    add_all(&mut digest, directory, markers.chain(hook_files(Place::Project, ".virtualenvwrapper")), vetting)?;
    if dotenv {
        add(&mut digest, directory, dotenv::FILE_NAME, vetting)?;
    }
    if let Some(env) = env {
        // Behind a link or a redirection the path itself may be anything: where it ends is what counts.
        let real = env.canonicalize().at("resolve", env)?;
        field(&mut digest, real.as_os_str().as_bytes());
        check(&real, vetting)?;
        let files = ENVIRONMENT_FILES.into_iter().map(String::from);
        add_all(&mut digest, &real, files.chain(hook_files(Place::Environment, "bin")), vetting)?;
    }
    Ok(hex(&digest.finalize()))
}

/// The hooks that run in a place when an environment is entered or left, below `directory`.
fn hook_files(place: Place, directory: &'static str) -> impl Iterator<Item = String> {
    let events = Event::all().filter(move |event| event.places().contains(&place) && event.is_switching());
    events.flat_map(Event::file_names).map(move |name| format!("{directory}/{name}"))
}

/// Adds files below a directory, and looks once at each directory that they are in.
fn add_all(
    digest: &mut Sha256,
    base: &Path,
    names: impl Iterator<Item = String>,
    vetting: &Vetting,
) -> Result<(), TrustError> {
    let mut seen: Vec<PathBuf> = vec![base.to_path_buf()];
    for name in names {
        let parent = base.join(&name).parent().unwrap_or(base).to_path_buf();
        if !seen.contains(&parent) {
            // Who may write into the directory of a file can put another in its place.
            if parent.exists() {
                check(&parent, vetting)?;
            }
            seen.push(parent);
        }
        add(digest, base, &name, vetting)?;
    }
    Ok(())
}

/// Adds one file: that it is missing, where it links to, what it holds. Each is asked for by its name: a listing of the
/// directory would not know under which other names a file system finds it.
fn add(digest: &mut Sha256, base: &Path, name: &str, vetting: &Vetting) -> Result<(), TrustError> {
    let path = base.join(name);
    field(digest, name.as_bytes());
    let mut found = match std::fs::symlink_metadata(&path) {
        Err(error) if is_absent(&error) => {
            field(digest, b"missing");
            return Ok(());
        }
        other => other.at("read", &path)?,
    };
    if found.is_symlink() {
        field(digest, std::fs::read_link(&path).at("read", &path)?.as_os_str().as_bytes());
        found = match std::fs::metadata(&path) {
            Err(error) if is_absent(&error) => {
                field(digest, b"missing");
                return Ok(());
            }
            other => other.at("read", &path)?,
        };
    }
    check(&path, vetting)?;
    if found.is_dir() {
        field(digest, b"directory");
    } else {
        field(digest, &fs::read_limited(&path, MAX_BYTES)?);
    }
    Ok(())
}

/// Every field has its length before it, so that no two lists of fields look the same.
fn field(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_le_bytes());
    digest.update(bytes);
}

/// Fails where others could change the file or directory, or put another in its place.
fn check(path: &Path, vetting: &Vetting) -> Result<(), TrustError> {
    match vetting.find(path).at("read", path)? {
        Some(Exposure { path, danger: Danger::ForeignOwner(_) }) => Err(TrustError::ForeignOwner { path }),
        Some(Exposure { path, .. }) => Err(TrustError::WritableByOthers { path }),
        None => Ok(()),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
