//! What is installed in an environment, as text that others can read: frozen, checked, and compared.
//!
//! No Python is run, and neither pip, uv nor git: everything is read from the files that they leave.

pub mod borrowed;
pub mod by_platform;
pub mod check;
mod constraints;
pub mod credentials;
pub mod diff;
pub mod dockerfile;
pub mod due;
pub mod elsewhere;
pub mod extras;
pub mod file;
pub mod freeze;
pub mod git;
pub mod history;
pub mod listing;
pub mod lock_writer;
pub mod manifest;
pub mod marker;
pub mod packages;
pub mod pins;
pub mod pylock;
pub mod python;
pub mod requirement;
pub mod requirements;
pub mod restore;
mod scanner;
pub mod side;
pub mod specifier;
pub mod upgrade;
mod uv_url;
