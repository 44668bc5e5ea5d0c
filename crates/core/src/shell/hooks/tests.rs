use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::*;
use crate::fs::private::{Danger, User};

fn write(directory: &Path, content: &str, mode: u32) -> PathBuf {
    let path = directory.join("preactivate");
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn user_of(directory: &Path) -> Vetting {
    let metadata = fs::metadata(directory).unwrap();
    Vetting::new(User { uid: metadata.uid(), gid: metadata.gid() }, None)
}

fn open_place(hooks: &RunHooks) -> Option<&Path> {
    match &hooks.refused[..] {
        [HookRefusal::Exposed { exposure, .. }] => Some(&exposure.path),
        _ => None,
    }
}

fn find(directory: &Path) -> RunHooks {
    find_run_hooks("preactivate", [directory], &user_of(directory))
}

#[test]
fn finds_a_program_that_does_something() {
    let directory = tempfile::tempdir().unwrap();
    let hook = write(directory.path(), "#!/bin/sh\necho hello\n", 0o755);
    assert_eq!(find(directory.path()).ready, [hook]);
}

#[test]
fn passes_over_what_is_missing_or_switched_off() {
    let directory = tempfile::tempdir().unwrap();
    let is_silent = |hooks: RunHooks| hooks.ready.is_empty() && hooks.refused.is_empty();
    assert!(is_silent(find(directory.path())), "missing");
    write(directory.path(), "#!/bin/sh\necho hello\n", 0o644);
    assert!(is_silent(find(directory.path())), "not executable");
    write(directory.path(), "#!/bin/sh\n# a comment\n\n", 0o755);
    assert!(is_silent(find(directory.path())), "stub");
    fs::remove_file(directory.path().join("preactivate")).unwrap();
    fs::create_dir(directory.path().join("preactivate")).unwrap();
    assert!(is_silent(find(directory.path())), "directory");
}

#[test]
fn a_long_run_of_comments_is_no_stub() {
    let directory = tempfile::tempdir().unwrap();
    let hook = write(directory.path(), &"# comment\n".repeat(2000), 0o755);
    assert_eq!(find(directory.path()).ready, [hook]);
}

#[test]
fn keeps_the_order_of_the_directories() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let expected = [write(second.path(), "true\n", 0o755), write(first.path(), "true\n", 0o755)];
    let hooks = find_run_hooks("preactivate", [second.path(), first.path()], &user_of(first.path()));
    assert_eq!(hooks.ready, expected);
}

#[test]
fn refuses_what_others_may_write() {
    let directory = tempfile::tempdir().unwrap();
    let hook = write(directory.path(), "true\n", 0o757);
    assert_eq!(open_place(&find(directory.path())), Some(&*hook));
    write(directory.path(), "true\n", 0o755);
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let hooks = find(directory.path());
    assert!(hooks.ready.is_empty());
    assert_eq!(open_place(&hooks), Some(directory.path()));
}

#[test]
fn refuses_to_source_what_others_may_write() {
    let directory = tempfile::tempdir().unwrap();
    let user = user_of(directory.path());
    let hook = write(directory.path(), "true\n", 0o644);
    let missing = directory.path().join("missing");
    assert!(matches!(judge_sourced(&hook, &user), Sourced::Safe));
    assert!(matches!(judge_sourced(&missing, &user), Sourced::Safe));
    write(directory.path(), "true\n", 0o646);
    assert!(matches!(judge_sourced(&hook, &user), Sourced::Refused(HookRefusal::Exposed { .. })));
    let open = fs::Permissions::from_mode(0o777);
    fs::set_permissions(directory.path(), open).unwrap();
    assert!(matches!(judge_sourced(&missing, &user), Sourced::Exposed));
    for stub in ["#!/bin/sh\n# This hook is sourced.\n\n", "\n", "# no end of line"] {
        write(directory.path(), stub, 0o666);
        assert!(matches!(judge_sourced(&hook, &user), Sourced::Exposed), "nothing to tell of {stub:?}");
    }
}

