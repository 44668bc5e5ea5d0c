//! Lists the environments with their health and project: `list HOME`.
#![expect(clippy::disallowed_methods, reason = "a program reads its own process")]

use std::error::Error;
use std::ffi::OsString;
use std::io::Write;
use std::time::SystemTime;

use venvwrap_core::env::health::Health;
use venvwrap_core::fs::private::User;
use venvwrap_core::store::{Store, StoreOptions};

/// Writes one line for each environment, without running any Python.
pub(crate) fn run(arguments: &[OsString], output: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let [home] = arguments else { return Err("usage: list HOME".into()) };
    let home = std::path::absolute(home)?;
    let store = Store::open(StoreOptions::new(home, User::of_this_process(), SystemTime::now));

    for found in store.describe()? {
        let health = if found.health == Health::Ok { "ok" } else { "broken" };
        let project = found.project.unwrap_or_default();
        writeln!(output, "{}\t{health}\t{}", found.environment.name(), project.display())?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::args_os().skip(1).collect::<Vec<_>>(), &mut std::io::stdout())
}
