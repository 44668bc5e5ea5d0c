//! Rows in columns that fit the terminal.

use comfy_table::{ContentArrangement, Table, presets};

use crate::ui::paint::{marked, painted};
use crate::ui::printer::{HEADING, width};

/// The blanks between two columns.
const GAP: usize = 2;

/// Returns rows under headings, as wide as the terminal; values that do not fit are broken. Colour in cells is marked
/// with [`marked`].
pub(crate) fn table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let headings = headings.iter().map(|text| marked(text, HEADING)).collect();
    arranged(&std::iter::once(headings).chain(rows).collect::<Vec<_>>(), width())
}

/// The rows, the first of which are the headings, at most so wide.
fn arranged(rows: &[Vec<String>], limit: Option<u16>) -> String {
    let widths: Vec<Vec<usize>> = rows.iter().map(|row| row.iter().map(|cell| width_of(cell)).collect()).collect();
    let mut columns = vec![0; rows.iter().map(Vec::len).max().unwrap_or_default()];
    for row in &widths {
        columns.iter_mut().zip(row).for_each(|(column, width)| *column = (*column).max(*width));
    }
    let total: usize = columns.iter().map(|column| column + GAP).sum();
    match limit.filter(|limit| total > usize::from(*limit)) {
        // Finding out what to break, and where, takes long for a list of a thousand.
        Some(limit) => broken(rows, limit),
        None => aligned(rows, &widths, &columns),
    }
}

/// Rows that fit as they are.
fn aligned(rows: &[Vec<String>], widths: &[Vec<usize>], columns: &[usize]) -> String {
    let mut text = String::new();
    for (row, widths) in rows.iter().zip(widths) {
        let mut line = String::new();
        for ((cell, width), column) in row.iter().zip(widths).zip(columns) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', column + GAP - width));
        }
        text.push_str(&painted(line.trim_end()));
        text.push('\n');
    }
    text
}

/// Rows of which some cells take more than a line.
fn broken(rows: &[Vec<String>], limit: u16) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(limit);
    let mut rows = rows.iter();
    table.set_header(rows.next().into_iter().flatten());
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<_> = table.lines().map(|line| painted(line.trim_end())).collect();
    lines.join("\n") + "\n"
}

/// The columns that a text takes on a terminal.
fn width_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { console::measure_text_width(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        let rows = [["name", "project"], ["api", "~/src/a b"], ["wide-名前", ""], ["é", "x"]];
        rows.map(|row| row.map(str::to_string).to_vec()).to_vec()
    }

    #[test]
    fn rows_that_fit_are_as_the_slower_way_has_them() {
        let expected = "name       project\napi        ~/src/a b\nwide-名前\né          x\n";
        assert_eq!(arranged(&rows(), None), expected);
        assert_eq!(arranged(&rows(), Some(22)), expected);
        assert_eq!(broken(&rows(), 22), expected);
    }

    #[test]
    fn a_row_that_does_not_fit_is_broken() {
        let text = arranged(&rows(), Some(18));
        assert!(text.lines().count() > 4 && text.lines().all(|line| width_of(line) <= 18), "{text}");
    }
}
