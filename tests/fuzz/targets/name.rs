#![no_main]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let text = OsStr::from_bytes(input);
    assert!(!printable(text).contains(char::is_control));
    match EnvName::for_existing(text) {
        Ok(name) => assert_eq!(Path::new("/envs").join(name.as_os_str()).file_name(), Some(text)),
        Err(_) => assert!(EnvName::for_new(text).is_err()),
    }
});
