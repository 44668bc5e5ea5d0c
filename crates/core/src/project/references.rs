//! What names an environment from outside, when it has got another path: our own `.venv` files follow, everything else is
//! told to the user.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::marker;
use super::trust::{TrustStore, Verdict};
use crate::env::Environment;
use crate::fs;
use crate::fs::identity::{is_same_entry, is_same_file};
use crate::relocate::mapping::Mapping;
use crate::store::Store;

/// Files of a project in which editors and tools name an environment.
const OF_PROJECTS: [&str; 10] = [
    ".venv",
    ".python-envs",
    ".python-version",
    ".vscode/settings.json",
    ".idea/misc.xml",
    "pyrightconfig.json",
    "pyproject.toml",
    ".envrc",
    "mise.toml",
    ".mise.toml",
];

/// Directories below the user's home with files of these endings.
const OF_USERS: [(&str, &str); 2] = [(".config/systemd/user", ".service"), (".local/share/applications", ".desktop")];

/// Where the editors of `JetBrains` keep their settings, one directory for each version.
const JETBRAINS: &str = ".config/JetBrains";
/// The file there that names interpreters.
const INTERPRETERS: &str = "options/jdk.table.xml";

/// More of such a file is not read.
const MAX_BYTES: u64 = 64 * 1024;
/// More of the list of all interpreters is not.
const MAX_TABLE_BYTES: u64 = 1 << 20;

/// A file that names an environment by the path or name that it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The file or link.
    pub file: PathBuf,
    /// Whether it names the new path now.
    pub has_followed: bool,
}

/// An environment that is at another path.
#[derive(Clone, Copy, Debug)]
pub struct Moved<'a> {
    /// The path that it had.
    pub old: &'a Path,
    /// The path that it has.
    pub new: &'a Path,
    /// The directories that are associated with it.
    pub directories: &'a [PathBuf],
    /// The user's home directory.
    pub home: Option<&'a Path>,
}

/// Finds what names the old path, and lets follow what only `venvwrap link` writes: a `.venv` that holds exactly that
/// path. What a directory was allowed to do it still may, since nothing but that path has changed. Nothing is written in a
/// dry run.
pub fn follow(store: &Store, trust: Option<&TrustStore>, moved: &Moved<'_>, dry_run: bool) -> Vec<Reference> {
    let mapping = Mapping::new(&spellings(store, moved.old), moved.new);
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for directory in moved.directories {
        // A project may be linked as well.
        if !seen.insert(directory.canonicalize().unwrap_or_else(|_| directory.clone())) {
            continue;
        }
        for name in OF_PROJECTS {
            let file = directory.join(name);
            if !names(&file, moved, &mapping) {
                continue;
            }
            let is_own = name == marker::FILES[0] && is_redirection(&file, moved.old);
            let has_followed = is_own && (dry_run || redirect(store, trust, directory, moved));
            found.push(Reference { file, has_followed });
        }
        found.extend(workspaces(directory, &mapping));
    }
    found.extend(of_user(moved, &mapping));
    found
}

/// A path of the store by every way to it that is known: those who name it may have come by another one.
fn spellings(store: &Store, path: &Path) -> Vec<PathBuf> {
    let mut found = vec![path.to_path_buf()];
    if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
        found.extend(parent.canonicalize().ok().map(|parent| parent.join(name)));
        found.extend(is_same_file(parent, store.home()).then(|| store.home().join(name)));
    }
    found
}

/// Does so after a crash, for an environment that has its new name. Nobody is told: those who would listen are gone.
pub fn finish(store: &Store, old: &Path, renamed: &Environment) {
    let mut directories: Vec<_> = store.project_of(renamed).ok().flatten().into_iter().collect();
    directories.extend(store.added_directories(renamed));
    directories.extend(store.linked_directories(old));
    let trust = store.options().state_dir.as_deref().map(|state| TrustStore::new(state, store.options().user));
    let moved = Moved { old, new: renamed.path(), directories: &directories, home: None };
    follow(store, trust.as_ref(), &moved, false);
}

/// Returns whether a file names the environment, or is a link to it.
fn names(file: &Path, moved: &Moved<'_>, mapping: &Mapping) -> bool {
    if let Ok(target) = std::fs::read_link(file) {
        let target = fs::absolute(file.parent().unwrap_or(file), &target);
        return target.ancestors().any(|above| is_same_entry(above, moved.old));
    }
    let Ok(content) = fs::read_limited(file, MAX_BYTES) else { return false };
    let is_name = || Some(OsStr::from_bytes(content.trim_ascii())) == moved.old.file_name();
    mapping.is_in(&content)
        || (file.ends_with(".python-version") && is_name())
        || (file.ends_with(".venv") && (is_name() || is_path_of(&content, moved.old)))
}

