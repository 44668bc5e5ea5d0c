//! Rows in columns that fit the terminal: one line for each row, whatever the width.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::Style;
use console::{measure_text_width, truncate_str};

use crate::ui::printer::{HEADING, colour_on_stdout, width};

/// The space between two columns.
const GAP: usize = 2;

/// No column that may be shortened becomes narrower than this, however narrow the terminal is.
const LEAST: usize = 4;

/// A column: its heading, and what happens to it where there is not enough room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<'a> {
    heading: &'a str,
    shortening: Shortening,
    /// The columns with the smallest numbers are left out first.
    order: Option<u8>,
    is_right: bool,
}

/// How the values of a column are shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shortening {
    Never,
    /// At the end, to this width at least.
    End(usize),
    /// In the middle, to this width at least.
    Middle(usize),
}

impl<'a> Column<'a> {
    /// A column whose values are always shown as they are.
    pub(crate) const fn whole(heading: &'a str) -> Self {
        Self { heading, shortening: Shortening::Never, order: None, is_right: false }
    }

    /// A column of names, which are cut at the end.
    pub(crate) const fn names(heading: &'a str, least: usize) -> Self {
        Self { shortening: Shortening::End(least), ..Self::whole(heading) }
    }

    /// A column of paths, which are cut in the middle.
    pub(crate) const fn paths(heading: &'a str, least: usize) -> Self {
        Self { shortening: Shortening::Middle(least), ..Self::whole(heading) }
    }

    /// The column is left out where it does not fit; that with the smallest number first.
    pub(crate) const fn dropped(self, order: u8) -> Self {
        Self { order: Some(order), ..self }
    }

    /// The column holds numbers.
    pub(crate) const fn right(self) -> Self {
        Self { is_right: true, ..self }
    }
}

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
    let rows: Vec<_> = rows.map(|row| row.into_iter().map(Cell::from).collect()).collect();
    table(columns, &rows)
}

