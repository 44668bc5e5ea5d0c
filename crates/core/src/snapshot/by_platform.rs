//! Comparing what is for several systems at once, such as a bundle: each system with the same one on the other side.

use std::collections::BTreeSet;

use super::diff::{Change, Difference, Differences, compare};
use super::side::Side;

/// One side, or what it holds for one system.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The system, as `linux-x86_64`; none if the side has no name for it.
    pub platform: Option<String>,
    /// The marker that is true there, if it is known.
    pub marker: Option<String>,
    /// What is there.
    pub side: Side,
}

/// How two sides differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The differences, with the systems that they concern.
    pub found: Differences,
    /// The systems that were compared; none where no side names any.
    pub platforms: Vec<String>,
    /// The systems about which the other side says nothing.
    pub skipped: Vec<String>,
}

impl Part {
    /// A side for one system, which it does not name.
    pub fn only(side: Side) -> Self {
        Self { side, ..Self::default() }
    }
}

/// Compares two sides. `here` is the system of this machine, which counts where a side says nothing about its own;
/// `needed` returns what one side need not name.
pub fn compare_parts(
    a: &[Part],
    b: &[Part],
    here: &str,
    needed: &dyn Fn(&Side, &Side) -> BTreeSet<String>,
) -> Compared {
    let mut result = Compared::default();
    let mut alone = Vec::new();
    let pairs: Vec<(&Part, &Part)> = match (a, b) {
        ([a], [b]) => vec![(a, b)],
        ([one @ Part { platform: None, .. }], many) => {
            one_of(one, many, here, &mut result.skipped).map(|part| (one, part)).into_iter().collect()
        }
        (many, [one @ Part { platform: None, .. }]) => {
            one_of(one, many, here, &mut result.skipped).map(|part| (part, one)).into_iter().collect()
        }
        (a, b) => {
            alone.extend(without(a, b).map(|name| only_on(Some(name), None, Change::Removed)));
            alone.extend(without(b, a).map(|name| only_on(None, Some(name), Change::Added)));
            a.iter().filter_map(|part| Some((part, named(b, part)?))).collect()
        }
    };
    for (a, b) in &pairs {
        let found = compare(&a.side, &b.side, &needed(&a.side, &b.side));
        let platform = a.platform.as_ref().or(b.platform.as_ref());
        result.platforms.extend(platform.cloned());
        add(&mut result.found.python, found.python, platform);
        add(&mut result.found.packages, found.packages, platform);
    }
    let everywhere = pairs.len();
    for difference in result.found.python.iter_mut().chain(&mut result.found.packages) {
        if difference.platforms.len() == everywhere {
            difference.platforms.clear();
        }
    }
    result.found.packages.sort_by(|one, other| one.name.cmp(&other.name));
    result.found.python.extend(alone);
    result
}

/// The part for the system of a side that has only one.
fn one_of<'a>(one: &Part, parts: &'a [Part], here: &str, skipped: &mut Vec<String>) -> Option<&'a Part> {
    let own = one.side.python.as_ref().map_or("", |python| python.platform.as_str());
    let own = if own.is_empty() { here } else { own };
    let systems = parts.iter().map(|part| part.side.python.as_ref().map_or("", |python| &python.platform));
    let chosen = parts.get(position_for(own, systems));
    let others = parts.iter().filter(|part| chosen.is_none_or(|chosen| !std::ptr::eq(*part, chosen)));
    skipped.extend(others.filter_map(|part| part.platform.clone()));
    chosen
}

/// Returns which of several systems is meant where the other side is for this one: the same, or else the first.
pub fn position_for<'a>(own: &str, mut systems: impl Iterator<Item = &'a str>) -> usize {
    systems.position(|system| system == own).unwrap_or(0)
}

fn named<'a>(parts: &'a [Part], like: &Part) -> Option<&'a Part> {
    parts.iter().find(|part| part.platform == like.platform)
}

