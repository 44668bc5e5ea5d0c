//! The store: the environments that are direct children of `WORKON_HOME`.
//!
//! Every operation is a method of [`Store`], one file for each. An operation takes the lock of the name that it
//! changes, leaves the old state or the new one wherever it is interrupted, and keeps the mirror of associations true.

pub mod adopt;
mod associate;
pub mod copy;
pub mod create;
pub(crate) mod error;
mod find;
mod flock;
mod home;
mod journal;
pub mod kernels;
mod links;
pub mod lock;
pub mod mirror;
mod noted;
mod project;
pub mod remove;
pub mod rename;
pub mod repair;
mod reserved;
mod snapshots;
mod survey;
pub mod sweep;
pub mod temporary;
#[cfg(test)]
mod testing;
pub mod trash;
mod undo;
mod users;
mod uv_links;

pub use self::associate::AssociateError;
pub use self::error::OperationError;
pub use self::find::{FindError, Scan};
pub use self::home::{AfterRename, Clock, HomeError, Store, StoreOptions};
pub use self::reserved::ReservedError;
pub use self::survey::Survey;
pub use self::undo::{Emptied, UndoError, Undone};
pub use self::uv_links::UvLink;
