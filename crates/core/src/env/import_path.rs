//! The directories from which the Python of an environment imports packages, in its order: `sys.path` without the
//! standard library, found without running that Python.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::Environment;
use super::packages::{library_directories, version_of};
use crate::fs;
use crate::fs::identity::is_same_file;

/// The largest `.pth` file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The variable by which a `.pth` file moves its directories to the front of `sys.path`.
const TO_FRONT: &[u8] = b"__egginsert";

/// A directory of the import path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The directory.
    pub path: PathBuf,
    /// Whom it belongs to.
    pub owner: Owner,
}

/// Whom a directory of the import path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The environment.
    Environment,
    /// The environment, by a line in a `.pth` file that names a directory elsewhere.
    PathFile,
    /// The user or the base Python, whose packages the environment shows.
    System,
}

/// Returns the import path of an environment. `user_home` is where packages that the user installed without an
/// environment are looked for; they count only where those of the base Python do.
pub fn import_path(environment: &Environment, user_home: Option<&Path>) -> Vec<Location> {
    let mut path = ImportPath::default();
    let Some(own) = environment.site_packages() else { return path.found };
    path.add_site(&own, Owner::Environment, Owner::PathFile);
    let shows_system = environment.cfg().is_some_and(|cfg| cfg.include_system_site_packages());
    if let Some(library) = library_name(environment).filter(|_| shows_system) {
        let user = user_home.and_then(|home| user_site(environment, home));
        for site in user.into_iter().chain(system_sites(environment, &library)) {
            path.add_site(&site, Owner::System, Owner::System);
        }
    }
    path.found
}

/// Returns the directory of the packages that the user installed without an environment, for the same Python.
pub fn user_site(environment: &Environment, user_home: &Path) -> Option<PathBuf> {
    Some(user_home.join(".local/lib").join(library_name(environment)?).join("site-packages"))
}

/// Returns the name of the library directory that an environment imports from: `python3.12`.
pub fn library_name(environment: &Environment) -> Option<String> {
    let site_packages = environment.site_packages()?;
    let library = site_packages.parent()?.file_name()?.to_str()?;
    version_of(library).map(|_| library.to_owned()).or_else(|| library_directories(environment.path()).pop())
}

/// The directories in which the base Python and its distributor install packages.
fn system_sites(environment: &Environment, library: &str) -> Vec<PathBuf> {
    let prefix_of = |python: PathBuf| Some(python.parent()?.parent()?.to_path_buf());
    // A copy of the interpreter is in the environment itself.
    let is_base = |prefix: &PathBuf| !is_same_file(prefix, environment.path());
    let by_link = environment.python().canonicalize().ok().and_then(prefix_of).filter(is_base);
    let by_home = environment.cfg().and_then(|cfg| Path::new(cfg.home()?).parent().map(Path::to_path_buf));
    let has_library = |prefix: &PathBuf| prefix.join("lib").join(library).is_dir();
    let Some(prefix) = [by_link, by_home].into_iter().flatten().find(has_library) else { return Vec::new() };
    let lib = prefix.join("lib");
    // Debian's interpreter adds the last three; other interpreters do not have these directories.
    vec![
        lib.join(library).join("site-packages"),
        prefix.join("local/lib").join(library).join("dist-packages"),
        lib.join("python3/dist-packages"),
        lib.join(library).join("dist-packages"),
    ]
}

#[derive(Default)]
struct ImportPath {
    found: Vec<Location>,
    known: HashSet<PathBuf>,
    in_front: usize,
}

impl ImportPath {
    /// Adds a directory and those that its `.pth` files name.
    fn add_site(&mut self, site: &Path, owner: Owner, owner_of_lines: Owner) {
        if !site.is_dir() || !self.known.insert(site.to_path_buf()) {
            return;
        }
        self.found.push(Location { path: site.to_path_buf(), owner });
        let entries = std::fs::read_dir(site).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries.map(|entry| entry.file_name()).filter(|name| is_path_file(name)).collect();
        files.sort();
        for file in files {
            // Python passes over what it cannot read, too.
            if let Ok(content) = fs::read_limited(&site.join(file), MAX_BYTES) {
                self.add_lines(site, &content, owner_of_lines);
            }
        }
    }

