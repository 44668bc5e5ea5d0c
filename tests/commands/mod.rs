//! The commands against bad input and bad luck: one file per kind.

mod copy;
mod crash;
mod disk;
mod interpreters;
mod list;
mod names;
mod options;
mod refused;
mod run;
mod tools;
mod wheels;
