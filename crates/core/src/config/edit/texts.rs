//! Values that are several texts, in each way in which people write them on a command line.

use toml::{Table, Value};

/// Returns the requirements that words name: each word is one, or several with blanks between them, or a list in TOML.
/// None if something is no requirement.
pub(super) fn requirements(words: &[String]) -> Option<Vec<String>> {
    let found: Vec<_> = words.iter().map(|word| of_word(word)).collect::<Option<Vec<_>>>()?.concat();
    found.iter().all(|text| is_requirement(text)).then_some(found)
}

/// Returns words as one text in which a shell would find them; one word alone is that text.
pub(super) fn shell_text(words: &[String]) -> Option<String> {
    let [text] = words else { return Some(shell_words::join(words)) };
    match in_brackets(text) {
        Some(list) => Some(shell_words::join(list)),
        // What begins so could also be a pattern.
        None => shell_words::split(text).is_ok().then(|| text.clone()),
    }
}

/// The text of several texts: one that holds blanks is in quotes.
pub(super) fn joined(texts: &[&str]) -> String {
    let quoted = |text: &&str| {
        if text.contains(char::is_whitespace) { shell_words::quote(text).into_owned() } else { (*text).to_owned() }
    };
    texts.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn of_word(word: &str) -> Option<Vec<String>> {
    if word.trim_start().starts_with('[') {
        return in_brackets(word);
    }
    // `six >= 1.0` holds blanks and is one.
    if is_requirement(word.trim()) {
        return Some(vec![word.trim().to_owned()]);
    }
    shell_words::split(word).ok()
}

/// The texts of a list in TOML.
fn in_brackets(text: &str) -> Option<Vec<String>> {
    let table: Table = toml::from_str(&format!("list = {}", text.trim())).ok()?;
    let list = table.get("list").filter(|_| table.len() == 1)?.as_array()?;
    list.iter().map(Value::as_str).map(|text| text.map(str::to_owned)).collect()
}

/// Returns whether a text is what an installer takes from any directory: a name with what may follow it, a URL, or an
/// absolute path.
fn is_requirement(text: &str) -> bool {
    let is_scheme = |scheme: &str| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    if text.starts_with('/') || text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme)) {
        return !text.contains(char::is_whitespace);
    }
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let name = &text[..text.len() - rest.len()];
    let is_name = |c: char| c.is_ascii_alphanumeric();
    let is_named = name.starts_with(is_name) && name.ends_with(is_name);
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => match extras.split_once(']') {
            Some((_, rest)) => rest.trim_start(),
            None => return false,
        },
        None => rest,
    };
    let is_complete = match rest.chars().next() {
        None => true,
        Some('<' | '>' | '=' | '!' | '~') => are_limits(rest.split(';').next().unwrap_or_default()),
        Some(';' | '@' | '(') => !rest[1..].trim().is_empty(),
        Some(_) => false,
    };
    is_named && is_complete
}

/// `>= 1, < 2`: each limit is an operator and one word.
fn are_limits(text: &str) -> bool {
    text.split(',').all(|limit| {
        let limit = limit.trim();
        let version = limit.trim_start_matches(['<', '>', '=', '!', '~']).trim_start();
        limit.starts_with(['<', '>', '=', '!', '~']) && !version.is_empty() && !version.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Option<Vec<String>> {
        requirements(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn packages_in_every_way_to_write_them() {
        for words in [
            &["ipython", "rich>=13"][..],
            &["ipython rich>=13"],
            &["ipython", " rich>=13 "],
            &[" ipython  rich>=13 "],
            &["'ipython' \"rich>=13\""],
            &["[\"ipython\", \"rich>=13\"]"],
            &["['ipython',\n'rich>=13']"],
        ] {
            assert_eq!(read(words).unwrap(), ["ipython", "rich>=13"], "{words:?}");
        }
        for one in
            ["six >= 1.0", "a[b, c] ~= 1", "a; python_version < '3'", "a @ https://x/y", "git+https://x/y@1", "/a/b"]
        {
            assert_eq!(read(&[one]).unwrap(), [one]);
        }
        assert_eq!(read(&["rich>=13 ipython<9"]).unwrap(), ["rich>=13", "ipython<9"]);
        assert_eq!(read(&[]).unwrap(), [""; 0]);
        assert_eq!(read(&["[]"]).unwrap(), [""; 0]);
        for wrong in
            ["-r reqs.txt", "./x", "../x", "six >=", "a[b", "[1]", "['a'", "[-r]", "a 'b", "-e x", "six >= 1 rich"]
        {
            assert_eq!(read(&[wrong]), None, "{wrong}");
        }
        assert_eq!(read(&["-r", "reqs.txt"]), None);
    }

    #[test]
    fn words_for_a_shell() {
        let text = |words: &[&str]| shell_text(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(text(&["a b"]).unwrap(), "a b");
        assert_eq!(text(&["a b", "c"]).unwrap(), "'a b' c");
        assert_eq!(text(&["[\"a b\", \"c\"]"]).unwrap(), "'a b' c");
        assert_eq!(text(&["[ab]*"]).unwrap(), "[ab]*");
        assert_eq!(text(&["a 'b"]), None);
        assert_eq!(joined(&["a>=1", "b >= 1"]), "a>=1 'b >= 1'");
    }
}
