//! What direnv has noted about the variables of a shell, in `DIRENV_DIFF`.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use flate2::read::DeflateDecoder;
use serde_json::Value;

/// More than any shell can export.
const MAX_BYTES: u64 = 16 << 20;

/// The two bytes in front of what zlib compresses.
const HEADER: usize = 2;

/// Returns whether the loaded `.envrc` has set or unset a variable. What cannot be read counts as if it had: the variable
/// is better left alone then.
pub fn has_changed(diff: &str, variable: &str) -> bool {
    let Some(read) = read(diff) else { return true };
    ["p", "n"].iter().any(|side| read[side].get(variable).is_some())
}

/// Reads the two sides of a diff: JSON, compressed, in base64.
fn read(diff: &str) -> Option<Value> {
    let packed = URL_SAFE.decode(diff).ok()?;
    let mut text = Vec::new();
    DeflateDecoder::new(packed.get(HEADER..)?).take(MAX_BYTES).read_to_end(&mut text).ok()?;
    let value: Value = serde_json::from_slice(&text).ok()?;
    value.is_object().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::has_changed;

    #[test]
    fn a_variable_that_was_set_changed_or_unset_is_found() {
        let diffs = [
            ("eJyrVipQsqpWCnAM8VCyUtJPysxTqtVRykMWS7QCC-sohXkGhYQ6-sS7-oWBxFOVamsBJlcRWA==", true),
            ("eJyrVipQsqpWCvMMCgl19Il39QtTslLST1Sq1VHKwyKRqlRbCwB3zw51", true),
            ("eJyrVipQsqpWCvMMCgl19Il39QtTslLST1Sq1VHKA0rU1gIAod0JsA==", true),
            ("eJyrVipQsqpWCnAM8VCyUtJPysxTqtVRykMWS7QCC-so-fmHuAIFwjyDQkIdfeJd_cKUamsBRjkR-g==", false),
            ("eJyrVipQssorzcnRUcqDMGoBPW4GdQ==", false),
            ("eJyrVipQsqqu1VHKA1G1ACV1BO8=", false),
        ];
        for (diff, expected) in diffs {
            assert_eq!(has_changed(diff, "VIRTUAL_ENV"), expected, "{diff}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        for diff in ["", "x", "/projects/api", "eJw=", "eJwDAAAAAAE=", "eJyLNowFAAHTAOo="] {
            assert!(has_changed(diff, "VIRTUAL_ENV"), "{diff}");
        }
    }
}