/// Returns whether a `.venv` says nothing but the path.
fn is_redirection(file: &Path, old: &Path) -> bool {
    match std::fs::read_link(file) {
        Ok(target) => target.is_absolute() && is_same_entry(&target, old),
        Err(_) => fs::read_limited(file, MAX_BYTES).is_ok_and(|content| is_path_of(&content, old)),
    }
}

/// Returns whether the content of a `.venv` is the path of an environment, by whichever way to its store.
fn is_path_of(content: &[u8], env: &Path) -> bool {
    let path = content.strip_suffix(b"\n").map(|line| Path::new(OsStr::from_bytes(line)));
    path.is_some_and(|path| path.is_absolute() && is_same_entry(path, env))
}

/// Makes a `.venv` name the new path, and keeps what was allowed to its directory.
fn redirect(store: &Store, trust: Option<&TrustStore>, directory: &Path, moved: &Moved<'_>) -> bool {
    let is_in_store = moved.new.canonicalize().is_ok_and(|real| store.holds(&real));
    let counted = (!is_in_store).then_some(moved.new);
    let verdict = trust.and_then(|trust| trust.judge(directory, counted).ok());
    let file = directory.join(marker::FILES[0]);
    let written = if file.is_symlink() {
        let known = store.uv_link(directory);
        let is_replaced = fs::replace_symlink(moved.new, &file).is_ok();
        if let Some(known) = known.filter(|_| is_replaced) {
            // Without its record, the link counts as somebody else's.
            let _ = store.renote_uv_link(&known);
        }
        is_replaced
    } else {
        marker::write(directory, moved.new).is_ok()
    };
    if let (true, Some(trust), Some(Verdict::Allowed(grants))) = (written, trust, verdict) {
        // What fails here asks the user again, as after every other change.
        let _ = trust.allow(directory, counted, grants);
    }
    written
}

/// Workspaces of VS Code, which may be named anyhow.
fn workspaces(directory: &Path, mapping: &Mapping) -> Vec<Reference> {
    with_ending(directory, ".code-workspace", mapping)
}

fn of_user(moved: &Moved<'_>, mapping: &Mapping) -> Vec<Reference> {
    let Some(home) = moved.home else { return Vec::new() };
    let mut found: Vec<_> =
        OF_USERS.iter().flat_map(|(place, ending)| with_ending(&home.join(place), ending, mapping)).collect();
    for product in std::fs::read_dir(home.join(JETBRAINS)).into_iter().flatten().flatten() {
        let file = product.path().join(INTERPRETERS);
        if fs::read_limited(&file, MAX_TABLE_BYTES).is_ok_and(|content| mapping.is_in(&content)) {
            found.push(Reference { file, has_followed: false });
        }
    }
    found
}

