//! Requirements files: what pip and uv take with `-r`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::requirement::Requirement;
use crate::env::direct_url::{file_url, path_of};
use crate::env::packages::normalized;
use crate::fs::{self, PathError};

/// The largest requirements file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// The largest `pyproject.toml` that is read, in bytes.
const MAX_PROJECT_BYTES: u64 = 1 << 20;

/// How deep files may name others.
const MAX_DEPTH: usize = 16;

/// The content of a requirements file and of those that it names.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// The requirements, in the order of the lines.
    pub lines: Vec<Line>,
    /// The Python that a snapshot was taken of.
    pub python: Option<String>,
    /// The options that say where packages come from, as lines; places on this machine with their absolute paths.
    pub options: Vec<String>,
    /// What was passed over.
    pub oddities: Vec<LineOddity>,
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
    pub fn read(path: &Path) -> Result<Self, RequirementsError> {
        let mut reader = Reader { found: Self::default(), open: Vec::new() };
        reader.read(path, false)?;
        Ok(reader.found)
    }

    /// Parses the content of a requirements file; `directory` is where it looks for the files that it names.
    pub fn parse(content: &[u8], directory: &Path, name: &str) -> Result<Self, RequirementsError> {
        let mut reader = Reader { found: Self::default(), open: Vec::new() };
        reader.parse(content, directory, name, false)?;
        Ok(reader.found)
    }
}

/// Reads a requirements file as text, without looking at its lines.
pub fn read_text(path: &Path) -> Result<String, RequirementsError> {
    let content = fs::read_limited(path, MAX_BYTES)?;
    decode(&content).ok_or_else(|| RequirementsError::NotText { file: path.display().to_string() })
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

struct Reader {
    found: Requirements,
    open: Vec<PathBuf>,
}

impl Reader {
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
        let text = decode(content).ok_or_else(|| RequirementsError::NotText { file: file.to_owned() })?;
        if self.open.len() <= 1 && self.found.python.is_none() {
            self.found.python =
                text.lines().find_map(|line| line.strip_prefix("# python:")).map(|v| v.trim().to_owned());
        }
        let raw: Vec<_> = text.lines().collect();
        for (line, text) in logical_lines(&text) {
            let comment = line.checked_sub(2).and_then(|index| raw.get(index)).copied().unwrap_or_default();
            match self.line(&text, comment, directory, is_constraint)? {
                Ok(()) => {}
                Err(reason) => self.found.oddities.push(LineOddity { file: file.to_owned(), line, reason }),
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
            let Some(mut requirement) = requirement_of(text) else { return Ok(Err(no_requirement(text))) };
            requirement.url = requirement.url.map(|url| absolute_url(url, directory));
            let hashes = hashes_in(options);
            self.found.lines.push(Line { requirement, is_constraint, editable: None, hashes });
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
        let name = text.split(['=', ' ', '\t']).next().unwrap_or(text);
        let is_known = OPTIONS.contains(&name)
            || SHORT_OPTIONS.iter().any(|short| text.starts_with(short) && !text.starts_with("--"));
        if is_known && !is_constraint {
            self.found.options.push(absolute_option(text, directory));
        }
        Ok(if is_known { Ok(()) } else { Err(LineProblem::Option(name.to_owned())) })
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
        let (base, extras) = match project.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
            Some((base, extras)) => (base, format!("[{extras}]")),
            None => (project, String::new()),
        };
        let is_url = base.contains("://") && path_of(base).is_none();
        let path = path_of(base).unwrap_or_else(|| fs::absolute(directory, Path::new(base)));
        let name = name_of_url(project)
            .or_else(|| pin_in_comment(comment))
            .or_else(|| if is_url { None } else { project_name(&path) });
        let requirement = name.and_then(|name| Requirement::parse(&with_extras(&name, &extras)));
        let Some(requirement) = requirement else { return Err(LineProblem::NoName(project.to_owned())) };
        let editable = if is_url { base.to_owned() } else { path.display().to_string() };
        self.found.lines.push(Line { requirement, is_constraint: false, editable: Some(editable), hashes: Vec::new() });
        Ok(())
    }
}

/// Options of pip that say where packages come from, not which ones.
const OPTIONS: [&str; 15] = [
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "--no-index",
    "--find-links",
    "--pre",
    "--prefer-binary",
    "--require-hashes",
    "--trusted-host",
    "--no-binary",
    "--only-binary",
    "--use-feature",
    "--always-unzip",
    "--process-dependency-links",
    "--uploaded-prior-to",
];

/// The same in short.
const SHORT_OPTIONS: [&str; 2] = ["-i", "-f"];

/// Returns the value of an option in one of its forms: `-rFILE`, `-r FILE`, `--requirement FILE`, `--requirement=FILE`.
fn option<'a>(text: &'a str, short: &str, long: &str) -> Option<&'a str> {
    let long_value = text.strip_prefix(long).and_then(|rest| rest.strip_prefix(['=', ' ', '\t']));
    let value = long_value.or_else(|| text.strip_prefix(short).filter(|_| !text.starts_with("--")))?.trim();
    (!value.is_empty()).then_some(value)
}

