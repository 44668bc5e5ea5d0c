//! What the words of uv and pip mean.

use venvwrap_core::env::packages::normalized;

use crate::ui::printer;

/// Returns the package that pip has not found because there are only source archives of it. `log` is what pip has written
/// to a file: aloud, it says the same of a name that no index has, of an index that cannot be reached or refuses the user,
/// and of wheels that are all for others.
pub(super) fn only_source(words: &str, log: &str) -> Option<String> {
    let name = unknown(words).filter(|_| words.contains("(from versions: none)"))?;
    let mut passed_over =
        log.lines().filter_map(|line| line.split_once("No sources permitted for ")?.1.split_once(':'));
    passed_over.any(|(other, _)| normalized(other) == name).then_some(name)
}

/// Returns the lines of its log that say why pip has not read the pages of the package that it has not found.
pub(super) fn unfetched(words: &str, log: &str) -> String {
    let Some(page) = unknown(words).map(|name| format!("/{name}/: ")) else { return String::new() };
    let reasons = log.lines().filter_map(|line| line.find("Could not fetch URL ").map(|at| &line[at..]));
    reasons.filter(|reason| reason.contains(&page)).flat_map(|reason| [reason, "\n"]).collect()
}

/// Returns whether an index has refused the user.
pub(super) fn is_denied(words: &str) -> bool {
    ["401 Client Error", "403 Client Error", "401 Unauthorized", "403 Forbidden"]
        .iter()
        .any(|said| words.contains(said))
}

/// The package that pip has not found.
fn unknown(words: &str) -> Option<String> {
    words.lines().find_map(|line| name_of(line.split_once("No matching distribution found for ")?.1))
}

/// Warns of packages that were withdrawn.
pub(super) fn warn_of_yanked(words: &str) {
    for package in words.lines().filter_map(yanked) {
        printer::warning(&format!("`{package}` is yanked: its authors have withdrawn it"));
    }
}

/// The package in a line of uv or pip that warns of one that was withdrawn.
fn yanked(line: &str) -> Option<String> {
    let by_uv = || Some(line.strip_prefix("warning: `")?.split_once("` is yanked")?.0.to_owned());
    let by_pip = || {
        let (_, rest) = line.split_once("is a yanked version: '")?;
        let (name, rest) = rest.split_once("' candidate (version ")?;
        let version = rest.split([' ', ')']).next()?;
        Some(format!("{name}=={version}"))
    };
    by_uv().or_else(by_pip)
}

/// The package of which uv says that it has no wheel.
pub(super) fn without_wheel(words: &str) -> Option<String> {
    let hint = words.split("Wheels are required for `").nth(1)?;
    name_of(hint.split('`').next()?)
}

/// The normalised name at the beginning of a text.
fn name_of(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let name = normalized(&text[..end]);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_without_a_wheel_is_found_in_the_words() {
        let words = "error: x\n\nhint: Wheels are required for `Foo_bar` because building from source is disabled\n";
        assert_eq!(without_wheel(words).as_deref(), Some("foo-bar"));
        assert_eq!(without_wheel("error: no\n"), None);
        let by_pip = "WARNING: The candidate selected for download or install is a yanked version: 'alpha' candidate \
                      (version 2.0 at http://x/alpha-2.0-py3-none-any.whl (from http://x/simple/alpha/))";
        for line in ["warning: `alpha==2.0` is yanked (reason: \"no\")", by_pip] {
            assert_eq!(yanked(line).as_deref(), Some("alpha==2.0"));
        }
        assert_eq!(yanked("warning: other"), None);
        assert_eq!(name_of("docopt==0.6.2").as_deref(), Some("docopt"));
        assert_eq!(name_of("=="), None);
    }

    #[test]
    fn what_has_only_source_archives_is_told_from_what_is_not_there() {
        let words = "ERROR: Could not find a version that satisfies the requirement Foo_Bar>1 (from versions: none)\n\
                     ERROR: No matching distribution found for Foo_Bar>1\n";
        let source =
            "2026-01-01T00:00:00,1   Skipping link: No sources permitted for foo-bar: https://x/foo_bar-2.tar.gz\n";
        let other = source.replace("for foo-bar", "for other");
        assert_eq!(only_source(words, source).as_deref(), Some("foo-bar"));
        assert_eq!(only_source(words, &other), None);
        assert_eq!(only_source(&words.replace("none", "1.0"), source), None, "another version is wanted");
        let log = "2026-01-01T00:00:00,1 Could not fetch URL http://x/simple/foo-bar/: 401 Client Error: No - skipping\n\
                   2026-01-01T00:00:00,2 Could not fetch URL http://x/simple/other/: 404 - skipping\n";
        assert_eq!(only_source(words, log), None);
        let told = unfetched(words, log);
        assert_eq!(told, "Could not fetch URL http://x/simple/foo-bar/: 401 Client Error: No - skipping\n");
        assert!(is_denied(&told) && !is_denied(words));
        assert_eq!(unfetched("ERROR: no", log), "");
    }
}
