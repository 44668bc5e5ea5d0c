//! Versions of glibc as text. They are numbers everywhere else: the first of the two has been 2 since 1997.

/// Returns the second number of `2.36`, or `2.36.1`.
pub(crate) fn minor(text: &str) -> Option<u32> {
    text.strip_prefix("2.")?.split('.').next()?.parse().ok()
}

/// Returns the version with this second number.
pub(crate) fn version(minor: u32) -> String {
    format!("2.{minor}")
}

/// Returns the oldest version that the platform in the tag of a wheel is for; none for one of another C library.
pub(crate) fn of_platform(platform: &str) -> Option<u32> {
    if let Some(rest) = platform.strip_prefix("manylinux_2_") {
        return rest.split('_').next()?.parse().ok();
    }
    [("manylinux2014_", 17), ("manylinux2010_", 12), ("manylinux1_", 5)]
        .into_iter()
        .find_map(|(prefix, floor)| platform.starts_with(prefix).then_some(floor))
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
