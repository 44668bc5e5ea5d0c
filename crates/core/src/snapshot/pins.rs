//! What is to be installed, exactly: the lines of a requirements file, a snapshot or a lock as an installer takes them.

use std::path::PathBuf;

use super::constraints;
use super::credentials::hide_in_line;
use super::marker::MarkerValues;
use super::packages::Packages;
use super::requirements::{Line, LineOddity, Requirements};
use crate::env::direct_url::{file_url, path_of};
use crate::env::packages::is_same_version;

/// What a hash comes after in a line.
const HASH: &str = "--hash=";

/// What is to be installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    /// Each package, once.
    pub pins: Vec<Pin>,
    /// Lines that say where packages come from.
    pub options: Vec<String>,
    /// Whether the archives must have hashes: at least one line has.
    pub has_hashes: bool,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its normalised name.
    pub key: String,
    /// Its version, where that is written.
    pub version: Option<String>,
    /// The line of a requirements file.
    pub line: String,
    /// Whether the line has hashes.
    pub has_hashes: bool,
    /// Whether no line names it: an environment has it from the beginning, and it stays as it is.
    pub is_seed: bool,
    /// Whether it comes from an index.
    pub is_from_index: bool,
    /// The directory or archive on this machine that it comes from.
    pub path: Option<PathBuf>,
}

/// Why a file does not say exactly what to install.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// A line has no version, or leaves it open.
    #[error("`{name}{specifiers}` names no exact version")]
    Unpinned {
        /// The name.
        name: String,
        /// The versions that are allowed; empty for any.
        specifiers: String,
    },
    /// Two lines want different things.
    #[error("`{name}` is named twice, with versions {first} and {second}")]
    Twice {
        /// The name.
        name: String,
        /// One version.
        first: String,
        /// The other version.
        second: String,
    },
    /// One line wants a version, and it or another line excludes it.
    #[error("`{name}=={version}` is excluded by `{name}{specifiers}`")]
    Excluded {
        /// The name.
        name: String,
        /// The version.
        version: String,
        /// What all lines allow.
        specifiers: String,
    },
    /// A file named with `-c` excludes what a line wants.
    #[error(transparent)]
    Constrained(#[from] constraints::Excluded),
    /// Two lines about one version allow different archives.
    #[error("`{name}` is named twice, and the lines have no hash in common")]
    OtherHashes {
        /// The name.
        name: String,
    },
    /// A lock, or a package in it, is for another Python or system.
    #[error("{title} is only for {wanted}")]
    NotFor {
        /// The words for it.
        title: String,
        /// What it is for.
        wanted: String,
    },
    /// No line names a package to install.
    #[error("{title} names no packages")]
    Nothing {
        /// The words for the source.
        title: String,
    },
    /// A line cannot be read.
    #[error("line {} of `{}` cannot be restored: {}", .0.line, .0.file, .0.reason)]
    Line(LineOddity),
    /// A project or archive is gone.
    #[error("`{name}` comes from `{}`, which does not exist", path.display())]
    Gone {
        /// The name.
        name: String,
        /// The path.
        path: PathBuf,
    },
}

impl PinError {
    /// Two lines want different things, which are versions or the lines themselves.
    pub(super) fn twice(name: String, first: &str, second: &str) -> Self {
        let [first, second] = [first, second].map(|line| hide_in_line(line).unwrap_or_else(|| line.to_owned()));
        Self::Twice { name, first, second }
    }
}

impl Pins {
    /// Returns what a file pins for a Python; without its values every marker holds.
    pub fn of(requirements: &Requirements, markers: Option<&MarkerValues>) -> Result<Self, PinError> {
        if let Some(oddity) = requirements.oddities.first() {
            return Err(PinError::Line(oddity.clone()));
        }
        let mut found = Self::default();
        let constraints = constraints::of(requirements, markers);
        for line in requirements.lines.iter().filter(|line| !line.is_constraint) {
            if line.requirement.is_for(markers) {
                if let Some(wanted) = markers.and_then(|values| line.not_for(values)) {
                    return Err(PinError::NotFor { title: format!("`{}`", line.requirement.key()), wanted });
                }
                found.add(pin_of(line, &constraints)?)?;
            }
        }
        found.options.clone_from(&requirements.options);
        let wants_hashes = |option: &String| option.trim() == "--require-hashes";
        found.has_hashes = found.options.iter().any(wants_hashes) || found.pins.iter().any(|pin| pin.has_hashes);
        // Older versions of pip do not know the contrary. Hashes that are there are checked in any case.
        found.options.retain(|option| !wants_hashes(option) && option.trim() != "--no-require-hashes");
        Ok(found)
    }

