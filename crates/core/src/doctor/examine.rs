//! All checks in their order.

use super::check::REPLACED_BY_UV;
use super::finding::Finding;
use super::repair::FixError;
use super::shells::Surroundings;
use super::subject::Doctor;
use super::{altered, dot_venv, environment, kernels, projects, repair, shells, store};
use crate::env::Environment;
use crate::env::health::Memory;
use crate::fs::order::Order as _;
use crate::fs::parallel::in_parallel;
use crate::python::Search;
use crate::store::HomeError;

impl Doctor<'_> {
    /// Examines these environments, in their order.
    pub fn environments(&self, environments: &[Environment]) -> Vec<Finding> {
        let parts = in_parallel(environments, Memory::default, |memory, part| environment::examine(self, part, memory));
        let mut findings: Vec<Finding> = parts;
        // What has no name is nobody's project or kernel by that.
        let named: Vec<_> = environments.iter().filter(|one| one.name().path().is_none()).cloned().collect();
        findings.extend(projects::examine(self, &named));
        findings.extend(kernels::paths(self, &named));
        if self.is_deep {
            findings.extend(environments.iter().flat_map(altered::examine));
        }
        // Findings of one environment stay together, the worst of all first.
        findings.order_by(|a, b| (&a.environment, a.severity, a.id).cmp(&(&b.environment, b.severity, b.id)));
        findings
    }

    /// Examines the store as a whole, and what is around it.
    pub fn surroundings(&self, surroundings: &Surroundings<'_>) -> Result<Vec<Finding>, HomeError> {
        let mut findings = store::examine(self)?;
        findings.extend(dot_venv::examine(self, surroundings.cwd));
        findings.extend(shells::examine(self.store, surroundings));
        findings.extend(kernels::dead(self));
        findings.order_by_key(|finding| (finding.severity, finding.id));
        Ok(findings)
    }

    /// Corrects what findings name: where no Python of the version is left, a repair would fail, as it would for a link.
    pub fn name_remedies(&self, findings: &mut [Finding], search: &Search<'_>) {
        repair::leave_links(self, findings);
        repair::name_remedies(self, findings, search);
    }

    /// Puts right what can be without loss; returns whether a finding is of that kind and is put right now. If not, it
    /// may name another command afterwards.
    pub fn fix(&self, finding: &mut Finding, search: &Search<'_>) -> Result<bool, FixError> {
        // Of what uv has replaced the project at least comes back.
        if finding.id == REPLACED_BY_UV.id || finding.fix.as_ref().is_some_and(|fix| fix.is_automatic) {
            return repair::fix(self, finding, search);
        }
        Ok(false)
    }
}
