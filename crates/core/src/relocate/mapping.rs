//! From every spelling of the old path to the new one: which bytes name the source, and what stands there in the copy.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use memchr::memmem::Finder;

use super::spelling::{Spelling, percent, spell};
use crate::fs::order::Order as _;

/// What a file is written in, as far as it matters for a path inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// The path stands as it is: `.pth`, `.project`, `pyvenv.cfg`, configuration and prose.
    Plain,
    /// The path stands between quotes of JSON.
    Json,
    /// The path is in a string literal of Python.
    Python,
}

/// All old paths and the new one.
#[derive(Debug)]
pub(crate) struct Mapping {
    old: Vec<PathBuf>,
    new: PathBuf,
    needles: Vec<Needle>,
    /// The spellings of the new path where it goes on after an old one, as in `/e/old two`: there it is no old one.
    longer: Vec<Vec<u8>>,
    /// For each old path a part that every spelling of it has: one cheap search says whether to look closer.
    anchors: Vec<Finder<'static>>,
    is_plain: bool,
}

#[derive(Debug)]
struct Needle {
    finder: Finder<'static>,
    spelling: Spelling,
}

struct Hit {
    start: usize,
    end: usize,
    spelling: Spelling,
}

impl Mapping {
    /// Makes the mapping from these absolute paths, of which some may be equal, to a new one.
    pub(crate) fn new(old: &[PathBuf], new: &Path) -> Self {
        let mut paths: Vec<PathBuf> = Vec::new();
        for path in old {
            if !paths.contains(path) && path != new {
                paths.push(path.clone());
            }
        }
        let needles = needles(&paths);
        let anchors = paths.iter().map(|path| Finder::new(anchor(path.as_os_str().as_bytes())).into_owned()).collect();
        let is_plain = paths.iter().all(|path| is_plain_swap(path, new));
        let goes_on = |old: &PathBuf| new.as_os_str().as_bytes().starts_with(old.as_os_str().as_bytes());
        let spelled = |spelling| spell(spelling, new.as_os_str().as_bytes());
        let longer = if paths.iter().any(goes_on) { Spelling::ALL.map(spelled).into() } else { Vec::new() };
        Self { old: paths, new: new.to_path_buf(), needles, longer, anchors, is_plain }
    }

    /// The new path.
    pub(crate) fn new_path(&self) -> &Path {
        &self.new
    }

    /// The old paths, none twice.
    pub(crate) fn old_paths(&self) -> &[PathBuf] {
        &self.old
    }

    /// Returns whether the new path has no character that means something in some language unless the old one has it too,
    /// so that wherever the old one stands rightly quoted, the new one does.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Returns whether the content may name the source. Quick; a yes needs a closer look.
    pub(crate) fn may_be_in(&self, content: &[u8]) -> bool {
        self.anchors.iter().any(|anchor| anchor.find(content).is_some())
    }

    /// The length of the longest anchor: how far parts of a content that is searched piecewise must overlap.
    pub(crate) fn overlap(&self) -> usize {
        self.anchors.iter().map(|anchor| anchor.needle().len()).max().unwrap_or(0)
    }

    /// Returns whether the content names the source.
    pub(crate) fn is_in(&self, content: &[u8]) -> bool {
        self.may_be_in(content) && !self.hits(content).is_empty()
    }

    /// The same for content that names the new path already, which may begin like an old one.
    pub(crate) fn is_left_in(&self, content: &[u8]) -> bool {
        self.may_be_in(content) && self.hits(content).iter().any(|hit| !self.is_new(content, hit))
    }

    /// Returns the content with the new path in every place of an old one; none when it names none.
    pub(crate) fn replace(&self, content: &[u8], language: Language) -> Option<Vec<u8>> {
        self.replace_hits(content, language, |_| true)
    }

    /// The same where it may have been done before: the new path stays.
    pub(crate) fn replace_rest(&self, content: &[u8], language: Language) -> Option<Vec<u8>> {
        self.replace_hits(content, language, |hit| !self.is_new(content, hit))
    }

    fn replace_hits(&self, content: &[u8], language: Language, is_meant: impl Fn(&Hit) -> bool) -> Option<Vec<u8>> {
        if !self.may_be_in(content) {
            return None;
        }
        let mut hits = self.hits(content);
        hits.retain(is_meant);
        if hits.is_empty() {
            return None;
        }
        let mut result = Vec::with_capacity(content.len() + 64);
        let mut end = 0;
        for hit in hits {
            if hit.start < end {
                continue;
            }
            result.extend_from_slice(&content[end..hit.start]);
            result.extend(self.spelled_new(&content[..hit.start], &hit, language));
            end = hit.end;
        }
        result.extend_from_slice(&content[end..]);
        Some(result)
    }

