//! What makes a wheel unsound.

/// What is wrong with the content of a wheel.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WheelProblem {
    /// Cut off, or not a zip archive.
    #[error("not a complete zip archive ({0})")]
    Archive(String),
    /// Its file was written to meanwhile.
    #[error("it was changed while it was read")]
    Changed,
    /// An entry does not unpack to what its checksum says.
    #[error("entry `{entry}` is damaged ({reason})")]
    Damaged {
        /// The entry.
        entry: String,
        /// What did not fit.
        reason: String,
    },
    /// An entry would be written outside its directory, or has a name that no installer should write.
    #[error("entry `{0}` has an unsafe name")]
    UnsafeName(String),
    /// Two entries would become the same file.
    #[error("entry `{0}` appears twice")]
    Duplicate(String),
    /// A symbolic link or another thing that is neither a file nor a directory.
    #[error("entry `{0}` is not a regular file")]
    NotAFile(String),
    /// More entries or more bytes than any seed package needs.
    #[error("it is too large")]
    TooLarge,
    /// A file that every wheel has is not there.
    #[error("it has no `{0}`")]
    Missing(&'static str),
    /// The archive's own name, its `.dist-info` directory and its metadata disagree about what it is.
    #[error("its metadata is for `{0}`")]
    Mismatch(String),
    /// A newer format, or one that never existed.
    #[error("wheel format `{0}` is unknown")]
    Format(String),
    /// An entry point that must not or cannot become a script.
    #[error("entry point `{0}` is not allowed")]
    EntryPoint(String),
}
