//! `RECORD`: the list by which pip and other installers know which files to remove again.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use csv_core::ReadFieldResult;
use sha2::{Digest, Sha256};

/// Appends the row of an installed file; its path is relative to `site-packages`.
pub(crate) fn push_row(record: &mut String, path: &str, content: &[u8]) {
    push_known(record, path, &Sha256::digest(content).into(), content.len() as u64);
}

/// Appends the row of a file whose hash and size are known.
pub(crate) fn push_known(record: &mut String, path: &str, digest: &[u8; 32], size: u64) {
    push_field(record, path);
    record.push(',');
    record.push_str(&fields(digest, size));
    record.push('\n');
}

/// Returns the last two fields of a row.
pub(crate) fn digest_and_size(content: &[u8]) -> String {
    fields(&Sha256::digest(content).into(), content.len() as u64)
}

fn fields(digest: &[u8; 32], size: u64) -> String {
    format!("sha256={},{size}", URL_SAFE_NO_PAD.encode(digest))
}

/// Appends the row of `RECORD` itself, which can hold neither its own hash nor its size.
pub(crate) fn push_own_row(record: &mut String, path: &str) {
    push_field(record, path);
    record.push_str(",,\n");
}

/// Returns the path in a row, and its SHA-256 if the row has one; none for a compiled file, which Python remakes.
pub(crate) fn row(row: &[u8]) -> Option<(PathBuf, Option<[u8; 32]>)> {
    let row = row.trim_ascii_end();
    let (length, path) = path_field(row)?;
    let digest = row.get(length + 1..).and_then(digest_in);
    (!path.ends_with(b".pyc")).then(|| (PathBuf::from(OsString::from_vec(path)), digest))
}

/// The hash in what follows the path.
fn digest_in(rest: &[u8]) -> Option<[u8; 32]> {
    let hash = rest.split(|&byte| byte == b',').next()?.strip_prefix(b"sha256=")?;
    URL_SAFE_NO_PAD.decode(hash.strip_suffix(b"=").unwrap_or(hash)).ok()?.try_into().ok()
}

/// Files that people replace on purpose, such as the certificates that are trusted.
const MEANT_TO_CHANGE: [&str; 3] = ["cacert.pem", "zoneinfo", "sitecustomize.py"];

/// Returns whether a file of a package is one that people replace on purpose.
pub(crate) fn is_meant_to_change(path: &Path) -> bool {
    path.iter().any(|part| MEANT_TO_CHANGE.iter().any(|known| part == *known))
}

/// UTF-8's byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the length of a row's first field as it is written, and its value; `None` for a row that is cut off.
pub(crate) fn path_field(row: &[u8]) -> Option<(usize, Vec<u8>)> {
    // Hardly any path is quoted, and a reader takes longer to be made than to read.
    let end = row.iter().position(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'));
    if let Some(end) = end.filter(|&end| row[end] == b',') {
        return Some((end, row[..end].to_vec()));
    }
    quoted_field(row)
}

/// The same for any row.
fn quoted_field(row: &[u8]) -> Option<(usize, Vec<u8>)> {
    // The reader skips a byte order mark, which is a part of the path here: rows are read one by one.
    let mark: &[u8] = if row.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { b"" };
    let mut value = vec![0; row.len()];
    let (result, read, written) = csv_core::Reader::new().read_field(&row[mark.len()..], &mut value);
    if !matches!(result, ReadFieldResult::Field { record_end: false }) {
        return None;
    }
    // The comma is read with the field.
    Some((mark.len() + read - 1, [mark, &value[..written]].concat()))
}

/// Appends a field of comma-separated values, quoted if it must be.
fn push_field(record: &mut String, field: &str) {
    let mut written = vec![0; 2 * field.len() + 2];
    let mut writer = csv_core::Writer::new();
    let (_, _, length) = writer.field(field.as_bytes(), &mut written);
    let (_, end) = writer.finish(&mut written[length..]);
    record.push_str(&String::from_utf8_lossy(&written[..length + end]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_hash_and_size_of_the_content() {
        let mut record = String::new();
        push_row(&mut record, "../../../bin/pip", b"");
        push_own_row(&mut record, "pip-1.dist-info/RECORD");
        let expected =
            "../../../bin/pip,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\npip-1.dist-info/RECORD,,\n";
        assert_eq!(record, expected);
    }

    #[test]
    fn paths_with_commas_and_quotes_are_quoted() {
        let mut record = String::new();
        push_own_row(&mut record, "a,\"b\"");
        assert_eq!(record, "\"a,\"\"b\"\"\",,\n");
    }

    #[test]
    fn the_path_of_a_row_is_read_as_it_was_written() {
        for path in ["a", "a,b", "a\"b\",", "\"", "", " é ", "a\rb", "'$(x)'"] {
            let mut row = String::new();
            push_row(&mut row, path, b"x");
            let (length, value) = path_field(row.as_bytes()).unwrap();
            assert_eq!((&value[..], &row[length..=length]), (path.as_bytes(), ","), "{row}");
            assert_eq!(quoted_field(row.as_bytes()), Some((length, value)), "{row}");
        }
        assert_eq!(path_field(b"alone\n"), None);
        assert_eq!(path_field(b"\"cut"), None);
        for row in [&b"\xff,,\n"[..], b"\xef\xbb\xbfa,,\n", b",,\n"] {
            assert_eq!(path_field(row), quoted_field(row));
            assert!(path_field(row).is_some());
        }
    }
}
