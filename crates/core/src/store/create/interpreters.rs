//! Names of interpreters that a rebuilt environment has no more: `python3.11` after an upgrade to 3.12. What the old
//! environment ran by such a name runs by `python` in the new one.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::env::BIN;
use crate::fs;

/// More than any script.
const MAX_SCRIPT: u64 = 1 << 20;

/// How the names of interpreters begin.
const STARTS: [&[u8]; 3] = [b"python", b"pypy", b"graalpy"];

/// The name that every environment has.
const ALWAYS: &str = "python";

/// The interpreters of two environments, of which the second replaces the first.
pub(super) struct Interpreters {
    bin: PathBuf,
    new: PathBuf,
    /// How texts name a program in the directory of programs.
    prefixes: Vec<Vec<u8>>,
}

impl Interpreters {
    /// Those of the environment at `old` and of the one at `new`, which will have the path of the first.
    pub(super) fn new(old: &Path, new: &Path) -> Self {
        let bin = old.join(BIN);
        let spellings = [Some(bin.clone()), bin.canonicalize().ok().filter(|real| *real != bin)];
        let mut prefixes: Vec<_> =
            spellings.iter().flatten().map(|bin| [bin.as_os_str().as_bytes(), b"/"].concat()).collect();
        let by_variable = ["$VIRTUAL_ENV/bin/", "${VIRTUAL_ENV}/bin/", "$VIRTUAL_ENV\"/bin/", "${VIRTUAL_ENV}\"/bin/"];
        prefixes.extend(by_variable.map(|prefix| prefix.as_bytes().to_vec()));
        Self { bin, new: new.join(BIN), prefixes }
    }

    /// Returns the new content and the mode of a script that names an interpreter which is gone; none for any other file.
    pub(super) fn script(&self, source: &Path) -> Option<(Vec<u8>, u32)> {
        let found = source.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
        if source.parent() != Some(&*self.bin) {
            return None;
        }
        let content = fs::read_limited(source, MAX_SCRIPT).ok().filter(|content| !content.contains(&0))?;
        let mut new = content.clone();
        for prefix in &self.prefixes {
            new = self.renamed(&new, prefix);
        }
        (new != content).then_some((new, found.mode() & 0o777))
    }

    /// Returns the new target of a link to an interpreter which is gone; none for any other file.
    pub(super) fn link(&self, source: &Path) -> Option<PathBuf> {
        let target = std::fs::read_link(source).ok()?;
        let parent = target.parent().filter(|parent| parent.as_os_str().is_empty() || *parent == self.bin)?;
        self.is_gone(target.file_name()?.as_bytes()).then(|| parent.join(ALWAYS))
    }

    fn renamed(&self, content: &[u8], prefix: &[u8]) -> Vec<u8> {
        let mut new = Vec::with_capacity(content.len());
        let mut rest = content;
        while let Some(at) = memchr::memmem::find(rest, prefix) {
            let (before, after) = rest.split_at(at + prefix.len());
            new.extend_from_slice(before);
            let name = name_at(after);
            rest = &after[name.len()..];
            new.extend_from_slice(if self.is_gone(name) { ALWAYS.as_bytes() } else { name });
        }
        new.extend_from_slice(rest);
        new
    }

    fn is_gone(&self, name: &[u8]) -> bool {
        let Some(version) = STARTS.iter().find_map(|start| name.strip_prefix(*start)) else { return false };
        let version = version.strip_suffix(b"t").unwrap_or(version);
        let is_version = version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
        is_version && self.new.join(OsStr::from_bytes(name)).symlink_metadata().is_err()
    }
}

/// The file name at the beginning of a text; a full stop at its end is no part of it.
fn name_at(text: &[u8]) -> &[u8] {
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    let end = text.iter().position(|byte| !is_inside(byte)).unwrap_or(text.len());
    let name = &text[..end];
    name.strip_suffix(b".").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_named_the_version_names_python() {
        let place = tempfile::tempdir().unwrap();
        let (old, new) = (place.path().join("o d"), place.path().join("new"));
        std::fs::create_dir_all(old.join(BIN)).unwrap();
        std::fs::create_dir_all(new.join(BIN)).unwrap();
        for name in ["python", "python3", "python3.12"] {
            std::fs::write(new.join(BIN).join(name), "").unwrap();
        }
        let interpreters = Interpreters::new(&old, &new);
        let file = old.join("bin/tool");
        let bin = old.join(BIN).display().to_string();
        for (text, expected) in [
            (format!("#!{bin}/python3.11 -I\nx\n"), Some(format!("#!{bin}/python -I\nx\n"))),
            (
                format!("#!/bin/sh\n'''exec' \"{bin}/pypy3\" \"$0\"\n"),
                Some(format!("#!/bin/sh\n'''exec' \"{bin}/python\" \"$0\"\n")),
            ),
            (
                "#!/bin/sh\nexec \"$VIRTUAL_ENV\"/bin/python3.11t x.\n".into(),
                Some("#!/bin/sh\nexec \"$VIRTUAL_ENV\"/bin/python x.\n".into()),
            ),
            ("echo ${VIRTUAL_ENV}/bin/python3.11.\n".into(), Some("echo ${VIRTUAL_ENV}/bin/python.\n".into())),
            (format!("#!{bin}/python3.12\n{bin}/python3 {bin}/python\n"), None),
            (format!("{bin}/python3.11-config {bin}/pythonic {bin}/tool\n"), None),
            ("#!/usr/bin/python3.11\n".into(), None),
            (format!("\0{bin}/python3.11\n"), None),
        ] {
            std::fs::write(&file, &text).unwrap();
            let found = interpreters.script(&file).map(|(content, _)| String::from_utf8(content).unwrap());
            assert_eq!(found, expected, "{text}");
        }
        for (target, expected) in [
            ("python3.11".to_owned(), Some("python".to_owned())),
            (format!("{bin}/python3.11"), Some(format!("{bin}/python"))),
            ("python3".into(), None),
            ("/usr/bin/python3.11".into(), None),
        ] {
            let link = old.join("bin/link");
            std::os::unix::fs::symlink(&target, &link).unwrap();
            assert_eq!(interpreters.link(&link), expected.map(PathBuf::from), "{target}");
            assert_eq!(interpreters.script(&link), None);
            std::fs::remove_file(&link).unwrap();
        }
    }
}
