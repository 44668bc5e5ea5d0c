//! Sentences in lines of a terminal, broken between words.

use super::columns::measure;

/// What follows below the first line of a message.
const INDENT: usize = 2;

/// Words in lines of a width, all but the first with an indentation, which the first has already. A word that is too long
/// has a line to itself.
///
/// What is in backticks or quotes is one word: people copy it, and a line break in it would be copied too. That of a terminal,
/// which has no room for the whole word, is not.
pub(crate) fn wrapped(text: &str, indent: usize, limit: usize) -> String {
    fill(text, indent, indent, limit)
}

/// A sentence in a column next to its heading, which begins with a blank for each column of its own indentation and is
/// filled up to the column; below it where that would leave hardly a word in a line.
pub(crate) fn beside(heading: &str, sentence: &str, limit: usize) -> String {
    const LEAST: usize = 20;
    let column = measure(heading);
    if column + LEAST <= limit {
        return heading.to_string() + &wrapped(sentence, column, limit);
    }
    let own = heading.len() - heading.trim_start().len() + 2 * INDENT;
    let (heading, blanks) = (heading.trim_end(), " ".repeat(own));
    format!("{heading}\n{blanks}{}", wrapped(sentence, own, limit))
}

/// Lines of a message in the same way, each with an indentation below it. One that begins with a blank is part of a
/// list, or to be copied as it is.
pub(crate) fn message(text: &str, limit: usize) -> String {
    let line = |line: &str| if line.starts_with(' ') { line.to_string() } else { fill(line, 0, INDENT, limit) };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Lines of another's message in the same way, also those that are indented.
pub(crate) fn indented(text: &str, limit: usize) -> String {
    let line = |line: &str| {
        let rest = line.trim_start_matches(' ');
        let own = line.len() - rest.len();
        line[..own].to_string() + &fill(rest, own, own + INDENT, limit)
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A help text whose other lines fit already: those of the usage, which comes with or without colours, in the same way.
pub(crate) fn with_narrow_usage(text: &str, limit: usize) -> String {
    const HEADING: &str = "Usage:";
    let mut is_usage = false;
    let line = |line: &str| {
        let rest = line.trim_start_matches(' ');
        let own = line.len() - rest.len();
        let begins = line.find(HEADING).is_some_and(|at| measure(&line[..at]) == 0);
        is_usage = begins || is_usage && own > HEADING.len();
        if is_usage { " ".repeat(own) + &fill(rest, own, HEADING.len() + 1 + INDENT, limit) } else { line.to_string() }
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Fills lines, of which the first has `used` columns already.
fn fill(text: &str, mut used: usize, indent: usize, limit: usize) -> String {
    let mut lines = String::new();
    let mut is_first = true;
    for word in words(text) {
        let wide = measure(word);
        if !is_first && used + 1 + wide > limit {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if !is_first {
            lines.push(' ');
            used += 1;
        }
        is_first = false;
        lines.push_str(word);
        used += wide;
    }
    lines
}

/// The words between blanks. What is in backticks is in one word, if it ends.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = end_of_word(text);
        rest = text.get(end + 1..);
        Some(&text[..end])
    })
}

fn end_of_word(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find([' ', '`', '\'']) {
        let start = at + found;
        if text[start..].starts_with(' ') {
            return start;
        }
        at = end_of_quoted(text, start).unwrap_or(start + 1);
    }
    text.len()
}

/// The end of what begins with a quote here; none where the quote is an apostrophe or has no end.
fn end_of_quoted(text: &str, start: usize) -> Option<usize> {
    let is_letter = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let quote = text[start..].chars().next()?;
    let inside = &text[start + 1..];
    if quote == '`' {
        return Some(start + 1 + inside.find(quote)? + 1);
    } else if is_letter(text[..start].chars().next_back()) {
        return None;
    }
    let mut ends = inside.match_indices(quote).map(|(at, _)| at);
    let end = ends.find(|at| !is_letter(inside[at + 1..].chars().next()))?;
    Some(start + 1 + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_whole() {
        assert_eq!(wrapped("one two three", 2, 9), "one two\n  three");
        assert_eq!(wrapped("incomprehensible", 2, 9), "incomprehensible");
        assert_eq!(wrapped("", 2, 9), "");
        assert_eq!(wrapped("a incomprehensible b", 2, 9), "a\n  incomprehensible\n  b");
        assert_eq!(wrapped("漢字 漢字", 0, 8), "漢字\n漢字");
    }

    #[test]
    fn what_people_copy_is_one_word() {
        assert_eq!(wrapped("run `go to it` (or `a b`), now", 2, 12), "run\n  `go to it`\n  (or\n  `a b`),\n  now");
        assert_eq!(wrapped("it's in 'a b' of the user's", 0, 8), "it's in\n'a b' of\nthe\nuser's");
        assert_eq!(wrapped("'user's own' b", 0, 8), "'user's own'\nb");
        // One that never ends is like any other character.
        assert_eq!(wrapped("a ` b c", 0, 5), "a ` b\nc");
        assert_eq!(wrapped("a `b c` ` d e", 0, 9), "a `b c` `\nd e");
    }

    #[test]
    fn a_sentence_is_below_its_heading_where_there_is_no_room_beside_it() {
        let shown = |limit| beside("  name     ", "Do one thing well", limit);
        assert_eq!(shown(80), "  name     Do one thing well");
        assert_eq!(shown(31), "  name     Do one thing well");
        assert_eq!(shown(30), "  name\n      Do one thing well");
        assert_eq!(shown(16), "  name\n      Do one\n      thing well");
    }

    #[test]
    fn only_the_usage_of_a_help_text_is_broken() {
        let text = "It does this\n\n\x1b[1mUsage:\x1b[0m it [OPTIONS] <NAME>\n       it -a [OPTIONS] <NAME>\n\nUse it: a b c d e f g\n";
        let expected = "It does this\n\n\x1b[1mUsage:\x1b[0m it [OPTIONS]\n         <NAME>\n       it -a\n         [OPTIONS]\n         <NAME>\n\n\
                        Use it: a b c d e f g\n";
        assert_eq!(with_narrow_usage(text, 20), expected);
        assert_eq!(with_narrow_usage(text, 40), text);
    }

    #[test]
    fn a_message_keeps_its_lines_and_what_is_indented() {
        let text = "add this line to `~/.bashrc`?\n  eval it all the same\n[Y/n] ";
        assert_eq!(message(text, 16), "add this line to\n  `~/.bashrc`?\n  eval it all the same\n[Y/n] ");
        assert_eq!(message("", 16), "");
        assert_eq!(message("one  two", 16), "one  two");
        assert_eq!(indented("one two three\n\n  tip: one two", 12), "one two\n  three\n\n  tip: one\n    two");
    }
}
