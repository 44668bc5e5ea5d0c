use super::*;

pub(in crate::snapshot) fn values() -> MarkerValues {
    MarkerValues {
        os_name: "posix".into(),
        sys_platform: "linux".into(),
        platform_machine: "x86_64".into(),
        platform_python_implementation: "CPython".into(),
        platform_release: "6.1.0-13-amd64".into(),
        platform_system: "Linux".into(),
        platform_version: "#1 SMP".into(),
        python_version: "3.11".into(),
        python_full_version: "3.11.7".into(),
        implementation_name: "cpython".into(),
        implementation_version: "3.11.7".into(),
    }
}

fn holds(marker: &str) -> bool {
    Marker::parse(marker).unwrap_or_else(|| panic!("{marker}")).holds(&values(), Some("Dev_Tools")).unwrap()
}

#[test]
fn conditions_hold_or_do_not() {
    for marker in [
        "python_version >= '3.8'",
        "'3.8' < python_version",
        "python_version in '3.10, 3.11'",
        "python_full_version != '3.11.*' or sys_platform == \"linux\"",
        "os.name == 'posix' and (python_implementation=='CPython' or extra=='x')",
        "extra == 'dev-tools'",
        "platform_machine not in 'arm64 aarch64'",
        "os_name == 'a' and os_name == 'b' or os_name == 'posix'",
    ] {
        assert!(holds(marker), "{marker}");
    }
    for marker in ["python_version < '3.2'", "sys_platform < 'z'", "extra == 'dev'", "platform_release >= '7'"] {
        assert!(!holds(marker), "{marker}");
    }
    let undefined = Marker::parse("os_name ~= 'posix'").unwrap();
    assert_eq!(undefined.holds(&values(), None), Err(MarkerError::Undefined("os_name ~= \"posix\"".into())));
}

#[test]
fn what_is_no_marker_is_refused() {
    for marker in
        ["", "x == 'y'", "'a' == 'b'", "os_name", "os_name == 'a' and", "(os_name == 'a'", "os_name == 'a' 'b'"]
    {
        assert_eq!(Marker::parse(marker), None, "{marker}");
    }
    let deep = format!("{}os_name == 'a'{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(Marker::parse(&deep), None);
}

#[test]
fn what_is_written_is_read() {
    let marker = "(((os.name=='a' )and(extra == 'B_c' or python_version>\"3\")))";
    let marker = Marker::parse(marker).unwrap();
    assert_eq!(marker.to_string(), "os_name == \"a\" and (extra == \"b-c\" or python_version > \"3\")");
}

#[test]
fn any_text_is_read_or_refused() {
    let seeds = ["os_name == 'a' and (extra == \"b\" or python_version not in '3')", "'3' ~= python_version"];
    crate::mutation::check_mutations(&seeds, |input| {
        let Some(marker) = Marker::parse(&String::from_utf8_lossy(input)) else { return };
        let _ = marker.holds(&values(), None);
        let written = marker.to_string();
        if !written.contains('\'') {
            assert_eq!(Marker::parse(&written).map(|marker| marker.to_string()), Some(written));
        }
    });
}
