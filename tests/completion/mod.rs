//! What the Tab key does, and `workon` without a name: in real terminals, since a shell's line editor has the last word on what is inserted.

mod lint;
mod names;
mod picker;
pub(crate) mod terminal;
mod values;
