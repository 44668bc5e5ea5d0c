//! What people see: lines, tables, colour, progress, choices.

pub(crate) mod bar;
pub(crate) mod columns;
mod other_tools;
pub(crate) mod picker;
pub(crate) mod printer;
pub(crate) mod progress;
pub(crate) mod prose;
pub(crate) mod report;
pub(crate) mod sentences;
pub(crate) mod subsequence;
pub(crate) mod table;
pub(crate) mod times;
pub(crate) mod trash;
