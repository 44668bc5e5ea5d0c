//! Variables in the lines of a requirements file: `${NAME}`.

use std::ffi::OsString;

use super::{is_option, option};
use crate::wheel::file_options::expanded;

/// The values of the variables that lines may name.
pub type Lookup<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// Returns a line with the values of its variables, but for those that installers are to put in: a URL may hold a token,
/// and an option says where packages come from.
pub(super) fn in_line(line: String, lookup: &Lookup<'_>) -> String {
    if !line.contains("${") || stays(&line) { line } else { expanded(&line, lookup).unwrap_or(line) }
}

/// Returns a URL with the values of its variables; none if it has no variables.
pub(super) fn in_url(url: &str, lookup: &Lookup<'_>) -> Option<String> {
    url.contains("${").then(|| expanded(url, lookup)).flatten()
}

fn stays(line: &str) -> bool {
    if option(line, "-r", "--requirement").or_else(|| option(line, "-c", "--constraint")).is_some() {
        return false;
    }
    match option(line, "-e", "--editable") {
        Some(project) => is_elsewhere(project),
        None if line.starts_with('-') => is_option(line),
        None => is_elsewhere(line) || line.contains("@ ${") || line.contains("@${"),
    }
}

fn is_elsewhere(text: &str) -> bool {
    text.contains("://") && !text.contains("file://") || text.contains("+file://")
}
