//! The differences between two environments, or an environment and a file.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;

use pep440_rs::Version;

use super::python::Python;
use super::requirement::Requirement;
use super::requirements::NotFor;
use super::side::{Facts, Package, Side, Source};
use crate::env::distributions::Installed;
use crate::env::packages::minor_of;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The normalised name of the package; of the Python `python`, `implementation`, `platform`, `system packages` or
    /// `environments`, which a lock names.
    pub name: String,
    /// What is on the first side.
    pub a: Option<String>,
    /// What is on the second side.
    pub b: Option<String>,
    /// How the second side differs from the first.
    pub change: Change,
    /// The systems that it concerns, if the sides are for several; none if it concerns all of them.
    pub platforms: Vec<String>,
}

/// How the second side differs from the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is only on the second side.
    Added,
    /// It is only on the first side.
    Removed,
    /// The second side has a newer version.
    Upgraded,
    /// The second side has an older version.
    Downgraded,
    /// It differs in a way that has no order.
    Changed,
    /// One side has a version that the other side excludes.
    Violated,
    /// It comes from another place.
    Source,
    /// The files of a project are imported on one side only.
    Editable,
    /// The archives have no hash in common.
    Hash,
}

/// The differences: first of the Python, then of the packages by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Of the Python.
    pub python: Vec<Difference>,
    /// Of the packages.
    pub packages: Vec<Difference>,
}

impl Differences {
    /// Returns whether both sides are equal.
    pub fn is_empty(&self) -> bool {
        self.python.is_empty() && self.packages.is_empty()
    }
}

/// Compares two sides. `needed` are the packages that one side need not name, because what
/// it names needs them.
pub fn compare(a: &Side, b: &Side, needed: &BTreeSet<String>) -> Differences {
    let mut differences = Differences { python: compare_python(a, b), packages: Vec::new() };
    for (side, is_first) in [(a, true), (b, false)] {
        // The version that a lock was made with tells the same.
        let told = |other: &&NotFor| differences.python.iter().any(|known| known.name == other.subject);
        let Some(other) = side.not_for.as_ref().filter(|other| !told(other)) else { continue };
        let (wanted, found) = (Some(other.wanted.clone()), Some(other.found.clone()));
        let (a, b) = if is_first { (wanted, found) } else { (found, wanted) };
        let (name, change, platforms) = (other.subject.to_owned(), Change::Violated, Vec::new());
        differences.python.push(Difference { name, a, b, change, platforms });
    }
    let names: BTreeSet<_> = a.packages.keys().chain(b.packages.keys()).collect();
    for name in names {
        let (on_a, on_b) = (a.packages.get(name), b.packages.get(name));
        let change = match (on_a, on_b) {
            (Some(on_a), Some(on_b)) => compare_package(on_a, on_b),
            (Some(only), None) => (!only.is_optional && !needed.contains(name)).then_some(Change::Removed),
            (None, Some(only)) => (!only.is_optional && !needed.contains(name)).then_some(Change::Added),
            (None, None) => None,
        };
        if let Some(change) = change {
            let (a, b) = (on_a.map(Package::shown), on_b.map(Package::shown));
            differences.packages.push(Difference { name: name.clone(), a, b, change, platforms: Vec::new() });
        }
    }
    differences
}

/// Returns the packages of an environment that are there because those that a side names need them; none for a side
/// that names all of them.
pub fn needed(installed: &Installed, python: &Python, side: &Side) -> BTreeSet<String> {
    if side.is_complete {
        return BTreeSet::new();
    }
    let named = side.packages.iter().map(|(key, package)| (key.clone(), package.extras.clone())).collect();
    with_needed(installed, python, named)
}

