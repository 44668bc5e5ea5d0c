//! Putting a bundle together in a directory next to its place, and giving it that place, perhaps packed as a tar.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::contents;
use super::error::BundleError;
use super::manifest::{BundledFile, Manifest};
use super::repack::TIME;
use crate::fs::hex::hex;
use crate::fs::lock::DirectoryLock;
use crate::fs::magic;
use crate::fs::room;
use crate::fs::staged::{self, Staged};
use crate::fs::{
    self, PathContext, PathError, PathResult, create_dir, open_regular, remove_tree, temporary, write_new,
};
use crate::pack::entry::{Entry, Kind, Sink};
use crate::pack::tar::Tar;

/// The directory of the wheels in a bundle.
pub(super) const WHEELS: &str = "wheels";
/// The list of the hashes of all other files.
pub(super) const SUMS: &str = "SHA256SUMS";
/// What a bundle says about itself.
pub(super) const MANIFEST: &str = "bundle.json";
/// The list for pip and uv.
pub(super) const REQUIREMENTS: &str = "requirements.txt";
/// The largest pip.
const MAX_PIP: u64 = 64 << 20;

/// Returns the files of which each decides what a bundle installs: of a directory also its list, which has the hashes of
/// all others.
pub fn deciding_files(bundle: &Path) -> Vec<PathBuf> {
    let list = bundle.join(MANIFEST);
    std::iter::once(bundle.to_path_buf()).chain(list.exists().then_some(list)).collect()
}

/// Where a bundle goes.
#[derive(Clone, Copy, Debug)]
pub enum Output<'a> {
    /// Into this archive, which is replaced if it is there.
    Tar(&'a Path),
    /// Into this directory, which must not be there yet.
    Directory(&'a Path),
}

/// A bundle that was made.
#[derive(Clone, Debug)]
pub struct Bundled {
    /// What it says about itself.
    pub manifest: Manifest,
    /// Its size: that of the archive, or of all wheels.
    pub size: u64,
}

impl Output<'_> {
    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Self::Tar(path) | Self::Directory(path) => path,
        }
    }

    /// Fails if something is there that is not replaced: before anything is fetched or built.
    pub(super) fn check(&self) -> Result<(), BundleError> {
        match self {
            Self::Tar(path) if magic::is_no_plain_tar(path) => Err(BundleError::Ending { path: path.to_path_buf() }),
            Self::Tar(path) => Ok(staged::check(path)?),
            Self::Directory(path) if path.symlink_metadata().is_ok() => {
                Err(BundleError::Exists { path: path.to_path_buf() })
            }
            Self::Directory(_) => Ok(()),
        }
    }
}

/// A bundle under way, in a directory that is removed unless it gets its place.
pub(super) struct Draft {
    /// What it will say about itself.
    pub(super) manifest: Manifest,
    directory: PathBuf,
    /// Wheels that are elsewhere, by the names of their files.
    elsewhere: BTreeMap<String, PathBuf>,
    _lock: DirectoryLock,
}

impl Draft {
    /// Begins a bundle next to its place.
    pub(super) fn new(manifest: Manifest, output: Output<'_>) -> PathResult<Self> {
        let place = output.path();
        let parent = place.parent().unwrap_or(place);
        temporary::sweep(parent);
        temporary::sweep_siblings(parent);
        let directory = temporary::sibling(place);
        // The directory is of no concern to anybody: what cannot be created is the bundle.
        create_dir(&directory, 0o777).map_err(|error| PathError { path: place.to_path_buf(), ..error })?;
        let lock = DirectoryLock::take(&directory)?;
        let draft = Self { manifest, directory, elsewhere: BTreeMap::new(), _lock: lock };
        create_dir(&draft.wheels(), 0o777)?;
        Ok(draft)
    }

    /// Where its wheels are written.
    pub(super) fn wheels(&self) -> PathBuf {
        self.directory.join(WHEELS)
    }

    /// Lists a wheel, for these targets by their place in the manifest.
    pub(super) fn list(&mut self, file: BundledFile, targets: &[usize]) {
        for target in targets {
            self.manifest.targets[*target].wheels.push(file.file.clone());
        }
        if !self.manifest.wheels.iter().any(|known| known.file == file.file) {
            self.manifest.wheels.push(file);
        }
    }

    /// Takes a wheel that is elsewhere, where it stays.
    pub(super) fn take(&mut self, file: &str, path: &Path) {
        self.elsewhere.insert(file.to_owned(), path.to_path_buf());
    }

    /// Where a wheel is.
    pub(super) fn path_of(&self, file: &str) -> PathBuf {
        self.elsewhere.get(file).cloned().unwrap_or_else(|| self.wheels().join(file))
    }

