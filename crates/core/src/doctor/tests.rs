use super::*;
use crate::env::metadata::{self, Metadata, Owner};
use crate::env::name::EnvName;
use crate::fs::accepted::Accepted;
use crate::fs::private::User;
use crate::project::uv::{self, Settings};
use crate::python::Search;
use crate::store::mirror::Kind;
use crate::store::remove::RemoveOptions;
use crate::store::{Store, StoreOptions};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

struct Place {
    root: tempfile::TempDir,
    store: Store,
    uv: Settings,
}

impl Place {
    /// A store below a directory of this name.
    fn new(above: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join(above).join("envs");
        std::fs::create_dir_all(&home).unwrap();
        let options = StoreOptions::new(home, User::of_this_process(), SystemTime::now);
        let state_dir = Some(root.path().join("state"));
        let store = Store::open(StoreOptions { state_dir, ..options });
        Self { root, store, uv: Settings::default() }
    }

    fn doctor(&self) -> Doctor<'_> {
        Doctor {
            store: &self.store,
            user_home: None,
            hook_dir: self.store.home(),
            cache_dir: None,
            state_dir: None,
            kernels: &[],
            uv: &self.uv,
            temp_dir: Path::new("/tmp"),
            user: User::of_this_process(),
            is_deep: false,
        }
    }

    /// An environment that works, with this activate script, or one that says nothing of a path.
    fn make(&self, name: &str, script: &str) -> crate::env::Environment {
        let environment = self.store.environment(EnvName::for_existing(OsStr::new(name)).unwrap());
        std::fs::create_dir_all(environment.bin()).unwrap();
        let base = self.root.path().join("base/bin");
        std::fs::create_dir_all(&base).unwrap();
        std::fs::write(base.join("python3.12"), "a program").unwrap();
        std::fs::create_dir_all(environment.path().join("lib/python3.12/site-packages")).unwrap();
        std::os::unix::fs::symlink(base.join("python3.12"), environment.python()).unwrap();
        for name in ["python3", "python3.12"] {
            std::os::unix::fs::symlink("python", environment.bin().join(name)).unwrap();
        }
        let cfg = format!("home = {}\nversion = 3.12.1\n", base.display());
        std::fs::write(environment.path().join("pyvenv.cfg"), cfg).unwrap();
        std::fs::write(environment.activate_script(), if script.is_empty() { "eval :\n" } else { script }).unwrap();
        environment
    }

    fn ids(&self, environment: &crate::env::Environment) -> Vec<&'static str> {
        let found = self.doctor().environments(std::slice::from_ref(environment));
        found.into_iter().map(|finding| finding.id).collect()
    }
}

fn ids(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.id).collect()
}

/// Finds no Python.
fn nowhere() -> Search<'static> {
    Search {
        lookup: &|_| None,
        cwd: Path::new("/"),
        home: None,
        cache_dir: None,
        user: User::of_this_process(),
        query_timeout: Duration::ZERO,
        root: Path::new("/nowhere"),
    }
}

#[test]
fn identifiers_are_words_and_each_is_there_once() {
    let mut ids: Vec<_> = CHECKS.iter().map(|check| check.id).collect();
    assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(Severity::Error < Severity::Warning && Severity::Warning < Severity::Note);
}

#[test]
fn a_script_that_would_run_its_path_is_found() {
    let place = Place::new("x");
    let environment = place.make("$(touch PWN)", "");
    assert_eq!(place.ids(&environment), ["name-odd"]);
    let script = format!("VIRTUAL_ENV=\"{}\"\n", environment.path().display());
    std::fs::write(environment.activate_script(), script).unwrap();
    assert!(place.ids(&environment).contains(&"activate-unsafe"));
}

#[test]
fn a_script_that_activates_no_environment_of_python_is_found() {
    let place = Place::new("x");
    let environment = place.make("api", "");
    assert!(place.ids(&environment).is_empty());
    for (script, is_other) in [
        ("NODE_VIRTUAL_ENV=/x\nexport NODE_VIRTUAL_ENV\n", true),
        ("PATH=/x:$PATH\n", true),
        (". /opt/activate\n", false),
        ("export VIRTUAL_ENV=$HOME\n", false),
    ] {
        std::fs::write(environment.activate_script(), script).unwrap();
        let found = place.doctor().environments(std::slice::from_ref(&environment));
        assert_eq!(ids(&found) == ["activate-missing"], is_other, "{script}: {found:?}");
        if is_other {
            let fix = found[0].fix.as_ref().unwrap();
            assert_eq!((fix.text().as_str(), fix.is_automatic), ("venvwrap create api", false));
        }
    }
    // What is said of one without a script is enough.
    std::fs::write(environment.activate_script(), "\n").unwrap();
    let found = place.doctor().environments(std::slice::from_ref(&environment));
    assert_eq!(found.iter().filter(|found| found.id == "activate-missing").count(), 1, "{found:?}");
}

