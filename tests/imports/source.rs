//! The source text of a crate, reduced to the code that the program is made of.

use std::collections::BTreeMap;
use std::path::Path;

/// Returns every source file below a directory with its code; the paths are relative to it.
pub(super) fn read(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    collect(root, root, &mut files);
    let tests: Vec<String> = files.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    files.retain(|path, _| {
        !tests.iter().any(|test| path == &format!("{test}.rs") || path.starts_with(&format!("{test}/")))
    });
    files.into_iter().map(|(path, text)| (path, code(&text))).collect()
}

fn collect(root: &Path, directory: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Returns the modules that a file declares for tests only, as paths without `.rs`.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let declared = lines.windows(2).filter(|pair| pair[0].trim() == "#[cfg(test)]").filter_map(|pair| {
        let rest = pair[1].trim().strip_prefix("pub(crate) ").unwrap_or(pair[1].trim());
        rest.strip_prefix("mod ")?.strip_suffix(';')
    });
    declared.map(|name| super::paths::child_path(path, name)).collect()
}

/// Returns the code without comments, strings and what only tests see, line for line.
pub(super) fn code(text: &str) -> String {
    let mut result = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            skip_item(line, &mut lines, &mut result);
        } else {
            result.push_str(without_comment(line));
        }
        result.push('\n');
    }
    result
}

/// Skips the item after `#[cfg(test)]`, which the formatter ends with a line as far to the left as its first one.
fn skip_item<'a>(attribute: &str, lines: &mut impl Iterator<Item = &'a str>, result: &mut String) {
    let indent = &attribute[..attribute.len() - attribute.trim_start().len()];
    let ends = [format!("{indent}}}"), format!("{indent}}};"), format!("{indent})")];
    let mut is_open = false;
    for line in lines {
        result.push('\n');
        is_open |= line.ends_with(['{', '(']);
        let is_end = if is_open { ends.iter().any(|end| line == end) } else { line.ends_with([';', '}', ',']) };
        if is_end {
            return;
        }
    }
}

fn without_comment(line: &str) -> &str {
    // A path in a string after `//`, as in an address, imports nothing either.
    line.split("//").next().unwrap_or(line)
}
