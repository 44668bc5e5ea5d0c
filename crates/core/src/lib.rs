//! The store of Python virtual environments under `WORKON_HOME`: create, find, list, copy, rename, repair, pack and
//! remove them, and remember which project each belongs to.
//!
//! Begin with [`store::Store::open`]; every operation is a method of the store:
//!
//! ```no_run
//! use std::time::SystemTime;
//!
//! use venvwrap_core::env::name::EnvName;
//! use venvwrap_core::fs::private::User;
//! use venvwrap_core::store::{Store, StoreOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let home = "/home/me/.virtualenvs".into();
//! let store = Store::open(StoreOptions::new(home, User::of_this_process(), SystemTime::now));
//! for found in store.describe()? {
//!     println!("{}: {:?}", found.environment.name(), found.health);
//! }
//! let name = EnvName::for_new("web".as_ref())?;
//! assert!(store.path_of(&name).ends_with("web"));
//! # Ok(())
//! # }
//! ```
//!
//! The programs in `examples/` create, associate, list and remove environments.
//!
//! This crate prints nothing, asks nothing and reads neither the process environment nor the home directory. Settings
//! come in as a value ([`config::Config`]), progress goes out through a callback, and errors are typed and carry paths
//! and names. Each change is made under a lock and becomes visible in one step; a crash leaves the old state or the new
//! one. Nothing here runs an environment's Python only to look at it.
//!
//! The modules build on each other. Each may use those above it in this list, and no other:
//!
//! 1. [`fs`]: files and directories: atomic writes, removal that never follows a link, who may write where.
//! 2. [`process`]: run a program that may do anything, within limits.
//! 3. [`mod@env`]: one environment: its name, its files, its packages, its health, the processes that use it.
//! 4. [`config`]: the settings, from variables and `config.toml`.
//! 5. [`python`]: find an interpreter and ask it, once, what it is.
//! 6. [`shell`]: hooks, activate scripts, plans for shells, quoting.
//! 7. [`wheel`]: find, check and install the wheels that a new environment is seeded with.
//! 8. [`relocate`]: make a tree of files name another path.
//! 9. [`snapshot`]: what is installed, as text: frozen, checked, compared, restored, upgraded.
//! 10. [`store`]: what changes `WORKON_HOME`: create, copy, rename, remove, undo, and the mirror of associations.
//! 11. [`pack`]: environments as archives and packages, and back again.
//! 12. [`bundle`]: the wheels of an environment, for machines without a network.
//! 13. [`project`]: directories, the environments they resolve to, and what they are trusted with.
//! 14. [`doctor`]: what is wrong with environments, the store and its surroundings.

pub mod bundle;
pub mod config;
pub mod doctor;
pub mod env;
pub mod fs;
pub mod pack;
pub mod process;
pub mod project;
pub mod python;
pub mod relocate;
pub mod shell;
pub mod snapshot;
pub mod store;
pub mod wheel;

#[cfg(test)]
mod mutation;
#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod test_fifo;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod test_mounts;
#[cfg(test)]
mod test_shells;
