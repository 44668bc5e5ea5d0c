//! The distributions that an environment can import, from the files that installers leave next to the packages.
//!
//! As for pip, the first distribution of a name on the import path is the one that counts. A directory is read in the
//! order of the system, because that is what decides in Python when one directory holds two.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use self::called::Called;
use self::form::{MAX_BYTES, is_egg, is_metadata};
use self::zipped::Zipped;
use super::Environment;
use super::direct_url::{self, DirectUrl, DirectUrlError};
use super::headers::Headers;
use super::import_path::{Owner, import_path};
use super::packages::is_same_version;
use super::unrecorded;
use crate::fs;

mod called;
mod form;
mod standard;
mod zipped;

/// One installed distribution.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// Its name as its metadata writes it.
    pub name: String,
    /// Its name in the form in which names are compared.
    pub key: String,
    /// Its version as the name of its metadata has it, or else the metadata itself.
    pub version: String,
    /// Whether the version is only a text, which no other one is compared with.
    pub is_arbitrary: bool,
    /// Its metadata: a directory, for a package that distutils installed a file, and for one in a zip file the path in
    /// that, which cannot be opened.
    pub info: PathBuf,
    /// Whether it is the environment's own, not one that it only shows.
    pub is_local: bool,
    /// Where it comes from, if not from an index.
    pub direct_url: Option<DirectUrl>,
    /// The directory of its project, if it is imported from there.
    pub editable: Option<PathBuf>,
    headers: Headers,
    /// The `requires.txt` of one in a zip file.
    requires: Option<String>,
}

/// What is installed.
#[derive(Debug, Default)]
pub struct Installed {
    /// The distributions that count, in the order of the import path.
    pub distributions: Vec<Distribution>,
    /// What the standard library of PyPy brings. Python imports it before all others; nobody has installed it, and no
    /// environment takes it along.
    pub standard: Vec<Distribution>,
    /// What was passed over, or read only in part.
    pub oddities: Vec<Oddity>,
}

/// Something in the metadata that is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum Oddity {
    /// Metadata without a name or version.
    #[error("`{}` is skipped: it has no metadata with a name and version", info.display())]
    NoMetadata {
        /// The metadata.
        info: PathBuf,
    },
    /// Metadata that says less than the name of its directory.
    #[error("`{}` has no metadata with a name and version: its own name counts", info.display())]
    Guessed {
        /// The metadata.
        info: PathBuf,
    },
    /// What an interrupted removal left over.
    #[error("`{}` is skipped: it is left over from an interrupted installation and can be deleted", info.display())]
    LeftOver {
        /// The metadata.
        info: PathBuf,
    },
    /// The origin of a distribution is recorded in a way that nobody understands.
    #[error("the origin of `{name}` is unknown: could not read `{}`", file.display())]
    Origin {
        /// The name of the distribution.
        name: String,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        source: DirectUrlError,
    },
    /// Another version of a distribution in the same directory.
    #[error("`{name}` is installed twice: versions {used} and {unused}")]
    Twice {
        /// The name of the distribution.
        name: String,
        /// The version that Python finds first.
        used: String,
        /// The version of the other.
        unused: String,
        /// The metadata of the other.
        info: PathBuf,
    },
}

/// Reads what is installed. `user_home` is where packages that the user installed without an environment are looked for.
pub fn installed(environment: &Environment, user_home: Option<&Path>) -> Installed {
    let mut finder = Finder::default();
    for location in import_path(environment, user_home) {
        let is_inside = || location.path.starts_with(environment.path());
        let is_local = match location.owner {
            Owner::Environment => true,
            Owner::PathFile => is_inside(),
            Owner::System => false,
        };
        finder.add_location(&location.path, is_local);
    }
    let standard = standard::directory(environment).map(|directory| {
        let mut finder = Finder::default();
        finder.add_directory(&directory, false);
        finder.finish().distributions
    });
    Installed { standard: standard.unwrap_or_default(), ..finder.finish() }
}

/// Reads what is installed in these directories, and in no other one.
pub fn installed_in(directories: &[PathBuf], environment: &Environment) -> Installed {
    let mut finder = Finder::default();
    for directory in directories {
        finder.add_location(directory, directory.starts_with(environment.path()));
    }
    finder.finish()
}

