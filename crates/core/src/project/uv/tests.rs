use super::demand::PIN;
use super::*;
use crate::store::StoreOptions;
use std::os::unix::fs::symlink;

fn place() -> (tempfile::TempDir, Store, Environment) {
    let root = tempfile::tempdir().unwrap();
    let store = Store::at(root.path().join("envs"));
    let environment = store.environment(EnvName::for_new("api".as_ref()).unwrap());
    std::fs::create_dir_all(environment.bin()).unwrap();
    std::fs::write(environment.python(), "").unwrap();
    std::fs::write(environment.path().join("pyvenv.cfg"), "version = 3.13.0\n").unwrap();
    std::fs::create_dir_all(root.path().join("p/q")).unwrap();
    (root, store, environment)
}

/// What is asked for that the environment does not fit, in a directory.
fn wanted(environment: &Environment, directory: &Path) -> Option<String> {
    unfit(environment, directory, &Settings::default()).map(|unfit| unfit.wanted)
}

fn project(wanted: &str) -> String {
    format!("[project]\nname = 'p'\nrequires-python = '{wanted}'\n")
}

#[test]
fn a_project_is_judged_by_its_own_files() {
    let (root, _, environment) = place();
    let write = |path: &str, text: &str| std::fs::write(root.path().join(path), text).unwrap();
    let found = || wanted(&environment, &root.path().join("p/q"));
    assert_eq!(found(), None);
    write("p/pyproject.toml", &project(">=3.11,<3.13"));
    assert_eq!(found().as_deref(), Some(">=3.11,<3.13"), "the directory is a part of it");
    write("p/q/pyproject.toml", &project(">=3.11"));
    assert_eq!(found(), None);
    for (pin, is_excluded) in [
        ("3.13", false),
        ("3.13.0", false),
        ("3", false),
        ("3.12", true),
        ("3.13.1", true),
        ("# x\n\n3.11.4\n", true),
        ("<3.13", true),
        ("pypy3.10", true),
        ("my-env\n3.11\n", true),
        ("", false),
        ("$(x)", false),
    ] {
        write("p/q/.python-version", pin);
        assert_eq!(found().is_some(), is_excluded, "{pin}");
    }
    write("p/q/.python-versions", "3.11\n3.13\n");
    assert_eq!(found(), None, "the other file counts, although it names nothing");
    std::fs::remove_file(root.path().join("p/q/.python-version")).unwrap();
    assert_eq!(found().as_deref(), Some("3.11"));
    std::fs::remove_file(root.path().join("p/q/.python-versions")).unwrap();
    write("p/.python-version", "3.12");
    assert_eq!(found(), None, "uv does not look above the project");
}

#[test]
fn a_pinned_version_turns_deleting_into_failing() {
    let (root, _, environment) = place();
    let directory = root.path().join("p");
    let is_deleted = |wanted: &str| {
        std::fs::write(directory.join("pyproject.toml"), project(wanted)).unwrap();
        unfit(&environment, &directory, &Settings::default()).map(|unfit| unfit.is_deleted)
    };
    assert_eq!(is_deleted("<3.13"), Some(true));
    std::fs::write(directory.join(".python-version"), "3.13\n").unwrap();
    assert_eq!((is_deleted("<3.13"), is_deleted(">=3.14"), is_deleted(">=3.13")), (Some(false), Some(false), None));
    assert_eq!(is_deleted(">=3.13.5"), Some(true), "there may be such a one, too");
}

