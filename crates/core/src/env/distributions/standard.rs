//! Where PyPy has packages in its standard library, such as `cffi`: their metadata is next to its modules.

use std::path::{Path, PathBuf};

use crate::env::Environment;
use crate::env::import_path::library_name;

/// Returns the directory of the standard library if it can hold packages: that of PyPy.
pub(super) fn directory(environment: &Environment) -> Option<PathBuf> {
    let library = library_name(environment);
    if library.as_ref().is_some_and(|name| !name.starts_with("pypy")) {
        return None;
    }
    let prefix_of = |python: PathBuf| Some(python.parent()?.parent()?.to_path_buf());
    let by_link = environment.python().canonicalize().ok().and_then(prefix_of);
    let by_home = environment.cfg().and_then(|cfg| Path::new(cfg.home()?).parent().map(Path::to_path_buf));
    // An environment has a directory of that name, too, but without the modules.
    let modern = |prefix: &Path| library.as_ref().map(|name| prefix.join("lib").join(name).join("os.py"));
    // PyPy before 3.8 keeps its own modules apart.
    let old = |prefix: &Path| Some(prefix.join("lib_pypy/_cffi_ssl"));
    let marks = [by_link, by_home].into_iter().flatten().flat_map(|prefix| [modern(&prefix), old(&prefix)]);
    let found = marks.flatten().find(|mark| mark.exists())?;
    found.parent().map(Path::to_path_buf)
}
