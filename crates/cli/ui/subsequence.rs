//! Letters of a name, typed with gaps.

/// Returns whether `letters` occur in `text` in this order; both are compared as they are.
pub(crate) fn is_subsequence(letters: &str, text: &str) -> bool {
    let mut rest = text.chars();
    letters.chars().all(|letter| rest.any(|own| own == letter))
}
