//! What decides about a new environment apart from its command line: settings, interpreters, the file system, and what
//! is there already.

mod copies;
mod interpreters;
mod interruption;
mod missing;
mod renewal;
mod settings;
mod surroundings;
