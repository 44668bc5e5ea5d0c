//! The store of Python virtual environments under `WORKON_HOME`: create, find, list and remove them, and remember
//! which project each belongs to.
//!
//! Begin with [`store::Store::open`]; every operation is a method of the store. The programs in `examples/` create,
//! associate, list and remove environments.
//!
//! This crate prints nothing, asks nothing and reads neither the process's environment nor the home directory by
//! itself: configuration comes in as a value, progress goes out through a callback, errors are typed and carry
//! paths and names. Nothing here runs an environment's Python just to look at it.
//!
//! The modules build on each other. Each may use those above it in this list, and no other:
//!
//! 1. [`fs`]: files and directories: atomic writes, removal that never follows a link, who may write where.
//! 2. [`mod@env`]: one environment: its name, its files, its packages, its health.
//! 3. [`config`]: the settings, from variables and `config.toml`.
//! 4. [`python`]: find an interpreter and ask it, once, what it is.
//! 5. [`shell`]: what shells need: hooks, activation scripts, plans, quoting.
//! 6. [`wheel`]: find, check and install the wheels that a new environment is seeded with.
//! 7. [`relocate`]: make a tree of files name another path.
//! 8. [`snapshot`]: what is installed, as text: frozen, checked, compared with requirements.
//! 9. [`store`]: everything that changes `WORKON_HOME`: create, copy, remove, adopt, and the mirror of associations.
//! 10. [`pack`]: environments as archives and packages, and back again.
//! 11. [`bundle`]: the wheels of an environment, for machines without a network.
//! 12. [`project`]: directories, the environments they resolve to, and what they are trusted with.
//! 13. [`doctor`]: what is wrong with environments, the store and its surroundings.

pub mod bundle;
pub mod config;
pub mod doctor;
pub mod env;
pub mod fs;
pub mod pack;
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
#[cfg(target_os = "linux")]
#[cfg(test)]
mod test_fifo;
#[cfg(test)]
mod test_mounts;
#[cfg(test)]
mod test_shells;
