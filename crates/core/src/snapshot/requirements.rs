//! Requirements files: what pip and uv take with `-r`.

mod for_uv;
mod lines;
mod names;
mod options;
mod places;
mod relative;
mod scope;
mod variables;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub use self::for_uv::{is_editable_not_for_uv, options_in};
use self::lines::{decode, hashes_in, logical_lines, option, without_comment, without_options};
pub(super) use self::lines::{groups, joined};
use self::names::{name_of_archive, name_of_url, pin_in_comment, project_name, with_extras};
use self::places::{requirement_of_project, without_extras, without_marker};
pub use self::relative::with_absolute_files;
pub use self::scope::NotFor;
pub use self::variables::Lookup;
use super::credentials::hide_in_line;
use super::requirement::Requirement;
use crate::env::direct_url::{file_url, path_of};
use crate::fs::magic::Packed;
use crate::fs::{self, PathError};
use crate::wheel::file_option_names::{is_option, lost_in_constraints};

/// The largest requirements file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// The first line of every snapshot.
pub(super) const SNAPSHOT: &str = "# venvwrap-snapshot: 1";

/// How deep files may name others.
const MAX_DEPTH: usize = 16;

/// The content of a requirements file and of those that it names.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// The requirements, in the order of the lines.
    pub lines: Vec<Line>,
    /// The Python that a snapshot was taken of.
    pub python: Option<String>,
    /// The versions of Python that a lock is for.
    pub(super) requires_python: Option<String>,
    /// The markers of the environments that a lock is for; empty for all.
    pub(super) environments: Vec<String>,
    /// The options that say where packages come from, as lines; places on this machine with their absolute paths.
    pub options: Vec<String>,
    /// What was passed over.
    pub oddities: Vec<LineOddity>,
    /// Whether it is a snapshot or a lock, which says that these are all packages, even if they are none.
    pub is_list: bool,
    /// The projects of editable requirements, as they are written.
    pub(super) editables: Vec<String>,
    /// The first option in a file named with `-c` that uv does not take from there.
    pub(super) lost: Option<&'static str>,
}

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is required; without a version or URL for an editable project whose name is known.
    pub requirement: Requirement,
    /// Whether the line only limits versions: it is in a file named with `-c`.
    pub is_constraint: bool,
    /// The project of an editable requirement: a path or URL.
    pub editable: Option<String>,
    /// The hashes that an archive may have: `sha256:…`.
    pub hashes: Vec<String>,
    /// The versions of Python that a package of a lock is for.
    pub(super) requires_python: Option<String>,
    /// The file and the number of the line of a constraint.
    pub(super) place: Option<(String, usize)>,
    /// Its URL or project with the values of variables, where it has any: only for comparing.
    pub(super) expanded: Option<String>,
}

impl Line {
    /// Returns that of a requirement.
    pub(super) fn new(requirement: Requirement) -> Self {
        let (editable, requires_python, place, expanded) = (None, None, None, None);
        Self { requirement, is_constraint: false, editable, hashes: Vec::new(), requires_python, place, expanded }
    }
}

/// A line that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of `{file}` is skipped: {reason}")]
pub struct LineOddity {
    /// The file, as it was named.
    pub file: String,
    /// The number of the line, from one.
    pub line: usize,
    /// Why.
    pub reason: LineProblem,
}

/// Why a line was passed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineProblem {
    /// An option that pip does not have.
    #[error("unknown option `{0}`")]
    Option(String),
    /// It is no requirement.
    #[error("`{0}` is not a requirement")]
    NotARequirement(String),
    /// It does not say which project it is.
    #[error("the name of `{0}` is unknown")]
    NoName(String),
    /// It names a file on the network.
    #[error("`{0}` is not on this machine")]
    Remote(String),
}

impl LineProblem {
    /// The same with what is wrong as the line has it, without secrets: values of variables may be some, too.
    fn about(mut self, line: &str) -> Self {
        let names = [("-r", "--requirement"), ("-c", "--constraint"), ("-e", "--editable")];
        let (Self::Option(shown) | Self::NotARequirement(shown) | Self::NoName(shown) | Self::Remote(shown)) =
            &mut self;
        let part = names.iter().find_map(|(short, long)| option(line, short, long)).unwrap_or(line);
        let part = if line.starts_with('-') && part == line { option_name(line) } else { without_options(part).0 };
        *shown = hide_in_line(part).unwrap_or_else(|| part.to_owned());
        self
    }
}

