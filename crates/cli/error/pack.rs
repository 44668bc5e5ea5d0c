//! Hints for archives.

use venvwrap_core::pack::image::ImageError;
use venvwrap_core::pack::remote::RemoteError;
use venvwrap_core::pack::{ArchiveProblem, ListingError, PackError, UnpackError};

use super::system::quoted;
use super::{Explain, called};

impl Explain for PackError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Editable { .. } => {
                Some("`--editable copy` builds and packs them, `--editable skip` leaves them out".into())
            }
            Self::NoConfiguration { name } => Some(super::env::repairs(name)),
            Self::UnknownFormat { .. } => Some("the usual one is `.tar.gz`: every system can unpack it".into()),
            Self::OtherEnding { usual, .. } => Some(format!("name a file that ends in `{usual}`")),
            Self::IntoItself { .. } => Some("choose a file elsewhere with `-o`".into()),
            Self::NoPython { .. } => {
                Some("leave out `--with-python`, and have the same Python on the other machine".into())
            }
            Self::Conda { .. } => Some(super::store::of_conda()),
            Self::Elsewhere(error) => error.hint(),
            Self::Shadows { .. } | Self::Interpreter { .. } => {
                Some("leave it out, or rename the file in the environment's `bin`".into())
            }
            Self::SharedDirectory { .. } | Self::HiddenDirectory { .. } => {
                Some("choose one for this environment: `--dest /opt/venvs/NAME`".into())
            }
            Self::NotOfSystem { .. } => Some(format!(
                "create the environment with a Python of the system: `{} -p /usr/bin/python3 NAME`",
                called::create()
            )),
            Self::PackageName { .. } => {
                Some("`--name` sets one: two or more of letters, digits, `+`, `-` and `.`".into())
            }
            Self::Unit { .. } => {
                Some("its name must end in `.service`, `.socket`, `.timer`, `.path` or `.target`".into())
            }
            Self::PackageVersion { .. } => Some("write it as Python does: `1.2`, `1.2rc1`, `1.2.post1`".into()),
            Self::NoLibrary { name } => Some(super::env::examines(name)),
            Self::Dependency { example, .. } => Some(format!("write it as `{example}`")),
            Self::PackageField { field: "release", .. } => {
                Some("use letters, digits, `+`, `.` and `~`: `--release 1`".into())
            }
            Self::NoProgram { .. } | Self::PackageField { field: "program", .. } => {
                Some("name a file of the environment's `bin`".into())
            }
            Self::PackageField { .. } => Some("write one line, without control characters".into()),
            Self::UnsafeName { .. } => Some("`--exclude` leaves it out".into()),
            Self::Twice { .. } => Some("choose another directory with `--dest`".into()),
            Self::TooLarge { .. } => None,
            Self::NotFixed { .. } => Some("name the place with `--dest`".into()),
            Self::Image(error) => error.hint(),
            Self::Activate(_) => Some("name another directory with `--dest`".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for ListingError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { .. } => Some("name an archive of `venvwrap pack`, a bundle or an image".into()),
            Self::Package { .. } => Some("do not unpack it; ask its author".into()),
            Self::Zip { .. } => Some("copy or download it again".into()),
            Self::Archive(error) => error.hint(),
            Self::Image(error) => error.hint(),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for ImageError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoImage { .. } => {
                Some("fetch one with `skopeo copy docker://python:3.13-slim oci:DIR`, or `docker save`".into())
            }
            Self::Compressed { path } => Some(format!("decompress it first: `gunzip {}`", quoted(path))),
            Self::Damaged { .. } | Self::Archive { .. } => Some("fetch it again".into()),
            Self::Several { .. } => Some("copy one of them: `skopeo copy oci:DIR:TAG oci:OTHER`".into()),
            Self::OtherMachine { .. } => Some("fetch the image for this machine".into()),
            Self::NoPython { program, .. } => {
                let version = program.strip_prefix("python").unwrap_or("3");
                Some(format!("use an image with the same minor version, such as `python:{version}-slim`"))
            }
            Self::Taken { .. } => Some("name another directory with `--dest`".into()),
            Self::OldGlibc { .. } => {
                Some("use an image of a newer release; those of Alpine have another C library".into())
            }
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for UnpackError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotAnArchive { .. } => Some("`venvwrap pack NAME` writes one".into()),
            Self::Compressed { program, .. } => Some(format!("decompress it first, with `{program} -dk FILE`")),
            Self::Archive { problem: ArchiveProblem::Damaged(_), .. } => Some("copy or download it again".into()),
            Self::Archive { problem: ArchiveProblem::Window { bytes }, .. } => {
                let log = bytes.next_power_of_two().ilog2();
                Some(format!("decompress it first, with `zstd -dk --long={log} FILE`"))
            }
            Self::Archive { problem: ArchiveProblem::Unread(_), .. } => {
                Some("make it again with `venvwrap pack`, or with `tar` and no further options".into())
            }
            Self::Archive { .. } => Some("do not unpack it with another program either; ask its author".into()),
            Self::NotAnEnvironment { .. } | Self::NoLibrary { .. } => None,
            Self::Stray { environment, .. } => {
                let name = quoted(environment);
                Some(format!("make an archive of the environment alone: `tar -czf FILE {name}`"))
            }
            Self::Conda { .. } => {
                Some("`conda-pack -p DIR`, without further options, writes an archive for any place".into())
            }
            Self::CondaWithoutPython { .. } => Some("unpack it with `tar`, and use it with conda's own tools".into()),
            Self::LongDestination { .. } => Some("name a shorter directory with `--to DIR`".into()),
            Self::Unsigned { .. } => Some("unpack it with `tar`, then run `bin/python bin/conda-unpack` in it".into()),
            Self::OtherSchema { .. } => Some("use the venvwrap that wrote it".into()),
            Self::TooOld { .. } => {
                Some("unpack it with `tar` into a new directory, and run `bin/venvwrap-fix` there".into())
            }
            Self::OwnPython { .. } => Some("leave out `-p`".into()),
            Self::OtherPython { .. } => Some("name a fitting Python with `-p`, or pack it with `--with-python`".into()),
            Self::OtherMachine { .. } | Self::OldGlibc { .. } => {
                Some("create the environment on a machine like this one, and pack it there".into())
            }
            Self::Exists { .. } => Some("choose another name, or remove it first".into()),
            Self::NoSpace { .. } => Some("free some space first".into()),
            Self::Name(error) => error.hint(),
            Self::Activate(error) => error.hint(),
            Self::Configuration(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }
}

impl Explain for RemoteError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoTar => Some("install `tar` and `gzip` there".into()),
            Self::NoAnswer => Some("`echo echo ok | ssh HOST sh` must print `ok`".into()),
            Self::Exists { .. } => Some("choose another directory, or remove it there first".into()),
            Self::ReadOnly { .. } => Some("choose a directory where you may write: `HOST:DIR`".into()),
            Self::InTheWay { .. } => Some("choose another directory: `HOST:DIR`".into()),
            Self::NotThere { .. } => {
                Some("name another with `--python`, or send the Python with `--with-python`".into())
            }
            Self::NoPython { .. } | Self::OtherPython { .. } => {
                Some("name the path of one with `--python`, or send the Python with `--with-python`".into())
            }
            Self::OtherMachine { .. } | Self::OldGlibc { .. } => {
                Some("create the environment on a machine like the other one".into())
            }
            Self::NoSpace { .. } => Some("free some space there first".into()),
        }
    }
}
