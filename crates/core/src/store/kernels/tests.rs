use super::*;
use crate::fs::private::User;
use crate::store::StoreOptions;
use crate::store::remove::{RemoveOptions, Removed};
use crate::store::rename::{RenameOptions, Renamed};
use std::os::unix::fs::symlink;

struct Place {
    root: tempfile::TempDir,
    store: Store,
}

impl Place {
    fn new(home: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut options = StoreOptions::new(root.path().join(home), User::of_this_process(), SystemTime::now);
        options.kernel_dir = Some(root.path().join("data/kernels"));
        options.trash.least_free = 0;
        std::fs::create_dir(root.path().join(home)).unwrap();
        Self { root, store: Store::open(options) }
    }

    fn env(&self, name: &str) -> Environment {
        let env = self.store.environment(EnvName::for_existing(name.as_ref()).unwrap());
        let packages = env.path().join("lib/python3.13/site-packages");
        std::fs::create_dir_all(&packages).unwrap();
        std::fs::create_dir_all(env.bin()).unwrap();
        std::fs::write(env.path().join("pyvenv.cfg"), "version = 3.13.1\n").unwrap();
        std::fs::write(packages.join("ipykernel_launcher.py"), "").unwrap();
        std::fs::write(env.python(), "").unwrap();
        let own = env.path().join("share/jupyter/kernels/python3");
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(own.join("logo-svg.svg"), "<svg/>").unwrap();
        env
    }

    fn kernel(&self, id: &str) -> PathBuf {
        self.root.path().join("data/kernels").join(id)
    }

    fn add(&self, env: &Environment) -> Result<Kernel, KernelError> {
        self.store.add_kernel(env, &KernelRequest::default())
    }

    fn foreign(&self, id: &str, program: &str) {
        std::fs::create_dir_all(self.kernel(id)).unwrap();
        let text = format!(r#"{{"argv": ["{program}"], "display_name": "F"}}"#);
        std::fs::write(self.kernel(id).join("kernel.json"), text).unwrap();
    }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path.join("kernel.json")).unwrap()
}

#[test]
fn a_kernel_is_added_replaced_listed_and_removed() {
    let place = Place::new("envs");
    let env = place.env("Web é");
    let added = place.add(&env).unwrap();
    assert_eq!((added.id.to_str(), added.environment.as_deref()), (Some("web"), Some("Web é")));
    assert_eq!(std::fs::read(place.kernel("web/logo-svg.svg")).unwrap(), b"<svg/>");
    assert!(added.has_path_of(env.path()) && added.runs_in(env.path()));
    place.add(&env).unwrap();
    place.foreign("sys", "/nowhere/python");
    let listed = place.store.kernels(&[place.root.path().join("data/kernels"), "/nowhere".into()]);
    let states: Vec<_> = listed.iter().map(|found| (found.kernel.id.to_str().unwrap(), found.state)).collect();
    assert_eq!(states, [("sys", KernelState::Dead), ("web", KernelState::Ok)]);
    assert_eq!(listed[1].environment.as_ref(), Some(env.name()));
    let remove = |ids: &[&str], force| {
        place.store.remove_kernels(&ids.iter().map(ToString::to_string).collect::<Vec<_>>(), force)
    };
    assert!(matches!(remove(&["web", "sys"], false), Err(KernelError::Foreign { .. })));
    assert!(matches!(remove(&["web", "no"], false), Err(KernelError::NotFound { .. })));
    assert!(place.kernel("web/kernel.json").exists());
    std::fs::write(place.kernel("sys/notes"), "precious").unwrap();
    remove(&["WEB", "sys", "web"], true).unwrap();
    assert!(!place.kernel("web").exists() && place.kernel("sys/notes").exists());
}

#[test]
fn nothing_that_others_have_made_is_replaced() {
    let place = Place::new("envs");
    let env = place.env("api");
    let taken = || assert!(matches!(place.add(&env), Err(KernelError::Taken { .. })));
    place.foreign("API", env.python().to_str().unwrap());
    taken();
    let forced = KernelRequest { force: true, ..KernelRequest::default() };
    place.store.add_kernel(&env, &forced).unwrap();
    assert!(text(&place.kernel("API")).contains("venvwrap") && !place.kernel("api/kernel.json").is_symlink());
    fs::remove_tree(&place.kernel("API")).unwrap();
    // A link, a file, a directory with something else, a huge description, one of another environment.
    let outside = place.root.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    symlink(&outside, place.kernel("api")).unwrap();
    taken();
    assert!(matches!(place.store.add_kernel(&env, &forced), Err(KernelError::Taken { .. })));
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    std::fs::remove_file(place.kernel("api")).unwrap();
    std::fs::write(place.kernel("api"), "").unwrap();
    taken();
    std::fs::remove_file(place.kernel("api")).unwrap();
    std::fs::create_dir(place.kernel("api")).unwrap();
    std::fs::write(place.kernel("api/kernel.js"), "").unwrap();
    taken();
    std::fs::remove_file(place.kernel("api/kernel.js")).unwrap();
    std::fs::File::create(place.kernel("api/kernel.json")).unwrap().set_len(100 << 20).unwrap();
    taken();
    std::fs::remove_file(place.kernel("api/kernel.json")).unwrap();
    let other = KernelRequest { id: Some("Api".into()), ..KernelRequest::default() };
    place.store.add_kernel(&place.env("web"), &other).unwrap();
    taken();
}

