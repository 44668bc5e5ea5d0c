//! Why pip has to do what uv would do otherwise.

/// uv cannot be told a setting of pip, or an option of a requirements file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("uv cannot follow pip's setting `{key}`")]
pub struct NotForUv {
    /// The key of the setting; with its dashes if it is an option in a requirements file.
    pub key: &'static str,
}
