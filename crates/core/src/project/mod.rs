//! Directories, the environments they resolve to, and what they are trusted with.

pub mod decide;
pub mod dotenv;
pub mod groups;
pub mod left;
pub mod marker;
pub mod of_directory;
pub mod references;
pub mod templates;
pub mod trust;
pub mod uv;
pub mod variables;
