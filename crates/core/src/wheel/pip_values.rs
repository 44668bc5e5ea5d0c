//! What pip takes for a value of its settings.

use crate::fs::ini::is_blank;

/// Switches: pip takes nothing else for a value than yes and no.
const SWITCHES: [&str; 35] = [
    "break-system-packages",
    "check-build-dependencies",
    "compile",
    "debug",
    "disable-pip-version-check",
    "dry-run",
    "force-reinstall",
    "ignore-installed",
    "ignore-requires-python",
    "isolated",
    "no-build-isolation",
    "no-cache-dir",
    "no-clean",
    "no-color",
    "no-compile",
    "no-dependencies",
    "no-deps",
    "no-index",
    "no-input",
    "no-proxy-env",
    "no-python-version-warning",
    "no-require-hashes",
    "no-user",
    "no-warn-conflicts",
    "no-warn-script-location",
    "only-dependencies",
    "only-deps",
    "pre",
    "prefer-binary",
    "require-hashes",
    "require-venv",
    "require-virtualenv",
    "upgrade",
    "use-pep517",
    "user",
];

/// Names of one and the same setting: what is told last counts, by whichever name.
const ALIASES: [&[&str]; 8] = [
    &["index-url", "pypi-url"],
    &["timeout", "default-timeout"],
    &["no-deps", "no-dependencies"],
    &["only-deps", "only-dependencies"],
    &["user", "no-user"],
    &["compile", "no-compile"],
    &["require-virtualenv", "require-venv"],
    &["cache-dir", "no-cache-dir"],
];

/// Returns what a value of a setting must be, where this is not such a value and every pip refuses it.
pub(super) fn expected(key: &str, value: &str) -> Option<&'static str> {
    let (is_right, expected) = match key {
        "timeout" | "default-timeout" => (float(value).is_some(), "a number"),
        "retries" | "resume-retries" => (integer(value).is_some(), "a whole number"),
        "verbose" | "quiet" => (switch(value).is_some() || is_count(value), "yes, no or a whole number"),
        "exists-action" => {
            let is_action = |word: &str| ["s", "i", "w", "b", "a"].contains(&word);
            (words(value).all(is_action), "a list of `s`, `i`, `w`, `b` and `a`")
        }
        key if SWITCHES.contains(&key) => (switch(value).is_some(), "yes or no"),
        _ => (true, ""),
    };
    (!is_right).then_some(expected)
}

/// Returns the setting that newer or older versions of pip refuse to have such a value, if it is one.
pub(super) fn disputed(key: &str, value: &str) -> Option<&'static str> {
    let (key, known): (_, &[&str]) = match key {
        "keyring-provider" => ("keyring-provider", &["auto", "disabled", "import", "subprocess"]),
        "progress-bar" => ("progress-bar", &["auto", "on", "off", "raw"]),
        "upgrade-strategy" => ("upgrade-strategy", &["only-if-needed", "eager"]),
        "root-user-action" => ("root-user-action", &["warn", "ignore"]),
        "use-feature" => {
            let known = [
                "build-constraint",
                "fast-deps",
                "inprocess-build-deps",
                "no-binary-enable-wheel-cache",
                "truststore",
                "venv-isolation",
            ];
            return (!words(value).all(|word| known.contains(&word))).then_some("use-feature");
        }
        _ => return None,
    };
    (!known.contains(&value)).then_some(key)
}

/// The names of a setting.
pub(super) fn names<'a>(key: &'a &'a str) -> &'a [&'a str] {
    ALIASES.into_iter().find(|names| names.contains(key)).unwrap_or(std::slice::from_ref(key))
}

/// Returns what a switch says; nothing if pip takes it for neither yes nor no.
pub(super) fn switch(value: &str) -> Option<bool> {
    match value.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "y" | "t" => Some(true),
        "0" | "false" | "no" | "off" | "n" | "f" => Some(false),
        _ => None,
    }
}

/// Splits at blanks as Python does.
pub(super) fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(is_blank).filter(|word| !word.is_empty())
}

/// A fraction as Python reads it.
pub(super) fn float(value: &str) -> Option<f64> {
    without_underscores(value.trim_matches(is_blank), 10)?.parse().ok()
}

/// A whole number as `optparse` reads it: hexadecimal after `0x`, binary after `0b`, octal after `0`.
pub(super) fn integer(value: &str) -> Option<i64> {
    let lower = value.to_lowercase();
    if lower.starts_with("0x") {
        return number(&lower, 16);
    }
    if let Some(digits) = lower.strip_prefix("0b") {
        return number(if digits.is_empty() { "0" } else { digits }, 2);
    }
    number(&lower, if lower.starts_with('0') { 8 } else { 10 })
}

fn is_count(value: &str) -> bool {
    number(value, 10).is_some_and(|number| number >= 0)
}

/// `int(text, radix)` of Python.
fn number(text: &str, radix: u32) -> Option<i64> {
    let text = text.trim_matches(is_blank).to_lowercase();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let prefix = match radix {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    };
    let digits = unsigned.strip_prefix(prefix).map(|digits| digits.strip_prefix('_').unwrap_or(digits));
    let digits = without_underscores(digits.unwrap_or(unsigned), radix)?;
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let size = i64::from_str_radix(&digits, radix).unwrap_or(i64::MAX);
    Some(if text.starts_with('-') { -size } else { size })
}

/// Python allows one `_` between two digits.
fn without_underscores(text: &str, radix: u32) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(|byte| char::from(*byte).is_digit(radix));
    let mut places = text.match_indices('_');
    places.all(|(at, _)| at > 0 && is_digit(at - 1) && is_digit(at + 1)).then(|| text.replace('_', ""))
}
