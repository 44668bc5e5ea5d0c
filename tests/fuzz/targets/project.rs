#![no_main]

use venvwrap_core::env::project_file as project;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join(".project");
    std::fs::write(&file, input).unwrap();
    if let Ok(Some(directory)) = project::read(&file) {
        assert!(directory.is_absolute());
    }
});
