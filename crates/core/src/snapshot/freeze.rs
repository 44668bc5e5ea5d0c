//! What is installed, as lines of a requirements file: the same bytes as `pip freeze`, without running Python or git.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::str::FromStr;

use pep440_rs::Version;

use super::credentials;
use super::git::{self, Source};
use super::requirements::{groups, joined};
use super::uv_url;
use crate::env::direct_url::{DirectUrl, Kind};
use crate::env::distributions::Distribution;
use crate::fs;
use crate::fs::order::Order as _;

/// What pip never lists: names that old versions of the standard library left on the import path.
const STANDARD_LIBRARY: [&str; 3] = ["argparse", "python", "wsgiref"];

/// The option that demands hashes for all lines.
const REQUIRE_HASHES: &str = "--require-hashes";

/// What every environment with an older Python was seeded with, besides pip.
const OLD_SEEDS: [&str; 3] = ["distribute", "setuptools", "wheel"];

/// The first Python whose environments are seeded with pip alone.
const FIRST_WITHOUT_SETUPTOOLS: (u32, u32) = (3, 12);

/// Which distributions are listed, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct FreezeOptions {
    /// Also those that an environment is seeded with.
    pub all: bool,
    /// Only the environment's own, not those of the base Python.
    pub local: bool,
    /// No editable ones.
    pub exclude_editable: bool,
    /// Write user names and passwords in URLs.
    pub credentials: bool,
}

impl FreezeOptions {
    /// Returns whether a distribution is listed.
    pub fn include(self, distribution: &Distribution, python: (u32, u32)) -> bool {
        is_listed(&distribution.key, python, self.all)
            && (!self.local || distribution.is_local)
            && (!self.exclude_editable || distribution.editable.is_none())
    }
}

/// A distribution as lines of a requirements file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// The name as its metadata writes it.
    pub name: String,
    /// The name in the form in which names are compared.
    pub key: String,
    /// The version, in its normal form if it has one.
    pub version: String,
    /// Comments to write in lines before it.
    pub comments: Vec<Vec<u8>>,
    /// What an installer takes: a pinned version, a URL or the path of a project.
    pub requirement: Vec<u8>,
    /// Whether the files of the project itself are imported.
    pub is_editable: bool,
}

/// Something that the lines do not say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FreezeNote {
    /// A URL is not complete.
    #[error("the credentials in the URL of `{name}` are hidden")]
    Hidden {
        /// The name of the distribution.
        name: String,
    },
    /// A repository has no commit that could be named.
    #[error("`{name}` is listed by its path: nothing is committed in its repository")]
    NoCommit {
        /// The name of the distribution.
        name: String,
    },
}

/// What a requirements file has, and what is frozen in its order has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut<'a> {
    /// A package of this name is not installed.
    Missing(&'a str),
    /// Nothing tells what a line would install.
    Line(&'a str),
    /// An option that is not copied.
    Option(&'a str),
    /// Hashes.
    Hashes,
    /// A package is named again, and listed once.
    Repeated(&'a str),
}

/// The lines, and what they leave out.
#[derive(Clone, Debug, Default)]
pub struct Freeze {
    /// Sorted by name in lower case.
    pub lines: Vec<Frozen>,
    /// What the user should know of.
    pub notes: Vec<FreezeNote>,
}

/// Returns the distributions as pip lists them.
pub fn freeze<'a>(
    distributions: impl IntoIterator<Item = &'a Distribution>,
    python: (u32, u32),
    options: FreezeOptions,
) -> Freeze {
    let wanted = distributions.into_iter().filter(|distribution| options.include(distribution, python));
    freeze_these(wanted, options.credentials)
}

/// Returns all of these distributions as pip lists them.
pub fn freeze_these<'a>(distributions: impl IntoIterator<Item = &'a Distribution>, credentials: bool) -> Freeze {
    let mut writer = Writer { credentials, notes: Vec::new() };
    let mut lines: Vec<_> = distributions.into_iter().map(|distribution| writer.freeze(distribution)).collect();
    lines.sort_by_cached_key(|frozen| frozen.name.to_lowercase());
    Freeze { lines, notes: writer.notes }
}

/// Returns whether a distribution of this normalised name is listed.
pub fn is_listed(key: &str, python: (u32, u32), all: bool) -> bool {
    let is_seed = key == "pip" || (python < FIRST_WITHOUT_SETUPTOOLS && OLD_SEEDS.contains(&key));
    !STANDARD_LIBRARY.contains(&key) && (all || !is_seed)
}

/// Returns a version in its normal form; one that PEP 440 does not know as it is written.
pub fn normal_version(version: &str) -> String {
    Version::from_str(version).map_or_else(|_| version.to_owned(), |version| version.to_string())
}

impl Frozen {
    /// Appends the lines as pip writes them.
    pub fn write_pip(&self, text: &mut Vec<u8>) {
        for comment in &self.comments {
            text.extend_from_slice(comment);
            text.push(b'\n');
        }
        if self.is_editable {
            text.extend_from_slice(b"-e ");
        }
        text.extend_from_slice(self.requirement.trim_ascii_end());
        text.push(b'\n');
    }
}

/// Returns the lines of distributions as `uv pip freeze` writes them: names normalised, editable projects as URLs, and
/// what an environment is seeded with among them.
pub fn freeze_for_uv<'a>(
    distributions: impl IntoIterator<Item = &'a Distribution>,
    python: (u32, u32),
    options: FreezeOptions,
) -> (Vec<Vec<u8>>, Vec<FreezeNote>) {
    let options = FreezeOptions { all: true, local: true, ..options };
    let mut writer = Writer { credentials: options.credentials, notes: Vec::new() };
    // uv does not look into eggs.
    let is_in_egg = |found: &Distribution| found.info.file_name().is_some_and(|name| name == "EGG-INFO");
    let wanted = distributions.into_iter().filter(|found| options.include(found, python) && !is_in_egg(found));
    let mut wanted: Vec<_> = wanted.collect();
    wanted.order_by(|a, b| a.key.cmp(&b.key));
    let lines = wanted.into_iter().map(|distribution| writer.uv_line(distribution)).collect();
    (lines, writer.notes)
}

