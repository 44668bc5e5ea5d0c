//! One requirement (PEP 508): `name[extra]>=1; marker` or `name @ URL ; marker`.

use std::fmt;

use super::marker::{Marker, MarkerValues};
use super::scanner::Scanner;
use super::specifier::Specifiers;
use crate::env::packages::normalized;

/// A requirement of a distribution or of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The name as it is written.
    pub name: String,
    /// The extras, sorted, each once.
    pub extras: Vec<String>,
    /// The versions that satisfy it.
    pub specifiers: Specifiers,
    /// Where to get it, if not from an index.
    pub url: Option<String>,
    /// The condition under which it counts.
    pub marker: Option<Marker>,
}

impl Requirement {
    /// Parses a requirement.
    pub fn parse(text: &str) -> Option<Self> {
        let mut scanner = Scanner::new(text);
        scanner.skip_blanks();
        let name = take_identifier(&mut scanner)?.to_owned();
        scanner.skip_blanks();
        let extras = take_extras(&mut scanner)?;
        scanner.skip_blanks();
        let (specifiers, url) = if scanner.take("@") {
            scanner.skip_blanks();
            let url = scanner.take_while(|c| !c.is_whitespace()).to_owned();
            if url.is_empty() || (!scanner.skip_blanks() && !scanner.is_at_end()) {
                return None;
            }
            (Specifiers::default(), Some(url))
        } else {
            (take_specifiers(&mut scanner)?, None)
        };
        let marker = if scanner.take(";") { Some(Marker::scan(&mut scanner)?) } else { None };
        scanner.is_at_end().then_some(Self { name, extras, specifiers, url, marker })
    }

    /// The name in the form in which names are compared.
    pub fn key(&self) -> String {
        normalized(&self.name)
    }

    /// Returns whether it is to be installed on a Python; without its values every marker holds. One that cannot be
    /// decided holds for none.
    pub(crate) fn is_for(&self, values: Option<&MarkerValues>) -> bool {
        let marker = self.marker.as_ref().zip(values);
        marker.is_none_or(|(marker, values)| marker.holds(values, None).unwrap_or(false))
    }
}

/// As `packaging` writes it, and so pip in its messages.
impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        if !self.extras.is_empty() {
            write!(formatter, "[{}]", self.extras.join(","))?;
        }
        write!(formatter, "{}", self.specifiers)?;
        if let Some(url) = &self.url {
            write!(formatter, " @ {url}")?;
        }
        match (&self.marker, &self.url) {
            (Some(marker), Some(_)) => write!(formatter, " ; {marker}"),
            (Some(marker), None) => write!(formatter, "; {marker}"),
            (None, _) => Ok(()),
        }
    }
}

/// Takes a name: letters, digits and `-_.` between them.
fn take_identifier<'a>(scanner: &mut Scanner<'a>) -> Option<&'a str> {
    let taken = scanner.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let is_end = |c: char| c.is_ascii_alphanumeric();
    (taken.starts_with(is_end) && taken.ends_with(is_end)).then_some(taken)
}

fn take_extras(scanner: &mut Scanner<'_>) -> Option<Vec<String>> {
    let mut extras = Vec::new();
    if !scanner.take("[") {
        return Some(extras);
    }
    scanner.skip_blanks();
    if scanner.take("]") {
        return Some(extras);
    }
    loop {
        extras.push(take_identifier(scanner)?.to_owned());
        scanner.skip_blanks();
        if scanner.take("]") {
            extras.sort();
            extras.dedup();
            return Some(extras);
        }
        if !scanner.take(",") {
            return None;
        }
        scanner.skip_blanks();
    }
}

fn take_specifiers(scanner: &mut Scanner<'_>) -> Option<Specifiers> {
    if scanner.take("(") {
        let specifiers = Specifiers::parse(scanner.take_while(|c| c != ')'))?;
        let is_closed = scanner.take(")");
        scanner.skip_blanks();
        return is_closed.then_some(specifiers);
    }
    Specifiers::parse(scanner.take_while(|c| c != ';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_written_as_packaging_writes_them() {
        for (text, written) in [
            ("requests", "requests"),
            (" A.b_c [x, B,x] (>=1 , <2) ; python_version<'3'", "A.b_c[B,x]<2,>=1; python_version < \"3\""),
            ("a @ https://x/a.whl#sha256=1 ; os_name=='nt'", "a @ https://x/a.whl#sha256=1 ; os_name == \"nt\""),
            ("a@file:///x", "a @ file:///x"),
            ("a==1.*,!=1.2", "a!=1.2,==1.*"),
        ] {
            let requirement = Requirement::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(requirement.to_string(), written);
        }
    }

    #[test]
    fn a_marker_says_for_which_python_a_requirement_is() {
        let values = MarkerValues { python_version: "3.12".into(), ..MarkerValues::default() };
        for (text, is_for) in [
            ("a", true),
            ("a; python_version >= '3.9'", true),
            ("a; python_version < '3.9'", false),
            ("a; extra == 'x'", false),
            ("a; sys_platform ~= 'linux'", false),
        ] {
            let found = Requirement::parse(text).unwrap();
            assert_eq!((found.is_for(Some(&values)), found.is_for(None)), (is_for, true), "{text}");
        }
    }

    #[test]
    fn what_is_no_requirement_is_refused() {
        for text in [
            "",
            "-a",
            "a-",
            "a b",
            "a[",
            "a[x",
            "a[,]",
            "a[x y]",
            "a (>=1",
            "a @",
            "a @ u;os_name=='x' y",
            "a;",
            "a>=x",
            "é",
        ] {
            assert_eq!(Requirement::parse(text), None, "{text}");
        }
    }

    #[test]
    fn any_text_is_read_or_refused() {
        let seeds = ["A.b_c[x,y] (>=1,<2.0) ; python_version<'3'", "a @ https://x/a.whl#sha256=1 ; os_name=='nt'"];
        crate::mutation::check_mutations(&seeds, |input| {
            if let Some(requirement) = Requirement::parse(&String::from_utf8_lossy(input)) {
                let _ = (requirement.to_string(), requirement.key());
            }
        });
    }
}
