//! What tests that mount something share.

use std::path::Path;
use std::process::Command;

/// Runs one test again in a process with its own table of mounts; true in that process, where the test is to go on.
#[expect(clippy::disallowed_methods, reason = "the second process is told what it is")]
pub(crate) fn in_mount_namespace(test: &str) -> bool {
    const MARK: &str = "VENVWRAP_TEST_MOUNTS";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let can_mount = Command::new("unshare").args(["-m", "true"]).output().is_ok_and(|output| output.status.success());
    if !can_mount {
        if rustix::process::geteuid().is_root() {
            crate::test_shells::skip("nothing can be mounted here");
        }
        return false;
    }
    let program = std::env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args(["-m".as_ref(), program.as_os_str(), test.as_ref(), "--exact".as_ref(), "--nocapture".as_ref()])
        .env(MARK, "1")
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    false
}

/// Mounts a file or directory at another place.
pub(crate) fn bind(source: &Path, place: &Path) {
    let status = Command::new("mount").arg("--bind").args([source, place]).status().unwrap();
    assert!(status.success());
}

/// Undoes that.
pub(crate) fn unbind(place: &Path) {
    assert!(Command::new("umount").arg(place).status().unwrap().success());
}
