//! What is drawn: a line for typing, the rows that fit below it, and how many they are.

use std::fmt::Write as _;

use anstyle::Style;
use console::{measure_text_width, truncate_str};

use super::list::List;
use super::row::Row;
use crate::ui::columns::{Column, Layout, measure};
use crate::ui::printer::HEADING;

/// Clears all that was drawn. The cursor is always in the line for typing, which is the first.
pub(super) const CLEAR: &str = "\r\x1b[J";

/// What stands before what is typed.
const PROMPT: &str = "workon ";

/// More rows than this push too much of what was there before out of sight.
const MOST_ROWS: usize = 15;

/// The size of a terminal; the default is the smallest that is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self { rows: 5, columns: 20 }
    }
}

impl Size {
    /// Returns whether it is at least the smallest that is of use.
    pub(super) fn is_enough(self) -> bool {
        let least = Self::default();
        self.rows >= least.rows && self.columns >= least.columns
    }
}

/// The text that draws the list from the line on in which the cursor is, and leaves the cursor there.
pub(super) fn frame(list: &mut List<'_>, size: Size, colour: bool) -> String {
    // Terminals disagree on what follows a character in the last column.
    let columns = size.columns.saturating_sub(1);
    let typed = shown_end(list.typed(), columns.saturating_sub(PROMPT.len() + 1));
    let mut text = format!("{CLEAR}{}{typed}", styled(PROMPT, HEADING, colour));
    let rows = list.window(MOST_ROWS.min(size.rows.saturating_sub(3)));
    // That of all rows, so that nothing moves to and fro while letters are typed.
    let layout = Layout::of(
        &COLUMNS,
        list.rows().iter().map(|row| cells(row).map(|(text, _)| text)),
        Some(columns.saturating_sub(MARK_WIDTH)),
    );
    for (row, is_selected) in &rows {
        let line = line(&layout, row, *is_selected, list.typed(), colour);
        let _ = write!(text, "\r\n{}", truncate_str(&line, columns, "…"));
    }
    let _ = write!(text, "\r\n{}", truncate_str(&footer(list, columns), columns, ""));
    let column = measure_text_width(PROMPT) + measure_text_width(&typed);
    let _ = write!(text, "\x1b[{}A\r\x1b[{column}C", rows.len() + 1);
    text
}

/// How many rows fit, and where there is room how to go on.
fn footer(list: &List<'_>, columns: usize) -> String {
    let count = format!("  {} of {}", list.count(), list.rows().len());
    let count = if list.count() == 0 { count + ", Backspace widens the search" } else { count };
    let long = format!("{count}  Enter activates, Esc cancels");
    if list.count() > 0 && long.len() <= columns { long } else { count }
}

/// The columns of a row: the name, then its details.
const COLUMNS: [Column<'static>; 5] = [
    Column::names("", 24),
    Column::whole("").dropped(3),
    Column::whole(""),
    Column::paths("", 12).dropped(2),
    Column::whole("").dropped(1),
];

/// The space before a row, which marks the selected one.
const MARK_WIDTH: usize = 2;

/// The line of a row. What fits is bold, and what is wrong has its colour.
fn line(layout: &Layout<'_>, row: &Row, is_selected: bool, typed: &str, colour: bool) -> String {
    let base = if is_selected { HEADING } else { Style::new() };
    let mut line = styled(if is_selected { "> " } else { "  " }, base, colour);
    // Blanks before the next value; none after the last.
    let mut owed = 0;
    for (at, width) in layout.shown() {
        let Some((text, style)) = cells(row).nth(at) else { break };
        let shown = layout.value(at, text);
        let padding = width.saturating_sub(measure(&shown)) + 2;
        if shown.is_empty() {
            owed += padding;
            continue;
        }
        line.extend(std::iter::repeat_n(' ', owed));
        match (style, is_selected) {
            (None, false) => push_name(&mut line, &shown, typed, colour),
            (None, true) => line.push_str(&styled(&shown, base, colour)),
            (Some(style), false) => line.push_str(&styled(&shown, style, colour)),
            (Some(style), true) => line.push_str(&styled(&shown, style.bold(), colour)),
        }
        owed = padding;
    }
    line
}

/// A name with the letters in bold for which it is here.
fn push_name(line: &mut String, name: &str, typed: &str, colour: bool) {
    let fits = places(name, typed);
    let mut rest = name.char_indices().map(|(at, _)| fits.contains(&at)).zip(name.split_inclusive(|_| true)).peekable();
    while let Some((is_bold, letter)) = rest.next() {
        let mut run = letter.to_string();
        while let Some((_, letter)) = rest.next_if(|(other, _)| *other == is_bold) {
            run.push_str(letter);
        }
        line.push_str(&styled(&run, if is_bold { HEADING } else { Style::new() }, colour));
    }
}

