//! Removed environments: out of the way at once, kept for a while, deleted later.
//!
//! [`put()`] is the way into the trash for whatever replaces or removes an environment. What is kept is in
//! `.venvwrap-trash/STAMP-PID/NAME`, with a note about it beside the name. What is only to be deleted is a [`Trash`].

mod aside;
mod entry;
mod note;
mod place;
mod policy;
mod put;

pub use self::aside::Trash;
pub(super) use self::aside::is_aside;
pub use self::entry::Entry;
pub use self::note::Reason;
pub use self::place::Foreign;
pub use self::policy::TrashPolicy;
pub use self::put::{Keep, Put, put};

pub(super) use self::entry::{delete, entries, follow, left_over, restamp, times};
pub(super) use self::place::{directories, is_trash, obstacles, of_others};
