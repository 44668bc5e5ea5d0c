//! Which packages of an environment an image can have, and the requirements that install them there.

use std::fmt::Write as _;
use std::path::Path;

use super::context::{Project, path_in};
use crate::env::direct_url::{DirectUrl, Kind, path_of};
use crate::env::distributions::{Distribution, Installed};
use crate::fs::order::Order as _;
use crate::snapshot::credentials;
use crate::snapshot::freeze::{is_listed, normal_version};
use crate::snapshot::lock_writer::{self, LockWriteError, is_name, is_version};
use crate::snapshot::python::Python;

/// The name of the file with the requirements.
pub const FILE_NAME: &str = "requirements.lock";

/// The packages of an environment, by how they get into an image.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pinned: Vec<Pinned>,
    /// Those that are built there.
    pub projects: Vec<Project>,
}

/// The requirements, and what they demand of the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The text.
    pub text: String,
    /// How many packages it names.
    pub count: usize,
    /// The packages that no wheel is there for.
    pub from_source: Vec<String>,
    /// Whether one of them is compiled.
    pub needs_compiler: bool,
}

/// Packages that an image cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an image cannot contain these packages: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct Unportable(pub Vec<LeftOut>);

/// A package that an image cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` ({reason})")]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: Reason,
}

/// Why an image cannot have a package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Its project is not in the directory that is sent, or has a name that the files cannot hold.
    #[error("its project `{0}` cannot be copied from there")]
    Outside(String),
    /// Its project cannot be built.
    #[error("its project `{0}` has neither `pyproject.toml` nor `setup.py`")]
    NoProject(String),
    /// It comes from a repository, whose content no hash vouches for.
    #[error("it comes from a repository")]
    Repository,
    /// It comes from an archive on this machine.
    #[error("it comes from an archive on this machine")]
    LocalArchive,
    /// It comes from an archive whose hash is not recorded.
    #[error("the hash of its archive is not recorded")]
    NoHash,
    /// Its address holds a password.
    #[error("its URL holds a password")]
    Password,
    /// Its name, version or address is none.
    #[error("its name, version or URL is damaged")]
    Damaged,
}

#[derive(Clone, Debug)]
struct Pinned {
    key: String,
    name: String,
    version: String,
    /// `NAME==VERSION`, or `NAME @ URL#HASH`.
    requirement: String,
    is_from_index: bool,
    is_pure: bool,
}

