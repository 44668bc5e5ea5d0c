//! Text as `man` reads it.

/// A section of terms and their meanings; nothing without any.
pub(super) fn section<T: AsRef<str>, M: AsRef<str>>(title: &str, entries: &[(T, M)]) -> String {
    let line =
        |(term, meaning): &(T, M)| format!(".TP\n.B {}\n{}\n", escaped(term.as_ref()), escaped(meaning.as_ref()));
    if entries.is_empty() {
        return String::new();
    }
    format!(".SH {title}\n{}", entries.iter().map(line).collect::<String>())
}

/// A section of lines that stay as they are.
pub(super) fn literal(title: &str, text: &str) -> String {
    format!(".SH {title}\n.nf\n{}\n.fi\n", escaped(text))
}

/// The section about other pages.
pub(super) fn see_also<'a>(pages: impl IntoIterator<Item = &'a str>) -> String {
    let pages: Vec<_> = pages.into_iter().map(|page| format!(".BR {page} (1)")).collect();
    format!(".SH SEE ALSO\n{}\n", pages.join(",\n"))
}

/// The text without what is in parentheses only to link to a page, and without the addresses of other links: a manual
/// has no pages.
pub(super) fn without_links(text: &str) -> String {
    let mut parts = text.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| {
        let (_, after) = part.split_once(')').unwrap_or(("", part));
        let start = before.rfind('[').unwrap_or(before.len());
        match (before[..start].strip_suffix(" ("), after.strip_prefix(')')) {
            (Some(before), Some(after)) => format!("{before}{after}"),
            _ => format!("{}{}{after}", &before[..start], before[start..].trim_start_matches('[')),
        }
    })
}

/// The text as roff takes it literally.
pub(super) fn escaped(text: &str) -> String {
    let line = |line: &str| {
        let line = with_bold(&line.replace('\\', "\\e").replace('-', "\\-"));
        // A dot or an apostrophe in the first column would begin a request.
        if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What is in backquotes is bold, as in every manual.
fn with_bold(line: &str) -> String {
    let parts: Vec<_> = line.split('`').collect();
    if parts.len() % 2 == 0 {
        return line.to_string();
    }
    let part = |(at, text): (usize, &&str)| if at % 2 == 1 { format!("\\fB{text}\\fR") } else { (*text).to_string() };
    parts.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_leave_no_trace() {
        assert_eq!(without_links("a `b` ([c](d.md)), [e f](g.md#h) i"), "a `b`, e f i");
        assert_eq!(without_links("a ([b](c.md) or d): e"), "a (b or d): e");
        assert_eq!(without_links("a [b] (c)"), "a [b] (c)");
    }
}
