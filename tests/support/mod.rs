//! What the tests share.

pub(crate) mod sandbox;
pub(crate) mod shells;
