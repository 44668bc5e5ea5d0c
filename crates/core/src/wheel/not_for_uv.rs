//! Why pip has to do what uv would do otherwise.

/// uv cannot be told a setting of pip, or an option of a requirements file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("uv cannot follow {} `{key}`{}", self.kind(), self.place())]
pub struct NotForUv {
    /// The key of the setting; with its dashes if it is an option in a requirements file.
    pub key: &'static str,
}

impl NotForUv {
    fn is_option(&self) -> bool {
        self.key.starts_with("--")
    }

    fn kind(&self) -> &'static str {
        if self.is_option() { "the option" } else { "pip's setting" }
    }

    fn place(&self) -> &'static str {
        if self.is_option() { " of the requirements file" } else { "" }
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
    }
}