fn with_ending(directory: &Path, ending: &str, mapping: &Mapping) -> Vec<Reference> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_name().as_bytes().ends_with(ending.as_bytes()));
    let mut files: Vec<_> = files.map(|entry| entry.path()).collect();
    files.sort();
    let names = |file: &PathBuf| fs::read_limited(file, MAX_BYTES).is_ok_and(|content| mapping.is_in(&content));
    files.into_iter().filter(names).map(|file| Reference { file, has_followed: false }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::private::User;
    use crate::project::trust::Grants;

    #[test]
    fn only_a_redirection_follows_and_everything_else_is_told() {
        let root = tempfile::tempdir().unwrap();
        let (old, new) = (root.path().join("envs/old"), root.path().join("envs/new"));
        std::fs::create_dir_all(&new).unwrap();
        let (a, b, home) = (root.path().join("a"), root.path().join("b"), root.path().join("home"));
        std::fs::create_dir_all(a.join(".vscode")).unwrap();
        std::fs::create_dir_all(&b).unwrap();
        std::fs::create_dir_all(home.join(".config/systemd/user")).unwrap();
        let write =
            |path: PathBuf, text: &str| std::fs::write(path, text.replace("OLD", old.to_str().unwrap())).unwrap();
        write(a.join(".venv"), "OLD\n");
        write(a.join(".vscode/settings.json"), "{\"python.defaultInterpreterPath\": \"OLD/bin/python\"}");
        write(a.join("x.code-workspace"), "// OLD/bin\n");
        write(a.join("pyproject.toml"), "venv = \"OLD-2\"\n");
        write(b.join(".venv"), "old\n");
        write(b.join(".python-version"), "old\n");
        write(home.join(".config/systemd/user/x.service"), "ExecStart=OLD/bin/serve\n");
        let store = Store::at(root.path().join("envs"));
        let trust = TrustStore::new(&root.path().join("state"), User::of_this_process());
        let grants = Grants { dotenv: true, variables: vec!["X".into()] };
        trust.allow(&a, None, grants.clone()).unwrap();
        let directories = [a.clone(), b.clone()];
        let moved = Moved { old: &old, new: &new, directories: &directories, home: Some(&home) };

        let expected = [
            (a.join(".venv"), true),
            (a.join(".vscode/settings.json"), false),
            (a.join("x.code-workspace"), false),
            (b.join(".venv"), false),
            (b.join(".python-version"), false),
            (home.join(".config/systemd/user/x.service"), false),
        ];
        let expected = expected.map(|(file, has_followed)| Reference { file, has_followed });
        assert_eq!(follow(&store, Some(&trust), &moved, true), expected);
        assert!(std::fs::read_to_string(a.join(".venv")).unwrap().contains("old"), "a dry run");
        assert_eq!(follow(&store, Some(&trust), &moved, false), expected);
        assert_eq!(std::fs::read_to_string(a.join(".venv")).unwrap(), format!("{}\n", new.display()));
        assert_eq!(std::fs::read_to_string(b.join(".venv")).unwrap(), "old\n");
        assert_eq!(trust.judge(&a, None).unwrap(), Verdict::Allowed(grants));
    }

    #[test]
    fn files_and_trust_follow_a_rename_that_a_crash_interrupted_too() {
        use crate::env::name::EnvName;
        use crate::store::StoreOptions;
        let root = tempfile::tempdir().unwrap();
        let (home, state) = (root.path().join("envs"), root.path().join("state"));
        let (old, new) = (home.join("old"), home.join("new"));
        let [project, added] = ["project", "added"].map(|name| root.path().join(name));
        for directory in [&old, &project, &added] {
            std::fs::create_dir_all(directory).unwrap();
        }
        std::fs::write(old.join("pyvenv.cfg"), "").unwrap();
        let options = StoreOptions::new(home, User::of_this_process(), std::time::SystemTime::now);
        let store = Store::open(StoreOptions { state_dir: Some(state.clone()), after_rename: Some(finish), ..options });
        let [before, after] = ["old", "new"].map(|name| EnvName::for_new(name.as_ref()).unwrap());
        let environment = store.environment(before.clone());
        store.associate(&environment, &project).unwrap();
        store.add_directory(&environment, &added).unwrap();
        marker::write(&project, &old).unwrap();
        std::os::unix::fs::symlink(&old, added.join(".venv")).unwrap();
        let trust = TrustStore::new(&state, User::of_this_process());
        trust.allow(&project, None, Grants::default()).unwrap();
        // The directory has its new name, and the process was killed.
        store.crash_in_rename(&before, &after);
        store.finish_interrupted(&after);
        assert_eq!(std::fs::read_to_string(project.join(".venv")).unwrap(), format!("{}\n", new.display()));
        assert_eq!(std::fs::read_link(added.join(".venv")).unwrap(), new);
        assert_eq!(trust.judge(&project, None).unwrap(), Verdict::Allowed(Grants::default()));
    }

    #[test]
    fn a_link_for_uv_and_a_file_follow_by_every_way_to_the_store() {
        use crate::env::name::EnvName;
        use crate::store::StoreOptions;
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for name in ["real/old", "link", "file", "relative"] {
            std::fs::create_dir_all(path(name)).unwrap();
        }
        std::os::unix::fs::symlink("real", path("home")).unwrap();
        let options = Store::at(path("home")).options().clone();
        let store = Store::open(StoreOptions { state_dir: Some(path("state")), ..options });
        let environment = store.environment(EnvName::for_new("old".as_ref()).unwrap());
        std::os::unix::fs::symlink(path("home/old"), path("link/.venv")).unwrap();
        store.note_uv_link(&path("link"), &environment, Some("3.12")).unwrap();
        marker::write(&path("file"), &path("home/old")).unwrap();
        std::os::unix::fs::symlink("../real/old", path("relative/.venv")).unwrap();
        let found = store.linked_directories(&path("real/old"));
        assert_eq!(found, [path("link").canonicalize().unwrap()]);
        std::fs::rename(path("real/old"), path("real/new")).unwrap();
        let directories = [path("link"), path("file"), path("relative")];
        let settings = |way: &str| format!("[tool.x]\nvenv = \"{}\"\n", path(way).display());
        for (name, way) in [("link", "home/old"), ("file", "real/old")] {
            std::fs::write(path(name).join("pyproject.toml"), settings(way)).unwrap();
        }
        let moved = Moved { old: &path("real/old"), new: &path("real/new"), directories: &directories, home: None };
        let followed: Vec<_> = follow(&store, None, &moved, false).iter().map(|found| found.has_followed).collect();
        assert_eq!(followed, [true, false, true, false, false], "a relative link is somebody's, and told");
        assert_eq!(std::fs::read_link(path("link/.venv")).unwrap(), path("real/new"));
        assert_eq!(std::fs::read_to_string(path("file/.venv")).unwrap(), format!("{}\n", path("real/new").display()));
        assert_eq!(store.uv_link(&path("link")).unwrap().pin.as_deref(), Some("3.12"), "the record has followed");
    }
}
