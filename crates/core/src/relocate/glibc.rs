//! Versions of glibc as text. They are numbers everywhere else: the first of the two has been 2 since 1997.

/// Returns the second number of `2.36`, or `2.36.1`.
pub(crate) fn minor(text: &str) -> Option<u32> {
    text.strip_prefix("2.")?.split('.').next()?.parse().ok()
}

/// Returns the version with this second number.
pub(crate) fn version(minor: u32) -> String {
    format!("2.{minor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_number_counts() {
        assert_eq!((minor("2.36"), minor("2.36.1")), (Some(36), Some(36)));
        for text in ["", "2", "3.1", "2.x", "musl 1.2"] {
            assert_eq!(minor(text), None, "{text}");
        }
        assert_eq!(version(36), "2.36");
    }
}
