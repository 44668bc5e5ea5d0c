//! An environment as a package of the system: what both kinds have in common.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::entry::{Entry, Kind, Sink};
use super::error::PackError;
use super::scan::Item;
use super::tree::Tree;

/// A kind of package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageKind {
    /// Of Debian and its relatives.
    Deb,
    /// Of Fedora, RHEL, SUSE and their relatives.
    Rpm,
}

impl PackageKind {
    /// The ending of its files.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Deb => ".deb",
            Self::Rpm => ".rpm",
        }
    }
}

/// A package to be written.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) tree: Tree,
    pub(super) destination: PathBuf,
    pub(super) name: String,
    pub(super) epoch: Option<u32>,
    pub(super) version: String,
    pub(super) release: String,
    pub(super) depends: Vec<String>,
    pub(super) license: String,
    pub(super) maintainer: String,
    pub(super) time: u64,
    /// What is not in the environment.
    pub(super) outside: Vec<PathBuf>,
    /// The name of the unit among them.
    pub(super) unit: Option<String>,
    pub(super) python: PathBuf,
    pub(super) site: PathBuf,
    pub(super) environment: String,
}

/// What runs on the machine, as lines of sh.
pub(super) struct Scripts {
    /// When all files are in their places.
    pub(super) after_install: String,
    /// Before the package is removed, and not when another version follows.
    pub(super) before_removal: String,
    /// Before files of this version are removed.
    pub(super) before_change: String,
}

impl Package {
    /// Version and release, with the epoch where there is one.
    pub(super) fn full_version(&self) -> String {
        let epoch = self.epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
        format!("{epoch}{}-{}", self.version, self.release)
    }

    /// Adds a dependency on any version of a package, unless there is one on it.
    pub(super) fn depend_on(&mut self, name: &str) {
        if !self.depends.iter().any(|own| own.split([' ', '(', ':']).next() == Some(name)) {
            self.depends.push(name.to_owned());
        }
    }

