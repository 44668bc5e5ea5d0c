//! What the package manager of this machine knows about files.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use super::package::PackageKind;

/// Asks the package manager of this machine, if there is one.
pub trait Owners: Debug {
    /// Returns the Debian package of each library by its name: `libpq.so.5`.
    fn of_libraries(&self, names: &[String]) -> BTreeMap<String, String>;

    /// Returns the package of a kind that a file or directory belongs to.
    fn of_path(&self, kind: PackageKind, path: &Path) -> Option<String>;

    /// Returns the package of any kind that a file belongs to.
    fn of_file(&self, path: &Path) -> Option<String> {
        self.of_path(PackageKind::Deb, path).or_else(|| self.of_path(PackageKind::Rpm, path))
    }
}

/// Returns the package of a file, from what `dpkg -S FILE` has printed.
pub fn owner_in(output: &str, path: &Path) -> Option<String> {
    let lines = output.lines().filter(|line| !line.starts_with("diversion "));
    let mut found = lines.filter_map(|line| line.split_once(": ")).filter(|(_, file)| Path::new(file) == path);
    let (packages, _) = found.next()?;
    packages.split(", ").next()?.split(':').next().map(str::to_string).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_that_of_this_file() {
        let output = "diversion by dash from: /bin/sh\nx: /bin/shared\ndash:amd64, bash: /bin/sh\n: /bin/y\nno line\n";
        assert_eq!(owner_in(output, Path::new("/bin/sh")).as_deref(), Some("dash"));
        assert_eq!(owner_in(output, Path::new("/bin/y")), None);
        assert_eq!(owner_in(output, Path::new("/bin/z")), None);
    }
}