    fn add_lines(&mut self, site: &Path, content: &[u8], owner: Owner) {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let first_added = self.found.len();
        let mut is_moved = false;
        for line in content.split(|&byte| byte == b'\n') {
            let line = line.trim_ascii_end();
            if line.starts_with(b"import ") || line.starts_with(b"import\t") {
                is_moved |= memchr::memmem::find(line, TO_FRONT).is_some();
            } else if !line.is_empty() && !line.starts_with(b"#") {
                let path = fs::absolute(site, Path::new(OsStr::from_bytes(line)));
                if path.exists() && self.known.insert(path.clone()) {
                    self.found.push(Location { path, owner });
                }
            }
        }
        if is_moved {
            let added = self.found.split_off(first_added);
            let count = added.len();
            self.found.splice(self.in_front..self.in_front, added);
            self.in_front += count;
        }
    }
}

fn is_path_file(name: &OsStr) -> bool {
    let name = name.as_bytes();
    name.ends_with(b".pth") && !name.starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;
    use crate::env::path_file;

    fn environment(root: &Path) -> Environment {
        let path = root.join("env");
        std::fs::create_dir_all(path.join("lib/python3.11/site-packages")).unwrap();
        std::fs::write(path.join("pyvenv.cfg"), "include-system-site-packages = false\n").unwrap();
        Environment::new(EnvName::for_existing(OsStr::new("env")).unwrap(), path)
    }

    fn paths(environment: &Environment, root: &Path) -> Vec<String> {
        let found = import_path(environment, Some(&root.join("home")));
        found.iter().map(|location| location.path.strip_prefix(root).unwrap().display().to_string()).collect()
    }

    #[test]
    fn path_files_add_directories_that_exist() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let site = environment.site_packages().unwrap();
        for directory in ["a b", "c", "front"] {
            std::fs::create_dir(root.path().join(directory)).unwrap();
        }
        let lines = format!("# no\n\nimport os\n{0}/a b\n{0}/gone\n../../../../c\r\n{0}/c\n", root.path().display());
        std::fs::write(site.join("z.pth"), lines).unwrap();
        std::fs::write(site.join(".hidden.pth"), root.path().display().to_string()).unwrap();
        std::fs::create_dir(site.join("directory.pth")).unwrap();
        let site_text = "env/lib/python3.11/site-packages";
        assert_eq!(paths(&environment, root.path()), [site_text, "a b", "c"]);
        path_file::add(environment.path(), &site.join(path_file::FILE_NAME), &[root.path().join("front")]).unwrap();
        assert_eq!(paths(&environment, root.path()), ["front", site_text, "a b", "c"]);
    }

    #[test]
    fn the_base_counts_only_where_it_is_shown() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        for site in ["home/.local/lib/python3.11/site-packages", "base/lib/python3.11/site-packages"] {
            std::fs::create_dir_all(root.path().join(site)).unwrap();
        }
        let own = "env/lib/python3.11/site-packages";
        assert_eq!(paths(&environment, root.path()), [own]);
        let cfg = format!("home = {}/base/bin\ninclude-system-site-packages = true\n", root.path().display());
        std::fs::write(environment.path().join("pyvenv.cfg"), cfg).unwrap();
        let all = [own, "home/.local/lib/python3.11/site-packages", "base/lib/python3.11/site-packages"];
        assert_eq!(paths(&environment, root.path()), all);
        // A copy of the interpreter has no packages of a base beside it, though a library.
        std::fs::create_dir_all(environment.path().join("bin")).unwrap();
        std::fs::write(environment.path().join("bin/python"), "").unwrap();
        assert_eq!(paths(&environment, root.path()), all);
    }
}