#[test]
fn what_cannot_be_a_kernel_is_refused_and_nothing_is_written() {
    let place = Place::new("envs");
    let env = place.env("api");
    for id in ["..", "a/b", "a b", ""] {
        let request = KernelRequest { id: Some(id.into()), ..KernelRequest::default() };
        assert!(matches!(place.store.add_kernel(&env, &request), Err(KernelError::Id { .. })), "{id}");
    }
    assert!(matches!(place.add(&place.env("é")), Err(KernelError::NoId { .. })));
    assert!(matches!(place.add(&place.env("{prefix}")), Err(KernelError::Spec(_))));
    std::fs::remove_file(env.path().join("lib/python3.13/site-packages/ipykernel_launcher.py")).unwrap();
    assert!(matches!(place.add(&env), Err(KernelError::NoIpykernel { .. })));
    assert!(!place.root.path().join("data").exists());
    assert!(matches!(place.store.remove_kernels(&["x".into()], true), Err(KernelError::NotFound { .. })));
}

#[test]
fn kernels_go_with_their_environment_and_come_back_with_it() {
    let place = Place::new("envs $x");
    let env = place.env("api");
    place.add(&env).unwrap();
    place.foreign("theirs", env.python().to_str().unwrap());
    let before = text(&place.kernel("api"));
    let options = RemoveOptions::default();
    let remove = || assert!(matches!(place.store.remove(env.name(), &options), Ok(Removed::Kept)));
    remove();
    assert!(!place.kernel("api").exists() && place.kernel("theirs").exists());
    let undone = place.store.undo(None).unwrap();
    assert!(undone.problems.is_empty());
    assert_eq!(text(&place.kernel("api")), before);
    assert!(place.kernel("api/logo-svg.svg").exists());
    // Its place is taken by then.
    remove();
    place.foreign("api", "/x");
    assert_eq!(place.store.undo(None).unwrap().problems.len(), 1);
    assert!(text(&place.kernel("api")).contains("/x"));
    fs::remove_tree(&place.kernel("api")).unwrap();
    // Under another name.
    place.add(&env).unwrap();
    remove();
    let new = EnvName::for_new("web".as_ref()).unwrap();
    let undone = place.store.undo_as(None, &new, &|_| {}).unwrap();
    assert!(undone.problems.is_empty(), "{:?}", undone.problems);
    let kernel = Kernel::read(&place.kernel("api")).unwrap();
    let web = place.store.path_of(&new);
    assert!(kernel.runs_in(&web) && kernel.has_path_of(&web), "{}", text(&place.kernel("api")));
    assert_eq!((kernel.environment.as_deref(), kernel.display_name.as_str()), (Some("web"), "web (Python 3.13)"));
    // Deleted at once.
    let now = RemoveOptions { now: true, ..options };
    place.store.remove(&new, &now).unwrap();
    assert!(!place.kernel("api").exists());
}

#[test]
fn titles_follow_the_python_of_the_environment() {
    let place = Place::new("envs");
    let env = place.env("api");
    place.add(&env).unwrap();
    place.foreign("theirs", env.python().to_str().unwrap());
    place.foreign("elsewhere", "/x/bin/python");
    for id in ["theirs", "elsewhere"] {
        let named = text(&place.kernel(id)).replace("\"F\"", "\"Python 3.13 (F)\"");
        std::fs::write(place.kernel(id).join("kernel.json"), named).unwrap();
    }
    let (own, theirs) = (text(&place.kernel("api")), text(&place.kernel("theirs")));
    let none = place.store.retitle_kernels(&env);
    assert!(none.followed.is_empty() && none.others.is_empty() && text(&place.kernel("api")) == own);
    std::fs::write(env.path().join("pyvenv.cfg"), "version = 3.14.0\n").unwrap();
    let retitled = place.store.retitle_kernels(&env);
    let ids = |kernels: &[Kernel]| kernels.iter().map(|kernel| kernel.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&retitled.followed), ids(&retitled.others)), (vec!["api".into()], vec!["theirs".into()]));
    assert_eq!(text(&place.kernel("api")), own.replace("(Python 3.13)", "(Python 3.14)"));
    assert_eq!(text(&place.kernel("theirs")), theirs);
    // What has another Python again by changing places.
    let before = crate::store::trash::Reason::Upgrade;
    let lock = place.store.lock(env.name()).unwrap();
    std::fs::create_dir_all(lock.staging().join("bin")).unwrap();
    std::fs::write(lock.staging().join("bin/python"), "").unwrap();
    std::fs::write(lock.staging().join("pyvenv.cfg"), "version = 3.15.0\n").unwrap();
    lock.publish_over(&place.store.keeping(before, Vec::new())).unwrap();
    drop(lock);
    place.store.undo(Some(env.name())).unwrap();
    assert_eq!(text(&place.kernel("api")), own.replace("(Python 3.13)", "(Python 3.14)"));
    place.store.undo(Some(env.name())).unwrap();
    assert_eq!(text(&place.kernel("api")), own.replace("(Python 3.13)", "(Python 3.15)"));
}