#[test]
fn refuses_a_link_into_a_directory_that_others_may_write_to() {
    let (own, shared) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let user = user_of(own.path());
    let target = write(shared.path(), "true\n", 0o755);
    let hook = own.path().join("preactivate");
    std::os::unix::fs::symlink(&target, &hook).unwrap();
    assert_eq!(find(own.path()).ready, std::slice::from_ref(&hook));
    for mode in [0o777, 0o757] {
        fs::set_permissions(shared.path(), fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(open_place(&find(own.path())), Some(&*shared.path().canonicalize().unwrap()));
        assert!(matches!(judge_sourced(&hook, &user), Sourced::Refused(_)));
    }
    // The directory above the one with the hook can be swapped as well.
    let inner = shared.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let hook = write(&inner, "true\n", 0o755);
    assert!(find(&inner).ready.is_empty());
    assert!(matches!(judge_sourced(&hook, &user), Sourced::Refused(_)));
    assert!(matches!(judge_sourced(&inner.join("missing"), &user), Sourced::Exposed));
}

#[test]
fn refuses_hooks_of_another_user() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "true\n", 0o755);
    let owner = fs::metadata(directory.path()).unwrap();
    let other = Vetting::new(User { uid: owner.uid() + 1, gid: owner.gid() }, None);
    let hooks = find_run_hooks("preactivate", [directory.path()], &other);
    // What belongs to root is trusted, so that this looks different when root runs the tests.
    assert_eq!(hooks.ready.is_empty(), owner.uid() != 0);
    // For the other, what is this user's may be in a place such as /tmp: that comes first.
    let is_foreign = |danger: &Danger| matches!(danger, Danger::ForeignOwner(_) | Danger::ForeignEntry(_));
    assert_eq!(
        matches!(&hooks.refused[..], [HookRefusal::Exposed { exposure, .. }] if is_foreign(&exposure.danger)),
        owner.uid() != 0
    );
}

#[test]
fn tells_stubs_from_scripts() {
    assert!(is_stub(b""));
    assert!(is_stub(b"#!/bin/bash\n\t # comment\n \r\n"));
    assert!(!is_stub(b"#!/bin/bash\n# comment\nexit 3"));
    assert!(!is_stub(b"\x7fELF"));
}

#[test]
fn a_hook_that_does_nothing_is_idle() {
    let place = tempfile::tempdir().unwrap();
    assert!(is_idle(&place.path().join("missing")));
    assert!(is_idle(place.path()));
    for (content, expected) in [("", true), ("#!/bin/sh\n\n # later\n", true), ("# first\nexport A=1", false)] {
        // Whether it can be run says nothing about sourcing it.
        assert_eq!(is_idle(&write(place.path(), content, 0o644)), expected, "{content:?}");
    }
    assert!(is_idle(&place.path().join("preactivate/below a file")));
    let long = "#\n".repeat(usize::try_from(STUB_LIMIT).unwrap());
    assert!(!is_idle(&write(place.path(), &long, 0o644)), "nobody has read it");
}

#[test]
fn what_a_link_will_lead_to_is_judged_before_it_is_there() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().canonicalize().unwrap();
    for name in ["hooks", "open", "own"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    fs::set_permissions(root.join("open"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(root.join("open/empty"), "").unwrap();
    let hook = root.join("hooks/postactivate");
    for (target, is_safe) in [
        ("../own/later", true),
        ("../own/deeper/later", true),
        ("../open/later", false),
        ("../open/empty", false),
        ("../open/deeper/later", false),
        ("../own/../open/later", false),
    ] {
        std::os::unix::fs::symlink(target, &hook).unwrap();
        let judged = judge_sourced(&hook, &user_of(&root));
        assert!(matches!((&judged, is_safe), (Sourced::Safe, true) | (Sourced::Exposed, false)), "{target} {judged:?}");
        fs::remove_file(&hook).unwrap();
    }
}