    fn add(&mut self, pin: Pin) -> Result<(), PinError> {
        match self.pins.iter_mut().find(|known| known.key == pin.key) {
            None => self.pins.push(pin),
            Some(known) if known.line == pin.line => {}
            // As a comparison takes them: `1` and `1.0` are one version.
            Some(known) if known.has_version_of(&pin) => known.limit_hashes(&pin)?,
            Some(known) => {
                let shown = |pin: &Pin| pin.version.clone().unwrap_or_else(|| pin.line.clone());
                return Err(PinError::twice(pin.key.clone(), &shown(known), &shown(&pin)));
            }
        }
        Ok(())
    }

    /// Leaves out what an environment has from the beginning, in the same version.
    #[must_use]
    pub fn without_seeds_of(&self, new: &Packages) -> Self {
        let is_there = |pin: &Pin| {
            let found = new.get(&pin.key).zip(pin.version.as_deref());
            pin.is_seed && found.is_some_and(|(found, version)| is_same_version(&found.version, version))
        };
        self.only(|pin| !is_there(pin))
    }

    /// Checks that what comes from this machine is there.
    pub fn check_places(&self) -> Result<(), PinError> {
        match self.pins.iter().find(|pin| pin.is_gone()).map(|pin| (pin.key.clone(), pin.path.clone())) {
            Some((name, Some(path))) => Err(PinError::Gone { name, path }),
            _ => Ok(()),
        }
    }

    /// Returns those for which something holds.
    #[must_use]
    pub fn only(&self, holds: impl Fn(&Pin) -> bool) -> Self {
        let pins = self.pins.iter().filter(|pin| holds(pin)).cloned().collect();
        Self { pins, ..self.clone() }
    }

    /// Returns whether the archive of a package must have one of the hashes in its line.
    pub fn needs_hash(&self, pin: &Pin) -> bool {
        self.has_hashes && (pin.has_hashes || (pin.is_from_index && !pin.is_seed))
    }

    /// Returns the pin of a package.
    pub fn get(&self, key: &str) -> Option<&Pin> {
        self.pins.iter().find(|pin| pin.key == key)
    }
}

/// Returns whether a line of a requirements file names what comes from a URL: an archive or a repository.
pub fn is_from_url(line: &str) -> bool {
    line.starts_with("-e ") || line.contains(" @ ")
}

impl Pin {
    /// Returns that of what an environment has from the beginning.
    pub fn seed(key: &str, version: &str) -> Self {
        Self {
            key: key.to_owned(),
            version: Some(version.to_owned()),
            line: format!("{key}=={version}"),
            has_hashes: false,
            is_seed: true,
            is_from_index: true,
            path: None,
        }
    }

    /// Returns that of what an index is to choose the version of.
    pub(super) fn open(key: String, line: String) -> Self {
        Self { key, version: None, line, has_hashes: false, is_seed: false, is_from_index: true, path: None }
    }

    /// Returns whether it comes from this machine, and from where nothing is any more.
    pub fn is_gone(&self) -> bool {
        self.path.as_ref().is_some_and(|path| !path.exists())
    }

    /// Returns whether it comes from neither an index nor this machine.
    pub fn is_remote(&self) -> bool {
        !self.is_from_index && self.path.is_none()
    }

    /// Returns whether its line allows an archive with this hash: `sha256:…`.
    pub fn has_hash(&self, hash: &str) -> bool {
        self.hashes().any(|known| &known[HASH.len()..] == hash)
    }

    /// Returns whether both come from an index in the same version, however that is written.
    fn has_version_of(&self, other: &Self) -> bool {
        let versions = self.version.as_deref().zip(other.version.as_deref());
        self.is_from_index && other.is_from_index && versions.is_some_and(|(own, other)| is_same_version(own, other))
    }

    /// Allows only the archives that both allow, as pip does: a line without hashes allows all.
    fn limit_hashes(&mut self, other: &Self) -> Result<(), PinError> {
        let common: Vec<_> = match (self.has_hashes, other.has_hashes) {
            (_, false) => return Ok(()),
            (false, true) => other.hashes().collect(),
            (true, true) => self.hashes().filter(|hash| other.hashes().any(|known| known == *hash)).collect(),
        };
        if common.is_empty() {
            return Err(PinError::OtherHashes { name: self.key.clone() });
        }
        let words = self.line.split_whitespace().filter(|word| !word.starts_with(HASH));
        self.line = words.chain(common).collect::<Vec<_>>().join(" ");
        self.has_hashes = true;
        Ok(())
    }

    fn hashes(&self) -> impl Iterator<Item = &str> {
        self.line.split_whitespace().filter(|word| word.starts_with(HASH))
    }
}

