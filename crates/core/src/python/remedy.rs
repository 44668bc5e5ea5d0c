//! What helps an environment whose Python is gone, told by the names of those that are there: none is started.

use std::path::Path;

use super::choose::has_candidate_for_existing;
use super::context::Search;
use super::find::candidates;
use super::names::Guess;
use super::version::Implementation;
use crate::env::BIN;
use crate::env::packages::{library_directories, version_of};

/// What gives an environment a Python that works again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// A repair: there is another Python of its version.
    Repair,
    /// An upgrade to this version, because no Python of its own is left: the nearest that is there, such as `3.12`; none if
    /// the names tell of none. It may be its own where its programs are lost.
    Upgrade(Option<String>),
}

/// Returns what helps an environment whose Python is gone.
pub fn remedy(environment: &Path, search: &Search<'_>) -> Remedy {
    let libraries = library_directories(environment);
    if has_candidate_for_existing(environment, search) {
        if environment.join(BIN).is_dir() {
            return Remedy::Repair;
        }
        return Remedy::Upgrade(libraries.first().map(|library| Guess::of_directory(library).to_string()));
    }
    if libraries.iter().any(|library| Guess::of_directory(library).implementation != Some(Implementation::CPython)) {
        // What would run the packages of another implementation is the user's choice.
        return Remedy::Upgrade(None);
    }
    let old = libraries.first().and_then(|library| version_of(library)).map(|(_, minor)| minor);
    let found = candidates(search).filter_map(|candidate| release(&candidate.guess));
    Remedy::Upgrade(nearest(old, found).map(|minor| format!("3.{minor}")))
}

/// The minor version of a release of CPython 3 that a name tells.
fn release(guess: &Guess) -> Option<u32> {
    let is_ordinary = !guess.is_prerelease
        && !guess.is_free_threaded
        && guess.major == Some(3)
        && guess.implementation.is_none_or(|implementation| implementation == Implementation::CPython);
    guess.minor.filter(|_| is_ordinary)
}

/// The nearest newer version, for which packages are likeliest to exist; else the newest of the older ones.
fn nearest(old: Option<u32>, found: impl Iterator<Item = u32>) -> Option<u32> {
    let (newer, older): (Vec<_>, Vec<_>) = found.partition(|minor| old.is_some_and(|old| *minor > old));
    newer.into_iter().min().or_else(|| older.into_iter().max())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_newer_version_is_named_else_the_newest() {
        let of = |old, found: &[u32]| nearest(old, found.iter().copied());
        assert_eq!(of(Some(11), &[9, 13, 12, 14]), Some(12));
        assert_eq!(of(Some(13), &[9, 12, 11]), Some(12));
        assert_eq!(of(None, &[9, 12, 11]), Some(12));
        assert_eq!(of(Some(11), &[]), None);
    }

    #[test]
    fn what_is_no_ordinary_release_is_not_proposed() {
        for (name, expected) in [
            ("python3.12", Some(12)),
            ("python3.13t", None),
            ("pypy3.10", None),
            ("python3", None),
            ("python2.7", None),
        ] {
            assert_eq!(release(&Guess::of_executable(name).unwrap()), expected, "{name}");
        }
        assert_eq!(release(&Guess::of_directory("3.15.0a1")), None);
        assert_eq!(release(&Guess::of_directory("3.14.2")), Some(14));
    }
}