/// Writes distributions, and remembers what should be said about them.
struct Writer {
    credentials: bool,
    notes: Vec<FreezeNote>,
}

impl Writer {
    fn freeze(&mut self, distribution: &Distribution) -> Frozen {
        let Distribution { name, key, version, .. } = distribution;
        let (requirement, comments) = match (&distribution.editable, &distribution.direct_url) {
            (Some(project), _) => self.editable(distribution, project),
            (None, Some(origin)) => (format!("{name} @ {}", self.shown(name, &url_of(origin))).into(), Vec::new()),
            (None, None) => (pinned(name, distribution).into(), Vec::new()),
        };
        let is_editable = distribution.editable.is_some();
        let version = normal_version(version);
        Frozen { name: name.clone(), key: key.clone(), version, comments, requirement, is_editable }
    }

    /// Returns what installs an editable project again, and the comments before it.
    fn editable(&mut self, distribution: &Distribution, project: &Path) -> (Vec<u8>, Vec<Vec<u8>>) {
        let name = &distribution.name;
        let project = fs::absolute(Path::new("/"), project);
        let path = project.as_os_str().as_bytes().to_vec();
        let display = pinned(name, distribution);
        match git::source_of(&project) {
            Source::None => (path, vec![format!("# Editable install with no version control ({display})").into()]),
            Source::NoRemote => (path, vec![format!("# Editable Git install with no remote ({display})").into()]),
            Source::UnknownRemote(url) => {
                let fault = "with either a deleted local remote or invalid URI";
                let first = format!("# Editable Git install ({display}) {fault}:");
                (path, vec![first.into(), format!("# '{}'", self.shown(name, &url)).into()])
            }
            Source::NoCommit => {
                self.notes.push(FreezeNote::NoCommit { name: name.clone() });
                (path, vec![b"## !! Could not determine repository location".to_vec()])
            }
            Source::Found { url, commit, subdirectory } => {
                let url = self.shown(name, &url);
                (in_repository(name, &url, &commit, subdirectory.as_deref()).into(), Vec::new())
            }
        }
    }

    fn uv_line(&mut self, distribution: &Distribution) -> Vec<u8> {
        let key = &distribution.key;
        let origin = distribution.direct_url.as_ref().filter(|origin| uv_url::is_url(origin));
        let line = match (origin, &distribution.editable) {
            (Some(origin), Some(_)) => format!("-e {}", self.uv_url(key, origin)),
            (None, Some(path)) => return [b"-e ", path.as_os_str().as_bytes(), b"\n"].concat(),
            (Some(origin), None) => format!("{key} @ {}", self.uv_url(key, origin)),
            (None, None) => pinned(key, distribution),
        };
        (line + "\n").into_bytes()
    }

