//! Every command that changes something meets a mishap at any of its system calls: it is killed there, or the call
//! fails. Whatever happens, nothing is lost, nothing is half made, and nothing of ours is left in the end.
//!
//! A sample of all mishaps takes about a minute. `VENVWRAP_TEST_FULL=1` tries every one, which takes an hour.

mod commands;
mod injection;
mod state;
mod threads;
