#![no_main]

use venvwrap_core::env::metadata::{self, Metadata};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let env = tempfile::tempdir().unwrap();
    std::fs::write(metadata::path(env.path()), input).unwrap();
    let read = Metadata::read(env.path());
    let _ = read.created_at();
    std::fs::write(metadata::path(env.path()), read.to_toml()).unwrap();
    assert_eq!(Metadata::read(env.path()), read);
});
