//! Files with holes: what was never written takes no space, and takes none in a copy either.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::Stat;
use rustix::io::Errno;

/// The unit in which file systems leave holes.
const BLOCK: usize = 4096;

/// Returns whether a file takes less space than it is long.
#[allow(clippy::unnecessary_cast, reason = "the types differ between systems")]
pub(crate) fn has_holes(found: &Stat) -> bool {
    (found.st_blocks as i64).saturating_mul(512) < found.st_size as i64
}

/// The parts of a file that hold data, from where to where; the whole file where the file system does not tell.
pub(crate) fn data(file: &OwnedFd, size: u64) -> io::Result<Vec<(u64, u64)>> {
    let mut parts = Vec::new();
    let mut position = 0;
    while position < size {
        let start = match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(position)) {
            Ok(start) => start,
            // Nothing but a hole up to the end.
            Err(Errno::NXIO) => break,
            Err(Errno::INVAL | Errno::OPNOTSUPP) => return Ok(vec![(0, size)]),
            Err(error) => return Err(error.into()),
        };
        let end = rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(start))?.max(start + 1);
        parts.push((start, end));
        position = end;
    }
    Ok(parts)
}

/// Copies a file into an empty one, inside the kernel, hole by hole.
pub(crate) fn copy<Fd: AsFd>(source: Fd, copy: &File, size: u64) -> io::Result<()> {
    let source = source.as_fd().try_clone_to_owned()?;
    let parts = data(&source, size)?;
    let mut source = File::from(source);
    let mut target = copy;
    for (start, end) in parts {
        source.seek(SeekFrom::Start(start))?;
        target.seek(SeekFrom::Start(start))?;
        io::copy(&mut Read::by_ref(&mut source).take(end - start), &mut target)?;
    }
    copy.set_len(size)
}

/// Writes a whole file into an empty one, and leaves out what is zero.
pub(crate) fn write(mut file: &File, content: &[u8]) -> io::Result<()> {
    let is_zero = |block: &[u8]| block.iter().all(|&byte| byte == 0);
    let mut skipped = 0;
    for block in content.chunks(BLOCK) {
        if is_zero(block) {
            skipped += block.len();
            continue;
        }
        if skipped > 0 {
            file.seek(SeekFrom::Current(i64::try_from(skipped).unwrap_or(i64::MAX)))?;
            skipped = 0;
        }
        file.write_all(block)?;
    }
    file.set_len(content.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{FileExt, MetadataExt};

    /// A file of 64 MB with some data at the beginning, in the middle and, where wanted, at the end.
    fn file_with_holes(ends_with_data: bool) -> File {
        let file = tempfile::tempfile().unwrap();
        file.set_len(64 << 20).unwrap();
        file.write_all_at(b"begin", 0).unwrap();
        file.write_all_at(b"middle", (32 << 20) + 17).unwrap();
        if ends_with_data {
            file.write_all_at(b"end", (64 << 20) - 3).unwrap();
        }
        file
    }

    fn content(file: &File) -> Vec<u8> {
        let mut content = vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()];
        file.read_exact_at(&mut content, 0).unwrap();
        content
    }

    #[test]
    fn holes_stay_holes() {
        for ends_with_data in [false, true] {
            let source = file_with_holes(ends_with_data);
            let expected = content(&source);
            let (copied, written) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
            copy(&source, &copied, 64 << 20).unwrap();
            write(&written, &expected).unwrap();
            for file in [copied, written] {
                assert!(content(&file) == expected);
                assert!(file.metadata().unwrap().blocks() * 512 < 1 << 20);
            }
        }
    }

    #[test]
    fn files_without_holes_and_with_nothing_else_are_copied_too() {
        for expected in [vec![], vec![0; 3], vec![7; BLOCK + 1], vec![0; 3 * BLOCK]] {
            let (source, copied) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
            write(&source, &expected).unwrap();
            copy(&source, &copied, expected.len() as u64).unwrap();
            assert_eq!(content(&copied), expected);
        }
    }
}