#[test]
fn all_members_and_groups_of_a_workspace_count() {
    let (root, store, environment) = place();
    let write = |path: &str, text: &str| std::fs::write(root.path().join(path), text).unwrap();
    let top = root.path().join("p");
    let found = || wanted(&environment, &top);
    write("p/pyproject.toml", "[tool.uv.workspace]\nmembers = ['./q*']\nexclude = ['r']\n");
    write("p/q/pyproject.toml", &project("<3.12"));
    assert_eq!(found().as_deref(), Some("<3.12"));
    assert_eq!(wanted(&environment, &top.join("q")).as_deref(), Some("<3.12"));
    let settings = Settings::default();
    let in_member = |directory: &Path| {
        let environment = &environment;
        link(&Link { directory, environment, store: &store, settings: &settings, pin: true })
    };
    let refused = in_member(&top.join("q"));
    let real = top.canonicalize().unwrap();
    assert!(matches!(&refused, Err(LinkError::Inside { root, .. }) if *root == real), "{refused:?}");
    write("p/pyproject.toml", "[tool.uv.workspace]\nmembers = ['*']\nexclude = ['q']\n");
    assert_eq!(found(), None);
    in_member(&top.join("q")).unwrap_err();
    assert!(matches!(in_member(&top.join("q")), Err(LinkError::Unfit { .. })), "a project of its own");
    let groups = |more: &str| {
        let text = "[project]\nname = 'p'\n[dependency-groups]\ndev = []\nall = [{include-group = 'The_Docs'}]\nthe-docs = []\n";
        write("p/pyproject.toml", &format!("{text}[tool.uv.dependency-groups]\n{more}"));
    };
    groups("dev = {requires-python = '>=3.14'}\n");
    assert_eq!(found().as_deref(), Some(">=3.14"));
    write("p/.python-version", "3.13\n");
    assert_eq!(found().as_deref(), Some(">=3.14"), "every `uv sync` fails");
    for (more, is_found) in
        [("", false), ("[tool.uv]\ndefault-groups = ['all']", true), ("[tool.uv]\ndefault-groups = 'all'", true)]
    {
        groups(&format!("the-docs = {{requires-python = '>=3.14'}}\n{more}"));
        assert_eq!(found().is_some(), is_found, "{more}");
    }
    groups("the-docs = {requires-python = '>=3.14'}\n");
    std::fs::remove_file(top.join(".python-version")).unwrap();
    assert!(found().is_some(), "`uv sync --group the-docs` would delete");
}

#[test]
fn what_is_set_elsewhere_counts() {
    let (root, _, environment) = place();
    let directory = root.path().join("p");
    let (home, cwd) = (root.path().join("home"), root.path().join("p"));
    std::fs::create_dir_all(home.join(".config/uv")).unwrap();
    let found = |variables: &[(&str, &str)]| {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| std::ffi::OsString::from(value))
        };
        let search = crate::python::Search {
            lookup: &lookup,
            cwd: &cwd,
            home: Some(&home),
            cache_dir: None,
            user: crate::fs::private::User::of_this_process(),
            query_timeout: std::time::Duration::ZERO,
            root: root.path(),
        };
        let unfit = unfit(&environment, &directory, &Settings::of(&search))?;
        Some((unfit.source.short().into_owned(), unfit.wanted))
    };
    let by = |source: &str, wanted: &str| Some((source.to_owned(), wanted.to_owned()));
    assert_eq!(found(&[("UV_PYTHON", "")]), None);
    assert_eq!(found(&[("UV_PYTHON", "3.13")]), None);
    for wanted in ["3.12", "no-such-python", "../elsewhere/python", "pypy"] {
        assert_eq!(found(&[("UV_PYTHON", wanted)]), by("UV_PYTHON", wanted));
    }
    assert_eq!(found(&[("UV_PYTHON", "../envs/api")]), None);
    assert_eq!(found(&[("UV_PYTHON_PREFERENCE", "only-managed")]), by("UV_PYTHON_PREFERENCE", "only those of uv"));
    assert_eq!(found(&[("UV_PYTHON_PREFERENCE", "managed")]), None);
    assert_eq!(found(&[("UV_MANAGED_PYTHON", "true")]), by("UV_MANAGED_PYTHON", "only those of uv"));
    assert_eq!(found(&[("UV_MANAGED_PYTHON", "0")]), None);
    let managed = root.path().join("envs").to_string_lossy().into_owned();
    let uv = ("UV_PYTHON_INSTALL_DIR", managed.as_str());
    assert_eq!(found(&[uv, ("UV_MANAGED_PYTHON", "1")]), None);
    assert_eq!(found(&[uv, ("UV_NO_MANAGED_PYTHON", "1")]), by("UV_NO_MANAGED_PYTHON", "none of uv"));
    let write = |path: &str, text: &str| std::fs::write(root.path().join(path), text).unwrap();
    let preference = "python-preference = 'only-managed'\n";
    let expected = |file: &str| by(file, "only those of uv");
    write("home/.config/uv/uv.toml", preference);
    assert_eq!(found(&[]), expected("uv.toml"));
    assert_eq!(found(&[("UV_NO_CONFIG", "1")]), None);
    write("p/pyproject.toml", &format!("[tool.uv]\n{preference}"));
    assert_eq!(found(&[]), expected("pyproject.toml"));
    write("p/uv.toml", "python-preference = 'system'\n");
    assert_eq!(found(&[]), None, "this file counts instead");
    assert_eq!(found(&[("UV_CONFIG_FILE", "../home/.config/uv/uv.toml")]), expected("uv.toml"));
    for file in ["p/uv.toml", "p/pyproject.toml", "home/.config/uv/uv.toml"] {
        std::fs::remove_file(root.path().join(file)).unwrap();
    }
    write("home/.config/uv/.python-version", "3.12\n");
    assert_eq!(found(&[]), by(".python-version", "3.12"));
    write("p/pyproject.toml", &project(">=3.13"));
    assert_eq!(found(&[]), None, "uv passes over what the project excludes");
    write("p/pyproject.toml", &project(">=3.8"));
    write("p/.python-version", "# none\n");
    assert_eq!(found(&[]), None, "the project has a file of its own");
}