impl Distribution {
    /// The requirements of the distribution, as they are written; those of an extra have it in their marker.
    pub fn requirements(&self) -> Vec<String> {
        let mut found: Vec<_> = self.headers.all("Requires-Dist").map(std::borrow::Cow::into_owned).collect();
        if found.is_empty() && self.info.extension() != Some(OsStr::new("dist-info")) {
            let file = || fs::read_limited(&self.info.join("requires.txt"), MAX_BYTES).ok();
            let text = || file().map(|content| String::from_utf8_lossy(&content).into_owned());
            found = self.requires.clone().or_else(text).map(|text| old_requirements(&text)).unwrap_or_default();
        }
        found
    }

    /// The extras that the distribution says it has.
    pub fn extras(&self) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
        self.headers.all("Provides-Extra")
    }

    /// The versions of Python that the distribution is for.
    pub fn requires_python(&self) -> Option<&str> {
        self.headers.first("Requires-Python").filter(|value| !value.is_empty())
    }

    /// Returns whether the distribution says what wheel it was installed from.
    pub fn is_wheel(&self) -> bool {
        self.info.join("WHEEL").is_file()
    }

    /// The tags of the wheel that the distribution was installed from; none if that is not recorded.
    pub fn wheel_tags(&self) -> Vec<String> {
        let headers = Headers::read(&self.info.join("WHEEL")).unwrap_or_default();
        headers.all("Tag").map(std::borrow::Cow::into_owned).collect()
    }

    /// Returns whether the user asked for the distribution, rather than another that needs it.
    pub fn is_requested(&self) -> bool {
        self.info.join("REQUESTED").exists()
    }

    /// Returns whether the files of the distribution are recorded, so that it can be removed.
    pub fn has_record(&self) -> bool {
        unrecorded::is_recorded(&self.info)
    }

    /// Returns whether an environment of another Python, which may be for wheels with some tags, can take the distribution
    /// over as it is installed. Where no files are recorded, their names tell which there are and what they are for.
    pub fn can_be_carried(&self, loads: impl FnOnce(&[String]) -> bool) -> bool {
        self.is_local && (loads(&self.wheel_tags()) || (!self.has_record() && unrecorded::is_pure(&self.info)))
    }

    /// The program that installed the distribution: `pip`, `uv`.
    pub fn installer(&self) -> Option<String> {
        let content = fs::read_limited(&self.info.join("INSTALLER"), MAX_BYTES).ok()?;
        let text = String::from_utf8_lossy(&content);
        text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
    }
}

/// Returns the requirements in a `requires.txt`, in which each section is an extra, a marker or both.
fn old_requirements(text: &str) -> Vec<String> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (extra, marker) = name.split_once(':').unwrap_or((name, ""));
            let extra = if extra.is_empty() { String::new() } else { format!("extra == \"{extra}\"") };
            let marker = if marker.is_empty() { String::new() } else { format!("({marker})") };
            section = [marker, extra].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" and ");
        } else if section.is_empty() {
            found.push(line.to_owned());
        } else {
            // A URL may end in anything that is not white space.
            found.push(format!("{line} ; {section}"));
        }
    }
    found
}

#[derive(Default)]
struct Finder {
    installed: Installed,
    seen: HashMap<String, usize>,
    links: HashSet<OsString>,
}

impl Finder {
    /// Adds a directory and what the links of old editable installations there lead to.
    fn add_location(&mut self, directory: &Path, is_local: bool) {
        for link in self.add_directory(directory, is_local) {
            self.follow(directory, &link, is_local);
        }
    }