fn no_requirement(text: &str) -> LineProblem {
    let is_place = text.contains("://") || text.starts_with(['.', '/', '~']);
    if is_place { LineProblem::NoName(text.to_owned()) } else { LineProblem::NotARequirement(text.to_owned()) }
}

/// Parses a requirement, also a URL or the path of a wheel that tells the name.
fn requirement_of(text: &str) -> Option<Requirement> {
    Requirement::parse(text).or_else(|| {
        let (place, marker) = text.split_once(" ;").unwrap_or((text, ""));
        let place = place.trim();
        let name = name_of_url(place).or_else(|| name_of_archive(place))?;
        let marker = if marker.is_empty() { String::new() } else { format!(" ;{marker}") };
        Requirement::parse(&format!("{name} @ {place}{marker}"))
    })
}

/// Returns the name in the fragment of a URL: `#egg=NAME`.
fn name_of_url(url: &str) -> Option<String> {
    let (_, fragment) = url.split_once('#')?;
    let name = fragment.split('&').find_map(|part| part.strip_prefix("egg="))?;
    let name = name.split(['[', '=', '<', '>']).next().unwrap_or_default();
    (!normalized(name).is_empty()).then(|| normalized(name))
}

/// Returns the name in the file name of a wheel or source distribution.
fn name_of_archive(place: &str) -> Option<String> {
    let file = place.split(['#', '?']).next()?.rsplit('/').next()?;
    let name = match file.strip_suffix(".whl") {
        Some(wheel) => wheel.split('-').next()?,
        None => [".tar.gz", ".zip", ".tar.bz2"].iter().find_map(|end| file.strip_suffix(end))?.rsplit_once('-')?.0,
    };
    Requirement::parse(name).map(|requirement| requirement.key())
}

/// Returns the pin in the comment that pip writes above the path of an editable project, and we too.
fn pin_in_comment(comment: &str) -> Option<String> {
    let (_, rest) = comment.strip_prefix("# Editable ")?.rsplit_once('(')?;
    let pin = rest.split_once(')')?.0;
    Requirement::parse(pin).filter(|found| found.specifiers.pinned().is_some()).map(|_| pin.to_owned())
}

fn with_extras(pin: &str, extras: &str) -> String {
    let end = pin.find('=').unwrap_or(pin.len());
    format!("{}{extras}{}", &pin[..end], &pin[end..])
}

/// Returns the name that the files of a project give it.
fn project_name(project: &Path) -> Option<String> {
    let read = |file: &str| {
        let content = fs::read_limited(&project.join(file), MAX_PROJECT_BYTES).ok()?;
        Some(String::from_utf8_lossy(&content).into_owned())
    };
    let of_pyproject = || {
        let table: toml::Table = toml::from_str(&read("pyproject.toml")?).ok()?;
        let poetry = || table.get("tool")?.get("poetry")?.get("name");
        table.get("project").and_then(|project| project.get("name")).or_else(poetry)?.as_str().map(normalized)
    };
    of_pyproject().or_else(|| name_in_cfg(&read("setup.cfg")?)).or_else(|| name_in_setup(&read("setup.py")?))
}

/// Returns the name in `setup.cfg`.
fn name_in_cfg(text: &str) -> Option<String> {
    let lines = text.lines().skip_while(|line| line.trim() != "[metadata]").skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with('['));
    let value = lines.find_map(|line| line.strip_prefix("name")?.trim_start().strip_prefix(['=', ':']))?;
    Requirement::parse(value).map(|requirement| requirement.key())
}

/// Returns the name in `setup.py`, where it is written as a text.
fn name_in_setup(text: &str) -> Option<String> {
    let values = text.match_indices("name").filter_map(|(at, word)| {
        let is_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let value = text[at + word.len()..].trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| is_word && matches!(c, '"' | '\''))?;
        value[1..].split_once(quote).map(|(name, _)| name)
    });
    values.filter_map(Requirement::parse).map(|requirement| requirement.key()).next()
}

