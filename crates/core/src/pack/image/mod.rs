//! Environments as images for containers, without a daemon and without a registry: one layer more on a base that is a
//! file.

mod config;
mod error;
mod fit;
mod layers;
mod place;
mod read;
mod system;
mod write;

pub use self::error::ImageError;
pub(super) use self::layers::{Visitor, glance};
pub(super) use self::read::Image;
pub(crate) use self::read::is_layout;
pub(super) use self::system::relative;
pub(super) use self::write::architecture;
pub use self::write::{ImageRequest, Imaged, image};