#[test]
fn what_other_users_can_write_to_is_found_before_workon_refuses_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new("x");
    let environment = place.make("api", "");
    let open = |path: &Path, mode: u32| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    for path in [environment.path().to_path_buf(), environment.bin(), environment.activate_script()] {
        open(&path, 0o777);
        let found = place.doctor().environments(std::slice::from_ref(&environment));
        assert_eq!(ids(&found), ["activate-exposed"], "{}", path.display());
        assert_eq!(found[0].fix.as_ref().unwrap().command, ["chmod", "go-w", path.to_str().unwrap()]);
        open(&path, 0o755);
    }
    // Of the store itself there is one finding, not one for each environment.
    open(place.store.home(), 0o1777);
    let found = super::store::examine(&place.doctor()).unwrap();
    assert_eq!(ids(&found), ["home-writable"]);
    assert!(found[0].fix.is_none(), "a directory that is meant to be shared: {found:?}");
    open(place.store.home(), 0o777);
    // What was accepted is no finding.
    let state = place.root.path().join("accepted");
    let doctor = Doctor { state_dir: Some(&state), ..place.doctor() };
    assert_eq!(ids(&super::store::examine(&doctor).unwrap()), ["home-writable"]);
    Accepted::new(&state, doctor.user).add(place.store.home()).unwrap();
    assert!(ids(&super::store::examine(&doctor).unwrap()).is_empty());
    assert!(place.ids(&environment).is_empty());
}

/// What `workon` refuses by a link: another user's link to an environment of this one, in a place where all may write.
#[test]
fn what_is_reached_by_the_link_of_another_user_is_told() {
    use std::os::unix::fs::{PermissionsExt, lchown, symlink};
    if User::of_this_process().uid != 0 {
        return;
    }
    let place = Place::new("x");
    let (original, shared) = (place.make("original", ""), place.root.path().canonicalize().unwrap().join("shared"));
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o1777)).unwrap();
    // The last is in the place that every system has; the store is below it, too.
    let everybody = tempfile::Builder::new().tempfile_in("/tmp").unwrap().into_temp_path();
    std::fs::remove_file(&everybody).unwrap();
    for link in [shared.join("link"), everybody.to_path_buf()] {
        symlink(original.path(), &link).unwrap();
        lchown(&link, Some(1234), Some(1234)).unwrap();
        let name = EnvName::for_existing(OsStr::new("api")).unwrap();
        let environment = place.store.environment(name);
        symlink(&link, environment.path()).unwrap();
        let found = place.doctor().environments(std::slice::from_ref(&environment));
        let found = found.iter().find(|found| found.id == "activate-exposed").unwrap();
        let fix = found.fix.as_ref().map(|fix| fix.command.clone());
        let words = ["venvwrap", "allow", "--shared", shared.to_str().unwrap()];
        let accept = words.map(std::ffi::OsString::from).to_vec();
        assert_eq!(fix, (link.parent() == Some(&shared)).then_some(accept), "{}", link.display());
        std::fs::remove_file(environment.path()).unwrap();
    }
    // So does a link in an environment.
    let environment = place.make("second", "");
    std::fs::remove_file(environment.activate_script()).unwrap();
    symlink(shared.join("link/bin/activate"), environment.activate_script()).unwrap();
    let found = place.doctor().environments(std::slice::from_ref(&environment));
    assert!(ids(&found).contains(&"activate-exposed"), "{found:?}");
}

/// `chmod` follows links, and a directory that everybody needs is to stay open.
#[test]
fn no_fix_takes_permissions_from_a_device_or_a_shared_directory() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new("x");
    let environment = place.make("api", "");
    let hook = environment.bin().join("postactivate");
    std::fs::write(&hook, "export A=1\n").unwrap();
    let shared = place.root.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o1777)).unwrap();
    std::fs::write(shared.join("hook"), "").unwrap();
    let link = environment.bin().join("predeactivate");
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    let has_fix = |hook: &Path| {
        let exposed = vec![hook.to_str().unwrap().to_owned()];
        super::hooks::finding_of_hooks(exposed, place.doctor().user).unwrap().fix.is_some()
    };
    assert!(has_fix(&hook));
    assert!(!has_fix(&link) && !has_fix(&shared.join("hook")));
}