/// Where in a name the typed words are, or their letters.
fn places(name: &str, typed: &str) -> Vec<usize> {
    let letters: Vec<(usize, char)> = name.char_indices().map(|(at, letter)| (at, lower(letter))).collect();
    let mut places = Vec::new();
    for word in typed.split_whitespace() {
        let word: Vec<char> = word.chars().map(lower).collect();
        let is_here = |window: &&[(usize, char)]| window.iter().map(|(_, letter)| letter).eq(&word);
        if let Some(found) = letters.windows(word.len()).find(is_here) {
            places.extend(found.iter().map(|(at, _)| *at));
            continue;
        }
        let mut rest = letters.iter();
        let found: Vec<_> = word.iter().map_while(|own| rest.find(|(_, letter)| letter == own)).collect();
        if found.len() == word.len() {
            places.extend(found.iter().map(|(at, _)| *at));
        }
    }
    places
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// The texts of a row, with the styles of all but the name.
fn cells(row: &Row) -> impl Iterator<Item = (&str, Option<Style>)> {
    let details = row.details.iter().map(|cell| (cell.text.as_str(), Some(cell.style)));
    std::iter::once((row.name.as_str(), None)).chain(details)
}

/// The end of a text that is longer than the space for it.
fn shown_end(text: &str, columns: usize) -> String {
    let text = venvwrap_core::fs::text::printable(text.as_ref());
    let mut letters = text.chars();
    while measure_text_width(letters.as_str()) > columns {
        letters.next();
    }
    letters.as_str().to_string()
}

fn styled(text: &str, style: Style, colour: bool) -> String {
    if colour && style != Style::new() { format!("{style}{text}{style:#}") } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::printer::BAD;

    fn rows() -> Vec<Row> {
        let row = |name: &str, details: [&str; 4]| Row {
            name: name.into(),
            details: details.map(|text| text.to_string().into()).into(),
        };
        vec![
            row("api", ["3.12.1", "", "~/src/customers/api", "5m ago"]),
            row("漢字", ["3.9", "no python", "", "never"]),
        ]
    }

    #[test]
    fn columns_stand_below_each_other() {
        let rows = rows();
        let mut list = List::new(&rows);
        list.edit(|typed| typed.push('3'));
        assert_eq!(
            frame(&mut list, Size { rows: 24, columns: 80 }, false),
            "\r\x1b[Jworkon 3\r\n> api   3.12.1             ~/src/customers/api  5m ago\r\n  \
             漢字  3.9     no python                       never\r\n  \
             2 of 2  Enter activates, Esc cancels\x1b[3A\r\x1b[8C"
        );
        list.edit(|typed| typed.push('z'));
        assert!(
            frame(&mut list, Size { rows: 24, columns: 80 }, false)
                .contains("\r\n  0 of 2, Backspace widens the search")
        );
    }

    #[test]
    fn the_name_and_what_is_wrong_stay_in_a_narrow_terminal() {
        let rows = rows();
        let lines = |columns| frame(&mut List::new(&rows), Size { rows: 24, columns }, false);
        assert!(lines(48).contains("> api   3.12.1             ~/sr…ers/api  5m ago\r\n"), "{:?}", lines(48));
        assert!(lines(40).contains("> api   3.12.1             ~/sr…ers/api\r\n"), "{:?}", lines(40));
        assert!(lines(20).contains("  漢字  no python\r\n"), "{:?}", lines(20));
    }

    #[test]
    fn nothing_is_wider_or_higher_than_the_terminal() {
        let rows: Vec<Row> = (0..50).map(|_| Row { name: "漢字 ".repeat(20), details: Vec::new() }).collect();
        let mut list = List::new(&rows);
        list.edit(|typed| typed.push_str(&"漢字".repeat(20)));
        list.edit(String::clear);
        for size in [Size::default(), Size { rows: 8, columns: 30 }, Size { rows: 1, columns: 1 }] {
            let text = frame(&mut list, size, false);
            assert!(text.split("\r\n").count() <= size.rows.max(3), "{text:?}");
            assert!(
                size.columns < 20 || text.split("\r\n").all(|line| measure_text_width(line) < size.columns),
                "{text:?}"
            );
        }
        list.edit(|typed| typed.push_str(&"漢".repeat(90)));
        let text = frame(&mut list, Size::default(), false);
        assert!(measure_text_width(text.split("\r\n").next().unwrap()) < 20, "{text:?}");
    }

    #[test]
    fn colour_only_where_it_is_wanted() {
        let mut rows = rows();
        rows[1].details[1].style = BAD;
        let size = Size { rows: 24, columns: 80 };
        let mut list = List::new(&rows);
        let text = frame(&mut list, size, true);
        let plain = frame(&mut List::new(&rows), size, false);
        assert_eq!(console::strip_ansi_codes(&text), console::strip_ansi_codes(&plain));
        assert!(text.contains("\x1b[1m> \x1b[0m\x1b[1mapi\x1b[0m"), "{text:?}");
        assert!(text.contains("\r\n  漢字  3.9     \x1b[1m\x1b[31mno python\x1b[0m"), "{text:?}");
        assert!(!plain.contains("m> api"));
    }

    #[test]
    fn what_fits_is_bold() {
        let bold = |name: &str, typed: &str| {
            let mut line = String::new();
            push_name(&mut line, name, typed, true);
            line.replace("\x1b[1m", "<").replace("\x1b[0m", ">")
        };
        assert_eq!(bold("web-api", ""), "web-api");
        assert_eq!(bold("Web-api", "web API"), "<Web>-<api>");
        assert_eq!(bold("web-api", "wa"), "<w>eb-<a>pi");
        assert_eq!(bold("ñandé漢字", "É 字"), "ñand<é>漢<字>");
        assert_eq!(bold("web", "3.12"), "web", "found by something else");
    }
}