/// Why requirements could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RequirementsError {
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A file is not text.
    #[error("`{file}` is not text in UTF-8 or UTF-16")]
    NotText {
        /// The file.
        file: String,
    },
    /// A file packs others, in a way that is not read there.
    #[error("`{file}` is {}, not a list of packages", kind.words())]
    Packed {
        /// The file.
        file: String,
        /// What it is.
        kind: Packed,
    },
    /// A file names itself, perhaps by way of others.
    #[error("`{file}` includes itself")]
    Loop {
        /// The file.
        file: String,
    },
    /// Files name each other too deep.
    #[error("`{file}` is included more than {MAX_DEPTH} levels deep")]
    TooDeep {
        /// The file.
        file: String,
    },
}

impl Requirements {
    /// Reads a requirements file and those that it names.
    ///
    /// `lookup` has the values of variables (`${NAME}`), which pip puts into lines. A URL keeps what is written, which may
    /// hide a token; `Line::expanded` notes what it means.
    pub fn read(path: &Path, lookup: &Lookup<'_>) -> Result<Self, RequirementsError> {
        let mut reader = Reader { found: Self::default(), open: Vec::new(), lookup };
        reader.read(path, false)?;
        Ok(reader.found)
    }

    /// Parses the content of a requirements file; `directory` is where it looks for the files that it names.
    pub fn parse_with(
        content: &[u8],
        directory: &Path,
        name: &str,
        lookup: &Lookup<'_>,
    ) -> Result<Self, RequirementsError> {
        let mut reader = Reader { found: Self::default(), open: Vec::new(), lookup };
        reader.parse(content, directory, name, false)?;
        Ok(reader.found)
    }

    /// The same for a text of venvwrap's, in which nothing is a variable.
    pub fn parse(content: &[u8], directory: &Path, name: &str) -> Result<Self, RequirementsError> {
        Self::parse_with(content, directory, name, &|_| None)
    }
}

/// Reads a requirements file as text, without looking at its lines.
pub fn read_text(path: &Path) -> Result<String, RequirementsError> {
    decoded(&fs::read_limited(path, MAX_BYTES)?, &path.display().to_string())
}

/// Returns the normalised name of the project that a line of a requirements file is about.
pub fn name_in(line: &str) -> Option<String> {
    let line = without_comment(line).trim();
    let words = line.strip_prefix("-e").or_else(|| line.strip_prefix("--editable"));
    match words {
        Some(project) => name_of_url(project.trim_start_matches(['=', ' '])),
        None => requirement_of(without_options(line).0).map(|requirement| requirement.key()),
    }
}

struct Reader<'a> {
    found: Requirements,
    open: Vec<PathBuf>,
    lookup: &'a Lookup<'a>,
}

