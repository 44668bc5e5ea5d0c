//! The store of Python virtual environments under `WORKON_HOME`: create, find, list and remove them, and remember
//! which project each belongs to.
//!
//! This crate prints nothing, asks nothing and reads neither the process's environment nor the home directory by
//! itself: configuration comes in as a value, progress goes out through a callback, errors are typed and carry
//! paths and names. Nothing here runs an environment's Python just to look at it.

pub mod activate;
pub mod config;
pub mod config_file;
pub mod copy;
pub mod create;
pub mod dotenv;
pub mod environment;
pub mod fs;
pub mod health;
mod hex;
pub mod hook_stubs;
pub mod hooks;
pub mod interpreter;
pub mod lock;
pub mod marker;
pub mod metadata;
pub mod name;
pub mod packages;
pub mod path_file;
pub mod pip_config;
pub mod plan;
pub mod project;
pub mod pyvenv_cfg;
pub mod quote;
pub mod redirect;
pub mod remove;
pub mod safety;
pub mod seed;
pub mod size;
pub mod store;
pub mod switch;
pub mod tree;
pub mod trust;
pub mod usage;

#[cfg(test)]
mod mutation;
#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod test_shells;
