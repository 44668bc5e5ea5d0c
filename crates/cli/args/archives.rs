//! What carries environments to other machines.
#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are help texts, and `[default]` is no link")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct PackArgs {
    /// File to write, or the directory for it: .tar.gz, .tgz, .tar.zst, .tzst, .tar or .zip; `-` is standard output [default: NAME, with the ending of its format]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Format of the file [default: as its name says]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<FormatChoice>,
    /// Image to build on, for the format oci: an OCI layout, or an archive of one or of Docker
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, required_if_eq("format", "oci"))]
    pub(crate) base: Option<PathBuf>,
    /// Command that the image runs, followed by its arguments; other options come before it [default: python]
    #[arg(long, value_name = "WORD", num_args = 1.., allow_hyphen_values = true, requires = "base")]
    pub(crate) cmd: Vec<OsString>,
    /// Make it for this directory of the other machine only, where it works as soon as it is unpacked [default: /opt/venv for the format oci]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "with_python")]
    pub(crate) dest: Option<PathBuf>,
    /// Include the Python itself
    #[arg(long)]
    pub(crate) with_python: bool,
    /// Leave out bytecode, which Python compiles again when needed
    #[arg(long)]
    pub(crate) no_bytecode: bool,
    /// Leave out files and directories that match this name, or this path if it has a slash; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<OsString>,
    /// How to treat editable packages
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = EditableChoice::Fail)]
    pub(crate) editable: EditableChoice,
    /// Compression level, from 0 to 9 [default: 4, or 3 for .tar.zst]
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u32).range(0..=9))]
    pub(crate) level: Option<u32>,
    /// Include files with passwords and the variables of the environment
    #[arg(long)]
    pub(crate) with_secrets: bool,
    /// Print the manifest as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to pack, also by its path; `.` is the one that belongs to the current directory [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) name: Option<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatChoice {
    /// tar, compressed with gzip
    #[value(name = "tar.gz")]
    TarGz,
    /// tar, compressed with Zstandard
    #[value(name = "tar.zst")]
    TarZst,
    /// tar
    Tar,
    /// zip, in which links become files
    Zip,
    /// image for containers
    Oci,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EditableChoice {
    /// Stop and list them
    Fail,
    /// Leave them out
    Skip,
    /// Build them, and pack the result
    Copy,
}

#[derive(Debug, Args)]
pub(crate) struct UnpackArgs {
    /// Directory for the environment, instead of a name in the store
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "name")]
    pub(crate) to: Option<PathBuf>,
    /// Python to use: a version (3.12), a range (>=3.11), a command or a path
    #[arg(short, long, value_name = "PYTHON", value_hint = ValueHint::CommandName)]
    pub(crate) python: Option<OsString>,
    /// Check the whole archive and whether it fits this machine; write nothing
    #[arg(long, conflicts_with_all = ["name", "to"])]
    pub(crate) verify_only: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Archive of an environment, written by `venvwrap pack`, venv-pack or tar
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Name of the environment [default: its name when it was packed]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("kind").required(true))]
#[command(disable_version_flag = true)]
pub(crate) struct PackageArgs {
    /// Make a package for Debian, Ubuntu and their relatives
    #[arg(long, group = "kind")]
    pub(crate) deb: bool,
    /// Make a package for Fedora, RHEL, SUSE and their relatives
    #[arg(long, group = "kind")]
    pub(crate) rpm: bool,
    /// Directory of the environment where the package is installed [default: /opt/venvs/NAME]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dest: Option<PathBuf>,
    /// Name of the package [default: the name of the environment]
    #[arg(long = "name", value_name = "PACKAGE")]
    pub(crate) package_name: Option<String>,
    /// Version of the package, as Python writes versions
    #[arg(long = "version", value_name = "VERSION", default_value = "1.0")]
    pub(crate) package_version: String,
    /// Release of this version
    #[arg(long, value_name = "RELEASE", default_value = "1")]
    pub(crate) release: String,
    /// Link this program of the environment in /usr/bin; may be repeated
    #[arg(long = "bin", value_name = "COMMAND")]
    pub(crate) programs: Vec<String>,
    /// Install this unit file for systemd
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) service: Option<PathBuf>,
    /// Add this dependency, in the syntax of the package manager; may be repeated
    #[arg(long, value_name = "DEPENDENCY")]
    pub(crate) depends: Vec<String>,
    /// Licence of the package
    #[arg(long, value_name = "LICENSE", default_value = "Unknown")]
    pub(crate) license: String,
    /// Name and e-mail address of the maintainer
    #[arg(long, value_name = "PERSON", default_value = "venvwrap <root@localhost>")]
    pub(crate) maintainer: String,
    /// File to write, or the directory for it [default: the current directory]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Leave out files and directories that match this name, or this path if it has a slash; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<OsString>,
    /// How to treat editable packages
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = EditableChoice::Fail)]
    pub(crate) editable: EditableChoice,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to make a package from, also by its path [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) environment: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    /// Send the Python as well
    #[arg(long, conflicts_with = "python")]
    pub(crate) with_python: bool,
    /// Path of the Python to use on the other machine [default: the one of the same version on its PATH]
    #[arg(long, value_name = "PYTHON")]
    pub(crate) python: Option<String>,
    /// How to treat editable packages
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = EditableChoice::Fail)]
    pub(crate) editable: EditableChoice,
    /// Send files with passwords and the variables of the environment as well
    #[arg(long)]
    pub(crate) with_secrets: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to send, also by its path
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) name: OsString,
    /// Machine to reach by ssh, and the directory there: [USER@]HOST[:DIR] [default: ~/.virtualenvs/NAME]
    #[arg(value_name = "HOST")]
    pub(crate) host: String,
}
