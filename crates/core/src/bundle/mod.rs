//! Bundles: the wheels of an environment in one place, to be installed where there is no network.
//!
//! A bundle is a directory, or an uncompressed tar of one: wheels, the lists by which pip, uv and this program install
//! them, and a script for machines that have neither.

mod altered;
mod check;
mod contents;
mod error;
mod listing;
mod manifest;
mod name;
mod read;
mod repack;
mod rows;
mod write;

#[cfg(test)]
mod tests;

pub use self::error::{BundleError, Obstacle, ReadError, Unfit};
pub use self::listing::{CarriedError, carried, is_carrier};
pub use self::manifest::{BundledFile, Manifest, Target};
pub use self::read::Bundle;
pub use self::write::{Bundled, FromInstalled, Output, from_installed};
