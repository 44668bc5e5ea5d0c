//! What an environment uses of its base Python: packages that stay behind when it goes to another place.

use std::collections::BTreeSet;

use super::diff::with_needed;
use super::packages::Packages;

/// Returns the packages of the base Python that the environment's own need, directly or not, sorted.
pub fn borrowed(packages: &Packages) -> Vec<String> {
    let installed = &packages.installed;
    let (own, others): (Vec<_>, Vec<_>) = installed.distributions.iter().partition(|found| found.is_local);
    let others: BTreeSet<&str> = others.iter().map(|found| found.key.as_str()).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let own = own.iter().map(|found| (found.key.clone(), Vec::new())).collect();
    let all = with_needed(installed, &packages.python, own);
    all.into_iter().filter(|key| others.contains(key.as_str())).collect()
}