    /// The word for the machines that it is for: of all, `x86_64`, `aarch64`, `i686` and `armv7l`.
    pub(super) fn architecture<'a>(&self, words: [&'a str; 5]) -> &'a str {
        let machine = rustix::system::uname();
        match machine.machine().to_str().unwrap_or_default() {
            _ if !self.tree.needs.is_compiled => words[0],
            "x86_64" => words[1],
            "aarch64" => words[2],
            "armv7l" => words[4],
            _ => words[3],
        }
    }

    /// One line about it.
    pub(super) fn summary(&self) -> String {
        format!("Python environment {}", self.environment)
    }

    /// What it contains, in lines.
    pub(super) fn description(&self) -> String {
        let lines = self.contents().map(|line| line + "\n");
        format!("Packages in {}:\n{}", self.destination.display(), lines.collect::<String>())
    }

    /// The packages of Python in it: name and version.
    pub(super) fn contents(&self) -> impl Iterator<Item = String> {
        self.tree.packages.all.iter().map(|package| format!("{} {}", package.name, package.version))
    }

    /// What runs after the installation and before the removal: compiled files come and go with the package, and so does
    /// the unit.
    pub(super) fn scripts(&self) -> Scripts {
        use std::os::unix::ffi::OsStrExt;
        let quoted = |path: &Path| {
            String::from_utf8_lossy(&crate::shell::quote::posix(path.as_os_str().as_bytes())).into_owned()
        };
        let (python, site, root) = (quoted(&self.python), quoted(&self.site), quoted(&self.destination));
        let compile = format!("{python} -I -m compileall -q -j0 -- {site} >/dev/null 2>&1 || :\n");
        let clean = format!("find {root} -type d -name __pycache__ -prune -exec rm -rf -- '{{}}' + 2>/dev/null || :\n");
        let mut scripts = Scripts { after_install: compile, before_removal: String::new(), before_change: clean };
        if let Some(unit) = self.unit.as_ref().map(|unit| quoted(Path::new(unit))) {
            // What runs of a template are its instances. To disable it disables all of them, but stops none.
            let running = unit.replacen("@.", "@*.", 1);
            let _ = write!(
                scripts.after_install,
                "if [ -d /run/systemd/system ]; then\n  systemctl daemon-reload || :\n  \
                 systemctl try-restart {running} || :\nfi\n"
            );
            if running != unit {
                let _ = writeln!(scripts.before_removal, "systemctl stop {running} >/dev/null 2>&1 || :");
            }
            let _ = writeln!(scripts.before_removal, "systemctl --no-reload disable --now {unit} >/dev/null 2>&1 || :");
        }
        scripts
    }

    /// The directories above the environment, relative to the root.
    pub(super) fn directories_above(&self) -> Vec<Entry> {
        let mut found = vec![PathBuf::new()];
        let mut add = |path: &Path| {
            let above: Vec<_> = path.ancestors().skip(1).filter(|path| path.parent().is_some()).collect();
            for path in above.iter().rev() {
                let path = path.strip_prefix("/").unwrap_or(path).to_path_buf();
                if !found.contains(&path) {
                    found.push(path);
                }
            }
        };
        add(&self.destination);
        self.outside.iter().for_each(|path| add(&Path::new("/").join(path)));
        found.push(self.destination.strip_prefix("/").unwrap_or(&self.destination).to_path_buf());
        found.sort();
        let entry = |path| Entry { path, kind: Kind::Directory, mode: 0o755, mtime: self.time };
        found.into_iter().map(entry).collect()
    }

    /// The directories that belong to no other package: that of the environment, and that of its documents.
    pub(super) fn own_directories(&self) -> Vec<Entry> {
        let environment = self.destination.strip_prefix("/").unwrap_or(&self.destination).to_path_buf();
        let documents = Path::new("usr/share/doc").join(&self.name);
        let entry = |path| Entry { path, kind: Kind::Directory, mode: 0o755, mtime: self.time };
        [environment, documents].map(entry).into()
    }

    /// A sink that gives entries their place below the root.
    pub(super) fn placed<'a>(&'a self, sink: &'a mut dyn Sink) -> Placed<'a> {
        Placed { package: self, sink }
    }

    /// The path from the root of something in the tree.
    pub(super) fn place(&self, path: &Path) -> PathBuf {
        if let Ok(outside) = path.strip_prefix(OUTSIDE) {
            return outside.to_path_buf();
        }
        self.destination.strip_prefix("/").unwrap_or(&self.destination).join(path)
    }

    /// No package can be installed that has two files in one place.
    pub(super) fn check_places(&self) -> Result<(), PackError> {
        let root = self.place(Path::new(""));
        let mut seen: HashSet<PathBuf> = root.ancestors().map(Path::to_path_buf).collect();
        let mut items = self.tree.items.iter().filter(|item| !item.path.as_os_str().is_empty());
        match items.find_map(|item| Some(self.place(&item.path)).filter(|place| !seen.insert(place.clone()))) {
            Some(place) => Err(PackError::Twice { path: Path::new("/").join(place) }),
            None => Ok(()),
        }
    }

    /// Package managers list names in lines.
    pub(super) fn check_names(&self) -> Result<(), PackError> {
        let broken = |item: &&Item| item.path.to_str().is_none_or(|path| path.contains(char::is_control));
        match self.tree.items.iter().find(broken) {
            Some(item) => Err(PackError::UnsafeName { path: item.path.clone() }),
            None => Ok(()),
        }
    }
}

/// Stands before the path of what is not in the environment.
pub(super) const OUTSIDE: &str = "//outside";

/// Gives entries their place below the root.
pub(super) struct Placed<'a> {
    package: &'a Package,
    sink: &'a mut dyn Sink,
}

impl Sink for Placed<'_> {
    fn add(&mut self, entry: &Entry, content: &mut dyn Read) -> io::Result<()> {
        let entry = Entry { path: self.package.place(&entry.path), ..entry.clone() };
        self.sink.add(&entry, content)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.sink.finish()
    }
}
