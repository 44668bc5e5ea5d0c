//! Steps of `venvwrap bundle`: what is wanted, who resolves it, what is built, and how files are fetched.

pub(crate) mod build;
pub(crate) mod gather;
pub(crate) mod input;
pub(crate) mod network;
pub(crate) mod resolve;
pub(crate) mod target;
mod words;
