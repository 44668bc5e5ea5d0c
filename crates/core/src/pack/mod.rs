//! Environments as files: archives for other machines, packages for the system's package manager, and back again.
//!
//! A tree is scanned once, so that its archive can begin with a manifest, and then written entry by entry in a fixed
//! order: the same tree gives the same bytes. What is written where is decided by a [`Layout`], in which format by a sink.

mod builders;
mod comparison;
pub(crate) mod compression;
mod conda;
mod contents;
mod cpio;
mod deb;
mod describe;
mod destination;
mod documents;
mod editable;
pub(crate) mod entry;
mod error;
mod extract;
mod format;
mod gather;
mod glob;
mod gzip;
pub mod host;
pub mod image;
mod input;
mod inspect;
mod interpreter_names;
mod json_path;
mod layout;
mod libraries;
mod licenses;
mod listing;
mod macos;
mod make_package;
pub mod manifest;
mod members;
pub mod owners;
mod package;
mod package_depends;
mod package_fields;
mod package_request;
mod padded;
mod placed;
mod problem;
mod reading;
mod refusal;
pub mod remote;
mod rpm;
mod rpm_header;
mod runtime;
mod safe_name;
mod scan;
mod secrets;
pub(crate) mod tar;
mod tar_extra;
mod tar_fields;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod unpack;
pub(crate) mod untar;
mod unzip;
mod write;
pub(crate) mod zip;
mod zstandard;

pub use self::comparison::{Altered, Compared};
pub use self::editable::editable_projects;
pub use self::error::PackError;
pub use self::format::Format;
pub use self::gather::{GatherRequest, OnEditable, can_have_python, without_python};
pub use self::inspect::Inspection;
pub use self::layout::Layout;
pub use self::libraries::Needs;
pub(crate) use self::listing::checked;
pub use self::listing::{Listing, ListingError, listing};
pub use self::make_package::{PackageDone, package};
pub use self::package::PackageKind;
pub use self::package_request::PackageRequest;
pub use self::problem::ArchiveProblem;
pub use self::reading::inspect;
pub use self::refusal::UnpackError;
pub use self::tree::{Progress, Step};
pub use self::unpack::{Destination, Unpacked};
pub use self::write::{Output, PackRequest, Packed, manifest_of, pack};
