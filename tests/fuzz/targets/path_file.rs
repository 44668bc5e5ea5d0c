#![no_main]

use venvwrap_core::env::path_file;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join(path_file::FILE_NAME);
    std::fs::write(&file, input).unwrap();
    path_file::add(place.path(), &file, &["/srv/new".into()]).unwrap();
    let content = std::fs::read(&file).unwrap();
    assert_eq!(content.split(|&byte| byte == b'\n').filter(|line| line.starts_with(b"import ")).count(), 2);
});