#[test]
fn a_kernel_that_names_an_environment_in_a_variable_follows_it() {
    for home in ["envs", "envs $x"] {
        let place = Place::new(home);
        let env = place.env("api");
        let path = env.path().to_str().unwrap();
        let twice = path.replace('$', "$$");
        for (id, text) in [
            ("env", format!(r#"{{"argv": ["/usr/bin/env", "{path}/bin/python"], "display_name": "E"}}"#)),
            ("r", format!(r#"{{"argv": ["R"], "display_name": "R", "env": {{"X": "a:{twice}/lib:${{X}}"}}}}"#)),
            ("other", format!(r#"{{"argv": ["R"], "display_name": "O", "env": {{"X": "{twice}-2/lib"}}}}"#)),
        ] {
            place.foreign(id, "x");
            std::fs::write(place.kernel(id).join("kernel.json"), text).unwrap();
        }
        let new = EnvName::for_new("web".as_ref()).unwrap();
        let options = RenameOptions { dry_run: true, ..RenameOptions::default() };
        let ids = |renamed: &Renamed| renamed.kernels.iter().map(|kernel| kernel.id.clone()).collect::<Vec<_>>();
        let foreseen = place.store.rename(env.name(), &new, &options).unwrap();
        let renamed = place.store.rename(env.name(), &new, &RenameOptions::default()).unwrap();
        assert_eq!((ids(&foreseen), ids(&renamed)), (vec!["env".into(), "r".into()], vec!["env".into(), "r".into()]));
        let (web, web_twice) = (path.replace("/api", "/web"), twice.replace("/api", "/web"));
        assert!(text(&place.kernel("env")).contains(&format!("\"{web}/bin/python\"")), "{home}");
        assert!(text(&place.kernel("r")).contains(&format!("\"a:{web_twice}/lib:${{X}}\"")), "{home}");
        assert!(text(&place.kernel("other")).contains(&format!("\"{twice}-2/lib\"")), "{home}");
    }
}

#[test]
fn a_note_that_names_another_place_writes_nothing_there() {
    let place = Place::new("envs");
    let env = place.env("api");
    place.add(&env).unwrap();
    let kept = Kernel::read(&place.kernel("api")).unwrap().kept().unwrap();
    fs::remove_tree(&place.root.path().join("data/kernels")).unwrap();
    for directory in ["elsewhere/api", "data/kernels/..", "data/kernels"] {
        let elsewhere = KeptKernel { directory: place.root.path().join(directory), ..kept.clone() };
        assert_eq!(place.store.put_kernels_back(env.path(), &[elsewhere]).len(), 1, "{directory}");
    }
    assert!(!place.root.path().join("elsewhere").exists());
    assert_eq!(std::fs::read_dir(place.root.path().join("data")).unwrap().count(), 0);
}

#[test]
fn an_environment_is_known_by_every_path_to_it() {
    let place = Place::new("envs");
    let env = place.env("api");
    symlink("envs", place.root.path().join("link")).unwrap();
    let through = place.root.path().canonicalize().unwrap().join("link/./api/bin/python");
    place.foreign("link", through.to_str().unwrap());
    place.foreign("other", place.root.path().join("link/apis/bin/python").to_str().unwrap());
    let listed = place.store.kernels(&[]);
    let found: Vec<_> = listed.iter().map(|found| found.environment.as_ref().map(ToString::to_string)).collect();
    assert_eq!(found, [Some("api".into()), None]);
    assert_eq!(place.store.kernels_in(env.path()).len(), 1);
}

#[test]
fn kernels_of_further_directories_follow_and_are_removed_as_well() {
    let place = Place::new("envs");
    let mut options = place.store.options().clone();
    let more = place.root.path().join("more/kernels");
    options.more_kernel_dirs = vec![place.root.path().join("data/kernels"), more.clone(), more.clone()];
    let place = Place { store: Store::open(options), ..place };
    let env = place.env("a");
    std::fs::create_dir_all(more.join("Other")).unwrap();
    let content = format!(r#"{{"argv": ["{}"], "display_name": "F"}}"#, env.python().display());
    std::fs::write(more.join("Other/kernel.json"), content).unwrap();
    assert_eq!(
        (place.store.kernels(std::slice::from_ref(&more)).len(), place.store.kernels_in(env.path()).len()),
        (1, 1)
    );
    let [old, new] = ["a", "b"].map(|name| EnvName::for_existing(name.as_ref()).unwrap());
    place.store.rename(&old, &new, &RenameOptions::default()).unwrap();
    assert!(text(&more.join("Other")).contains("envs/b/bin/python"));
    let remove = |force| place.store.remove_kernels(&["other".into()], force);
    assert!(matches!(remove(false), Err(KernelError::Foreign { .. })));
    remove(true).unwrap();
    assert!(!more.join("Other").exists());
    assert!(matches!(remove(true), Err(KernelError::NotFound { .. })));
}
