//! Hiding the user name and password in a URL before it is written to a file that others will read.

/// What takes their place.
const HIDDEN: &str = "****";

/// Returns the URL without its password or token; none if it holds no secret. The name of a user of ssh and references
/// to variables (`${USER}:${TOKEN}`) are no secrets.
pub fn hide(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (user, _) = rest[..end].rsplit_once('@')?;
    let is_name = !user.contains(':') && (scheme.ends_with("ssh") || user == "git");
    if is_name || user == HIDDEN || user.split(':').all(is_variable) {
        return None;
    }
    Some(format!("{scheme}://{HIDDEN}{}", &rest[user.len()..]))
}

/// The same as uv shows it: the name of the user stays.
pub fn hide_password(url: &str) -> Option<String> {
    let hidden = hide(url)?;
    let (scheme, rest) = url.split_once("://")?;
    let name = rest.split_once(':').map(|(name, _)| name).filter(|name| !name.is_empty() && !name.contains(['@', '/']));
    let name = name.map(|name| format!("{scheme}://{name}:"));
    Some(name.map_or_else(|| hidden.clone(), |start| hidden.replacen(&format!("{scheme}://"), &start, 1)))
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
        ] {
            assert_eq!(hide(url).as_deref(), Some(hidden), "{url}");
        }
        for url in [
            "https://host/a@b",
            "https://host?x=a:b@c",
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
    fn uv_shows_the_name() {
        for (url, hidden) in [
            ("https://user:pass@host:1/a@b", "https://user:****@host:1/a@b"),
            ("git+https://token@host:1/a", "git+https://****@host:1/a"),
            ("https://:pass@host", "https://****@host"),
        ] {
            assert_eq!(hide_password(url).as_deref(), Some(hidden), "{url}");
        }
        assert_eq!(hide_password("https://host:1/a"), None);
    }
}
