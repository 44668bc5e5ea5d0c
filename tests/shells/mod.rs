//! The shims in real shells: one file per group of behaviour.

mod builtins;
mod failures;
mod forks;
mod generators;
mod hostile;
mod hostile_values;
mod inherited;
mod known_scripts;
mod later;
mod leaving;
mod left_behind;
mod lint;
mod names;
mod plans;
mod prompt_names;
mod real;
mod shared_stores;
