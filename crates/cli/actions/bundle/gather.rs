//! Gathering the packages of a bundle: resolved for each system, and built where there is no wheel.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use venvwrap_core::bundle::offer::{self, Missing, MissingReason, Offer};
use venvwrap_core::bundle::platform::Platform;
use venvwrap_core::bundle::wish::{Part, PartSource};
use venvwrap_core::bundle::{BundleError, Workshop};
use venvwrap_core::env::packages::normalized;

use super::build::{self, BuildError};
use super::input::Input;
use super::resolve::{ResolveError, Resolver};
use super::target::Targets;
use crate::actions::sources;
use crate::args::BundleArgs;
use crate::error::{Error, Result};
use crate::process::Process;
use crate::ui::printer;

/// What is known while packages are gathered.
pub(crate) struct Gathering<'a> {
    process: &'a Process,
    args: &'a BundleArgs,
    targets: &'a Targets,
    workshop: &'a Workshop,
    /// The URLs of the wheels that were built.
    built: BTreeMap<String, String>,
}

impl<'a> Gathering<'a> {
    /// Begins with nothing built.
    pub(crate) fn new(
        process: &'a Process,
        args: &'a BundleArgs,
        targets: &'a Targets,
        workshop: &'a Workshop,
    ) -> Self {
        Self { process, args, targets, workshop, built: BTreeMap::new() }
    }

    /// Builds the projects that were named, and those of the environment that may be built.
    pub(crate) fn build_projects(&mut self, input: &mut Input) -> Result<()> {
        for project in &self.args.projects {
            let project = self.process.absolute(project);
            let title = project.display().to_string();
            let python = self.targets.interpreter.clone().or_else(|| self.targets.any_interpreter(self.process));
            let python = python.ok_or_else(|| self.not_here(&title, &self.targets.platforms[0]))?;
            let found = build::build(self.process, self.workshop, &python, &build::line_of(&project), &title)?;
            input.wish.add(&found.0);
            self.built.insert(found.0, found.1);
        }
        let mut missing = Vec::new();
        let parts: Vec<Part> = input.wish.to_build().cloned().collect();
        for part in &parts {
            if self.built.contains_key(&part.key) {
                continue;
            }
            if self.may_build(&part.key) {
                self.build(&part.key, &part.to_build(), &self.targets.platforms[0].clone())?;
                continue;
            }
            let reason = match part.source {
                Some(PartSource::Repository) => MissingReason::Repository,
                _ => MissingReason::Project,
            };
            missing.push(Missing { key: part.key.clone(), reason });
        }
        if missing.is_empty() { Ok(()) } else { Err(BundleError::Missing(missing).into()) }
    }

    /// The packages for a system. What has no wheel is built, if it may be.
    pub(crate) fn offers(&mut self, resolver: &Resolver<'_>, input: &Input, platform: &Platform) -> Result<Vec<Offer>> {
        if let Some((text, directory)) = &input.lock {
            return self.of_lock(text, directory, input, platform);
        }
        loop {
            let question = input.wish.question(self.targets.python, platform, &self.built);
            let only_source = match resolver.resolve(&question, platform) {
                Ok(mut offers) => {
                    let hashes = input.wish.hashes(self.targets.python, platform);
                    let is_built = |offer: &Offer| self.built.contains_key(&offer.key);
                    for offer in offers.iter_mut().filter(|offer| !is_built(offer)) {
                        hashes.get(&offer.key).into_iter().for_each(|hashes| offer.keep(hashes));
                    }
                    // Of what was built here, no other file is taken.
                    for offer in offers.iter_mut().filter(|offer| is_built(offer)) {
                        *offer = self.built_offer(&offer.key)?.unwrap_or_else(|| offer.clone());
                    }
                    return Ok(offers);
                }
                Err(error) => error,
            };
            let names = names_without_wheel(&only_source);
            let is_new = |name: &String| self.may_build(name) && !self.built.contains_key(name);
            if names.is_empty() || !names.iter().all(is_new) {
                return Err(only_source);
            }
            for name in names {
                self.build(&name, &line_of(input, &name), platform)?;
            }
        }
    }

    fn of_lock(&mut self, text: &str, directory: &Path, input: &Input, platform: &Platform) -> Result<Vec<Offer>> {
        let markers = self.targets.python.markers(platform);
        let mut offers = offer::of_lock(text, directory, &markers)?;
        for offer in &mut offers {
            if offer.is_only_source() && self.may_build(&offer.key) && !self.built.contains_key(&offer.key) {
                self.build(&offer.key.clone(), &line_of(input, &offer.key), platform)?;
            }
            if self.built.contains_key(&offer.key) {
                *offer = self.built_offer(&offer.key)?.unwrap_or_else(|| offer.clone());
            }
        }
        let has = |key: &String| offers.iter().any(|offer| offer.key == *key);
        let others: Vec<String> = self.built.keys().filter(|key| !has(key)).cloned().collect();
        for key in others {
            offers.extend(self.built_offer(&key)?);
        }
        Ok(offers)
    }

    fn built_offer(&self, key: &str) -> Result<Option<Offer>> {
        for file in self.workshop.built()? {
            if let Some(offer) = self.workshop.offer(&file)?.filter(|offer| offer.key == key) {
                return Ok(Some(offer));
            }
        }
        Ok(None)
    }

    fn may_build(&self, key: &str) -> bool {
        self.args.build_all || self.args.build.iter().any(|name| normalized(name) == key)
    }

    fn build(&mut self, key: &str, line: &str, platform: &Platform) -> Result<()> {
        let python = self.targets.here(platform).ok_or_else(|| self.not_here(key, platform))?;
        printer::remark(&format!("building a wheel of `{key}`"));
        let found = build::build(self.process, self.workshop, python, line, key)?;
        if found.0 != key {
            return Err(BuildError::Other { package: key.to_owned(), found: found.0 }.into());
        }
        self.built.insert(found.0, found.1);
        Ok(())
    }

    fn not_here(&self, package: &str, platform: &Platform) -> BuildError {
        let (python, platform) = (self.targets.python.to_string(), platform.to_string());
        BuildError::NotHere { package: package.to_owned(), python, platform }
    }

    /// A pip for a Python that is not on this machine.
    pub(crate) fn pip_for_others(&self) -> Option<PathBuf> {
        let python = self.targets.any_interpreter(self.process).filter(|_| !self.args.no_pip)?;
        self.targets.pip_for_others(&sources::known(self.process, &python))
    }
}

/// The names of packages that could be built, if that is what an error is about.
fn names_without_wheel(error: &Error) -> Vec<String> {
    let found = error.chain().find_map(|error| error.downcast_ref::<ResolveError>());
    match found {
        Some(ResolveError::OnlySource { names, .. }) => names.clone(),
        _ => Vec::new(),
    }
}

/// The line that builds a package: as it is wanted, if that is known.
fn line_of(input: &Input, key: &str) -> String {
    let part = input.wish.parts().iter().find(|part| part.key == key);
    part.map_or_else(|| key.to_owned(), Part::to_build)
}
