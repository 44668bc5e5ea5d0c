//! The RPM package: rpm verifies it and installs it into a root of its own.

use super::{make, run, use_as_a_newcomer};
use crate::support::sandbox::Sandbox;
use crate::support::tools::find_program;

#[test]
fn rpm_installs_a_package_that_works_and_removes_it() {
    let (Some(rpm), Some(_)) = (find_program("rpm"), find_program("rpmbuild")) else { return };
    // rpmbuild cannot bear blanks in the path of its directory.
    let sandbox = Sandbox::named("venvwrap-rpm-");
    let root = sandbox.path("root");
    for directory in ["out", "root", "tmp"] {
        std::fs::create_dir_all(sandbox.path(directory)).unwrap();
    }
    let package = make(&sandbox, "rpm", &[sandbox.path("out").to_str().unwrap()]);
    let rpm = |arguments: &[&str]| {
        let mut command = sandbox.command(&rpm);
        command.args(["--root", root.to_str().unwrap()]).args(arguments);
        command
    };
    run(sandbox.command("rpm".as_ref()).args(["-K", "--nosignature"]).arg(&package));
    run(&mut rpm(&["--initdb"]));
    run(&mut rpm(&["-i", "--nodeps", package.to_str().unwrap()]));
    run(&mut rpm(&["-V", "--nodeps", "venvwrap"]));
    use_as_a_newcomer(&root.join("usr"));
    run(&mut rpm(&["-e", "venvwrap"]));
    assert!(!root.join("usr/bin/venvwrap").exists() && !root.join("usr/share/venvwrap").exists());
}
