//! What is wrong with environments, with the store and with its surroundings, as data. Nothing is changed, and no Python
//! is run.
//!
//! Each check has an identifier that never changes. A finding says what was found, and the command that puts it right.

pub mod altered;
mod check;
pub mod disposable;
mod dot_venv;
mod editable;
mod environment;
mod examine;
mod facts;
mod finding;
mod held;
mod hooks;
mod installer;
mod interpreter;
mod kernels;
mod packages;
mod projects;
mod repair;
mod scripts;
mod shells;
mod store;
mod subject;
#[cfg(test)]
mod tests;

pub use self::check::{CHECKS, Check, Severity};
pub use self::finding::{Finding, Fix, FixKind};
pub use self::interpreter::{has_outdated_copy, needs_rebuild};
pub use self::repair::FixError;
pub use self::shells::Surroundings;
pub use self::subject::Doctor;
