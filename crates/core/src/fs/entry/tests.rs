use std::os::unix::fs::{MetadataExt, chown};

use super::*;

#[test]
fn new_content_does_not_run_with_the_rights_of_its_owner() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    let new = |_: Option<&[u8]>| Ok::<_, PathError>(Change::Replace(b"new".to_vec()));
    let all: [&dyn Fn() -> PathResult<()>; 2] = [&|| rewrite_file(&file, b"new"), &|| update(&file, 100, 0o666, new)];
    for write in all {
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, Bits::from_mode(0o7751)).unwrap();
        write().unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o7777, 0o751);
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }
}

#[test]
fn what_root_writes_has_the_owner_of_the_old_file_or_of_the_tree() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let give = |path: &Path, user: u32| chown(path, Some(user), Some(user + 1)).unwrap();
    let owner = |name: &str| {
        let found = std::fs::metadata(place.path().join(name)).unwrap();
        (found.uid(), found.gid())
    };
    let file = place.path().join("file");
    for (around, of_old, of_new) in [(7, 7, (7, 8)), (0, 7, (7, 8)), (7, 9, (0, 0)), (7, 0, (0, 0))] {
        give(place.path(), around);
        for write in [rewrite_file, |path: &Path, content: &[u8]| replace_file(path, content, 0o666)] {
            std::fs::write(&file, "old").unwrap();
            give(&file, of_old);
            write(&file, b"new").unwrap();
            assert_eq!(owner("file").0, of_new.0, "{around} {of_old}");
            assert!(of_old == 0 || owner("file") == of_new, "{around} {of_old}");
        }
    }
    // What is for its user alone has no other, whoever has put something there.
    give(&file, 7);
    replace_own_file(&file, b"new").unwrap();
    assert_eq!(owner("file"), (0, 0));
    let link = place.path().join("link");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    for (around, expected) in [(7, (7, 8)), (0, (0, 0))] {
        give(place.path(), around);
        replace_file(&file, b"new", 0o600).unwrap();
        publish_new(&place.path().join(format!("new-{around}")), b"", 0o600).unwrap();
        assert_eq!((owner("file"), owner(&format!("new-{around}"))), (expected, expected));
        replace_file(&link, b"", 0o644).unwrap();
    }
    assert_eq!(owner("link"), (7, 8));
    give(place.path(), 7);
    Entry::below(place.path(), "made".as_ref()).unwrap().create(b"", 0o666).unwrap();
    assert_eq!(owner("made"), (7, 8));
    give(&file, 9);
    Entry::below(place.path(), "file".as_ref()).unwrap().replace(b"", Permissions::Kept(0o644)).unwrap();
    assert_eq!(owner("file"), (7, 8));
}
