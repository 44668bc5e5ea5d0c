//! What is noted next to a removed environment. An environment without a note is still one that can come back.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::env::kernels::KeptKernel;
use crate::fs::{self, PathResult};

/// The name of the file.
pub(super) const FILE_NAME: &str = "entry.toml";

/// More than the paths of many directories.
const MAX_BYTES: u64 = 1 << 20;

/// Why an environment is in the trash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It was removed.
    #[default]
    Remove,
    /// A new one was created in its place.
    Clear,
    /// A copy took its place.
    Copy,
    /// It was rebuilt for another Python.
    Upgrade,
    /// An earlier state took its place.
    Restore,
    /// The one that had its name before came back.
    Undo,
    /// Another version of this program knows.
    #[serde(other)]
    Other,
}

impl Reason {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::Clear => "clear",
            Self::Copy => "copy",
            Self::Upgrade => "upgrade",
            Self::Restore => "restore",
            Self::Undo => "undo",
            Self::Other => "other",
        }
    }

    /// Returns whether another environment has taken the place: undoing exchanges the two.
    pub fn is_replacement(self) -> bool {
        !matches!(self, Self::Remove | Self::Other)
    }
}

/// The content of the file; everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Note {
    /// The name, for people: the directory has it byte for byte.
    pub(super) name: String,
    /// When, in seconds since 1970.
    pub(super) removed: Option<u64>,
    pub(super) reason: Reason,
    /// The space that it takes, once it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
    /// What tells this directory from another with the same content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<String>,
    /// What tells the environment that has taken its place from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) successor: Option<String>,
    /// Whether that was renamed since: what is here names the old path.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_renamed: bool,
    /// The directories that were added next to its project.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) directories: Vec<PathBuf>,
    /// What else was removed with it, and where it was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) kernels: Vec<KeptKernel>,
    /// The store that it was in, which may have been moved with its trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) store: Option<PathBuf>,
    /// What tells the copy that is to be in another place, once that is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) copy: Option<String>,
}

impl Note {
    pub(super) fn read(entry: &Path) -> Self {
        let content = fs::read_limited(&entry.join(FILE_NAME), MAX_BYTES).unwrap_or_default();
        Self::parse(&String::from_utf8_lossy(&content))
    }

    /// Reads the text of a note; a damaged one says nothing.
    pub(super) fn parse(text: &str) -> Self {
        toml::from_str(text).unwrap_or_default()
    }

    /// Writes the note of a new entry. Paths that are not UTF-8 cannot be noted.
    pub(super) fn write(&self, entry: &Path) -> PathResult<()> {
        fs::write_new(&entry.join(FILE_NAME), self.text().as_bytes(), 0o600)
    }

    pub(super) fn rewrite(&self, entry: &Path) -> PathResult<()> {
        fs::replace_file(&entry.join(FILE_NAME), self.text().as_bytes(), 0o600)
    }

    /// The content of the file.
    pub(super) fn text(&self) -> String {
        let is_text = |path: &&PathBuf| path.to_str().is_some();
        let directories = self.directories.iter().filter(is_text).cloned().collect();
        let kernels = self.kernels.iter().filter(|kernel| is_text(&&kernel.directory)).cloned().collect();
        let store = self.store.clone().filter(|store| is_text(&store));
        let note = Self { directories, kernels, store, ..self.clone() };
        toml::to_string(&note).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn what_is_written_is_read_and_what_is_damaged_counts_as_missing() {
        let entry = tempfile::tempdir().unwrap();
        let note = Note {
            name: "it's $(x) \"é\"".into(),
            removed: Some(7),
            reason: Reason::Clear,
            size: Some(1),
            identity: Some("1 2 5".into()),
            successor: Some("1 2 3".into()),
            is_renamed: true,
            directories: vec!["/a b".into(), PathBuf::from(OsStr::from_bytes(b"/\xff"))],
            kernels: Vec::new(),
            store: Some("/envs".into()),
            copy: Some("1 2 4".into()),
        };
        note.write(entry.path()).unwrap();
        assert_eq!(Note::read(entry.path()), Note { directories: vec!["/a b".into()], ..note });
        std::fs::write(entry.path().join(FILE_NAME), "reason = 'by a later version'").unwrap();
        assert_eq!(Note::read(entry.path()).reason, Reason::Other);
        std::fs::write(entry.path().join(FILE_NAME), b"\xff= [").unwrap();
        assert_eq!(Note::read(entry.path()), Note::default());
    }
}