#[test]
fn programs_of_other_languages_and_scripts_that_find_themselves_are_no_findings() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new("x");
    let environment = place.make("api", "");
    let bin = environment.bin();
    let write = |name: &str, text: &str| {
        std::fs::write(bin.join(name), text.replace("BIN", bin.to_str().unwrap())).unwrap();
        std::fs::set_permissions(bin.join(name), PermissionsExt::from_mode(0o755)).unwrap();
    };
    write("node", "ELF");
    write("npm", "#!BIN/node\n");
    write("found", "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\"\n' '''\n");
    write("plain", "#!/bin/sh\n");
    assert!(place.ids(&environment).is_empty());
    std::fs::remove_file(bin.join("node")).unwrap();
    let found = place.doctor().environments(std::slice::from_ref(&environment));
    assert_eq!(ids(&found), ["script-dead"]);
    assert!(found[0].fix.is_none() && found[0].message.ends_with("; install that, or change the first line"));
    let info = environment.site_packages().unwrap().join("tool-1.0.dist-info");
    std::fs::create_dir(&info).unwrap();
    std::fs::write(info.join("METADATA"), "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n").unwrap();
    let hash = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    std::fs::write(info.join("RECORD"), format!("../../../bin/npm,sha256={hash},0\n")).unwrap();
    let fix = || {
        let found = place.doctor().environments(std::slice::from_ref(&environment));
        found.iter().find(|found| found.id == "script-dead").unwrap().fix.as_ref().unwrap().text()
    };
    let first = "venvwrap run api python -m ensurepip";
    let then = "venvwrap run api python -m pip install --force-reinstall --no-deps 'tool==1.0'";
    assert_eq!(fix(), format!("{first} && {then}"), "there is no pip yet");
    let pip = environment.site_packages().unwrap().join("pip");
    std::fs::create_dir(&pip).unwrap();
    // Not by the script, which may be what is broken or gone.
    assert_eq!(fix(), then);
    std::fs::remove_dir(&pip).unwrap();
    let cfg = std::fs::read_to_string(environment.path().join("pyvenv.cfg")).unwrap();
    std::fs::write(environment.path().join("pyvenv.cfg"), cfg + "uv = 0.13.8\n").unwrap();
    let python = environment.python();
    let of_uv = format!("uv pip install --python {} --force-reinstall --no-deps 'tool==1.0'", python.display());
    assert_eq!(fix(), of_uv);
    for name in ["python", "python3"] {
        let _ = std::fs::remove_file(bin.join(name));
    }
    assert_eq!(fix(), "venvwrap repair api", "nothing can be installed without a Python");
}

#[test]
fn a_name_that_pipenv_made_up_is_odd_only_where_pipenv_does_not_need_it() {
    let place = Place::new("x");
    let environment = place.make("proj-4ty8_W6B", "");
    assert_eq!(place.ids(&environment), ["name-odd"]);
    let project = place.root.path().join("proj");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(environment.path().join(".project"), project.to_str().unwrap()).unwrap();
    assert!(place.ids(&environment).is_empty());
}

#[test]
fn an_environment_that_uv_has_made_anew_is_told_from_one_that_uv_has_made() {
    let place = Place::new("x");
    let environment = place.make("api", "");
    let cfg = std::fs::read_to_string(environment.path().join("pyvenv.cfg")).unwrap();
    std::fs::write(environment.path().join("pyvenv.cfg"), cfg + "uv = 0.13.9\n").unwrap();
    assert!(place.ids(&environment).is_empty());
    let project = place.root.path().join("project");
    std::fs::create_dir(&project).unwrap();
    place.store.mirror().unwrap().associate(&project, environment.path(), Kind::Project).unwrap();
    assert_eq!(place.ids(&environment), ["replaced-by-uv"]);
}

#[test]
fn directories_that_were_linked_for_uv_are_examined_without_being_projects() {
    let place = Place::new("x");
    let environment = place.make("api", "");
    let directory = place.root.path().join("it's");
    std::fs::create_dir(&directory).unwrap();
    std::os::unix::fs::symlink(environment.path(), directory.join(".venv")).unwrap();
    place.store.note_uv_link(&directory, &environment, None).unwrap();
    assert!(place.ids(&environment).is_empty());
    std::fs::write(directory.join("pyproject.toml"), "[project]\nrequires-python = '>=3.13'\n").unwrap();
    assert_eq!(place.ids(&environment), ["uv-would-replace"]);
    std::fs::write(directory.join(".python-version"), "3.12\n").unwrap();
    let found = place.doctor().environments(std::slice::from_ref(&environment));
    assert_eq!((ids(&found), found[0].severity), (vec!["uv-would-replace"], Severity::Note), "uv fails");
    let cfg = std::fs::read_to_string(environment.path().join("pyvenv.cfg")).unwrap();
    std::fs::write(environment.path().join("pyvenv.cfg"), cfg + "uv = 0.13.9\n").unwrap();
    let found = place.doctor().environments(std::slice::from_ref(&environment));
    assert_eq!(ids(&found), ["replaced-by-uv", "uv-would-replace"]);
    let real = directory.canonicalize().unwrap();
    let fix = format!("venvwrap link --uv api {}", shell_words::quote(&real.to_string_lossy()));
    assert_eq!(found[0].fix.as_ref().unwrap().text(), fix);
}

#[test]
fn what_cannot_be_repaired_is_to_be_made_anew() {
    let place = Place::new("x");
    let environment = place.store.environment(EnvName::for_existing(OsStr::new("broken")).unwrap());
    let bin = environment.bin();
    std::fs::create_dir_all(&bin).unwrap();
    for name in ["activate", "python"] {
        std::fs::write(bin.join(name), "").unwrap();
    }
    let found = place.doctor().environments(std::slice::from_ref(&environment));
    let fixes: Vec<_> = found.iter().map(|found| (found.id, found.fix.as_ref().map(Fix::text))).collect();
    let fix = Some("venvwrap create --clear broken".to_owned());
    assert!(["cfg-lies", "activate-missing"].iter().all(|id| fixes.contains(&(*id, fix.clone()))), "{fixes:?}");
}

