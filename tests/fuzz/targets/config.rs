#![no_main]

use venvwrap_core::config::edit as config_file;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("config.toml");
    std::fs::write(&file, input).unwrap();
    if config_file::set(&file, "python", "it's \"3.12\"").is_ok() {
        assert_eq!(config_file::get(&file, "python").unwrap().as_deref(), Some("it's \"3.12\""));
        config_file::unset(&file, "python").unwrap();
    } else {
        assert_eq!(std::fs::read(&file).unwrap(), input);
    }
});
