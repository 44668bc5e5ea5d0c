//! The verbs of `venvwrap`: one file for each.

mod copy;
mod create;
mod list;
mod project;
mod run;
