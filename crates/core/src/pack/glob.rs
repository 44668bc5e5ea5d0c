//! Patterns of paths that are left out.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A pattern: `*` and `?` stand for anything but a slash, `**` for anything. Without a slash it is about names, wherever
/// they are, with one about whole paths.
#[derive(Clone, Debug)]
pub(super) struct Glob(Vec<u8>);

impl Glob {
    /// Takes a pattern as it is written; every text is one.
    pub(super) fn new(pattern: &[u8]) -> Self {
        Self(pattern.strip_suffix(b"/").unwrap_or(pattern).to_vec())
    }

    /// Returns whether a path, which is relative, is meant.
    pub(super) fn matches(&self, path: &Path) -> bool {
        let text = if self.0.contains(&b'/') { path.as_os_str() } else { path.file_name().unwrap_or_default() };
        matches(self.0.strip_prefix(b"/").unwrap_or(&self.0), text.as_bytes())
    }
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        [b'*', rest @ ..] => {
            let end = text.iter().position(|&byte| byte == b'/').unwrap_or(text.len());
            (0..=end).any(|skipped| matches(rest, &text[skipped..]))
        }
        [b'?', rest @ ..] => text.first().is_some_and(|&byte| byte != b'/') && matches(rest, &text[1..]),
        [first, rest @ ..] => text.first() == Some(first) && matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_meant() {
        let is_meant = |pattern: &str, path: &str| Glob::new(pattern.as_bytes()).matches(Path::new(path));
        for (pattern, path) in [
            ("*.pyc", "lib/a/b.pyc"),
            ("tests", "lib/x/tests"),
            ("lib/*/tests/", "lib/x/tests"),
            ("lib/**/t?sts", "lib/x/y/tests"),
            ("/share", "share"),
            ("**", "a/b"),
        ] {
            assert!(is_meant(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [("lib/*/tests", "lib/x/y/tests"), ("tests", "lib/tests2"), ("?", "a/bc"), ("", "a")] {
            assert!(!is_meant(pattern, path), "{pattern} {path}");
        }
    }
}
