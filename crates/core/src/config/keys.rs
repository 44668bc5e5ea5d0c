//! The keys of `config.toml`.

/// Every key, with what its value may be.
pub const KEYS: [(&str, Shape); 14] = [
    ("auto", Shape::Switch),
    ("auto_repair", Shape::Switch),
    ("cd", Shape::Switch),
    ("creator", Shape::Text),
    ("creator_args", Shape::Text),
    ("hook_dir", Shape::Text),
    ("installer", Shape::OneOf(&["auto", "pip", "uv"])),
    ("link_mode", Shape::OneOf(&["clone", "copy", "hardlink"])),
    ("picker", Shape::Switch),
    ("project_filename", Shape::Text),
    ("project_home", Shape::Text),
    ("python", Shape::Text),
    ("seed_update", Shape::Switch),
    ("workon_home", Shape::Text),
];

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Switch,
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl std::fmt::Display for Shape {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Switch => formatter.write_str("`true` or `false`"),
            Self::Text => formatter.write_str("a text in quotes"),
            Self::OneOf(words) => write!(formatter, "one of {}", words.join(", ")),
        }
    }
}
