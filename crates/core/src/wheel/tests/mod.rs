//! Tests of seeding as a whole, one file for each part that they put to the test.

mod bytecode;
mod cache;
#[cfg(feature = "download")]
mod download;
mod end_to_end;
#[cfg(feature = "download")]
mod fetch;
mod install;
mod local;
mod mutations;
mod wheel;
