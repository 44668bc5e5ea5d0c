//! Quoting of arbitrary bytes for each shell: the only place where a value becomes shell text.
