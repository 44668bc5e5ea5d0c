//! What uv refuses and pip installs.

use std::path::Path;

use super::{LineProblem, Lookup, Requirements};
use crate::wheel::file_options::FileOptions;

/// The options of a file of requirements or constraints. What cannot be read could have any.
pub fn options_in(file: &Path, lookup: &Lookup<'_>) -> FileOptions {
    Requirements::read(file, lookup).map_or_else(|_| Requirements::unknown_options(), Requirements::into_file_options)
}

impl Requirements {
    /// What it says about where packages come from, on top of pip's settings.
    pub fn into_file_options(self) -> FileOptions {
        FileOptions { is_partial: self.is_partial(), lines: self.options, lost: self.lost }
    }

    /// The same of a file that cannot be read.
    pub fn unknown_options() -> FileOptions {
        FileOptions { is_partial: true, ..FileOptions::default() }
    }

    /// Returns whether an editable project is among them that uv does not install.
    pub fn has_editable_not_for_uv(&self) -> bool {
        self.editables.iter().any(|place| is_editable_not_for_uv(place))
    }

    /// Returns whether files are included that are not on this machine, so that their options are unknown.
    pub fn is_partial(&self) -> bool {
        self.oddities.iter().any(|oddity| matches!(oddity.reason, LineProblem::Remote(_)))
    }
}

/// Returns whether uv refuses to install this place in editable mode: from a repository, or in a directory whose name
/// holds what has a meaning in a URL.
pub fn is_editable_not_for_uv(place: &str) -> bool {
    is_repository(place) || ["%23", "%25", "%3F"].iter().any(|escape| place.contains(escape)) || has_hash_in_path(place)
}

/// uv takes what follows for the fragment of a URL, which it may be; pip knows none of a path.
fn has_hash_in_path(place: &str) -> bool {
    let is_fragment = |rest: &str| ["egg=", "subdirectory="].iter().any(|key| rest.starts_with(key));
    !place.contains("://") && place.split('#').skip(1).any(|rest| !is_fragment(rest))
}

fn is_repository(place: &str) -> bool {
    place.split_once("://").is_some_and(|(scheme, _)| scheme.contains('+'))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn uv_installs_no_editable_repository() {
        for place in ["git+https://x/y@1#egg=y", "git+file:///x", "hg+ssh://x/y", "file:///a%23b", "./a#b", "/a#b[x]"] {
            assert!(is_editable_not_for_uv(place), "{place}");
        }
        for place in [".", ".[dev]", "/a+b", "file:///a+b", "https://x/y.zip", "./a#egg=b", "file:///a#subdirectory=b"]
        {
            assert!(!is_editable_not_for_uv(place), "{place}");
        }
        let is_refused = |text: &str| {
            Requirements::parse(text.as_bytes(), Path::new("/nonexistent"), "-").unwrap().has_editable_not_for_uv()
        };
        assert!(is_refused("six\n-e git+https://x/y@1#egg=y\n"));
        assert!(is_refused("--editable=git+https://x/y@1#egg=y[z]"));
        assert!(is_refused("-e git+https://x/y # without a name"));
        assert!(!is_refused("y @ git+https://x/y@1\n-e ./z\n"));
    }
}