#[test]
fn that_uv_has_replaced_an_environment_of_several_directories_is_one_finding() {
    let place = Place::new("x");
    let environment = place.make("api", "");
    for (name, pin) in [("p", "3.9\n"), ("q", "3.12\n"), ("r", "3.12\n")] {
        let directory = place.root.path().join(name);
        std::fs::create_dir(&directory).unwrap();
        std::os::unix::fs::symlink(environment.path(), directory.join(".venv")).unwrap();
        std::fs::write(directory.join(".python-version"), pin).unwrap();
        place.store.note_uv_link(&directory, &environment, None).unwrap();
    }
    let cfg = environment.path().join("pyvenv.cfg");
    std::fs::write(&cfg, std::fs::read_to_string(&cfg).unwrap() + "uv = 0.13.9\n").unwrap();
    let found = || place.doctor().environments(std::slice::from_ref(&environment));
    assert_eq!(ids(&found()), ["replaced-by-uv", "uv-would-replace"], "{:#?}", found());
    assert_eq!(found()[0].message, "uv has recreated it: its packages, variables and hooks are gone");
    let directory = place.root.path().canonicalize().unwrap().join("q");
    assert!(found()[0].fix.as_ref().unwrap().text().ends_with("/q"), "which can be linked");
    let (environment, settings) = (&environment, &place.uv);
    let link = uv::Link { directory: &directory, environment, store: &place.store, settings, pin: false };
    uv::link(&link).unwrap();
    assert_eq!(ids(&found()), ["uv-would-replace"]);
}

#[test]
fn every_directory_that_uv_would_replace_it_for_is_named_and_its_pin_can_be_renewed() {
    let place = Place::new("x");
    let environment = place.make("api", "");
    for name in ["p", "q"] {
        let directory = place.root.path().join(name);
        std::fs::create_dir(&directory).unwrap();
        std::os::unix::fs::symlink(environment.path(), directory.join(".venv")).unwrap();
        std::fs::write(directory.join(".python-version"), "3.9\n").unwrap();
        place.store.note_uv_link(&directory, &environment, (name == "p").then_some("3.9")).unwrap();
    }
    let found = place.doctor().environments(std::slice::from_ref(&environment));
    assert_eq!(ids(&found), ["uv-would-replace", "uv-would-replace"]);
    let real = place.root.path().canonicalize().unwrap().join("p");
    let fix = format!("venvwrap link --uv api {}", shell_words::quote(&real.to_string_lossy()));
    assert_eq!(found[0].fix.as_ref().unwrap().text(), fix);
    assert!(found[1].fix.is_none(), "it is somebody's");
    let mut found = found;
    let fixed = found.iter_mut().map(|found| place.doctor().fix(found, &nowhere()).unwrap()).collect::<Vec<_>>();
    assert_eq!(fixed, [true, false]);
    assert_eq!(ids(&place.doctor().environments(std::slice::from_ref(&environment))), ["uv-would-replace"]);
}

#[test]
fn a_temporary_environment_of_another_machine_is_left_to_its_user() {
    let place = Place::new("x");
    let environment = place.make("tmp-1", "");
    let owner = Owner { host: Some("elsewhere".into()), ..Owner::of(1) };
    let noted = Metadata { temporary: Some(owner), ..Metadata::default() };
    std::fs::write(metadata::path(environment.path()), noted.to_toml()).unwrap();
    let mut found = place.doctor().environments(std::slice::from_ref(&environment));
    assert_eq!(ids(&found), ["temporary-elsewhere"]);
    assert!(found[0].message.contains("elsewhere") && !place.doctor().fix(&mut found[0], &nowhere()).unwrap());
    assert!(environment.path().exists());
}

#[test]
fn a_store_that_is_an_environment_is_told() {
    let place = Place::new("envs");
    let home = place.store.home().to_path_buf();
    let found = || place.doctor().surroundings(&Surroundings::default()).unwrap();
    assert_eq!(ids(&found()), Vec::<&str>::new());
    std::fs::write(home.join("pyvenv.cfg"), "").unwrap();
    let own = found();
    assert_eq!(ids(&own), ["home-in-environment"]);
    let cfg = home.join("pyvenv.cfg").into_os_string();
    assert_eq!(own[0].fix.as_ref().map(|fix| fix.command.clone()), Some(vec!["rm".into(), cfg]));
    assert!(own[0].message.ends_with("cannot hold environments: it is an environment itself"), "{}", own[0].message);
}