#[test]
fn only_in_a_project_of_uv_there_is_something_to_say() {
    let (root, store, environment) = place();
    let project = root.path().join("p");
    let said = |variable: Option<&str>| {
        let lookup = |name: &str| variable.filter(|_| name == "UV_PROJECT_ENVIRONMENT").map(Into::into);
        let search = crate::python::Search {
            lookup: &lookup,
            cwd: &project,
            home: None,
            cache_dir: None,
            user: crate::fs::private::User::of_this_process(),
            query_timeout: std::time::Duration::ZERO,
            root: root.path(),
        };
        advice(&environment, Some(&project), &store, &Settings::of(&search))
    };
    let wants = |wanted: &str| {
        let text = format!("[project]\nname = 'p'\nrequires-python = '{wanted}'\n");
        std::fs::write(project.join("pyproject.toml"), text).unwrap();
    };
    wants("<3.13");
    assert_eq!(said(None), []);
    std::fs::write(project.join("uv.lock"), "").unwrap();
    assert_eq!(said(None), [Advice::Unlinked]);
    assert_eq!(said(Some("elsewhere")), []);
    assert!(matches!(said(Some("../envs/api"))[..], [Advice::Unfit(_)]));
    symlink(environment.path(), project.join(".venv")).unwrap();
    assert!(matches!(said(None)[..], [Advice::Unfit(_)]));
    wants(">=3.13");
    assert_eq!(said(None), []);
    std::fs::remove_file(project.join(".venv")).unwrap();
    std::fs::create_dir(project.join(".venv")).unwrap();
    assert_eq!(said(None), [], "it has its own");
}

#[test]
fn what_is_said_of_linked_directories_needs_neither_a_project_nor_a_lock() {
    let (root, store, environment) = place();
    let options = store.options().clone();
    let store = Store::open(crate::store::StoreOptions { state_dir: Some(root.path().join("state")), ..options });
    let directory = root.path().join("p");
    let settings = Settings::default();
    let make = || {
        let link_of =
            Link { directory: &directory, environment: &environment, store: &store, settings: &settings, pin: false };
        link(&link_of).unwrap()
    };
    let said = || advice(&environment, None, &store, &settings);
    assert_eq!(said(), []);
    make();
    assert_eq!(said(), []);
    std::fs::write(directory.join("pyproject.toml"), project("<3.13")).unwrap();
    assert!(matches!(said()[..], [Advice::Unfit(_)]));
    let uv = "version_info = 3.13.0\nuv = 0.13.8\n";
    std::fs::write(environment.path().join("pyvenv.cfg"), uv).unwrap();
    assert!(
        matches!(&said()[..], [Advice::Replaced(found), Advice::Unfit(_)] if *found == [directory.canonicalize().unwrap()])
    );
    std::fs::write(directory.join("pyproject.toml"), project(">=3.13")).unwrap();
    make();
    assert_eq!(said(), [], "who links it again knows it");
}

