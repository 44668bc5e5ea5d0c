//! What an image brings: its Python, its C library, and what would be in the way.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::ImageError;
use super::layers::{Known, Visitor};
use super::read::Image;
use crate::pack::libraries::Needs;
use crate::pack::untar::{Member, MemberKind};
use crate::relocate::glibc;
use crate::relocate::linked::newest_glibc;

/// Where programs are found in an image that does not say so.
pub(super) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// More than any C library.
const MAX_LIBRARY: u64 = 64 << 20;

/// What an image brings.
#[derive(Debug)]
pub(super) struct System {
    /// The interpreter; absolute.
    pub(super) python: PathBuf,
    /// Whether the place of the environment is taken.
    pub(super) is_taken: bool,
    /// Whether the working directory is there.
    pub(super) has_directory: bool,
    /// Its layers.
    pub(super) layers: Vec<Known>,
}

impl System {
    /// Reads all layers of an image, and checks that packages can be used in it: those of a Python whose program has
    /// this name, for an environment in `place`.
    pub(super) fn of(
        image: &Image,
        program: &str,
        needs: &Needs,
        place: &Path,
        directory: &Path,
    ) -> Result<Self, ImageError> {
        let path = image.place.path();
        let on_path = image.variable("PATH").unwrap_or(DEFAULT_PATH).split(':').map(Path::new);
        let pythons: Vec<PathBuf> = on_path
            .filter(|bin| bin.is_absolute() && !bin.starts_with(place))
            .map(|bin| relative(&bin.join(program)))
            .collect();
        let mut found = Found { wanted: pythons.iter().cloned().collect(), ..Found::default() };
        found.place = relative(place);
        let cfg = found.place.join("pyvenv.cfg");
        found.wanted.extend([relative(directory), cfg.clone()]);
        let layers = image.walk(&mut found)?;
        found.layer();
        let python = pythons.iter().find(|python| found.present.contains(*python));
        let python = python.ok_or_else(|| ImageError::NoPython { path: path.into(), program: program.to_owned() })?;
        if let Some(needed) = needs.glibc.filter(|needed| found.glibc.is_none_or(|own| own < *needed)) {
            return Err(ImageError::OldGlibc {
                path: path.into(),
                needed: glibc::version(needed),
                found: found.glibc.map_or_else(|| "none".into(), glibc::version),
            });
        }
        // Another environment is replaced. Anything else would be gone.
        if found.has_files && !found.present.contains(&cfg) {
            return Err(ImageError::Taken { path: path.into(), place: place.into() });
        }
        Ok(Self {
            python: Path::new("/").join(python),
            is_taken: found.is_taken,
            has_directory: found.present.contains(&relative(directory)),
            layers,
        })
    }
}

/// A path as layers write it.
pub(in crate::pack) fn relative(path: &Path) -> PathBuf {
    path.strip_prefix("/").unwrap_or(path).to_path_buf()
}

#[derive(Debug, Default)]
struct Found {
    /// The paths that matter.
    wanted: HashSet<PathBuf>,
    /// Those that are there, in the layers before this one and in this one.
    present: HashSet<PathBuf>,
    added: HashSet<PathBuf>,
    place: PathBuf,
    is_taken: bool,
    has_files: bool,
    glibc: Option<u32>,
}

impl Visitor for Found {
    fn layer(&mut self) {
        self.present.extend(self.added.drain());
    }

    fn gone(&mut self, path: &Path, itself: bool) {
        self.present.retain(|own| !own.starts_with(path) || (own == path && !itself));
    }

    fn member(&mut self, member: &Member, content: &mut dyn Read) -> io::Result<bool> {
        let is_below = member.path.starts_with(&self.place);
        self.is_taken |= is_below;
        self.has_files |= is_below && member.path != self.place;
        if self.wanted.contains(&member.path) {
            self.added.insert(member.path.clone());
        }
        let name = member.path.file_name().unwrap_or_default().to_string_lossy();
        if matches!(member.kind, MemberKind::File(_)) && (name == "libc.so.6" || name.starts_with("libc-2.")) {
            let mut library = Vec::new();
            content.take(MAX_LIBRARY).read_to_end(&mut library)?;
            self.glibc = newest_glibc(&library).or(self.glibc);
        }
        Ok(true)
    }
}