    fn uv_url(&mut self, name: &str, origin: &DirectUrl) -> String {
        let url = uv_url::url_of(origin);
        let hidden = credentials::hide_password(&url);
        self.shown_or(name, url, hidden)
    }

    /// Returns a URL as it may be shown.
    fn shown(&mut self, name: &str, url: &str) -> String {
        self.shown_or(name, url.to_owned(), credentials::hide(url))
    }

    fn shown_or(&mut self, name: &str, url: String, hidden: Option<String>) -> String {
        let Some(hidden) = hidden.filter(|_| !self.credentials) else { return url };
        self.notes.push(FreezeNote::Hidden { name: name.to_owned() });
        hidden
    }
}

/// Returns the URL that installs an editable project from a commit of its repository.
pub(super) fn in_repository(name: &str, url: &str, commit: &str, subdirectory: Option<&str>) -> String {
    let egg = name.replace('-', "_");
    let subdirectory = subdirectory.map(|way| format!("&subdirectory={way}")).unwrap_or_default();
    format!("git+{url}@{commit}#egg={egg}{subdirectory}")
}

/// Returns `name==version`, or `name===version` for a version that PEP 440 does not know.
fn pinned(name: &str, distribution: &Distribution) -> String {
    match Version::from_str(&distribution.version) {
        Ok(version) if !distribution.is_arbitrary => format!("{name}=={version}"),
        _ => format!("{name}==={}", distribution.version),
    }
}

/// Returns the URL of a distribution, with what it was checked against.
fn url_of(origin: &DirectUrl) -> String {
    let mut fragments = Vec::new();
    let mut url = match &origin.kind {
        Kind::Vcs { vcs, commit } => format!("{vcs}+{}@{commit}", origin.url),
        Kind::Archive { hash } => {
            fragments.extend(hash.iter().map(|(algorithm, value)| format!("{algorithm}={value}")));
            origin.url.clone()
        }
        Kind::Directory { .. } => origin.url.clone(),
    };
    let subdirectory = origin.subdirectory.iter().filter(|directory| !directory.is_empty());
    fragments.extend(subdirectory.map(|directory| format!("subdirectory={directory}")));
    if !fragments.is_empty() {
        url.push('#');
        url.push_str(&fragments.join("&"));
    }
    url
}

