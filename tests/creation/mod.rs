//! What decides about a new environment apart from its command line: settings, interpreters, the file system.

mod interpreters;
mod settings;
