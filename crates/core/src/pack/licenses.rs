//! The licences of what an archive contains, from the metadata of its packages and the licence files next to it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::scan::{Item, Origin};
use crate::env::headers::Headers;
use crate::fs::order::Order as _;
use crate::fs::{PathContext, PathResult};

/// More than any licence, or the headers of any package.
const MAX_BYTES: u64 = 4 << 20;
/// The longest that a name of a licence is; some packages have the whole text there.
const MAX_NAME: usize = 100;
/// More notices than a reader wants from one package; the files have the others.
const MAX_NOTICES: usize = 20;

/// What one package says about its licence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Licensed {
    /// Its name and version.
    pub(super) package: String,
    /// The name of its licence, if it says one.
    pub(super) license: Option<String>,
    /// Who has the copyright, in the lines that say so.
    pub(super) notices: Vec<String>,
    /// The texts, where they are in the environment.
    pub(super) files: Vec<PathBuf>,
}

/// Returns what each package among the items of a tree says, in the order of their names.
pub(super) fn licenses(items: &[Item]) -> PathResult<Vec<Licensed>> {
    let mut found: BTreeMap<PathBuf, Licensed> = BTreeMap::new();
    for item in items {
        let Some((info, rest)) = metadata_directory(&item.path) else { continue };
        let is_metadata = rest == Path::new("METADATA") || rest == Path::new("PKG-INFO");
        let is_license = is_license(&rest);
        if !(is_metadata || is_license) {
            continue;
        }
        let Some(content) = content(item)? else { continue };
        let entry = found.entry(info).or_default();
        if is_metadata {
            let headers = Headers::parse(&content);
            let text = |name| headers.first(name).unwrap_or_default().to_string();
            entry.package = one_line(&format!("{} {}", text("Name"), text("Version")));
            entry.license = name_of(&headers);
        } else {
            entry.files.push(item.path.clone());
            add_notices(&mut entry.notices, &content);
        }
    }
    let mut found: Vec<_> = found.into_values().filter(|own| !own.package.is_empty()).collect();
    found.order_by_key(|own| own.package.to_lowercase());
    Ok(found)
}

/// The directory with the metadata that a file is in, and the rest of its path.
fn metadata_directory(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let mut info = PathBuf::new();
    let mut parts = path.components();
    while let Some(part) = parts.next() {
        info.push(part);
        let extension = info.extension();
        if extension.is_some_and(|extension| extension == "dist-info" || extension == "egg-info") {
            return Some((info, parts.as_path().to_path_buf()));
        }
    }
    None
}

fn is_license(rest: &Path) -> bool {
    let name = rest.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    ["license", "licence", "copying", "copyright", "notice"].iter().any(|start| name.starts_with(start))
}

fn content(item: &Item) -> PathResult<Option<Vec<u8>>> {
    let Origin::File(source) = &item.origin else { return Ok(None) };
    let mut content = Vec::new();
    source.open()?.take(MAX_BYTES).read_to_end(&mut content).at("read", source.path())?;
    Ok(Some(content))
}

/// The licence by its expression, else by its field, else by its classifiers.
fn name_of(headers: &Headers) -> Option<String> {
    let short = |name: &str| {
        let text = one_line(headers.first(name).unwrap_or_default());
        Some(text).filter(|text| !text.is_empty() && text.len() <= MAX_NAME && text != "UNKNOWN")
    };
    let classified = || {
        let of = |text: &str| Some(one_line(text.strip_prefix("License ::")?.rsplit(" :: ").next()?));
        let names: Vec<String> = headers.all("Classifier").filter_map(|text| of(&text)).collect();
        Some(names.join(", ")).filter(|text| !text.is_empty())
    };
    short("License-Expression").or_else(|| short("License")).or_else(classified)
}

/// Adds the lines that name a year and a holder.
fn add_notices(notices: &mut Vec<String>, content: &[u8]) {
    for line in String::from_utf8_lossy(content).lines() {
        let line = one_line(line);
        let lower = line.to_lowercase();
        let is_notice = lower.starts_with("copyright") || lower.starts_with("(c)") || line.starts_with('\u{a9}');
        let years = line.as_bytes().windows(4).any(|four| four.iter().all(u8::is_ascii_digit));
        if is_notice && years && notices.len() < MAX_NOTICES && !notices.contains(&line) {
            notices.push(line);
        }
    }
}

/// A text without what would end a line or reach a terminal.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::scan;

    fn found(files: &[(&str, &str)]) -> Vec<Licensed> {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        licenses(&scan::scan(root.path(), &|_, _| true).unwrap().items).unwrap()
    }

    #[test]
    fn packages_are_listed_with_their_licences_and_notices() {
        let classifiers = "Classifier: Topic :: Internet\nClassifier: License :: OSI Approved :: MIT License\n";
        let found = found(&[
            ("s/b-1.dist-info/METADATA", "Name: b\nVersion: 1\nLicense-Expression: BSD-3-Clause\nLicense: x\n"),
            (
                "s/b-1.dist-info/licenses/LICENSE.txt",
                "A\n  Copyright 2010 Pallets\nCopyright holders\nCopyright 2010 Pallets\n",
            ),
            ("s/A-1.dist-info/METADATA", &format!("Name: A\nVersion: 1\nLicense: UNKNOWN\n{classifiers}")),
            ("s/c.egg-info/PKG-INFO", &format!("Name: c\nVersion: 1\nLicense: {}\n", "long ".repeat(40))),
            ("s/c.egg-info/top_level.txt", "c\n"),
            ("s/x.dist-info/COPYING", "no metadata: Copyright 1999 x\n"),
        ]);
        let shown: Vec<_> = found.iter().map(|own| (own.package.as_str(), own.license.as_deref())).collect();
        assert_eq!(shown, [("A 1", Some("MIT License")), ("b 1", Some("BSD-3-Clause")), ("c 1", None)]);
        assert_eq!(found[1].notices, ["Copyright 2010 Pallets"]);
        assert_eq!(found[1].files, [Path::new("s/b-1.dist-info/licenses/LICENSE.txt")]);
    }

    #[test]
    fn what_ends_a_line_is_left_out() {
        let found = found(&[("s/b.dist-info/METADATA", "Name: b\u{1b}[2J\nVersion: 1\nLicense: M\u{7}IT\n")]);
        assert_eq!((found[0].package.as_str(), found[0].license.as_deref()), ("b[2J 1", Some("MIT")));
    }
}
