#![no_main]

use venvwrap_core::marker;
use venvwrap_core::store::Store;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let place = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(place.path().join("envs/api")).unwrap();
    std::fs::write(place.path().join("envs/api/pyvenv.cfg"), "").unwrap();
    let store = Store::new(place.path().join("envs"));
    for name in marker::FILES {
        std::fs::write(place.path().join(name), input).unwrap();
        if let Ok(found) = marker::read(place.path(), &store) {
            assert!(found.unwrap().env.join("pyvenv.cfg").is_file());
        }
        std::fs::remove_file(place.path().join(name)).unwrap();
    }
});
