//! The libraries of the system that compiled packages are linked to, and that a small image does not have.
//!
//! A package that was built on this machine, such as psycopg2, starts in no image without them, and nothing else says so
//! before it is imported.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};

use crate::fs::text::printable;
use crate::fs::walk::Directory;
use crate::fs::{PathContext as _, PathResult};
use crate::relocate::linked;

/// The libraries of every Debian, and those that the standard library of Python brings into its images.
const IN_IMAGES: [&str; 24] = [
    "libanl.so.1",
    "libbz2.so.1.0",
    "libc.so.6",
    "libcrypto.so.3",
    "libdl.so.2",
    "libffi.so.8",
    "libgcc_s.so.1",
    "liblzma.so.5",
    "libm.so.6",
    "libmvec.so.1",
    "libncursesw.so.6",
    "libnsl.so.1",
    "libpthread.so.0",
    "libreadline.so.8",
    "libresolv.so.2",
    "librt.so.1",
    "libsqlite3.so.0",
    "libssl.so.3",
    "libstdc++.so.6",
    "libthread_db.so.1",
    "libtinfo.so.6",
    "libutil.so.1",
    "libuuid.so.1",
    "libz.so.1",
];

/// What the loader and Python itself are called begins like this.
const PREFIXES: [&str; 2] = ["ld-linux", "libpython"];

/// A library that is neither in the environment nor in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// Its name: `libpq.so.5`.
    pub name: String,
    /// The packages whose files are linked to it.
    pub needed_by: Vec<String>,
    /// The package of the system that it is in, if that is known.
    pub package: Option<String>,
}

/// Returns the libraries that those in a directory of packages need, sorted by name.
pub fn outside(site_packages: &Path) -> PathResult<Vec<Library>> {
    let mut finder = Finder::default();
    let root = Directory::open(site_packages).at("list", site_packages)?;
    finder.visit(&root, site_packages, None)?;
    let is_missing = |name: &str| {
        !finder.own.contains(name)
            && !IN_IMAGES.contains(&name)
            && !PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let needed = finder.needed.iter().filter(|(name, _)| is_missing(name));
    let missing = needed.map(|(name, users)| Library {
        name: name.clone(),
        needed_by: users.iter().cloned().collect(),
        package: None,
    });
    Ok(missing.collect())
}

/// Returns the package of each library by its name, from what `dpkg -S '*/NAME'...` has printed.
pub fn packages_of(output: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for line in output.lines().filter(|line| !line.starts_with("diversion ")) {
        let Some((packages, path)) = line.split_once(": ") else { continue };
        let path = Path::new(path);
        let package = packages.split(", ").next().unwrap_or_default().split(':').next().unwrap_or_default();
        if is_plain(package.as_bytes())
            && path.parent().is_some_and(is_searched)
            && let Some(name) = path.file_name().and_then(OsStr::to_str)
        {
            found.entry(name.to_owned()).or_insert_with(|| package.to_owned());
        }
    }
    found
}

/// Returns whether the loader looks into a directory: `/usr/lib`, `/lib/x86_64-linux-gnu`.
fn is_searched(directory: &Path) -> bool {
    let parts: Vec<_> = directory.iter().filter(|part| *part != "/" && *part != "usr").collect();
    match parts[..] {
        [lib] => lib == "lib" || lib == "lib64",
        [lib, triplet] => lib == "lib" && triplet.as_bytes().ends_with(b"-gnu"),
        _ => false,
    }
}

/// Returns whether a name can be written anywhere as it is. Linkers write no other.
fn is_plain(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(byte))
}

#[derive(Default)]
struct Finder {
    /// The names of libraries, and the packages that need them.
    needed: BTreeMap<String, BTreeSet<String>>,
    own: BTreeSet<String>,
}