/// Returns a URL; the path of an archive becomes one.
fn absolute_url(url: String, directory: &Path) -> String {
    if url.contains(':') || url.starts_with('$') {
        return url;
    }
    let (path, fragment) = url.split_once('#').map_or((url.as_str(), None), |(path, rest)| (path, Some(rest)));
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    file_url(&fs::absolute(directory, Path::new(path))) + &fragment
}

/// Returns an option; a directory on this machine that it names is looked for from that of the file.
fn absolute_option(text: &str, directory: &Path) -> String {
    match option(text, "-f", "--find-links") {
        Some(place) if !place.contains("://") && !place.starts_with(['~', '$']) => {
            format!("--find-links {}", file_url(&fs::absolute(directory, Path::new(place))))
        }
        _ => text.to_owned(),
    }
}

/// Divides a line into the requirement and the options after it.
fn without_options(text: &str) -> (&str, &str) {
    let start = text.match_indices(" -").map(|(at, _)| at).next();
    start.map_or((text, ""), |at| (text[..at].trim_end(), &text[at..]))
}

fn hashes_in(options: &str) -> Vec<String> {
    let values = options
        .split("--hash")
        .skip(1)
        .filter_map(|rest| rest.trim_start_matches(['=', ' ']).split_whitespace().next());
    values.map(str::to_owned).collect()
}

/// Returns the lines as pip sees them, with the number of the first of each: joined where one ends in a backslash,
/// without comments and empty lines.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let is_comment = line.trim_start().starts_with('#');
        // A comment ends what goes on, and must not be glued to it.
        let part = if is_comment { format!(" {line}") } else { line.trim_end_matches('\\').to_owned() };
        let (number, mut joined) = open.take().unwrap_or((index + 1, String::new()));
        joined.push_str(&part);
        if line.ends_with('\\') && !is_comment {
            open = Some((number, joined));
        } else {
            lines.push((number, joined));
        }
    }
    lines.extend(open);
    let clean = lines.into_iter().map(|(number, line)| (number, without_comment(&line).trim().to_owned()));
    clean.filter(|(_, line)| !line.is_empty()).collect()
}

/// Cuts a comment off: a `#` at the start or after white space.
fn without_comment(line: &str) -> &str {
    let is_start = |&at: &usize| at == 0 || line[..at].ends_with(char::is_whitespace);
    let start = line.match_indices('#').map(|(at, _)| at).find(is_start);
    start.map_or(line, |at| &line[..at])
}

/// Decodes UTF-8 and UTF-16, by the byte order mark where there is one.
fn decode(content: &[u8]) -> Option<String> {
    let utf16 = |content: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, rest) = content.as_chunks::<2>();
        let text = String::from_utf16(&units.iter().map(|&bytes| unit(bytes)).collect::<Vec<_>>()).ok();
        text.filter(|_| rest.is_empty())
    };
    if let Some(content) = content.strip_prefix(b"\xff\xfe") {
        return utf16(content, u16::from_le_bytes);
    }
    if let Some(content) = content.strip_prefix(b"\xfe\xff") {
        return utf16(content, u16::from_be_bytes);
    }
    String::from_utf8(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content).to_vec()).ok()
}

/// Decodes text as pip does.
pub(super) fn decoded(content: &[u8], file: &str) -> Result<String, RequirementsError> {
    decode(content).ok_or_else(|| RequirementsError::NotText { file: file.to_owned() })
}

