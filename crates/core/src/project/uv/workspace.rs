//! The files that uv reads as those of one project: a directory's own, or of all members of its workspace.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::files::{PYPROJECT, table};
use crate::env::packages::normalized;
use crate::env::pattern::Pattern;

/// More entries of directories are not looked at for members.
const MAX_ENTRIES: usize = 200_000;

/// The same for what is done at every activation.
const MAX_QUICK_ENTRIES: usize = 64;

/// What uv takes for one project, with one `.venv` for all of it.
pub(super) struct Workspace {
    /// The directory of `.venv`, and of the file that pins a version.
    pub(super) root: PathBuf,
    /// The files of all members, the root's first.
    documents: Vec<(PathBuf, toml::Table)>,
    /// Whether there is more than was looked at.
    is_cut: bool,
}

/// Versions of Python that a file asks for.
pub(super) struct Requirement {
    pub(super) file: PathBuf,
    pub(super) versions: String,
    /// Whether it counts for a group only that is not installed by default.
    pub(super) is_optional: bool,
}

impl Workspace {
    /// Finds the one that a directory is in; without any, the directory is its own.
    pub(super) fn of(directory: &Path) -> Self {
        Self::within(directory, MAX_ENTRIES)
    }

    /// The same for where it must not take long: of a large one, only the file of the root is read.
    pub(super) fn quick(directory: &Path) -> Self {
        let mut found = Self::within(directory, MAX_QUICK_ENTRIES);
        if found.is_cut {
            found.documents.truncate(1);
        }
        found
    }

    fn within(directory: &Path, most: usize) -> Self {
        let real = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
        let Some(project) = real.ancestors().find(|above| above.join(PYPROJECT).is_file()) else {
            return Self { root: directory.to_path_buf(), documents: Vec::new(), is_cut: false };
        };
        let own = table(&project.join(PYPROJECT)).unwrap_or_default();
        let above = if workspace(&own).is_some() || !own.contains_key("project") { None } else { root_above(project) };
        let (root, document) = above.unwrap_or_else(|| (project.to_path_buf(), own));
        let mut search = Search { left: most };
        let members = search.members(&root, &document);
        // As it was written, for whoever reads it in a message.
        let root = if root == real { directory.to_path_buf() } else { root };
        let documents = std::iter::once((root.join(PYPROJECT), document)).chain(members).collect();
        Self { root, documents, is_cut: search.left == 0 }
    }

    /// The file of the root.
    pub(super) fn document(&self) -> Option<&toml::Table> {
        self.documents.first().map(|(_, document)| document)
    }

    /// What all members ask for. uv uses a Python that fits all of it.
    pub(super) fn requirements(&self) -> Vec<Requirement> {
        let is_default = self.default_groups();
        let mut found = Vec::new();
        for (file, document) in &self.documents {
            let mut push = |versions: Option<&str>, is_optional: bool| {
                let versions = versions.map(str::trim).filter(|text| !text.is_empty());
                let of = |text: &str| Requirement { file: file.clone(), versions: text.to_owned(), is_optional };
                found.extend(versions.map(of));
            };
            push(document.get("project").and_then(|project| project.get("requires-python")?.as_str()), false);
            let groups = uv(document).and_then(|uv| uv.get("dependency-groups")?.as_table());
            for (name, settings) in groups.into_iter().flatten() {
                let versions = settings.get("requires-python").and_then(toml::Value::as_str);
                push(versions, !is_included(document, &normalized(name), &is_default));
            }
        }
        found
    }

    /// Returns what tells whether a group is installed by default: each member has its own list, and which one counts
    /// depends on the working directory.
    fn default_groups(&self) -> impl Fn(&str) -> bool {
        let mut is_all = false;
        let mut names = Vec::new();
        for (_, document) in &self.documents {
            match uv(document).and_then(|uv| uv.get("default-groups")) {
                Some(toml::Value::Array(groups)) => {
                    names.extend(groups.iter().filter_map(|name| name.as_str().map(normalized)));
                }
                Some(value) => is_all |= value.as_str() == Some("all"),
                None => names.push("dev".to_owned()),
            }
        }
        move |name| is_all || names.iter().any(|found| found == name)
    }
}

/// Returns whether a group is installed by default, by its name or as a part of another one.
fn is_included(document: &toml::Table, name: &str, is_default: &dyn Fn(&str) -> bool) -> bool {
    let groups = document.get("dependency-groups").and_then(toml::Value::as_table);
    let mut wanted = vec![name.to_owned()];
    let mut at = 0;
    while let Some(name) = wanted.get(at).cloned() {
        if is_default(&name) {
            return true;
        }
        at += 1;
        for (group, items) in groups.into_iter().flatten() {
            let group_in = |item: &toml::Value| Some(normalized(item.get("include-group")?.as_str()?));
            let includes = items.as_array().is_some_and(|items| items.iter().filter_map(group_in).any(|it| it == name));
            let group = normalized(group);
            if includes && !wanted.contains(&group) {
                wanted.push(group);
            }
        }
    }
    false
}

