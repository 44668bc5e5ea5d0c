//! A digest of everything in a directory that would run, or take effect, by itself.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

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

/// Digests a directory, and the environment it leads to; fails where somebody else could change what runs.
pub(super) fn of(directory: &Path, env: Option<&Path>, dotenv: bool, vetting: &Vetting) -> Result<String, TrustError> {
    // Most of the files lie in the same few directories.
    let vetting = &vetting.clone().remembering();
    let mut digest = Sha256::new();
    check(directory, vetting)?;
    let markers = marker::FILES.into_iter().map(String::from);
    for name in markers.chain(hook_files(Place::Project, ".virtualenvwrapper")) {
        add(&mut digest, directory, &name, vetting)?;
    }
    if dotenv {
        add(&mut digest, directory, dotenv::FILE_NAME, vetting)?;
    }
    if let Some(env) = env {
        // Behind a link or a redirection the path itself may be anything: where it ends is what counts.
        let real = env.canonicalize().at("resolve", env)?;
        field(&mut digest, real.as_os_str().as_bytes());
        check(&real, vetting)?;
        let files = ENVIRONMENT_FILES.into_iter().map(String::from);
        for name in files.chain(hook_files(Place::Environment, "bin")) {
            add(&mut digest, &real, &name, vetting)?;
        }
    }
    Ok(hex(&digest.finalize()))
}

/// The hooks that run in a place when an environment is entered or left, below `directory`.
fn hook_files(place: Place, directory: &'static str) -> impl Iterator<Item = String> {
    let events = Event::all().filter(move |event| event.places().contains(&place) && event.is_switching());
    events.flat_map(Event::file_names).map(move |name| format!("{directory}/{name}"))
}

/// Adds one file: that it is missing, where it links to, what it holds.
fn add(digest: &mut Sha256, base: &Path, name: &str, vetting: &Vetting) -> Result<(), TrustError> {
    let path = base.join(name);
    // Who may write into its directory can put another file in its place.
    if let Some(parent) = path.parent().filter(|parent| *parent != base && parent.exists()) {
        check(parent, vetting)?;
    }
    field(digest, name.as_bytes());
    match std::fs::read_link(&path) {
        Ok(target) => field(digest, target.as_os_str().as_bytes()),
        // It is no link, or it is not there.
        Err(error) if is_absent(&error) || error.kind() == io::ErrorKind::InvalidInput => {}
        Err(error) => return Err(error).at("read", &path)?,
    }
    let found = match std::fs::metadata(&path) {
        Err(error) if is_absent(&error) => {
            field(digest, b"missing");
            return Ok(());
        }
        other => other.at("read", &path)?,
    };
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
