//! The verbs of `venvwrap`: one file for each. `generate` is tested by what it generates, in `tests/docs.rs`.

mod adopt;
mod allow;
mod check;
mod config;
mod copy;
mod create;
mod create_project;
mod deny;
mod diff;
mod freeze;
mod init;
mod link;
mod list;
mod project;
mod remove;
mod restore;
mod run;
mod setup;
mod show;
mod snapshot;
mod upgrade;
