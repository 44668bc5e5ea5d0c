//! Which refused variables of a directory people were told of: what a newer version refuses is told once more.

use std::path::{Path, PathBuf};

use super::TrustStore;
use crate::fs;

/// More than the names in a `.env` file.
const MAX_BYTES: u64 = 1 << 20;

impl TrustStore {
    /// Returns those of these names that nobody was told of yet, and notes that they are told now.
    pub fn untold(&self, directory: &Path, refused: &[String]) -> Vec<String> {
        let Some(file) = self.told(directory).filter(|_| !refused.is_empty()) else { return Vec::new() };
        let noted = fs::read_limited(&file, MAX_BYTES).unwrap_or_default();
        let noted = String::from_utf8_lossy(&noted).into_owned();
        let new: Vec<_> = refused.iter().filter(|name| !noted.split_whitespace().any(|old| old == **name)).collect();
        if !new.is_empty() {
            // Where it cannot be noted, it is told again.
            let _ = fs::create_private_all(&self.root);
            let _ = fs::replace_file(&file, refused.join("\n").as_bytes(), 0o600);
        }
        new.into_iter().cloned().collect()
    }

    fn told(&self, directory: &Path) -> Option<PathBuf> {
        Some(self.file(&directory.canonicalize().ok()?).with_extension("told"))
    }
}
