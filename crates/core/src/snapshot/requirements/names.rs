//! The name of a project, found in a URL, the name of an archive, or the files of the project.

use std::path::Path;

use crate::env::packages::normalized;
use crate::fs::{self, ini::Ini};
use crate::snapshot::requirement::Requirement;

/// The largest `pyproject.toml` that is read, in bytes.
const MAX_PROJECT_BYTES: u64 = 1 << 20;

/// Returns the name in the fragment of a URL: `#egg=NAME`.
pub(super) fn name_of_url(url: &str) -> Option<String> {
    let (_, fragment) = url.split_once('#')?;
    let name = fragment.split('&').find_map(|part| part.strip_prefix("egg="))?;
    let name = name.split(['[', '=', '<', '>']).next().unwrap_or_default();
    (!normalized(name).is_empty()).then(|| normalized(name))
}

/// Returns the name in the file name of a wheel or source distribution.
pub(super) fn name_of_archive(place: &str) -> Option<String> {
    let file = place.split(['#', '?']).next()?.rsplit('/').next()?;
    let name = match file.strip_suffix(".whl") {
        Some(wheel) => wheel.split('-').next()?,
        None => [".tar.gz", ".zip", ".tar.bz2"].iter().find_map(|end| file.strip_suffix(end))?.rsplit_once('-')?.0,
    };
    Requirement::parse(name).map(|requirement| requirement.key())
}

/// Returns the pin in the comment that pip writes above the path of an editable project, and we too.
pub(super) fn pin_in_comment(comment: &str) -> Option<String> {
    let (_, rest) = comment.strip_prefix("# Editable ")?.rsplit_once('(')?;
    let pin = rest.split_once(')')?.0;
    Requirement::parse(pin).filter(|found| found.specifiers.pinned().is_some()).map(|_| pin.to_owned())
}

/// Puts extras into a pin.
pub(super) fn with_extras(pin: &str, extras: &str) -> String {
    let end = pin.find('=').unwrap_or(pin.len());
    format!("{}{extras}{}", &pin[..end], &pin[end..])
}

/// Returns the name that the files of a project give it.
pub(super) fn project_name(project: &Path) -> Option<String> {
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

/// Returns the name in `setup.cfg`, as far as the file can be read.
fn name_in_cfg(text: &str) -> Option<String> {
    let (ini, _) = Ini::read(text.strip_prefix('\u{feff}').unwrap_or(text), &str::to_owned);
    let entries = ini.entries("metadata");
    let entry = entries.iter().find(|entry| entry.key == "name")?;
    Requirement::parse(&entry.value).map(|requirement| requirement.key())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_setup_cfg_is_found_as_far_as_it_can_be_read() {
        for text in
            ["[metadata]\nname = My.Name\n", "\u{feff}[metadata]\nname: my-name\n", "foo\n[metadata]\nname=my_name"]
        {
            assert_eq!(name_in_cfg(text).as_deref(), Some("my-name"), "{text:?}");
        }
        assert_eq!(name_in_cfg("[other]\nname = x\n"), None);
    }
}
