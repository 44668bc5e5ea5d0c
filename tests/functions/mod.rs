//! The shell functions: one file for each, its scenarios in every shell.

mod cdvirtualenv;
mod deactivate;
mod mktmpenv;
mod workon;
