//! A variable: what a shell takes for its name, and its value.

/// A variable and its value, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name, valid in every shell.
    pub name: String,
    /// Its value, without a NUL.
    pub value: String,
}

/// Returns whether a text can be the name of a variable in every shell.
pub fn is_variable(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(is_inner) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}
