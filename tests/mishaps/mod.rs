//! Bad input and bad luck: one file for each kind.
//!
//! In `injection` every command that changes something meets a mishap at any of its system calls: it is killed there, or
//! the call fails. A sample takes about a minute; `VENVWRAP_TEST_FULL=1` tries every call, which takes an hour.

mod commands;
mod crash;
mod disk;
mod errors;
mod immutable;
mod injection;
mod interpreters;
mod mounts;
mod names;
mod odd_places;
mod owners;
mod refused;
mod state;
mod threads;
mod together;
mod tools;
mod wheels;
