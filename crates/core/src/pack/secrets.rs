//! What is nobody else's business: passwords in files that people keep in environments.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::env::direct_url::{self, DirectUrl};
use crate::env::metadata;
use crate::shell::event::Event;
use crate::snapshot::credentials;

/// Files that exist to hold secrets.
const NAMES: [&str; 15] = [
    ".env",
    ".envrc",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".mylogin.cnf",
    ".s3cfg",
    ".boto",
    ".vault-token",
    ".git-credentials",
    "keyring_pass.cfg",
    "application_default_credentials.json",
    metadata::VARIABLES_FILE,
];
/// Files that may hold some: addresses of package indexes.
const INDEXES: [&str; 3] = ["pip.conf", "pip.ini", "uv.toml"];

/// Files that hold secrets in these directories.
const PLACES: [(&str, &str); 10] = [
    (".aws", "credentials"),
    (".docker", "config.json"),
    (".azure", "msal_token_cache.json"),
    (".kube", "config"),
    (".gem", "credentials"),
    (".cargo", "credentials"),
    (".cargo", "credentials.toml"),
    ("gcloud", "credentials.db"),
    ("gcloud", "access_tokens.db"),
    ("gh", "hosts.yml"),
];
/// Settings of package managers for JavaScript, and the words in them before a token or a password.
const SCRIPTS: [&str; 2] = [".npmrc", ".yarnrc.yml"];
const TOKENS: [&[u8]; 6] = [b"_authtoken", b"_auth", b"_password", b"npmauthtoken", b"npmauthident", b"npmpassword"];
/// The endings of files that may hold a private key.
const KEYS: [&str; 3] = ["pem", "key", "p8"];

/// Words in the names of variables that hold secrets.
const WORDS: [&[u8]; 8] =
    [b"TOKEN", b"SECRET", b"PASSWORD", b"PASSWD", b"PASSPHRASE", b"CREDENTIAL", b"API_KEY", b"ACCESS_KEY"];

/// Returns whether a file holds secrets by its name or, for a hook and for one that lists addresses, by its content.
pub(super) fn is_secret(path: &Path, content: &dyn Fn() -> Option<Vec<u8>>) -> bool {
    let name = path.file_name().unwrap_or_default();
    if NAMES.iter().any(|secret| name == *secret) || name.as_bytes().starts_with(b".env.") {
        return true;
    }
    let above = path.parent().and_then(Path::file_name);
    if PLACES.iter().any(|(directory, file)| name == *file && above.is_some_and(|above| above == *directory)) {
        return true;
    }
    if may_be_key(path) && content().is_some_and(|content| has_private_key(&content)) {
        return true;
    }
    let is_hook = Event::all().any(|event| event.is_file_name(name));
    if is_hook && content().is_none_or(|content| content.split(|byte| b"\n;".contains(byte)).any(sets_secret)) {
        return true;
    }
    if SCRIPTS.iter().any(|settings| name == *settings) {
        return content().is_none_or(|content| has_token(&content) || has_credentials(&content));
    }
    if name == "config" && path.components().any(|part| part.as_os_str() == ".git") {
        return content().is_none_or(|content| is_of_git_with_secret(&content));
    }
    // Its credentials cannot be told from the rest: whatever is before an `@` counts.
    INDEXES.iter().any(|index| name == *index) && content().is_none_or(|content| has_credentials(&content))
}

/// Returns whether a file may hold a private key of the user. Those of packages are examples: no one else could install
/// them.
fn may_be_key(path: &Path) -> bool {
    let has_ending = |endings: &[&str]| path.extension().is_some_and(|own| endings.iter().any(|ending| own == *ending));
    let is_of_ssh = path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"id_"))
        || path.parent().is_some_and(|above| above.ends_with(".ssh"));
    let is_of_package = path.components().any(|part| part.as_os_str() == "site-packages");
    !is_of_package && (has_ending(&KEYS) || is_of_ssh)
}

fn has_private_key(content: &[u8]) -> bool {
    let mut lines = content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines.any(|line| line.starts_with(b"-----BEGIN ") && line.ends_with(b"PRIVATE KEY-----"))
}

/// Returns whether a line gives a value to what holds a token. One that names a variable holds none.
fn has_token(content: &[u8]) -> bool {
    content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).any(|line| {
        let is_end = |pair: &[u8]| pair[0] == b'=' || pair == b": ";
        let Some(end) = line.windows(2).position(is_end) else { return false };
        let (name, value) = (line[..end].trim_ascii().to_ascii_lowercase(), line[end + 1..].trim_ascii());
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let is_token = TOKENS.iter().any(|token| name.ends_with(token));
        is_token && !line.starts_with(b"#") && !line.starts_with(b";") && !value.is_empty() && !value.starts_with(b"$")
    })
}

/// Returns whether the settings of a repository hold a token or a password: in an address that is no user's of ssh, or in
/// a header that is sent along.
fn is_of_git_with_secret(content: &[u8]) -> bool {
    content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).any(|line| {
        let lower = line.to_ascii_lowercase();
        let is_header = lower.starts_with(b"extraheader") && memchr::memmem::find(&lower, b"authorization").is_some();
        let is_of_http = memchr::memmem::find(&lower, b"http").is_some();
        is_header || is_of_http && has_credentials(line)
    })
}

