//! Hiding the user name and password in a URL before it is written to a file that others will read.

/// What takes their place.
const HIDDEN: &str = "****";

/// Names in a query whose values are secrets, and parts of such names.
const WHOLE: [&str; 5] = ["auth", "key", "pass", "pwd", "sig"];
const PARTS: [&str; 8] = ["token", "secret", "password", "passwd", "signature", "credential", "apikey", "accesskey"];

/// Returns the URL without its password or token; none if it holds no secret. The name of a user of ssh and references
/// to variables (`${USER}:${TOKEN}`) are no secrets.
pub fn hide(url: &str) -> Option<String> {
    match (hide_user(url), hide_query(url)) {
        (Some(url), _) => Some(hide_query(&url).unwrap_or(url)),
        (None, hidden) => hidden,
    }
}

/// Hides values in the query whose names say that they are secret.
fn hide_query(url: &str) -> Option<String> {
    url.split_once("://")?;
    let end = url.find('#').unwrap_or(url.len());
    let (start, query) = url[..end].split_once('?')?;
    let hidden = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if is_secret(name) && value != HIDDEN && !value.is_empty() && !is_variable(value) => {
            format!("{name}={HIDDEN}")
        }
        _ => pair.to_owned(),
    };
    let new = query.split('&').map(hidden).collect::<Vec<_>>().join("&");
    (new != query).then(|| format!("{start}?{new}{}", &url[end..]))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    WHOLE.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

fn hide_user(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (user, _) = rest[..end].rsplit_once('@')?;
    let is_name =
        !user.contains(':') && !user.to_ascii_lowercase().contains("%3a") && (scheme.ends_with("ssh") || user == "git");
    if is_name || user == HIDDEN || user.split(':').all(is_variable) {
        return None;
    }
    Some(format!("{scheme}://{HIDDEN}{}", &rest[user.len()..]))
}

/// Returns whether two URLs, or what else is compared, differ at most in user names and passwords, and are not of two users
/// of ssh.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let ((user_a, a), (user_b, b)) = (without_user(a), without_user(b));
    let is_one = match (user_a, user_b) {
        (Some(a), Some(b)) => a == b || [a, b].contains(&HIDDEN),
        _ => true,
    };
    is_one && a == b
}

/// Takes the user out of a URL; it is returned where it says more than who may read.
fn without_user(url: &str) -> (Option<&str>, String) {
    let Some((scheme, rest)) = url.split_once("://") else { return (None, url.to_owned()) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some((user, _)) = rest[..end].rsplit_once('@') else { return (None, url.to_owned()) };
    (scheme.ends_with("ssh").then_some(user), format!("{scheme}://{}", &rest[user.len() + 1..]))
}

/// Returns a line without the passwords and tokens of all URLs in it; none if it holds none.
pub fn hide_in_line(line: &str) -> Option<String> {
    let mut hidden = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let start = rest[..at]
            .rfind(|c| !is_of_scheme(c))
            .map_or(0, |before| before + rest[before..].chars().next().map_or(1, char::len_utf8));
        let end = rest[at..].find(char::is_whitespace).map_or(rest.len(), |end| at + end);
        hidden.push_str(&rest[..start]);
        // A second URL may follow in the same word.
        let next = rest[at + 3..end]
            .find("://")
            .map_or(end, |next| at + 3 + rest[at + 3..at + 3 + next].rfind(|c| !is_of_scheme(c)).unwrap_or(next));
        hidden.push_str(hide(&rest[start..next]).as_deref().unwrap_or(&rest[start..next]));
        rest = &rest[next..];
    }
    hidden.push_str(rest);
    (hidden != line).then_some(hidden)
}

/// The same for what programs say, which name a place also without its host: `/a.whl?token=…`. Each word is looked at for
/// itself.
pub fn hide_in_words(text: &str) -> Option<String> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let line = hide_in_line(text).unwrap_or_else(|| text.to_owned());
    let mut hidden = String::new();
    let mut rest = &*line;
    while let Some(at) = rest.find(['?', '&', ';']) {
        let (start, pair) = rest.split_at(at + 1);
        hidden.push_str(start);
        rest = pair;
        let (name, value) = pair.split_at(pair.find(|c| !is_of_name(c)).unwrap_or(pair.len()));
        let Some(value) = value.strip_prefix('=') else { continue };
        let value = &value[..value.find(|c: char| c.is_whitespace() || matches!(c, '&' | '#')).unwrap_or(value.len())];
        if is_secret(name) && !value.is_empty() && !is_variable(value) {
            hidden.extend([name, "=", HIDDEN]);
            rest = &pair[name.len() + 1 + value.len()..];
        }
    }
    hidden.push_str(rest);
    (hidden != text).then_some(hidden)
}

