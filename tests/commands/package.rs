//! `venvwrap package`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::program::{call, create, find_tool, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

/// An environment of the system's Python.
fn environment(sandbox: &Sandbox) -> Option<PathBuf> {
    let python = Path::new("/usr/bin/python3");
    python.is_file().then(|| create(sandbox, python, "api"))
}

fn package(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = program(sandbox, &[&["package", "api"], arguments].concat());
    Outcome::new(sandbox, &command.current_dir(sandbox.path("home")).output().unwrap())
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output: Output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The file of this kind in the sandbox's home.
fn file(sandbox: &Sandbox, extension: &str) -> PathBuf {
    let entries = fs::read_dir(sandbox.path("home")).unwrap().map(|entry| entry.unwrap().path());
    let mut found = entries.filter(|path| path.extension().is_some_and(|own| own == extension));
    found.next().unwrap_or_else(|| panic!("no {extension}"))
}

#[test]
fn dpkg_installs_and_removes_the_whole_package() {
    let sandbox = Sandbox::named("venvwrap-deb-");
    if environment(&sandbox).is_none() {
        return;
    }
    let arguments = ["--deb", "--name", "venvwrap_test", "--version", "1.0rc1", "--bin", "pip", "--license", "MIT"];
    let outcome = package(&sandbox, &arguments);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let file = file(&sandbox, "deb");
    let first = fs::read(&file).unwrap();
    assert_eq!(package(&sandbox, &arguments).status, Some(0));
    assert!(first == fs::read(&file).unwrap(), "two runs give the same bytes");
    let Some(dpkg_deb) = find_tool("dpkg-deb") else { return };
    let fields = run(Command::new(&dpkg_deb).arg("-f").arg(&file));
    for line in ["Package: venvwrap-test\n", "Version: 1.0~rc1-1\n", "Architecture: all\n", "Depends: python3."] {
        assert!(fields.contains(line), "{line}: {fields}");
    }
    let listed = run(Command::new(&dpkg_deb).arg("-c").arg(&file));
    assert!(listed.contains("./usr/bin/pip -> /opt/venvs/api/bin/pip"), "{listed}");
    assert!(!listed.contains("__pycache__") && !listed.contains("venvwrap.toml"), "{listed}");
    let root = sandbox.path("root");
    let Some(dpkg) = find_tool("dpkg").filter(|_| rustix::process::geteuid().is_root()) else { return };
    fs::create_dir_all(root.join("var/lib/dpkg")).unwrap();
    for name in ["status", "available"] {
        fs::write(root.join("var/lib/dpkg").join(name), "").unwrap();
    }
    fs::create_dir_all(root.join("var/lib/dpkg/info")).unwrap();
    fs::create_dir_all(root.join("var/lib/dpkg/updates")).unwrap();
    let dpkg = |arguments: &[&str]| {
        let mut command = Command::new(&dpkg);
        command.arg(format!("--root={}", root.display())).args(["--force-depends", "--force-script-chrootless"]);
        command.args(arguments);
        command
    };
    run(&mut dpkg(&["-i", file.to_str().unwrap()]));
    assert!(root.join("opt/venvs/api/bin/pip").is_file());
    assert_eq!(run(&mut dpkg(&["--verify", "venvwrap-test"])), "");
    run(&mut dpkg(&["-r", "venvwrap-test"]));
    assert!(!root.join("opt").exists(), "nothing is left");
}

#[test]
fn rpm_installs_and_removes_the_whole_package() {
    let sandbox = Sandbox::named("venvwrap-rpm-");
    if environment(&sandbox).is_none() {
        return;
    }
    let arguments =
        ["--rpm", "--name", "venvwrap-test", "--version", "1!2.0.post1", "--bin", "pip", "--license", "MIT"];
    let outcome = package(&sandbox, &arguments);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let file = file(&sandbox, "rpm");
    let first = fs::read(&file).unwrap();
    assert_eq!(package(&sandbox, &arguments).status, Some(0));
    assert!(first == fs::read(&file).unwrap(), "two runs give the same bytes");
    let Some(rpm) = find_tool("rpm") else { return };
    let checked = run(Command::new(&rpm).arg("-Kv").arg(&file));
    assert!(checked.contains("Header SHA256 digest: OK") && checked.contains("Payload SHA256 digest: OK"), "{checked}");
    let format = "%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH} %{LICENSE}";
    let facts = run(Command::new(&rpm).args(["-qp", "--qf", format]).arg(&file));
    assert_eq!(facts, "venvwrap-test 1:2.0^post1-1 noarch MIT");
    let needs = run(Command::new(&rpm).arg("-qpR").arg(&file));
    assert!(needs.lines().any(|line| line.starts_with("/usr/bin/python3")), "{needs}");
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let root = sandbox.path("root");
    fs::create_dir(&root).unwrap();
    let rpm = |arguments: &[&str]| {
        let mut command = Command::new(&rpm);
        command.arg("--root").arg(&root).args(arguments);
        command
    };
    run(&mut rpm(&["--initdb"]));
    run(&mut rpm(&["-i", "--nodeps", "--noscripts", file.to_str().unwrap()]));
    assert!(root.join("opt/venvs/api/bin/pip").is_file());
    assert_eq!(fs::read_link(root.join("usr/bin/pip")).unwrap(), Path::new("/opt/venvs/api/bin/pip"));
    assert_eq!(run(&mut rpm(&["-V", "--nodeps", "venvwrap-test"])), "");
    run(&mut rpm(&["-e", "--nodeps", "--noscripts", "venvwrap-test"]));
    assert!(!root.join("opt/venvs/api").exists(), "nothing is left");
}

#[test]
fn what_no_package_can_be_is_refused() {
    let sandbox = Sandbox::new();
    if environment(&sandbox).is_none() {
        return;
    }
    for (arguments, words) in [
        (&["--deb", "--name", "a;b"][..], "`a;b` is not a valid package name"),
        (&["--rpm", "--version", "one"], "`one` is not a valid version"),
        (&["--rpm", "--bin", "nothing"], "has no program `nothing`"),
    ] {
        package(&sandbox, arguments).fails_with_hint(words, words);
    }
    for (option, value, field) in [
        ("--release", "1/../../x", "release"),
        ("--release", "", "release"),
        ("--license", "MIT\nEssential: yes", "licence"),
        ("--maintainer", "me\nEssential: yes", "maintainer"),
        ("--depends", "a\nEssential: yes", "dependency"),
    ] {
        let outcome = package(&sandbox, &["--deb", option, value]);
        outcome.fails(option, &format!("the {field} {value:?} cannot be in a package"));
    }
    assert_eq!(package(&sandbox, &[]).status, Some(2));
    assert_eq!(package(&sandbox, &["--deb", "--rpm"]).status, Some(2));
    let copied = sandbox.path("home/python");
    let _ = std::os::unix::fs::symlink("/usr/bin/python3", &copied);
    call(&sandbox, &["package", "missing", "--deb"]).fails("missing", "no environment is named `missing`");
}
