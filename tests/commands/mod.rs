//! The verbs and functions of the real program.

mod copy;
