//! Steps that verbs and shell functions share.

pub(crate) mod archives;
pub(crate) mod background;
pub(crate) mod copy;
pub(crate) mod defaults;
pub(crate) mod dotenv;
pub(crate) mod find;
pub(crate) mod hooks;
pub(crate) mod inside;
pub(crate) mod install;
pub(crate) mod interpreters;
pub(crate) mod listing;
pub(crate) mod make;
pub(crate) mod packages;
pub(crate) mod project;
pub(crate) mod remove;
pub(crate) mod sources;
pub(crate) mod stubs;
