//! Removes an environment: `remove HOME NAME`.
#![expect(clippy::disallowed_methods, reason = "a program reads its own process")]

use std::error::Error;
use std::ffi::OsString;
use std::time::SystemTime;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::private::User;
use venvwrap_core::store::remove::{RemoveOptions, Removed};
use venvwrap_core::store::{Store, StoreOptions};

/// Removes the environment in one rename, then deletes its files. `Store::undo` brings it back if it was not removed `now`. What it was associated with is forgotten.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Box<dyn Error>> {
    let [home, name] = arguments else { return Err("usage: remove HOME NAME".into()) };
    let home = std::path::absolute(home)?;
    let store = Store::open(StoreOptions {
        state_dir: Some(home.with_extension("state")),
        ..StoreOptions::new(home, User::of_this_process(), SystemTime::now)
    });

    let active = std::env::var_os("VIRTUAL_ENV");
    let options = RemoveOptions { active: active.as_deref().map(AsRef::as_ref), now: true, ..RemoveOptions::default() };
    if let Removed::Moved(trash) | Removed::NotKept(trash) = store.remove(&EnvName::typed(name)?, &options)? {
        trash.delete()?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::args_os().skip(1).collect::<Vec<_>>())
}
