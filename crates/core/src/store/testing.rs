//! Stores for the tests of this folder.

use super::Store;

/// A store with environments of these names.
pub(super) fn store_with(names: &[&str]) -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    for name in names {
        let bin = directory.path().join(name).join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::write(bin.join("activate"), "").unwrap();
    }
    let store = Store::at(directory.path().to_path_buf());
    (directory, store)
}

/// The names in a store, as they are shown.
pub(super) fn names(store: &Store) -> Vec<String> {
    store.names().unwrap().iter().map(ToString::to_string).collect()
}
