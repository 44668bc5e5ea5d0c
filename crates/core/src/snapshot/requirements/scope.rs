//! What a lock is for.

use super::Requirements;
use crate::snapshot::marker::{Marker, MarkerValues};
use crate::snapshot::specifier::Specifiers;

impl Requirements {
    /// Returns what a lock is for, as it is written there, if that is not a Python with these values.
    pub(in crate::snapshot) fn not_for(&self, markers: &MarkerValues) -> Option<String> {
        // A version before a release is one of the release, as for pip.
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let release = &markers.python_full_version;
        let release = &release[..release.find(|c| !is_number(c)).unwrap_or(release.len())];
        let admits = |wanted: &&String| Specifiers::parse(wanted).is_none_or(|wanted| wanted.admit_text(release));
        if let Some(wanted) = self.requires_python.as_ref().filter(|wanted| !admits(wanted)) {
            return Some(format!("Python {wanted}"));
        }
        let holds = |text: &String| Marker::parse(text).is_none_or(|marker| marker.holds(markers, None) != Ok(false));
        let is_for = self.environments.is_empty() || self.environments.iter().any(holds);
        (!is_for).then(|| self.environments.join(" or "))
    }
}
