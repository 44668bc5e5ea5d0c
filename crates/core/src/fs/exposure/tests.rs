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

/// Every directory and link on the way counts, not only the last name of each.
#[test]
fn what_another_user_has_put_into_an_open_place_is_found_wherever_it_is_on_the_way() {
    let (place, user) = place();
    if user.uid != 0 {
        return;
    }
    let root = place.path().canonicalize().unwrap();
    let (open, own, base) = (root.join("open"), root.join("own"), root.join("base"));
    for directory in [&open, &own, &base.join("bin"), &open.join("base/bin"), &open.join("theirs/bin")] {
        fs::create_dir_all(directory).unwrap();
    }
    for directory in [&base, &open.join("base"), &open.join("theirs")] {
        fs::write(directory.join("bin/python"), "").unwrap();
    }
    std::os::unix::fs::chown(open.join("theirs"), Some(1234), None).unwrap();
    mode(&open, 0o1777);
    let linked = |name: &str, target: &Path| {
        symlink(target, open.join(name)).unwrap();
        std::os::unix::fs::lchown(open.join(name), Some(1234), None).unwrap();
    };
    linked("outside", &base);
    linked("inside", &open.join("base"));
    symlink(&base, open.join("mine")).unwrap();
    symlink(open.join("outside/bin/python"), own.join("python")).unwrap();
    symlink("../open/outside/../base/bin", own.join("bin")).unwrap();
    let planted = |path: &Path| {
        let found = Vetting::new(user, None).find_planted(path).unwrap();
        found.map(|exposure| (exposure.path, exposure.danger))
    };
    let expected = Some((open.clone(), Danger::ForeignEntry(1234)));
    for name in ["outside", "inside", "theirs"] {
        assert_eq!(planted(&open.join(name).join("bin/python")), expected, "{name}");
    }
    for name in ["python", "bin/python"] {
        assert_eq!(planted(&own.join(name)), expected, "{name}");
    }
    for fine in [open.join("mine/bin/python"), open.join("base/bin/python"), base.join("bin/python")] {
        assert_eq!(planted(&fine), None, "{}", fine.display());
    }
    let accepted = Accepted::new(&root.join("state"), user);
    accepted.add(&open).unwrap();
    let vetting = Vetting::new(user, Some(&root.join("state")));
    assert_eq!(vetting.find_planted(&own.join("python")).unwrap(), None, "accepted");
    assert!(Vetting::new(user, None).find_planted(&base.join("bin/nothing")).is_err());
}
