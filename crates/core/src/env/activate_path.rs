//! The path that an activation script was written for.

use std::path::PathBuf;

/// The path that `bin/activate` sets, when it is a plain absolute one.
pub(crate) fn path_in_script(content: &[u8]) -> Option<PathBuf> {
    let text = String::from_utf8_lossy(content);
    let values = text.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches('\\');
        line.strip_prefix("export ").unwrap_or(line).trim_start().strip_prefix("VIRTUAL_ENV=")
    });
    let words = values.filter_map(|value| shell_words::split(value).ok()?.into_iter().next());
    words.filter(|word| !word.contains(['$', '`'])).map(PathBuf::from).find(|path| path.is_absolute())
}
