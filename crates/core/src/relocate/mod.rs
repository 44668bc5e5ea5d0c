//! Makes a tree of files name another path.
//!
//! An environment names its own path in hundreds of files. Each file is read once, searched for every spelling of that
//! path, rewritten by the rule for its kind, and searched again: what still names the old path is reported. No Python is
//! run.

pub(crate) mod activation;
mod bytecode;
pub(crate) mod damage;
pub(crate) mod elf;
pub(crate) mod glibc;
pub(crate) mod installed;
pub(crate) mod kept;
pub(crate) mod large;
pub(crate) mod launcher;
pub(crate) mod linked;
pub(crate) mod links;
pub(crate) mod mapping;
pub(crate) mod mend;
#[cfg(test)]
mod mutations;
mod origin;
pub(crate) mod outward;
pub(crate) mod programs;
pub(crate) mod record;
pub(crate) mod rewrite;
pub(crate) mod runnable;
pub(crate) mod script;
pub(crate) mod self_locating;
mod spelling;

/// What kind of file still names the old path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// A program that would run the interpreter of another environment.
    Script,
    /// Code of a shell, such as a hook, in which only its author can tell how to quote the new path.
    Hook,
    /// Compiled code or other data that is no text.
    Binary,
    /// Other text.
    Text,
}
