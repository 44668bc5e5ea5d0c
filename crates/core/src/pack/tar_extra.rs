//! The extra headers of tar, which say what does not fit into those of the members.

use super::problem::{ArchiveProblem, SPARSE};

/// What extra headers say about the member after them.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub(super) path: Option<Vec<u8>>,
    pub(super) target: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) mtime: Option<u64>,
}

impl Extra {
    /// Notes a long name.
    pub(super) fn name(&mut self, name: Vec<u8>) -> Result<(), ArchiveProblem> {
        once(&mut self.path, name)
    }

    /// Notes the long target of a link.
    pub(super) fn target(&mut self, target: Vec<u8>) -> Result<(), ArchiveProblem> {
        once(&mut self.target, target)
    }

    /// Reads records of the form `LENGTH KEY=VALUE` and a line end.
    pub(super) fn read(&mut self, content: &[u8]) -> Result<(), ArchiveProblem> {
        let mut rest = content;
        let broken = || ArchiveProblem::Damaged("a header is not understood".into());
        while !rest.is_empty() {
            let blank = rest.iter().position(|&byte| byte == b' ').ok_or_else(broken)?;
            let length: usize =
                std::str::from_utf8(&rest[..blank]).ok().and_then(|digits| digits.parse().ok()).ok_or_else(broken)?;
            let record = rest.get(blank + 1..length).ok_or_else(broken)?;
            let record = record.strip_suffix(b"\n").ok_or_else(broken)?;
            let equals = record.iter().position(|&byte| byte == b'=').ok_or_else(broken)?;
            let value = &record[equals + 1..];
            let digits = || {
                let whole = value.split(|&byte| byte == b'.').next().unwrap_or_default();
                std::str::from_utf8(whole).ok().and_then(|digits| digits.parse().ok())
            };
            match &record[..equals] {
                b"path" => once(&mut self.path, value.to_vec())?,
                b"linkpath" => once(&mut self.target, value.to_vec())?,
                b"size" => once(&mut self.size, digits().ok_or_else(broken)?)?,
                b"mtime" => self.mtime = digits(),
                key if key.starts_with(b"GNU.sparse") => {
                    return Err(SPARSE);
                }
                _ => {}
            }
            rest = &rest[length..];
        }
        Ok(())
    }
}

/// Two headers that say the same thing differently mean different things to different programs.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), ArchiveProblem> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(ArchiveProblem::Damaged("a member has two names or sizes".into())),
    }
}
