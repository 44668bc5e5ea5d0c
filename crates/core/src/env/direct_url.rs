//! `direct_url.json`: where a distribution comes from that was not installed from an index (PEP 610).

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use self::members::{Members, Value, WrongKind};

mod members;

/// The name of the file.
pub const FILE_NAME: &str = "direct_url.json";

/// What a path in a `file:` URL may hold unescaped.
pub(crate) const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// The origin of a distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectUrl {
    /// The URL as it is recorded.
    pub url: String,
    /// The directory below the URL that holds the project.
    pub subdirectory: Option<String>,
    /// What is at the URL.
    pub kind: Kind,
    /// The hash of an archive that uv names: the strongest of those that it knows.
    pub hash_of_uv: Option<(String, String)>,
}

/// What a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An archive: a wheel or a source distribution.
    Archive {
        /// The first hash that is recorded: algorithm and value.
        hash: Option<(String, String)>,
    },
    /// A repository.
    Vcs {
        /// The version control system: `git`.
        vcs: String,
        /// The commit that was installed.
        commit: String,
    },
    /// A directory on this machine.
    Directory {
        /// Whether the files there are imported, not copies of them.
        is_editable: bool,
    },
}

/// Why the file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectUrlError {
    /// It is not the JSON that PEP 610 describes.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Something has the wrong kind: a number where a text should be.
    #[error("a member is of another kind than it should be")]
    Kind,
    /// Something is missing.
    #[error("`url`, `vcs` or `commit_id` is missing")]
    Incomplete,
    /// It says nothing about the URL, or more than one thing.
    #[error("exactly one of `archive_info`, `dir_info` and `vcs_info` must be present")]
    Kinds,
    /// The two places for hashes disagree.
    #[error("`hash` is none of `hashes`")]
    Hashes,
    /// A hash has no algorithm.
    #[error("the hash `{hash}` is not `ALGORITHM=VALUE`")]
    Hash {
        /// The hash as it is written.
        hash: String,
    },
    /// A directory has a URL of another scheme.
    #[error("the URL of a directory must begin with `file:/`")]
    NotLocal,
}

impl From<WrongKind> for DirectUrlError {
    fn from(WrongKind: WrongKind) -> Self {
        Self::Kind
    }
}

impl DirectUrl {
    /// Parses the content of the file.
    pub fn parse(content: &[u8]) -> Result<Self, DirectUrlError> {
        let file: Members = serde_json::from_slice(content)?;
        let url = file.text("url")?.ok_or(DirectUrlError::Incomplete)?.to_owned();
        let subdirectory = file.text("subdirectory")?.map(str::to_owned);
        let kind = kind_of(&file, &url)?;
        let hash_of_uv = file.object("archive_info")?.and_then(strongest_hash);
        Ok(Self { url, subdirectory, kind, hash_of_uv })
    }

    /// Returns the directory of an editable installation.
    pub fn editable_directory(&self) -> Option<PathBuf> {
        match self.kind {
            Kind::Directory { is_editable: true } => path_of(&self.url),
            _ => None,
        }
    }
}

/// Returns the path that a `file:` URL names; none for any other URL.
pub fn path_of(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("file:")?;
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    let path = path.split(['?', '#']).next().filter(|path| path.starts_with('/'))?;
    let bytes = percent_encoding::percent_decode_str(path).collect();
    Some(PathBuf::from(OsString::from_vec(bytes)))
}

/// Returns the `file:` URL of a path.
pub fn file_url(path: &Path) -> String {
    format!("file://{}", percent_encode(path.as_os_str().as_bytes(), PATH))
}

/// What is at the URL, from the member that tells.
fn kind_of(file: &Members, url: &str) -> Result<Kind, DirectUrlError> {
    match (file.object("archive_info")?, file.object("vcs_info")?, file.object("dir_info")?) {
        (Some(archive), None, None) => Ok(Kind::Archive { hash: first_hash(archive)? }),
        (None, Some(vcs), None) => {
            let text = |name| Ok::<_, DirectUrlError>(vcs.text(name)?.ok_or(DirectUrlError::Incomplete)?.to_owned());
            vcs.text("requested_revision")?;
            Ok(Kind::Vcs { vcs: text("vcs")?, commit: text("commit_id")? })
        }
        (None, None, Some(directory)) => {
            path_of(url).ok_or(DirectUrlError::NotLocal)?;
            Ok(Kind::Directory { is_editable: directory.flag("editable")?.unwrap_or_default() })
        }
        _ => Err(DirectUrlError::Kinds),
    }
}

/// The algorithms that uv knows, in the order in which it prefers them, and how many digits their values have.
const OF_UV: [(&str, usize); 5] = [("sha512", 128), ("sha384", 96), ("sha256", 64), ("blake2b", 64), ("md5", 32)];

