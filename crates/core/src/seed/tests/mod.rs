//! Tests of seeding as a whole, one file for each part that they put to the test.

mod bytecode;
mod cache;
mod end_to_end;
mod install;
mod speed;
mod wheel;
