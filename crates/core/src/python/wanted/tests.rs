use super::*;

fn wanted(text: &str) -> Wanted {
    Wanted::parse(text).unwrap().unwrap_or_else(|| panic!("`{text}` is not a version"))
}

fn release(minor: Option<u32>, micro: Option<u32>) -> WantedVersion {
    WantedVersion::Release { minor, micro, pre: None }
}

fn interpreter(version: [u32; 3], level: &str, abiflags: &str) -> Interpreter {
    Interpreter {
        executable: "/py/bin/python3".into(),
        version: PythonVersion {
            major: version[0],
            minor: version[1],
            micro: version[2],
            level: level.into(),
            serial: 1,
        },
        implementation: Implementation::CPython,
        implementation_version: String::new(),
        magic: 0,
        abiflags: abiflags.into(),
        base_prefix: "/py".into(),
        stdlib: "/py/lib/python3".into(),
        platlibdir: "lib".into(),
        is_64bit: true,
        platform: "linux".into(),
        framework: String::new(),
    }
}

#[test]
fn every_form_of_a_version_is_understood() {
    let cases = [
        ("3", None, None),
        ("3.12", Some(12), None),
        ("312", Some(12), None),
        ("39", Some(9), None),
        ("3.12.1", Some(12), Some(1)),
        ("python3.12", Some(12), None),
        ("py312", Some(12), None),
        ("python3", None, None),
    ];
    for (text, minor, micro) in cases {
        assert_eq!(wanted(text).version, release(minor, micro), "{text}");
        assert_eq!(wanted(text).implementation, None, "{text}");
    }
    assert_eq!(wanted("cpython@3.12").implementation, Some(Implementation::CPython));
    assert_eq!(wanted("pypy3.9").implementation, Some(Implementation::PyPy));
    assert_eq!(wanted("graalpy").implementation, Some(Implementation::GraalPy));
    assert!(wanted("3.13t").is_free_threaded);
    assert_eq!(wanted("3.13t-64").bits, Some(64));
    assert_eq!(wanted("3.13-32").bits, Some(32));
    for other in ["3.1x", "4", "py", "cpython@", "3.12.1.2", "3..1", "python-config", "٣.12"] {
        assert_eq!(Wanted::parse(other), Ok(None), "{other}");
    }
}

#[test]
fn pre_releases_and_free_threaded_builds_must_be_asked_for() {
    let candidate = interpreter([3, 14, 0], "candidate", "");
    for text in ["3.14", "3.14.0", "3", "python", ">=3.14"] {
        assert!(!wanted(text).matches(&candidate), "{text}");
    }
    for text in ["3.14.0rc1", ">=3.14.0a1", "==3.14.0rc1"] {
        assert!(wanted(text).matches(&candidate), "{text}");
    }
    let free_threaded = interpreter([3, 13, 1], "final", "t");
    assert!(!wanted("3.13").matches(&free_threaded));
    assert!(wanted("3.13t").matches(&free_threaded));
    assert!(!wanted("3.13t").matches(&interpreter([3, 13, 1], "final", "")));
}

#[test]
fn ranges_reject_by_name_only_what_cannot_lie_in_them() {
    let range = wanted(">=3.11.4,<3.13");
    let allows = |name: &str| range.allows(&Guess::of_directory(name));
    assert!(allows("3.11.9") && allows("3.12") && allows("3.11"));
    assert!(!allows("3.11.3") && !allows("3.13.0") && !allows("3.10") && !allows("pypy3.11-7.3.20"));
    assert!(range.matches(&interpreter([3, 12, 1], "final", "")));
    assert!(!range.matches(&interpreter([3, 13, 0], "final", "")));
    assert!(wanted("==3.12.4").allows(&Guess::of_executable("python3.12").unwrap()));
    assert!(wanted("==3.12.*").matches(&interpreter([3, 12, 1], "final", "")));
    assert!(!wanted("~=3.12.4").matches(&interpreter([3, 12, 1], "final", "")));
}

#[test]
fn names_that_contradict_are_rejected() {
    let allows = |text: &str, name: &str| wanted(text).allows(&Guess::of_executable(name).unwrap());
    assert!(allows("3.12", "python3.12") && allows("3.12", "python3") && allows("3.12", "python"));
    assert!(!allows("3.12", "python3.11") && !allows("3.12", "pypy3.12") && !allows("3", "python2.7"));
    assert!(allows("pypy3.9", "pypy3") && allows("pypy", "python3") && !allows("3.13", "python3.13t"));
    assert!(allows("3.13t", "python3.13") && !allows("3", "python3.7"));
}
