//! What we remember about one environment beyond the standard files: `venvwrap.toml` inside it, which may be missing.
//!
//! The time of the last use is the file's modification time: noting it is one system call at every `workon`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Timespec, Timestamps, UTIME_NOW};
use serde::{Deserialize, Serialize};

pub use super::owner::Owner;
use crate::fs::entry::{Entry, Permissions};
use crate::fs::{self, PathResult};

/// The name of the file inside an environment.
pub const FILE_NAME: &str = "venvwrap.toml";

/// The name of the file with the variables that an environment sets; it may hold secrets.
pub const VARIABLES_FILE: &str = "venvwrap-variables.toml";

const MAX_BYTES: u64 = 64 * 1024;

/// The content of `venvwrap.toml`; everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    /// When the environment was made, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<u64>,
    /// The version of this program that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The Python that was asked for, as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_python: Option<String>,
    /// The path of the environment, for one whose scripts do not name it: what belongs to it is known by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A path that it had before, from which something could not follow yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// Whether its directory held other files before it became an environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled: Option<bool>,
    /// Whether it was made without any activation script, so that none is missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bare: Option<bool>,
    /// The shell for which the environment was made, set for one that is removed when it is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporary: Option<Owner>,
}

impl Metadata {
    /// Reads the file of an environment; a missing, unreadable or foreign one counts as empty.
    pub fn read(env: &Path) -> Self {
        fs::read_limited(&path(env), MAX_BYTES).map(|content| Self::parse(&content)).unwrap_or_default()
    }

    /// Returns whether the directory of an environment held other files before: nothing replaces it as a whole.
    pub fn is_filled(env: &Path) -> bool {
        Self::read(env).filled == Some(true)
    }

    /// Returns what a file of this content says; a foreign one counts as empty.
    pub(super) fn parse(content: &[u8]) -> Self {
        let plain = std::str::from_utf8(content).ok().and_then(Self::plain);
        plain.unwrap_or_else(|| toml::from_str(&String::from_utf8_lossy(content)).unwrap_or_default())
    }

    /// The same for what most files are, lines as we write them; none for anything else. A list reads a thousand of
    /// them, and a parser of TOML takes a third of its time.
    fn plain(text: &str) -> Option<Self> {
        let mut metadata = Self::default();
        for line in text.lines() {
            let (key, rest) = line.split_once(' ')?;
            let value = rest.strip_prefix("= ")?;
            let is_new = match key {
                "created" => metadata.created.replace(plain_number(value)?).is_none(),
                "version" => metadata.version.replace(plain_text(value)?).is_none(),
                "requested-python" => metadata.requested_python.replace(plain_text(value)?).is_none(),
                "path" => metadata.path.replace(plain_text(value)?).is_none(),
                "filled" if value == "true" => metadata.filled.replace(true).is_none(),
                "bare" if value == "true" => metadata.bare.replace(true).is_none(),
                _ => false,
            };
            is_new.then_some(())?;
        }
        Some(metadata)
    }

    /// Replaces the file of an environment.
    pub fn write(&self, env: &Path) -> PathResult<()> {
        Entry::below(env, Path::new(FILE_NAME))?.replace(self.to_toml().as_bytes(), Permissions::New(0o666))
    }

    /// The content of the file.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// When the environment was made, where it is recorded as a time that the system can represent.
    pub fn created_at(&self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.created?))
    }
}

/// A number as we write it: digits alone, and no zero before them.
fn plain_number(value: &str) -> Option<u64> {
    let is_plain = value.bytes().all(|byte| byte.is_ascii_digit()) && (value == "0" || !value.starts_with('0'));
    // TOML has no larger numbers.
    value.parse().ok().filter(|number| is_plain && i64::try_from(*number).is_ok())
}

/// A text between quotes in which nothing means anything else.
fn plain_text(value: &str) -> Option<String> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    text.bytes().all(is_plain).then(|| text.to_string())
}

/// When the environment was last activated or run, as far as we know.
pub fn last_used(env: &Path) -> Option<SystemTime> {
    std::fs::symlink_metadata(path(env)).ok().filter(std::fs::Metadata::is_file)?.modified().ok()
}

/// Notes that the environment is used now. Failures are of no consequence: an environment may be read-only.
pub fn note_use(env: &Path) {
    let path = path(env);
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let times = Timestamps { last_access: now, last_modification: now };
    let noted = rustix::fs::utimensat(rustix::fs::CWD, &path, &times, AtFlags::SYMLINK_NOFOLLOW);
    if noted.is_err_and(|error| io::Error::from(error).kind() == io::ErrorKind::NotFound) {
        let _ = fs::write_new(&path, b"", 0o666);
    }
}

