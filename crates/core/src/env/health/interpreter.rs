//! The interpreter of an environment: a link out of it, a copy, or nothing.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::packages::library_directories;
use crate::env::view::View;
use crate::env::{BIN, Environment};
use crate::fs;

/// The names that the link to the base interpreter has in environments made by the various tools. With `pyvenv.cfg` the
/// first is always there.
pub(super) const LINK_NAMES: [&str; 6] =
    ["bin/python", "bin/python3", "bin/pypy3", "bin/pypy", "bin/graalpy", "bin/python2"];

/// More than any path.
const MAX_PREFIX_BYTES: u64 = 8 * 1024;

/// Where the interpreter of an environment is.
pub(super) enum Link {
    Outside(PathBuf),
    Copy,
    Missing(PathBuf),
}

/// Follows the links inside `bin` to the first path outside of it.
pub(super) fn interpreter_link(view: &View, environment: &Environment, has_cfg: bool) -> Link {
    let in_bin = |name: &OsStr| environment.bin().join(name);
    let names = if has_cfg { &LINK_NAMES[..1] } else { &LINK_NAMES };
    let found = names.iter().map(OsStr::new).find_map(|path| {
        let name = OsStr::from_bytes(&path.as_bytes()[BIN.len() + 1..]);
        match view.link(path) {
            Ok(target) => Some((Cow::Borrowed(name), Some(target))),
            // Something else than a link.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Some((Cow::Borrowed(name), None)),
            Err(_) => None,
        }
    });
    let Some((mut name, mut next)) = found else { return Link::Missing(in_bin("python".as_ref())) };
    // Links inside an environment are at most a few; more mean a loop.
    for _ in 0..8 {
        let Some(target) = next.take().or_else(|| view.link(Path::new(BIN).join(&*name)).ok()) else {
            let path = in_bin(&name);
            return if is_program(&path) { Link::Copy } else { Link::Missing(path) };
        };
        if target.as_os_str().as_bytes().contains(&b'/') {
            let is_absolute = target.is_absolute();
            return Link::Outside(if is_absolute { target } else { environment.bin().join(target) });
        }
        name = Cow::Owned(target.into_os_string());
    }
    Link::Missing(in_bin(&name))
}

/// Returns whether there is a file that holds something: an empty one runs as a script that does nothing.
pub(crate) fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.len() > 0)
}

/// Returns whether the Python itself is in it, as in what `pack --with-python` makes.
pub(super) fn has_own_python(view: &View, environment: &Environment, libraries: &[String]) -> bool {
    matches!(interpreter_link(view, environment, false), Link::Copy)
        && has_own_library(environment.path(), libraries)
        && environment.activate_script().is_file()
}

/// Returns whether the standard library is in it.
pub(super) fn has_own_library(env: &Path, libraries: &[String]) -> bool {
    libraries.iter().any(|name| env.join("lib").join(name).join("os.py").is_file())
}

/// Returns whether virtualenv before 20 has made an environment: it has copies of what it needs of its base.
pub fn is_of_old_virtualenv(environment: &Environment) -> bool {
    let libraries = library_directories(environment.path());
    environment.cfg().is_none() && original_prefix(environment.path(), &libraries).is_some()
}

/// Returns the prefix of the base Python as virtualenv before 20 recorded it.
pub(crate) fn original_prefix(env: &Path, libraries: &[String]) -> Option<PathBuf> {
    let file = |name: &String| env.join("lib").join(name).join("orig-prefix.txt");
    let content = libraries.iter().find_map(|name| fs::read_limited(&file(name), MAX_PREFIX_BYTES).ok())?;
    let prefix = PathBuf::from(std::str::from_utf8(&content).ok()?.trim());
    prefix.is_absolute().then_some(prefix)
}