    /// Adds the distributions of a directory, and returns the names of the links of old editable installations there.
    fn add_directory(&mut self, directory: &Path, is_local: bool) -> Vec<OsString> {
        let is_egg = is_egg(directory);
        let mut links = Vec::new();
        let entries = match std::fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) => {
                if error.kind() == std::io::ErrorKind::NotADirectory {
                    self.add_file(directory, is_local);
                }
                return links;
            }
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if is_metadata(name.as_bytes(), is_egg) {
                self.add(directory, directory.join(&name), is_local);
            } else if name.as_bytes().ends_with(b".egg-link") {
                links.push(name);
            }
        }
        self.links.extend(links.iter().cloned());
        links
    }

    /// Adds the distributions in a zip file.
    fn add_file(&mut self, file: &Path, is_local: bool) {
        for Zipped { directory, headers, requires } in zipped::read(file) {
            self.add_read(file, file.join(directory), is_local, headers, requires);
        }
    }

    /// Adds the distributions of the directory that a link names in its first line.
    fn follow(&mut self, directory: &Path, link: &OsStr, is_local: bool) {
        let Ok(content) = fs::read_limited(&directory.join(link), MAX_BYTES) else { return };
        let mut lines = content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        if let Some(target) = lines.find(|line| !line.is_empty()) {
            self.add_directory(&fs::absolute(directory, Path::new(OsStr::from_bytes(target))), is_local);
        }
    }

    fn add(&mut self, directory: &Path, info: PathBuf, is_local: bool) {
        let headers = ["METADATA", "PKG-INFO", ""].into_iter().find_map(|file| {
            // A file that distutils wrote is the metadata itself.
            let path = if file.is_empty() { info.clone() } else { info.join(file) };
            Headers::read(&path).ok()
        });
        self.add_read(directory, info, is_local, headers.unwrap_or_default(), None);
    }

    fn add_read(
        &mut self,
        directory: &Path,
        info: PathBuf,
        is_local: bool,
        headers: Headers,
        requires: Option<String>,
    ) {
        if info.file_name().is_some_and(|name| name.as_bytes().starts_with(b"~")) {
            return self.installed.oddities.push(Oddity::LeftOver { info });
        }
        let Some(called) = Called::of(&info, &headers) else {
            return self.installed.oddities.push(Oddity::NoMetadata { info });
        };
        let Called { name, key, version, is_arbitrary, is_guessed } = called;
        if is_guessed {
            self.installed.oddities.push(Oddity::Guessed { info: info.clone() });
        }
        if let Some(&other) = self.seen.get(&key) {
            let other = &self.installed.distributions[other];
            // Metadata of one version may be found in two ways: that of a linked project also by its path, and that of a
            // system's package of two kinds.
            if other.info.parent() == Some(directory) && !is_same_version(&other.version, &version) {
                let used = other.version.clone();
                self.installed.oddities.push(Oddity::Twice { name, used, unused: version, info });
            }
            return;
        }
        let direct_url = self.direct_url(&name, &info);
        let editable = direct_url.as_ref().and_then(DirectUrl::editable_directory);
        self.seen.insert(key.clone(), self.installed.distributions.len());
        let found =
            Distribution { name, key, version, is_arbitrary, info, is_local, direct_url, editable, headers, requires };
        self.installed.distributions.push(found);
    }

    fn direct_url(&mut self, name: &str, info: &Path) -> Option<DirectUrl> {
        let file = info.join(direct_url::FILE_NAME);
        let content = fs::read_limited(&file, MAX_BYTES).ok()?;
        match DirectUrl::parse(&content) {
            Ok(found) => Some(found),
            Err(source) => {
                self.installed.oddities.push(Oddity::Origin { name: name.to_owned(), file, source });
                None
            }
        }
    }

    /// Marks what a link makes editable, wherever on the import path the link is.
    fn finish(mut self) -> Installed {
        for distribution in &mut self.installed.distributions {
            let is_linked = || link_names(&distribution.name).iter().any(|name| self.links.contains(OsStr::new(name)));
            if !self.links.is_empty() && distribution.direct_url.is_none() && is_linked() {
                distribution.editable = distribution.info.parent().map(Path::to_path_buf);
            }
        }
        self.installed
    }
}

/// The names that setuptools gave the link of a distribution, old and new.
fn link_names(name: &str) -> [String; 2] {
    let mut safe = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || character == '.' {
            safe.push(character);
        } else if !safe.ends_with('-') {
            safe.push('-');
        }
    }
    [safe + ".egg-link", format!("{name}.egg-link")]
}

#[cfg(test)]
mod tests;
