//! Bad input and bad luck: one file for each kind.

mod crash;
mod disk;
mod interpreters;
mod names;
mod refused;
mod tools;
mod wheels;
