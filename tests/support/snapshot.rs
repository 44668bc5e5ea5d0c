//! Whole outputs as one text, for snapshots: the same on every machine and at any time.
//!
//! ```ignore
//! insta::assert_snapshot!(call(&sandbox, &["list"]).whole(), @"");
//! ```
//!
//! The expected text stands in the test, after `@`. When outputs change on purpose, `tests/run` notes what differs next to
//! the tests, and `cargo insta review` or `cargo insta accept` (`cargo install cargo-insta`) writes it into them. With
//! `INSTA_FORCE_PASS=1` a test notes all its differences at once, not only the first. Where `CI` is set nothing is noted.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::sandbox::Sandbox;
use super::shells::Outcome;

/// Makes an environment old enough that its ages stay the same while a test runs: made 40 days ago, last used 3 days ago.
pub(crate) fn make_old(sandbox: &Sandbox, env: &Path) {
    sandbox.write(env.join("venvwrap.toml"), "");
    for (file, days) in [("pyvenv.cfg", 40), ("venvwrap.toml", 3)] {
        let file = std::fs::File::open(env.join(file)).unwrap();
        // An hour more, so that no clock that is set back makes it a day less.
        file.set_modified(SystemTime::now() - Duration::from_secs((days * 24 + 1) * 3_600)).unwrap();
    }
}

impl Outcome {
    /// Returns what was printed and the status, each under its heading: a snapshot does not see blank lines at its
    /// edges.
    pub(crate) fn whole(&self) -> String {
        let part = |heading: &str, text: &str| match text {
            "" => String::new(),
            text if text.ends_with('\n') => format!("--- {heading}\n{text}"),
            text => format!("--- {heading} without a final line break\n{text}\n"),
        };
        let status = self.status.map_or_else(|| "killed".to_string(), |status| format!("status {status}"));
        let parts = [part("standard output", &self.stdout), part("standard error", &self.stderr)];
        steady(&format!("{}--- {status}\n", parts.concat()))
    }
}

/// Replaces what differs between machines and moments: the program's path, times, and sizes, which depend on the file
/// system.
fn steady(text: &str) -> String {
    let text = text.replace(env!("CARGO_BIN_EXE_venvwrap"), "[PROGRAM]");
    text.lines().map(|line| without_numbers(&without_times(line)) + "\n").collect()
}

/// Replaces sizes, in paragraphs and in JSON, and the interpreters that a hint lists.
fn without_numbers(line: &str) -> String {
    const BEGINNINGS: [&str; 4] = ["size       ", "    \"shared\": ", "    \"total\": ", "hint: found here: "];
    let Some(beginning) = BEGINNINGS.into_iter().find(|beginning| line.starts_with(beginning)) else {
        return line.to_string();
    };
    let comma = if line.ends_with(',') { "," } else { "" };
    format!("{beginning}[...]{comma}")
}

/// Replaces times such as `2026-11-20T12:00:00Z`.
fn without_times(line: &str) -> String {
    const FORM: &str = "0000-00-00T00:00:00Z";
    let is_time = |text: &str| {
        let fits = |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
        text.bytes().zip(FORM.bytes()).all(fits)
    };
    let mut line = line.to_string();
    let starts: Vec<_> = line.char_indices().map(|(at, _)| at).rev().collect();
    for start in starts {
        let end = start + FORM.len();
        if line.get(start..end).is_some_and(is_time) {
            line.replace_range(start..end, "[TIME]");
        }
    }
    line
}

#[test]
fn what_differs_between_machines_is_replaced() {
    let text = "a 2026-11-20T12:00:00Z b\n    \"total\": 12,\nsize       1.2 KiB\nhint: found here: 3.11\nname  size\n";
    let expected = "a [TIME] b\n    \"total\": [...],\nsize       [...]\nhint: found here: [...]\nname  size\n";
    assert_eq!(steady(text), expected);
}

#[test]
fn everything_is_in_the_text() {
    let whole = |stdout: &str, stderr: &str, status| {
        Outcome { stdout: stdout.to_string(), stderr: stderr.to_string(), status }.whole()
    };
    assert_eq!(whole("", "", Some(0)), "--- status 0\n");
    assert_eq!(
        whole("\na\n\n", "b", None),
        "--- standard output\n\na\n\n--- standard error without a final line break\nb\n--- killed\n"
    );
}
