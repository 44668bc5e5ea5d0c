//! The formats of archives, and the names of files that promise one.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::error::PackError;
use crate::fs::magic;

/// A format of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Tar, compressed with gzip.
    TarGz,
    /// Tar, compressed with Zstandard.
    TarZst,
    /// Tar.
    Tar,
    /// Zip, in which links become files.
    Zip,
}

impl Format {
    const ALL: [Self; 4] = [Self::TarGz, Self::TarZst, Self::Tar, Self::Zip];

    /// Returns the format that the name of a file asks for.
    pub fn of(path: &Path) -> Result<Self, PackError> {
        let found = Self::ALL.into_iter().find(|format| ends(path, format.endings()));
        found.ok_or_else(|| PackError::UnknownFormat { path: path.to_path_buf() })
    }

    /// Returns this format for a file, unless its name promises another one.
    pub fn named(self, path: &Path) -> Result<Self, PackError> {
        check_ending(path, self.endings()).map(|()| self)
    }

    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::TarGz => &[".tar.gz", ".tgz"],
            Self::TarZst => &[".tar.zst", ".tzst"],
            Self::Tar => &[".tar"],
            Self::Zip => &[".zip"],
        }
    }
}

/// Refuses a name that promises something else than its usual endings, of which the first is for the message.
pub(crate) fn check_ending(path: &Path, usual: &[&'static str]) -> Result<(), PackError> {
    if ends(path, usual) || !magic::promises_a_format(path) {
        return Ok(());
    }
    Err(PackError::OtherEnding { path: path.to_path_buf(), usual: usual[0] })
}

fn ends(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes().to_ascii_lowercase();
    endings.iter().any(|ending| name.ends_with(ending.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_promises_its_format() {
        for (name, format) in [
            ("a.tar.gz", Some(Format::TarGz)),
            ("A.TGZ", Some(Format::TarGz)),
            ("a.tar.zst", Some(Format::TarZst)),
            ("a.tar", Some(Format::Tar)),
            ("a.zip", Some(Format::Zip)),
            ("a.gz", None),
            ("tar", None),
        ] {
            assert_eq!(Format::of(Path::new(name)).ok(), format, "{name}");
            for asked in Format::ALL {
                let is_fine = format.map_or(name == "tar", |found| found == asked);
                assert_eq!(asked.named(Path::new(name)).is_ok(), is_fine, "{name} {asked:?}");
            }
        }
        assert!(Format::TarGz.named(Path::new("a.bin")).is_ok() && Format::Tar.named(Path::new("a.tar.xz")).is_err());
        for name in ["x.tar.lzma", "x.taz", "x.tar.Z", "x.tar.br", "x.tlz", "x.tar.lz", "x.tb2", "x.tar.bz2"] {
            for asked in Format::ALL {
                assert!(asked.named(Path::new(name)).is_err(), "{name} {asked:?}");
            }
        }
    }
}
