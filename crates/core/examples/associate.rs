//! Associates an environment with a project directory: `associate HOME NAME DIRECTORY`.
#![expect(clippy::disallowed_methods, reason = "a program reads its own process")]

use std::error::Error;
use std::ffi::OsString;
use std::time::SystemTime;

use venvwrap_core::fs::private::User;
use venvwrap_core::store::{Store, StoreOptions};

/// Creates the directory if it is missing. The prompt hook of the shells knows of the association at once.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Box<dyn Error>> {
    let [home, name, directory] = arguments else { return Err("usage: associate HOME NAME DIRECTORY".into()) };
    let home = std::path::absolute(home)?;
    let store = Store::open(StoreOptions {
        state_dir: Some(home.with_extension("state")),
        ..StoreOptions::new(home, User::of_this_process(), SystemTime::now)
    });

    let environment = store.find(name)?;
    if let Some(error) = store.create_project(&environment, &std::path::absolute(directory)?)? {
        return Err(error.into());
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::args_os().skip(1).collect::<Vec<_>>())
}
