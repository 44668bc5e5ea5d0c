//! Links and pins that a project has brought along when it was moved or copied, and what another Python means for them.

use std::path::{Path, PathBuf};

use super::demand::{self, Planned, Unfit};
use super::marker;
use super::pinning::{Pinning, version_of};
use super::settings::Settings;
use super::workspace::Workspace;
use crate::env::Environment;
use crate::fs::PathResult;
use crate::store::{Store, UvLink};

/// The link of a directory of which nothing is noted. A version is pinned for it if that was pinned for a link to the same
/// environment, and the file holds exactly what was written then.
fn brought(directory: &Path, store: &Store) -> Option<UvLink> {
    let mut links = store.brought_uv_links(directory);
    let at = links.iter().position(UvLink::is_pinned);
    let mut link = links.drain(at.unwrap_or_default()..).next()?;
    link.pin = link.own_pin();
    Some(link)
}

/// The link of a directory, be it noted or brought along.
pub(super) fn link_of(directory: &Path, store: &Store) -> Option<UvLink> {
    store.uv_link(directory).or_else(|| brought(directory, store))
}

/// The version that was pinned in a directory for its link.
pub fn own_pin(directory: &Path, store: &Store) -> Option<String> {
    link_of(directory, store)?.own_pin()
}

/// Notes that `.venv` of a directory is a link to an environment, if it is and nothing is noted of it, and lets what was
/// pinned for such a link name the version that the environment has. Returns the file if it was written.
pub fn renew_link(directory: &Path, environment: &Environment, store: &Store) -> PathResult<Option<PathBuf>> {
    let target = std::fs::read_link(directory.join(marker::FILES[0])).ok().filter(|target| target.is_absolute());
    let leads_to = |target: &PathBuf| UvLink::is_of(target, environment);
    if !target.as_ref().is_some_and(leads_to) || store.uv_link(directory).is_some() {
        return Ok(None);
    }
    let Some(mut link) = brought(directory, store) else {
        store.note_uv_link(directory, environment, None)?;
        return Ok(None);
    };
    let pinning = if link.pin.is_some() { Pinning::of(directory, environment, Some(&link)) } else { None };
    let written = pinning.as_ref().map_or(Ok(None), |pinning| pinning.write(directory))?;
    if let Some(text) = pinning.as_ref().and_then(Pinning::text) {
        link.pin = Some(text.to_owned());
    }
    store.renote_uv_link(&link)?;
    store.forget_lost_link(environment, None);
    Ok(written)
}

/// Returns the directories that were linked to an environment and are gone, where another version was pinned than that of
/// `other`, which is the environment as it is going to be: uv would delete it in the place to which one was moved.
pub fn lost(environment: &Environment, other: &Environment, store: &Store) -> Vec<PathBuf> {
    let links = store.lost_uv_links().into_iter().filter(|link| link.leads_to(environment));
    let is_other = |link: &UvLink| version_of(other, &link.directory).is_some_and(|now| link.pin != Some(now));
    links.filter(is_other).map(|link| link.directory).collect()
}

