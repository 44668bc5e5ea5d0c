//! Which systems and Pythons there are, and which wheels they take.

use crate::bundle::platform::{COMMON, Platform};
use crate::bundle::target_python::TargetPython;

fn platform(text: &str) -> Platform {
    Platform::parse(text).unwrap()
}

fn python(text: &str) -> TargetPython {
    TargetPython::parse(text).unwrap()
}

#[test]
fn every_platform_has_one_name() {
    for name in COMMON {
        assert_eq!(platform(name).to_string(), name);
    }
    for (text, name) in [
        ("linux-arm64", "linux-aarch64"),
        ("linux-x86_64-glibc2.28", "linux-x86_64"),
        ("manylinux_2_34_x86_64", "linux-x86_64-glibc2.34"),
        ("manylinux2014_aarch64", "linux-aarch64-glibc2.17"),
        ("manylinux1_x86_64", "linux-x86_64-glibc2.5"),
        ("musllinux_1_1_x86_64", "linux-x86_64-musl1.1"),
        ("macosx_14_0_arm64", "macos-arm64-14"),
        ("win_amd64", "windows-x86_64"),
        ("win32", "windows-x86"),
    ] {
        assert_eq!(platform(text).to_string(), name);
        assert_eq!(platform(name), platform(text));
    }
    for text in [
        "",
        "linux",
        "linux-vax",
        "linux-x86_64-glibc3",
        "linux-x86_64-glibc2.",
        "macos-arm64-10",
        "windows-x86_64-x",
        "any",
        "manylinux_2_x_x86_64",
        "../x",
        "linux-x86_64-glibc2.99999999999",
        "macosx_10_9_x86_64",
    ] {
        assert!(Platform::parse(text).is_err(), "{text}");
    }
}

#[test]
fn tags_go_down_from_the_newest() {
    let tags = platform("linux-x86_64-glibc2.18").tags();
    assert_eq!(tags[..3], ["manylinux_2_18_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"]);
    assert_eq!(tags[tags.len() - 3..], ["manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64"]);
    let tags = platform("linux-aarch64").tags();
    assert_eq!(tags[tags.len() - 3..], ["manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"]);
    assert_eq!(
        platform("linux-x86_64-musl").tags(),
        ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64", "musllinux_1_0_x86_64", "linux_x86_64"]
    );
    let tags = platform("macos-arm64-12").tags();
    assert_eq!(
        tags[..4],
        ["macosx_12_0_arm64", "macosx_12_0_universal2", "macosx_11_0_arm64", "macosx_11_0_universal2"]
    );
    assert_eq!(
        (tags[4].as_str(), tags.last().unwrap().as_str()),
        ("macosx_10_16_universal2", "macosx_10_4_universal2")
    );
    assert_eq!(platform("windows-x86_64").tags(), ["win_amd64"]);
}

#[test]
fn a_python_takes_its_own_interface_first_and_wheels_for_all_last() {
    let tags = python("3.12").tags(&platform("win_amd64"));
    assert_eq!(
        tags[..5],
        [
            "cp312-cp312-win_amd64",
            "cp312-abi3-win_amd64",
            "cp312-none-win_amd64",
            "cp311-abi3-win_amd64",
            "cp310-abi3-win_amd64"
        ]
    );
    let at = |tag: &str| tags.iter().position(|other| other == tag).unwrap_or_else(|| panic!("{tag}"));
    assert!(at("cp32-abi3-win_amd64") < at("py312-none-win_amd64"));
    assert!(at("py3-none-win_amd64") < at("cp312-none-any") && at("cp312-none-any") < at("py312-none-any"));
    assert!(at("py3-none-any") < at("py311-none-any"));
    assert!(!tags.iter().any(|tag| tag.starts_with("cp313") || tag.contains("cp312t")));
    let free = python("3.13t").tags(&platform("win_amd64"));
    assert_eq!(free[0], "cp313-cp313t-win_amd64");
    assert!(!free.iter().any(|tag| tag.contains("abi3")));
    assert!(python("3.15t").tags(&platform("win_amd64")).contains(&"cp315-abi3t-win_amd64".to_owned()));
    assert_eq!(python("pypy3.10").tags(&platform("win_amd64"))[0], "pp310-pypy310_pp73-win_amd64");
}

#[test]
fn pythons_have_names() {
    for (text, library) in
        [("3.12", "python3.12"), ("python3.9.1", "python3.9"), ("3.13t", "python3.13t"), ("PyPy3.10", "pypy3.10")]
    {
        assert_eq!(python(text).library(), library);
    }
    assert_eq!(python("python3.13t").to_string(), "3.13t");
    for text in ["", "3", "2.7", "3.x", "3.1.2.3", "pypy3.10t", "3.100", ">=3.8", "3.12; touch PWN"] {
        assert!(TargetPython::parse(text).is_err(), "{text}");
    }
}

#[test]
fn markers_are_those_of_the_target() {
    let values = python("3.10").markers(&platform("windows-x86_64"));
    let holds = |text: &str| crate::snapshot::marker::Marker::parse(text).unwrap().holds(&values, None).unwrap();
    assert!(holds("sys_platform == 'win32' and os_name == 'nt' and platform_machine == 'AMD64'"));
    assert!(holds("python_version < '3.11' and python_full_version < '3.11' and implementation_name == 'cpython'"));
    assert!(holds(&platform("windows-x86_64").marker()) && !holds(&platform("linux-x86_64").marker()));
}

#[test]
fn uv_knows_most_of_them() {
    let uv = |text: &str| platform(text).for_uv().map(|uv| uv.name);
    for (text, name) in [
        ("linux-x86_64", "x86_64-manylinux_2_28"),
        ("linux-x86_64-glibc2.30", "x86_64-manylinux_2_28"),
        ("linux-aarch64-glibc2.17", "aarch64-manylinux_2_17"),
        ("linux-aarch64-musl", "aarch64-unknown-linux-musl"),
        ("windows-x86_64", "x86_64-pc-windows-msvc"),
        ("macos-arm64", "aarch64-apple-darwin"),
    ] {
        assert_eq!(uv(text).as_deref(), Some(name));
    }
    assert_eq!(uv("linux-s390x"), None);
    assert_eq!(uv("linux-x86_64-glibc2.5"), None);
}
