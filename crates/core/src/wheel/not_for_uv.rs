//! Why pip has to do what uv would do otherwise.

use std::fmt;

/// uv cannot be told a setting of pip, or an option of a requirements file; or it has a setting of its own that nothing can
/// take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct NotForUv {
    /// The key of the setting; with its dashes if it is an option in a requirements file, with its table if it is uv's.
    pub key: &'static str,
}

impl fmt::Display for NotForUv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key;
        if key.starts_with("--") {
            write!(f, "uv cannot follow the option `{key}` of the requirements file")
        } else if key.starts_with("pip.") {
            write!(f, "uv's own setting `{key}` leads elsewhere")
        } else {
            write!(f, "uv cannot follow pip's setting `{key}`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_told_from_a_setting() {
        let told = |key| NotForUv { key }.to_string();
        assert_eq!(told("pre"), "uv cannot follow pip's setting `pre`");
        assert_eq!(told("--pre"), "uv cannot follow the option `--pre` of the requirements file");
        assert_eq!(told("pip.target"), "uv's own setting `pip.target` leads elsewhere");
    }
}
