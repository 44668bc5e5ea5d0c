//! What files named with `-c` say of the packages that others want.

use super::marker::MarkerValues;
use super::requirements::{Line, Requirements};

/// A file named with `-c` excludes what a line wants.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}{specifiers}` is excluded by line {line} of `{file}`")]
pub struct Excluded {
    /// The name.
    name: String,
    /// The versions that are wanted.
    specifiers: String,
    /// The file of the constraint.
    file: String,
    /// Its line there.
    line: usize,
}

/// The constraints that count for a Python; without its values every marker holds.
pub(super) fn of<'a>(requirements: &'a Requirements, markers: Option<&MarkerValues>) -> Vec<&'a Line> {
    let counts = |line: &&Line| line.is_constraint && line.requirement.is_for(markers);
    requirements.lines.iter().filter(counts).collect()
}

/// Fails if a line wants an exact version that a constraint excludes.
pub(super) fn check(requirements: &Requirements, markers: Option<&MarkerValues>) -> Result<(), Excluded> {
    let constraints = of(requirements, markers);
    let wanted = requirements.lines.iter().filter(|line| !line.is_constraint && line.requirement.is_for(markers));
    wanted.map(|line| version_of(line, &constraints)).try_for_each(|found| found.map(drop))
}

/// Returns the exact version that a line wants: its own, or else that of a constraint.
pub(super) fn version_of(line: &Line, constraints: &[&Line]) -> Result<Option<String>, Excluded> {
    let requirement = &line.requirement;
    if line.editable.is_some() || requirement.url.is_some() {
        return Ok(requirement.specifiers.pinned().map(str::to_owned));
    }
    let own: Vec<_> = constraints.iter().filter(|other| other.requirement.key() == requirement.key()).collect();
    let excluded = |by: &Line| {
        let (file, line) = by.place.clone().unwrap_or_default();
        let (name, specifiers) = (requirement.name.clone(), requirement.specifiers.to_string());
        Excluded { name, specifiers, file, line }
    };
    if let Some(version) = requirement.specifiers.pinned() {
        let other = own.iter().find(|other| !other.requirement.specifiers.admit_text(version));
        return other.map_or_else(|| Ok(Some(version.to_owned())), |other| Err(excluded(other)));
    }
    let exact = own.iter().find_map(|other| Some((other, other.requirement.specifiers.pinned()?)));
    match exact {
        Some((other, version)) if !requirement.specifiers.admit_text(version) => Err(excluded(other)),
        found => Ok(found.map(|(_, version)| version.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::pins::{PinError, Pins};
    use crate::snapshot::side::Side;

    #[test]
    fn an_exact_constraint_makes_a_name_exact_and_one_that_excludes_is_named() {
        let place = tempfile::tempdir().unwrap();
        let constraints = "# ours\nsix==1.15.0\nidna<3\ntomli==1 ; python_version < '3'\n";
        std::fs::write(place.path().join("c.txt"), constraints).unwrap();
        let read = |text: &str| {
            let text = format!("-c c.txt\n{text}\n");
            Requirements::parse(text.as_bytes(), place.path(), "x.txt").unwrap()
        };
        let lines = |text: &str| Pins::of(&read(text), None).map(|found| found.pins.into_iter().map(|pin| pin.line));
        for (text, line) in [
            ("Six", "Six==1.15.0"),
            ("six>=1", "six==1.15.0"),
            ("six==1.15", "six==1.15"),
            ("six @ file:///x/six.whl", "six @ file:///x/six.whl"),
            ("idna==2.10", "idna==2.10"),
            ("six --hash=sha256:1", "six==1.15.0 --hash=sha256:1"),
        ] {
            assert_eq!(lines(text).unwrap().collect::<Vec<_>>(), [line]);
            assert!(Side::of_requirements(&read(text), None).is_ok(), "{text}");
        }
        let file = place.path().join("c.txt");
        for (text, wanted, line) in
            [("six==1.16.0", "six==1.16.0", 2), ("six>=1.16", "six>=1.16", 2), ("idna==3.7", "idna==3.7", 3)]
        {
            let told = format!("`{wanted}` is excluded by line {line} of `{}`", file.display());
            assert_eq!(lines(text).map(drop).unwrap_err().to_string(), told);
            assert_eq!(Side::of_requirements(&read(text), None).unwrap_err().to_string(), told);
        }
        assert!(matches!(lines("idna").map(drop), Err(PinError::Unpinned { .. })));
    }
}
