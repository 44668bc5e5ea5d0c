#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let _ = venvwrap_core::snapshot::manifest::head(&text);
    let _ = venvwrap_core::snapshot::manifest::seeds_in(&text);
});
