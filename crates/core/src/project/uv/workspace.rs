//! Which versions of Python `pyproject.toml` allows uv: its own, those of its dependency groups, and those of all members
//! of a workspace, which have one environment.

use std::path::{Component, Path, PathBuf};

use crate::fs;

/// The file.
const FILE: &str = "pyproject.toml";

/// More than any such file.
const MAX_BYTES: u64 = 1 << 20;

/// More members than any workspace has, and deeper ones.
const MAX_MEMBERS: usize = 1000;
const MAX_DEPTH: usize = 8;

/// Returns the ranges of versions that an environment for a directory has to be in, each with the file that says so: of
/// the nearest file that has one, and of the workspace.
pub(super) fn ranges(directory: &Path) -> Vec<(PathBuf, String)> {
    let nearest = directory.ancestors().map(of_file).find(|found| !found.is_empty()).unwrap_or_default();
    let shared = root_of(directory).map(|root| members(&root).into_iter().chain([root]).collect::<Vec<_>>());
    let shared = shared.unwrap_or_default();
    nearest.into_iter().chain(shared.iter().flat_map(|member| of_file(member))).collect()
}

/// Returns the root of the workspace that a directory is in.
pub(super) fn root_of(directory: &Path) -> Option<PathBuf> {
    let project = directory.ancestors().find(|directory| directory.join(FILE).is_file())?;
    let root = project.ancestors().find(|directory| workspace(directory).is_some())?;
    (root == project || members(root).iter().any(|member| member == project)).then(|| root.to_path_buf())
}

fn read(directory: &Path) -> Option<toml::Table> {
    let content = fs::read_limited(&directory.join(FILE), MAX_BYTES).ok()?;
    toml::from_str(std::str::from_utf8(&content).ok()?).ok()
}

/// The ranges in the file of a directory. A group counts whether or not it is installed by default: uv would delete the
/// environment with the first that is not.
fn of_file(directory: &Path) -> Vec<(PathBuf, String)> {
    let Some(table) = read(directory) else { return Vec::new() };
    let of = |value: &toml::Value| Some(value.get("requires-python")?.as_str()?.trim().to_owned());
    let groups = table.get("tool").and_then(|tool| tool.get("uv")?.get("dependency-groups")?.as_table());
    let groups = groups.into_iter().flat_map(|groups| groups.values()).filter_map(of);
    let own = table.get("project").and_then(of).into_iter();
    own.chain(groups).filter(|text| !text.is_empty()).map(|text| (directory.join(FILE), text)).collect()
}

fn workspace(directory: &Path) -> Option<toml::Table> {
    read(directory)?.get("tool")?.get("uv")?.get("workspace")?.as_table().cloned()
}

/// The members of a workspace besides its root.
fn members(root: &Path) -> Vec<PathBuf> {
    let table = workspace(root).unwrap_or_default();
    let matching = |key: &str| {
        let patterns = table.get(key).and_then(toml::Value::as_array).into_iter().flatten();
        let mut found = Vec::new();
        patterns.filter_map(toml::Value::as_str).for_each(|pattern| expand(root, pattern, &mut found));
        found
    };
    let excluded = matching("exclude");
    let is_member = |directory: &PathBuf| !excluded.contains(directory) && directory.join(FILE).is_file();
    matching("members").into_iter().filter(is_member).collect()
}

/// Collects the directories below one that a pattern names.
fn expand(root: &Path, pattern: &str, found: &mut Vec<PathBuf>) {
    let parts: Option<Vec<&str>> = Path::new(pattern)
        .components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            Component::ParentDir => Some(".."),
            _ => None,
        })
        .collect();
    if let Some(parts) = parts {
        descend(root, &parts, MAX_DEPTH, found);
    }
}

fn descend(directory: &Path, parts: &[&str], depth: usize, found: &mut Vec<PathBuf>) {
    let Some((first, rest)) = parts.split_first() else {
        found.extend(directory.is_dir().then(|| directory.to_path_buf()));
        return;
    };
    if found.len() > MAX_MEMBERS || depth == 0 {
        return;
    }
    if *first == "**" {
        descend(directory, rest, depth, found);
    } else if !first.contains(['*', '?', '[']) {
        return descend(&directory.join(first), rest, depth - 1, found);
    }
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        match name.to_str().filter(|name| is_directory && !name.starts_with('.')) {
            Some(_) if *first == "**" => descend(&entry.path(), parts, depth - 1, found),
            Some(name) if fits(first.as_bytes(), name.as_bytes()) => descend(&entry.path(), rest, depth - 1, found),
            _ => {}
        }
    }
}

/// Returns whether a name fits a pattern; a class such as `[ab]` is any text, as more is refused then and not less.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => fits(rest, name) || name.split_first().is_some_and(|(_, name)| fits(pattern, name)),
        (Some((b'[', rest)), _) => {
            let end = rest.iter().position(|&byte| byte == b']').map_or(rest.len(), |end| end + 1);
            fits(&[b"*", &rest[end..]].concat(), name)
        }
        (Some((b'?', rest)), Some((_, name))) => fits(rest, name),
        (Some((a, rest)), Some((b, name))) => a == b && fits(rest, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        std::fs::create_dir_all(root.join(path)).unwrap();
        std::fs::write(root.join(path).join(FILE), text).unwrap();
    }

    #[test]
    fn all_members_of_a_workspace_have_a_say() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        let project = |wanted: &str| format!("[project]\nrequires-python = '{wanted}'\n");
        write(root, "", "[tool.uv.workspace]\nmembers = ['./libs/*', 'm', 'deep/**/x[0-9]']\nexclude = ['libs/old']\n");
        for (path, wanted) in [
            ("libs/a", ">1"),
            ("libs/old", ">2"),
            ("m", ">3"),
            ("deep/one/two/x7", ">4"),
            ("other", ">5"),
            ("libs/.hidden", ">6"),
            ("m/inner", ">7"),
        ] {
            write(root, path, &project(wanted));
        }
        let wanted = |path: &str| {
            let mut all: Vec<_> = ranges(&root.join(path)).into_iter().map(|(_, wanted)| wanted).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        for inside in ["", "m", "libs/a", "deep/one/two/x7/src"] {
            assert_eq!(wanted(inside), [">1", ">3", ">4"], "{inside}");
            assert_eq!(root_of(&root.join(inside)).as_deref(), Some(root), "{inside}");
        }
        for (outside, own) in [("other", ">5"), ("libs/old", ">2"), ("m/inner", ">7")] {
            assert_eq!(wanted(outside), [own]);
            assert_eq!(root_of(&root.join(outside)), None);
        }
    }

    #[test]
    fn groups_have_a_say() {
        let place = tempfile::tempdir().unwrap();
        let text = "[project]\nname = 'x'\n[tool.uv.dependency-groups]\ndev = { requires-python = '>=3.13' }\n";
        write(place.path(), "", text);
        assert_eq!(ranges(place.path()), [(place.path().join(FILE), ">=3.13".to_owned())]);
        for odd in
            ["tool = 3", "[tool.uv]\nworkspace = 1\ndependency-groups = []\n", "[project]\nrequires-python = 3\n", "["]
        {
            write(place.path(), "", odd);
            assert_eq!((ranges(place.path()), root_of(place.path())), (Vec::new(), None), "{odd}");
        }
    }

    #[test]
    fn a_link_that_leads_back_ends() {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), "", "[tool.uv.workspace]\nmembers = ['**', '../**/..', '/', '']\n");
        std::os::unix::fs::symlink(place.path(), place.path().join("again")).unwrap();
        assert_eq!(root_of(place.path()).as_deref(), Some(place.path()));
    }
}
