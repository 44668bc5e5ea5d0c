#![no_main]

use std::ffi::OsStr;

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::shell::safety;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let place = tempfile::tempdir().unwrap();
    let name = OsStr::new("p$(touch PWN)");
    let environment = Environment::new(EnvName::for_existing(name).unwrap(), place.path().join(name));
    let script = environment.activate_script();
    std::fs::create_dir_all(script.parent().unwrap()).unwrap();
    std::fs::write(&script, input).unwrap();
    let _ = safety::of_activate_script(&environment, &script);
});
