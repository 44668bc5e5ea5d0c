//! The verbs of `venvwrap`: one file for each.

mod config;
mod copy;
mod create;
mod link;
mod list;
mod project;
mod remove;
mod run;
