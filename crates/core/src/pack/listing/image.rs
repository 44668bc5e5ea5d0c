//! Images: from the highest layer down where `venvwrap pack` has left a manifest, else all layers.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::collect::{Collected, kind};
use super::{Listing, ListingError};
use crate::pack::image::{Image, Visitor, architecture, glance, relative};
use crate::pack::untar::{Member, MemberKind};

/// A manifest comes after the directories that it is in.
const FIRST: usize = 32;

/// Lists the packages of an image.
pub(super) fn listing(path: &Path) -> Result<Listing, ListingError> {
    let image = Image::open(path, architecture())?;
    let prefix = image.variable("VIRTUAL_ENV").map(|path| relative(Path::new(path)));
    for layer in image.layers.iter().rev() {
        let mut first = Looking { most: Some(FIRST), ..Looking::default() };
        glance(&image.place, &layer.name, &mut first)?;
        if first.collected.is_complete() {
            return first.collected.finish(path, None);
        }
    }
    let mut all = Looking { prefix: prefix.clone().unwrap_or_default(), ..Looking::default() };
    for layer in &image.layers {
        glance(&image.place, &layer.name, &mut all)?;
    }
    all.collected.finish(path, prefix.as_deref())
}

#[derive(Default)]
struct Looking {
    collected: Collected,
    /// How many members are looked at.
    most: Option<usize>,
    seen: usize,
    prefix: PathBuf,
}

impl Visitor for Looking {
    fn layer(&mut self) {
        self.seen = 0;
    }

    fn gone(&mut self, path: &Path, _: bool) {
        self.collected.forget(path);
    }

    fn member(&mut self, member: &Member, content: &mut dyn Read) -> io::Result<bool> {
        self.seen += 1;
        if self.most.is_some_and(|most| self.seen > most) {
            return Ok(false);
        }
        if !member.path.starts_with(&self.prefix) {
            return Ok(true);
        }
        match (kind(&member.path), &member.kind) {
            (Some(kind), MemberKind::File(_)) => self.collected.take(kind, &member.path, content)?,
            _ => return Ok(true),
        }
        Ok(!self.collected.is_complete())
    }
}
