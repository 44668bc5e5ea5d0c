//! Installing pip (and setuptools) into a new environment from wheels that the machine already has.
//!
//! A wheel is unpacked once into a cache; after that an environment is filled by hard links. Everything here works
//! without the cache too, only slower. No Python runs, except for the job that makes bytecode in the background.

mod archive;
mod bytecode;
mod cache;
mod content;
pub mod credentials_of;
mod file;
pub(crate) mod file_option_names;
pub mod file_options;
mod fill;
mod format_control;
mod index;
mod install;
pub mod installer_options;
mod known_wheels;
mod listing;
mod local;
mod manifest;
mod metadata;
pub(crate) mod names;
mod not_for_uv;
pub mod package_sources;
pub mod pip_config;
pub mod pip_refusal;
mod pip_settings;
mod pip_values;
mod places;
pub mod policy;
mod problem;
pub(crate) mod record;
mod request;
pub(crate) mod reserved;
mod safe_path;
pub(crate) mod scripts;
mod seed;
mod sources;
mod unpack;
pub mod update;
mod uv_settings;
pub(crate) mod zip_time;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use crate::config::LinkMode;
pub use bytecode::{BytecodeError, Compiled, compile_pending};
pub use cache::CacheDir;
pub(crate) use cache::private_directory;
pub use file::WheelError;
pub use index::{Ask, Credentials, IndexError, fetch};
pub(crate) use local::install as install_local;
pub use local::{LocalError, LocalWheel, pip_for, pip_on_this_machine};
pub use problem::WheelProblem;
pub use request::{
    Download, Event, IndexSettings, PendingBytecode, Project, SeedRequest, Seeded, Sources, Target, Wanted,
};
pub use scripts::shebang;
pub use seed::{SeedError, check_version, seed};
