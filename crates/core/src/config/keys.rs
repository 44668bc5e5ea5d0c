//! The keys of `config.toml`.

/// Every key, with what its value may be.
pub const KEYS: [(&str, Shape); 19] = [
    ("auto", Shape::Switch),
    ("auto_repair", Shape::Switch),
    ("cd", Shape::Switch),
    ("creator", Shape::Text),
    ("creator_args", Shape::Words),
    ("default_packages", Shape::List),
    ("hook_dir", Shape::Text),
    ("install_python", Shape::OneOf(&["always", "ask", "never"])),
    ("installer", Shape::OneOf(&["auto", "pip", "uv"])),
    ("keep", Shape::Words),
    ("link_mode", Shape::OneOf(&["clone", "copy", "hardlink"])),
    ("picker", Shape::Switch),
    ("project_filename", Shape::Text),
    ("project_home", Shape::Text),
    ("python", Shape::Text),
    ("seed_update", Shape::Switch),
    ("trash_keep", Shape::Duration),
    ("trash_max", Shape::Size),
    ("workon_home", Shape::Text),
];

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Switch,
    /// Any text.
    Text,
    /// Texts in brackets: requirements of packages.
    List,
    /// A text in which a shell finds words.
    Words,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A time such as `24h`.
    Duration,
    /// A number of bytes such as `10G`.
    Size,
}

impl std::fmt::Display for Shape {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Switch => formatter.write_str("`true` or `false`"),
            Self::Text => formatter.write_str("a string in quotes"),
            Self::Words => formatter.write_str("a string in quotes, with words as a shell reads them"),
            Self::List => formatter.write_str("a list such as `[\"ipython\", \"rich\"]`"),
            Self::OneOf(words) => write!(formatter, "one of {}", words.join(", ")),
            Self::Duration => formatter.write_str("a time such as `24h`, `7d` or `0`"),
            Self::Size => formatter.write_str("a size such as `10G`, `500M` or `0`"),
        }
    }
}
