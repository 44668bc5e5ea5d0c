#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    if let Some(found) = venvwrap_core::snapshot::requirement::Requirement::parse(&text) {
        let written = found.to_string();
        assert_eq!(venvwrap_core::snapshot::requirement::Requirement::parse(&written).map(|again| again.to_string()), Some(written));
    }
});