    /// Returns the new path of something at or below an old one.
    pub(crate) fn path(&self, path: &Path) -> Option<PathBuf> {
        let rest = self.old.iter().find_map(|old| path.strip_prefix(old).ok())?;
        Some(if rest.as_os_str().is_empty() { self.new.clone() } else { self.new.join(rest) })
    }

    /// Returns whether a hit is only the beginning of the new path.
    fn is_new(&self, content: &[u8], hit: &Hit) -> bool {
        let rest = &content[hit.start..];
        self.longer.iter().any(|new| rest.strip_prefix(new.as_slice()).is_some_and(is_end_of_path))
    }

    /// The hits in order; of those that begin in one place the longest first.
    fn hits(&self, content: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for needle in &self.needles {
            let length = needle.finder.needle().len();
            for start in needle.finder.find_iter(content) {
                let end = start + length;
                if is_bounded(content, start, end) {
                    hits.push(Hit { start, end, spelling: needle.spelling });
                }
            }
        }
        hits.order_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
        hits
    }

    fn spelled_new(&self, before: &[u8], hit: &Hit, language: Language) -> Vec<u8> {
        let new = self.new.as_os_str().as_bytes();
        let is_url = before.ends_with(b"file://") || before.ends_with(b"file://localhost");
        match (hit.spelling, language) {
            (Spelling::Raw, _) if is_url => percent(new),
            (Spelling::Raw, Language::Json) => spell(Spelling::Json, new),
            (Spelling::Raw, Language::Python) => spell(Spelling::Python, new),
            (spelling, _) => spell(spelling, new),
        }
    }
}

/// Returns whether bytes are a path of their own and not a part of a longer name.
///
/// No character of a name may follow it; before it there may be some, as in `-I/path`, but not a whole
/// directory, as in `/mnt/path`. `file://` ends in a slash itself, which is why a slash right before is no objection.
fn is_bounded(content: &[u8], start: usize, end: usize) -> bool {
    if !is_end_of_path(&content[end..]) {
        return false;
    }
    let before = &content[..start];
    let run = before.iter().rev().take_while(|&&byte| is_name_byte(byte)).count();
    run == 0 || before.len() == run || before[before.len() - run - 1] != b'/' || before.ends_with(b"file://localhost")
}

/// Returns whether what follows a path is no more of its last name.
pub(crate) fn is_end_of_path(rest: &[u8]) -> bool {
    rest.first().is_none_or(|&byte| !is_name_byte(byte)) || ends_sentence(rest)
}

/// A full stop that nothing of a name follows belongs to the prose around the path.
fn ends_sentence(rest: &[u8]) -> bool {
    rest[0] == b'.' && !rest.get(1).is_some_and(|&byte| is_name_byte(byte) || byte == b'/')
}

/// Returns whether a byte may be one of a name in a path; others may as well, but mostly end it.
pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._~%@+-".contains(&byte) || byte >= 0x80
}

/// Bytes that no language treats in a special way and no spelling changes.
fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-/".contains(&byte)
}

fn is_plain_swap(old: &Path, new: &Path) -> bool {
    let (old, new) = (old.as_os_str().as_bytes(), new.as_os_str().as_bytes());
    new.iter().all(|byte| is_plain_byte(*byte) || old.contains(byte))
}

/// The longest part of a path that all its spellings share.
fn anchor(path: &[u8]) -> &[u8] {
    path.split(|&byte| !is_plain_byte(byte)).max_by_key(|part| part.len()).unwrap_or(path)
}

fn needles(paths: &[PathBuf]) -> Vec<Needle> {
    let mut texts: Vec<(Vec<u8>, Spelling)> = Vec::new();
    for path in paths {
        for spelling in Spelling::ALL {
            let text = spell(spelling, path.as_os_str().as_bytes());
            if !texts.iter().any(|(known, _)| *known == text) {
                texts.push((text, spelling));
            }
        }
    }
    let needle = |(text, spelling): (Vec<u8>, _)| Needle { finder: Finder::new(&text).into_owned(), spelling };
    texts.into_iter().map(needle).collect()
}