/// Returns those of some packages, named with their extras, that are installed, and all that they need.
pub(super) fn with_needed(
    installed: &Installed,
    python: &Python,
    mut open: Vec<(String, Vec<String>)>,
) -> BTreeSet<String> {
    let by_key: HashMap<_, _> = installed.distributions.iter().map(|found| (found.key.as_str(), found)).collect();
    let mut seen: HashSet<(String, Vec<String>)> = HashSet::new();
    while let Some(next) = open.pop() {
        if !seen.insert(next.clone()) {
            continue;
        }
        let (key, extras) = next;
        let Some(distribution) = by_key.get(key.as_str()) else { continue };
        for requirement in distribution.requirements().iter().filter_map(|text| Requirement::parse(text)) {
            let mut extras = std::iter::once(None).chain(extras.iter().map(|extra| Some(extra.as_str())));
            let counts = requirement
                .marker
                .as_ref()
                .is_none_or(|marker| extras.any(|extra| marker.holds(&python.markers, extra).unwrap_or_default()));
            if counts {
                open.push((requirement.key(), requirement.extras));
            }
        }
    }
    // What is named and not installed is missing.
    seen.into_iter().map(|(key, _)| key).filter(|key| by_key.contains_key(key.as_str())).collect()
}

fn compare_python(a: &Side, b: &Side) -> Vec<Difference> {
    let (Some(a), Some(b)) = (&a.python, &b.python) else { return Vec::new() };
    let field = |name: &str, of: fn(&Facts) -> &String| {
        let (a, b) = (of(a), of(b));
        let is_known = !a.is_empty() && !b.is_empty() && !is_same_minor(a, b);
        let change = compare_versions(a, b).filter(|_| is_known)?;
        let name = name.to_owned();
        Some(Difference { name, a: Some(a.clone()), b: Some(b.clone()), change, platforms: Vec::new() })
    };
    let fields = [
        field("python", |facts| &facts.version),
        field("implementation", |facts| &facts.implementation),
        field("platform", |facts| &facts.platform),
        field("system packages", |facts| &facts.system_packages),
    ];
    fields.into_iter().flatten().collect()
}

/// Returns whether one version is only known as `3.12`, and the other is one of these.
fn is_same_minor(a: &str, b: &str) -> bool {
    let is_short = |text: &str| text.split('.').count() == 2;
    (is_short(a) || is_short(b)) && minor_of(a).is_some_and(|own| Some(own) == minor_of(b))
}

fn compare_package(a: &Package, b: &Package) -> Option<Change> {
    if a.not_for.is_some() || b.not_for.is_some() {
        return Some(Change::Violated);
    }
    let by_version = match (&a.version, &b.version) {
        (Some(on_a), Some(on_b)) => compare_versions(on_a, on_b).or_else(|| {
            let is_fine = a.specifiers.admit_text(on_b) && b.specifiers.admit_text(on_a);
            (!is_fine).then_some(Change::Violated)
        }),
        (Some(version), None) => (!b.specifiers.admit_text(version)).then_some(Change::Violated),
        (None, Some(version)) => (!a.specifiers.admit_text(version)).then_some(Change::Violated),
        (None, None) => (a.specifiers.to_string() != b.specifiers.to_string()).then_some(Change::Changed),
    };
    // A constraint says nothing about where a package comes from, and neither does an open requirement.
    let is_open =
        |package: &Package| package.is_optional || (package.version.is_none() && package.source == Source::Index);
    if by_version.is_some() || is_open(a) || is_open(b) {
        return by_version;
    }
    match (a.origin(), b.origin()) {
        (Source::Unknown, _) | (_, Source::Unknown) => other_hash(a, b),
        (Source::Editable(_), other) | (other, Source::Editable(_)) if !matches!(other, Source::Editable(_)) => {
            Some(Change::Editable)
        }
        // A repository is named on one side only: the directory is the same.
        (Source::Editable(_), Source::Editable(_)) if a.project.is_some() && a.project == b.project => None,
        (a, b) if !a.is_same(b) => Some(Change::Source),
        _ => other_hash(a, b),
    }
}