fn pin_of(line: &Line, constraints: &[&Line]) -> Result<Pin, PinError> {
    let requirement = &line.requirement;
    let key = requirement.key();
    let version = constraints::version_of(line, constraints)?;
    let (text, place) = match (&line.editable, &requirement.url) {
        (Some(project), _) if project.contains("://") => (format!("-e {project}"), None),
        (Some(project), _) => (format!("-e {}", file_url(project.as_ref())), Some(PathBuf::from(project))),
        (None, Some(url)) => (format!("{} @ {url}", requirement.name), path_of(url)),
        (None, None) if version.is_none() => {
            let (name, specifiers) = (requirement.name.clone(), requirement.specifiers.to_string());
            return Err(PinError::Unpinned { name, specifiers });
        }
        (None, None) => {
            let own = requirement.specifiers.to_string();
            let exact = requirement.specifiers.pinned().is_none().then_some(version.as_deref()).flatten();
            (format!("{}{}", requirement.name, exact.map_or(own, |version| format!("=={version}"))), None)
        }
    };
    let hashes: String = line.hashes.iter().flat_map(|hash| [" ", HASH, hash]).collect();
    Ok(Pin {
        key,
        version,
        line: text + &hashes,
        has_hashes: !line.hashes.is_empty(),
        is_seed: false,
        is_from_index: line.editable.is_none() && requirement.url.is_none(),
        path: place,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn pins(text: &str) -> Result<Pins, PinError> {
        Pins::of(&Requirements::parse(text.as_bytes(), Path::new("/p"), "-").unwrap(), None)
    }

    fn lines(text: &str) -> Vec<String> {
        pins(text).unwrap().pins.into_iter().map(|pin| pin.line).collect()
    }

    #[test]
    fn lines_are_as_an_installer_takes_them() {
        let text = "A.b==1.0 ; os_name == 'x'\nc===old\n./d-1-py3-none-any.whl\ne @ git+https://x/r@1\na_b==1.0\n\
                    # Editable install with no version control (f==1)\n-e /a b/#f\n-e git+https://x/r@1#egg=g\n";
        let expected = [
            "A.b==1.0",
            "c===old",
            "d @ file:///p/d-1-py3-none-any.whl",
            "e @ git+https://x/r@1",
            "-e file:///a%20b/%23f",
            "-e git+https://x/r@1#egg=g",
        ];
        assert_eq!(lines(&text.replace("a_b==1.0\n", "")), expected);
        assert!(matches!(pins(&text.replace("a_b==1.0", "a_b==1.1")), Err(PinError::Twice { .. })));
        let hashed = pins("-i https://x\n--require-hashes\na==1 --hash=sha256:1 --hash=sha256:2\n").unwrap();
        assert_eq!(hashed.pins[0].line, "a==1 --hash=sha256:1 --hash=sha256:2");
        assert_eq!((hashed.has_hashes, hashed.options), (true, vec!["-i https://x".to_owned()]));
        assert_eq!(pins("-f wheels\n").unwrap().options, ["--find-links file:///p/wheels"]);
    }

    #[test]
    fn versions_that_are_the_same_are_no_contradiction() {
        assert_eq!(lines("a==1\na==1.0\nA==1.0.0\n"), ["a==1"]);
        assert_eq!(lines("a===x\na===x\n"), ["a===x"]);
        // As pip takes them: what one of the lines forbids is not installed.
        let text = "a==1 --hash=sha256:1 --hash=sha256:3\na==1.0 --hash=sha256:2 --hash=sha256:1\n\
                    b==1\nb==1.0 --hash=sha256:3\nc==1 --hash=sha256:4\nc==1\n";
        assert_eq!(lines(text), ["a==1 --hash=sha256:1", "b==1 --hash=sha256:3", "c==1 --hash=sha256:4"]);
        assert!(pins(text).unwrap().pins.iter().all(|pin| pin.has_hashes));
        for text in ["a==1 --hash=sha256:1\na==1 --hash=sha256:2\n", "a==1 --hash=sha256:1\na==1.0 --hash=sha512:1\n"] {
            assert!(matches!(pins(text), Err(PinError::OtherHashes { .. })), "{text}");
        }
        let twice = pins("a @ https://u:pw@h/a.whl?token=t\na==1\n").unwrap_err().to_string();
        assert_eq!(twice, "`a` is named twice, with versions a @ https://****@h/a.whl?token=**** and 1");
        for text in ["a==1\na==1.0.1\n", "a===x\na===y\n", "a==1\na @ file:///p/a.whl\n", "a==1\na==1+local\n"] {
            assert!(matches!(pins(text), Err(PinError::Twice { .. })), "{text}");
        }
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        for (text, expected) in [
            ("requests\n", "`requests` names no exact version"),
            ("requests>=2,<3\n", "`requests<3,>=2` names no exact version"),
            ("requests==2.*\n", "`requests==2.*` names no exact version"),
            ("a==1\na==2\n", "`a` is named twice, with versions 1 and 2"),
            ("a==1\n-e ./gone\n", "line 2 of `-` cannot be restored: the name of `./gone` is unknown"),
        ] {
            assert_eq!(pins(text).unwrap_err().to_string(), expected);
        }
        let gone = pins("a @ file:///nowhere/a.whl\n").unwrap().check_places();
        assert_eq!(gone.unwrap_err().to_string(), "`a` comes from `/nowhere/a.whl`, which does not exist");
    }
}
