//! Finding a Python interpreter and asking it, once, what it is.
//!
//! A [`Request`] says what is wanted, a [`Search`] where to look. Names alone rule out most candidates; the rest are
//! run one after the other until one will do, and each answer is remembered until the interpreter changes.

mod answer;
mod base;
mod cache;
mod choose;
mod context;
mod directories;
mod find;
mod installation;
mod interpreter;
mod kin;
mod manager;
mod missing;
#[cfg(test)]
mod mutations;
mod names;
mod newer;
mod pinned;
mod query;
mod remedy;
mod request;
mod search;
mod selection;
mod shims;
mod version;
mod wanted;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use base::BaseError;
pub use choose::{
    Choice, ChooseError, Origin, Wishes, choose, choose_for_existing, has_candidate_for_existing, known_for_existing,
};
pub use context::Search;
pub use find::{FindError, all, candidates, find, known_stdlibs, on_path, query_cached};
pub use interpreter::Interpreter;
pub use missing::{Missing, PythonInstaller};
pub use names::Guess;
pub use newer::{answers_already, is_newer};
pub use pinned::{Pinned, Unusable};
pub use query::QueryError;
pub use remedy::{Remedy, remedy};
pub use request::{Request, RequestError};
pub use search::Candidate;
pub(crate) use version::OLDEST_MINOR;
pub use version::{Implementation, PythonVersion};
