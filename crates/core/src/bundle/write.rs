//! Writing a bundle: into a directory next to its place, which is then renamed, or packed as a tar.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::altered::Known;
use super::check;
use super::contents;
use super::error::{BundleError, Unfit};
use super::manifest::{BundledFile, Manifest, SCHEMA, Target};
use super::repack::{Repacked, TIME, repack};
use super::rows::{Row, rows};
use crate::env::Environment;
use crate::env::distributions::{Distribution, installed};
use crate::env::import_path::library_name;
use crate::env::packages::version_of;
use crate::fs::hex::hex;
use crate::fs::lock::DirectoryLock;
use crate::fs::staged::Staged;
use crate::fs::{self, PathContext, PathResult, create_dir, remove_tree, temporary, write_new};
use crate::pack::entry::{Entry, Kind, Sink};
use crate::pack::manifest::machine;
use crate::pack::tar::Tar;

/// The directory of the wheels in a bundle.
pub(super) const WHEELS: &str = "wheels";
/// The list of the hashes of all other files.
pub(super) const SUMS: &str = "SHA256SUMS";
/// What a bundle says about itself.
pub(super) const MANIFEST: &str = "bundle.json";
/// The list for pip and uv.
const REQUIREMENTS: &str = "requirements.txt";
/// The largest pip.
const MAX_PIP: u64 = 64 << 20;

/// How a bundle is made from what is installed.
#[derive(Clone, Debug, Default)]
pub struct FromInstalled<'a> {
    /// Whether changed files are packed as they are.
    pub force: bool,
    /// Whether pip comes along.
    pub with_pip: bool,
    /// A wheel of pip, for an environment that has none.
    pub pip: Option<&'a Path>,
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
    fn path(&self) -> &Path {
        match self {
            Self::Tar(path) | Self::Directory(path) => path,
        }
    }
}

/// Makes a bundle of the packages that are installed in an environment. No index is asked. `progress` is told of each
/// package, with the number of all.
pub fn from_installed(
    environment: &Environment,
    request: &FromInstalled<'_>,
    output: Output<'_>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Bundled, BundleError> {
    let name = environment.name().to_string();
    let python = library_name(environment).ok_or_else(|| BundleError::NoLibrary { name: name.clone() })?;
    check_place(environment, output)?;
    let packages = listed(environment, request)?;
    let staging = Staging::new(output.path())?;
    let manifest = Manifest {
        schema: SCHEMA,
        tool: concat!("venvwrap ", env!("CARGO_PKG_VERSION")).into(),
        name,
        python,
        repacked: true,
        pip: None,
        targets: vec![Target { requirements: REQUIREMENTS.into(), ..Target::default() }],
        wheels: Vec::new(),
    };
    let mut bundle = Bundle { manifest, directory: staging.0.clone() };
    bundle.add_all(environment, &packages, request, progress)?;
    if let Some(pip) = request.pip.filter(|_| request.with_pip && bundle.manifest.pip.is_none()) {
        bundle.add_pip(pip)?;
    }
    bundle.write_texts()?;
    let size = publish(&staging, &bundle.manifest, output)?;
    Ok(Bundled { manifest: bundle.manifest, size })
}

fn check_place(environment: &Environment, output: Output<'_>) -> Result<(), BundleError> {
    let path = output.path();
    if matches!(output, Output::Directory(path) if path.symlink_metadata().is_ok()) {
        return Err(BundleError::Exists { path: path.to_path_buf() });
    }
    let parent = path.parent().unwrap_or(path);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if real(parent).starts_with(real(environment.path())) {
        return Err(BundleError::IntoItself { path: path.to_path_buf() });
    }
    Ok(())
}

/// The environment's own packages with their files; fails with all of which no wheel can be made.
fn listed(
    environment: &Environment,
    request: &FromInstalled<'_>,
) -> Result<Vec<(Distribution, Vec<Row>)>, BundleError> {
    let (mut found, mut unfit) = (Vec::new(), Vec::new());
    let is_wanted = |found: &Distribution| found.is_local && (request.with_pip || found.key != "pip");
    let mut distributions: Vec<_> = installed(environment, None).distributions.into_iter().filter(is_wanted).collect();
    distributions.sort_by(|a, b| a.key.cmp(&b.key));
    for distribution in distributions {
        match rows(environment, &distribution) {
            Ok(rows) => found.push((distribution, rows)),
            Err(obstacle) => unfit.push(Unfit { name: distribution.name, obstacle }),
        }
    }
    if unfit.is_empty() { Ok(found) } else { Err(BundleError::Unfit(unfit)) }
}

