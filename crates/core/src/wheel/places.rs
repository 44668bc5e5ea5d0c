//! The usual places of wheels on a machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::request::Sources;
use crate::config::variables::{VIRTUALENV_OVERRIDE_APP_DATA, XDG_CACHE_HOME};
use crate::python::Interpreter;

/// Where distributions keep the wheels that their `ensurepip` uses (`WHEEL_PKG_DIR` of Debian and Fedora).
const WHEEL_PKG_DIRS: [&str; 2] = ["/usr/share/python-wheels", "/usr/share/python3-wheels"];

/// Below the home directory: virtualenv's application data, and virtualenv itself where tool installers put it.
const BELOW_HOME: [&str; 2] = [".local/share/virtualenv", "Library/Application Support/virtualenv"];

impl Sources {
    /// Returns the places to look at for an interpreter: its own library, the distribution's wheels, the libraries of
    /// other interpreters, and virtualenv. No index is asked.
    pub fn on_this_machine(
        interpreter: &Interpreter,
        other_stdlibs: Vec<PathBuf>,
        lookup: &dyn Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
    ) -> Self {
        let mut stdlibs = vec![interpreter.stdlib.clone()];
        stdlibs.extend(other_stdlibs.into_iter().filter(|stdlib| *stdlib != interpreter.stdlib));
        let mut virtualenv_dirs: Vec<PathBuf> = stdlibs.iter().map(|stdlib| stdlib.join("site-packages")).collect();
        virtualenv_dirs.push("/usr/lib/python3/dist-packages".into());
        let data = lookup(VIRTUALENV_OVERRIDE_APP_DATA.name).map(PathBuf::from).filter(|path| path.is_absolute());
        virtualenv_dirs.extend(data);
        let cache = lookup(XDG_CACHE_HOME.name).map(PathBuf::from).filter(|path| path.is_absolute());
        virtualenv_dirs
            .extend(cache.or_else(|| home.map(|home| home.join(".cache"))).map(|cache| cache.join("virtualenv")));
        virtualenv_dirs.extend(home.iter().flat_map(|home| BELOW_HOME.map(|below| home.join(below))));
        Self { wheel_pkg_dirs: WHEEL_PKG_DIRS.map(PathBuf::from).to_vec(), stdlibs, virtualenv_dirs, ..Self::default() }
    }
}
