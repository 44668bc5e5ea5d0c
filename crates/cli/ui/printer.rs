//! The only place that writes to the terminal: data to stdout, everything else to stderr, colour where it is wanted.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use venvwrap_core::fs::text::printable;

use crate::error::{Explain, Result};
use crate::process::set_variable;
use crate::ui::prose;
use venvwrap_core::config::{FileProblem, variables};

// Yellow and what is bright or dim can hardly be read on a light background, blue on a dark one.

/// Text that went wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Text that needs attention.
pub(crate) const ODD: Style = AnsiColor::Magenta.on_default();
/// Text that is fine.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Text that helps.
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default();
/// A heading.
pub(crate) const HEADING: Style = Style::new().bold();

/// Standard output cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write to the standard output")]
pub(crate) struct OutputError(#[source] pub(crate) io::Error);

impl Explain for OutputError {
    fn hint(&self) -> Option<String> {
        None
    }
}

/// Writes data to stdout.
///
/// A closed pipe ends the program quietly, as people expect of `lsvirtualenv | head`.
pub(crate) fn data(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other.map_err(OutputError)?),
    }
}

/// Writes a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    data((serde_json::to_string_pretty(value)? + "\n").as_bytes())
}

/// Writes a line of data: byte for byte to a program, and nothing that a terminal would obey to a terminal.
pub(crate) fn line(text: &OsStr) -> Result<()> {
    data(&[for_reader(text.as_bytes(), io::stdout().is_terminal()).as_slice(), b"\n"].concat())
}

/// Writes sentences for people, one in each line: on a terminal lines break between words.
pub(crate) fn sentences(text: &str) -> Result<()> {
    match width() {
        Some(width) => data(prose::message(text, width.into()).as_bytes()),
        None => data(text.as_bytes()),
    }
}

/// Writes lines that others have written, in the same way.
pub(crate) fn foreign(text: &[u8]) -> Result<()> {
    let is_terminal = io::stdout().is_terminal();
    let lines: Vec<_> = text.split(|&byte| byte == b'\n').map(|line| for_reader(line, is_terminal)).collect();
    data(&lines.join(&b'\n'))
}

fn for_reader(text: &[u8], is_terminal: bool) -> Vec<u8> {
    if is_terminal { printable(OsStr::from_bytes(text)).into_bytes() } else { text.to_vec() }
}

/// Writes a line to stderr after a coloured label: `warning: ...`. Names and paths in it may be anybody's, so nothing
/// reaches the terminal that it would obey.
pub(crate) fn note(label: &str, style: Style, text: &str) {
    notes(&[(label, style, text)]);
}

/// Writes several of them that belong together.
pub(crate) fn notes(lines: &[(&str, Style, &str)]) {
    let (is_coloured, width) = (colour_on_stderr(), message_width());
    let line = |(label, style, text): &(&str, Style, &str)| {
        let text = readable(text);
        let text = width.map_or_else(|| text.clone(), |width| prose::wrapped(&text, label.len() + 2, width));
        let style = if is_coloured { *style } else { Style::new() };
        format!(
            "{style}{label}:{style:#} {text}
"
        )
    };
    draw(&lines.iter().map(line).collect::<String>());
}

/// Text for the terminal, without anything that it would obey, and of a length that can be read: a path may have
/// thousands of characters, and a file that is not what it should be a line of megabytes, which messages quote.
fn readable(text: &str) -> String {
    // Nothing longer is shown whole: of what is quoted, and of a line.
    const QUOTED: usize = 1000;
    const LINE: usize = 10_000;
    let text = printable(OsStr::new(text));
    if text.len() <= QUOTED {
        return text;
    }
    let parts: Vec<_> = text.split('`').map(|part| shortened(part, QUOTED, "…")).collect();
    shortened(&parts.join("`"), LINE, " … ").into_owned()
}

/// A text that has at most this length, or else its beginning and its end.
fn shortened<'a>(text: &'a str, most: usize, between: &str) -> Cow<'a, str> {
    const SHOWN: usize = 400;
    if text.len() <= most {
        return text.into();
    }
    let begin: String = text.chars().take(SHOWN).collect();
    let end: String = text.chars().skip(text.chars().count().saturating_sub(SHOWN)).collect();
    [&begin, between, &end].concat().into()
}

/// Writes lines to stderr, without anything that a terminal would obey. On a terminal lines break between words.
pub(crate) fn message(text: &str) {
    let text = in_lines(text);
    let lines: Vec<_> = text.split('\n').map(|line| with_coloured_label(&printable(OsStr::new(line)))).collect();
    draw(&(lines.join("\n") + "\n"));
}

/// Writes a message of the parser to stderr, which has its own colours.
pub(crate) fn styled_message(text: &str) {
    draw(&(message_width().map_or_else(|| text.to_string(), |width| prose::indented(text, width)) + "\n"));
}

/// Text of which a terminal has to break no word; anywhere else, what reads it searches in whole lines.
fn in_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(readable).collect();
    let text = lines.join("\n");
    message_width().map_or_else(|| text.clone(), |width| prose::message(&text, width))
}

/// virtualenvwrapper's labels get the colours of venvwrap's.
fn with_coloured_label(line: &str) -> String {
    for (label, style) in [("ERROR:", BAD), ("NOTE:", ODD)] {
        if let Some(rest) = line.strip_prefix(label).filter(|_| colour_on_stderr()) {
            return format!("{style}{label}{style:#}{rest}");
        }
    }
    line.to_string()
}

/// Writes a line to stderr for people: nothing where it would end in a log.
pub(crate) fn remark(text: &str) {
    if is_read() {
        message(text);
    }
}

/// Writes to where messages go; on a terminal the text may move its cursor. It goes there as a whole: several programs may
/// write to one terminal or log.
pub(crate) fn draw(text: &str) {
    draw_bytes(text.as_bytes());
}