fn other_hash(a: &Package, b: &Package) -> Option<Change> {
    // A set: a file may name any number of them.
    let known: HashSet<_> = a.hashes.iter().collect();
    let is_common = b.hashes.iter().any(|hash| known.contains(hash));
    (!a.hashes.is_empty() && !b.hashes.is_empty() && !is_common).then_some(Change::Hash)
}

/// Compares versions: `1.0` equals `1.0.0`, and `1.0+local` is newer than `1.0`.
fn compare_versions(a: &str, b: &str) -> Option<Change> {
    match (Version::from_str(a), Version::from_str(b)) {
        (Ok(a), Ok(b)) => match a.cmp(&b) {
            Ordering::Less => Some(Change::Upgraded),
            Ordering::Greater => Some(Change::Downgraded),
            Ordering::Equal => None,
        },
        _ => (a != b).then_some(Change::Changed),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::snapshot::marker::MarkerValues;
    use crate::snapshot::pins::{PinError, Pins};
    use crate::snapshot::pylock;
    use crate::snapshot::requirements::Requirements;
    use crate::snapshot::side::Recorded;

    #[test]
    fn urls_are_one_place_without_credentials_and_with_the_values_of_variables() {
        let wanted = |text: &str| {
            let found = Requirements::parse_with(text.as_bytes(), Path::new("/"), "-", &|name| match name {
                "HOST" => Some("h".into()),
                "TOKEN" => Some("s3cret".into()),
                "EMPTY" => Some("".into()),
                _ => None,
            });
            Side::of_requirements(&found.unwrap(), None).unwrap()
        };
        for (text, installed, is_same) in [
            ("a @ http://bob:pw@h/a.whl", "a @ http://h/a.whl", true),
            ("a @ http://${U}:${TOKEN}@h/a.whl", "a @ http://h/a.whl", true),
            ("a @ https://${HOST}/a.whl?token=${TOKEN}", "a @ https://h/a.whl?token=other", true),
            ("a @ https://h/${EMPTY}/${host}/${", "a @ https://h/${EMPTY}/${host}/${", true),
            ("a @ https://${HOST}/a.whl", "a @ https://other/a.whl", false),
            ("a @ https://h/${TOKEN}/a.whl", "a @ https://h/s3cret/a.whl", true),
            ("a @ git+https://${TOKEN}@h/r@1", "a @ git+https://h/r@1", true),
            ("a @ git+ssh://git@h/r@1", "a @ git+ssh://git@h/r@1", true),
            ("a @ git+ssh://git@h/r@1", "a @ git+ssh://me@h/r@1", false),
            ("a @ git+ssh://me@h/r@1", "a @ git+ssh://h/r@1", true),
            ("-e git+https://${TOKEN}@${HOST}/r@1#egg=a", "-e git+https://h/r@1#egg=a", true),
            ("a @ http://h@x/a.whl", "a @ http://h/a.whl", false),
        ] {
            let found = compare(&side(installed), &wanted(text), &BTreeSet::new());
            assert_eq!(found.is_empty(), is_same, "{text}: {found:?}");
            assert!(!wanted(text).packages["a"].shown().contains("s3cret"), "{text}");
        }
    }

    fn parse(text: &str) -> Result<Side, PinError> {
        Side::of_requirements(&Requirements::parse(text.as_bytes(), Path::new("/"), "-").unwrap(), None)
    }

    fn side(text: &str) -> Side {
        parse(text).unwrap()
    }

    fn changes(a: &str, b: &str) -> Vec<(String, Change)> {
        let found = compare(&side(a), &side(b), &BTreeSet::new());
        found.python.into_iter().chain(found.packages).map(|found| (found.name, found.change)).collect()
    }

    fn one(a: &str, b: &str) -> Option<Change> {
        changes(a, b).into_iter().next().map(|(_, change)| change)
    }

    #[test]
    fn equal_is_what_means_the_same() {
        for (a, b) in [
            ("Django==5.0", "django==5"),
            ("a_b==1.0.0", "A.B==1"),
            ("a==1.4", "a>=1,<2"),
            ("a==3.1.4", "a==3.1.*"),
            ("a==2.0rc1", "a>=1"),
            ("-e git+https://u:p@x/r@1#egg=a", "-e git+https://****@x/r@1#egg=a"),
            ("a @ https://x/a.zip#sha256=1&subdirectory=s", "a @ https://x/a.zip#subdirectory=s"),
            ("a==1", "a==1\n# comment\n"),
            ("a==1 --hash=sha256:1 --hash=sha256:2", "a==1 --hash=sha256:2"),
        ] {
            assert_eq!(changes(a, b), [], "{a} | {b}");
        }
    }

    #[test]
    fn every_change_has_a_name() {
        for (a, b, change) in [
            ("", "a==1", Change::Added),
            ("a==1", "", Change::Removed),
            ("a==1", "a==1.0.1", Change::Upgraded),
            ("a==1.0+cu118", "a==1.0", Change::Downgraded),
            ("a===old", "a===new", Change::Changed),
            ("a==2", "a<2", Change::Violated),
            ("a>1", "a==1", Change::Violated),
            ("a @ https://x/1.whl", "a @ https://x/2.whl", Change::Source),
            ("a @ https://x/1.whl#sha256=1", "a @ https://x/1.whl#sha256=2", Change::Hash),
            ("a==1", "-e git+https://x#egg=a", Change::Editable),
            ("a==1 --hash=sha256:1", "a==1 --hash=sha256:2", Change::Hash),
            ("# python: 3.12.1", "# python: 3.13.0", Change::Upgraded),
        ] {
            assert_eq!(one(a, b), Some(change), "{a} | {b}");
        }
    }

    /// A lock says for which Python and system it is, and each of its packages is.
    #[test]
    fn a_lock_for_something_else_is_different() {
        let package = "[[packages]]\nname = \"a\"\nversion = \"1\"\n\
            sdist = {url = \"https://x\", hashes = {sha256 = \"1\"}}\n";
        let markers = MarkerValues {
            python_full_version: "3.12.1".into(),
            python_version: "3.12".into(),
            sys_platform: "linux".into(),
            platform_machine: "x86_64".into(),
            ..MarkerValues::default()
        };
        let environments = "environments = [\"sys_platform == 'win32'\"]\n";
        for (head, tail, expected) in [
            ("requires-python = '>=3.9'\n", "requires-python = '>=3.12'\n", None),
            ("requires-python = '>=3.14'\n", "", Some(("python", ">=3.14"))),
            (environments, "", Some(("environments", "sys_platform == 'win32'"))),
            ("", "requires-python = '<3.10'\n", Some(("a", "1 (Python <3.10)"))),
            ("", "marker = \"os_name == 'nt'\"\nrequires-python = '<3.10'\n", None),
        ] {
            let text = format!("lock-version = \"1.0\"\n{head}{package}{tail}");
            let requirements = pylock::parse(&text, Path::new("/")).unwrap();
            let lock = Side::of_requirements(&requirements, Some(&markers)).unwrap();
            let other = side(if lock.packages.is_empty() { "" } else { "a==1" });
            for is_first in [true, false] {
                let (a, b) = if is_first { (&lock, &other) } else { (&other, &lock) };
                let found = compare(a, b, &BTreeSet::new());
                let found: Vec<_> = found.python.into_iter().chain(found.packages).collect();
                let shown = found.first().map(|found| {
                    assert_eq!(found.change, Change::Violated);
                    (&*found.name, if is_first { found.a.as_deref() } else { found.b.as_deref() }.unwrap())
                });
                assert_eq!((shown, found.len()), (expected, expected.iter().count()), "{text}");
            }
            let refused = matches!(Pins::of(&requirements, Some(&markers)), Err(PinError::NotFor { .. }));
            assert_eq!(refused, expected.is_some_and(|(name, _)| name == "a"), "{text}");
        }
    }

    #[test]
    fn a_project_is_equal_to_its_repository_where_both_sides_know_its_directory() {
        let of = |line: &str, project: Option<&str>| {
            let mut found = side(line);
            for package in found.packages.values_mut() {
                package.project = project.map(str::to_owned).or(package.project.take());
            }
            found
        };
        let change = |a: &Side, b: &Side| compare(a, b, &BTreeSet::new()).packages.first().map(|found| found.change);
        let repository = "-e git+https://x/p@1#egg=p";
        let directory = "# Editable install (p==1)\n-e file:///home/p\n";
        let of_environment = of(repository, Some("/home/p"));
        assert_eq!(change(&of_environment, &side(directory)), None);
        assert_eq!(change(&side(directory), &of_environment), None);
        assert_eq!(change(&of_environment, &side(&directory.replace("home", "other"))), Some(Change::Source));
        assert_eq!(change(&of_environment, &side(repository)), None);
        assert_eq!(change(&of_environment, &side(&repository.replace("@1", "@2"))), Some(Change::Source));
        assert_eq!(change(&side(repository), &side(directory)), Some(Change::Source));
    }

    #[test]
    fn what_is_not_recorded_is_no_difference() {
        let recorded = |source| Recorded { name: "A_b".into(), version: "1.0".into(), source, hashes: Vec::new() };
        let of = |python: &str, source| {
            let facts = Facts { version: python.into(), ..Facts::default() };
            Side::of_recorded(&facts, &[recorded(source)], false, None)
        };
        let url = Source::Url("https://x/a.zip".into());
        let changes = |a: &Side, b: &Side| {
            let found = compare(a, b, &BTreeSet::new());
            found.python.into_iter().chain(found.packages).map(|own| own.change).collect::<Vec<_>>()
        };
        let known = side("# python: 3.12.1\na-b @ https://x/a.zip");
        assert_eq!(changes(&known, &of("3.12", Source::Unknown)), []);
        assert_eq!(changes(&known, &of("3.12.1", url)), []);
        assert_eq!(changes(&known, &of("3.12.1", Source::Index)), [Change::Source]);
        assert_eq!(changes(&known, &of("3.13", Source::Unknown)), [Change::Upgraded]);
        assert_eq!(changes(&known, &of("3.12.2", Source::Unknown)), [Change::Upgraded]);
    }

    #[test]
    fn several_lines_limit_each_other() {
        assert_eq!(one("a==2", "a>=1\na<2\n"), Some(Change::Violated));
        assert_eq!(one("a==1", "a>=1\na<2\n"), None);
        assert!(!side("a>=1\nb==1").is_complete && side("b==1").is_complete);
    }

    #[test]
    fn lines_that_exclude_each_other_are_refused() {
        for (text, first, second) in [
            ("a==1\nb==1\nA==2\n", "1", "2"),
            ("a @ https://x/1.zip\na @ https://x/2.zip\n", "a @ https://x/1.zip", "a @ https://x/2.zip"),
            ("a==1\n-e git+https://x#egg=a\n", "1", "-e git+https://x#egg=a"),
        ] {
            let expected = format!("`a` is named twice, with versions {first} and {second}");
            assert_eq!(parse(text).unwrap_err().to_string(), expected);
        }
        for text in ["a==1,<1\n", "a==1\na<1\n", "a!=1.0\na==1\n", "a==1\nb\na>=2\n"] {
            let told = parse(text).unwrap_err().to_string();
            assert!(told.starts_with("`a==1` is excluded by `a"), "{text}: {told}");
        }
        for text in ["a==1\na==1.0\n", "a==1\na>=1\na\n", "a @ https://x/1.zip\na\n"] {
            assert_eq!(side(text).packages.len(), 1, "{text}");
        }
    }
}
