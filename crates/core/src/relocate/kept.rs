//! Activation scripts whose environment has got another path or another Python: what the user has written into them stays.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::activation::{self, Outcome, Prompt};
use super::damage::{Damage, damaged, is_foreign};
use super::mapping::{Language, Mapping};
use crate::env::{BIN, Environment};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::{self, PathContext, PathResult};
use crate::shell::activate::{self, Activation};

/// More than any script.
const MAX_BYTES: u64 = 1 << 20;

/// What becomes of a script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Renewed {
    /// It stays as it is.
    Same,
    /// It has all that the user has written.
    Edited(Vec<u8>),
    /// It is written anew. What the user has written into the old one, if anything, is not in it.
    New,
    /// It names a path that cannot be replaced in its language, and there is no new one for that.
    Stale,
}

/// The activation scripts of an environment.
#[derive(Debug)]
pub(crate) struct Scripts<'a> {
    environment: &'a Environment,
    /// The path that it was moved from.
    old: Option<PathBuf>,
    damaged: Vec<(OsString, Damage)>,
}

impl<'a> Scripts<'a> {
    /// Looks at the scripts of an environment, which may have been moved from a path.
    pub(crate) fn of(environment: &'a Environment, old: Option<&Path>) -> Self {
        let mut damaged = damaged(environment);
        damaged.retain(|(_, damage)| !matches!(damage, Damage::Stale(_)));
        Self { environment, old: old.map(Path::to_path_buf), damaged }
    }

    /// The names of those that are there, also those that only other tools write. Links are left alone.
    pub(crate) fn names(&self) -> PathResult<Vec<OsString>> {
        let bin = self.environment.bin();
        let mut names = Vec::new();
        let entries = match std::fs::read_dir(&bin) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(names),
            other => other.at("list", &bin)?,
        };
        for entry in entries {
            let entry = entry.at("list", &bin)?;
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            names.extend(Some(entry.file_name()).filter(|name| is_file && activation::is_script(name)));
        }
        names.sort();
        Ok(names)
    }

    /// The content of a script and its permission bits; none where it is no file of the environment.
    pub(crate) fn read(&self, name: &OsStr) -> Option<(Vec<u8>, u32)> {
        let path = self.environment.bin().join(name);
        let found = std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        Some((fs::read_limited(&path, MAX_BYTES).ok()?, found.mode() & 0o777))
    }

    /// Returns what the user has written below what a tool has; none where that cannot be told apart.
    pub(crate) fn added<'b>(&self, name: &OsStr, content: &'b [u8]) -> Option<&'b [u8]> {
        let mut paths = self.old_paths(name);
        let prompt = self.prompt(&paths);
        paths.push(self.environment.path().to_path_buf());
        activation::added(name, content, &paths, &prompt)
    }

    /// Returns what becomes of a script where its environment is now.
    pub(crate) fn renewed(&self, name: &OsStr, content: &[u8]) -> Renewed {
        let old = self.old_paths(name);
        let prompt = self.prompt(&old);
        let mapping = Mapping::new(&old, self.environment.path());
        if self.damage(name) == Some(&Damage::Unsafe) {
            let names_any = |added: &[u8]| {
                let paths = old.iter().map(PathBuf::as_path).chain([self.environment.path()]);
                paths
                    .map(|path| path.as_os_str().as_encoded_bytes())
                    .any(|path| memchr::memmem::find(added, path).is_some())
            };
            let added = self.added(name, content).filter(|added| !names_any(added));
            let new = added.and_then(|added| Some([&self.rendered(name, &prompt)?, added].concat()));
            return new.map_or(Renewed::New, Renewed::Edited);
        }
        if mapping.old_paths().is_empty() {
            return Renewed::Same;
        }
        match activation::script(name, content, &mapping, &prompt) {
            Outcome::Unchanged => Renewed::Same,
            Outcome::Edited(new) => Renewed::Edited(new),
            Outcome::Regenerated(_) => Renewed::New,
            Outcome::Stale => Renewed::Stale,
        }
    }

    /// The same for an environment that has another Python, with what this program writes into its scripts.
    pub(crate) fn renewed_for_python(&self, name: &OsStr, content: &[u8], new: &[u8], libraries: [&str; 2]) -> Renewed {
        let mapping = Mapping::new(&self.old_paths(name), self.environment.path());
        if let Some(added) = self.added(name, content)
            && (mapping.old_paths().is_empty() || !mapping.is_in(added))
            && self.damage(name) != Some(&Damage::Unsafe)
        {
            return Renewed::Edited([new, added].concat());
        }
        match self.renewed(name, content) {
            // It names the directory of the packages.
            Renewed::Same if libraries[0] != libraries[1] && name == "activate_this.py" => {
                let [old, new] = libraries.map(|name| PathBuf::from(format!("/lib/{name}/site-packages")));
                let mapping = Mapping::new(&[old], &new);
                mapping.replace(content, Language::Plain).map_or(Renewed::Same, Renewed::Edited)
            }
            other => other,
        }
    }

    /// What is wrong with a script, if something is.
    pub(crate) fn damage(&self, name: &OsStr) -> Option<&Damage> {
        self.damaged.iter().find(|(script, _)| script == name).map(|(_, damage)| damage)
    }

    /// Whether one of the scripts is missing that everybody needs, unsafe, or for another path: then the others are looked
    /// at, too.
    pub(crate) fn are_wrong(&self) -> bool {
        let is_needed = |(name, damage): &(OsString, Damage)| name == "activate" && *damage == Damage::Missing;
        self.damaged.iter().any(|damaged| damaged.1.lack().is_none() || is_needed(damaged))
    }

    /// The paths that a script may be for instead.
    fn old_paths(&self, name: &OsStr) -> Vec<PathBuf> {
        let elsewhere = match self.damage(name) {
            Some(Damage::Elsewhere(path)) => Some(path.clone()),
            _ => None,
        };
        elsewhere.into_iter().chain(self.old.clone()).collect()
    }

    fn prompt(&self, old: &[PathBuf]) -> Prompt {
        let (name, path) = (self.environment.name().as_os_str(), self.environment.path());
        let source = old.first().map_or(path, PathBuf::as_path);
        activation::prompt_of(self.environment.cfg().as_ref(), &[source], name, path)
    }

    fn rendered(&self, name: &OsStr, prompt: &Prompt) -> Option<Vec<u8>> {
        let shown = prompt.custom.as_deref().unwrap_or(&prompt.new_name);
        let values = Activation { env: self.environment.path(), prompt: shown };
        activate::render(activation::script_of(name)?, &values).ok()
    }
}

