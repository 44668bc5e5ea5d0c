//! One file for each verb of `venvwrap`.

pub(crate) mod adopt;
pub(crate) mod allow;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod copy;
pub(crate) mod create;
pub(crate) mod create_project;
pub(crate) mod deny;
pub(crate) mod diff;
pub(crate) mod freeze;
pub(crate) mod init;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod pack;
pub(crate) mod package;
pub(crate) mod project;
pub(crate) mod remove;
pub(crate) mod run;
pub(crate) mod send;
pub(crate) mod setup;
pub(crate) mod show;
pub(crate) mod unpack;