/// Returns rows without headings, in the same way.
pub(crate) fn lines(columns: &[Column<'_>], rows: &[Vec<Cell>]) -> String {
    let text = table(columns, rows);
    text.split_once('\n').map_or_else(String::new, |(_, lines)| lines.to_string())
}

/// Returns rows under headings in so many columns of a terminal.
pub(crate) fn table_in(columns: &[Column<'_>], rows: &[Vec<Cell>], limit: Option<usize>, has_colour: bool) -> String {
    let heading_cells: Vec<Cell> = columns.iter().map(|column| Cell::styled(column.heading, HEADING)).collect();
    let mut natural: Vec<usize> = columns.iter().map(|column| measure(column.heading)).collect();
    for row in rows {
        for (widest, cell) in natural.iter_mut().zip(row) {
            *widest = (*widest).max(measure(&cell.text));
        }
    }
    let widths = layout(columns, &natural, limit);
    let mut text = String::new();
    for row in std::iter::once(&heading_cells).chain(rows) {
        write_line(&mut text, columns, &widths, row, has_colour);
    }
    text
}

/// Returns the width of each column, none for one that is left out.
pub(super) fn layout(columns: &[Column<'_>], natural: &[usize], limit: Option<usize>) -> Vec<Option<usize>> {
    let mut widths: Vec<Option<usize>> = natural.iter().map(|&width| (width > 0).then_some(width)).collect();
    let Some(limit) = limit else { return widths };
    loop {
        let mut shortened = widths.clone();
        if shorten(columns, &mut shortened, limit, |least| least) {
            return shortened;
        }
        let shown = (0..columns.len()).filter(|&at| widths[at].is_some());
        match shown.filter_map(|at| Some((columns[at].order?, at))).min() {
            Some((_, at)) => widths[at] = None,
            None => break,
        }
    }
    shorten(columns, &mut widths, limit, |_| LEAST);
    widths
}

/// A value that is no wider than its column.
pub(super) fn cut<'t>(column: &Column<'_>, text: &'t str, width: usize) -> Cow<'t, str> {
    if measure(text) <= width {
        return Cow::Borrowed(text);
    }
    match column.shortening {
        Shortening::Middle(_) => Cow::Owned(without_middle(text, width)),
        Shortening::Never | Shortening::End(_) => truncate_str(text, width, "…"),
    }
}

/// The space that a text takes on a terminal.
pub(super) fn measure(text: &str) -> usize {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) { text.len() } else { measure_text_width(text) }
}

/// Words in lines of a width, all but the first with an indentation. A word that is too long has a line to itself.
pub(crate) fn wrapped(text: &str, indent: usize, limit: usize) -> String {
    let (mut lines, mut used) = (String::new(), indent);
    for word in text.split(' ') {
        let wide = measure(word);
        if used > indent && used + 1 + wide > limit {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if used > indent {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += wide;
    }
    lines
}

/// Shortens columns until they fit, paths before names, each to what `least` makes of its least width. Returns whether
/// they fit now.
fn shorten(columns: &[Column<'_>], widths: &mut [Option<usize>], limit: usize, least: impl Fn(usize) -> usize) -> bool {
    let shown = widths.iter().flatten().count();
    let total: usize = widths.iter().flatten().sum::<usize>() + GAP * shown.saturating_sub(1);
    let mut excess = total.saturating_sub(limit);
    for takes_paths in [true, false] {
        for (column, width) in columns.iter().zip(widths.iter_mut()) {
            let floor = match column.shortening {
                Shortening::Middle(floor) if takes_paths => floor,
                Shortening::End(floor) if !takes_paths => floor,
                _ => continue,
            };
            if let Some(width) = width {
                let less = excess.min(width.saturating_sub(least(floor)));
                *width -= less;
                excess -= less;
            }
        }
    }
    excess == 0
}

fn write_line(text: &mut String, columns: &[Column<'_>], widths: &[Option<usize>], row: &[Cell], has_colour: bool) {
    // Blanks before the next cell; none after the last.
    let mut owed = 0;
    for ((column, width), cell) in columns.iter().zip(widths).zip(row) {
        let Some(width) = *width else { continue };
        let shown = cut(column, &cell.text, width);
        let padding = width - measure(&shown).min(width);
        let (before, after) = if column.is_right { (padding, 0) } else { (0, padding) };
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

/// A path says most at its end: two thirds of what is left are that.
fn without_middle(text: &str, width: usize) -> String {
    let room = width.saturating_sub(1);
    let end = room * 2 / 3;
    let tail = take(text.chars().rev(), end);
    let head = take(text.chars(), room - end);
    head.into_iter().chain(['…']).chain(tail.into_iter().rev()).collect()
}

fn take(characters: impl Iterator<Item = char>, room: usize) -> Vec<char> {
    let mut used = 0;
    let fits = |character: &char| {
        used += measure(character.encode_utf8(&mut [0; 4]));
        used <= room
    };
    characters.take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column<'static>; 4] = [
        Column::names("name", 8),
        Column::whole("python"),
        Column::paths("project", 10).dropped(2),
        Column::whole("packages").right().dropped(1),
    ];

    fn rows() -> Vec<Vec<Cell>> {
        let row = |cells: [&str; 4]| cells.map(|text| Cell::from(text.to_string())).to_vec();
        vec![row(["a-name-of-22-characters", "3.12.1", "~/work/customers/api", "7"]), row(["漢字", "3.9", "", "123"])]
    }

    fn at(limit: usize) -> String {
        let text = table_in(&COLUMNS, &rows(), Some(limit), false);
        for line in text.lines() {
            assert!(measure(line) <= limit, "{limit}: {line}");
        }
        text
    }

    #[test]
    fn everything_is_shown_where_there_is_room() {
        insta::assert_snapshot!(table_in(&COLUMNS, &rows(), None, false), @"
        name                     python  project               packages
        a-name-of-22-characters  3.12.1  ~/work/customers/api         7
        漢字                     3.9                                123
        ");
        assert_eq!(at(100), table_in(&COLUMNS, &rows(), None, false));
    }

    #[test]
    fn paths_lose_their_middle_before_names_lose_their_end_and_columns_go_last() {
        insta::assert_snapshot!(at(56), @"
        name                     python  project        packages
        a-name-of-22-characters  3.12.1  ~/wo…mers/api         7
        漢字                     3.9                         123
        ");
        insta::assert_snapshot!(at(44), @"
        name            python  project     packages
        a-name-of-22-…  3.12.1  ~/w…rs/api         7
        漢字            3.9                      123
        ");
        insta::assert_snapshot!(at(30), @"
        name        python  project
        a-name-of…  3.12.1  ~/w…rs/api
        漢字        3.9
        ");
        insta::assert_snapshot!(at(20), @"
        name          python
        a-name-of-2…  3.12.1
        漢字          3.9
        ");
        at(13);
    }

    #[test]
    fn colour_takes_no_room() {
        let rows = [vec![Cell::styled("a", HEADING), Cell::from("b".to_string())]];
        let columns = [Column::whole("xx"), Column::whole("")];
        let text = table_in(&columns, &rows, Some(80), true);
        assert_eq!(text, "\x1b[1mxx\x1b[0m\n\x1b[1ma\x1b[0m   b\n");
    }

    #[test]
    fn words_are_kept_whole() {
        assert_eq!(wrapped("one two three", 2, 9), "one two\n  three");
        assert_eq!(wrapped("incomprehensible", 2, 9), "incomprehensible");
        assert_eq!(wrapped("", 2, 9), "");
    }
}
