//! Making a bundle of wheels that are fetched from where a lock says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::check;
use super::downloads::{Downloads, Network};
use super::error::{AND_PYTHON, BundleError};
use super::manifest::{BundledFile, Manifest, SCHEMA, TOOL, Target};
use super::offer::{Missing, Offer, Remote};
use super::place::{Bundled, Draft, Output, REQUIREMENTS};
use super::platform::Platform;
use super::target_python::TargetPython;
use crate::fs::order::Order as _;
use crate::relocate::{glibc, linked};
use crate::wheel::names;

/// What a bundle is made from.
#[derive(Clone, Debug)]
pub struct FromIndex<'a> {
    /// Its name.
    pub name: &'a str,
    /// The Python that it is for.
    pub python: TargetPython,
    /// The systems that it is for, with the packages of each.
    pub targets: Vec<(Platform, Vec<Offer>)>,
    /// The normalised names of what the user asked for; none if that was everything.
    pub requested: Option<BTreeSet<String>>,
    /// A wheel of pip.
    pub pip: Option<&'a Path>,
}

/// The wheels of a bundle that is still to be made.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    pip: Option<&'a Path>,
    manifest: Manifest,
    /// What is to be listed, and for which targets.
    files: Vec<(BundledFile, Vec<usize>)>,
    remotes: Vec<Remote>,
}

/// What came of a selection.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The bundle.
    pub bundled: Bundled,
    /// The files of wheels whose names promise no glibc, and the newest that they use.
    pub built: Vec<(String, Option<String>)>,
}

impl<'a> Selection<'a> {
    /// Chooses the best wheel of each package for each system; fails with all packages that have none.
    pub fn new(request: &FromIndex<'a>) -> Result<Self, BundleError> {
        let mut found = Self { pip: request.pip, manifest: manifest(request), files: Vec::new(), remotes: Vec::new() };
        let mut missing: BTreeSet<Missing> = BTreeSet::new();
        for (at, (platform, offers)) in request.targets.iter().enumerate() {
            let tags = request.python.tags(platform);
            let title = format!("`{platform}`{AND_PYTHON}{}", request.python);
            for offer in offers {
                match offer.choose(&tags, &title) {
                    Ok((name, remote)) => {
                        let is_requested = request.requested.as_ref().is_none_or(|all| all.contains(&offer.key));
                        found.add(at, &name.key, &name.version.to_string(), remote, is_requested)?;
                        let target = &mut found.manifest.targets[at];
                        target.glibc = target.glibc.max(check::glibc(&name.tags, None));
                    }
                    Err(one) => drop(missing.insert(one)),
                }
            }
        }
        if !missing.is_empty() {
            return Err(BundleError::Missing(missing.into_iter().collect()));
        }
        found.files.order_by(|(a, _), (b, _)| a.file.cmp(&b.file));
        found.name_lists();
        Ok(found)
    }

    /// Returns how many bytes are to be fetched or copied, as far as that is known.
    pub fn size(&self) -> Option<u64> {
        self.remotes.iter().try_fold(0, |all: u64, remote| Some(all.saturating_add(remote.size?)))
    }

    /// Returns the names of the packages for each system that not all have.
    pub fn differences(&self) -> Vec<(String, Vec<String>)> {
        let targets = self.manifest.targets.iter().enumerate();
        let of = |at: usize| self.names().filter(move |(_, all)| all.contains(&at)).map(|(name, _)| name.to_owned());
        let is_common = |name: &String| (0..self.manifest.targets.len()).all(|at| of(at).any(|other| other == *name));
        let own = targets.map(|(at, target)| {
            let names: BTreeSet<String> = of(at).filter(|name| !is_common(name)).collect();
            (target.platform.clone().unwrap_or_default(), names.into_iter().collect::<Vec<_>>())
        });
        own.filter(|(_, names)| !names.is_empty()).collect()
    }

