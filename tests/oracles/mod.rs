//! What is installed: the answers of pip, uv and `packaging` over the same files are the same.

mod check;
mod fixture;
mod freeze;
mod lock;
mod markers;
