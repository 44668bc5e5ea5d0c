//! The way that a path takes, word by word and link by link: by which entry of a directory it comes, also where that
//! entry does not exist any more.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// No system follows more links than these.
const MAX_LINKS: usize = 40;

/// How a path comes by an entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The word of this number is the entry.
    Named(usize),
    /// The word of this number is a link, or leads on from one, to this path below the entry.
    Linked(usize, PathBuf),
}

/// Returns the way of a path to an entry of `directory`, which must have no links in its path. The path is `start`, or
/// the root, and the words after it; `is_entry` judges them, and is told whether it is one of these or of a link. A link
/// in the directory itself is an entry as well: what is behind it counts as that entry's.
pub(crate) fn route<'a>(
    start: Option<&Path>,
    words: impl Iterator<Item = &'a [u8]>,
    directory: &Path,
    is_entry: &mut dyn FnMut(&OsStr, bool) -> bool,
) -> Option<Route> {
    let mut words = words.enumerate();
    let mut ahead: VecDeque<OsString> = start.map(parts).unwrap_or_default().into();
    let (mut current, mut last, mut links) = (PathBuf::from("/"), None, 0);
    loop {
        let (word, own) = if let Some(word) = ahead.pop_front() {
            (word, None)
        } else {
            let (number, word) = words.next()?;
            last = Some(number);
            (OsStr::from_bytes(word).to_os_string(), last)
        };
        if word.is_empty() || word == "." {
            continue;
        }
        if word == ".." {
            current.pop();
            continue;
        }
        if current == directory && is_entry(&word, own.is_some()) {
            return match own {
                Some(number) => Some(Route::Named(number)),
                None => last.map(|number| Route::Linked(number, ahead.iter().collect())),
            };
        }
        let next = current.join(&word);
        match std::fs::read_link(&next) {
            Ok(_) if current == directory => return None,
            Ok(target) if links < MAX_LINKS => {
                links += 1;
                if target.is_absolute() {
                    current = PathBuf::from("/");
                }
                parts(&target).into_iter().rev().for_each(|part| ahead.push_front(part));
            }
            // It is there and no link.
            Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => current = next,
            _ => return None,
        }
    }
}

/// Returns by which entry of a directory an absolute path comes.
pub(crate) fn entry_of(path: &Path, directory: &Path) -> Option<OsString> {
    let mut found = None;
    route(None, words(path), directory, &mut |word, _| {
        found = Some(word.to_os_string());
        true
    })?;
    found
}

fn words(path: &Path) -> impl Iterator<Item = &[u8]> {
    path.as_os_str().as_bytes().split(|&byte| byte == b'/')
}

fn parts(path: &Path) -> Vec<OsString> {
    words(path).map(|word| OsStr::from_bytes(word).to_os_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn every_way_to_an_entry_is_seen() {
        let root = tempfile::tempdir().unwrap();
        let real = root.path().canonicalize().unwrap();
        let store = real.join("store");
        std::fs::create_dir_all(store.join("other")).unwrap();
        symlink("store", real.join("link")).unwrap();
        symlink("store/gone/bin", real.join("deep")).unwrap();
        symlink("gone", store.join("alias")).unwrap();
        symlink("store/alias", real.join("far")).unwrap();
        symlink("loop", real.join("loop")).unwrap();
        let shown = real.display();
        let of = |path: String| entry_of(Path::new(&path), &store);
        for path in ["store/gone", "store//gone/", "./store/./gone/bin", "link/gone", "store/../link/gone", "deep"] {
            assert_eq!(of(format!("{shown}/{path}")), Some("gone".into()), "{path}");
        }
        for path in ["store", "", "store/..", "gone", "nowhere/../store/gone", "loop/gone"] {
            assert_eq!(of(format!("{shown}/{path}")), None, "{path}");
        }
        for path in ["store/alias/bin", "far/bin"] {
            assert_eq!(of(format!("{shown}/{path}")), Some("alias".into()), "{path}");
        }
        let deep = real.join("deep/python");
        let way = route(None, words(&deep), &store, &mut |word, _| word == "gone");
        assert_eq!(way, Some(Route::Linked(words(&deep).count() - 2, "bin".into())));
        let far = real.join("far");
        assert_eq!(route(None, words(&far), &store, &mut |word, _| word == "gone"), None);
        let named = route(Some(&real), words(Path::new("/store/gone")), &store, &mut |word, own| own && word == "gone");
        assert_eq!(named, Some(Route::Named(2)));
    }
}
