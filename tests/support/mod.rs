//! What the tests share.

pub(crate) mod program;
pub(crate) mod sandbox;
pub(crate) mod shells;
pub(crate) mod shims;
pub(crate) mod trace;
