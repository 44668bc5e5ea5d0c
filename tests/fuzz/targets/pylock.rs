#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let _ = venvwrap_core::snapshot::pylock::parse(&text, std::path::Path::new("/nonexistent"));
    let _ = venvwrap_core::snapshot::lock_writer::hashes(&text);
});
