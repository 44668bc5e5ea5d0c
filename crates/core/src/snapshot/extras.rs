//! The extras that a file names, and what an environment lacks for them.

use std::collections::{HashMap, HashSet};

use super::check::{Problem, ProblemKind};
use super::diff::Differences;
use super::freeze::normal_version;
use super::python::Python;
use super::requirement::Requirement;
use super::side::Side;
use crate::env::distributions::{Distribution, Installed};
use crate::env::packages::normalized;

/// An extra that an installed package does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` {version} does not provide the extra `{extra}`")]
pub struct NoExtra {
    /// The normalised name of the package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The extra.
    pub extra: String,
}

/// What an extra needs and an environment does not have.
pub struct Lacking {
    /// What is needed.
    pub requirement: Requirement,
    /// What is wrong.
    pub problem: Problem,
}

/// Returns the extras of a side that installed packages do not have. Nothing is known of what is still to be changed.
pub fn unknown(side: &Side, installed: &Installed, changes: &Differences) -> Vec<NoExtra> {
    let mut found = Vec::new();
    for own in installed.distributions.iter().filter(|own| stays(own, changes)) {
        let Some(package) = side.packages.get(&own.key).filter(|package| !package.extras.is_empty()) else { continue };
        for extra in package.extras.iter().filter(|extra| !has_extra(own, extra)) {
            let (name, version) = (own.key.clone(), normal_version(&own.version));
            found.push(NoExtra { name, version, extra: extra.clone() });
        }
    }
    found
}

/// Adds to what a file asks for what the extras that it names need, where an environment has not got it: by itself the file
/// only says `web[standard]`.
pub fn add_lacking(side: &mut Side, installed: &Installed, python: &Python) {
    for lacking in lacking(side, installed, python, &Differences::default()) {
        side.add_needed(&lacking.requirement);
    }
}

fn stays(own: &Distribution, changes: &Differences) -> bool {
    changes.packages.iter().all(|change| change.name != own.key)
}

/// Returns whether a distribution has an extra: it says so, or needs something for it.
fn has_extra(distribution: &Distribution, extra: &str) -> bool {
    let extra = normalized(extra);
    let condition = format!("extra == \"{extra}\"");
    let names_it = |text: &String| {
        let marker = Requirement::parse(text).and_then(|requirement| requirement.marker);
        marker.is_some_and(|marker| marker.to_string().contains(&condition))
    };
    distribution.extras().any(|own| normalized(&own) == extra) || distribution.requirements().iter().any(names_it)
}

