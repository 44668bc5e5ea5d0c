//! The findings of `venvwrap check` are those of `pip check` and `uv pip check`.

use super::fixture::{Fixture, NAME, pips};
use crate::support::program::call;
use crate::support::tools::uv;

/// An environment in which something is missing and something has a wrong version.
fn broken() -> Option<Fixture> {
    let fixture = Fixture::new()?;
    let requirements = [
        "urllib3<3,>=1.26",
        "idna (>=2.5)",
        "charset_normalizer[x,a] ~=3.0 ; python_version >= '3.8' and (os_name == 'posix' or extra == 'y')",
        "never ; sys_platform == 'win32'",
        "extra-only ; extra == 'socks'",
        "certifi!=1.*,>0.5",
        "Zope_Interface",
    ];
    let lines = requirements.map(|text| format!("Requires-Dist: {text}\n")).concat();
    fixture.add("requests-2.34.2", "requests", "2.34.2", &lines);
    fixture.add("urllib3-1.20", "urllib3", "1.20", "");
    fixture.add("charset_normalizer-4.0", "charset-normalizer", "4.0", "");
    fixture.add("certifi-2.0rc1", "certifi", "2.0rc1", "");
    fixture.add("zope.interface-5.0", "Zope.Interface", "5.0", "");
    fixture.write("old-1.0.egg-info/PKG-INFO", "Name: old\nVersion: 1.0\n");
    fixture.write(
        "old-1.0.egg-info/requires.txt",
        "certifi>=3\neggz\n\n[:python_version < \"3\"]\nfutures\n\n[x]\nmissing\n",
    );
    fixture.add_egg("eggz", true, "certifi>=4\n\n[x]\nmissing\n");
    fixture.write("easy-install.pth", "./eggz-1.0-py3.egg\n");
    Some(fixture)
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn the_lines_are_those_of_pip() {
    let Some(fixture) = broken() else { return };
    let outcome = call(&fixture.sandbox, &["check", NAME]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(1), ""), "{outcome:#?}");
    for pip in pips() {
        let (expected, status) = fixture.pip(&pip, &["check"]);
        assert_eq!((sorted(&outcome.stdout), outcome.status), (sorted(&expected), status), "{}", pip.display());
    }
}

#[test]
fn a_wheel_for_another_platform_is_found_as_by_pip() {
    let Some(fixture) = Fixture::new() else { return };
    for (name, tag) in [
        ("fits", "py3-none-any"),
        ("Foreign", "cp39-cp39-win_amd64"),
        ("stable", "cp38-abi3-manylinux_2_5_x86_64"),
        ("newer", "cp38-abi3-manylinux_2_99_x86_64"),
        ("musl", "cp38-abi3-musllinux_1_1_x86_64"),
        ("both", "cp38-abi3-manylinux_2_99_x86_64.manylinux_2_17_x86_64"),
        ("old", "py2-none-any"),
    ] {
        fixture.add(&format!("{name}-1.0"), name, "1.0", "");
        fixture.write(&format!("{name}-1.0.dist-info/WHEEL"), &format!("Wheel-Version: 1.0\nTag: {tag}\n"));
    }
    fixture.add("bare-1.0", "bare", "1.0", "");
    fixture.write("bare-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n");
    let outcome = call(&fixture.sandbox, &["check", NAME]);
    let expected: String = ["bare", "foreign", "musl", "newer", "old"]
        .map(|name| format!("{name} 1.0 is not supported on this platform\n"))
        .concat();
    assert_eq!((&outcome.stdout, outcome.status), (&expected, Some(1)));
    // Older versions do not look at it, and the newest prints the name as it is written.
    let Some(pip) = pips().pop() else { return };
    assert_eq!(sorted(&fixture.pip(&pip, &["check"]).0.to_lowercase()), sorted(&expected));
}

#[test]
fn uv_finds_the_same_packages() {
    let (Some(fixture), Some(uv)) = (broken(), uv()) else { return };
    fixture.add("new-1.0", "new", "1.0", "Requires-Python: >=3.99\n");
    let mut command = fixture.sandbox.command(&uv);
    command.args(["pip", "check", "--offline", "--no-config"]).env("VIRTUAL_ENV", fixture.sandbox.env_path(NAME));
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let outcome = call(&fixture.sandbox, &["check", NAME]);
    assert_eq!(output.status.code(), outcome.status, "{text}");
    // uv does not read what old packages require.
    let is_old = |line: &&str| line.starts_with("old ") || line.starts_with("eggz ");
    let lines: Vec<_> = outcome.stdout.lines().filter(|line| !is_old(line)).collect();
    let count = text.lines().filter(|line| line.starts_with("The package `")).count();
    assert_eq!(count, lines.len(), "{text}\n{}", outcome.stdout);
    for line in lines {
        let name = line.split(' ').next().unwrap();
        assert!(text.contains(&format!("The package `{name}` ")), "{name}: {text}");
    }
}

#[test]
fn an_environment_that_fits_says_so() {
    let Some(fixture) = Fixture::new() else { return };
    fixture.add("a-1.0", "a", "1.0", "Requires-Dist: b>=1\nRequires-Python: >=3.8\n");
    fixture.add("b-1.5", "b", "1.5", "");
    let outcome = call(&fixture.sandbox, &["check", NAME]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("No broken requirements found.\n", Some(0)));
    for pip in pips() {
        assert_eq!(fixture.pip(&pip, &["check"]), (outcome.stdout.clone(), outcome.status));
    }
}
