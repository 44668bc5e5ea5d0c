//! Environments with compiled packages, where neither the path that they had nor venvwrap exists: a copy of this machine
//! that only one process sees, without a network.

mod archives;
mod packages;
mod place;
mod port;
mod ssh;
