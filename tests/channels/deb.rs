//! The Debian package: dpkg installs it into a root of its own.

use super::{make, run, use_as_a_newcomer};
use crate::support::sandbox::Sandbox;
use crate::support::tools::find_program;

#[test]
fn dpkg_installs_a_package_that_works_and_removes_it() {
    let (Some(dpkg), Some(_)) = (find_program("dpkg"), find_program("dpkg-deb")) else { return };
    let sandbox = Sandbox::new();
    let root = sandbox.path("root");
    for directory in ["out", "root/var/lib/dpkg/info", "root/var/lib/dpkg/updates", "root/var/lib/dpkg/triggers"] {
        std::fs::create_dir_all(sandbox.path(directory)).unwrap();
    }
    sandbox.write("root/var/lib/dpkg/status", "");
    let package = make(&sandbox, "deb", &[sandbox.path("out").to_str().unwrap()]);
    let dpkg = |arguments: &[&str]| {
        let mut command = sandbox.command(&dpkg);
        command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.arg(format!("--root={}", root.display())).args(["--force-not-root", "--log=/dev/null"]);
        command.args(arguments);
        command
    };
    run(&mut dpkg(&["-i", package.to_str().unwrap()]));
    // Where Debian's own package has it.
    assert!(root.join("usr/share/virtualenvwrapper/virtualenvwrapper.sh").exists());
    use_as_a_newcomer(&root.join("usr"));
    run(&mut dpkg(&["--purge", "venvwrap"]));
    assert!(!root.join("usr/bin/venvwrap").exists() && !root.join("usr/share/venvwrap").exists());
}
