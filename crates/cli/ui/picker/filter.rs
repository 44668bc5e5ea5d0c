//! Which rows fit what has been typed, and how well.

use super::row::Row;
use crate::ui::subsequence::is_subsequence;

/// Returns how well a row fits, the smaller the better; none when it does not fit. Each word must be found.
pub(super) fn rank(row: &Row, typed: &str) -> Option<u32> {
    typed.to_lowercase().split_whitespace().map(|word| rank_of_word(row, word)).sum()
}

fn rank_of_word(row: &Row, word: &str) -> Option<u32> {
    let name = row.name.to_lowercase();
    if let Some(rank) = rank_of_part(&name, word) {
        return Some(rank);
    } else if is_subsequence(word, &name) {
        return Some(4);
    }
    row.details.iter().any(|detail| detail.text.to_lowercase().contains(word)).then_some(5)
}

/// The name itself, its beginning, the beginning of a word in it, any other part.
fn rank_of_part(name: &str, word: &str) -> Option<u32> {
    if name == word {
        return Some(0);
    }
    let begins_word = |at: usize| !name[..at].ends_with(char::is_alphanumeric);
    let rank = |(at, _)| match at {
        0 => 1,
        at if begins_word(at) => 2,
        _ => 3,
    };
    name.match_indices(word).map(rank).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(names: &[&str], typed: &str) -> Vec<String> {
        let rows =
            names.iter().map(|name| Row { name: (*name).to_string(), details: vec!["3.12.1".to_string().into()] });
        let mut found: Vec<_> = rows.filter_map(|row| Some((rank(&row, typed)?, row.name))).collect();
        found.sort();
        found.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn the_better_it_fits_the_earlier_it_comes() {
        let names = ["xapi", "a-p-i", "my-api", "api", "api-old", "other"];
        assert_eq!(order(&names, "api"), ["api", "api-old", "my-api", "xapi", "a-p-i"]);
        assert_eq!(order(&names, "API OLD"), ["api-old"]);
        assert_eq!(order(&names, "zz"), [""; 0]);
        assert_eq!(order(&names, " ").len(), names.len());
    }

    #[test]
    fn what_else_is_shown_counts_last() {
        assert_eq!(order(&["b", "a3.1"], "3.1"), ["a3.1", "b"]);
        assert_eq!(order(&["b", "a"], "3.11"), [""; 0]);
    }

    #[test]
    fn letters_of_more_than_one_byte() {
        assert_eq!(order(&["né", "漢字", "ñandé"], "é"), ["né", "ñandé"]);
        assert_eq!(order(&["漢字"], "字"), ["漢字"]);
    }
}
