//! Takes the parts of a requirement off the front of a text, one after the other.

/// What is left of the text.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
    last: Option<char>,
}

impl<'a> Scanner<'a> {
    /// Begins at the start of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, last: None }
    }

    /// Returns whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Passes over blanks and tabs, and returns whether there were any.
    pub(super) fn skip_blanks(&mut self) -> bool {
        !self.take_while(|c| matches!(c, ' ' | '\t')).is_empty()
    }

    /// Takes a text if it is next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let is_next = self.rest.starts_with(text);
        if is_next {
            self.advance(text.len());
        }
        is_next
    }

    /// Takes a word, with the blanks before it and after it, if it is next and not a part of a longer word.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let mut ahead = self.clone();
        ahead.skip_blanks();
        let is_start = !ahead.last.is_some_and(is_word);
        let is_next = is_start && ahead.take(word) && !ahead.rest.starts_with(is_word);
        if is_next {
            ahead.skip_blanks();
            *self = ahead;
        }
        is_next
    }

    /// Takes the longest part that consists of such characters.
    pub(super) fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> &'a str {
        let length = self.rest.find(|c| !is_wanted(c)).unwrap_or(self.rest.len());
        self.advance(length)
    }

    /// Takes a text in quotes, and returns what is between them.
    pub(super) fn take_quoted(&mut self) -> Option<&'a str> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let length = self.rest[1..].find(quote)?;
        let quoted = self.advance(length + 2);
        Some(&quoted[1..=length])
    }

    fn advance(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.last = taken.chars().last().or(self.last);
        self.rest = rest;
        taken
    }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}
