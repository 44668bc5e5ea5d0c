//! Files that are not held in memory as a whole.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use super::{Extraction, TOO_LARGE};
use crate::fs::PathContext;
use crate::pack::padded::pad;
use crate::pack::placed::{MAX_LINE, PIECE, Pieces};
use crate::pack::refusal::UnpackError;
use crate::pack::untar::{Member, Untar};
use crate::relocate::large;
use crate::relocate::rewrite::is_bytecode;

enum CopyFailure {
    Read(io::Error),
    Write(io::Error),
}

impl Extraction<'_> {
    /// Writes a file, and looks at it afterwards.
    pub(super) fn large_file(
        &mut self,
        path: &Path,
        member: &Member,
        archive: &mut Untar<&mut dyn Read>,
    ) -> Result<File, UnpackError> {
        let full = self.staging.join(path);
        let file = self.create(path, member.mode)?;
        let notes = self.inspection.conda.as_ref().map_or(&[][..], |table| table.of(path));
        if !notes.is_empty() && notes.iter().all(|note| !note.is_binary) && !is_bytecode(path) {
            self.text(path, &file, archive)?;
        } else {
            self.told(copy(&mut archive.content(), &file), &full)?;
            for note in notes {
                if !note.is_binary || is_bytecode(path) {
                    self.extracted.stale.push(path.to_path_buf());
                } else if pad(&file, &note.path, self.target).at("write", &full)? {
                    self.extracted.changed.insert(path.to_path_buf());
                }
            }
        }
        self.examine(path, &file).at("write", &full)?;
        Ok(file)
    }

    /// Writes a text that conda-pack has noted, piece by piece. Pieces end where a line does, which no path reaches beyond.
    fn text(&mut self, path: &Path, file: &File, archive: &mut Untar<&mut dyn Read>) -> Result<(), UnpackError> {
        let Some(table) = &self.inspection.conda else { return Ok(()) };
        let mut pieces = Pieces::new(table, path, self.target);
        let (mut content, mut is_stale, mut is_changed) = (Vec::new(), false, false);
        loop {
            let wanted = PIECE.saturating_sub(content.len()).max(PIECE / 2);
            let read = archive.content().take(wanted as u64).read_to_end(&mut content);
            let is_last = read.map_err(|error| self.refused(error.into()))? < wanted;
            let end = match memchr::memrchr(b'\n', &content) {
                _ if is_last => content.len(),
                Some(at) => at + 1,
                None if content.len() < MAX_LINE => continue,
                None => return Err(self.unsafe_member(path, "has too long a line for a file that names its path")),
            };
            self.grow(path, &content[..end])?;
            let verdict = pieces.next(&content[..end]);
            is_stale |= verdict.stale.is_some();
            is_changed |= verdict.content.is_some();
            let mut output = file;
            let new = verdict.content.as_deref().unwrap_or(&content[..end]);
            output.write_all(new).at("write", &self.staging.join(path))?;
            content.drain(..end);
            if is_last {
                break;
            }
        }
        if is_stale {
            self.extracted.stale.push(path.to_path_buf());
        }
        if is_changed {
            self.extracted.changed.insert(path.to_path_buf());
        }
        Ok(())
    }

    /// Looks at a file that was written without being looked at.
    fn examine(&mut self, path: &Path, mut file: &File) -> io::Result<()> {
        let Some(rules) = self.rules else { return Ok(()) };
        let size = file.metadata()?.len();
        if !large::may_name(&rules.mapping, file, size)? {
            return Ok(());
        }
        if size > TOO_LARGE {
            if self.extracted.stale.last().is_none_or(|last| last != path) {
                self.extracted.stale.push(path.to_path_buf());
            }
            return Ok(());
        }
        let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.read_to_end(&mut content)?;
        if let Some(new) = self.rewritten(path, &content) {
            file.rewind()?;
            file.set_len(new.len() as u64)?;
            file.write_all(&new)?;
        }
        Ok(())
    }

    fn told<T>(&self, result: Result<T, CopyFailure>, path: &Path) -> Result<T, UnpackError> {
        result.map_err(|failure| match failure {
            CopyFailure::Read(error) => self.refused(error.into()),
            CopyFailure::Write(error) => Err::<(), _>(error).at("write", path).unwrap_err().into(),
        })
    }
}

fn copy(content: &mut dyn Read, mut file: &File) -> Result<(), CopyFailure> {
    let mut buffer = vec![0; 1 << 20];
    loop {
        match content.read(&mut buffer).map_err(CopyFailure::Read)? {
            0 => return Ok(()),
            count => file.write_all(&buffer[..count]).map_err(CopyFailure::Write)?,
        }
    }
}
