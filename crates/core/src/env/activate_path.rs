//! The path that an activation script was written for.

use std::path::PathBuf;

const ASSIGNMENT: &[u8] = b"VIRTUAL_ENV=";

/// The path that `bin/activate` sets, when it is a plain absolute one.
pub(crate) fn path_in_script(content: &[u8]) -> Option<PathBuf> {
    // A list reads the scripts of all environments, and most of each is of no interest.
    let places = memchr::memmem::find_iter(content, ASSIGNMENT);
    let words = places.filter_map(|place| {
        let value = String::from_utf8_lossy(value_at(content, place)?);
        shell_words::split(&value).ok()?.into_iter().next()
    });
    words.filter(|word| !word.contains(['$', '`'])).map(PathBuf::from).find(|path| path.is_absolute())
}

/// The rest of a line after an assignment, if the line begins with that.
fn value_at(content: &[u8], place: usize) -> Option<&[u8]> {
    let start = memchr::memrchr(b'\n', &content[..place]).map_or(0, |end| end + 1);
    let before = std::str::from_utf8(&content[start..place]).ok()?.trim_start().trim_start_matches('\\');
    let is_beginning = before.strip_prefix("export ").unwrap_or(before).trim_start().is_empty();
    let value = &content[place + ASSIGNMENT.len()..];
    let value = &value[..memchr::memchr(b'\n', value).unwrap_or(value.len())];
    is_beginning.then(|| value.strip_suffix(b"\r").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_that_begins_with_the_assignment_counts() {
        let path = |script: &str| path_in_script(script.as_bytes()).map(|path| path.display().to_string());
        for script in [
            "VIRTUAL_ENV=/a b",
            "VIRTUAL_ENV=/a b\n",
            "echo VIRTUAL_ENV=/x\nMY_VIRTUAL_ENV=/x\n  export VIRTUAL_ENV='/a'\r\n",
            "\\export VIRTUAL_ENV=/a\nVIRTUAL_ENV=/x",
            "VIRTUAL_ENV=$(pwd)\nVIRTUAL_ENV=x\n\tVIRTUAL_ENV=/a",
        ] {
            assert_eq!(path(script).as_deref(), Some("/a"), "{script:?}");
        }
        assert_eq!(path("# VIRTUAL_ENV=/x\nunset VIRTUAL_ENV\nVIRTUAL_ENV='/x\n"), None);
        assert_eq!(path_in_script(b"\xff VIRTUAL_ENV=/x\nVIRTUAL_ENV=/a\xff"), Some("/a\u{fffd}".into()));
    }
}
