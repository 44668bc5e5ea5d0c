//! What a lock is for.

use super::{Line, Requirements};
use crate::snapshot::marker::{Marker, MarkerValues};
use crate::snapshot::specifier::Specifiers;

/// A Python or system that a lock is not for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFor {
    /// What it is about, as in a comparison.
    pub(in crate::snapshot) subject: &'static str,
    /// What is there.
    pub(in crate::snapshot) found: String,
    /// What the lock is for, as it is written there.
    pub(in crate::snapshot) wanted: String,
}

impl Requirements {
    /// Returns what a lock is for, if that is not a Python with these values.
    pub(in crate::snapshot) fn not_for(&self, markers: &MarkerValues) -> Option<NotFor> {
        if let Some(wanted) = self.requires_python.as_ref().filter(|wanted| !admits(markers, wanted)) {
            let found = markers.python_full_version.clone();
            return Some(NotFor { subject: "python", found, wanted: wanted.clone() });
        }
        let holds = |text: &String| Marker::parse(text).is_none_or(|marker| marker.holds(markers, None) != Ok(false));
        let is_for = self.environments.is_empty() || self.environments.iter().any(holds);
        let found = format!("{} {}", markers.sys_platform, markers.platform_machine);
        (!is_for).then(|| NotFor { subject: "environments", found, wanted: self.environments.join(" or ") })
    }
}

impl NotFor {
    /// Returns what a lock is for, in words.
    pub(in crate::snapshot) fn in_words(self) -> String {
        if self.subject == "python" { format!("Python {}", self.wanted) } else { self.wanted }
    }
}

impl Line {
    /// Returns the versions of Python that the package of a lock is for, if that with these values is none of them.
    pub(in crate::snapshot) fn not_for(&self, markers: &MarkerValues) -> Option<String> {
        self.requires_python.as_ref().filter(|wanted| !admits(markers, wanted)).map(|wanted| format!("Python {wanted}"))
    }
}

/// Returns whether a Python is one of these versions. What cannot be read excludes none.
fn admits(markers: &MarkerValues, wanted: &str) -> bool {
    // A version before a release is one of the release, as for pip.
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let release = &markers.python_full_version;
    let release = &release[..release.find(|c| !is_number(c)).unwrap_or(release.len())];
    Specifiers::parse(wanted).is_none_or(|wanted| wanted.admit_text(release))
}