/// Returns whether an argument names a file rather than an environment: it holds a `/`, or ends as such files do.
pub fn is_file_name(argument: &OsStr) -> bool {
    let bytes = argument.as_bytes();
    bytes.contains(&b'/') || [".txt", ".in", ".toml"].iter().any(|end| bytes.ends_with(end.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: impl AsRef<[u8]>) -> Requirements {
        Requirements::parse(text.as_ref(), Path::new("/nonexistent"), "-").unwrap()
    }

    fn written(found: &Requirements) -> Vec<String> {
        found.lines.iter().map(|line| line.requirement.to_string()).collect()
    }

    #[test]
    fn lines_are_those_that_pip_sees() {
        let text = "# a comment \\\na==1 # why\n\nb>=2,\\\n  <3 ; os_name=='nt'\\\n# end\nc\\\n";
        assert_eq!(written(&parse(text)), ["a==1", "b<3,>=2; os_name == \"nt\"", "c"]);
        let hashed = "a==1 \\\r\n    --hash=sha256:aa \\\r\n    --hash sha256:bb\r\n";
        assert_eq!(parse(hashed).lines[0].hashes, ["sha256:aa", "sha256:bb"]);
        assert_eq!(parse("# venvwrap-snapshot: 1\n# python: 3.13.0\n").python.as_deref(), Some("3.13.0"));
    }

    #[test]
    fn places_that_tell_a_name_are_requirements() {
        let text = "https://x/My_Pkg-1.0-py3-none-any.whl#sha256=1\ngit+https://x/r@v1#egg=My.Name&subdirectory=s\n\
                    ./dist/other-2.tar.gz ; os_name == 'nt'\n";
        let names: Vec<_> = parse(text).lines.iter().map(|line| line.requirement.key()).collect();
        assert_eq!(names, ["my-pkg", "my-name", "other"]);
    }

    #[test]
    fn what_is_no_requirement_is_reported_with_its_line() {
        let text =
            "--index-url https://x\n-i https://x\n--frobnicate=1\n\n==1\n./project\n-e ./gone\n-r https://x/y\n--pre\n";
        let found = parse(text);
        let oddities: Vec<_> = found.oddities.iter().map(ToString::to_string).collect();
        let expected = [
            "line 3 of `-` is skipped: unknown option `--frobnicate`",
            "line 5 of `-` is skipped: `==1` is not a requirement",
            "line 6 of `-` is skipped: the name of `./project` is unknown",
            "line 7 of `-` is skipped: the name of `./gone` is unknown",
            "line 8 of `-` is skipped: `https://x/y` is not on this machine",
        ];
        assert_eq!(oddities, expected);
    }

    #[test]
    fn every_encoding_of_pip_is_read() {
        let text = "a==1\r\n# é\nb\n";
        let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<_>>();
        for content in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", &utf16(u16::to_le_bytes)[..]].concat(),
            [b"\xfe\xff", &utf16(u16::to_be_bytes)[..]].concat(),
        ] {
            assert_eq!(written(&parse(content)), ["a==1", "b"]);
        }
        for content in [b"\xff\xfea".as_slice(), b"a\xff", b"\xff\xfe\x00\xd8"] {
            let found = Requirements::parse(content, Path::new("/"), "-");
            assert!(matches!(found, Err(RequirementsError::NotText { .. })), "{found:?}");
        }
    }

    #[test]
    fn files_may_name_others_but_not_themselves() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(root.path().join(name), text).unwrap();
            root.path().join(name)
        };
        let top = write("top.txt", "-r more.txt\n--constraint=limits.txt\n-rmore.txt\n-e ./project\n");
        write("more.txt", "a\n");
        write("limits.txt", "b<2\n");
        std::fs::create_dir(root.path().join("project")).unwrap();
        write("project/pyproject.toml", "[project]\nname = \"My.Project\"\n");
        let found = Requirements::read(&top).unwrap();
        assert_eq!(written(&found), ["a", "b<2", "a", "my-project"]);
        assert!(found.lines[1].is_constraint && !found.lines[2].is_constraint);
        assert_eq!(found.lines[3].editable.as_deref(), root.path().join("project").to_str());

        let own = write("loop.txt", "-c loop2.txt\n");
        write("loop2.txt", "--requirement loop.txt\n");
        assert!(matches!(Requirements::read(&own), Err(RequirementsError::Loop { .. })));
        for depth in 0..40 {
            write(&format!("deep{depth}.txt"), &format!("-r deep{}.txt\n", depth + 1));
        }
        let deep = Requirements::read(&root.path().join("deep0.txt"));
        assert!(matches!(deep, Err(RequirementsError::TooDeep { .. })), "{deep:?}");
        assert!(matches!(Requirements::read(&root.path().join("gone.txt")), Err(RequirementsError::Path(_))));
    }

    #[test]
    fn many_lines_are_read() {
        let lines: Vec<_> = (0..10_000).map(|number| format!("package-{number}==1.{number}\n")).collect();
        assert_eq!(parse(lines.concat()).lines.len(), 10_000);
    }

    #[test]
    fn any_bytes_are_read_or_refused() {
        let seeds =
            ["a[x]==1 \\\n  --hash=sha256:aa # c\n-e git+https://x#egg=b\n--pre\n./c-1.whl ; os_name == 'nt'\n"];
        crate::mutation::check_mutations(&seeds, |input| {
            // Nothing on this machine is read: the directory does not exist.
            let _ = Requirements::parse(input, Path::new("/nonexistent"), "-");
            let _ = name_in(&String::from_utf8_lossy(input));
        });
    }
}
