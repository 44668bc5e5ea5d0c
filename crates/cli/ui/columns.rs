//! Rows in columns that fit the terminal: one line for each row, whatever the width.

mod column;
mod cut;
mod layout;

use std::fmt::Write as _;

use anstyle::Style;
use venvwrap_core::fs::text::printable;

use crate::ui::printer::{HEADING, colour_on_stderr, colour_on_stdout, draw, stderr_width, width};

pub(crate) use column::Column;
pub(crate) use cut::measure;
use layout::GAP;
pub(crate) use layout::Layout;

/// A value in a row. It holds nothing that a terminal would obey.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// The value.
    pub(crate) text: String,
    /// How it looks where there is colour.
    pub(crate) style: Style,
}

impl Cell {
    /// A value in a style.
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, style: Style::new() }
    }
}

/// Returns rows under headings, at most as wide as the terminal that data goes to.
pub(crate) fn table(columns: &[Column<'_>], rows: &[Vec<Cell>]) -> String {
    table_in(columns, rows, width().map(usize::from), colour_on_stdout())
}

/// Returns rows of plain texts under headings, in the same way.
pub(crate) fn plain(columns: &[Column<'_>], rows: impl Iterator<Item = Vec<String>>) -> String {
    table(columns, &cells(rows))
}

/// Writes such rows to where messages go.
pub(crate) fn message(columns: &[Column<'_>], rows: impl Iterator<Item = Vec<String>>) {
    draw(&table_in(columns, &cells(rows), stderr_width().map(usize::from), colour_on_stderr()));
}

fn cells(rows: impl Iterator<Item = Vec<String>>) -> Vec<Vec<Cell>> {
    // Versions, for one, are from files that anybody may have written.
    let cell = |text: String| Cell::from(printable(text.as_ref()));
    rows.map(|row| row.into_iter().map(cell).collect()).collect()
}

/// Returns rows under headings in so many columns of a terminal.
pub(crate) fn table_in(columns: &[Column<'_>], rows: &[Vec<Cell>], limit: Option<usize>, has_colour: bool) -> String {
    let heading_cells: Vec<Cell> = columns.iter().map(|column| Cell::styled(column.heading, HEADING)).collect();
    let layout = Layout::of(columns, rows.iter().map(|row| row.iter().map(|cell| cell.text.as_str())), limit);
    let mut text = String::new();
    for row in std::iter::once(&heading_cells).chain(rows) {
        write_line(&mut text, columns, &layout, row, has_colour);
    }
    text
}

fn write_line(text: &mut String, columns: &[Column<'_>], layout: &Layout<'_>, row: &[Cell], has_colour: bool) {
    // Blanks before the next cell; none after the last.
    let mut owed = 0;
    for (at, width) in layout.shown() {
        let Some(cell) = row.get(at) else { break };
        let shown = layout.value(at, &cell.text);
        let padding = width - measure(&shown).min(width);
        let (before, after) = if columns[at].is_right { (padding, 0) } else { (0, padding) };
        if shown.is_empty() {
            owed += width + GAP;
            continue;
        }
        push_blanks(text, owed + before);
        if has_colour && cell.style != Style::new() {
            let style = cell.style;
            let _ = write!(text, "{style}{shown}{style:#}");
        } else {
            text.push_str(&shown);
        }
        owed = after + GAP;
    }
    text.push('\n');
}

fn push_blanks(text: &mut String, count: usize) {
    const BLANKS: &str = "                                ";
    let mut left = count;
    while left > 0 {
        let now = left.min(BLANKS.len());
        text.push_str(&BLANKS[..now]);
        left -= now;
    }
}

#[cfg(test)]
mod tests;
