#![no_main]

use std::ffi::OsString;
use std::path::Path;

use venvwrap_core::wheel::pip_config::PipConfig;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("pip.conf");
    std::fs::write(&file, input).unwrap();
    let lookup = |name: &str| match name {
        "PIP_CONFIG_FILE" => Some(file.clone().into_os_string()),
        "XDG_CONFIG_DIRS" => Some(OsString::from("/nowhere")),
        _ => None,
    };
    let config = PipConfig::read(&Vec::new, &lookup, None, Path::new("/srv"));
    assert!(config.find_links.iter().all(|path| path.is_absolute()));
});
