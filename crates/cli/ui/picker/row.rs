//! What can be chosen.

use crate::ui::columns::Cell;

/// One thing that can be chosen. No text in it may hold anything that a terminal would obey.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its name; typed text is compared with this first.
    pub(crate) name: String,
    /// What else is shown, in columns.
    pub(crate) details: Vec<Cell>,
}
