//! Colour after layout: words are marked with characters that take no room, and the marks become colours in the finished
//! lines. So the table needs to know nothing of escape sequences.

use anstyle::Style;

use super::printer::{BAD, GOOD, HEADING, ODD, colour_on_stdout};

/// What each mark stands for. Fonts and terminals give these variation selectors no width and no meaning.
const MARKS: [(char, Style); 4] = [('\u{e01eb}', ODD), ('\u{e01ec}', HEADING), ('\u{e01ed}', GOOD), ('\u{e01ee}', BAD)];
const END: char = '\u{e01ef}';

/// Marks the words of a text for a style; returns the text alone where there is no colour.
pub(crate) fn marked(text: &str, style: Style) -> String {
    match MARKS.iter().find(|(_, known)| *known == style) {
        Some((mark, _)) if colour_on_stdout() => marked_words(text, *mark),
        _ => text.to_string(),
    }
}

/// Puts colours in the place of the marks of one line. A word that the layout has broken loses its colour after the break.
pub(crate) fn painted(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut style: Option<Style> = None;
    for character in line.chars() {
        if let Some((_, begun)) = MARKS.iter().find(|(mark, _)| *mark == character) {
            style = Some(*begun);
            text.push_str(&begun.render().to_string());
        } else if character == END || (character == ' ' && style.is_some()) {
            end(&mut text, style.take());
            text.extend((character != END).then_some(character));
        } else {
            text.push(character);
        }
    }
    end(&mut text, style);
    text
}

fn marked_words(text: &str, mark: char) -> String {
    let words: Vec<_> = text.split(' ').map(|word| format!("{mark}{word}{END}")).collect();
    words.join(" ")
}

fn end(text: &mut String, style: Option<Style>) {
    if let Some(style) = style {
        text.push_str(&style.render_reset().to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_colours_and_take_no_room() {
        let (mark, style) = MARKS[1];
        let (on, off) = (style.render(), style.render_reset());
        let text = marked_words("last used", mark);
        assert_eq!(unicode_width(&text), "last used".len());
        assert_eq!(painted(&format!("a  {text}  b")), format!("a  {on}last{off} {on}used{off}  b"));
        assert_eq!(painted(&format!("{mark}brok")), format!("{on}brok{off}"), "a word that was broken");
        assert_eq!(painted(&format!("en{END}  b")), "en  b");
    }

    /// The width as the table measures it.
    fn unicode_width(text: &str) -> usize {
        console::measure_text_width(text)
    }
}
