//! Rows in columns that fit the terminal.

use comfy_table::{Cell, ContentArrangement, Row, Table, presets};

use crate::ui::paint::{marked, painted};
use crate::ui::printer::{HEADING, width};

/// Returns rows under headings, as wide as the terminal; values that do not fit are broken. Colour in cells is marked
/// with [`marked`].
pub(crate) fn table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    match width() {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_header(Row::from(headings.iter().map(|text| Cell::new(marked(text, HEADING)))));
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<_> = table.lines().map(|line| painted(line.trim_end())).collect();
    lines.join("\n") + "\n"
}
