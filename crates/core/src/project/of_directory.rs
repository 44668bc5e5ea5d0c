//! Which environment belongs to a directory: the one answer behind `workon .`, the picker, the prompt hook and
//! `venvwrap project which`.
//!
//! The order goes from what the user has said to what can only be guessed:
//!
//! 1. From the directory upwards, the nearest one wins, because a project may contain another. In each directory
//!    1. an association wins (`setvirtualenvproject`, `mkproject`): the user has made it, by name;
//!    2. then what the directory says itself (`.venv`, `.python-envs`): its author wrote it. It counts only where the
//!       directory is trusted, or where it names one of the user's own environments.
//! 2. The environment that poetry has made for the directory or one above it: its name holds a hash of the path.
//! 3. The environment that has the directory's name, as virtualenvwrapper's `workon .` takes it. That is a guess, so it
//!    comes last.
//!
//! Names count only for people who ask: the prompt hook never guesses.
//!
//! A directory that is denied is passed over by the prompt hook; people who ask still get their own environment.

use std::ffi::OsStr;
use std::path::Path;

use crate::env::Environment;
use crate::env::generated::{is_poetrys_for, version_of_poetrys};
use crate::project::decide::{Decision, Switcher, Target};

/// What belongs to a directory.
#[derive(Debug, Default)]
pub struct Answer {
    /// The environment, if one belongs to the directory.
    pub found: Option<Found>,
    /// What was met on the way and could not be used, from the inside out.
    pub passed_over: Vec<Decision>,
}

/// The environment that belongs to a directory, by which rule.
#[derive(Debug)]
pub enum Found {
    /// A directory on the way up resolves to it.
    Resolved(Target),
    /// poetry has made it for the directory.
    Hashed(Environment),
    /// It has the directory's name.
    Named(Environment),
}

impl Found {
    /// The environment.
    pub fn environment(&self) -> &Environment {
        match self {
            Self::Resolved(target) => &target.candidate.environment,
            Self::Hashed(environment) | Self::Named(environment) => environment,
        }
    }
}

