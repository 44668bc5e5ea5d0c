//! What a restored environment takes over from the old one, because it cannot be installed again.

use venvwrap_core::doctor::altered::is_damaged;
use venvwrap_core::env::Environment;
use venvwrap_core::env::distributions::Distribution;
use venvwrap_core::snapshot::diff::Differences;
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::snapshot::pins::{PinError, Pins};
use venvwrap_core::snapshot::restore::{NotCarried, unchanged};

use super::engine::Engine;
use crate::error::{Error, Result};
use crate::ui::printer;

/// How many names are told.
const NAMED: usize = 5;

/// What is taken over.
pub(crate) struct Carried<'a> {
    /// The packages.
    pub(crate) packages: Vec<&'a Distribution>,
    /// Packages that stay as they are and must be installed again, and why.
    left: Vec<(&'a str, NotCarried)>,
}

/// Finds what is taken over: nothing where the indexes have all packages, else all that stays as it is; and what came from
/// a place on this machine that is gone. Nobody asks which of the packages the indexes lack: each may take a second.
pub(crate) fn find<'a>(
    engine: &Engine<'_>,
    environment: &Environment,
    (pins, changes, old): (&'a Pins, &Differences, &'a Packages),
) -> Result<Carried<'a>> {
    let mut carried = Carried { packages: Vec::new(), left: Vec::new() };
    let same = unchanged(pins, changes, old);
    let is_of_use = same.iter().any(|(pin, ..)| pin.is_from_index);
    let has_all = !is_of_use || engine.would_install(&pins.only(|pin| !pin.is_seed))?;
    for (pin, package, obstacle) in same {
        if !pin.is_gone() && (has_all || !pin.is_from_index) {
            continue;
        }
        let is_changed = || is_damaged(environment, package).then_some(NotCarried::Changed);
        match obstacle.or_else(is_changed) {
            None => carried.packages.push(package),
            Some(obstacle) => carried.left.push((&pin.key, obstacle)),
        }
    }
    Ok(carried)
}

/// Fails if a place on this machine is gone that packages come from, unless they stay as they are.
pub(crate) fn check_places(
    pins: &Pins,
    changes: &Differences,
    old: &Packages,
    broken: &[String],
) -> Result<(), PinError> {
    let same = unchanged(pins, changes, old);
    let stays =
        |key: &String| !broken.contains(key) && same.iter().any(|(pin, _, not)| pin.key == *key && not.is_none());
    pins.only(|pin| !stays(&pin.key)).check_places()
}

/// Names what is taken over, or would be.
pub(crate) fn tell(names: &[String], verb: &str) {
    if names.is_empty() {
        return;
    }
    let shown: Vec<_> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
    printer::message(&format!(
        "not all packages can be installed again: these {verb} taken over as they are installed: {}{more}",
        shown.join(", ")
    ));
}

impl Carried<'_> {
    /// Says of an error of the installer what could not be taken over.
    pub(crate) fn explain(&self, error: Error) -> Error {
        if self.left.is_empty() {
            return error;
        }
        let left: Vec<_> = self.left.iter().take(NAMED).map(|(name, why)| format!("`{name}` ({why})")).collect();
        error.with_hint(format!(
            "these could not be taken over from the environment: {}; `--in-place` leaves alone what stays as it is",
            left.join(", ")
        ))
    }
}
