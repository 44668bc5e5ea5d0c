//! Which names from an archive may become names on disk.

/// The longest name of one file or directory that every common file system takes.
const MAX_COMPONENT: usize = 255;

/// The longest path inside an archive; far above what any seed package needs.
const MAX_PATH: usize = 1024;

/// Returns the path if it is relative, in plain form, and harmless on every platform.
///
/// Nothing is repaired: a path that means something else after cleaning is a sign of a hostile archive, so absolute
/// paths, `.` and `..`, empty components, backslashes, drive letters and control characters are all refused.
pub(super) fn relative_path(path: &[u8]) -> Option<&str> {
    let path = std::str::from_utf8(path).ok()?;
    let sound = path.len() <= MAX_PATH && path.split('/').all(is_component) && !has_drive_letter(path);
    sound.then_some(path)
}

/// Returns whether this is the name of one file or directory: not empty, not `.` or `..`, no separator.
pub(super) fn is_component(name: &str) -> bool {
    let relative = name == "." || name == "..";
    !name.is_empty() && !relative && name.len() <= MAX_COMPONENT && !name.chars().any(is_forbidden)
}

fn is_forbidden(c: char) -> bool {
    matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}') || c.is_control()
}

fn has_drive_letter(path: &str) -> bool {
    path.as_bytes().get(1) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::relative_path;

    #[test]
    fn plain_relative_paths_pass() {
        for path in ["a", "a/b.py", "pip/_vendor/.hidden", "a b/c;$(x).py", "è/中.py", "a..b/..."] {
            assert_eq!(relative_path(path.as_bytes()), Some(path));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let long = "x".repeat(256);
        for path in
            ["", "/a", "../a", "a/../b", "a/..", "./a", "a//b", "a/", "a\\b", "C:a", "c:/a", "a\nb", "a\0b", "\u{85}a"]
        {
            assert_eq!(relative_path(path.as_bytes()), None, "{path:?}");
        }
        assert_eq!(relative_path(long.as_bytes()), None);
        assert_eq!(relative_path(b"\xff"), None);
    }
}
