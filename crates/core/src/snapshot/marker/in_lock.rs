//! Markers in locks (PEP 751): there they may ask which extras and dependency groups are to be installed.

use super::{Join, Marker, Operand, Term, Terms};
use crate::env::packages::normalized;

impl Marker {
    /// Returns what is left to be asked if the groups that a lock installs by default are installed, and no extras; or
    /// whether the condition holds, if nothing is left.
    pub fn in_lock(&self, groups: &[String]) -> Result<Self, bool> {
        let groups: Vec<_> = groups.iter().map(|group| normalized(group)).collect();
        self.0.in_lock(&groups).map(Self)
    }
}

impl Terms {
    fn in_lock(&self, groups: &[String]) -> Result<Self, bool> {
        let rest = self.rest.iter().map(|(join, term)| (*join, term));
        // Between `or`s, what has to hold as well; none where something does not.
        let mut alternatives: Vec<Option<Vec<Term>>> = Vec::new();
        for (join, term) in std::iter::once((Join::Or, &*self.first)).chain(rest) {
            let mut all = if join == Join::Or { Some(Vec::new()) } else { alternatives.pop().flatten() };
            match term.in_lock(groups) {
                Ok(term) => all.iter_mut().for_each(|all| all.push(term.clone())),
                Err(true) => {}
                Err(false) => all = None,
            }
            alternatives.push(all);
        }
        let mut rest = Vec::new();
        for all in alternatives.into_iter().flatten() {
            if all.is_empty() {
                return Err(true);
            }
            let joins = std::iter::once(Join::Or).chain(std::iter::repeat(Join::And));
            rest.extend(joins.zip(all));
        }
        if rest.is_empty() {
            return Err(false);
        }
        let (_, first) = rest.remove(0);
        Ok(Self { first: Box::new(first), rest })
    }
}

impl Term {
    fn in_lock(&self, groups: &[String]) -> Result<Self, bool> {
        let (name, operator, is_group) = match self {
            Self::Group(terms) => return terms.in_lock(groups).map(Self::Group),
            Self::Comparison { left: Operand::Text(name), operator, right: Operand::Variable("dependency_groups") } => {
                (name, operator, true)
            }
            Self::Comparison { left: Operand::Text(name), operator, right: Operand::Variable("extras") } => {
                (name, operator, false)
            }
            Self::Comparison { .. } => return Ok(self.clone()),
        };
        let is_in = is_group && groups.contains(&normalized(name));
        match operator.as_str() {
            "in" => Err(is_in),
            "not in" => Err(!is_in),
            _ => Ok(self.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(marker: &str) -> Result<String, bool> {
        let groups = ["Main".to_owned(), "test_unit".to_owned()];
        Marker::parse(marker).unwrap_or_else(|| panic!("{marker}")).in_lock(&groups).map(|left| left.to_string())
    }

    #[test]
    fn only_the_groups_of_a_lock_are_known() {
        for (marker, holds) in [
            ("'main' in dependency_groups", true),
            ("'Test.Unit' in dependency_groups", true),
            ("'docs' in dependency_groups", false),
            ("'docs' not in dependency_groups", true),
            ("'main' in extras", false),
            ("'main' not in extras", true),
            ("'docs' in dependency_groups and os_name == 'nt'", false),
            ("os_name == 'nt' or 'docs' not in dependency_groups", true),
            ("('docs' in dependency_groups or 'main' in dependency_groups) and 'x' not in extras", true),
            ("'main' in dependency_groups and 'docs' in dependency_groups or 'x' in extras", false),
        ] {
            assert_eq!(left(marker), Err(holds), "{marker}");
        }
        for (marker, rest) in [
            ("os_name == 'nt'", "os_name == \"nt\""),
            ("'main' in dependency_groups and os_name == 'nt'", "os_name == \"nt\""),
            ("'docs' in dependency_groups or os_name == 'nt'", "os_name == \"nt\""),
            (
                "'x' in extras and os_name == 'a' or os_name == 'b' and os_name == 'c'",
                "os_name == \"b\" and os_name == \"c\"",
            ),
            (
                "os_name == 'a' and ('main' not in dependency_groups or os_name == 'b' or os_name == 'c')",
                "os_name == \"a\" and (os_name == \"b\" or os_name == \"c\")",
            ),
            ("os_name in dependency_groups", "os_name in dependency_groups"),
            ("'main' == dependency_groups", "\"main\" == dependency_groups"),
        ] {
            assert_eq!(left(marker).as_deref(), Ok(rest), "{marker}");
        }
    }
}
