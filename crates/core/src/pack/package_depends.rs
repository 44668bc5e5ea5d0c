//! Dependencies that the user names, in the syntax of the package manager.

use super::error::PackError;
use super::package::PackageKind;

/// Fails unless the package manager will understand a dependency: some accept any text, and refuse the package later.
pub(super) fn check(kind: PackageKind, text: &str) -> Result<(), PackError> {
    let (is_right, manager, example) = match kind {
        PackageKind::Deb => {
            let is_right = text.split(',').flat_map(|part| part.split('|')).all(is_of_debian);
            (is_right, "dpkg", "libpq5 (>= 13)")
        }
        PackageKind::Rpm => (is_of_rpm(text), "rpm", "libpq >= 13"),
    };
    if is_right { Ok(()) } else { Err(PackError::Dependency { text: text.to_owned(), manager, example }) }
}

/// `name`, `name:any`, `name (>= 1.2)`.
fn is_of_debian(text: &str) -> bool {
    let text = text.trim();
    let (name, version) = match text.split_once('(') {
        Some((name, rest)) => (name.trim_end(), rest.strip_suffix(')')),
        None => (text, Some("= 0")),
    };
    let (name, architecture) = name.split_once(':').unwrap_or((name, "any"));
    let is_known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
    let is_name =
        name.len() >= 2 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_known);
    let is_architecture =
        !architecture.is_empty() && architecture.chars().all(|c| c == '-' || c.is_ascii_alphanumeric());
    let is_version = version.is_some_and(|version| {
        let version = version.trim();
        let number = version.trim_start_matches(['<', '=', '>']);
        let operator = &version[..version.len() - number.len()];
        ["<<", "<=", "=", ">=", ">>"].contains(&operator) && is_number(number.trim_start(), "+-.:~")
    });
    is_name && is_architecture && is_version
}

/// `name`, `name >= 1.2`, `name(what)(64bit)`, `(one if another)`.
fn is_of_rpm(text: &str) -> bool {
    let text = text.trim();
    let is_name = |name: &str| !name.contains(['<', '=', '>', ',', '|']) && is_balanced(name) && !name.starts_with('(');
    match text.split_whitespace().collect::<Vec<_>>()[..] {
        _ if text.starts_with('(') => text.ends_with(')') && is_balanced(text),
        [name] => is_name(name),
        [name, operator, version] => {
            is_name(name) && ["<", "<=", "=", ">=", ">"].contains(&operator) && is_number(version, "+-.:~^_")
        }
        _ => false,
    }
}

fn is_number(text: &str, others: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

fn is_balanced(text: &str) -> bool {
    let mut open = 0_i32;
    text.chars().all(|c| {
        open += i32::from(c == '(') - i32::from(c == ')');
        open >= 0
    }) && open == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_manager_has_its_syntax() {
        let both = ["libpq5", "a1", "postgresql-libs", "libstdc++6"];
        let debian = ["libpq5 (>= 13)", "libpq5(>=13)", "a1 | b2 (<< 1:2~rc1-3), c3", "python3:any (= 3.11+x)"];
        let rpm = [
            "libpq >= 13",
            "libpq  =  1:13^git_1-2",
            "libpq.so.5()(64bit)",
            "pkgconfig(libpq) > 1",
            "/usr/bin/psql",
            "(a if b >= 1)",
            "((a or b) and c)",
        ];
        let none = [
            "",
            ",",
            "a1,",
            "libpq5>=13",
            "libpq5 >=13",
            "libpq5 (13)",
            "libpq5 (>= )",
            "libpq5 (>= 13",
            "libpq5 13)",
            "libpq5 (> 13)",
            "libpq5 (>= 1 3)",
            "libpq5 => 13",
            "(a",
            "a b c",
            "a1 b1",
            "libpq5 (>= 13) x",
            "a(b",
            "a)b(",
        ];
        let is_right = |kind, text| check(kind, text).is_ok();
        for text in both {
            assert!(is_right(PackageKind::Deb, text) && is_right(PackageKind::Rpm, text), "{text}");
        }
        for text in debian {
            assert!(is_right(PackageKind::Deb, text) && !is_right(PackageKind::Rpm, text), "{text}");
        }
        for text in rpm {
            assert!(is_right(PackageKind::Rpm, text) && !is_right(PackageKind::Deb, text), "{text}");
        }
        for text in none {
            assert!(!is_right(PackageKind::Deb, text) && !is_right(PackageKind::Rpm, text), "{text}");
        }
    }
}
