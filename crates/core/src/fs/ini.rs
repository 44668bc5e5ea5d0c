//! Files that Python's `configparser` reads: settings of pip, virtualenv and setuptools.

/// Returns the keys of a section and their values, in the order of the lines. A value that goes on in indented lines holds
/// line breaks.
pub(crate) fn section(content: &str, wanted: &str) -> Vec<(String, String)> {
    let mut values: Vec<(String, String)> = Vec::new();
    let mut is_inside = false;
    for line in content.trim_start_matches('\u{feff}').lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[') {
            is_inside = name.trim_end_matches(']') == wanted;
        } else if is_inside && line.starts_with([' ', '\t']) {
            if let Some((_, value)) = values.last_mut() {
                value.push('\n');
                value.push_str(trimmed);
            }
        } else if is_inside && let Some((key, value)) = trimmed.split_once(['=', ':']) {
            values.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn values_go_on_in_indented_lines() {
        let text = "\u{feff}; x\n[a]\n lost = 1\nk = v\n[b]\nName: 'x'\n# y\n\nlist =\n  one\n\ttwo\n[a]\nz=\n";
        let of =
            |name| section(text, name).into_iter().map(|(key, value)| format!("{key}|{value}")).collect::<Vec<_>>();
        assert_eq!(of("a"), ["k|v", "z|"]);
        assert_eq!(of("b"), ["Name|'x'", "list|\none\ntwo"]);
        assert!(of("c").is_empty());
    }
}
