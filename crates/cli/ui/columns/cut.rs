//! Texts that are cut to a width.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use console::measure_text_width;

/// What stands for that which is left out.
const ELLIPSIS: char = '…';

/// The space that a text takes on a terminal.
pub(crate) fn measure(text: &str) -> usize {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) { text.len() } else { measure_text_width(text) }
}

/// The beginning of a text.
pub(super) fn without_end(text: &str, width: usize) -> String {
    Form { head: width.saturating_sub(1), middle: (0, 0), tail: 0 }.of(&pieces(text))
}

/// A path says most at its end: two thirds of what is left are that.
pub(super) fn without_middle(text: &str, width: usize) -> String {
    let room = width.saturating_sub(1);
    let tail = room * 2 / 3;
    Form { head: room - tail, middle: (0, 0), tail }.of(&pieces(text))
}

/// Cuts the names that are wider, so that people can still tell them from each other.
pub(super) fn names<'t>(names: impl Iterator<Item = &'t str>, width: usize) -> HashMap<&'t str, String> {
    let (short, long): (BTreeSet<_>, BTreeSet<_>) = names.partition(|name| measure(name) <= width);
    let mut cut = Cut { width, taken: short.into_iter().map(str::to_string).collect(), names: HashMap::new() };
    let long: Vec<_> = long.into_iter().map(|name| (name, pieces(name))).collect();
    let mut alike: BTreeMap<String, Vec<Name<'t>>> = BTreeMap::new();
    for name in long {
        alike.entry(Form::usual(width).of(&name.1)).or_default().push(name);
    }
    let (alike, different): (Vec<_>, Vec<_>) = alike.into_values().partition(|names| names.len() > 1);
    different.iter().chain(&alike).for_each(|names| cut.apart(names));
    cut.names
}

/// A name, and what a terminal draws of it in one place each.
type Name<'t> = (&'t str, Vec<Piece<'t>>);

/// Names that are being cut.
struct Cut<'t> {
    width: usize,
    /// What is shown of other names.
    taken: HashSet<String>,
    names: HashMap<&'t str, String>,
}

impl<'t> Cut<'t> {
    /// Cuts all names in the same way, if that leaves them different; else those that are different by now.
    fn apart(&mut self, names: &[Name<'t>]) {
        let mut best = BTreeMap::new();
        let longest = names.iter().map(|(_, pieces)| pieces.len()).max().unwrap_or(0);
        for form in Form::all(self.width, longest) {
            let mut shown: BTreeMap<String, Vec<&Name<'t>>> = BTreeMap::new();
            for name in names {
                shown.entry(form.of(&name.1)).or_default().push(name);
            }
            shown.retain(|text, _| !self.taken.contains(text));
            if shown.len() > best.len() {
                best = shown;
            }
            if best.len() == names.len() {
                break;
            }
        }
        let is_hopeless = best.len() < 2;
        for (text, alike) in best {
            if let ([_], _) | (_, true) = (&alike[..], is_hopeless) {
                self.names.extend(alike.into_iter().map(|(name, _)| (*name, text.clone())));
                self.taken.insert(text);
            }
        }
        let rest: Vec<Name<'t>> = names.iter().filter(|(name, _)| !self.names.contains_key(name)).cloned().collect();
        if !rest.is_empty() && rest.len() < names.len() {
            self.apart(&rest);
        }
    }
}

/// What is shown of a long text, in columns of a terminal.
#[derive(Clone, Copy)]
struct Form {
    head: usize,
    /// A part in the middle: from which piece on, and how much.
    middle: (usize, usize),
    tail: usize,
}

impl Form {
    /// Both ends.
    fn usual(width: usize) -> Self {
        let room = width.saturating_sub(1);
        Self { head: room - room / 2, middle: (0, 0), tail: room / 2 }
    }

    /// The forms of this width for texts of at most so many pieces, the best first: both ends, then one end more than
    /// the other, then a part in the middle with both ends.
    fn all(width: usize, longest: usize) -> impl Iterator<Item = Self> {
        let room = width.saturating_sub(1);
        let half = room / 2;
        let shifts = (0..=half).flat_map(move |shift| [half + shift, half - shift]);
        let ends = shifts.map(move |tail| Self { head: room - tail, middle: (0, 0), tail });
        let room = width.saturating_sub(2);
        let end = room / 3;
        let middles = (0..longest).map(move |at| Self { head: end, middle: (at, room - 2 * end), tail: end });
        ends.chain(middles)
    }