/// The same for what others have written.
pub(crate) fn draw_bytes(text: &[u8]) {
    let _ = io::stderr().write_all(text);
}

/// Warns in one line.
pub(crate) fn warning(text: &str) {
    note("warning", ODD, text);
}

/// Warnings that are printed when the command has ended, unless its error says the same.
static HELD_BACK: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Warns of what a configuration file contains that is not used.
pub(crate) fn warn_of(problems: &[FileProblem]) {
    let mut held_back = HELD_BACK.lock().unwrap_or_else(PoisonError::into_inner);
    held_back.extend(problems.iter().map(ToString::to_string));
}

/// Prints the warnings that were held back, except those that an error repeats.
pub(crate) fn warn_of_the_rest(error: &str) {
    let held_back = std::mem::take(&mut *HELD_BACK.lock().unwrap_or_else(PoisonError::into_inner));
    held_back.iter().filter(|text| !error.contains(text.as_str())).for_each(|text| warning(text));
}

/// Returns whether data may be coloured.
pub(crate) fn colour_on_stdout() -> bool {
    // Asked for every cell of a table.
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| colour(io::stdout().is_terminal()))
}

/// Returns whether messages may be coloured.
pub(crate) fn colour_on_stderr() -> bool {
    colour(io::stderr().is_terminal())
}

/// Returns whether there is a person at the other end who can be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Returns whether a person reads what goes to stderr.
pub(crate) fn is_read() -> bool {
    io::stderr().is_terminal()
}

/// Asks a question that ends in `[y/N] ` or `[Y/n] `; everything but yes is no, and a line without an answer is the
/// capital one.
pub(crate) fn asks(question: &str) -> io::Result<bool> {
    io::stderr().write_all(in_lines(question).as_bytes())?;
    let mut answer = String::new();
    if io::stdin().lock().read_line(&mut answer)? == 0 {
        // Ctrl-D leaves the cursor after the question.
        message("");
    }
    let is_yes_meant = question.ends_with("[Y/n] ") && answer.ends_with('\n');
    Ok(match answer.trim().to_lowercase().as_str() {
        "" => is_yes_meant,
        answer => matches!(answer, "y" | "yes"),
    })
}

/// The text in a style, where data may be coloured.
pub(crate) fn styled(text: &str, style: Style) -> String {
    if colour_on_stdout() { format!("{style}{text}{style:#}") } else { text.to_string() }
}

/// The width of the terminal that data goes to, in columns; none when it is no terminal.
pub(crate) fn width() -> Option<u16> {
    width_of(io::stdout())
}

/// The width of the terminal that messages go to, in columns; none when it is no terminal.
pub(crate) fn stderr_width() -> Option<u16> {
    width_of(io::stderr())
}

/// The same for sentences; none when it is too narrow for them.
fn message_width() -> Option<usize> {
    const LEAST: u16 = 20;
    stderr_width().filter(|width| *width >= LEAST).map(usize::from)
}

fn width_of(stream: impl AsFd) -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

/// A path for people: the home directory as `~`, nothing that a terminal would obey.
pub(crate) fn shown(path: &Path, home: Option<&Path>) -> String {
    let text = match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => OsStr::new("~").to_os_string(),
        Some(rest) => Path::new("~").join(rest).into_os_string(),
        None => path.as_os_str().to_os_string(),
    };
    printable(&text)
}

/// A text for people: the home directory as `~` in the paths that are in backticks.
pub(crate) fn with_tilde(text: &str, home: Option<&Path>) -> String {
    match home.and_then(Path::to_str).filter(|home| *home != "/") {
        Some(home) => text.replace(&format!("`{home}/"), "`~/"),
        None => text.to_string(),
    }
}

fn colour(is_terminal: bool) -> bool {
    if set_variable(variables::NO_COLOR).is_some() {
        return false;
    }
    let forced = set_variable(variables::CLICOLOR_FORCE).is_some_and(|value| value != "0");
    forced || (is_terminal && set_variable(variables::TERM).is_none_or(|term| term != "dumb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_can_be_read_on_a_light_and_on_a_dark_background() {
        let readable = [AnsiColor::Red, AnsiColor::Magenta, AnsiColor::Green, AnsiColor::Cyan];
        for style in [BAD, ODD, GOOD, HELP, HEADING] {
            let is_readable = |colour| readable.into_iter().any(|one| anstyle::Color::Ansi(one) == colour);
            assert!(style.get_fg_color().is_none_or(is_readable), "{style:?}");
            assert!(style.get_bg_color().is_none() && !style.get_effects().contains(anstyle::Effects::DIMMED));
        }
    }

    #[test]
    fn a_message_of_megabytes_keeps_its_ends() {
        let long = format!("line 7: `{}` is not a requirement", "é".repeat(1_000_000));
        let text = readable(&long);
        assert!(text.len() < 2000 && text.starts_with("line 7: `é") && text.ends_with("é` is not a requirement"));
        let text = readable(&"é ".repeat(1_000_000));
        assert!(text.len() < 2000 && text.starts_with("é é") && text.ends_with("é "));
    }

    #[test]
    fn a_long_path_keeps_its_ends_and_the_sentence_around_it() {
        let path = format!("/begin{}/end", "/x".repeat(2000));
        let text = readable(&format!("could not read `{path}`: it is longer than `{}`", "y".repeat(999)));
        let (begin, end) = text.split_once('…').unwrap();
        assert!(
            begin.starts_with("could not read `/begin/x/x") && end.contains("/x/end`: it is longer than `yy"),
            "{text}"
        );
        assert!(text.len() < 2000 && end.ends_with(&format!("`{}`", "y".repeat(999))), "{text}");
    }
}