/// Returns a `direct_url.json` without its password; none if it has none.
pub(super) fn redacted(path: &Path, content: &[u8]) -> Option<Vec<u8>> {
    if path.file_name().is_none_or(|name| name != direct_url::FILE_NAME) {
        return None;
    }
    let url = DirectUrl::parse(content).ok()?.url;
    let hidden = credentials::hide(&url)?;
    let mut value: serde_json::Value = serde_json::from_slice(content).ok()?;
    *value.get_mut("url")? = hidden.into();
    Some(value.to_string().into_bytes())
}

/// Whether a line of a script gives a value to a variable that is named after a secret; one that a program finds out is none.
fn sets_secret(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let end = line.iter().position(|&byte| byte == b'=').or_else(|| {
        let words = line.strip_prefix(b"set ")?;
        let name = words.iter().rposition(|byte| !byte.is_ascii_whitespace())?;
        words[..name].iter().rposition(u8::is_ascii_whitespace).map(|at| at + 4)
    });
    let Some(end) = end.filter(|_| !line.starts_with(b"#")) else { return false };
    let name = line[..end].to_ascii_uppercase();
    let value = line[end + 1..].trim_ascii_start();
    let is_named = WORDS.iter().any(|word| memchr::memmem::find(&name, word).is_some());
    let is_literal = ![&b"$"[..], b"\"$", b"`", b"(", b"\"\"", b"''"].iter().any(|start| value.starts_with(start));
    is_named && is_literal && !value.is_empty()
}

fn has_credentials(content: &[u8]) -> bool {
    content.split(|&byte| byte == b'\n').any(|line| {
        memchr::memmem::find(line, b"://").is_some_and(|start| {
            let rest = &line[start + 3..];
            let end = rest.iter().position(|&byte| byte == b'/' || byte.is_ascii_whitespace()).unwrap_or(rest.len());
            rest[..end].contains(&b'@')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_found_where_people_write_them() {
        let is_secret = |path: &str, content: &str| is_secret(Path::new(path), &|| Some(content.as_bytes().to_vec()));
        assert!(is_secret(".env", ""));
        assert!(is_secret("bin/.env.production", ""));
        assert!(is_secret("venvwrap-variables.toml", ""));
        assert!(is_secret("pip.conf", "[global]\nindex-url = https://me:secret@example.org/simple\n"));
        assert!(!is_secret("pip.conf", "[global]\nindex-url = https://example.org/simple/@scope\n"));
        for line in
            ["export API_TOKEN=abc", "  DB_PASSWORD='x y'", "set -gx AWS_SECRET_ACCESS_KEY abc", "x=1; My_Secret=2"]
        {
            assert!(is_secret("bin/postactivate", line) && is_secret("bin/postactivate.fish", line), "{line}");
            assert!(!is_secret("bin/other", line), "{line}");
        }
        for line in [
            "",
            "# TOKEN=abc",
            "export API_TOKEN=$(pass api)",
            "unset API_TOKEN",
            "export TOKEN=\"$OTHER\"",
            "TOKEN=",
            "set -e TOKEN",
            "KEYBOARD=us",
        ] {
            assert!(!is_secret("bin/postactivate", line), "{line}");
        }
        for path in [".envrc", "home/.aws/credentials", ".docker/config.json", "x/.kube/config"] {
            assert!(is_secret(path, ""), "{path}");
        }
        for path in [
            ".pgpass",
            ".my.cnf",
            ".config/gcloud/application_default_credentials.json",
            ".config/gcloud/credentials.db",
            ".config/gh/hosts.yml",
            ".cargo/credentials.toml",
        ] {
            assert!(is_secret(path, ""), "{path}");
        }
        for line in [
            "//registry.npmjs.org/:_authToken=npm_abc",
            "registry=https://x\n_auth = YWJj",
            "//x/:_password=\"YWJj\"",
            "registry=https://me:secret@x/",
        ] {
            assert!(is_secret("x/.npmrc", line), "{line}");
        }
        assert!(is_secret(".yarnrc.yml", "npmAuthToken: abc") && is_secret(".yarnrc.yml", "  npmAuthIdent: \"a:b==\""));
        for line in ["", "registry=https://x/", "//x/:_authToken=${NPM_TOKEN}", "# _authToken=x", "always-auth=true"] {
            assert!(!is_secret(".npmrc", line), "{line}");
        }
        let header = "extraheader = AUTHORIZATION: basic YWJj";
        for line in ["url = https://x-token:ghp_abc@github.com/a/b", "\tpushurl = HTTPS://ghp_abc@x/", header] {
            assert!(is_secret("src/a/.git/config", line), "{line}");
            assert!(is_secret(".git/modules/b/config", line) && !is_secret("share/config", line), "{line}");
        }
        for line in ["url = ssh://git@github.com/a/b", "url = git@github.com:a/b", "url = https://github.com/a/b"] {
            assert!(!is_secret("src/a/.git/config", line), "{line}");
        }
        let key = "text\n-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n";
        for path in [".ssh/id_rsa", ".ssh/mine", "data/server.pem", "etc/tls.key", "id_ed25519"] {
            assert!(is_secret(path, key) && !is_secret(path, "-----BEGIN CERTIFICATE-----\n"), "{path}");
        }
        for path in ["lib/python3.11/site-packages/a/tests/key.pem", "share/doc/a.txt", "aws/credentials"] {
            assert!(!is_secret(path, key), "{path}");
        }
        assert!(!is_secret("lib/python3.11/site-packages/env.py", "https://me:secret@example.org"));
    }
}
