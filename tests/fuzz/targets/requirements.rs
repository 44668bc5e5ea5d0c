#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let directory = std::path::Path::new("/nonexistent");
    if let Ok(found) = venvwrap_core::snapshot::file::parse(input, directory, "-") {
        let _ = venvwrap_core::snapshot::pins::Pins::of(&found, None);
    }
});
