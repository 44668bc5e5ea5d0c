//! A variable: what a shell takes for its name, and its value.

/// A variable and its value, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name, valid in every shell.
    pub name: String,
    /// Its value, without a NUL.
    pub value: String,
}

/// The longest string that Linux hands to a program, with the name, the `=` and the NUL at its end.
const MAX_STRING: usize = 128 * 1024;

/// Returns whether no program could be started with the variable in its environment.
pub fn is_too_long(name: &str, value: &str) -> bool {
    name.len() + value.len() + 2 > MAX_STRING
}

/// Returns whether a text can be the name of a variable in every shell.
pub fn is_variable(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(is_inner) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}
