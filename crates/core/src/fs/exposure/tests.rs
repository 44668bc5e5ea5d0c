use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// A directory whose way up is the user's and root's, as that of a temporary directory is.
fn place() -> (tempfile::TempDir, User) {
    let place = tempfile::tempdir().unwrap();
    let found = fs::metadata(place.path()).unwrap();
    (place, User { uid: found.uid(), gid: found.gid() })
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn culprit(path: &Path, user: User) -> Option<PathBuf> {
    Vetting::new(user, None).find(path).unwrap().map(|exposure| exposure.path)
}

#[test]
fn every_directory_on_the_way_counts() {
    let (place, user) = place();
    let root = place.path().canonicalize().unwrap();
    let deep = root.join("a/b/c");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("file"), "").unwrap();
    assert_eq!(culprit(&deep.join("file"), user), None);
    for open in [root.join("a"), root.join("a/b"), deep.clone(), deep.join("file")] {
        mode(&open, 0o777);
        assert_eq!(culprit(&deep.join("file"), user), Some(open.clone()));
        let vetting = Vetting::new(user, Some(&root.join("state")));
        let accepted = Accepted::new(&root.join("state"), user);
        accepted.add(&open).unwrap();
        assert_eq!(vetting.find(&deep.join("file")).unwrap(), None, "accepted");
        assert!(accepted.remove(&open).unwrap());
        mode(&open, 0o755);
    }
}

#[test]
fn both_ends_of_a_link_count() {
    let (place, user) = place();
    let root = place.path().canonicalize().unwrap();
    for name in ["links", "targets", "targets/safe"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    fs::write(root.join("targets/safe/file"), "").unwrap();
    symlink(root.join("targets/safe/file"), root.join("links/absolute")).unwrap();
    symlink("../targets/safe/file", root.join("links/relative")).unwrap();
    symlink("links/../links/relative", root.join("twice")).unwrap();
    for open in ["links", "targets", "targets/safe", "targets/safe/file"] {
        mode(&root.join(open), 0o777);
        let vetting = Vetting::new(user, None).remembering();
        for link in ["links/absolute", "links/relative", "twice", "links/absolute"] {
            assert_eq!(culprit(&root.join(link), user), Some(root.join(open)), "{link}");
            let found = vetting.find(&root.join(link)).unwrap();
            assert_eq!(found.map(|exposure| exposure.path), Some(root.join(open)), "{link}");
        }
        mode(&root.join(open), 0o755);
    }
    symlink("loop", root.join("loop")).unwrap();
    assert!(Vetting::new(user, None).find(&root.join("loop")).is_err());
}

#[test]
fn a_sticky_directory_keeps_the_entries_of_the_user_only() {
    let (place, user) = place();
    let root = place.path().canonicalize().unwrap();
    let shared = root.join("shared");
    fs::create_dir_all(shared.join("mine")).unwrap();
    fs::write(shared.join("mine/file"), "").unwrap();
    mode(&shared, 0o1777);
    assert_eq!(culprit(&shared.join("mine/file"), user), None);
    if user.uid == 0 {
        std::os::unix::fs::chown(shared.join("mine"), Some(1234), None).unwrap();
        assert_eq!(culprit(&shared.join("mine/file"), user), Some(shared.clone()));
        std::os::unix::fs::chown(shared.join("mine"), Some(0), None).unwrap();
        std::os::unix::fs::chown(&shared, Some(1234), None).unwrap();
        assert_eq!(culprit(&shared.join("mine/file"), user), Some(shared), "its owner may rename anything");
    }
}
