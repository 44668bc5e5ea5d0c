//! URLs as `uv pip freeze` writes them: what a browser would make of them, and with the strongest hash.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::env::direct_url::{DirectUrl, Kind};

/// What is escaped in each part of a URL (url.spec.whatwg.org).
const FRAGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\'');
const PATH: &AsciiSet = &FRAGMENT.add(b'{').add(b'}');
const USER: &AsciiSet = &PATH
    .add(b'#')
    .add(b'?')
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'=')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'|');

/// Returns whether uv takes an origin for a URL: it has a scheme, which the `git@host:path` of git has not.
pub(super) fn is_url(origin: &DirectUrl) -> bool {
    let scheme = origin.url.trim_start().split_once(':').map_or("", |(scheme, _)| scheme);
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(is_of_scheme)
}

/// Returns the URL of a distribution.
pub(super) fn url_of(origin: &DirectUrl) -> String {
    let (url, fragment) = origin.url.split_once('#').map_or((&*origin.url, None), |(url, rest)| (url, Some(rest)));
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let mut text = match &origin.kind {
        Kind::Vcs { vcs, commit } => format!("{vcs}+{}@{commit}", address(path)),
        Kind::Archive { .. } | Kind::Directory { .. } => address(path),
    };
    if let Some(query) = query {
        text.push('?');
        text.extend(utf8_percent_encode(query, QUERY));
    }
    let mut fragments: Vec<_> = origin.subdirectory.iter().map(|way| format!("subdirectory={way}")).collect();
    if let Some((algorithm, value)) = &origin.hash_of_uv {
        fragments.push(format!("{algorithm}={value}"));
    }
    // What is known takes the place of what was written.
    let fragment = if fragments.is_empty() { fragment.map(str::to_owned) } else { Some(fragments.join("&")) };
    if let Some(fragment) = fragment {
        text.push('#');
        text.extend(utf8_percent_encode(&fragment, FRAGMENT));
    }
    text
}

/// Returns scheme, host and path.
fn address(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once(':') else { return url.to_owned() };
    if scheme == "file" {
        let path = rest.strip_prefix("//").map_or(rest, |rest| rest.strip_prefix("localhost").unwrap_or(rest));
        return format!("file://{}", utf8_percent_encode(path, PATH));
    }
    let Some(rest) = rest.strip_prefix("//") else { return url.to_owned() };
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (user, host) = authority.rfind('@').map_or(("", authority), |at| authority.split_at(at + 1));
    let port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let host = host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
    format!("{scheme}://{}{host}{}", user_info(user), utf8_percent_encode(path, PATH))
}

/// The name of a user and the password, up to and with the `@`; nothing where both are empty.
fn user_info(text: &str) -> String {
    let text = text.strip_suffix('@').unwrap_or(text);
    let (name, password) = text.split_once(':').unwrap_or((text, ""));
    let (name, password) = (utf8_percent_encode(name, USER), utf8_percent_encode(password, USER));
    match (name.to_string().as_str(), password.to_string().as_str()) {
        ("", "") => String::new(),
        (name, "") => format!("{name}@"),
        (name, password) => format!("{name}:{password}@"),
    }
}