#[test]
fn something_is_said_once_for_each_project() {
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join("state");
    let first = |project: &str| is_first_time(Some(&state), Path::new(project));
    assert!(first("/p") && !first("/p") && first("/it's $(p)"));
    assert!(!is_first_time(None, Path::new("/p")));
}

#[test]
fn only_a_redirection_and_a_link_into_the_store_are_replaced() {
    let (root, store, environment) = place();
    let project = root.path().join("p");
    let file = project.join(".venv");
    let settings = Settings::default();
    let make = || {
        let directory = &project;
        link(&Link { directory, environment: &environment, store: &store, settings: &settings, pin: true })
    };
    let linked = || std::fs::read_link(&file).is_ok_and(|target| target == environment.path());
    make().unwrap();
    assert!(linked());
    make().unwrap();
    for target in [store.home().join("gone"), "../envs/other".into()] {
        std::fs::remove_file(&file).unwrap();
        symlink(target, &file).unwrap();
        make().unwrap();
        assert!(linked());
    }
    std::fs::remove_file(&file).unwrap();
    marker::write(&project, environment.path()).unwrap();
    make().unwrap();
    assert!(linked());
    let refused = || assert!(matches!(make(), Err(LinkError::Exists { .. })));
    for target in ["/tmp", "../envs", "../envs/api/bin"] {
        std::fs::remove_file(&file).unwrap();
        symlink(target, &file).unwrap();
        refused();
    }
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, "two\nlines\n").unwrap();
    refused();
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    refused();
    std::fs::remove_dir(&file).unwrap();
    std::fs::remove_file(environment.python()).unwrap();
    assert!(matches!(make(), Err(LinkError::Dead { .. })));
    assert!(!file.exists());
}

#[test]
fn what_was_pinned_for_a_link_follows_the_environment_unless_somebody_has_changed_it() {
    let (root, store, environment) = place();
    let state_dir = Some(root.path().join("state"));
    let store = Store::open(StoreOptions { state_dir, ..store.options().clone() });
    let settings = Settings::default();
    let directories = ["p", "own", "changed"].map(|name| root.path().join(name));
    let [pinned, own, changed] = &directories;
    let read = |directory: &Path| std::fs::read_to_string(directory.join(PIN)).unwrap();
    let make = |directory: &Path| {
        link(&Link { directory, environment: &environment, store: &store, settings: &settings, pin: true })
    };
    for directory in &directories {
        std::fs::create_dir_all(directory).unwrap();
        if directory == own {
            std::fs::write(directory.join(PIN), "3.13\n").unwrap();
        }
        make(directory).unwrap();
        assert_eq!(read(directory), "3.13\n");
    }
    std::fs::write(changed.join(PIN), "# mine\n3.13\n").unwrap();
    assert!(renew_pins(&store).is_empty());
    let becomes =
        |version: &str| std::fs::write(environment.path().join("pyvenv.cfg"), format!("version = {version}\n"));
    becomes("3.14.1").unwrap();
    let renewed: Vec<_> = renew_pins(&store).into_iter().map(Result::unwrap).collect();
    assert_eq!(renewed, [pinned.canonicalize().unwrap().join(PIN)]);
    assert_eq!([read(pinned), read(own), read(changed)], ["3.14\n", "3.13\n", "# mine\n3.13\n"]);
    // Again by hand, as doctor says.
    becomes("3.12.1").unwrap();
    assert_eq!([pinned, own].map(|directory| store.uv_link(directory).unwrap().is_pinned()), [true, false]);
    assert_eq!(make(pinned).unwrap().pin, Some(pinned.join(PIN)));
    assert_eq!((read(pinned).as_str(), wanted(&environment, pinned)), ("3.12\n", None));
    assert!(matches!(make(own), Err(LinkError::Unfit { .. })));
    // Whoever has deleted the file wants none.
    std::fs::remove_file(pinned.join(PIN)).unwrap();
    becomes("3.11.1").unwrap();
    assert!(renew_pins(&store).is_empty() && !pinned.join(PIN).exists());
    std::fs::write(pinned.join(PIN), "3.12\n").unwrap();
    // A link that leads to another one is not asked.
    std::fs::remove_file(pinned.join(".venv")).unwrap();
    assert!(renew_pins(&store).is_empty());
    let other = store.environment(EnvName::for_new("other".as_ref()).unwrap());
    std::fs::create_dir_all(other.path()).unwrap();
    std::fs::write(other.path().join("pyvenv.cfg"), "version = 3.11.1\n").unwrap();
    symlink(other.path(), pinned.join(".venv")).unwrap();
    assert!(renew_pins(&store).is_empty(), "nobody has pinned anything for this one");
}