#[test]
fn directories_of_others_and_synchronised_ones_are_told() {
    let place = Place::new("Dropbox (Personal)");
    let other = User { uid: 65_533, gid: 65_533 };
    let state = place.root.path().join("state");
    std::fs::create_dir(&state).unwrap();
    let quiet = place.doctor().surroundings(&Surroundings::default()).unwrap();
    assert_eq!(ids(&quiet), ["store-synced"]);
    let doctor = Doctor { state_dir: Some(&state), user: other, ..place.doctor() };
    let found = ids(&doctor.surroundings(&Surroundings::default()).unwrap());
    // What root owns may be trusted.
    let is_root = User::of_this_process().uid == 0;
    assert_eq!(found.contains(&"home-foreign"), !is_root);
    assert!(found.contains(&"cache-foreign"));
}

/// As with `sudo` that keeps HOME: consents of root are kept there, and associations are that user's.
#[test]
fn root_uses_the_state_of_another_user_and_not_the_cache() {
    if User::of_this_process().uid != 0 {
        return;
    }
    let place = Place::new("x");
    let [state, cache] = ["state", "cache"].map(|name| place.root.path().join(name));
    for directory in [&state, &cache] {
        std::fs::create_dir(directory).unwrap();
        std::os::unix::fs::chown(directory, Some(1234), None).unwrap();
    }
    let doctor = Doctor { state_dir: Some(&state), cache_dir: Some(&cache), ..place.doctor() };
    let found = super::store::examine(&doctor).unwrap();
    let messages: Vec<_> = found.iter().map(|found| found.message.as_str()).collect();
    assert!(matches!(messages[..], [message] if message.contains("the cache directory")), "{found:?}");
}

#[test]
fn what_an_operation_has_left_in_a_directory_is_found_and_swept() {
    let place = Place::new("x");
    let options = StoreOptions::new(place.store.home().into(), User::of_this_process(), SystemTime::now);
    let store = Store::open(StoreOptions { is_anywhere: true, ..options });
    let doctor = Doctor { store: &store, ..place.doctor() };
    let environment = store.environment(EnvName::for_existing(OsStr::new("site")).unwrap());
    let (path, home) = (environment.path(), store.home());
    std::fs::create_dir_all(path).unwrap();
    std::fs::write(path.join("mine"), "precious").unwrap();
    for (place, is_environment) in [(path, false), (home, false), (path, true)] {
        let left = place.join(".venvwrap-op-site");
        std::fs::create_dir_all(left.join("new")).unwrap();
        std::fs::create_dir_all(home.join(".venvwrap-op-other/new")).unwrap();
        if is_environment {
            std::fs::write(path.join("pyvenv.cfg"), "home = /nowhere\n").unwrap();
        }
        let mut found = doctor.environments(std::slice::from_ref(&environment));
        assert_eq!(found.len() == 1, !is_environment, "{found:?}");
        found.retain(|found| found.id == "operation-leftover");
        assert_eq!(found[0].fix.as_ref().unwrap().text(), "venvwrap doctor --fix site");
        assert!(doctor.fix(&mut found[0], &nowhere()).unwrap());
        assert!(!left.exists() && home.join(".venvwrap-op-other").exists());
        assert!(store.left_over_of(environment.name()).is_empty());
        assert_eq!(std::fs::read(path.join("mine")).unwrap(), b"precious");
    }
}

#[test]
fn what_another_user_left_in_the_store_is_told_and_stays() {
    // Only root can give a directory away.
    if User::of_this_process().uid != 0 {
        return;
    }
    let place = Place::new("x");
    let left = place.store.home().join(".venvwrap-op-api");
    std::fs::create_dir_all(left.join("new")).unwrap();
    std::os::unix::fs::chown(&left, Some(1234), None).unwrap();
    let found = place.doctor().surroundings(&Surroundings::default()).unwrap();
    assert_eq!(ids(&found), ["operation-foreign"]);
    assert!(found[0].fix.is_none() && left.exists(), "{found:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_from_which_nothing_may_be_run_is_told() {
    if !crate::test_mounts::in_mount_namespace("doctor::tests::a_store_from_which_nothing_may_be_run_is_told") {
        return;
    }
    let place = Place::new("x");
    let mount = ["-t", "tmpfs", "-o", "noexec,mode=755", "tmpfs"];
    assert!(std::process::Command::new("mount").args(mount).arg(place.store.home()).status().unwrap().success());
    let found = place.doctor().surroundings(&Surroundings::default()).unwrap();
    crate::test_mounts::unbind(place.store.home());
    assert_eq!(ids(&found), ["store-fs"]);
}

#[test]
fn a_link_to_nothing_is_named() {
    let place = Place::new("x");
    place.make("api", "");
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(place.root.path().join(target), place.store.home().join(name)).unwrap();
    };
    link("x/envs/api", "living");
    link("gone", "my web");
    link("gone", ".hidden");
    let found = place.doctor().surroundings(&Surroundings::default()).unwrap();
    assert_eq!(ids(&found), ["link-dead"]);
    assert!(found[0].message.contains("my web` is a link to `"), "{found:?}");
    assert_eq!(found[0].fix.as_ref().unwrap().command, ["venvwrap", "remove", "my web"]);
}