    fn of(self, pieces: &[Piece<'_>]) -> String {
        let (at, room) = self.middle;
        let mut text = String::new();
        text.extend(fitting(pieces.iter(), self.head).map(|piece| piece.text));
        text.push(ELLIPSIS);
        if room > 0 {
            text.extend(fitting(pieces[at.min(pieces.len())..].iter(), room).map(|piece| piece.text));
            text.push(ELLIPSIS);
        }
        let tail: Vec<_> = fitting(pieces.iter().rev(), self.tail).map(|piece| piece.text).collect();
        text.extend(tail.into_iter().rev());
        text
    }
}

/// What a terminal draws in one place: a character, with all that changes how it looks.
#[derive(Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    width: usize,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut before, mut flags) = (0, None, 0);
    for (at, character) in text.char_indices() {
        let is_flag = matches!(character, '\u{1f1e6}'..='\u{1f1ff}');
        let is_flags_end = is_flag && flags % 2 == 1;
        let belongs = measure(character.encode_utf8(&mut [0; 4])) == 0
            || before == Some('\u{200d}')
            || matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
            || is_flags_end;
        if at > start && !belongs {
            pieces.push(&text[start..at]);
            start = at;
        }
        flags = if is_flag { flags + 1 } else { 0 };
        before = Some(character);
    }
    pieces.push(&text[start..]);
    pieces.into_iter().map(|text| Piece { text, width: measure(text) }).collect()
}

/// The first pieces that have room.
fn fitting<'p, 't: 'p>(
    pieces: impl Iterator<Item = &'p Piece<'t>>,
    room: usize,
) -> impl Iterator<Item = &'p Piece<'t>> {
    let mut used = 0;
    pieces.take_while(move |piece| {
        used += piece.width;
        used <= room
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(texts: &[&str], width: usize) -> Vec<String> {
        let found = names(texts.iter().copied(), width);
        let shown: Vec<_> = texts.iter().map(|&text| found.get(text).map_or(text.to_string(), Clone::clone)).collect();
        for text in &shown {
            assert!(measure(text) <= width, "{width}: {text}");
        }
        shown
    }

    #[test]
    fn a_name_keeps_both_ends() {
        assert_eq!(cut(&["customer-portal-2", "api"], 10), ["custo…al-2", "api"]);
        assert_eq!(cut(&["abcdefgh"], 4), ["ab…h"]);
        // Also where others are too much alike for that.
        let others = ["a".repeat(30) + "1" + &"a".repeat(29), "a".repeat(30) + "2" + &"a".repeat(29)];
        assert_eq!(cut(&[&others[0], "customer-portal-2", &others[1]], 10), ["aa…aaa1…aa", "custo…al-2", "aa…aaa2…aa"]);
    }

    #[test]
    fn names_stay_different_wherever_the_difference_is() {
        for width in 4..30 {
            for at in 0..40 {
                let long = "x".repeat(40);
                let other = format!("{}y{}", &long[..at], &long[at + 1..]);
                let shown = cut(&[&long, &other, "api"], width);
                assert_ne!(shown[0], shown[1], "{width} {at}");
            }
        }
        // One is different in two places, one in a third.
        let names = ["a".repeat(60), "a".repeat(20) + "b" + &"a".repeat(39), "a".repeat(40) + "c" + &"a".repeat(19)];
        let mut shown = cut(&names.each_ref().map(String::as_str), 12);
        shown.sort();
        shown.dedup();
        assert_eq!(shown.len(), 3, "{shown:?}");
        // What is cut is not taken for a short one either.
        let shown = cut(&["abcdefgh", "ab…h"], 4);
        assert_ne!(shown[0], shown[1]);
    }

    #[test]
    fn many_names_stay_different() {
        let names: Vec<String> =
            (0..300).map(|n| format!("team-{n:03}-the-very-same-name-for-every-one-{}-end", n % 7)).collect();
        for width in [12, 16, 24, 31] {
            let shown: HashSet<_> =
                cut(&names.iter().map(String::as_str).collect::<Vec<_>>(), width).into_iter().collect();
            assert_eq!(shown.len(), names.len(), "{width}");
        }
    }

    #[test]
    fn what_is_drawn_as_one_is_never_taken_apart() {
        // An accent of its own, a family, a hand with a skin, two flags.
        let whole = ["e\u{301}", "👩\u{200d}💻", "👍\u{1f3fd}", "🇫🇷", "🇩🇪", "漢"];
        let text = whole.concat().repeat(3);
        for width in 4..20 {
            for shown in [cut(&[&text], width).remove(0), without_end(&text, width), without_middle(&text, width)] {
                let rest = whole.iter().fold(shown.clone(), |rest, piece| rest.replace(piece, ""));
                assert_eq!(rest, "…", "{width}: {shown}");
            }
        }
    }
}