#[test]
fn a_pin_is_written_where_the_directory_has_none() {
    let (root, store, environment) = place();
    let directory = root.path().join("p/q");
    let settings = Settings::default();
    let write = |path: &str, text: &str| std::fs::write(root.path().join(path), text).unwrap();
    let make = |pin: bool| {
        let environment = &environment;
        link(&Link { directory: &directory, environment, store: &store, settings: &settings, pin })
    };
    assert!(!make(false).unwrap().is_pinned);
    write("p/.python-version", "3.12\n");
    let linked = make(true).unwrap();
    assert_eq!((linked.pin, linked.is_pinned), (Some(directory.join(PIN)), true), "one above does not count");
    assert_eq!(std::fs::read(directory.join(PIN)).unwrap(), b"3.13\n");
    let linked = make(false).unwrap();
    assert_eq!((linked.pin, linked.is_pinned), (None, true));
    std::fs::remove_file(directory.join(PIN)).unwrap();
    std::fs::remove_file(directory.join(".venv")).unwrap();
    std::fs::create_dir(directory.join(".venv")).unwrap();
    assert!(matches!(make(true), Err(LinkError::Exists { .. })));
    assert!(!directory.join(PIN).exists(), "what failed leaves nothing");
    std::fs::remove_dir(directory.join(".venv")).unwrap();
    write("p/q/.python-version", "my-env\n");
    assert!(matches!(make(true), Err(LinkError::NoRequest { .. })), "not in silence");
    std::fs::remove_file(directory.join(PIN)).unwrap();
    write("envs/api/pyvenv.cfg", "version = evil/x\n");
    assert!(matches!(make(true), Err(LinkError::NoVersion { .. })));
    write("envs/api/pyvenv.cfg", "version = 3.13.0\n");
    std::fs::create_dir_all(environment.path().join("lib/python3.13t/site-packages")).unwrap();
    make(true).unwrap();
    assert_eq!(std::fs::read(directory.join(PIN)).unwrap(), b"3.13t\n");
}

#[test]
fn the_patch_version_is_no_longer_compared() {
    let (root, store, environment) = place();
    let settings = Settings::default();
    let directory = root.path().join("p");
    for (before, after) in [
        ("version = 3.13.0\n", "version = 3.13.0\nversion_info = 3.13.0.final.0\n"),
        ("version_info = 3.13.0\nuv = 0.13.8\n", "version_info = 3.13.0.final.0\nuv = 0.13.8\n"),
        ("version = 3.13.0\nversion_info = 3.13.0.final.0\n", "version = 3.13.0\nversion_info = 3.13.0.final.0\n"),
        ("version_info = 3.13\n", "version_info = 3.13\n"),
    ] {
        let file = environment.path().join("pyvenv.cfg");
        std::fs::write(&file, before).unwrap();
        let made =
            Link { directory: &directory, environment: &environment, store: &store, settings: &settings, pin: true };
        link(&made).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    }
}

#[test]
fn pyvenv_cfg_is_written_under_the_lock_of_all_who_write_it() {
    let (root, store, environment) = place();
    let cfg = environment.path().join("pyvenv.cfg");
    let held = std::fs::File::open(environment.path()).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    std::thread::scope(|scope| {
        let linking = scope.spawn(|| {
            let directory = root.path().join("p");
            let settings = Settings::default();
            let (environment, store) = (&environment, &store);
            link(&Link { directory: &directory, environment, store, settings: &settings, pin: false }).unwrap();
        });
        for _ in 0..100_000 {
            std::thread::yield_now();
            assert!(!linking.is_finished(), "it waits");
        }
        std::fs::write(&cfg, "version = 3.13.0\nprompt = x\n").unwrap();
        drop(held);
    });
    let expected = "version = 3.13.0\nprompt = x\nversion_info = 3.13.0.final.0\n";
    assert_eq!(std::fs::read_to_string(&cfg).unwrap(), expected);
}