    /// Fetches the wheels and makes the bundle. `progress` is told how many bytes more are there; any thread may do that.
    pub fn bundle(
        self,
        network: &Network<'_>,
        output: Output<'_>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Gathered, BundleError> {
        output.check()?;
        let downloads = Downloads::begin(network);
        downloads.check_room(&self.remotes, output)?;
        let mut draft = Draft::new(self.manifest, output)?;
        downloads.fetch(&self.remotes, &mut draft, network, progress)?;
        let mut built = Vec::new();
        for (mut file, targets) in self.files {
            let path = draft.path_of(&file.file);
            file.size = std::fs::metadata(&path).map(|found| found.len()).unwrap_or_default();
            // Its name promises no glibc: it was built for the machine it was built on.
            if file.file.contains("-linux_") {
                let used = used_glibc(&file.file, &path)?;
                for at in &targets {
                    let target = &mut draft.manifest.targets[*at];
                    target.glibc = target.glibc.max(used);
                }
                built.push((file.file.clone(), used.map(glibc::version)));
            }
            draft.list(file, &targets);
        }
        draft.check_room(output)?;
        let own = draft.manifest.wheels.iter().filter(|file| file.name == "pip").map(|file| file.file.clone());
        let own: Vec<String> = own.collect();
        match (&own[..], self.pip) {
            // It is a tool, also when it is a package.
            ([pip], Some(_)) => draft.manifest.pip = Some(pip.clone()),
            ([], Some(pip)) => draft.add_pip(pip)?,
            _ => {}
        }
        let bundled = draft.publish(output)?;
        downloads.finish();
        Ok(Gathered { bundled, built })
    }

    fn names(&self) -> impl Iterator<Item = (&str, &Vec<usize>)> {
        self.files.iter().map(|(file, targets)| (file.name.as_str(), targets))
    }

    fn add(
        &mut self,
        at: usize,
        key: &str,
        version: &str,
        remote: &Remote,
        requested: bool,
    ) -> Result<(), BundleError> {
        if let Some((known, targets)) = self.files.iter_mut().find(|(known, _)| known.file == remote.file) {
            if known.sha256 != remote.sha256 {
                return Err(BundleError::TwoHashes { file: known.file.clone() });
            }
            targets.push(at);
            return Ok(());
        }
        let file = BundledFile {
            file: remote.file.clone(),
            name: key.to_owned(),
            version: version.to_owned(),
            sha256: remote.sha256.clone(),
            size: remote.size.unwrap_or_default(),
            requested,
        };
        self.files.push((file, vec![at]));
        self.remotes.push(remote.clone());
        Ok(())
    }

    /// One list will do where all systems have the same versions.
    fn name_lists(&mut self) {
        let versions = |at: usize| -> BTreeMap<&str, &str> {
            let own = self.files.iter().filter(|(_, targets)| targets.contains(&at));
            own.map(|(file, _)| (file.name.as_str(), file.version.as_str())).collect()
        };
        let is_one = (1..self.manifest.targets.len()).all(|at| versions(at) == versions(0));
        for target in &mut self.manifest.targets {
            let platform = target.platform.as_deref().unwrap_or_default();
            target.requirements = if is_one { REQUIREMENTS.to_owned() } else { format!("requirements-{platform}.txt") };
        }
    }
}

fn manifest(request: &FromIndex<'_>) -> Manifest {
    let target = |platform: &Platform| Target {
        platform: Some(platform.to_string()),
        marker: Some(platform.marker()),
        machine: Some(platform.machine()),
        musl: platform.is_musl(),
        ..Target::default()
    };
    Manifest {
        schema: SCHEMA,
        tool: TOOL.into(),
        name: request.name.to_owned(),
        python: request.python.library(),
        repacked: false,
        pip: None,
        targets: request.targets.iter().map(|(platform, _)| target(platform)).collect(),
        wheels: Vec::new(),
    }
}

/// Returns the newest glibc that something in a wheel uses.
fn used_glibc(file: &str, path: &Path) -> Result<Option<u32>, BundleError> {
    let mut newest = None;
    names::for_each(path, file, &mut |content| {
        newest = newest.max(linked::newest_glibc_in(content)?);
        Ok(())
    })?;
    Ok(newest)
}