impl Finder {
    /// `package` is the entry of the uppermost directory that this one is in.
    fn visit(&mut self, directory: &Directory, path: &Path, package: Option<&OsStr>) -> PathResult<()> {
        for entry in directory.entries().at("list", path)? {
            let own_path = path.join(&entry.name);
            let package = package.unwrap_or(&entry.name);
            match entry.kind {
                FileType::Directory => match directory.child(&entry.name) {
                    Ok(child) => self.visit(&child, &own_path, Some(package))?,
                    Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
                    Err(error) => return Err(error).at("list", &own_path),
                },
                FileType::RegularFile | FileType::Symlink if is_library(&entry.name) => {
                    self.own.insert(entry.name.to_string_lossy().into_owned());
                    if entry.kind == FileType::RegularFile {
                        self.read(directory, &own_path, package)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read(&mut self, directory: &Directory, path: &Path, package: &OsStr) -> PathResult<()> {
        let name = path.file_name().unwrap_or_default();
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(directory, name, flags, Mode::empty()).at("read", path)?);
        let package = shown(package);
        let needed = linked::facts(&file).unwrap_or_default().needed;
        for name in needed.into_iter().filter(|name| is_plain(name.as_bytes())) {
            self.needed.entry(name).or_default().insert(package.clone());
        }
        Ok(())
    }
}

/// A package by the name of its directory or of its only file.
fn shown(package: &OsStr) -> String {
    let text = printable(package);
    text.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(&text).to_owned()
}

fn is_library(name: &OsStr) -> bool {
    let name = name.as_bytes();
    name.ends_with(b".so") || memchr::memmem::find(name, b".so.").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relocate::elf::library_that_needs;

    #[test]
    fn what_is_neither_here_nor_in_images_is_missing() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, needs: &[&str]| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, library_that_needs(needs)).unwrap();
        };
        write(
            "psycopg2/_psycopg.cpython-311-x86_64-linux-gnu.so",
            &["libpq.so.5", "libc.so.6", "libpython3.11.so.1.0"],
        );
        write("_fast.abi3.so", &["libpq.so.5", "libown-1a2b.so.3", "ld-linux-x86-64.so.2"]);
        write("fast.libs/libown-1a2b.so.3", &["libz.so.1"]);
        write("hostile/x.so", &["liba.so\nRUN rm", "lib*.so", "$(x).so"]);
        write("notes.txt", &["libnever.so.1"]);
        std::fs::write(root.path().join("script.so"), "INPUT(libnever.so.1)").unwrap();
        std::os::unix::fs::symlink("/nowhere", root.path().join("link.so.1")).unwrap();
        let found = outside(root.path()).unwrap();
        let needed_by = vec!["_fast".to_owned(), "psycopg2".to_owned()];
        let library = Library { name: "libpq.so.5".into(), needed_by, package: None };
        assert_eq!(found, [library]);
    }

    #[test]
    fn packages_are_those_of_directories_that_the_loader_searches() {
        let output = "diversion by x from: /usr/lib/libd.so.1\nlibpq5:amd64: /usr/lib/x86_64-linux-gnu/libpq.so.5\n\
            other: /usr/lib/other/libpq.so.5\na, b: /lib/liba.so.1\nlibreoffice: /usr/lib/office/libb.so.1\n\
            no line\n$(x): /lib/libc.so.1\nt64: /usr/lib/x86_64-linux-gnu/libpq.so.5\n";
        let found = packages_of(output);
        let expected = [("liba.so.1", "a"), ("libpq.so.5", "libpq5")];
        assert_eq!(found, expected.map(|(name, package)| (name.to_owned(), package.to_owned())).into());
    }

    #[test]
    fn any_answer_of_dpkg_is_read() {
        let seed = "libpq5:amd64: /usr/lib/x86_64-linux-gnu/libpq.so.5\ndiversion by x from: /a\n";
        crate::mutation::check_mutations(&[seed], |input| drop(packages_of(&String::from_utf8_lossy(input))));
    }
}
