//! Environment markers: the condition after the `;` of a requirement, such as `python_version < "3.12"`.
//!
//! Reading, evaluating and writing follow the `packaging` library, which pip uses and which the tests compare with.

mod in_lock;

use std::fmt;
use std::str::FromStr;

use pep440_rs::Version;

use super::scanner::Scanner;
use super::specifier::Specifier;
use crate::env::packages::normalized;

/// More parentheses inside each other than any marker has.
const MAX_DEPTH: usize = 64;

/// The condition of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker(Terms);

/// The values of the variables in one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkerValues {
    /// `posix`.
    pub os_name: String,
    /// `linux`, `darwin`.
    pub sys_platform: String,
    /// `x86_64`, `aarch64`.
    pub platform_machine: String,
    /// `CPython`, `PyPy`.
    pub platform_python_implementation: String,
    /// The release of the system's kernel.
    pub platform_release: String,
    /// `Linux`, `Darwin`.
    pub platform_system: String,
    /// The build of the system's kernel.
    pub platform_version: String,
    /// `3.12`.
    pub python_version: String,
    /// `3.12.1`.
    pub python_full_version: String,
    /// `cpython`, `pypy`.
    pub implementation_name: String,
    /// The version of the implementation.
    pub implementation_version: String,
}

/// Why a marker has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkerError {
    /// An operator is only for versions, and one side is none.
    #[error("`{0}` cannot be evaluated: the operator is for versions")]
    Undefined(String),
    /// A variable has no value in requirements.
    #[error("`{0}` has no value in requirements")]
    NoValue(&'static str),
}

impl Marker {
    /// Parses a marker.
    pub fn parse(text: &str) -> Option<Self> {
        let mut scanner = Scanner::new(text);
        let marker = Self::scan(&mut scanner)?;
        scanner.is_at_end().then_some(marker)
    }

    /// Takes a marker out of a longer text.
    pub(super) fn scan(scanner: &mut Scanner<'_>) -> Option<Self> {
        terms(scanner, 0).map(Self)
    }

    /// Returns whether the condition holds in an environment, for a requirement of the distribution itself (no extra) or
    /// of one of its extras.
    pub fn holds(&self, values: &MarkerValues, extra: Option<&str>) -> Result<bool, MarkerError> {
        let extra = extra.map(normalized).unwrap_or_default();
        self.0.holds(values, &extra)
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(formatter)
    }
}

/// Conditions that are joined: `or` of `and`s. As it is written, so that it can be written again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Terms {
    first: Box<Term>,
    rest: Vec<(Join, Term)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Comparison { left: Operand, operator: String, right: Operand },
    Group(Terms),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    Variable(&'static str),
    Text(String),
}