fn without<'a>(parts: &'a [Part], others: &[Part]) -> impl Iterator<Item = &'a str> {
    let names = parts.iter().filter(|part| named(others, part).is_none());
    names.map(|part| part.platform.as_deref().unwrap_or_default())
}

fn only_on(a: Option<&str>, b: Option<&str>, change: Change) -> Difference {
    let (a, b) = (a.map(str::to_owned), b.map(str::to_owned));
    Difference { name: "platform".into(), a, b, change, platforms: Vec::new() }
}

/// Adds the differences of one system to those of the others.
fn add(all: &mut Vec<Difference>, found: Vec<Difference>, platform: Option<&String>) {
    for new in found {
        let is_same = |known: &&mut Difference| {
            known.name == new.name && known.a == new.a && known.b == new.b && known.change == new.change
        };
        match all.iter_mut().find(is_same) {
            Some(known) => known.platforms.extend(platform.cloned()),
            None => all.push(Difference { platforms: platform.cloned().into_iter().collect(), ..new }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::side::{Facts, Recorded, Source};

    fn part(platform: Option<&str>, machine: &str, packages: &[(&str, &str)]) -> Part {
        let packages: Vec<_> = packages
            .iter()
            .map(|(name, version)| Recorded {
                name: (*name).into(),
                version: (*version).into(),
                source: Source::Unknown,
                hashes: Vec::new(),
            })
            .collect();
        let facts = Facts { platform: machine.into(), ..Facts::default() };
        let side = Side::of_recorded(&facts, &packages, false, None);
        Part { platform: platform.map(str::to_owned), marker: None, side }
    }

    fn shown(a: &[Part], b: &[Part]) -> (Vec<String>, Vec<String>) {
        let compared = compare_parts(a, b, "linux x86_64", &|_, _| BTreeSet::new());
        let differences = compared.found.python.iter().chain(&compared.found.packages);
        let line = |own: &Difference| {
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            format!("{} {} {} {}", own.name, text(&own.a), text(&own.b), own.platforms.join(","))
        };
        (differences.map(|own| line(own).trim_end().to_owned()).collect(), compared.skipped)
    }

    #[test]
    fn each_system_is_compared_with_the_same_one() {
        let linux = |version| part(Some("linux"), "linux x86_64", &[("click", version)]);
        let windows = |click, own| part(Some("windows"), "windows amd64", &[("click", click), ("colorama", own)]);
        let two = [linux("1"), windows("1", "4")];
        assert_eq!(shown(&two, &two.clone()), (vec![], vec![]));
        assert_eq!(shown(&two, &[windows("1", "5"), linux("1")]).0, ["colorama 4 5 windows"]);
        assert_eq!(shown(&two, &[linux("2"), windows("2", "4")]).0, ["click 1 2"]);
        assert_eq!(shown(&two, &[linux("1")]).0, ["platform windows -"]);
        assert_eq!(shown(&[linux("2")], &two).0, ["platform - windows", "click 2 1"]);
        let one_and_one = shown(&[linux("1")], &[windows("1", "4")]).0;
        assert_eq!(one_and_one, ["platform linux x86_64 windows amd64", "colorama - 4"]);
    }

    #[test]
    fn what_is_for_one_system_is_compared_with_that_one() {
        let two = [
            part(Some("windows"), "windows amd64", &[("click", "1")]),
            part(Some("linux"), "linux x86_64", &[("click", "2")]),
        ];
        let skipped = |name: &str| vec![name.to_owned()];
        for machine in ["", "linux x86_64"] {
            let own = [part(None, machine, &[("click", "2")])];
            assert_eq!(shown(&own, &two), (vec![], skipped("windows")));
            assert_eq!(shown(&two, &own), (vec![], skipped("windows")));
        }
        assert_eq!(shown(&[part(None, "windows amd64", &[("click", "1")])], &two), (vec![], skipped("linux")));
    }
}
