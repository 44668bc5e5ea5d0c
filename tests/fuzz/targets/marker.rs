#![no_main]

use std::time::SystemTime;

use venvwrap_core::fs::private::User;
use venvwrap_core::project::marker;
use venvwrap_core::store::{Store, StoreOptions};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let place = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(place.path().join("envs/api")).unwrap();
    std::fs::write(place.path().join("envs/api/pyvenv.cfg"), "").unwrap();
    let store = Store::open(StoreOptions::new(place.path().join("envs"), User::of_this_process(), SystemTime::now));
    for name in marker::FILES {
        std::fs::write(place.path().join(name), input).unwrap();
        if let Ok(found) = marker::read(place.path(), &store) {
            assert!(found.unwrap().env.join("pyvenv.cfg").is_file());
        }
        std::fs::remove_file(place.path().join(name)).unwrap();
    }
});
