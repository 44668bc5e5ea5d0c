//! Creates an environment: `create HOME NAME`.
#![expect(clippy::disallowed_methods, reason = "a program reads its own process")]

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::private::User;
use venvwrap_core::python::{self, Search};
use venvwrap_core::store::create::{CreateError, CreateOptions, CreateRequest};
use venvwrap_core::store::{Store, StoreOptions};
use venvwrap_core::wheel::Sources;
use venvwrap_core::wheel::policy::SeedChoice;

/// Creates an environment of the first Python on PATH, with pip where the machine has a wheel of it.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Box<dyn Error>> {
    let [home, name] = arguments else { return Err("usage: create HOME NAME".into()) };
    let user = User::of_this_process();
    let home = std::path::absolute(home)?;
    let store = Store::open(StoreOptions {
        state_dir: Some(home.with_extension("state")),
        ..StoreOptions::new(home, user, SystemTime::now)
    });

    let (lookup, cwd): (_, PathBuf) = (|variable: &str| std::env::var_os(variable), std::env::current_dir()?);
    let search = Search {
        lookup: &lookup,
        cwd: &cwd,
        home: None,
        cache_dir: None,
        user,
        query_timeout: Duration::from_secs(10),
        root: Path::new("/"),
    };
    let interpreter = python::find(None, &search)?;
    let sources = Sources::on_this_machine(&interpreter, python::known_stdlibs(&search), &lookup, None);
    let mut request = CreateRequest { interpreter: &interpreter, sources: &sources, options: CreateOptions::default() };
    request.options.seeds = SeedChoice::default().requests(&interpreter.version);

    let name = EnvName::for_new(name)?;
    let created = match store.create(&name, &request, &mut |_| {}) {
        Err(CreateError::Seed(_)) => {
            request.options.seeds.clear();
            store.create(&name, &request, &mut |_| {})?
        }
        other => other?,
    };
    assert!(created.environment.python().exists());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::args_os().skip(1).collect::<Vec<_>>())
}