/// What has become of the scripts of an environment; the paths are relative to it.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Those with new contents.
    pub(crate) changed: Vec<PathBuf>,
    /// Old ones that the user may have changed, beside the new ones.
    pub(crate) beside: Vec<PathBuf>,
}

impl Written {
    /// Mends a script, which has the text `new` where it is missing or what it says cannot be kept.
    pub(crate) fn mend(
        &mut self,
        scripts: &Scripts<'_>,
        name: &OsStr,
        new: Option<&[u8]>,
        dry_run: bool,
    ) -> PathResult<()> {
        let old = scripts.read(name).filter(|(old, _)| !old.trim_ascii().is_empty());
        let renewed = old.as_ref().map_or(Renewed::New, |(old, _)| scripts.renewed(name, old));
        match (renewed, new) {
            (Renewed::Edited(edited), _) => self.put(scripts, name, &edited, old.map(|(_, mode)| mode), dry_run),
            (Renewed::New, Some(new)) => self.replace(scripts, name, new, dry_run),
            _ => Ok(()),
        }
    }

    /// Writes a script anew, with what the user has written below the old one. If that cannot be told apart, the old one
    /// stays where it does what the new one would; otherwise it is kept beside that.
    pub(crate) fn renew(
        &mut self,
        scripts: &Scripts<'_>,
        name: &OsStr,
        new: &[u8],
        is_prompt_new: bool,
    ) -> PathResult<()> {
        let old = scripts.read(name);
        let mapping = Mapping::new(&scripts.old_paths(name), scripts.environment.path());
        let added = old.as_ref().and_then(|(old, _)| scripts.added(name, old));
        let is_other = || name == "activate" && old.as_ref().is_some_and(|(old, _)| is_foreign(old));
        match added.filter(|added| !mapping.is_in(added)) {
            Some(added) => self.put(scripts, name, &[new, added].concat(), None, false),
            None if is_other() => self.replace(scripts, name, new, false),
            None if is_prompt_new || scripts.damage(name).is_some_and(|damage| damage.lack().is_some()) => {
                self.replace(scripts, name, new, false)
            }
            None => self.mend(scripts, name, Some(new), false),
        }
    }

    /// Writes a script anew, and keeps the old one unless a tool has written all of it.
    pub(crate) fn replace(&mut self, scripts: &Scripts<'_>, name: &OsStr, new: &[u8], dry_run: bool) -> PathResult<()> {
        let old = scripts.read(name).map(|(old, _)| old).filter(|old| !old.trim_ascii().is_empty());
        let is_lost =
            |old: &Vec<u8>| !new.starts_with(old) && scripts.added(name, old).is_none_or(|added| !added.is_empty());
        if let Some(old) = old.filter(|old| !dry_run && is_lost(old)) {
            self.beside.push(keep_beside(scripts.environment.path(), name, &old)?);
        }
        self.put(scripts, name, new, None, dry_run)
    }

    fn put(
        &mut self,
        scripts: &Scripts<'_>,
        name: &OsStr,
        content: &[u8],
        mode: Option<u32>,
        dry_run: bool,
    ) -> PathResult<()> {
        let path = Path::new(BIN).join(name);
        if !dry_run {
            let permissions = mode.map_or(Permissions::New(0o666), Permissions::Kept);
            Entry::below(scripts.environment.path(), &path)?.replace(content, permissions)?;
        }
        if !self.changed.contains(&path) {
            self.changed.push(path);
        }
        Ok(())
    }
}

/// Keeps an old script beside the new one in the environment at `root`. Returns its path there.
pub(crate) fn keep_beside(root: &Path, name: &OsStr, content: &[u8]) -> PathResult<PathBuf> {
    for number in 1.. {
        let mut free = name.to_os_string();
        free.push(if number == 1 { ".old".to_owned() } else { format!(".old{number}") });
        let path = Path::new(BIN).join(free);
        let entry = Entry::below(root, &path)?;
        if !entry.is_there() {
            entry.replace(content, Permissions::New(0o666))?;
            return Ok(path);
        }
        if entry.read(MAX_BYTES).is_ok_and(|found| found.is_some_and(|(old, _)| old == content)) {
            return Ok(path);
        }
    }
    unreachable!("there are more numbers than files")
}
