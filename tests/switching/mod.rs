//! Entering and leaving environments as the directory changes: real interactive shells, fed line by line.

mod costs;
mod direnv;
mod dotenv;
mod hook;
mod interactive;
mod scenario;
mod state;
mod terminal;
mod traps;
mod trust;