impl Reader<'_> {
    fn read(&mut self, path: &Path, is_constraint: bool) -> Result<(), RequirementsError> {
        let file = path.display().to_string();
        let content = fs::read_limited(path, MAX_BYTES)?;
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if self.open.contains(&real) {
            return Err(RequirementsError::Loop { file });
        }
        if self.open.len() == MAX_DEPTH {
            return Err(RequirementsError::TooDeep { file });
        }
        self.open.push(real);
        self.parse(&content, path.parent().unwrap_or(Path::new("/")), &file, is_constraint)?;
        self.open.pop();
        Ok(())
    }

    fn parse(
        &mut self,
        content: &[u8],
        directory: &Path,
        file: &str,
        is_constraint: bool,
    ) -> Result<(), RequirementsError> {
        let text = decoded(content, file)?;
        if self.open.len() <= 1 && self.found.python.is_none() {
            self.found.python =
                text.lines().find_map(|line| line.strip_prefix("# python:")).map(|v| v.trim().to_owned());
        }
        if self.open.len() <= 1 {
            self.found.is_list |= text.lines().next().is_some_and(|line| line.trim_end() == SNAPSHOT);
        }
        let raw: Vec<_> = text.lines().collect();
        for (line, text) in logical_lines(&text) {
            let comment = line.checked_sub(2).and_then(|index| raw.get(index)).copied().unwrap_or_default();
            let known = self.found.lines.len();
            let written = text.clone();
            let text = variables::in_line(text, self.lookup);
            match self.line(&text, comment, directory, is_constraint)? {
                Ok(()) => {
                    // Those of another file that it names know theirs.
                    for found in self.found.lines[known..].iter_mut().filter(|found| found.is_constraint) {
                        found.place.get_or_insert_with(|| (file.to_owned(), line));
                    }
                }
                Err(reason) => {
                    let reason = reason.about(&written);
                    self.found.oddities.push(LineOddity { file: file.to_owned(), line, reason });
                }
            }
        }
        Ok(())
    }

    /// Reads one line; what is wrong with it is the inner result.
    fn line(
        &mut self,
        text: &str,
        comment: &str,
        directory: &Path,
        is_constraint: bool,
    ) -> Result<Result<(), LineProblem>, RequirementsError> {
        if !text.starts_with('-') {
            let (text, options) = without_options(text);
            let found = requirement_of(text).or_else(|| requirement_of_project(text, directory));
            let Some(mut requirement) = found else { return Ok(Err(no_requirement(text))) };
            requirement.url = requirement.url.map(|url| absolute_url(url, directory, self.lookup));
            let hashes = hashes_in(options);
            let expanded = requirement.url.as_deref().and_then(|url| variables::in_url(url, self.lookup));
            self.found.lines.push(Line { is_constraint, hashes, expanded, ..Line::new(requirement) });
            return Ok(Ok(()));
        }
        if let Some(file) = option(text, "-r", "--requirement") {
            return self.nested(file, directory, is_constraint);
        }
        if let Some(file) = option(text, "-c", "--constraint") {
            return self.nested(file, directory, true);
        }
        if let Some(project) = option(text, "-e", "--editable") {
            return Ok(self.editable(without_options(project).0, comment, directory));
        }
        // pip takes them from a file of constraints, too.
        if is_option(text) {
            self.found.options.push(options::absolute(text, directory, self.lookup));
            let lost = || lost_in_constraints(text).filter(|_| is_constraint);
            self.found.lost = self.found.lost.or_else(lost);
            return Ok(Ok(()));
        }
        Ok(Err(LineProblem::Option(option_name(text).to_owned())))
    }

    fn nested(
        &mut self,
        file: &str,
        directory: &Path,
        is_constraint: bool,
    ) -> Result<Result<(), LineProblem>, RequirementsError> {
        if file.contains("://") && path_of(file).is_none() {
            return Ok(Err(LineProblem::Remote(file.to_owned())));
        }
        let path = path_of(file).unwrap_or_else(|| directory.join(file));
        self.read(&path, is_constraint).map(Ok)
    }

    fn editable(&mut self, project: &str, comment: &str, directory: &Path) -> Result<(), LineProblem> {
        let (place, marker) = without_marker(project);
        self.found.editables.push(place.to_owned());
        let (base, extras) = without_extras(place);
        let is_url = base.contains("://") && path_of(base).is_none();
        let path = path_of(base).unwrap_or_else(|| fs::absolute(directory, Path::new(base)));
        let name = name_of_url(place)
            .or_else(|| pin_in_comment(comment))
            .or_else(|| if is_url { None } else { project_name(&path) });
        let requirement = name.and_then(|name| Requirement::parse(&(with_extras(&name, extras) + marker)));
        let Some(requirement) = requirement else { return Err(LineProblem::NoName(project.to_owned())) };
        let editable = if is_url { base.to_owned() } else { path.display().to_string() };
        let expanded = variables::in_url(&editable, self.lookup);
        self.found.lines.push(Line { editable: Some(editable), expanded, ..Line::new(requirement) });
        Ok(())
    }
}

fn option_name(line: &str) -> &str {
    line.split(['=', ' ', '\t']).next().unwrap_or(line)
}

fn no_requirement(text: &str) -> LineProblem {
    let is_place = text.contains("://") || text.starts_with(['.', '/', '~']);
    if is_place { LineProblem::NoName(text.to_owned()) } else { LineProblem::NotARequirement(text.to_owned()) }
}

/// Parses a requirement, also a URL or the path of a wheel that tells the name.
fn requirement_of(text: &str) -> Option<Requirement> {
    Requirement::parse(text).or_else(|| {
        let (place, marker) = without_marker(text);
        let name = name_of_url(place).or_else(|| name_of_archive(place))?;
        Requirement::parse(&format!("{name} @ {place}{marker}"))
    })
}

/// Returns a URL; the path of an archive becomes one.
fn absolute_url(url: String, directory: &Path, lookup: &Lookup<'_>) -> String {
    let url = match variables::in_url(&url, lookup) {
        Some(path) if !path.contains(':') => path,
        _ => url,
    };
    if url.contains(':') || url.starts_with('$') {
        return url;
    }
    let (path, fragment) = url.split_once('#').map_or((url.as_str(), None), |(path, rest)| (path, Some(rest)));
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    file_url(&fs::absolute(directory, Path::new(path))) + &fragment
}

/// Decodes content that was read already as pip does; `file` is what a message calls it.
pub fn decoded(content: &[u8], file: &str) -> Result<String, RequirementsError> {
    let file = || file.to_owned();
    // Some of these begin with text.
    match Packed::of(content) {
        Some(kind) => Err(RequirementsError::Packed { file: file(), kind }),
        None => decode(content).ok_or_else(|| RequirementsError::NotText { file: file() }),
    }
}

/// Returns whether an argument names a file rather than an environment: it holds a `/`, or ends as such files do.
pub fn is_file_name(argument: &OsStr) -> bool {
    let bytes = argument.as_bytes();
    bytes.contains(&b'/') || [".txt", ".in", ".toml"].iter().any(|end| bytes.ends_with(end.as_bytes()))
}

#[cfg(test)]
mod tests;
