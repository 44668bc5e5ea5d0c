//! Choosing one of many in the terminal: letters filter, arrows move, Enter takes, Esc leaves.
//!
//! Everything is drawn on stderr, below a line whose cursor is never hidden, so that there is nothing to bring back
//! when the program is killed in between.

mod events;
mod filter;
mod list;
mod row;
mod view;

use std::io;

use console::Key;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

pub(crate) use row::Row;

use crate::error::Explain;
use crate::process::set_variable;
use crate::ui::printer;
use events::{Event, Events};
use list::List;
use venvwrap_core::config::variables;
use view::Size;

/// The terminal cannot be read, or its mode cannot be changed.
#[derive(Debug, thiserror::Error)]
#[error("could not read from the terminal")]
pub(crate) struct TerminalError(#[source] io::Error);

impl Explain for TerminalError {
    fn hint(&self) -> Option<String> {
        Some("`picker = false` in config.toml turns the list off".into())
    }
}

/// What a key has led to.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing yet.
    Open,
    /// This row has been taken.
    Taken(usize),
    /// None has been.
    Left,
}

/// Returns whether there are a person and a terminal that can be drawn on. What stdout is, the caller knows.
pub(crate) fn is_possible() -> bool {
    printer::can_ask() && set_variable(variables::TERM).is_some_and(|term| term != "dumb") && size().is_some()
}

/// Lets a person choose, and returns the index of the row; none when they leave.
pub(crate) fn choose(rows: &[Row]) -> Result<Option<usize>, TerminalError> {
    ask(rows).map_err(TerminalError)
}

fn ask(rows: &[Row]) -> io::Result<Option<usize>> {
    let _raw = RawMode::enter()?;
    let _screen = Screen;
    let mut events = Events::new()?;
    let colour = printer::colour_on_stderr();
    let mut list = List::new(rows);
    loop {
        printer::draw(&view::frame(&mut list, size().unwrap_or_default(), colour));
        let outcome = match events.next()? {
            Event::Pressed(key) => press(&mut list, &key),
            Event::Resized => Outcome::Open,
        };
        match outcome {
            Outcome::Open => {}
            Outcome::Taken(row) => return Ok(Some(row)),
            Outcome::Left => return Ok(None),
        }
    }
}

fn press(list: &mut List<'_>, key: &Key) -> Outcome {
    match key {
        Key::Enter => return list.selected().map_or(Outcome::Open, Outcome::Taken),
        Key::Escape | Key::CtrlC | Key::Char('\x03' | '\x04' | '\x07') => return Outcome::Left,
        Key::ArrowUp | Key::BackTab | Key::Char('\x10') => list.previous(),
        Key::ArrowDown | Key::Tab | Key::Char('\x0e') => list.next(),
        Key::PageUp => list.page_up(),
        Key::PageDown => list.page_down(),
        Key::Home => list.first(),
        Key::End => list.last(),
        Key::Backspace => list.edit(drop_letter),
        Key::Char('\x15') => list.edit(String::clear),
        Key::Char('\x17') => list.edit(drop_word),
        Key::Char(letter) if !letter.is_control() => list.edit(|typed| typed.push(*letter)),
        _ => {}
    }
    Outcome::Open
}

fn drop_letter(typed: &mut String) {
    typed.pop();
}

fn drop_word(typed: &mut String) {
    let end = typed.trim_end().rfind(' ').map_or(0, |at| at + 1);
    typed.truncate(end);
}

/// The size of the terminal, if it is large enough.
fn size() -> Option<Size> {
    let size = tcgetwinsize(io::stderr()).ok()?;
    let size = Size { rows: size.ws_row.into(), columns: size.ws_col.into() };
    size.is_enough().then_some(size)
}

/// The terminal hands over each key at once and shows none, as long as this lives. Reading the keys one by one does
/// not see to that: what is typed in between would appear among the rows, and Ctrl-C would kill.
struct RawMode {
    original: Termios,
}

impl RawMode {
    fn enter() -> io::Result<Self> {
        let original = tcgetattr(io::stdin())?;
        let mut raw = original.clone();
        raw.make_raw();
        raw.output_modes = original.output_modes;
        // Never with `Flush`: what has been typed already is meant for us.
        tcsetattr(io::stdin(), OptionalActions::Drain, &raw)?;
        Ok(Self { original })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.original);
    }
}

/// Takes away what was drawn, whatever the way out.
struct Screen;

impl Drop for Screen {
    fn drop(&mut self) {
        printer::draw(view::CLEAR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(names: &[&str]) -> Vec<Row> {
        names.iter().map(|name| Row { name: (*name).to_string(), details: Vec::new() }).collect()
    }

    fn after(list: &mut List<'_>, keys: &[Key]) -> Outcome {
        let mut outcome = Outcome::Open;
        for key in keys {
            assert_eq!(outcome, Outcome::Open, "too early");
            outcome = press(list, key);
        }
        outcome
    }

    #[test]
    fn keys_move_and_take() {
        let rows = rows(&["api", "blog", "cms"]);
        let choose = |keys: &[Key]| after(&mut List::new(&rows), keys);
        assert_eq!(choose(&[Key::Enter]), Outcome::Taken(0));
        assert_eq!(choose(&[Key::ArrowDown, Key::Char('\x0e'), Key::ArrowUp, Key::Enter]), Outcome::Taken(1));
        assert_eq!(choose(&[Key::ArrowUp, Key::Enter]), Outcome::Taken(2), "around the end");
        assert_eq!(choose(&[Key::End, Key::Tab, Key::Enter]), Outcome::Taken(0));
        assert_eq!(choose(&[Key::Escape]), Outcome::Left);
        assert_eq!(choose(&[Key::Char('c'), Key::CtrlC]), Outcome::Left);
    }

    #[test]
    fn letters_filter() {
        let rows = rows(&["api", "blog", "cms"]);
        let choose = |keys: &[Key]| after(&mut List::new(&rows), keys);
        assert_eq!(choose(&[Key::Char('c'), Key::Enter]), Outcome::Taken(2));
        assert_eq!(choose(&[Key::Char('z'), Key::Enter]), Outcome::Open, "nothing to take");
        assert_eq!(choose(&[Key::Char('z'), Key::Backspace, Key::Enter]), Outcome::Taken(0));
        assert_eq!(choose(&[Key::End, Key::Char('b'), Key::Char('\x15'), Key::Enter]), Outcome::Taken(0));
        assert_eq!(
            choose(&[Key::Char('\x1a'), Key::Unknown, Key::Enter]),
            Outcome::Taken(0),
            "other keys mean nothing"
        );
    }

    #[test]
    fn a_word_is_dropped_with_the_blanks_behind_it() {
        for (typed, left) in [("", ""), ("api", ""), ("api 3.1", "api "), ("api 3.1  ", "api ")] {
            let mut text = typed.to_string();
            drop_word(&mut text);
            assert_eq!(text, left, "{typed:?}");
        }
    }
}
