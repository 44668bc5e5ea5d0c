//! What macOS puts into archives.

use super::untar::{Member, MemberKind};

/// Returns whether a member is what archivers of macOS put next to a directory.
pub(super) fn is_of_macos(member: &Member) -> bool {
    let is_file = matches!(member.kind, MemberKind::File(_));
    let name = member.path.file_name().unwrap_or_default();
    member.path.starts_with("__MACOSX") || is_file && name.as_encoded_bytes().starts_with(b"._")
}
