//! What a file is that is no text: as its first bytes say, or as its name promises.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// How many bytes at the beginning say what a file is.
pub const LENGTH: usize = 264;

/// The endings of files that are compressed, or archives other than tar.
const ENDINGS: [&str; 22] = [
    "gz", "tgz", "taz", "zst", "tzst", "bz2", "tbz", "tbz2", "tb2", "xz", "txz", "lzma", "tlz", "lz", "lz4", "br", "z",
    "zip", "whl", "7z", "deb", "rpm",
];

/// A kind of file that packs others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    /// Compressed by gzip.
    Gzip,
    /// Compressed by zstd.
    Zstandard,
    /// Compressed by bzip2.
    Bzip2,
    /// Compressed by xz.
    Xz,
    /// A zip archive.
    Zip,
    /// A tar archive.
    Tar,
    /// A package of Debian, or another archive of ar.
    Deb,
    /// A package of rpm.
    Rpm,
}

impl Packed {
    /// Returns what a file is that begins so; none for any other.
    pub fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstandard),
            [b'B', b'Z', b'h', b'1'..=b'9', b'1' | 0x17, ..] => Some(Self::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Some(Self::Xz),
            [b'P', b'K', 3, 4, ..] => Some(Self::Zip),
            [b'!', b'<', b'a', b'r', b'c', b'h', b'>', b'\n', ..] => Some(Self::Deb),
            [0xed, 0xab, 0xee, 0xdb, ..] => Some(Self::Rpm),
            _ if start.get(257..262) == Some(b"ustar") => Some(Self::Tar),
            _ => None,
        }
    }

    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Gzip => "compressed by gzip",
            Self::Zstandard => "compressed by zstd",
            Self::Bzip2 => "compressed by bzip2",
            Self::Xz => "compressed by xz",
            Self::Zip => "a zip archive",
            Self::Tar => "a tar archive",
            Self::Deb => "a package of Debian",
            Self::Rpm => "a package of rpm",
        }
    }

    /// The program that compresses so, if it is not an archive.
    pub fn program(self) -> Option<&'static str> {
        match self {
            Self::Gzip => Some("gzip"),
            Self::Zstandard => Some("zstd"),
            Self::Bzip2 => Some("bzip2"),
            Self::Xz => Some("xz"),
            Self::Zip | Self::Tar | Self::Deb | Self::Rpm => None,
        }
    }
}

/// Returns whether a name promises something else than an uncompressed tar.
pub fn is_no_plain_tar(path: &Path) -> bool {
    let ending = ending(path);
    ENDINGS.iter().any(|known| ending == known.as_bytes())
}

/// Returns whether a name promises what the file is, whether or not it can be written here.
pub fn promises_a_format(path: &Path) -> bool {
    is_no_plain_tar(path) || ending(path) == b"tar"
}

fn ending(path: &Path) -> Vec<u8> {
    path.extension().unwrap_or_default().as_bytes().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_a_file_is() {
        let mut tar = vec![0; 257];
        tar.extend_from_slice(b"ustar\x0000");
        for (start, expected) in [
            (&b"\x1f\x8b\x08"[..], Some(Packed::Gzip)),
            (b"BZh91AY", Some(Packed::Bzip2)),
            (b"!<arch>\ndebian-binary", Some(Packed::Deb)),
            (&tar, Some(Packed::Tar)),
            (b"click==8.1.7\n", None),
            (b"BZhou==1.0\n", None),
            (b"\x1f", None),
            (b"", None),
        ] {
            assert_eq!(Packed::of(start), expected, "{start:?}");
        }
    }

    #[test]
    fn names_of_compressed_files_are_known() {
        for name in ["a.tar.gz", "a.TGZ", "a.tar.zst", "a.zip", "a.tar.Z"] {
            assert!(is_no_plain_tar(Path::new(name)) && promises_a_format(Path::new(name)), "{name}");
        }
        for name in ["a.tar", "a", "a.gz/b", "a.bundle", ".gz"] {
            assert!(!is_no_plain_tar(Path::new(name)), "{name}");
            assert_eq!(promises_a_format(Path::new(name)), name == "a.tar", "{name}");
        }
    }
}