/// Notes the path that an environment has, unless it is noted, or no text; that is no use of it. Best effort.
pub(crate) fn note_path(env: &Path) {
    let (known, path_now) = (Metadata::read(env), env.to_str().map(str::to_owned));
    if path_now.is_none() || known.path == path_now {
        return;
    }
    write_with_times_of(&Metadata { path: path_now, ..known }, env, env);
}

/// Notes whether something could not follow from a path that an environment had, or ends that. Best effort.
pub(crate) fn note_left(env: &Path, old: &Path, is_left: bool) {
    let (known, old) = (Metadata::read(env), old.to_str());
    let is_noted = known.left.is_some() && known.left.as_deref() == old;
    // Of several the first: what was moved on had less time to get anything.
    if is_left != is_noted && (is_noted || known.left.is_none()) {
        write_with_times_of(&Metadata { left: old.filter(|_| is_left).map(str::to_owned), ..known }, env, env);
    }
}

/// Gives what was copied from an environment the times of that: when it was created, and when it was used last. Best
/// effort.
pub(crate) fn keep_times(old: &Path, new: &Path) {
    let noted = Metadata { created: Metadata::read(old).created, left: None, ..Metadata::read(new) };
    write_with_times_of(&noted, new, old);
}

fn write_with_times_of(noted: &Metadata, new: &Path, old: &Path) {
    let found = rustix::fs::lstat(path(old));
    if let (Ok(()), Ok(found)) = (noted.write(new), found) {
        let times = fs::times::times_of(&found);
        let _ = rustix::fs::utimensat(rustix::fs::CWD, path(new), &times, AtFlags::SYMLINK_NOFOLLOW);
    }
}

/// The path of the file inside an environment.
pub fn path(env: &Path) -> PathBuf {
    env.join(FILE_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let env = tempfile::tempdir().unwrap();
        let metadata = Metadata {
            created: Some(1_700_000_000),
            version: Some("1.2.3".into()),
            requested_python: Some(">=3.11".into()),
            path: Some("/it's \"here\"".into()),
            temporary: Some(Owner::of(42)),
            left: Some("/before".into()),
            filled: Some(true),
            bare: Some(true),
        };
        std::fs::write(path(env.path()), metadata.to_toml()).unwrap();
        assert_eq!(Metadata::read(env.path()), metadata);
    }

    #[test]
    fn plain_lines_say_the_same_as_to_a_parser_of_toml() {
        let written = "created = 1700000000\nversion = \"0.1.0\"\nrequested-python = \">=3.11\"\npath = \"/a b\"\n";
        assert!(Metadata::plain(written).is_some());
        let mutated = [written, "", "created = 0\r\n", "[temporary]\npid = 1\n", "created = 9223372036854775808\n"];
        for (at, text) in mutated.iter().enumerate() {
            let by_toml: Metadata = toml::from_str(text).unwrap_or_default();
            assert_eq!(Metadata::parse(text.as_bytes()), by_toml, "{at}");
        }
        let lines = ["created = 01", "created = +1", "created = 1_0", "version = 'x'", "version = \"a\\tb\"", "x = 1"];
        for line in lines.iter().chain(&["version = \"a\" # b", "created = 1\ncreated = 2", "created  = 1", "\n"]) {
            assert_eq!(Metadata::plain(line), None, "{line}");
        }
        crate::mutation::check_mutations(&[written.as_bytes()], |input| {
            let text = String::from_utf8_lossy(input);
            if let Some(plain) = Metadata::plain(&text) {
                assert_eq!(toml::from_str(&text).ok(), Some(plain), "{text:?}");
            }
        });
    }

    #[test]
    fn a_damaged_file_counts_as_empty() {
        let env = tempfile::tempdir().unwrap();
        std::fs::write(path(env.path()), "created = \"x").unwrap();
        assert_eq!(Metadata::read(env.path()), Metadata::default());
        std::fs::remove_file(path(env.path())).unwrap();
        std::fs::create_dir(path(env.path())).unwrap();
        assert_eq!(Metadata::read(env.path()), Metadata::default());
    }

    #[test]
    fn a_time_that_cannot_be_is_no_time() {
        for (seconds, is_known) in [("0", true), ("253402300800", true), ("9223372036854775807", true)] {
            let metadata: Metadata = toml::from_str(&format!("created = {seconds}")).unwrap();
            assert_eq!(metadata.created_at().is_some(), is_known, "{seconds}");
        }
        let metadata = Metadata { created: Some(u64::MAX), ..Metadata::default() };
        assert_eq!(metadata.created_at(), None);
    }

    #[test]
    fn using_an_environment_is_noted_also_where_nothing_was_yet() {
        let env = tempfile::tempdir().unwrap();
        assert_eq!(last_used(env.path()), None);
        note_use(env.path());
        let file = std::fs::File::options().write(true).open(path(env.path())).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        note_use(env.path());
        assert!(last_used(env.path()).unwrap() > SystemTime::UNIX_EPOCH);
    }
}
