//! Which packages pip takes only as wheels, and which never.

use std::collections::BTreeSet;

use crate::env::packages::normalized;
use crate::fs::ini::is_blank;

/// All packages.
const ALL: &str = ":all:";
/// No package: takes back what was said before.
const NONE: &str = ":none:";

/// What `no-binary` and `only-binary` say together: pip adds what every file and variable says, and a package is in one of
/// the two sets at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FormatControl {
    /// Packages that are built from source, or `:all:`.
    pub(super) no_binary: BTreeSet<String>,
    /// Packages of which only wheels are taken, or `:all:`.
    pub(super) only_binary: BTreeSet<String>,
}

impl FormatControl {
    /// Goes through settings in pip's order.
    pub(super) fn read<'a>(settings: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut control = Self::default();
        for (key, value) in settings {
            match key {
                "no-binary" => take(value, &mut control.no_binary, &mut control.only_binary),
                "only-binary" => take(value, &mut control.only_binary, &mut control.no_binary),
                _ => {}
            }
        }
        control
    }

    /// Returns the setting that uv reads otherwise, if there is one: it knows no exceptions from `:all:` on the other side,
    /// and pip's mistakes are pip's to tell.
    pub(super) fn not_for_uv(&self) -> Option<&'static str> {
        let is_odd = |set: &BTreeSet<String>| set.iter().any(|name| name.starts_with('-') || name.contains(is_blank));
        let is_against = |all: &BTreeSet<String>, other: &BTreeSet<String>| all.contains(ALL) && !other.is_empty();
        if is_odd(&self.no_binary) || is_against(&self.no_binary, &self.only_binary) {
            return Some("no-binary");
        }
        let is_only = is_odd(&self.only_binary) || is_against(&self.only_binary, &self.no_binary);
        is_only.then_some("only-binary")
    }
}

fn take(value: &str, target: &mut BTreeSet<String>, other: &mut BTreeSet<String>) {
    let mut names: Vec<&str> = value.split(',').collect();
    while let Some(at) = names.iter().position(|name| *name == ALL) {
        other.clear();
        *target = BTreeSet::from([ALL.to_owned()]);
        names.drain(..=at);
        if !names.contains(&NONE) {
            return;
        }
    }
    for name in names {
        if name == NONE {
            target.clear();
        } else {
            // pip refuses a value with a dash in front: it stays what it is.
            let name = if name.starts_with('-') { name.to_owned() } else { normalized(name) };
            other.remove(&name);
            target.insert(name);
        }
    }
}
