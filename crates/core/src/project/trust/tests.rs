use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::*;

struct Place {
    root: tempfile::TempDir,
    trust: TrustStore,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let found = std::fs::metadata(root.path()).unwrap();
        let user = User { uid: found.uid(), gid: found.gid() };
        let trust = TrustStore::new(&root.path().join("state"), user);
        let place = Self { root, trust };
        place.project("p");
        place
    }

    fn project(&self, name: &str) -> PathBuf {
        let path = self.root.path().join(name);
        std::fs::create_dir_all(path.join(".venv/bin")).unwrap();
        std::fs::write(path.join(".venv/bin/activate"), "true\n").unwrap();
        std::fs::write(path.join(".env"), "A=1\n").unwrap();
        path
    }

    fn allow(&self, path: &Path, dotenv: bool) {
        let grants = Grants { dotenv, variables: vec!["PATH".into(), "LD_PRELOAD".into()] };
        self.trust.allow(path, Some(&path.join(".venv")), grants).unwrap();
    }

    fn judge(&self, path: &Path) -> Verdict {
        self.trust.judge(path, Some(&path.join(".venv"))).unwrap()
    }
}

#[test]
fn an_allowed_directory_stays_allowed_until_something_that_runs_changes() {
    let place = Place::new();
    let path = place.root.path().join("p");
    assert_eq!(place.judge(&path), Verdict::Unknown);
    for change in [
        ".venv/bin/activate",
        ".venv/bin/postactivate",
        ".venv/bin/predeactivate.fish",
        ".venv/pyvenv.cfg",
        ".virtualenvwrapper/postactivate",
        ".python-envs",
        ".env",
    ] {
        place.allow(&path, true);
        assert!(matches!(place.judge(&path), Verdict::Allowed(grants) if grants.variables.len() == 2), "{change}");
        std::fs::create_dir_all(path.join(change).parent().unwrap()).unwrap();
        std::fs::write(path.join(change), "touch PWN\n").unwrap();
        assert_eq!(place.judge(&path), Verdict::Changed, "{change}");
    }
    place.allow(&path, false);
    std::fs::write(path.join(".env"), "A=2\n").unwrap();
    assert!(matches!(place.judge(&path), Verdict::Allowed(_)), "a .env that is not used does not matter");
    std::fs::write(path.join(".venv/bin/other"), "").unwrap();
    assert!(matches!(place.judge(&path), Verdict::Allowed(_)));
}

#[test]
fn trust_covers_one_directory_only_under_every_spelling() {
    let place = Place::new();
    let path = place.root.path().join("p");
    place.allow(&path, false);
    assert_eq!(place.judge(&place.project("q/p")), Verdict::Unknown, "the same content and base name elsewhere");
    assert_eq!(place.judge(&place.project("p/below")), Verdict::Unknown);
    std::os::unix::fs::symlink("p", place.root.path().join("link")).unwrap();
    assert!(matches!(place.judge(&place.root.path().join("link")), Verdict::Allowed(_)));
}

#[test]
fn a_redirection_to_another_environment_ends_trust() {
    let place = Place::new();
    let path = place.root.path().join("p");
    place.allow(&path, false);
    let evil = place.project("evil").join(".venv");
    assert_eq!(place.trust.judge(&path, Some(&evil)).unwrap(), Verdict::Changed);
    assert_eq!(place.trust.judge(&path, None).unwrap(), Verdict::Changed);
}

#[test]
fn denied_is_denied_whatever_changes_until_allowed_again() {
    let place = Place::new();
    let path = place.root.path().join("p");
    place.trust.deny(&path).unwrap();
    assert_eq!(place.judge(&path), Verdict::Denied);
    assert!(place.trust.is_denied(&path));
    assert_eq!(place.trust.list().unwrap()[0].grants, None);
    place.allow(&path, false);
    assert!(!place.trust.is_denied(&path));
    assert_eq!(place.trust.list().unwrap().len(), 1);
}

