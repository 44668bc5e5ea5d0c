//! The text of a requirements file as lines: decoded, joined, without comments.

/// Returns the value of an option in one of its forms: `-rFILE`, `-r FILE`, `--requirement FILE`, `--requirement=FILE`.
pub(super) fn option<'a>(text: &'a str, short: &str, long: &str) -> Option<&'a str> {
    let long_value = text.strip_prefix(long).and_then(|rest| rest.strip_prefix(['=', ' ', '\t']));
    let value = long_value.or_else(|| text.strip_prefix(short).filter(|_| !text.starts_with("--")))?.trim();
    (!value.is_empty()).then_some(value)
}

/// Divides a line into the requirement and the options after it.
pub(super) fn without_options(text: &str) -> (&str, &str) {
    let start = text.match_indices(" -").map(|(at, _)| at).next();
    start.map_or((text, ""), |at| (text[..at].trim_end(), &text[at..]))
}

/// Returns the hashes among the options of a line.
pub(super) fn hashes_in(options: &str) -> Vec<String> {
    let values = options
        .split("--hash")
        .skip(1)
        .filter_map(|rest| rest.trim_start_matches(['=', ' ']).split_whitespace().next());
    values.map(str::to_owned).collect()
}

/// Returns the lines as pip sees them, with the number of the first of each: joined where one ends in a backslash,
/// without comments and empty lines.
pub(super) fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let joined = groups(text).into_iter().map(|(number, lines)| (number, joined(&lines)));
    joined.filter(|(_, line)| !line.is_empty()).collect()
}

/// Returns the lines of the file that are one to pip, with the number of the first. A comment ends what goes on, and is
/// no part of it.
pub(in crate::snapshot) fn groups(text: &str) -> Vec<(usize, Vec<&str>)> {
    let mut groups: Vec<(usize, Vec<&str>)> = Vec::new();
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let is_comment = line.trim_start().starts_with('#');
        match groups.last_mut().filter(|_| is_open && !is_comment) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((index + 1, vec![line])),
        }
        is_open = line.ends_with('\\') && !is_comment;
    }
    groups
}

/// Returns the line that several are to pip, without its comment.
pub(in crate::snapshot) fn joined(lines: &[&str]) -> String {
    let line: String = lines.iter().map(|line| line.trim_end_matches('\\')).collect();
    without_comment(&line).trim().to_owned()
}

/// Cuts a comment off: a `#` at the start or after white space.
pub(super) fn without_comment(line: &str) -> &str {
    let is_start = |&at: &usize| at == 0 || line[..at].ends_with(char::is_whitespace);
    let start = line.match_indices('#').map(|(at, _)| at).find(is_start);
    start.map_or(line, |at| &line[..at])
}

/// Decodes UTF-8 and UTF-16, by the byte order mark where there is one.
pub(super) fn decode(content: &[u8]) -> Option<String> {
    let utf16 = |content: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, rest) = content.as_chunks::<2>();
        let text = String::from_utf16(&units.iter().map(|&bytes| unit(bytes)).collect::<Vec<_>>()).ok();
        // UTF-32 begins in the same way.
        text.filter(|text| rest.is_empty() && !text.contains('\0'))
    };
    if let Some(content) = content.strip_prefix(b"\xff\xfe") {
        return utf16(content, u16::from_le_bytes);
    }
    if let Some(content) = content.strip_prefix(b"\xfe\xff") {
        return utf16(content, u16::from_be_bytes);
    }
    String::from_utf8(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content).to_vec()).ok()
}
