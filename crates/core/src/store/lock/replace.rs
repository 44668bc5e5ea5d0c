//! The new environment takes the place of the old one, which goes into the trash.

use std::io;
use std::path::Path;

use super::{KEPT, Lock, REPLACED};
use crate::fs::{self, PathContext, PathResult, mount_table};
use crate::store::journal;
use crate::store::trash::{Keep, Put, put};

/// More than the paths of many directories.
const MAX_KEPT: u64 = 1 << 20;

impl Lock {
    /// Puts the staged environment into the place of the one that is there, and the old one into the trash. When it fails,
    /// the old one is back.
    pub fn publish_over(&self, keep: &Keep) -> PathResult<Put> {
        let (staging, target) = (self.staging(), self.target());
        if self.is_in_place() {
            // Nothing may be made around it.
            return Err(io::Error::from(io::ErrorKind::PermissionDenied)).at("write to", &self.home);
        }
        mount_table::check(&target)?;
        self.note_kept(keep)?;
        match fs::exchange(&staging, &target) {
            Ok(()) => put(&self.home, &self.name, &staging, keep).inspect_err(|_| {
                let _ = fs::exchange(&staging, &target);
            }),
            Err(error) if error.source.kind() == io::ErrorKind::Unsupported => self.publish_in_two_steps(keep),
            Err(error) => Err(error),
        }
    }

    /// The same where the file system cannot exchange; a crash between the two is put right by `recover`.
    pub(super) fn publish_in_two_steps(&self, keep: &Keep) -> PathResult<Put> {
        let (target, replaced) = (self.target(), self.directory.join(REPLACED));
        fs::rename_no_replace(&target, &replaced)?;
        let published = self.publish().and_then(|()| put(&self.home, &self.name, &replaced, keep));
        published.inspect_err(|_| {
            let _ = fs::rename_no_replace(&target, &self.staging());
            let _ = fs::rename_no_replace(&replaced, &target);
        })
    }

    /// Notes how the environment that is being replaced is kept: after a crash it waits here to be put into the trash.
    pub(super) fn note_kept(&self, keep: &Keep) -> PathResult<()> {
        let Some(identity) = journal::identity(&self.target()).filter(|_| keep.policy.keeps()) else { return Ok(()) };
        let text = format!("{identity}\n{}", keep.to_text(&self.name));
        fs::replace_file(&self.directory.join(KEPT), text.as_bytes(), 0o600)
    }

    /// How to keep a directory that was being replaced; not at all if it is another one.
    pub(super) fn kept(&self, path: &Path) -> Keep {
        self.noted_as_kept(path).map_or_else(Keep::nothing, |text| Keep::of_text(&text))
    }

    /// Returns whether the old environment is still here: it could neither be put into the trash nor back.
    pub(super) fn holds_replaced(&self) -> bool {
        [self.staging(), self.directory.join(REPLACED)].iter().any(|path| self.noted_as_kept(path).is_some())
    }

    fn noted_as_kept(&self, path: &Path) -> Option<String> {
        let noted = fs::read_limited(&self.directory.join(KEPT), MAX_KEPT).ok()?;
        let noted = String::from_utf8(noted).ok()?;
        let (identity, text) = noted.split_once('\n')?;
        (journal::identity(path)? == identity).then(|| text.into())
    }
}