/// A directory next to the place of the bundle; it is removed unless it got that place.
struct Staging(PathBuf, #[expect(dead_code, reason = "it is held")] DirectoryLock);

impl Staging {
    fn new(place: &Path) -> PathResult<Self> {
        let parent = place.parent().unwrap_or(place);
        temporary::sweep(parent);
        temporary::sweep_siblings(parent);
        let path = temporary::sibling(place);
        create_dir(&path, 0o777)?;
        let lock = DirectoryLock::take(&path)?;
        let staging = Self(path, lock);
        create_dir(&staging.0.join(WHEELS), 0o777)?;
        Ok(staging)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.0.symlink_metadata().is_ok() {
            let _ = remove_tree(&self.0);
        }
    }
}

/// A bundle under way.
struct Bundle {
    manifest: Manifest,
    directory: PathBuf,
}

impl Bundle {
    fn add_all(
        &mut self,
        environment: &Environment,
        packages: &[(Distribution, Vec<Row>)],
        request: &FromInstalled<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), BundleError> {
        let version = version_of(&self.manifest.python).unwrap_or((3, 0));
        let mut known = Known::default();
        for (_, rows) in packages {
            known.add(rows);
        }
        let mut unfit = Vec::new();
        for (count, (distribution, rows)) in packages.iter().enumerate() {
            progress(count, packages.len());
            match repack(environment, distribution, rows, &known, version, request.force, &self.directory.join(WHEELS))
            {
                Ok(wheel) => self.add(distribution, wheel),
                Err(obstacle) => unfit.push(Unfit { name: distribution.name.clone(), obstacle }),
            }
        }
        if unfit.is_empty() { Ok(()) } else { Err(BundleError::Unfit(unfit)) }
    }

    fn add(&mut self, distribution: &Distribution, wheel: Repacked) {
        let target = &mut self.manifest.targets[0];
        if !check::is_for_any(&wheel.tags) {
            target.machine.get_or_insert_with(machine);
            target.glibc = target.glibc.max(check::glibc(&wheel.tags, wheel.glibc));
        }
        if distribution.key == "pip" {
            self.manifest.pip = Some(wheel.file.clone());
        }
        self.list(BundledFile {
            file: wheel.file,
            name: distribution.key.clone(),
            version: distribution.version.clone(),
            sha256: wheel.sha256,
            size: wheel.size,
            requested: distribution.is_requested(),
        });
    }

    fn add_pip(&mut self, path: &Path) -> PathResult<()> {
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let version = file.split('-').nth(1).unwrap_or_default();
        let content = fs::read_limited(path, MAX_PIP)?;
        write_new(&self.directory.join(WHEELS).join(file), &content, 0o666)?;
        self.manifest.pip = Some(file.to_owned());
        self.list(BundledFile {
            file: file.to_owned(),
            name: "pip".into(),
            version: version.to_owned(),
            sha256: hex(&Sha256::digest(&content)),
            size: content.len() as u64,
            requested: false,
        });
        Ok(())
    }

    fn list(&mut self, file: BundledFile) {
        self.manifest.targets[0].wheels.push(file.file.clone());
        self.manifest.wheels.push(file);
    }

    fn write_texts(&self) -> PathResult<()> {
        let manifest = &self.manifest;
        let mut texts = vec![
            (MANIFEST.to_owned(), manifest.to_json()),
            ("install.sh".to_owned(), contents::install_script(manifest)),
            ("pylock.toml".to_owned(), contents::pylock(manifest).into_bytes()),
        ];
        for target in &manifest.targets {
            texts.push((target.requirements.clone(), contents::requirements(manifest, target).into_bytes()));
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
}

/// Gives the bundle its place, and returns its size.
fn publish(staging: &Staging, manifest: &Manifest, output: Output<'_>) -> PathResult<u64> {
    match output {
        Output::Directory(path) => {
            fs::rename_no_replace(&staging.0, path)?;
            Ok(manifest.wheels.iter().map(|file| file.size).sum())
        }
        Output::Tar(path) => {
            let staged = Staged::new(path, 0o666)?;
            let mut buffered = BufWriter::with_capacity(1 << 17, staged.file());
            tar(&staging.0, manifest, &mut buffered)?;
            buffered.flush().at("write", path)?;
            drop(buffered);
            let size = staged.file().metadata().at("read", path)?.len();
            staged.publish()?;
            Ok(size)
        }
    }
}

/// Writes the files in a fixed order: first what is read first.
fn tar(directory: &Path, manifest: &Manifest, output: &mut dyn Write) -> PathResult<()> {
    let mut tar = Tar::new(output, &format!("{}/", manifest.name));
    let lists = manifest.targets.iter().map(|target| target.requirements.as_str());
    let mut names: Vec<String> =
        [MANIFEST, SUMS, "install.sh", "pylock.toml"].into_iter().chain(lists).map(str::to_owned).collect();
    names.extend(manifest.wheels.iter().map(|file| format!("{WHEELS}/{}", file.file)));
    let entry = |path: &str, kind, mode| Entry { path: path.into(), kind, mode, mtime: TIME };
    for path in ["", WHEELS] {
        tar.add(&entry(path, Kind::Directory, 0o755), &mut std::io::empty()).at("write", directory)?;
    }
    for name in names {
        let path = directory.join(&name);
        let mut file = File::open(&path).at("open", &path)?;
        let size = file.metadata().at("read", &path)?.len();
        let mode = if name == "install.sh" { 0o755 } else { 0o644 };
        tar.add(&entry(&name, Kind::File(size), mode), &mut Read::by_ref(&mut file)).at("write", &path)?;
    }
    tar.finish().at("write", directory)
}
