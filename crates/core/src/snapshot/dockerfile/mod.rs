//! A container image with the packages of an environment: the Dockerfile, the requirements with their hashes, and what
//! of a directory is sent to the builder.
//!
//! Everything here is text made of data. Nothing is asked of a registry, and no Python is run.

pub mod base;
pub mod context;
pub mod libraries;
pub mod lock;
pub mod text;
