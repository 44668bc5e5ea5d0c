//! The fields in a header of tar.

use super::problem::ArchiveProblem;
use super::tar::BLOCK;

/// The name in a header, in one of the two forms.
pub(super) fn name_in(header: &[u8]) -> Vec<u8> {
    let name = text_in(&header[..100]);
    // GNU's own format has times where POSIX has the first part of a long name.
    let prefix = if &header[257..263] == b"ustar\0" { text_in(&header[345..500]) } else { b"" };
    if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
}

/// A text in a field: up to the first zero byte.
pub(super) fn text_in(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// How much follows a content of this size, up to the next header.
pub(super) fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

/// Octal digits, or a number marked by the highest bit.
pub(super) fn number(field: &[u8]) -> Result<u64, ArchiveProblem> {
    let broken = || ArchiveProblem::Damaged("a header holds no number where one must be".into());
    if field[0] == 0x80 {
        let (high, low) = field.split_at(field.len().saturating_sub(8));
        if high.iter().skip(1).any(|&byte| byte != 0) {
            return Err(broken());
        }
        return Ok(low.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)) & (u64::MAX >> 1));
    }
    let digits = text_in(field).trim_ascii();
    digits.iter().try_fold(0_u64, |number, &byte| match byte {
        b'0'..=b'7' => number.checked_mul(8).map(|number| number + u64::from(byte - b'0')).ok_or_else(broken),
        _ => Err(broken()),
    })
}
