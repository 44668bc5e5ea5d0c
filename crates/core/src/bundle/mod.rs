//! Bundles: the wheels of an environment in one place, to be installed where there is no network.
//!
//! A bundle is a directory, or an uncompressed tar of one: wheels, the lists by which pip, uv and this program install
//! them, and a script for machines that have neither.

mod altered;
mod check;
mod compressed;
mod contents;
mod downloads;
mod error;
mod from_index;
mod installed;
mod listing;
mod manifest;
mod name;
pub mod offer;
mod place;
pub mod platform;
mod read;
mod repack;
mod report;
mod rows;
pub mod target_python;
mod wheel_name;
pub mod wish;
mod workshop;

#[cfg(test)]
mod tests;

pub use self::compressed::compressed;
pub use self::downloads::Network;
pub use self::error::{BundleError, Obstacle, ReadError, Unfit};
pub use self::from_index::{FromIndex, Gathered, Selection};
pub use self::installed::{FromInstalled, from_installed};
pub use self::listing::{Carried, CarriedError, carried, is_bundle, is_carrier};
pub use self::manifest::{BundledFile, Manifest, Target};
pub use self::place::{Bundled, Output, deciding_files};
pub use self::read::Bundle;
pub use self::report::of_report;
pub use self::workshop::Workshop;
