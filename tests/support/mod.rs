//! What the tests share.

pub(crate) mod associations;
pub(crate) mod images;
pub(crate) mod index;
pub(crate) mod program;
pub(crate) mod sandbox;
pub(crate) mod scenario;
pub(crate) mod shells;
pub(crate) mod shims;
pub(crate) mod snapshot;
pub(crate) mod tools;
pub(crate) mod trace;
pub(crate) mod wheels;
