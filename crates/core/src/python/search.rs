//! Where interpreters are looked for, and in which order.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::context::Search;
use super::directories;
use super::installation::{Installation, entry_names, executable_in};
use super::names::{COMMON_NAMES, Guess};
use super::shims;
use super::wanted::Wanted;
use crate::config::variables::VIRTUAL_ENV;
use crate::env::BIN;
use crate::fs::executable::is_executable;
use crate::fs::identity::is_same_file;
use crate::fs::order::Order as _;

/// An executable that may be an interpreter, and what its name tells about it. It has not been run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The absolute path; perhaps inside an environment.
    pub path: PathBuf,
    /// What the names of the file and its directory tell.
    pub guess: Guess,
}

/// Returns the directories on PATH in order, those of shims replaced by what the shims stand for here.
///
/// Relative and empty entries are left out: they would run whatever the working directory supplies. So is that of the
/// active environment: what a new one is made from must not depend on which one people happen to be in.
pub(super) fn path_directories<'s>(search: &'s Search<'_>) -> impl Iterator<Item = PathBuf> + 's {
    let entries = search.path_entries();
    let active = active_directory(search);
    let directories =
        entries.into_iter().flat_map(|entry| shims::behind(&entry, search).unwrap_or_else(|| vec![entry]));
    directories.filter(move |directory| !active.as_ref().is_some_and(|active| is_same_file(active, directory)))
}

/// The directory of the active environment's programs.
fn active_directory(search: &Search<'_>) -> Option<PathBuf> {
    search.directory(VIRTUAL_ENV).map(|environment| environment.join(BIN))
}

/// Returns the executables that may answer a request, in order and each file once; every directory is read only when
/// those before it are used up. Without a request: all that may be supported.
pub(super) fn candidates<'s>(
    wanted: Option<&'s Wanted>,
    search: &'s Search<'_>,
) -> impl Iterator<Item = Candidate> + 's {
    let mut seen = HashSet::new();
    let on_path = path_directories(search).flat_map(move |directory| in_directory(&directory, wanted));
    let managed = std::iter::once_with(|| directories::installations(search)).flatten();
    let managed = managed.filter_map(move |found| of_installation(found, wanted));
    let system = std::iter::once_with(|| directories::system(search)).flatten();
    let system = system.flat_map(move |directory| in_directory(&directory, wanted));
    // The base of the active environment may be known from nowhere else.
    let active = std::iter::once_with(|| active_directory(search)).flatten();
    let active = active.flat_map(move |directory| in_directory(&directory, wanted));
    let all = on_path.chain(managed).chain(system).chain(active);
    all.filter_map(move |candidate| {
        let path = shims::followed(candidate.path, search)?;
        let canonical = path.canonicalize().ok()?;
        let guess = candidate.guess.or(&guess_of_file(&canonical));
        let may_do = wanted.map_or_else(|| guess.may_be_supported(), |wanted| wanted.allows(&guess));
        (may_do && !is_apple_stub(&path, search) && seen.insert(canonical)).then_some(Candidate { path, guess })
    })
}

/// Returns whether this is the system's `python3` of a Mac without developer tools: starting it opens a dialogue that
/// offers to install them.
pub(super) fn is_apple_stub(path: &Path, search: &Search<'_>) -> bool {
    cfg!(target_os = "macos") && is_stub_without_tools(path, search.root)
}

fn is_stub_without_tools(path: &Path, root: &Path) -> bool {
    let tools = ["Library/Developer/CommandLineTools", "Applications/Xcode.app/Contents/Developer"];
    path.parent() == Some(&root.join("usr/bin")) && !tools.iter().any(|tool| root.join(tool).join("usr/bin").is_dir())
}

/// The candidates directly in a directory of executables: by name where the request gives names, else by listing.
fn in_directory(directory: &Path, wanted: Option<&Wanted>) -> Vec<Candidate> {
    let candidate = |name: &str| {
        let guess = Guess::of_executable(name)?;
        Some(Candidate { path: directory.join(name), guess })
    };
    let names = wanted.and_then(Wanted::file_names);
    let is_listed = names.is_none();
    let names = names.unwrap_or_else(|| entry_names(directory));
    let mut found: Vec<Candidate> = names.iter().filter_map(|name| candidate(name)).collect();
    if is_listed {
        // First what the user gets by typing `python3`, then the newest.
        found.order_by_key(|candidate| {
            let common = COMMON_NAMES.iter().position(|name| candidate.path.ends_with(name));
            (common.unwrap_or(usize::MAX), candidate.guess.newest_first())
        });
    }
    found.retain(|candidate| is_executable(&candidate.path));
    found
}

fn of_installation(found: Installation, wanted: Option<&Wanted>) -> Option<Candidate> {
    if wanted.is_some_and(|wanted| !wanted.allows(&found.guess)) {
        return None;
    }
    let path = executable_in(&found.prefix, &found.guess)?;
    Some(Candidate { path, guess: found.guess })
}

fn guess_of_file(path: &Path) -> Guess {
    path.file_name().and_then(|name| name.to_str()).and_then(Guess::of_executable).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::testing::Sandbox;

    #[test]
    fn entries_of_path_that_depend_on_the_working_directory_are_left_out() {
        let mut sandbox = Sandbox::new();
        sandbox.set("PATH", ":.:bin::../bin:/usr/bin:~/bin:");
        let found: Vec<PathBuf> = sandbox.search(|search| path_directories(search).collect());
        assert_eq!(found, [Path::new("/usr/bin")]);
    }

    #[test]
    fn the_system_python_of_a_mac_counts_only_with_the_tools() {
        let root = tempfile::tempdir().unwrap();
        let stub = root.path().join("usr/bin/python3");
        assert!(is_stub_without_tools(&stub, root.path()));
        assert!(!is_stub_without_tools(&root.path().join("opt/bin/python3"), root.path()));
        std::fs::create_dir_all(root.path().join("Library/Developer/CommandLineTools/usr/bin")).unwrap();
        assert!(!is_stub_without_tools(&stub, root.path()));
    }
}