#[test]
fn an_environment_without_both_of_its_marks_is_named() {
    let place = Place::new("x");
    for (name, keeps) in [("api", &["bin"][..]), ("kept", &["bin", "pyvenv.cfg"]), ("empty", &[])] {
        let environment = place.make(name, "");
        for file in ["pyvenv.cfg", "bin/activate"] {
            let _ = (!keeps.contains(&file)).then(|| std::fs::remove_file(environment.path().join(file)));
        }
        if keeps.is_empty() {
            crate::fs::remove_tree(&environment.bin()).unwrap();
        }
    }
    let found = place.doctor().surroundings(&Surroundings::default()).unwrap();
    assert_eq!(ids(&found), ["marks-lost"]);
    assert_eq!(found[0].fix.as_ref().unwrap().command, ["venvwrap", "repair", "api"]);
    let error = place.store.find(std::ffi::OsStr::new("empty")).unwrap_err();
    assert!(matches!(error, crate::store::FindError::NotAnEnvironment { repairable: None, .. }), "{error:?}");
}

#[test]
fn what_comes_before_the_active_environment_is_told_if_it_has_a_python() {
    let place = Place::new("x");
    let environment = place.make("api", "");
    let [plain, shims] = ["plain", "shims"].map(|name| place.root.path().join(name));
    for directory in [&plain, &shims] {
        std::fs::create_dir(directory).unwrap();
    }
    std::fs::write(shims.join("python3"), "").unwrap();
    let found = |path: &[PathBuf], active: &Path| {
        let surroundings = Surroundings { active: Some(active), path, ..Surroundings::default() };
        ids(&place.doctor().surroundings(&surroundings).unwrap())
    };
    let bin = environment.bin();
    assert!(found(&[bin.clone(), shims.clone()], environment.path()).is_empty());
    assert!(found(&[plain.clone(), bin.clone()], environment.path()).is_empty());
    assert_eq!(found(&[shims, bin], environment.path()), ["path-shadow"]);
    assert_eq!(found(&[plain], environment.path()), ["path-shadow"]);
    assert_eq!(found(&[], Path::new("/nowhere")), ["shell-active"]);
}

#[test]
fn a_path_file_that_is_not_utf8_keeps_python_from_starting() {
    let place = Place::new("store");
    let environment = place.make("api", "");
    let site = environment.path().join("lib/python3.12/site-packages");
    std::fs::write(site.join("good.pth"), "/caf\u{e9}\n").unwrap();
    std::fs::write(site.join(".hidden.pth"), b"/caf\xe9\n").unwrap();
    std::fs::write(site.join("note.txt"), b"/caf\xe9\n").unwrap();
    assert_eq!(packages::path_files(&environment), []);
    std::fs::write(site.join("bad.pth"), b"/caf\xe9\n").unwrap();
    let found = packages::path_files(&environment);
    let (id, message) = (found[0].id, found[0].message.as_str());
    assert_eq!((id, found.len()), ("path-file-encoding", 1));
    assert!(message.ends_with("site-packages/bad.pth` is not UTF-8"), "{message}");
    let fix = found[0].fix.as_ref().unwrap();
    assert!(fix.text().ends_with("/bad.pth.disabled") && !fix.is_automatic, "{fix:?}");
}