#[test]
fn records_are_private_and_others_do_not_count() {
    let place = Place::new();
    let path = place.root.path().join("p");
    place.allow(&path, false);
    let root = place.root.path().join("state/trust");
    let file = std::fs::read_dir(&root).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o700);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    assert_eq!(place.judge(&path), Verdict::Unknown);
}

#[test]
fn what_others_may_change_is_never_trusted() {
    let place = Place::new();
    let path = place.root.path().join("p");
    let (shared, place_of_shared) = (path.join(".venv/bin/activate"), path.join(".venv/bin"));
    for target in [&path, &shared, &place_of_shared] {
        let old = std::fs::metadata(target).unwrap().permissions();
        std::fs::set_permissions(target, PermissionsExt::from_mode(0o777)).unwrap();
        let refused = place.trust.allow(&path, Some(&path.join(".venv")), Grants::default());
        assert!(matches!(refused, Err(TrustError::WritableByOthers { .. })), "{target:?}");
        std::fs::set_permissions(target, old).unwrap();
    }
    let user = place.trust.user;
    let stranger = if user.uid == 0 {
        // What root owns is anybody's to trust.
        std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
        place.trust.clone()
    } else {
        TrustStore::new(&place.root.path().join("state"), User { uid: user.uid + 1, gid: user.gid })
    };
    let refused = stranger.allow(&path, None, Grants::default());
    // For the stranger, what is this user's may be in a place such as /tmp: that comes first.
    let is_open = |path: &Path| user.uid != 0 && place.root.path().starts_with(path);
    assert!(
        matches!(&refused, Err(TrustError::ForeignOwner { .. }))
            || matches!(&refused, Err(TrustError::WritableByOthers { path }) if is_open(path)),
        "{refused:?}"
    );
}

#[test]
fn grants_name_variables() {
    let place = Place::new();
    let grants = Grants { dotenv: true, variables: vec!["A B".into()] };
    let refused = place.trust.allow(&place.root.path().join("p"), None, grants);
    assert!(matches!(refused, Err(TrustError::Variable { .. })));
    assert!(is_variable("_A9") && !is_variable("9A") && !is_variable("") && !is_variable("A-B"));
}

#[test]
fn a_refused_variable_is_told_once() {
    let place = Place::new();
    let path = place.project("p");
    let untold = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        place.trust.untold(&path, &names)
    };
    assert!(untold(&[]).is_empty());
    assert_eq!(untold(&["PATH", "LESS"]), ["PATH", "LESS"]);
    assert!(untold(&["LESS", "PATH"]).is_empty() && untold(&["LESS"]).is_empty());
    // A newer version refuses more; a part of a name is another one.
    assert_eq!(untold(&["PATH", "LESSKEY", "LES"]), ["LESSKEY", "LES"]);
    assert!(untold(&["LESSKEY"]).is_empty());
    assert_eq!(place.trust.untold(&place.project("other"), &["PATH".into()]), ["PATH"]);
    place.allow(&path, true);
    assert_eq!(place.trust.list().unwrap().len(), 1, "what was told is no record");
}

/// As with `sudo` that keeps HOME.
#[test]
fn root_and_the_user_decide_each_for_themselves() {
    if User::of_this_process().uid != 0 {
        return;
    }
    let place = Place::new();
    let (path, state) = (place.root.path().join("p"), place.root.path().join("state"));
    std::fs::create_dir(&state).unwrap();
    std::os::unix::fs::chown(&state, Some(1234), Some(1234)).unwrap();
    let user = TrustStore::new(&state, User { uid: 1234, gid: 1234 });
    let record = user.deny(&path).unwrap();
    std::os::unix::fs::chown(user.file(&record.directory), Some(1234), Some(1234)).unwrap();
    assert_eq!((user.is_denied(&path), place.judge(&path)), (true, Verdict::Unknown));
    place.allow(&path, false);
    assert!(user.is_denied(&path) && matches!(place.judge(&path), Verdict::Allowed(_)));
    assert_eq!((user.list().unwrap().len(), place.trust.list().unwrap().len()), (1, 1));
    let names = [user, place.trust].map(|store| store.untold(&path, &["PATH".into()]));
    assert!(names.iter().all(|names| names == &["PATH"]), "{names:?}");
}
