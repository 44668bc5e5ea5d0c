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
mod pack;
mod package;
mod project;
mod remove;
mod run;
mod send;
mod setup;
mod show;
mod unpack;
