//! What an environment goes through on its way elsewhere: images, archives that are only looked at, and what lies in
//! wait in the environment.

mod images;
mod listings;
mod traps;
