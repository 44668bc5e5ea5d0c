//! Packages of the system, installed, changed and removed by the real dpkg and rpm.

use std::path::PathBuf;
use std::process::Command;

use super::place::{Place, succeed};
use crate::support::tools::{find_optional, find_program};

const COMMON: [&str; 9] = [
    "package",
    "api",
    "--name",
    "acme",
    "--bin",
    "compiled-tool",
    "--maintainer",
    "Ann <ann@debian.org>",
    "--license=MIT",
];

/// Where environments are usually installed.
const USUAL: &str = "/opt/venvs/api";

/// A place that shells would take for something else.
const HOSTILE: &str = "/opt/it's a \"b\" $(touch /PWN)/api";

/// Makes two versions of a package, of which the second has a package less.
fn packages(place: &Place, kind: &str, destination: &str) -> [PathBuf; 2] {
    let common = [&COMMON[..], &[kind, "--dest", destination]].concat();
    place.sandbox.write("home/destination", destination);
    place.call(&[&common[..], &["--version", "1.0rc1"]].concat());
    place.call(&[&common[..], &["--version", "1.0", "--exclude", "extra"]].concat());
    let names = match kind {
        "--deb" => ["acme_1.0~rc1-1", "acme_1.0-1"],
        _ => ["acme-1.0~rc1-1", "acme-1.0-1"],
    };
    let entries: Vec<_> = std::fs::read_dir(place.carried()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let starting_with = |start: &str| {
        let is_it = |path: &&PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(start);
        entries.iter().find(is_it).unwrap_or_else(|| panic!("no {start} in {entries:?}")).clone()
    };
    names.map(starting_with)
}

/// What must hold while the package is there, and afterwards.
const CHECKS: &str = "api=$(cat /carried/destination)
    there() {
        # Before Python itself compiles it. A shell that is told to end at a failure goes on before `&&`.
        test -e \"$api\"/lib/python3*/site-packages/__pycache__/compiled_tool.*.pyc || exit 1
        compiled-tool || exit 1
        test -e /usr/share/doc/acme/copyright || exit 1
    }
    gone() {
        test ! -e /PWN || exit 1
        for path in \"${api%/*}\" /usr/bin/compiled-tool /usr/share/doc/acme /usr/share/lintian/overrides/acme; do
            test ! -e \"$path\" || { find \"$path\" >&2; exit 1; }
        done
    }";

#[test]
fn dpkg_installs_changes_and_removes_a_package() {
    let Some(place) = find_program("dpkg").and_then(|_| Place::new()) else { return };
    let [first, second] = packages(&place, "--deb", HOSTILE);
    let fields = succeed(Command::new("dpkg-deb").arg("-f").arg(&first));
    for part in ["Depends: python3.", "libc6 (>= 2.", "zlib1g", "Version: 1.0~rc1-1\n"] {
        assert!(fields.contains(part), "{part}: {fields}");
    }
    let size = fields.lines().find_map(|line| line.strip_prefix("Installed-Size: ")).unwrap();
    assert!(size.parse::<u64>().unwrap() > 10, "kilobytes: {fields}");
    let shown = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_string();
    let script = format!(
        "{CHECKS}
        dpkg -i /carried/'{}' >&2 && there && test -z \"$(dpkg --verify acme)\"
        dpkg -i /carried/'{}' >&2 && there && test -z \"$(dpkg --verify acme)\"
        test ! -e \"$api\"/lib/python3*/site-packages/extra
        dpkg -r acme >&2 && gone",
        shown(&first),
        shown(&second)
    );
    assert_eq!(place.inside(&script), format!("42 {HOSTILE}\n").repeat(2));
}

#[test]
fn rpm_installs_changes_and_removes_a_package() {
    let Some(place) = find_program("rpm").and_then(|_| Place::new()) else { return };
    let [first, second] = packages(&place, "--rpm", HOSTILE);
    let needs = succeed(Command::new("rpm").arg("-qpR").arg(&first));
    for part in ["/usr/bin/python3.", "libz.so.1()(64bit)", "libc.so.6(GLIBC_2."] {
        assert!(needs.contains(part), "{part}: {needs}");
    }
    let changes = succeed(Command::new("rpm").args(["-qp", "--changelog"]).arg(&first));
    assert!(changes.contains("Ann <ann@debian.org> - 1.0~rc1-1\n- compiled 1.0\n"), "{changes}");
    let shown = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_string();
    // With a root, rpm does not object to a system of Debian.
    let script = format!(
        "{CHECKS}
        rpm() {{ command rpm --root / \"$@\"; }}
        rpm --initdb
        rpm -i --nodeps /carried/'{}' && there && rpm -V --nodeps acme
        rpm -U --nodeps /carried/'{}' && there && rpm -V --nodeps acme
        test ! -e \"$api\"/lib/python3*/site-packages/extra
        rpm -e --nodeps acme && rmdir \"${{api%/*}}\" && gone",
        shown(&first),
        shown(&second)
    );
    assert_eq!(place.inside(&script), format!("42 {HOSTILE}\n").repeat(2));
}

/// What docs/deploying.md explains.
const EXPLAINED: [&str; 10] = [
    "binary-or-shlib-defines-rpath",
    "dir-or-file-in-opt",
    "env-script-interpreter",
    "files-duplicated-waste",
    "no-signature",
    "non-executable-script",
    "script-without-shebang",
    "static-library-without-debuginfo",
    "wrong-script-interpreter",
    "zero-length",
];

#[test]
fn lintian_and_rpmlint_have_no_other_objection_than_the_page_explains() {
    let (Some(lintian), Some(rpmlint)) = (find_optional("lintian"), find_optional("rpmlint")) else { return };
    let Some(place) = Place::new() else { return };
    let [deb, _] = packages(&place, "--deb", USUAL);
    let [rpm, _] = packages(&place, "--rpm", USUAL);
    let output = Command::new(lintian).args(["--allow-root", "--fail-on", "none"]).arg(deb).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && !text.contains("E: "), "{output:?}");
    let output = Command::new(rpmlint).arg(rpm).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("1 packages"), "{output:?}");
    let is_known = |line: &str| EXPLAINED.iter().any(|tag| line.contains(&format!(": E: {tag}")));
    let others: Vec<_> = text.lines().filter(|line| line.contains(": E: ") && !is_known(line)).collect();
    assert!(others.is_empty(), "{others:#?}");
}
