#![no_main]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use venvwrap_core::python::{Guess, Request};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = Request::parse(OsStr::from_bytes(input), Path::new("/srv"), Some(Path::new("/home/me")));
    let name = String::from_utf8_lossy(input);
    let _ = (Guess::of_executable(&name), Guess::of_directory(&name).to_string());
});
