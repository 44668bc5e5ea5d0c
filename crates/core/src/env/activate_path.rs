//! The path that an activation script was written for.

use std::path::PathBuf;
use std::sync::LazyLock;

use memchr::memmem::Finder;

const ASSIGNMENT: &[u8] = b"VIRTUAL_ENV=";

/// Made once: a list reads the scripts of all environments, and most of each is of no interest.
static FINDER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(ASSIGNMENT));

/// The path that `bin/activate` sets, when it is a plain absolute one.
pub(crate) fn path_in_script(content: &[u8]) -> Option<PathBuf> {
    let words = FINDER.find_iter(content).filter_map(|place| first_word(value_at(content, place)?));
    words.filter(|word| !word.contains(['$', '`'])).map(PathBuf::from).find(|path| path.is_absolute())
}

fn first_word(value: &[u8]) -> Option<String> {
    // What we and most tools write: one word between plain quotes.
    let plain = value.strip_prefix(b"'").and_then(|rest| rest.strip_suffix(b"'"));
    if let Some(text) = plain.filter(|text| text.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'\'')) {
        return Some(String::from_utf8_lossy(text).into_owned());
    }
    shell_words::split(&String::from_utf8_lossy(value)).ok()?.into_iter().next()
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
