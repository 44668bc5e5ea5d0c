//! The shims in real shells: one file per group of behaviour.

mod deactivate;
mod directories;
mod failures;
mod forks;
mod generators;
mod hostile;
mod later;
mod leaving;
mod lint;
mod names;
mod real;
mod temporary;
mod workon;
