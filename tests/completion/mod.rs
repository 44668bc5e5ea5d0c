//! What the Tab key does: in real terminals, since a shell's line editor has the last word on what is inserted.

mod lint;
mod names;
pub(crate) mod terminal;
mod values;
