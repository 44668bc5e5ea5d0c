//! What an index offers: its page for one project, as JSON or, from older servers, as HTML.

use serde::Deserialize;

use crate::wheel::known_wheels::is_sha256;

/// A page as it was received.
#[derive(Debug)]
pub(in crate::wheel) struct Page {
    /// Where it came from in the end; relative links start here.
    pub(in crate::wheel) url: String,
    /// Whether the server called it JSON.
    pub(in crate::wheel) is_json: bool,
    /// The text.
    pub(in crate::wheel) text: String,
}

/// A file that an index offers, with the hash of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::wheel) struct Link {
    pub(in crate::wheel) file: String,
    pub(in crate::wheel) url: String,
    pub(in crate::wheel) sha256: String,
    pub(in crate::wheel) requires_python: Option<String>,
    pub(in crate::wheel) is_yanked: bool,
}

/// Returns the files on a page, leaving out those whose content could not be verified; `None` if it is no such page.
pub(in crate::wheel) fn links(page: &Page) -> Option<Vec<Link>> {
    if page.is_json { json_links(page) } else { Some(html_links(page)) }
}

#[derive(Deserialize)]
struct Listing {
    files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    filename: String,
    url: String,
    hashes: std::collections::HashMap<String, String>,
    requires_python: Option<String>,
    #[serde(default)]
    yanked: serde_json::Value,
}

fn json_links(page: &Page) -> Option<Vec<Link>> {
    let listing: Listing = serde_json::from_str(&page.text).ok()?;
    let links = listing.files.into_iter().filter_map(|file| {
        Some(Link {
            sha256: file.hashes.get("sha256").filter(|hash| is_sha256(hash))?.clone(),
            url: join(&page.url, &file.url),
            file: file.filename,
            requires_python: file.requires_python,
            // Either a truth value or the reason, as text.
            is_yanked: !matches!(file.yanked, serde_json::Value::Null | serde_json::Value::Bool(false)),
        })
    });
    Some(links.collect())
}

fn html_links(page: &Page) -> Vec<Link> {
    let anchors = page.text.split("<a ").skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag);
    anchors.filter_map(|tag| html_link(page, tag)).collect()
}

fn html_link(page: &Page, tag: &str) -> Option<Link> {
    let href = attribute(tag, "href")?;
    let (address, fragment) = href.split_once('#')?;
    let sha256 = fragment.split('&').find_map(|part| part.strip_prefix("sha256=")).filter(|hash| is_sha256(hash))?;
    let path = address.split('?').next().unwrap_or(address);
    Some(Link {
        file: path.rsplit('/').next().unwrap_or(path).to_owned(),
        url: join(&page.url, address),
        sha256: sha256.to_owned(),
        requires_python: attribute(tag, "data-requires-python"),
        is_yanked: tag.contains("data-yanked"),
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}="))?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, _) = rest[1..].split_once(quote)?;
    let value = value.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", "\"").replace("&#39;", "'");
    Some(value.replace("&amp;", "&"))
}

/// Resolves an address found on a page, or to which one is sent on.
pub(super) fn join(base: &str, address: &str) -> String {
    let Some((scheme, rest)) = base.split_once("://") else { return address.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    // An address of another kind may be a part of this one, after a question mark.
    let is_scheme = |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if address.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme)) {
        return address.to_owned();
    }
    if let Some(other_host) = address.strip_prefix("//") {
        return format!("{scheme}://{other_host}");
    }
    if address.starts_with('/') {
        return format!("{scheme}://{authority}{address}");
    }
    let mut directory: Vec<&str> = rest.rsplit_once('/').map_or(rest, |(directory, _)| directory).split('/').collect();
    let mut address = address;
    while let Some(shorter) = address.strip_prefix("../") {
        address = shorter;
        if directory.len() > 1 {
            directory.pop();
        }
    }
    format!("{scheme}://{}/{address}", directory.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn page(is_json: bool, text: &str) -> Page {
        Page { url: "https://i.example/root/simple/pip/".into(), is_json, text: text.into() }
    }

    fn expected(is_yanked: bool) -> Link {
        Link {
            file: "pip-1-py3-none-any.whl".into(),
            url: "https://i.example/root/files/pip-1-py3-none-any.whl".into(),
            sha256: HASH.into(),
            requires_python: Some(">=3.8".into()),
            is_yanked,
        }
    }

    #[test]
    fn json_pages() {
        let file = |yanked: &str, hash: &str| {
            format!(
                r#"{{"filename":"pip-1-py3-none-any.whl","url":"../../files/pip-1-py3-none-any.whl",
                "hashes":{{"{hash}":"{HASH}"}},"requires-python":">=3.8","size":1{yanked}}}"#
            )
        };
        let files = [
            file("", "sha256"),
            file(r#","yanked":"why""#, "sha256"),
            file(r#","yanked":false"#, "sha256"),
            file("", "md5"),
        ];
        let text = format!(r#"{{"meta":{{"api-version":"1.1"}},"files":[{}]}}"#, files.join(","));
        assert_eq!(links(&page(true, &text)).unwrap(), [expected(false), expected(true), expected(false)]);
        assert_eq!(links(&page(true, "<html>")), None);
    }

    #[test]
    fn html_pages() {
        let text = format!(
            "<html><body><a href=\"../../files/pip-1-py3-none-any.whl#sha256={HASH}\" \
             data-requires-python=\"&gt;=3.8\">x</a>\n<a href='/root/files/pip-1-py3-none-any.whl#sha256={HASH}' \
             data-requires-python='&gt;=3.8' data-yanked=''>x</a><a href=\"pip-1-py3-none-any.whl\">unverifiable</a>"
        );
        assert_eq!(links(&page(false, &text)).unwrap(), [expected(false), expected(true)]);
    }

    #[test]
    fn addresses_are_resolved() {
        for (address, joined) in [
            ("https://f.example/x", "https://f.example/x"),
            ("//f.example/x", "https://f.example/x"),
            ("/x", "https://i.example/x"),
            ("x", "https://i.example/a/b/x"),
            ("../../../../x", "https://i.example/x"),
        ] {
            assert_eq!(join("https://i.example/a/b/", address), joined);
        }
    }
}
