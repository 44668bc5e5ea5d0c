//! Finding a Python interpreter and asking it, once, what it is.

mod info;

pub use info::{Implementation, Interpreter, PythonVersion};