fn uv(document: &toml::Table) -> Option<&toml::Table> {
    document.get("tool")?.get("uv")?.as_table()
}

fn workspace(document: &toml::Table) -> Option<&toml::Table> {
    uv(document)?.get("workspace")?.as_table()
}

fn patterns<'a>(document: &'a toml::Table, key: &str) -> impl Iterator<Item = &'a str> {
    let patterns = workspace(document).and_then(|workspace| workspace.get(key)?.as_array());
    patterns.into_iter().flatten().filter_map(toml::Value::as_str)
}

/// The workspace of a project, which the next file above declares, or none does.
fn root_above(project: &Path) -> Option<(PathBuf, toml::Table)> {
    let root = project.ancestors().skip(1).find(|above| above.join(PYPROJECT).is_file())?;
    let document = table(&root.join(PYPROJECT))?;
    let is_in = |key| patterns(&document, key).any(|pattern| is_meant(root, pattern, project));
    let is_member = is_in("members") && !is_in("exclude");
    is_member.then(|| (root.to_path_buf(), document))
}

/// Where a pattern begins, and its parts below that.
fn parts<'a>(root: &Path, pattern: &'a str) -> (PathBuf, Vec<&'a OsStr>) {
    let (mut start, mut parts) = (root.to_path_buf(), Vec::new());
    for part in Path::new(pattern).components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::ParentDir if parts.pop().is_none() => {
                start.pop();
            }
            Component::RootDir => (start, parts) = ("/".into(), Vec::new()),
            _ => {}
        }
    }
    (start, parts)
}

/// Returns whether a pattern means a directory. As for uv, a star stands for slashes here, too.
fn is_meant(root: &Path, pattern: &str, directory: &Path) -> bool {
    let (start, parts) = parts(root, pattern);
    let Ok(rest) = directory.strip_prefix(&start) else { return false };
    let pattern: PathBuf = parts.iter().collect();
    // `**/` also stands for nothing.
    let text = pattern.to_string_lossy().into_owned();
    let matches = |text: &str| Pattern::new(OsStr::new(text)).matches(rest.as_os_str());
    matches(&text) || text.strip_prefix("**/").is_some_and(matches) || matches(&text.replace("/**/", "/"))
}

/// The search for members.
struct Search {
    /// How many more entries of directories, and members, are looked at.
    left: usize,
}

impl Search {
    /// The files of the members, in which directories a file declares.
    fn members(&mut self, root: &Path, document: &toml::Table) -> Vec<(PathBuf, toml::Table)> {
        let mut found: Vec<(PathBuf, toml::Table)> = Vec::new();
        for pattern in patterns(document, "members") {
            for member in self.expand(root, pattern) {
                self.left = self.left.saturating_sub(1);
                if self.left == 0 {
                    return found;
                }
                let file = member.join(PYPROJECT);
                let is_new = member != root && found.iter().all(|(known, _)| *known != file);
                if is_new && !patterns(document, "exclude").any(|pattern| is_meant(root, pattern, &member)) {
                    found.extend(table(&file).map(|document| (file, document)));
                }
            }
        }
        found
    }

    /// The directories that a pattern names.
    fn expand(&mut self, root: &Path, pattern: &str) -> Vec<PathBuf> {
        let (start, parts) = parts(root, pattern);
        let mut places = vec![start];
        for part in parts {
            let pattern = Pattern::new(part);
            let mut next = Vec::new();
            for place in places {
                if part == "**" {
                    self.below(&place, &mut next);
                } else if pattern.is_wild() {
                    let is_meant = |child: &PathBuf| child.file_name().is_some_and(|it| pattern.matches(it));
                    next.extend(self.directories(&place).into_iter().filter(is_meant));
                } else {
                    next.push(place.join(part));
                }
            }
            places = next;
        }
        places
    }

    /// A directory and all below it; links are not followed.
    fn below(&mut self, place: &Path, found: &mut Vec<PathBuf>) {
        found.push(place.to_path_buf());
        for child in self.directories(place).into_iter().filter(|child| !child.is_symlink()) {
            self.below(&child, found);
        }
    }

    fn directories(&mut self, place: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            found.push(entry.path());
        }
        found.retain(|path| path.is_dir());
        found
    }
}

#[cfg(test)]
mod tests;