/// The same as uv shows it: the name of a user with a password stays, and one without is taken for a token.
pub fn hide_password(url: &str) -> Option<String> {
    let new = hide_query(url).unwrap_or_else(|| url.to_owned());
    let (scheme, rest) = new.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some((user, _)) = rest[..end].rsplit_once('@') else { return (new != url).then_some(new) };
    let shown = match user.split_once(':') {
        Some((name, _)) => format!("{name}:{HIDDEN}"),
        None if user == "git" && scheme.starts_with("git+") => user.to_owned(),
        None => HIDDEN.to_owned(),
    };
    let new = format!("{scheme}://{shown}{}", &rest[user.len()..]);
    (new != url).then_some(new)
}

fn is_variable(text: &str) -> bool {
    text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_names_are_not() {
        for (url, hidden) in [
            ("https://user:pass@host/a@b", "https://****@host/a@b"),
            ("git+https://token@host:1/a#egg=x", "git+https://****@host:1/a#egg=x"),
            ("https://a:p@ss@host", "https://****@host"),
            ("ssh://git:pass@host/a", "ssh://****@host/a"),
            ("https://${A}:pass@host", "https://****@host"),
            ("https://me%3Ap%40ss@host", "https://****@host"),
            ("ssh://me%3apass@host/a", "ssh://****@host/a"),
            ("https://host/a?token=abc", "https://host/a?token=****"),
            (
                "https://u:p@host/a.whl?x=1&X-Amz-Signature=9&y#sha256=2",
                "https://****@host/a.whl?x=1&X-Amz-Signature=****&y#sha256=2",
            ),
        ] {
            assert_eq!(hide(url).as_deref(), Some(hidden), "{url}");
        }
        for url in [
            "https://host/a@b",
            "https://host?x=a:b@c",
            "https://host?token=${TOKEN}&keyboard=us&sig=",
            "https://host/a#token=abc",
            "git+ssh://git@host/a",
            "ssh://me@host/a",
            "https://${A}:${B-C}@host",
            "https://git@host/a",
            "https://****@host",
            "file:///a@b",
            "a@b",
        ] {
            assert_eq!(hide(url), None, "{url}");
        }
    }

    #[test]
    fn all_urls_of_a_line_are_looked_at() {
        for (line, hidden) in [
            ("--index-url https://u:p@x/simple", "--index-url https://****@x/simple"),
            ("--extra-index-url=https://tok@y", "--extra-index-url=https://****@y"),
            ("-f 'https://u:p@z/' # https://a:b@c", "-f 'https://****@z/' # https://****@c"),
            ("# https://u:p@x/,http://a:b@c/d", "# https://****@x/,http://****@c/d"),
            ("# é»https://u:p@x é", "# é»https://****@x é"),
        ] {
            assert_eq!(hide_in_line(line).as_deref(), Some(hidden), "{line}");
        }
        for line in ["", "--pre", "-i https://${A}:${B}@x/", "# git+ssh://git@x", "-f https://x/a@b://", "://", "é://"]
        {
            assert_eq!(hide_in_line(line), None, "{line}");
        }
    }

    #[test]
    fn what_programs_say_names_places_without_their_hosts() {
        for (words, hidden) in [
            ("broken by 'X()': /a-1.whl?token=t0ken", "broken by 'X()': /a-1.whl?token=****"),
            ("url: /a?x=1&api_key=k (Caused by X('u'))", "url: /a?x=1&api_key=**** (Caused by X('u'))"),
            ("/a?x=1&amp;sig=k#sha256=2 /b?auth=k\n", "/a?x=1&amp;sig=****#sha256=2 /b?auth=****\n"),
            ("git: 'https://u:p@h/r/?token=a&x=1': Failed", "git: 'https://****@h/r/?token=****&x=1': Failed"),
            ("--index-url https://u%3Ap@h/s -f /é?token=é", "--index-url https://****@h/s -f /é?token=****"),
        ] {
            assert_eq!(hide_in_words(words).as_deref(), Some(hidden), "{words}");
            assert_eq!(hide_in_words(hidden), None, "{hidden}");
        }
        for words in ["", "?", "a?=b", "what? key=1", "/a?x=1&token=${T}", "a; extra == 'x'", "é?é=1&token="] {
            assert_eq!(hide_in_words(words), None, "{words}");
        }
    }

    #[test]
    fn uv_shows_the_name() {
        for (url, hidden) in [
            ("https://user:pass@host:1/a@b", "https://user:****@host:1/a@b"),
            ("git+https://token@host:1/a", "git+https://****@host:1/a"),
            ("https://:pass@host", "https://:****@host"),
            ("https://$%7BA%7D:$%7BB%7D@host", "https://$%7BA%7D:****@host"),
            ("git+ssh://me@host/a", "git+ssh://****@host/a"),
            ("https://host:1/a?api_key=x", "https://host:1/a?api_key=****"),
        ] {
            assert_eq!(hide_password(url).as_deref(), Some(hidden), "{url}");
        }
        for url in
            ["https://host:1/a", "git+ssh://git@host/a", "https://****@host", "https://u:****@host", "file:///a@b"]
        {
            assert_eq!(hide_password(url), None, "{url}");
        }
    }
}
