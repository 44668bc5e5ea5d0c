//! What shells need to know: hooks, activation scripts, plans, and how to quote a value.

pub mod activate;
pub mod dialect;
pub mod direnv;
pub mod event;
pub mod hooks;
pub mod plan;
pub mod quote;
pub mod render;
pub mod safety;
pub mod start_up;
pub mod stubs;
mod word;

pub use self::render::Shell;