    /// Adds a wheel of pip for all targets.
    pub(super) fn add_pip(&mut self, path: &Path) -> PathResult<()> {
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let version = file.split('-').nth(1).unwrap_or_default();
        let content = fs::read_limited(path, MAX_PIP)?;
        write_new(&self.wheels().join(file), &content, 0o666)?;
        self.manifest.pip = Some(file.to_owned());
        let own = BundledFile {
            file: file.to_owned(),
            name: "pip".into(),
            version: version.to_owned(),
            sha256: hex(&Sha256::digest(&content)),
            size: content.len() as u64,
            requested: false,
        };
        let targets: Vec<usize> = (0..self.manifest.targets.len()).collect();
        self.list(own, &targets);
        Ok(())
    }

    /// Writes what is in it besides the wheels, gives it its place, and returns its size.
    pub(super) fn publish(self, output: Output<'_>) -> Result<Bundled, BundleError> {
        self.check_room(output)?;
        self.write_texts()?;
        let size = match output {
            Output::Directory(path) => {
                self.gather(path)?;
                fs::rename_no_replace(&self.directory, path)?;
                self.manifest.wheels.iter().map(|file| file.size).sum()
            }
            Output::Tar(path) => {
                let staged = Staged::new(path, 0o666)?;
                let mut buffered = BufWriter::with_capacity(1 << 17, staged.file());
                self.tar(&mut buffered, path)?;
                buffered.flush().at("write", path)?;
                drop(buffered);
                let size = staged.file().metadata().at("read", path)?.len();
                staged.publish()?;
                size
            }
        };
        Ok(Bundled { manifest: self.manifest.clone(), size })
    }

    /// Fails if there is no room for copies of the wheels, whose sizes may not have been known before.
    pub(super) fn check_room(&self, output: Output<'_>) -> Result<(), BundleError> {
        let is_tar = matches!(output, Output::Tar(_));
        let is_copied = |file: &&BundledFile| is_tar || self.elsewhere.contains_key(&file.file);
        let size = self.manifest.wheels.iter().filter(is_copied).map(|file| file.size).sum();
        let place = output.path();
        room::check(place.parent().unwrap_or(place), size).map_err(|room| BundleError::NoRoom { room, is_cache: false })
    }

    /// Brings in the wheels that are elsewhere; errors name the place that the directory will have.
    fn gather(&self, named: &Path) -> PathResult<()> {
        for (file, path) in &self.elsewhere {
            let place = self.wheels().join(file);
            let mut output =
                OpenOptions::new().write(true).create_new(true).mode(0o666).open(&place).at("create", &place)?;
            io::copy(&mut open_regular(path)?, &mut output).copying(path, named)?;
        }
        Ok(())
    }

    fn write_texts(&self) -> PathResult<()> {
        let manifest = &self.manifest;
        let mut texts = vec![
            (MANIFEST.to_owned(), manifest.to_json()),
            ("install.sh".to_owned(), contents::install_script(manifest)),
            ("pylock.toml".to_owned(), contents::pylock(manifest).into_bytes()),
        ];
        for list in contents::lists(manifest) {
            let text = contents::requirements(manifest, &list);
            texts.push((list, text.into_bytes()));
        }
        let wheels = manifest.wheels.iter().map(|file| (format!("{WHEELS}/{}", file.file), file.sha256.clone()));
        let mut sums: Vec<(String, String)> = wheels.collect();
        for (name, content) in texts {
            sums.push((name.clone(), hex(&Sha256::digest(&content))));
            let mode = if name == "install.sh" { 0o777 } else { 0o666 };
            write_new(&self.directory.join(name), &content, mode)?;
        }
        sums.sort();
        let lines: Vec<String> = sums.into_iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
        write_new(&self.directory.join(SUMS), lines.concat().as_bytes(), 0o666)
    }

    /// Writes the files in a fixed order: first what is read first.
    fn tar(&self, output: &mut dyn Write, path: &Path) -> PathResult<()> {
        let (directory, manifest) = (&self.directory, &self.manifest);
        let mut tar = Tar::new(output, &format!("{}/", manifest.name));
        let mut names: Vec<String> = [MANIFEST, SUMS, "install.sh", "pylock.toml"].map(str::to_owned).to_vec();
        names.extend(contents::lists(manifest));
        names.extend(manifest.wheels.iter().map(|file| format!("{WHEELS}/{}", file.file)));
        let entry = |path: &str, kind, mode| Entry { path: path.into(), kind, mode, mtime: TIME };
        for name in ["", WHEELS] {
            tar.add(&entry(name, Kind::Directory, 0o755), &mut io::empty()).at("write", path)?;
        }
        for name in names {
            let wheel = name.strip_prefix("wheels/").map(|file| self.path_of(file));
            let source = wheel.unwrap_or_else(|| directory.join(&name));
            let mut file = open_regular(&source)?;
            let size = file.metadata().at("read", &source)?.len();
            let mode = if name == "install.sh" { 0o755 } else { 0o644 };
            tar.add(&entry(&name, Kind::File(size), mode), &mut Read::by_ref(&mut file)).copying(&source, path)?;
        }
        tar.finish().at("write", path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.directory.symlink_metadata().is_ok() {
            let _ = remove_tree(&self.directory);
        }
    }
}
