//! Version specifiers as requirements write them: `>=1.26`, `!=2.0.*`, `===anything`.

use std::fmt;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier};

/// The operators, the longer ones first.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// One condition on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specifier {
    operator: &'static str,
    /// As it is written, without blanks.
    version: String,
    /// None for `===`, which compares texts.
    condition: Option<VersionSpecifier>,
}

impl Specifier {
    /// Parses one specifier.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(is_blank);
        let operator = OPERATORS.into_iter().find(|operator| text.starts_with(operator))?;
        let version = text[operator.len()..].trim_start_matches(is_blank);
        if operator == "===" {
            let is_one_word =
                !version.is_empty() && !version.contains(|c: char| c.is_whitespace() || matches!(c, ';' | ')'));
            return is_one_word.then(|| Self { operator, version: version.to_owned(), condition: None });
        }
        // The parser of versions would drop a line break at the end.
        if version.contains(char::is_whitespace) {
            return None;
        }
        let condition = VersionSpecifier::from_str(&format!("{operator}{version}")).ok()?;
        Some(Self { operator, version: version.to_owned(), condition: Some(condition) })
    }

    /// Returns whether a version satisfies the condition; one before a release is not left out.
    pub fn admits(&self, version: &Version) -> bool {
        match &self.condition {
            Some(condition) => match self.operator {
                "<" => is_before(version, condition.version()),
                ">" => is_after(version, condition.version()),
                "==" | "!=" if self.version.ends_with(".*") => {
                    is_in(version, condition.version()) == (self.operator == "==")
                }
                _ => condition.contains(version),
            },
            None => self.is_exactly(&version.to_string()),
        }
    }

    /// Returns whether the specifier admits this text and nothing else.
    pub fn is_exactly(&self, version: &str) -> bool {
        self.operator == "===" && self.version.eq_ignore_ascii_case(version)
    }

    /// The only version that the specifier admits, if it pins one.
    pub fn pinned(&self) -> Option<&str> {
        let is_pin = matches!(self.operator, "==" | "===") && !self.version.ends_with(".*");
        is_pin.then_some(self.version.as_str())
    }
}

impl fmt::Display for Specifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.operator, self.version)
    }
}

/// Returns whether the numbers of a version begin with those of another. Not left to `pep440_rs`, for which `2` begins
/// with `2.8`: it does not compare numbers that the version does not have, which are zeros.
fn is_in(version: &Version, prefix: &Version) -> bool {
    let numbers = version.release().iter().copied().chain(std::iter::repeat(0));
    version.epoch() == prefix.epoch()
        && prefix.release().iter().copied().zip(numbers).all(|(wanted, has)| wanted == has)
}

/// Returns whether a version is before another and not one of its own pre-releases. Not left to `pep440_rs`, which takes
/// every pre-release of the same release for one of the other's own.
fn is_before(version: &Version, limit: &Version) -> bool {
    let is_early = version.pre().is_some() || version.dev().is_some();
    let is_own = match limit.post() {
        None => is_early,
        Some(post) => version.pre().is_none() && version.post() == Some(post) && version.dev().is_some(),
    };
    let excludes_own = limit.pre().is_none() && limit.dev().is_none();
    *version < *limit && !(excludes_own && is_own && is_same_release(version, limit))
}

/// Returns whether a version is after another and neither a local version of it nor one of its own post-releases.
fn is_after(version: &Version, limit: &Version) -> bool {
    let excludes_own = limit.post().is_none() && limit.dev().is_none();
    let is_own = version.post().is_some() && version.pre() == limit.pre() && is_same_release(version, limit);
    version.clone().without_local() > *limit && !(excludes_own && is_own)
}

/// Returns whether versions have the same numbers: `1.0` and `1.0.0rc1`.
fn is_same_release(a: &Version, b: &Version) -> bool {
    let numbers = |version: &Version| Version::new(version.release().iter().copied()).with_epoch(version.epoch());
    numbers(a) == numbers(b)
}

/// The conditions of one requirement; all of them must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Specifiers(Vec<Specifier>);

impl Specifiers {
    /// Parses specifiers between commas.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(is_blank);
        if text.is_empty() {
            return Some(Self::default());
        }
        // One comma may be too many, at the end.
        let text = text.strip_suffix(',').unwrap_or(text);
        text.split(',').map(Specifier::parse).collect::<Option<_>>().map(Self)
    }

    /// Returns whether a version satisfies all conditions.
    pub fn admit(&self, version: &Version) -> bool {
        self.0.iter().all(|specifier| specifier.admits(version))
    }

    /// Returns whether an installed version, which may not be one that PEP 440 knows, satisfies all conditions.
    pub fn admit_text(&self, version: &str) -> bool {
        match Version::from_str(version) {
            Ok(version) => self.admit(&version),
            Err(_) => self.0.iter().all(|specifier| specifier.is_exactly(version)),
        }
    }

    /// The only version that satisfies the conditions, if they pin one.
    pub fn pinned(&self) -> Option<&str> {
        self.0.iter().find_map(Specifier::pinned)
    }

    /// Adds further conditions.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Returns whether there is no condition.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// In the order of `packaging`: sorted as texts, each once.
impl fmt::Display for Specifiers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut texts: Vec<_> = self.0.iter().map(Specifier::to_string).collect();
        texts.sort();
        texts.dedup();
        formatter.write_str(&texts.join(","))
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_admitted_or_not() {
        let admit = |specifiers: &str, version: &str| Specifiers::parse(specifiers).unwrap().admit_text(version);
        assert!(admit(">=1.26, <3", "2.0rc1"));
        assert!(!admit(">=1.26,<3", "3"));
        assert!(admit("==1.0", "1.0.0+local"));
        assert!(admit("==3.1.*", "3.1.4"));
        for (version, is_in) in
            [("3", false), ("3rc1", false), ("3.1", true), ("3.1rc1", true), ("3.10", false), ("1!3.1", false)]
        {
            assert_eq!((admit("==3.1.*", version), admit("!=3.1.*", version)), (is_in, !is_in), "{version}");
        }
        assert!(admit("==3.0.*", "3") && admit("==3.0.0.*", "3.0+local") && !admit("!=3.0.*", "3.0.post1"));
        assert!(admit("===1.0.dev-r12", "1.0.DEV-r12"));
        assert!(!admit("==1.0", "1.0.dev-r12"));
        assert!(admit("", "anything"));
    }

    #[test]
    fn specifiers_are_written_in_one_order() {
        assert_eq!(Specifiers::parse(" >=1.26 , <3,").unwrap().to_string(), "<3,>=1.26");
        assert_eq!(Specifiers::parse("== 1.0.*").unwrap().to_string(), "==1.0.*");
    }

    #[test]
    fn what_is_no_specifier_is_refused() {
        for text in ["1.0", "=1.0", "> 1 0", ">=1.*", "~=1", "==1,,<2", ",", "===", ">=1.0+local"] {
            assert_eq!(Specifiers::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_whole_version_is_a_pin() {
        assert_eq!(Specifiers::parse("==1.0").unwrap().pinned(), Some("1.0"));
        assert_eq!(Specifiers::parse("==1.*").unwrap().pinned(), None);
        assert_eq!(Specifiers::parse(">=1").unwrap().pinned(), None);
    }
}