/// Returns what the extras of a side need and is not installed, or in another version, once these changes are made: what
/// the side names is there then. What is needed without an extra is for `check` to tell.
pub fn lacking(side: &Side, installed: &Installed, python: &Python, changes: &Differences) -> Vec<Lacking> {
    let all = installed.distributions.iter().filter(|own| stays(own, changes)).chain(&installed.standard);
    let by_key: HashMap<_, _> = all.map(|found| (found.key.as_str(), found)).collect();
    let named = side.packages.iter().filter(|(_, package)| !package.is_optional);
    let mut open: Vec<_> = named.map(|(key, package)| (key.clone(), package.extras.clone())).collect();
    let mut seen = HashSet::new();
    let mut lacking = Vec::new();
    while let Some((key, extras)) = open.pop() {
        let Some(distribution) = by_key.get(key.as_str()).filter(|_| !extras.is_empty()) else { continue };
        if !seen.insert((key.clone(), extras.clone())) {
            continue;
        }
        for requirement in distribution.requirements().iter().filter_map(|text| Requirement::parse(text)) {
            let holds = |extra| {
                let marker = requirement.marker.as_ref();
                marker.is_none_or(|marker| marker.holds(&python.markers, extra).unwrap_or_default())
            };
            let Some(extra) = extras.iter().find(|extra| !holds(None) && holds(Some(extra))) else { continue };
            let dependency = requirement.key();
            open.push((dependency.clone(), requirement.extras.clone()));
            let shown = requirement.to_string();
            let wanted = side.packages.get(&dependency).filter(|wanted| !wanted.is_optional);
            let version = match (by_key.get(dependency.as_str()), wanted) {
                (Some(found), _) => Some(&found.version),
                // Which one it will be is not known.
                (None, Some(wanted)) if wanted.version.is_none() => continue,
                (None, wanted) => wanted.and_then(|wanted| wanted.version.as_ref()),
            };
            let kind = match version {
                None => ProblemKind::Missing { dependency, requirement: shown },
                Some(version) if !requirement.specifiers.admit_text(version) => {
                    let installed = normal_version(version);
                    ProblemKind::Conflict { dependency, requirement: shown, installed }
                }
                Some(_) => continue,
            };
            let (name, version) = (format!("{key}[{extra}]"), normal_version(&distribution.version));
            lacking.push(Lacking { requirement, problem: Problem { name, version, kind } });
        }
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Environment;
    use crate::env::name::EnvName;
    use crate::snapshot::diff::{Change, Difference};
    use crate::snapshot::packages::Packages;
    use crate::snapshot::requirements::Requirements;

    fn packages(place: &tempfile::TempDir) -> Packages {
        let root = place.path().join("api");
        let site = root.join("lib/python3.11/site-packages");
        for (file, text) in [
            (
                "web-2.0.dist-info/METADATA",
                "Name: web\nVersion: 2.0\nProvides-Extra: Dev_Tools\nProvides-Extra: bare\n\
              Requires-Dist: lint>=2; extra == 'dev-tools'\nRequires-Dist: fast[all]; extra == 'Dev.Tools'\n\
              Requires-Dist: always\n",
            ),
            ("lint-1.0.dist-info/METADATA", "Name: lint\nVersion: 1.0\n"),
            ("fast-1.0.dist-info/METADATA", "Name: fast\nVersion: 1.0\nRequires-Dist: deep; extra == 'all'\n"),
            ("old-1.0.egg-info/PKG-INFO", "Name: old\nVersion: 1.0\n"),
            ("old-1.0.egg-info/requires.txt", "[More]\nlint\n"),
        ] {
            std::fs::create_dir_all(site.join(file).parent().unwrap()).unwrap();
            std::fs::write(site.join(file), format!("Metadata-Version: 2.1\n{text}")).unwrap();
        }
        std::fs::write(root.join("pyvenv.cfg"), "home = /nonexistent\nversion = 3.11.2\n").unwrap();
        let name = EnvName::for_existing("api".as_ref()).unwrap();
        Packages::read(&Environment::new(name, root), None).unwrap()
    }

    #[test]
    fn what_extras_lack_is_told_and_so_is_an_extra_that_is_none() {
        let place = tempfile::tempdir().unwrap();
        let Packages { installed, python } = packages(&place);
        let found_after = |text: &str, changed: &[&str]| {
            let mut changes = Differences::default();
            changes.packages.extend(changed.iter().map(|name| Difference {
                name: (*name).to_owned(),
                a: None,
                b: None,
                change: Change::Changed,
                platforms: Vec::new(),
            }));
            let requirements = Requirements::parse(text.as_bytes(), "/".as_ref(), "-").unwrap();
            let side = Side::of_requirements(&requirements, Some(&python.markers)).unwrap();
            let unknown = unknown(&side, &installed, &changes).into_iter().map(|extra| extra.to_string());
            let lacking =
                lacking(&side, &installed, &python, &changes).into_iter().map(|found| found.problem.to_string());
            let mut found: Vec<_> = unknown.chain(lacking).collect();
            found.sort();
            found
        };
        // What is about to be changed says nothing yet, and what the source names is there afterwards.
        let lint = "web[dev_tools] 2.0 has requirement lint>=2; extra == \"dev-tools\", but you have lint 1.5.";
        let deep = "fast[all] 1.0 requires deep, which is not installed.";
        let fast = "web[dev_tools] 2.0 requires fast, which is not installed.";
        for (text, changed, expected) in [
            ("web[none]==3", &["web"][..], &[][..]),
            ("web[dev_tools]==2\nlint==2", &["lint"], &[deep]),
            ("web[dev_tools]==2\nlint==1.5\ndeep==1", &["lint", "deep"], &[lint]),
            ("web[dev_tools]==2\nlint @ https://x/lint.zip\nfast==1", &["lint", "fast"], &[]),
            ("web[dev_tools]==2\nlint==2", &["lint", "fast"], &[fast]),
        ] {
            assert_eq!(found_after(text, changed), expected, "{text}");
        }
        let found = |text: &str| found_after(text, &[]);
        for (text, expected) in [
            ("web==2.0\nlint==1.0\n", &[][..]),
            ("web[bare,dev.tools]==2.0; python_version < '3'\nother[x]\n", &[]),
            ("old[more]\nweb[bare]\n", &[]),
            ("web[nosuch]\nWEB[nosuch]\n", &["`web` 2.0 does not provide the extra `nosuch`"]),
            ("old[none]", &["`old` 1.0 does not provide the extra `none`"]),
            (
                "web[dev_tools]==2.0",
                &[
                    "fast[all] 1.0 requires deep, which is not installed.",
                    "web[dev_tools] 2.0 has requirement lint>=2; extra == \"dev-tools\", but you have lint 1.0.",
                ],
            ),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
