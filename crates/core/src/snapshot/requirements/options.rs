//! Lines that say where packages come from.

use std::path::Path;

use super::Lookup;
use super::lines::option;
use crate::env::direct_url::file_url;
use crate::fs;
use crate::wheel::file_option_names::{is_find_links, second};
use crate::wheel::file_options::expanded;

/// Returns an option; a directory on this machine that it names is looked for from that of the file, be it written or the
/// value of a variable. A URL stays as it is written: it may hold a token.
pub(super) fn absolute(text: &str, directory: &Path, lookup: &Lookup<'_>) -> String {
    let values = expanded(text, lookup).unwrap_or_else(|| text.to_owned());
    if second(&values).is_none() {
        let place = option(text, "-f", "--find-links").map(unquoted);
        if let Some(url) = place.and_then(|place| url_of(place, directory, lookup)) {
            return format!("--find-links {url}");
        }
    }
    // pip puts values in before it divides a line.
    let line = if values.contains("://") { text } else { &values };
    among_others(line, directory, lookup).unwrap_or_else(|| text.to_owned())
}

/// The same for one of several options in a line; none if there is nothing to change.
fn among_others(line: &str, directory: &Path, lookup: &Lookup<'_>) -> Option<String> {
    let mut words = shell_words::split(line).ok()?;
    let mut is_value = false;
    let mut is_changed = false;
    for word in &mut words {
        let is_name = !is_value && is_find_links(word);
        let value = match word.split_once('=') {
            _ if is_value => Some(&**word),
            _ if !is_name => None,
            Some((_, value)) if word.starts_with("--") => Some(value),
            _ => word.strip_prefix("-f").filter(|value| !value.is_empty()),
        };
        let url = value.and_then(|value| url_of(value, directory, lookup));
        is_value = is_name && value.is_none();
        if let Some(url) = url {
            is_changed = true;
            *word = if is_name { format!("--find-links={url}") } else { url };
        }
    }
    // A quote before its name would hide an option.
    let quoted = |word: &String| match word.split_once('=').filter(|_| word.starts_with("--")) {
        Some((name, value)) => format!("{name}={}", shell_words::quote(value)),
        None => shell_words::quote(word).into_owned(),
    };
    is_changed.then(|| words.iter().map(quoted).collect::<Vec<_>>().join(" "))
}

/// The URL of a directory or file on this machine; none if that is not what is named.
fn url_of(place: &str, directory: &Path, lookup: &Lookup<'_>) -> Option<String> {
    let place = expanded(place, lookup)?;
    let is_path = !place.is_empty() && !place.contains("://") && !place.starts_with('~');
    is_path.then(|| file_url(&fs::absolute(directory, Path::new(&place))))
}

/// Returns a value without the quotes around all of it.
fn unquoted(value: &str) -> &str {
    let bare = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    bare.filter(|bare| !bare.contains(['"', '\'', '\\'])).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_meant_from_that_of_the_file() {
        let lookup = |name: &str| match name {
            "D" => Some("wheels".into()),
            "ABS" => Some("/b/w".into()),
            "URL" => Some("https://u:p@h/w".into()),
            "TWO" => Some("wheels --require-hashes".into()),

            _ => None,
        };
        for (line, expected) in [
            ("-f wheels", "--find-links file:///a/wheels"),
            ("-f ${D}", "--find-links file:///a/wheels"),
            ("-f${D}/x", "--find-links file:///a/wheels/x"),
            ("--find-links=../${D}", "--find-links file:///wheels"),
            ("--find-links ${ABS}", "--find-links file:///b/w"),
            ("-f '${D}'", "--find-links file:///a/wheels"),
            ("-f \"my wheels\"", "--find-links file:///a/my%20wheels"),
            ("-f ${D}/${GONE}", "--find-links file:///a/wheels/%24%7BGONE%7D"),
            ("-f ${URL}", "-f ${URL}"),
            ("-f https://${D}/", "-f https://${D}/"),
            ("-f ~/wheels", "-f ~/wheels"),
            ("-i https://${D}/", "-i https://${D}/"),
            ("--no-binary ${D}", "--no-binary ${D}"),
            ("-f", "-f"),
            ("--find ${D}", "--find file:///a/wheels"),
            ("-f ${TWO}", "-f file:///a/wheels --require-hashes"),
            ("--no-index -f ${D}", "--no-index -f file:///a/wheels"),
            ("--no-index --find-links=wheels", "--no-index --find-links=file:///a/wheels"),
            ("--pre -f${D} -f /b", "--pre --find-links=file:///a/wheels -f file:///b"),
            ("-f ${D} -i https://u:${D}@h/", "-f file:///a/wheels -i 'https://u:${D}@h/'"),
            ("--find-links=w --index-url=https://x/?a b", "--find-links=file:///a/w --index-url='https://x/?a' b"),
            ("--pre -f ${URL}", "--pre -f ${URL}"),
        ] {
            assert_eq!(absolute(line, Path::new("/a"), &lookup), expected, "{line}");
        }
    }
}