/// Returns the lines in the order of requirements files: their comments and options stay, what they name is pinned in
/// place, and what else is installed follows. `tell` is called with what the result does not have, and the number of the
/// file, from zero.
pub fn in_order_of(
    files: &[String],
    lines: &[Frozen],
    excluded: &[String],
    mut tell: impl FnMut(usize, LeftOut<'_>),
) -> Vec<u8> {
    let mut text = Vec::new();
    let mut written: HashSet<&str> = HashSet::new();
    let mut repeated: HashSet<&str> = HashSet::new();
    let mut seen_options: HashSet<Vec<&str>> = HashSet::new();
    let mut has_hashes = None;
    let all =
        files.iter().enumerate().flat_map(|(at, file)| groups(file).into_iter().map(move |(_, group)| (at, group)));
    for (at, lines_of_file) in all {
        if is_kept(lines_of_file[0]) {
            let option: Vec<_> = lines_of_file.iter().map(|line| line.trim_end()).collect();
            if !seen_options.contains(&option) {
                text.extend(option.iter().flat_map(|line| line.bytes().chain([b'\n'])));
                seen_options.insert(option);
            }
            continue;
        }
        let line = joined(&lines_of_file);
        if has_hash(&line) && has_hashes.replace(at) != Some(at) {
            tell(at, LeftOut::Hashes);
        }
        let Some(key) = super::requirements::name_in(&line) else {
            if !line.is_empty() && line != REQUIRE_HASHES {
                tell(at, unknown(&line.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
            continue;
        };
        match lines.iter().find(|frozen| frozen.key == key) {
            Some(frozen) if written.insert(&frozen.key) => frozen.write_pip(&mut text),
            Some(frozen) if repeated.insert(&frozen.key) => tell(at, LeftOut::Repeated(&key)),
            Some(_) => {}
            None => tell(at, LeftOut::Missing(&key)),
        }
    }
    text.extend_from_slice(b"## The following requirements were added by pip freeze:\n");
    for frozen in lines.iter().filter(|frozen| !written.contains(&*frozen.key) && !excluded.contains(&frozen.key)) {
        frozen.write_pip(&mut text);
    }
    text
}

/// Returns a requirements file without the passwords in its comments and options; none if they hold none.
pub fn without_credentials(file: &str) -> Option<String> {
    let hidden = |line: &str| credentials::hide_in_line(line).filter(|_| is_kept(line));
    let found = file.lines().any(|line| hidden(line).is_some());
    found.then(|| file.lines().map(|line| hidden(line).unwrap_or_else(|| line.to_owned()) + "\n").collect())
}

/// Returns whether a line has a hash, or asks for them: what is frozen has none.
fn has_hash(line: &str) -> bool {
    line.split_whitespace().any(|word| word.starts_with("--hash") || word == REQUIRE_HASHES)
}

/// What is said of a line without the name of a package.
fn unknown(line: &str) -> LeftOut<'_> {
    let is_option = line.starts_with('-') && !line.starts_with("-e") && !line.starts_with("--editable");
    if is_option { LeftOut::Option(line) } else { LeftOut::Line(line) }
}

/// Returns whether a line of a requirements file is copied as it is: those that pip copies, and options for which pip
/// fails.
fn is_kept(line: &str) -> bool {
    const OPTIONS: [&str; 17] = [
        "-r",
        "--requirement",
        "-f",
        "--find-links",
        "-i",
        "--index-url",
        "--pre",
        "--trusted-host",
        "--process-dependency-links",
        "--extra-index-url",
        "--use-feature",
        "-c",
        "--constraint",
        "--no-index",
        "--no-binary",
        "--only-binary",
        "--prefer-binary",
    ];
    let start = line.trim_start();
    start.is_empty() || start.starts_with('#') || OPTIONS.iter().any(|option| line.starts_with(option))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_vanishes_without_a_word() {
        let file = "--no-index\n-c c.txt\n--no-binary :all:\n--only-binary=:all:\n--require-hashes\n\
                    a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\nsix\nSIX==2\nsix\n\
                    -e ./nothere\n./local\nhttps://x/y\n./hashed \\\n  --hash=sha256:00\n\
                    --odd x \\\r\n    y # z\n-q\n-i \\\n  https://x\n# c \\\n-i \\\n  https://x\n";
        let six = Frozen {
            name: "six".into(),
            key: "six".into(),
            version: "1".into(),
            comments: Vec::new(),
            requirement: b"six==1".to_vec(),
            is_editable: false,
        };
        let mut told = Vec::new();
        let six = [six];
        let text = in_order_of(&[file.into()], &six, &[], |_, left| told.push(format!("{left:?}")));
        let kept = "--no-index\n-c c.txt\n--no-binary :all:\n--only-binary=:all:\nsix==1\n-i \\\n  https://x\n# c \\\n";
        let end = "## The following requirements were added by pip freeze:\n";
        assert_eq!(String::from_utf8(text).unwrap(), format!("{kept}{end}"));
        let expected = [
            "Hashes",
            "Missing(\"a\")",
            "Repeated(\"six\")",
            "Line(\"-e ./nothere\")",
            "Line(\"./local\")",
            "Line(\"https://x/y\")",
            "Line(\"./hashed --hash=sha256:00\")",
            "Option(\"--odd x y\")",
            "Option(\"-q\")",
        ];
        assert_eq!(told, expected);

        let files = ["# c\na --hash=x\n", "# c\nsix\na --hash=x\n", "six --hash=x\nb --hash=y\n"].map(str::to_owned);
        told.clear();
        let text = in_order_of(&files, &six, &[], |at, left| told.push(format!("{at} {left:?}")));
        assert_eq!(String::from_utf8(text).unwrap(), format!("# c\nsix==1\n{end}"));
        let missing = |at: usize, name: &str| format!("{at} Missing({name:?})");
        let repeated = "2 Repeated(\"six\")".to_owned();
        let hashes = |at: usize| format!("{at} Hashes");
        let expected = [hashes(0), missing(0, "a"), hashes(1), missing(1, "a"), hashes(2), repeated, missing(2, "b")];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_copied_from_a_file_has_no_passwords() {
        let file = "--index-url https://u:p@x/simple\r\n# https://t@y\n\na @ https://u:p@z/a.whl\n--pre";
        let hidden = "--index-url https://****@x/simple\n# https://****@y\n\na @ https://u:p@z/a.whl\n--pre\n";
        assert_eq!(without_credentials(file).as_deref(), Some(hidden));
        assert_eq!(without_credentials("a @ https://u:p@z/a.whl\n-i https://x\n"), None);
    }
}