/// Returns why uv would not keep an environment if it had the Python of another one, in the directories that are linked to
/// it. What was pinned for the links follows.
pub fn unfit_after(environment: &Environment, other: &Environment, store: &Store, settings: &Settings) -> Vec<Unfit> {
    let mut found = Vec::new();
    for link in store.uv_links().into_iter().filter(|link| link.leads_to(environment)) {
        let planned = if link.is_pinned() { Planned::Repinned } else { Planned::Nothing };
        let unfit = demand::unfit(other, &Workspace::of(&link.directory), settings, planned);
        found.extend(unfit.filter(|unfit| !found.contains(unfit)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::demand::PIN;
    use super::*;
    use crate::env::name::EnvName;
    use crate::project::uv::{Link, link, renew_pins};
    use crate::store::StoreOptions;

    /// An environment that is linked in `p`, where its version was pinned.
    struct Place {
        root: tempfile::TempDir,
        store: Store,
        environment: Environment,
    }

    impl Place {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let options = Store::at(root.path().join("envs")).options().clone();
            let store = Store::open(StoreOptions { state_dir: Some(root.path().join("state")), ..options });
            let place = Self { environment: make(&store, "web", "3.12.1"), root, store };
            std::fs::create_dir(place.path("p")).unwrap();
            place.link("p").unwrap();
            place
        }

        fn path(&self, name: &str) -> PathBuf {
            self.root.path().join(name)
        }

        fn link(&self, directory: &str) -> Result<Option<PathBuf>, crate::project::uv::LinkError> {
            let (directory, settings) = (self.path(directory), Settings::default());
            let Self { store, environment, .. } = self;
            Ok(link(&Link { directory: &directory, environment, store, settings: &settings, pin: true })?.pin)
        }

        fn renew(&self, directory: &str) -> Option<PathBuf> {
            renew_link(&self.path(directory), &self.environment, &self.store).unwrap()
        }

        fn pin(&self, directory: &str) -> String {
            std::fs::read_to_string(self.path(directory).join(PIN)).unwrap()
        }

        fn upgrade(&self) -> usize {
            make(&self.store, "web", "3.13.0");
            renew_pins(&self.store).len()
        }
    }

    fn make(store: &Store, name: &str, version: &str) -> Environment {
        let environment = store.environment(EnvName::for_new(name.as_ref()).unwrap());
        std::fs::create_dir_all(environment.bin()).unwrap();
        std::fs::write(environment.python(), "").unwrap();
        std::fs::write(environment.path().join("pyvenv.cfg"), format!("version = {version}\n")).unwrap();
        environment
    }

    /// As `cp -a` does.
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir(to).unwrap();
        std::fs::copy(from.join(PIN), to.join(PIN)).unwrap();
        std::os::unix::fs::symlink(std::fs::read_link(from.join(".venv")).unwrap(), to.join(".venv")).unwrap();
    }

    #[test]
    fn what_was_pinned_follows_a_project_that_was_moved_or_copied() {
        let place = Place::new();
        copy(&place.path("p"), &place.path("copy"));
        std::fs::rename(place.path("p"), place.path("q")).unwrap();
        assert_eq!((place.renew("q"), place.renew("copy")), (None, None), "it fits");
        assert_eq!(place.upgrade(), 2);
        assert_eq!([place.pin("q"), place.pin("copy")], ["3.13\n", "3.13\n"]);
    }

    #[test]
    fn it_follows_also_when_the_environment_has_another_python_by_then() {
        let place = Place::new();
        std::fs::rename(place.path("p"), place.path("q")).unwrap();
        assert_eq!(place.upgrade(), 0);
        assert_eq!(own_pin(&place.path("q"), &place.store).as_deref(), Some("3.12"), "doctor knows it");
        assert_eq!(place.renew("q"), Some(place.path("q").join(PIN)));
        assert_eq!((place.pin("q").as_str(), place.renew("q")), ("3.13\n", None));
        // A second link instead, also to an environment of another name.
        let place = Place::new();
        std::fs::rename(place.path("p"), place.path("q")).unwrap();
        place.upgrade();
        assert_eq!(place.link("q").unwrap(), Some(place.path("q").join(PIN)));
        assert_eq!(place.pin("q"), "3.13\n");
    }

    #[test]
    fn what_is_gone_is_named_until_it_is_found_or_forgotten() {
        let place = Place::new();
        let Place { store, environment, .. } = &place;
        let lost = || lost(environment, environment, store);
        let gone = place.path("p").canonicalize().unwrap();
        std::fs::rename(&gone, place.path("q")).unwrap();
        assert!(lost().is_empty(), "what it pins is right");
        place.upgrade();
        assert_eq!(lost(), std::slice::from_ref(&gone));
        assert!(!store.forget_lost_link(&make(store, "other", "3.13.0"), None), "not its");
        place.renew("q");
        assert!(lost().is_empty(), "it was found");
        std::fs::rename(place.path("q"), place.path("r")).unwrap();
        make(store, "web", "3.14.0");
        assert_eq!(lost(), [gone.with_file_name("q")]);
        assert_eq!(place.link("r").unwrap(), Some(place.path("r").join(PIN)));
        assert!(lost().is_empty(), "it was linked");
        crate::fs::remove_tree(&place.path("r")).unwrap();
        place.upgrade();
        assert_eq!(lost(), [gone.with_file_name("r")]);
        assert!(store.forget_lost_link(environment, Some(&place.path("r"))));
        assert!(lost().is_empty() && !store.forget_lost_link(environment, None));
    }

    #[test]
    fn what_was_not_written_for_a_link_is_named_and_stays() {
        let place = Place::new();
        std::fs::rename(place.path("p"), place.path("q")).unwrap();
        std::fs::write(place.path("q").join(PIN), "# mine\n3.12\n").unwrap();
        // Made by hand, for an environment of which nothing was pinned.
        let other = make(&place.store, "other", "3.12.1");
        std::fs::create_dir(place.path("by hand")).unwrap();
        std::fs::write(place.path("by hand").join(PIN), "3.12\n").unwrap();
        std::os::unix::fs::symlink(other.path(), place.path("by hand/.venv")).unwrap();
        assert_eq!(place.renew("q"), None);
        renew_link(&place.path("by hand"), &other, &place.store).unwrap();
        let newer = make(&place.store, "staged", "3.13.0");
        let settings = Settings::default();
        for (environment, directory) in [(&place.environment, "q"), (&other, "by hand")] {
            let found = unfit_after(environment, &newer, &place.store, &settings);
            let [Unfit { wanted, is_deleted: true, .. }] = &found[..] else { panic!("{found:?}") };
            assert_eq!(wanted, "3.12", "{directory}");
            assert!(unfit_after(environment, environment, &place.store, &settings).is_empty());
        }
        make(&place.store, "other", "3.13.0");
        assert_eq!(renew_pins(&place.store).len() + place.upgrade(), 0);
        assert_eq!([place.pin("q"), place.pin("by hand")], ["# mine\n3.12\n", "3.12\n"]);
        // What was pinned for the link is not what is in the way.
        assert!(place.renew("p").is_none(), "it is gone");
    }

    #[test]
    fn the_project_of_an_environment_that_uv_has_recreated_is_put_back() {
        let place = Place::new();
        let project = place.path("p").canonicalize().unwrap();
        let Place { store, environment, .. } = &place;
        store.associate(environment, &project).unwrap();
        let file = environment.project_file(".project".as_ref());
        let recreate = |by: &str| {
            std::fs::write(environment.path().join("pyvenv.cfg"), format!("version_info = 3.13.0\n{by}")).unwrap();
            std::fs::write(crate::env::metadata::path(environment.path()), "").unwrap();
            std::fs::remove_file(&file).unwrap();
            store.sync_mirror().unwrap();
            assert!(store.project_of(environment).unwrap().is_none());
            store.put_back_project(environment).unwrap()
        };
        assert_eq!(recreate("uv = 0.13.8\n"), Some(project.clone()));
        assert_eq!(store.project_of(environment).unwrap(), Some(project.clone()));
        assert_eq!(store.put_back_project(environment).unwrap(), None, "it has it");
        // By hand it has got another name, under which it keeps the project.
        let moved = make(store, "moved", "3.12.1");
        let script = format!("VIRTUAL_ENV='{}'\n", environment.path().display());
        std::fs::write(moved.activate_script(), script).unwrap();
        assert_eq!(recreate("uv = 0.13.8\n"), None, "it is a new one");
        std::fs::remove_file(moved.activate_script()).unwrap();
        store.associate(environment, &project).unwrap();
        assert_eq!(recreate(""), None, "somebody else has taken it out");
        assert!(store.mirror().unwrap().get(&project).is_none());
    }
}