/// The names of the variables, and the old ones that `packaging` still reads.
const VARIABLES: [(&str, &str); 20] = [
    ("python_full_version", "python_full_version"),
    ("python_version", "python_version"),
    ("python_implementation", "platform_python_implementation"),
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_release", "platform_release"),
    ("platform_system", "platform_system"),
    ("platform_version", "platform_version"),
    ("platform.version", "platform_version"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    ("platform_python_implementation", "platform_python_implementation"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("implementation_name", "implementation_name"),
    ("implementation_version", "implementation_version"),
    ("extra", "extra"),
    ("extras", "extras"),
    ("dependency_groups", "dependency_groups"),
];

/// The variables that are compared as versions where both sides are.
const VERSIONS: [&str; 4] = ["implementation_version", "platform_release", "python_full_version", "python_version"];

fn terms(scanner: &mut Scanner<'_>, depth: usize) -> Option<Terms> {
    let first = Box::new(term(scanner, depth)?);
    let mut rest = Vec::new();
    loop {
        let join = if scanner.take_word("and") {
            Join::And
        } else if scanner.take_word("or") {
            Join::Or
        } else {
            return Some(Terms { first, rest });
        };
        rest.push((join, term(scanner, depth)?));
    }
}

fn term(scanner: &mut Scanner<'_>, depth: usize) -> Option<Term> {
    scanner.skip_blanks();
    if scanner.take("(") {
        if depth == MAX_DEPTH {
            return None;
        }
        let inner = terms(scanner, depth + 1)?;
        scanner.skip_blanks();
        let is_closed = scanner.take(")");
        scanner.skip_blanks();
        return is_closed.then_some(Term::Group(inner));
    }
    let mut left = operand(scanner)?;
    let operator = operator(scanner)?;
    let mut right = operand(scanner)?;
    match (&mut left, &mut right) {
        (Operand::Variable("extra"), Operand::Text(text)) | (Operand::Text(text), Operand::Variable("extra")) => {
            *text = normalized(text);
        }
        (Operand::Text(_), Operand::Text(_)) => return None,
        _ => {}
    }
    Some(Term::Comparison { left, operator, right })
}

fn operand(scanner: &mut Scanner<'_>) -> Option<Operand> {
    scanner.skip_blanks();
    let found = if let Some(text) = scanner.take_quoted() {
        Operand::Text(text.to_owned())
    } else {
        let word = scanner.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        Operand::Variable(VARIABLES.iter().find(|(name, _)| *name == word)?.1)
    };
    scanner.skip_blanks();
    Some(found)
}

fn operator(scanner: &mut Scanner<'_>) -> Option<String> {
    if scanner.take_word("in") {
        return Some("in".into());
    }
    if scanner.take_word("not") {
        return scanner.take_word("in").then(|| "not in".into());
    }
    let operators = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];
    operators.into_iter().find(|operator| scanner.take(operator)).map(str::to_owned)
}

impl Terms {
    /// `and` binds more tightly than `or`. Every comparison is evaluated, so that one without a value is never hidden.
    fn holds(&self, values: &MarkerValues, extra: &str) -> Result<bool, MarkerError> {
        let mut any = false;
        let mut all = self.first.holds(values, extra)?;
        for (join, term) in &self.rest {
            let holds = term.holds(values, extra)?;
            match join {
                Join::And => all &= holds,
                Join::Or => {
                    any |= all;
                    all = holds;
                }
            }
        }
        Ok(any | all)
    }

    fn write(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Parentheses around everything say nothing.
        if let (Term::Group(inner), true) = (&*self.first, self.rest.is_empty()) {
            return inner.write(formatter);
        }
        self.first.write(formatter)?;
        for (join, term) in &self.rest {
            formatter.write_str(if *join == Join::And { " and " } else { " or " })?;
            term.write(formatter)?;
        }
        Ok(())
    }
}

impl Term {
    fn holds(&self, values: &MarkerValues, extra: &str) -> Result<bool, MarkerError> {
        match self {
            Self::Group(terms) => terms.holds(values, extra),
            Self::Comparison { left, operator, right } => {
                let variable = [left, right].into_iter().find_map(|operand| match operand {
                    Operand::Variable(name) => Some(*name),
                    Operand::Text(_) => None,
                });
                let (left, right) = (left.value(values, extra)?, right.value(values, extra)?);
                compare(left, operator, right, variable.is_some_and(|name| VERSIONS.contains(&name)))
                    .ok_or_else(|| MarkerError::Undefined(self.to_string()))
            }
        }
    }

    fn write(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comparison { left, operator, right } => write!(formatter, "{left} {operator} {right}"),
            Self::Group(Terms { first, rest }) if rest.is_empty() => first.write(formatter),
            Self::Group(terms) => {
                formatter.write_str("(")?;
                terms.write(formatter)?;
                formatter.write_str(")")
            }
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(formatter)
    }
}

impl Operand {
    fn value<'a>(&'a self, values: &'a MarkerValues, extra: &'a str) -> Result<&'a str, MarkerError> {
        Ok(match self {
            Self::Text(text) => text,
            Self::Variable("os_name") => &values.os_name,
            Self::Variable("sys_platform") => &values.sys_platform,
            Self::Variable("platform_machine") => &values.platform_machine,
            Self::Variable("platform_python_implementation") => &values.platform_python_implementation,
            Self::Variable("platform_release") => &values.platform_release,
            Self::Variable("platform_system") => &values.platform_system,
            Self::Variable("platform_version") => &values.platform_version,
            Self::Variable("python_version") => &values.python_version,
            Self::Variable("python_full_version") => &values.python_full_version,
            Self::Variable("implementation_name") => &values.implementation_name,
            Self::Variable("implementation_version") => &values.implementation_version,
            Self::Variable("extra") => extra,
            Self::Variable(name) => return Err(MarkerError::NoValue(name)),
        })
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => formatter.write_str(name),
            Self::Text(text) if text.contains('"') => write!(formatter, "'{text}'"),
            Self::Text(text) => write!(formatter, "\"{text}\""),
        }
    }
}

/// Compares two values; none if the operator means nothing for them.
fn compare(left: &str, operator: &str, right: &str, are_versions: bool) -> Option<bool> {
    if are_versions && let Some(specifier) = Specifier::parse(&format!("{operator}{right}")) {
        return Some(match Version::from_str(left) {
            Ok(version) => specifier.admits(&version),
            Err(_) => specifier.is_exactly(left),
        });
    }
    // Texts have no order.
    match operator {
        "in" => Some(right.contains(left)),
        "not in" => Some(!right.contains(left)),
        "==" | "<=" | ">=" => Some(left == right),
        "!=" => Some(left != right),
        "<" | ">" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests;
