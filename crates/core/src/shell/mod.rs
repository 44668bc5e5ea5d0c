//! What shells need to know: hooks, activation scripts, plans, and how to quote a value.

pub mod activate;
pub mod dialect;
pub mod hooks;
pub mod plan;
pub mod quote;
pub mod safety;
pub mod stubs;
mod word;