impl Switcher<'_> {
    /// Returns what belongs to a directory, for someone who asks. The directory is tried as it is written, then by its
    /// real path.
    pub fn of_directory(&self, directory: &Path) -> Answer {
        let mut answer = self.walk(directory);
        if answer.found.is_none()
            && let Some(real) = directory.canonicalize().ok().filter(|real| real != directory)
        {
            let resolved = self.walk(&real);
            answer.found = resolved.found;
            answer.passed_over.extend(resolved.passed_over);
        }
        answer.found = answer.found.or_else(|| self.poetrys(directory).map(Found::Hashed));
        answer.found = answer.found.or_else(|| self.named_like(directory).map(Found::Named));
        answer
    }

    fn walk(&self, directory: &Path) -> Answer {
        let mut answer = Answer::default();
        for above in directory.ancestors() {
            match self.decide_here(above) {
                None => {}
                Some(Decision::Enter(target)) => {
                    answer.found = Some(Found::Resolved(target));
                    break;
                }
                Some(Decision::Denied { directory, candidate: Some(candidate) }) if candidate.is_own => {
                    answer.found = Some(Found::Resolved(Target { directory, candidate, grants: None, lost: None }));
                    break;
                }
                Some(decision) => answer.passed_over.push(decision),
            }
        }
        answer
    }

    /// Of several for one directory, that of the newest Python.
    fn poetrys(&self, directory: &Path) -> Option<Environment> {
        let may_be = |name: &OsStr| name.to_str().is_some_and(|name| version_of_poetrys(name).is_some());
        let names = self.store.names_where(&may_be).ok().filter(|names| !names.is_empty())?;
        let real = directory.canonicalize().ok()?;
        let of = |above: &Path| {
            let texts = names.iter().filter_map(|name| Some((name, name.as_os_str().to_str()?)));
            let fitting = texts.filter(|(_, text)| is_poetrys_for(text, above));
            fitting.max_by_key(|(_, text)| version_of_poetrys(text)).map(|(name, _)| name)
        };
        real.ancestors().find_map(of).and_then(|name| self.store.find(name.as_os_str()).ok())
    }

    fn named_like(&self, directory: &Path) -> Option<Environment> {
        self.store.find(directory.file_name().unwrap_or(OsStr::new("/"))).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::SystemTime;

    use super::*;
    use crate::fs::private::User;
    use crate::project::trust::{Grants, TrustStore};
    use crate::store::mirror::Kind;
    use crate::store::{Store, StoreOptions};

    /// Environments `web`, `api` and `lib`; a directory `api` that is the project of `web`.
    struct Place {
        root: tempfile::TempDir,
        store: Store,
    }

    impl Place {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let user = User::of_this_process();
            let options = StoreOptions::new(root.path().join("envs"), user, SystemTime::now);
            let store = Store::open(StoreOptions { state_dir: Some(root.path().join("state")), ..options });
            let place = Self { root, store };
            for env in ["envs/web", "envs/api", "envs/lib"] {
                place.environment(env);
            }
            std::fs::create_dir_all(place.path("src/api/deep/lib")).unwrap();
            let web = place.path("envs/web");
            place.switcher().tree.associate(&place.path("src/api"), &web, Kind::Project).unwrap();
            place
        }

        fn path(&self, relative: &str) -> PathBuf {
            self.root.path().canonicalize().unwrap().join(relative)
        }

        fn environment(&self, relative: &str) {
            std::fs::create_dir_all(self.root.path().join(relative).join("bin")).unwrap();
            std::fs::write(self.root.path().join(relative).join("pyvenv.cfg"), "").unwrap();
        }

        fn switcher(&self) -> Switcher<'_> {
            let trust = TrustStore::new(&self.root.path().join("state"), User::of_this_process());
            Switcher { store: &self.store, tree: self.store.mirror().unwrap(), trust }
        }

        /// The answer by its path in the place; empty where there is none.
        fn answer(&self, directory: &str) -> String {
            let answer = self.switcher().of_directory(&self.path(directory));
            let relative = |found: Found| found.environment().path().strip_prefix(self.root.path()).unwrap().to_owned();
            answer.found.map(relative).unwrap_or_default().to_str().unwrap().to_string()
        }
    }

    #[test]
    fn an_association_wins_over_a_name_and_holds_below() {
        let place = Place::new();
        assert_eq!(place.answer("src/api"), "envs/web");
        assert_eq!(place.answer("src/api/deep"), "envs/web");
        assert_eq!(place.answer("src/api/deep/lib"), "envs/web", "a name is only a guess");
        assert_eq!(place.answer("src"), "");
        std::fs::create_dir(place.path("src/lib")).unwrap();
        assert_eq!(place.answer("src/lib"), "envs/lib");
    }

    #[test]
    fn the_nearest_directory_wins_and_an_association_wins_in_one_directory() {
        let place = Place::new();
        std::fs::write(place.path("src/api/deep/.venv"), "lib\n").unwrap();
        std::fs::write(place.path("src/api/.venv"), "lib\n").unwrap();
        assert_eq!(place.answer("src/api/deep"), "envs/lib");
        assert_eq!(place.answer("src/api"), "envs/web");
    }

    #[test]
    fn what_came_with_a_directory_counts_only_where_it_is_trusted() {
        let place = Place::new();
        place.environment("src/lib/.venv");
        assert_eq!(place.answer("src/lib"), "envs/lib", "not trusted: the name is left");
        let passed_over = place.switcher().of_directory(&place.path("src/lib")).passed_over;
        assert!(matches!(&passed_over[..], [Decision::Ask(_)]), "{passed_over:?}");
        let foreign = place.path("src/lib/.venv");
        place.switcher().trust.allow(&place.path("src/lib"), Some(&foreign), Grants::default()).unwrap();
        assert_eq!(place.answer("src/lib"), "src/lib/.venv");
    }

    #[test]
    fn people_who_ask_get_their_own_environment_in_a_denied_directory() {
        let place = Place::new();
        place.switcher().trust.deny(&place.path("src/api")).unwrap();
        assert_eq!(place.answer("src/api"), "envs/web");
        let decisions = place.switcher().decide(&place.path("src/api"));
        assert!(matches!(&decisions[..], [Decision::Denied { .. }]), "the prompt hook stays out");
    }

    #[test]
    fn what_poetry_has_made_for_a_directory_is_its_own_before_one_of_its_name() {
        use base64::Engine;
        use sha2::{Digest, Sha256};
        let place = Place::new();
        std::fs::create_dir_all(place.path("src/lib/tests")).unwrap();
        assert_eq!(place.answer("src/lib"), "envs/lib");
        let digest = Sha256::digest(place.path("src/lib").as_os_str().as_encoded_bytes());
        let hash = &base64::engine::general_purpose::URL_SAFE.encode(digest)[..8];
        for version in ["3.9", "3.12", "3.11"] {
            place.environment(&format!("envs/my-lib-{hash}-py{version}"));
        }
        place.environment("envs/my-lib-aaaaaaaa-py3.14");
        let expected = format!("envs/my-lib-{hash}-py3.12");
        assert_eq!(place.answer("src/lib"), expected, "the newest of them");
        assert_eq!(place.answer("src/lib/tests"), expected);
        assert!(place.switcher().decide(&place.path("src/lib")).is_empty(), "the prompt hook never guesses");
        place.switcher().tree.associate(&place.path("src/lib"), &place.path("envs/api"), Kind::Project).unwrap();
        assert_eq!(place.answer("src/lib"), "envs/api");
    }

    #[test]
    fn a_link_is_followed_where_its_own_path_resolves_to_nothing() {
        let place = Place::new();
        std::os::unix::fs::symlink(place.path("src/api/deep"), place.path("shortcut")).unwrap();
        assert_eq!(place.answer("shortcut"), "envs/web");
    }
}
