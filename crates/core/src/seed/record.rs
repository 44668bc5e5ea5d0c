//! `RECORD`: the list by which pip and other installers know which files to remove again.

use sha2::{Digest, Sha256};

/// Appends the row of an installed file; its path is relative to `site-packages`.
pub(crate) fn push_row(record: &mut String, path: &str, content: &[u8]) {
    push_field(record, path);
    record.push(',');
    record.push_str(&digest_and_size(content));
    record.push('\n');
}

/// Returns the last two fields of a row.
pub(crate) fn digest_and_size(content: &[u8]) -> String {
    let mut fields = String::from("sha256=");
    push_base64(&mut fields, &Sha256::digest(content));
    fields.push(',');
    fields.push_str(&content.len().to_string());
    fields
}

/// Appends the row of `RECORD` itself, which can hold neither its own hash nor its size.
pub(super) fn push_own_row(record: &mut String, path: &str) {
    push_field(record, path);
    record.push_str(",,\n");
}

/// Appends a field of comma-separated values, quoted if it must be.
fn push_field(record: &mut String, field: &str) {
    if field.contains([',', '"']) {
        record.push('"');
        record.push_str(&field.replace('"', "\"\""));
        record.push('"');
    } else {
        record.push_str(field);
    }
}

/// Appends bytes in the URL-safe alphabet without padding, as `RECORD` wants them.
fn push_base64(text: &mut String, bytes: &[u8]) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, &byte| (group << 8) | u32::from(byte)) << (8 * (3 - chunk.len()));
        for position in 0..=chunk.len() {
            let index = (group >> (18 - 6 * position)) & 0x3f;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
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
    fn base64_of_every_remainder() {
        for (bytes, expected) in [(&b"f"[..], "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xfb\xff", "-_8")] {
            let mut text = String::new();
            push_base64(&mut text, bytes);
            assert_eq!(text, expected);
        }
    }
}