/// The path in bytes of a text, when it is an absolute one.
pub(crate) fn absolute_path(bytes: &[u8]) -> Option<&Path> {
    Some(Path::new(OsStr::from_bytes(bytes))).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(old: &str, new: &str) -> Mapping {
        Mapping::new(&[old.into()], Path::new(new))
    }

    fn replaced(old: &str, new: &str, text: &str, language: Language) -> Option<String> {
        mapping(old, new).replace(text.as_bytes(), language).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn only_whole_paths_are_replaced() {
        for text in ["/e/old-2/bin", "/e/older", "/e/old.bak", "/mnt/e/old", "/e/old~", "/e/olé", "/e/old%20x", "/e/ol"]
        {
            assert_eq!(replaced("/e/old", "/e/new", text, Language::Plain), None, "{text}");
        }
        for (text, expected) in [
            ("/e/old", "/e/new"),
            ("/e/old/bin", "/e/new/bin"),
            ("-I/e/old/include", "-I/e/new/include"),
            ("file:///e/old/x", "file:///e/new/x"),
            ("a:/e/old:/b", "a:/e/new:/b"),
            ("'/e/old' \"/e/old\"", "'/e/new' \"/e/new\""),
            ("It is in /e/old.", "It is in /e/new."),
            ("/e/old /e/old-2 /e/old", "/e/new /e/old-2 /e/new"),
        ] {
            assert_eq!(replaced("/e/old", "/e/new", text, Language::Plain).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_new_path_is_spelled_like_the_old_one() {
        let change = |text, language| replaced("/e f/öld", "/e f/n \"w", text, language).unwrap();
        assert_eq!(change("file:///e%20f/%C3%B6ld/x", Language::Json), "file:///e%20f/n%20%22w/x");
        assert_eq!(change("\"/e f/\\u00f6ld/x\"", Language::Json), "\"/e f/n \\\"w/x\"");
        assert_eq!(change("{'m': '/e f/öld/m'}", Language::Python), "{'m': '/e f/n \\\"w/m'}");
        assert_eq!(change("cd /e\\ f/öld", Language::Plain), "cd /e\\ f/n\\ \\\"w");
        assert_eq!(change("/e f/öld\n", Language::Plain), "/e f/n \"w\n");
    }

    #[test]
    fn a_plain_path_in_an_address_becomes_an_encoded_one() {
        let text = replaced("/e/old", "/e/n w", "{\"url\": \"file:///e/old/src\"}", Language::Json).unwrap();
        assert_eq!(text, "{\"url\": \"file:///e/n%20w/src\"}");
    }

    #[test]
    fn several_old_paths_lead_to_one() {
        let mapping = Mapping::new(&["/link/old".into(), "/real/old".into(), "/link/old".into()], Path::new("/new"));
        assert_eq!(mapping.old_paths().len(), 2);
        let text = mapping.replace(b"/link/old/a /real/old/b", Language::Plain).unwrap();
        assert_eq!(text, b"/new/a /new/b");
        assert_eq!(mapping.path(Path::new("/real/old/x")), Some("/new/x".into()));
        assert_eq!(mapping.path(Path::new("/real/old")), Some("/new".into()));
        assert_eq!(mapping.path(Path::new("/real/old-2")), None);
    }

    #[test]
    fn a_new_path_that_begins_like_the_old_one_is_not_taken_for_it() {
        let mapping = mapping("/e/old", "/e/old-2");
        let text = mapping.replace(b"/e/old/x", Language::Plain).unwrap();
        assert_eq!(text, b"/e/old-2/x");
        assert!(!mapping.is_in(&text));
    }

    #[test]
    fn a_new_path_that_goes_on_after_the_old_one_is_not_left_over() {
        for new in ["/e/old two", "/e/old'\"$é", "/e/old(2)"] {
            let mapping = mapping("/e/old", new);
            for (language, text) in [
                (Language::Plain, "/e/old/x, file:///e/old and '/e/old'"),
                (Language::Json, "\"/e/old\""),
                (Language::Python, "'/e/old/x'"),
            ] {
                let text = mapping.replace(text.as_bytes(), language).unwrap();
                assert!(!mapping.is_left_in(&text), "{}", String::from_utf8_lossy(&text));
                assert_eq!(mapping.replace_rest(&text, language), None, "a second time");
                assert!(mapping.is_left_in(&[&text[..], b" /e/old/y"].concat()));
            }
        }
        assert!(mapping("/e/old", "/e/new").is_left_in(b"/e/old two"));
        assert!(mapping("/e/old", "/e/old two").is_left_in(b"/e/old twofold"));
    }

    #[test]
    fn plain_swaps_are_told_from_those_that_need_quotes() {
        assert!(mapping("/a b/old", "/a b/new").is_plain());
        assert!(!mapping("/a/old", "/a/new env").is_plain());
        assert!(mapping("/tmp/a b/old", "/home/a b/new").is_plain());
        assert!(mapping("/a/it's", "/a/new").is_plain());
        assert!(!mapping("/a b/old", "/a b/it's").is_plain());
    }
}
