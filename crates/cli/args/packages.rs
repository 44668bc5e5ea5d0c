//! What looks at the packages of environments.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct FreezeArgs {
    /// Format of the output: pip, uv, pylock or json
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = FreezeFormat::Pip, hide_possible_values = true)]
    pub(crate) format: FreezeFormat,
    /// Also list pip, and before Python 3.12 setuptools and wheel
    #[arg(long)]
    pub(crate) all: bool,
    /// Leave out the packages of the base Python
    #[arg(short, long)]
    pub(crate) local: bool,
    /// Only list packages that were installed with `pip install --user`
    #[arg(long)]
    pub(crate) user: bool,
    /// Only list packages in this directory; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = ["user", "local"])]
    pub(crate) path: Vec<PathBuf>,
    /// Leave out editable packages
    #[arg(long)]
    pub(crate) exclude_editable: bool,
    /// Leave out this package; may be repeated
    #[arg(long, value_name = "PACKAGE", value_hint = ValueHint::Other)]
    pub(crate) exclude: Vec<String>,
    /// Print user names and passwords in URLs instead of `****`
    #[arg(long)]
    pub(crate) credentials: bool,
    /// Add the hashes of all files that the index has, as uv or pip finds them
    #[arg(long)]
    pub(crate) hashes: bool,
    /// In a lock, name only the files for this platform
    #[arg(long)]
    pub(crate) this_platform: bool,
    /// Take hashes only from this machine
    #[arg(long)]
    pub(crate) offline: bool,
    /// Keep the order and the comments of this requirements file; may be repeated
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) requirement: Vec<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Environment to list the packages of, also by its path [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) name: Option<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FreezeFormat {
    /// As `pip freeze` prints it
    Pip,
    /// As `uv pip freeze` prints it
    Uv,
    /// A lock with hashes, `pylock.toml`; uv or pip asks the index for them
    Pylock,
    /// JSON
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Check all environments
    #[arg(long, conflicts_with = "names")]
    pub(crate) all: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environments to check, or one by its path [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) names: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Print only the names of packages that differ
    #[arg(long, conflicts_with_all = ["json", "format"])]
    pub(crate) names_only: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Print the lines of a requirements file that make A equal to B
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<DiffFormat>,
    /// Also compare pip, and before Python 3.12 setuptools and wheel
    #[arg(long)]
    pub(crate) all: bool,
    /// Ignore the packages in this requirements file; may be repeated
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ignore: Vec<PathBuf>,
    /// Environment, file, `NAME@SNAPSHOT`, `HOST:NAME` or `HOST:/DIR`; a name with `/`, or with the ending of a
    /// requirements file, lock, archive or bundle, is a file; `-` is standard input
    #[arg(value_name = "A", value_hint = ValueHint::FilePath)]
    pub(crate) a: OsString,
    /// What A is compared with; without B, the active environment is compared with A
    #[arg(value_name = "B", value_hint = ValueHint::FilePath)]
    pub(crate) b: Option<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Requirements for `pip install -r`
    Pip,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SnapshotArgs {
    /// Store this message with the snapshot
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to take a snapshot of [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
    #[command(subcommand)]
    pub(crate) command: Option<SnapshotCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// List the snapshots of an environment
    List(SnapshotListArgs),
    /// Print a snapshot
    Show(SnapshotShowArgs),
    /// Compare a snapshot with the environment
    Diff(SnapshotDiffArgs),
    /// Delete all but the newest snapshots of an environment
    Prune(SnapshotPruneArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotListArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment; it need not exist any more [default: the active one]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotShowArgs {
    /// Print user names and passwords in URLs instead of `****`
    #[arg(long)]
    pub(crate) credentials: bool,
    /// Environment; it need not exist any more
    #[arg(value_name = "NAME")]
    pub(crate) name: OsString,
    /// Snapshot: its name, the beginning of it, or its number [default: the newest]
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotDiffArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment
    #[arg(value_name = "NAME")]
    pub(crate) name: OsString,
    /// Snapshot: its name, the beginning of it, or its number [default: the newest]
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotPruneArgs {
    /// Keep so many of the newest
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) keep: usize,
    /// Only list what would be deleted
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment; it need not exist any more
    #[arg(value_name = "NAME")]
    pub(crate) name: OsString,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// Show what would change, and change nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Use only what is on this machine
    #[arg(long)]
    pub(crate) offline: bool,
    /// Change the environment itself instead of building a new one: faster, but a failure leaves it half changed
    #[arg(long)]
    pub(crate) in_place: bool,
    /// Remove all packages if the source names none, instead of refusing it
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Restore the environment even if it is in use; programs that run there may break
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environment to restore
    #[arg(value_name = "NAME")]
    pub(crate) name: OsString,
    /// Snapshot, requirements file, lock or environment [default: the newest snapshot that differs]
    #[arg(value_name = "SOURCE", value_hint = ValueHint::FilePath)]
    pub(crate) source: Option<OsString>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct UpgradeArgs {
    /// Upgrade all environments whose Python is older or gone; no other one gets an older Python
    #[arg(long, conflicts_with = "names")]
    pub(crate) all: bool,
    /// Upgrade all environments whose Python is gone
    #[arg(long, conflicts_with = "names")]
    pub(crate) broken: bool,
    /// Python to upgrade to: a version, name or path [default: that of a new environment]
    #[arg(short, long, value_name = "PYTHON", value_hint = ValueHint::ExecutablePath)]
    pub(crate) python: Option<OsString>,
    /// Install that Python with uv or pyenv if it is missing
    #[arg(long, conflicts_with_all = ["dry_run", "offline"])]
    pub(crate) install_python: bool,
    /// Show the plan, and change nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Use only what is on this machine
    #[arg(long)]
    pub(crate) offline: bool,
    /// Build this package from source if it has no wheel; may be repeated
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) allow_build: Vec<String>,
    /// Take the nearest newer version of this package that has a wheel; may be repeated
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) relax: Vec<String>,
    /// Go on with the next environment after a failure
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Do not ask before `--all` or `--broken`
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Upgrade environments even if they are in use; programs that run there may break
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Environments to upgrade, or one by its path [default: the active one]
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub(crate) names: Vec<OsString>,
}