#[test]
fn an_editable_package_whose_project_is_gone_is_named() {
    let place = Place::new("store");
    let environment = place.make("api", "");
    let site = environment.path().join("lib/python3.12/site-packages");
    let projects = place.root.path().join("my projects");
    let write = |path: &Path, content: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    for (name, is_editable) in [("pip", true), ("copied", false)] {
        let info = site.join(format!("{name}-1.dist-info"));
        write(&info.join("METADATA"), &format!("Name: {name}\nVersion: 1\n"));
        let url = format!("file://{}/{name}", projects.display()).replace(' ', "%20");
        let origin = format!(r#"{{"url": "{url}", "dir_info": {{"editable": {is_editable}}}}}"#);
        write(&info.join("direct_url.json"), &origin);
    }
    // As old versions of setuptools do it.
    write(&projects.join("Old_Link/Old_Link.egg-info/PKG-INFO"), "Name: Old_Link\nVersion: 1\n");
    write(&site.join("Old-Link.egg-link"), &format!("{}/Old_Link\n.\n", projects.display()));
    // What a newer installation has replaced.
    write(&site.join("copied.egg-link"), "/nowhere/copied\n.\n");
    std::fs::create_dir(projects.join("pip")).unwrap();
    assert!(place.ids(&environment).is_empty());
    std::fs::rename(&projects, place.root.path().join("moved")).unwrap();
    let found = place.doctor().environments(std::slice::from_ref(&environment));
    let told: Vec<_> = found.iter().map(|found| (found.id, found.details["package"][0].as_str())).collect();
    assert_eq!(told, [("editable-gone", "old-link"), ("editable-gone", "pip")]);
    let directory = projects.join("Old_Link").display().to_string();
    assert_eq!(found[0].details["directory"], [directory.as_str()]);
    assert_eq!(found[0].message, format!("`old-link` is imported from `{directory}`, which does not exist"));
    let fix = found[0].fix.as_ref().unwrap();
    assert!(fix.text().ends_with("-m pip install -e DIR") && !fix.is_automatic, "{fix:?}");
}

#[test]
fn what_the_standard_library_of_pypy_brings_is_not_missing() {
    let place = Place::new("store");
    let environment = place.make("api", "");
    let write = |path: String, content: &str| {
        let path = place.root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    std::fs::rename(environment.path().join("lib/python3.12"), environment.path().join("lib/pypy3.9")).unwrap();
    let own = "store/envs/api/lib/pypy3.9/site-packages";
    let needs = "Name: a\nVersion: 1\nRequires-Dist: cffi<1.16\nRequires-Dist: readline\n";
    write(format!("{own}/a-1.dist-info/METADATA"), needs);
    // Python does not import this one.
    write(format!("{own}/cffi-1.99.dist-info/METADATA"), "Name: cffi\nVersion: 1.99\n");
    let problems = || {
        let installed = crate::env::distributions::installed(&environment, None);
        let found = packages::examine(&environment, &installed);
        found.into_iter().flat_map(|found| found.details["problems"].clone()).collect::<Vec<_>>()
    };
    let both =
        ["a 1 requires readline, which is not installed.", "a 1 has requirement cffi<1.16, but you have cffi 1.99."];
    for library in ["lib/pypy3.9", "lib_pypy"] {
        let base = format!("base/{library}");
        write(format!("{base}/cffi.dist-info/METADATA"), "Name: cffi\nVersion: 1.15.1\n");
        write(format!("{base}/readline.egg-info"), "Name: readline\nVersion: 6.2\n");
        // Without its modules it is no standard library.
        assert_eq!(problems(), both);
        write(format!("{base}/os.py"), "");
        write(format!("{base}/_cffi_ssl/__init__.py"), "");
        assert_eq!(problems(), [""; 0]);
        std::fs::rename(place.root.path().join(&base), place.root.path().join(base.replace('/', "-"))).unwrap();
    }
}

#[test]
fn a_link_to_an_environment_is_no_second_one_of_its_project() {
    let place = Place::new("store");
    let project = place.root.path().join("project");
    std::fs::create_dir(&project).unwrap();
    let real = place.make("real", "");
    std::fs::write(real.path().join(".project"), format!("{}\n", project.display())).unwrap();
    let link = place.store.environment(EnvName::for_existing(OsStr::new("alias")).unwrap());
    std::os::unix::fs::symlink(real.path(), link.path()).unwrap();
    let shared = |environments: &[crate::env::Environment]| {
        let found = projects::examine(&place.doctor(), environments);
        found.into_iter().filter(|found| found.id == "project-shared").map(|found| found.message).collect::<Vec<_>>()
    };
    assert!(shared(&[link.clone(), real.clone()]).is_empty());
    let other = place.make("other", "");
    std::fs::copy(real.path().join(".project"), other.path().join(".project")).unwrap();
    let message = format!("`{}` is the project directory of other, real", project.display());
    assert_eq!(shared(&[link, other, real]), [message]);
}

#[test]
fn why_something_is_not_put_right_is_told() {
    let place = Place::new("store");
    let environment = place.make("api", "");
    let left = environment.path().join("lib/python3.12/site-packages/~a");
    std::fs::create_dir(&left).unwrap();
    let mut found = Finding::of(check::PACKAGES_LEFTOVER, &environment, "").automatically();
    let lock = place.store.lock(environment.name()).unwrap();
    let error = place.doctor().fix(&mut found, &nowhere()).unwrap_err();
    assert!(matches!(error, FixError::Lock(_)), "{error}");
    drop(lock);
    assert!(place.doctor().fix(&mut found, &nowhere()).unwrap() && !left.exists());
}

/// The ways to which a directory has a `.venv` that leads to `api`: one that venvwrap notes, a file, and a link by hand.
fn lead(place: &Place) -> [PathBuf; 3] {
    let environment = place.store.environment(EnvName::for_existing(OsStr::new("api")).unwrap());
    let directories = ["noted", "it's a file", "by hand"].map(|name| place.root.path().join("src").join(name));
    for directory in &directories {
        std::fs::create_dir_all(directory).unwrap();
    }
    for directory in [&directories[0], &directories[2]] {
        std::os::unix::fs::symlink(environment.path(), directory.join(".venv")).unwrap();
        place.store.add_directory(&environment, directory).unwrap();
    }
    place.store.note_uv_link(&directories[0], &environment, None).unwrap();
    std::fs::write(directories[1].join(".venv"), format!("{}\n", environment.path().display())).unwrap();
    place.store.associate(&environment, &directories[1]).unwrap();
    directories
}

#[test]
fn a_venv_of_a_removed_environment_is_found_and_kept_as_long_as_that_can_come_back() {
    let place = Place::new("x");
    place.make("other", "");
    let api = place.make("api", "");
    let directories = lead(&place);
    let found = || place.doctor().surroundings(&Surroundings::default()).unwrap();
    assert_eq!(ids(&found()), Vec::<&str>::new());
    place.store.remove(api.name(), &RemoveOptions::default()).unwrap();
    let mut findings = found();
    assert_eq!(ids(&findings), ["venv-dead"; 3]);
    for finding in &mut findings {
        assert_eq!(finding.severity, Severity::Note);
        assert_eq!(finding.fix.as_ref().unwrap().command, ["venvwrap", "undo", "api"]);
        assert!(!place.doctor().fix(finding, &nowhere()).unwrap());
        let forced = super::dot_venv::remove(&place.doctor(), finding);
        assert!(!forced.unwrap(), "not even if its time was over a moment ago");
    }
    place.store.undo(None).unwrap();
    assert!(directories.iter().all(|directory| directory.join(".venv").symlink_metadata().is_ok()));
    assert_eq!(ids(&found()), Vec::<&str>::new());
}

#[test]
fn what_leads_to_a_removed_environment_for_good_is_removed_if_it_is_ours() {
    let place = Place::new("x");
    let api = place.make("api", "");
    let [noted, file, by_hand] = lead(&place);
    let surroundings =
        |cwd: Option<&Path>| place.doctor().surroundings(&Surroundings { cwd, ..Surroundings::default() }).unwrap();
    place.store.remove(api.name(), &RemoveOptions { now: true, ..RemoveOptions::default() }).unwrap();
    let found = surroundings(None);
    assert_eq!(found[0].fix.as_ref().unwrap().command[0], "rm", "the store may not be mounted: {found:?}");
    place.make("other", "");
    let of = |directory: &Path| {
        let path = directory.join(".venv").to_str().unwrap().to_owned();
        let found = surroundings(Some(directory));
        found.into_iter().find(|found| found.details.get("path") == Some(&vec![path.clone()])).unwrap()
    };
    let fix = |finding: &mut Finding| place.doctor().fix(finding, &nowhere()).unwrap();
    for directory in [&noted, &file] {
        let mut found = of(directory);
        assert!(found.severity == Severity::Warning && found.environment.is_none(), "{found:?}");
        assert!(fix(&mut found) && directory.join(".venv").symlink_metadata().is_err(), "{found:?}");
        assert!(!fix(&mut found), "it is gone");
    }
    let mut found = of(&by_hand);
    assert!(!fix(&mut found) && by_hand.join(".venv").is_symlink());
    assert_eq!(found.fix.unwrap().command, [OsStr::new("rm"), by_hand.join(".venv").as_os_str()]);
    for content in ["/elsewhere/api\n", "api\n", "./api\n", "A=1\n"] {
        std::fs::write(file.join(".venv"), content).unwrap();
        let found = surroundings(Some(&file));
        let of_file = found.iter().filter(|found| found.message.contains("it's a file/.venv"));
        assert_eq!(of_file.count(), 0, "{content}");
    }
}

#[test]
fn a_venv_that_leads_elsewhere_by_now_stays() {
    let place = Place::new("x");
    let (api, other) = (place.make("api", ""), place.make("other", ""));
    let [noted, ..] = lead(&place);
    place.store.remove(api.name(), &RemoveOptions { now: true, ..RemoveOptions::default() }).unwrap();
    let mut found = place.doctor().surroundings(&Surroundings::default()).unwrap().remove(0);
    crate::fs::replace_symlink(other.path(), &noted.join(".venv")).unwrap();
    assert!(!place.doctor().fix(&mut found, &nowhere()).unwrap() && noted.join(".venv").exists());
    crate::fs::replace_symlink(api.path(), &noted.join(".venv")).unwrap();
    place.make("api", "");
    assert!(!place.doctor().fix(&mut found, &nowhere()).unwrap() && noted.join(".venv").exists());
}

/// Nothing here knows how xonsh and Windows quote that path.
#[test]
fn a_script_for_another_path_that_cannot_be_rewritten_is_named_with_what_to_do() {
    let place = Place::new("x");
    for (name, is_repaired) in [("api two", true), ("it's", false)] {
        let environment = place.make(name, "");
        std::fs::write(environment.bin().join("activate.xsh"), "$VIRTUAL_ENV = r\"/nowhere/old\"\n").unwrap();
        let found = place.doctor().environments(std::slice::from_ref(&environment));
        let moved = found.iter().find(|found| found.id == "moved").unwrap();
        assert_eq!(moved.fix.is_some(), is_repaired, "{moved:?}");
        assert_eq!(moved.message.contains("by hand"), !is_repaired, "{moved:?}");
        let _ = place.store.repair(environment.name(), &nowhere(), false).unwrap();
        let found = place.doctor().environments(std::slice::from_ref(&environment));
        assert_eq!(ids(&found).contains(&"moved"), !is_repaired, "{found:?}");
    }
}
