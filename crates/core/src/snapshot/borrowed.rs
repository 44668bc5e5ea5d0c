//! What an environment uses of its base Python: packages that stay behind when it goes to another place, unless they are
//! taken along.

use std::collections::BTreeSet;

use super::diff::with_needed;
use super::packages::Packages;
use crate::env::distributions::Distribution;
use crate::fs::order::Order as _;

/// Returns the packages of the base Python that the environment's own need, directly or not, sorted by name.
pub fn borrowed(packages: &Packages) -> Vec<Distribution> {
    let installed = &packages.installed;
    let (own, others): (Vec<_>, Vec<_>) = installed.distributions.iter().partition(|found| found.is_local);
    if others.is_empty() {
        return Vec::new();
    }
    let own = own.iter().map(|found| (found.key.clone(), Vec::new())).collect();
    let all: BTreeSet<String> = with_needed(installed, &packages.python, own);
    let mut found: Vec<_> = others.into_iter().filter(|found| all.contains(&found.key)).cloned().collect();
    found.order_by(|a, b| a.key.cmp(&b.key));
    found
}
