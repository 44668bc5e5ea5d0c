//! The activation scripts written into every environment that we create.