fn strongest_hash(archive: &Members) -> Option<(String, String)> {
    let hashes = archive.object("hashes").ok().flatten();
    let found = OF_UV.iter().find_map(|(algorithm, _)| match hashes.and_then(|hashes| hashes.get(algorithm)) {
        Some(Value::Text(value)) => Some(((*algorithm).to_owned(), value.clone())),
        _ => None,
    });
    // What older installers record, uv names only where it is a hash.
    let is_hash = |(algorithm, value): &(String, String)| {
        OF_UV.contains(&(algorithm.as_str(), value.len())) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    found.or_else(|| split(archive.text("hash").ok()??).filter(is_hash))
}

fn split(hash: &str) -> Option<(String, String)> {
    let (algorithm, value) = hash.split_once('=')?;
    Some((algorithm.to_owned(), value.to_owned()))
}

/// Returns the first of the hashes, or else the one that older versions of pip record. As for pip since version 26, one
/// that is recorded in both places must be the same.
fn first_hash(archive: &Members) -> Result<Option<(String, String)>, DirectUrlError> {
    let old = match archive.text("hash")? {
        Some(hash) => Some(split(hash).ok_or_else(|| DirectUrlError::Hash { hash: hash.to_owned() })?),
        None => None,
    };
    let Some(hashes) = archive.object("hashes")? else { return Ok(old) };
    if !hashes.values().all(|value| matches!(value, Value::Text(_))) {
        return Err(DirectUrlError::Kind);
    }
    if let Some((algorithm, value)) = &old
        && !matches!(hashes.get(algorithm), Some(Value::Text(found)) if found == value)
    {
        return Err(DirectUrlError::Hashes);
    }
    let Some((algorithm, Value::Text(value))) = hashes.first() else { return Ok(None) };
    Ok(Some((algorithm.to_owned(), value.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_read() {
        let archive = br#"{"url":"https://x/a.whl","archive_info":{"hash":"md5=1","hashes":{"sha512":"2","md5":"1"}}}"#;
        let archive = DirectUrl::parse(archive).unwrap();
        assert_eq!(archive.hash_of_uv, Some(("sha512".into(), "2".into())));
        assert_eq!(archive.kind, Kind::Archive { hash: Some(("sha512".into(), "2".into())) });
        let of_uv = |hash: &str| {
            let text = format!("{{\"url\":\"https://x/a.whl\",\"archive_info\":{{\"hash\":\"{hash}\"}}}}");
            let old = DirectUrl::parse(text.as_bytes()).unwrap();
            let (algorithm, value) = hash.split_once('=').unwrap();
            assert_eq!(old.kind, Kind::Archive { hash: Some((algorithm.into(), value.into())) });
            old.hash_of_uv.map(|(algorithm, value)| format!("{algorithm}={value}"))
        };
        let old = format!("md5={}", "0a".repeat(16));
        assert_eq!(of_uv(&old), Some(old));
        for hash in ["md5=1", &format!("md5={}", "0x".repeat(16)), &format!("sha1={}", "0".repeat(40)), "sha256=1=2"] {
            assert_eq!(of_uv(hash), None, "{hash}");
        }
        let vcs = br#"{"url":"https://x/r","vcs_info":{"vcs":"git","commit_id":"abc"},"subdirectory":"s"}"#;
        let vcs = DirectUrl::parse(vcs).unwrap();
        assert_eq!(vcs.kind, Kind::Vcs { vcs: "git".into(), commit: "abc".into() });
        assert_eq!(vcs.subdirectory.as_deref(), Some("s"));
        let directory = DirectUrl::parse(br#"{"url":"file:///a%20b","dir_info":{"editable":true}}"#).unwrap();
        assert_eq!(directory.editable_directory(), Some("/a b".into()));
    }

    #[test]
    fn what_is_said_twice_is_taken_as_python_takes_it() {
        let text = br#"{"url":"file:///a","url":"file:///b","dir_info":{},"dir_info":{"editable":true},"more":[1,{}]}"#;
        assert_eq!(DirectUrl::parse(text).unwrap().editable_directory(), Some("/b".into()));
        let text = br#"{"url":"https://x","archive_info":{"hashes":{"b":"1","a":"2","b":"3"}},"dir_info":null}"#;
        assert_eq!(DirectUrl::parse(text).unwrap().kind, Kind::Archive { hash: Some(("b".into(), "3".into())) });
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in [
            "",
            "{",
            "[]",
            r#"{"url":"https://x"}"#,
            r#"{"url":1,"dir_info":{}}"#,
            r#"{"url":"https://x","dir_info":{}}"#,
            r#"{"url":"file:x","dir_info":{}}"#,
            r#"{"url":"file:///x","dir_info":{},"archive_info":{}}"#,
            r#"{"url":"https://x","archive_info":{"hash":"abc"}}"#,
            r#"{"url":"https://x","archive_info":{"hash":"md5=1","hashes":{}}}"#,
            r#"{"url":"https://x","archive_info":{"hash":"md5=1","hashes":{"sha256":"2","md5":"3"}}}"#,
            r#"{"url":"https://x","archive_info":{"hashes":{"sha256":3}}}"#,
            r#"{"url":"https://x","archive_info":{"hashes":[]}}"#,
            r#"{"url":"file:///x","dir_info":{"editable":"yes"}}"#,
            r#"{"url":"https://x","vcs_info":{"vcs":"git"}}"#,
        ] {
            assert!(DirectUrl::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_of_urls() {
        assert_eq!(path_of("file:///a%23b/%C3%A9"), Some("/a#b/é".into()));
        assert_eq!(path_of("file://localhost/a#x"), Some("/a".into()));
        assert_eq!(path_of("file://other/a"), None);
        assert_eq!(path_of("https://x/a"), None);
    }

    #[test]
    fn any_bytes_are_read_or_refused() {
        let seeds: [&[u8]; 2] = [
            br#"{"url":"file:///a%20b","dir_info":{"editable":true}}"#,
            br#"{"url":"https://x/a.whl","archive_info":{"hashes":{"sha256":"00"}},"subdirectory":"s"}"#,
        ];
        crate::mutation::check_mutations(&seeds, |input| {
            if let Ok(found) = DirectUrl::parse(input) {
                let _ = found.editable_directory();
            }
        });
    }
}