impl Selection {
    /// Sorts the packages of an environment; fails if there are some that an image cannot have. `context` is the
    /// directory that is sent to the builder.
    pub fn of(installed: &Installed, python: &Python, context: &Path) -> Result<Self, Unportable> {
        let (mut found, mut left_out) = (Self::default(), Vec::new());
        let own = installed.distributions.iter().filter(|found| found.is_local);
        for distribution in own.filter(|found| is_listed(&found.key, python.version, false)) {
            if let Err(reason) = found.add(distribution, context) {
                left_out.push(LeftOut { name: distribution.name.clone(), reason });
            }
        }
        if !left_out.is_empty() {
            left_out.order_by(|a, b| a.name.cmp(&b.name));
            return Err(Unportable(left_out));
        }
        found.pinned.order_by(|a, b| a.key.cmp(&b.key));
        found.projects.order_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    /// Writes the requirements, with the hashes that an installer has answered as a lock.
    pub fn lock(&self, answer: &str, python: &Python) -> Result<Lock, LockWriteError> {
        let files = lock_writer::files(answer)?;
        let python = in_image(python);
        let mut lock = Lock { count: self.pinned.len(), ..Lock::default() };
        lock.text.push_str("# Written by venvwrap: every package with the hashes of its files.\n");
        for pinned in &self.pinned {
            let _ = write!(lock.text, "{}", pinned.requirement);
            if pinned.is_from_index {
                let missing = || LockWriteError::Missing { name: pinned.name.clone(), version: pinned.version.clone() };
                let own = files.get(&pinned.key).filter(|own| own.version == pinned.version && !own.hashes.is_empty());
                let own = own.ok_or_else(missing)?;
                if let Some(hash) = own.hashes.iter().find(|hash| !is_hash(hash)) {
                    return Err(LockWriteError::Input(format!("`{}` is not a hash", hash.escape_debug())));
                }
                lock.text.extend(own.hashes.iter().map(|hash| format!(" \\\n    --hash={hash}")));
                if !python.loads(&own.tags.iter().cloned().collect::<Vec<_>>()) {
                    lock.from_source.push(pinned.key.clone());
                    lock.needs_compiler |= !pinned.is_pure;
                }
            }
            lock.text.push('\n');
        }
        lock.needs_compiler |= self.projects.iter().any(|project| !project.is_pure);
        Ok(lock)
    }

    fn add(&mut self, found: &Distribution, context: &Path) -> Result<(), Reason> {
        let version = normal_version(&found.version);
        if !is_name(&found.name) || !is_version(&version) {
            return Err(Reason::Damaged);
        }
        let (name, key, is_pure) = (found.name.clone(), found.key.clone(), is_pure(found));
        let project = match (&found.editable, &found.direct_url) {
            (Some(project), _) => Some(project.clone()),
            (None, Some(DirectUrl { url, kind: Kind::Directory { .. }, .. })) => path_of(url),
            (None, Some(_) | None) => None,
        };
        if let Some(project) = project {
            let directory = of_project(context, &project)?;
            self.projects.push(Project { key, directory, is_pure });
            return Ok(());
        }
        let (requirement, is_from_index) = match &found.direct_url {
            Some(origin) => (format!("{name} @ {}", of_archive(origin)?), false),
            None => (format!("{name}=={version}"), true),
        };
        self.pinned.push(Pinned { key, name, version, requirement, is_from_index, is_pure });
        Ok(())
    }
}

/// Returns where a project is in the directory that is sent.
fn of_project(context: &Path, project: &Path) -> Result<String, Reason> {
    let directory = path_in(context, project).ok_or_else(|| Reason::Outside(project.display().to_string()))?;
    if ["pyproject.toml", "setup.py"].iter().any(|file| project.join(file).is_file()) {
        return Ok(directory);
    }
    Err(Reason::NoProject(project.display().to_string()))
}

/// Returns the address of an archive with its hash, which installers take for a hash of the requirement.
fn of_archive(origin: &DirectUrl) -> Result<String, Reason> {
    let url = &origin.url;
    match &origin.kind {
        Kind::Vcs { .. } => Err(Reason::Repository),
        Kind::Directory { .. } => Err(Reason::Damaged),
        Kind::Archive { .. } if url.starts_with("file:") => Err(Reason::LocalArchive),
        Kind::Archive { .. } if credentials::hide(url).is_some() => Err(Reason::Password),
        Kind::Archive { hash: None } => Err(Reason::NoHash),
        Kind::Archive { hash: Some((algorithm, value)) } => {
            let text = format!("{url}#{algorithm}={value}");
            let is_whole = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'\\`{}".contains(&byte));
            let is_plain = origin.subdirectory.is_none() && !url.contains('#');
            let is_sound = is_whole && is_plain && is_hash(&format!("{algorithm}:{value}"));
            if is_sound { Ok(text) } else { Err(Reason::Damaged) }
        }
    }
}

/// The same Python on the system that images have.
fn in_image(python: &Python) -> Python {
    let mut python = python.clone();
    if python.markers.sys_platform != "linux" {
        python.markers.sys_platform = "linux".into();
        if python.markers.platform_machine == "arm64" {
            python.markers.platform_machine = "aarch64".into();
        }
    }
    python
}

/// Returns whether nothing of a distribution is compiled, as far as its wheel says.
fn is_pure(found: &Distribution) -> bool {
    let tags = found.wheel_tags();
    !tags.is_empty() && tags.iter().all(|tag| tag.ends_with("-none-any"))
}

fn is_hash(hash: &str) -> bool {
    let Some((algorithm, value)) = hash.split_once(':') else { return false };
    let is_hex = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    ["sha256", "sha384", "sha512"].contains(&algorithm) && is_hex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(url: &str, hash: Option<(&str, &str)>) -> Result<String, Reason> {
        let hash = hash.map(|(algorithm, value)| (algorithm.to_owned(), value.to_owned()));
        of_archive(&DirectUrl { url: url.into(), subdirectory: None, kind: Kind::Archive { hash }, hash_of_uv: None })
    }

    #[test]
    fn archives_need_an_address_and_a_hash() {
        let hash = Some(("sha256", "ab12"));
        assert_eq!(archive("https://x/a.whl", hash).unwrap(), "https://x/a.whl#sha256=ab12");
        for (url, hash, reason) in [
            ("https://x/a.whl", None, Reason::NoHash),
            ("file:///a.whl", hash, Reason::LocalArchive),
            ("https://u:p@x/a.whl", hash, Reason::Password),
            ("https://x/a.whl\nb", hash, Reason::Damaged),
            ("https://x/a.whl --index-url x", hash, Reason::Damaged),
            ("https://x/${HOME}", hash, Reason::Damaged),
            ("https://x/a.whl#egg=b", hash, Reason::Damaged),
            ("https://x/a.whl", Some(("md5", "ab12")), Reason::Damaged),
            ("https://x/a.whl", Some(("sha256", "ab\n12")), Reason::Damaged),
        ] {
            assert_eq!(archive(url, hash), Err(reason), "{url}");
        }
    }

    #[test]
    fn names_and_versions_are_those_of_requirements() {
        for (name, expected) in
            [("a", true), ("A.b-c_1", true), ("", false), ("-r", false), ("a b", false), ("a-", false)]
        {
            assert_eq!(is_name(name), expected, "{name}");
        }
        assert!(is_version("1!2.0+cu118") && !is_version("1 --hash") && !is_version(""));
        assert!(is_hash("sha256:00ff") && !is_hash("sha1:00") && !is_hash("sha256:") && !is_hash("sha256:0 b"));
    }
}
