//! The text of a snapshot: exact requirements that pip and uv can install without us, under a head of comments.

use std::time::SystemTime;

use super::credentials;
use super::freeze::{FreezeOptions, Frozen, freeze};
use super::python::Python;
use super::requirements::SNAPSHOT;
use crate::env::direct_url::file_url;
use crate::env::distributions::{Distribution, Installed};

/// What older Pythons are seeded with besides pip, which `pip freeze` does not list.
const SEEDS: [&str; 2] = ["setuptools", "wheel"];

/// The head of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The version of the Python.
    pub python: String,
    /// When it was taken: `2026-11-27T12:00:00Z`.
    pub created: String,
    /// What it was taken before: `upgrade`; `snapshot` if the user asked for it.
    pub reason: String,
    /// What the user said about it.
    pub message: Option<String>,
}

/// Returns what is installed in an environment, as a snapshot says it: credentials too, so that it can be restored.
pub fn render(installed: &Installed, python: &Python, reason: &str, message: Option<&str>, now: SystemTime) -> String {
    let mut text = format!("{SNAPSHOT}\n");
    let mut note = |key: &str, value: &str| {
        for part in ["# ", key, ": ", &one_line(value), "\n"] {
            text.push_str(part);
        }
    };
    note("python", python.full_version());
    note("implementation", &python.markers.platform_python_implementation);
    note("created", &humantime::format_rfc3339_seconds(now).to_string());
    note("reason", reason);
    if let Some(message) = message {
        note("message", message);
    }
    let requested: Vec<_> = own(installed).filter(|found| found.is_requested()).map(|found| &*found.name).collect();
    if !requested.is_empty() {
        note("requested", &requested.join(" "));
    }
    let seeds = seeds(installed, python).collect::<Vec<_>>();
    if !seeds.is_empty() {
        note("seeds", &seeds.join(" "));
    }
    text.push_str(&body(installed, python));
    text
}

/// Returns the requirements alone.
pub fn body(installed: &Installed, python: &Python) -> String {
    let options = FreezeOptions { local: true, credentials: true, ..FreezeOptions::default() };
    let found = freeze(&installed.distributions, python.version, options);
    found.lines.iter().map(|frozen| line(frozen, installed)).collect()
}

/// Returns the part of a snapshot by which another is equal: all but when and why it was taken.
pub fn essence(text: &str) -> String {
    let is_about_itself =
        |line: &&str| ["# created:", "# reason:", "# message:"].iter().any(|start| line.starts_with(start));
    text.lines().filter(|line| !is_about_itself(line)).flat_map(|line| [line, "\n"]).collect()
}

/// Returns the text of a snapshot with a message, which it must not have yet.
pub fn with_message(text: &str, message: &str) -> String {
    let is_before = |line: &str| line.starts_with("# reason:");
    let note = format!("# message: {}\n", one_line(message));
    text.split_inclusive('\n').flat_map(|line| [line, if is_before(line) { &note } else { "" }]).collect()
}

/// Returns the head of a snapshot; none for any other file.
pub fn head(text: &str) -> Option<Head> {
    if text.lines().next()?.trim_end() != SNAPSHOT {
        return None;
    }
    let mut head = Head::default();
    for line in text.lines().take_while(|line| line.starts_with('#')) {
        let Some((key, value)) = line[1..].split_once(':') else { continue };
        let value = value.trim().to_owned();
        match key.trim() {
            "python" => head.python = value,
            "created" => head.created = value,
            "reason" => head.reason = value,
            "message" => head.message = Some(value),
            _ => {}
        }
    }
    Some(head)
}

/// Returns the pins in the head of what an environment was seeded with.
pub fn seeds_in(text: &str) -> Vec<String> {
    let found = text.lines().take_while(|line| line.starts_with('#')).find_map(|line| line.strip_prefix("# seeds:"));
    found.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// An editable project is where it is: what git says about it goes with the time, and is only a comment.
fn line(frozen: &Frozen, installed: &Installed) -> String {
    let editable = installed.distributions.iter().find(|found| found.key == frozen.key);
    let Some(project) = editable.and_then(|found| found.editable.as_deref()) else {
        return single(&frozen.requirement);
    };
    // Read again, the comment tells the name of a project that has none in its files.
    let source = if frozen.requirement.starts_with(b"/") {
        String::new()
    } else {
        let source = String::from_utf8_lossy(&frozen.requirement);
        format!("of {} ", one_line(&credentials::hide(&source).unwrap_or_else(|| source.into_owned())))
    };
    format!("# Editable install {source}({}=={})\n-e {}\n", frozen.name, frozen.version, file_url(project))
}

fn single(bytes: &[u8]) -> String {
    one_line(String::from_utf8_lossy(bytes).trim_end()) + "\n"
}

/// Returns the pins of what an environment was seeded with and `pip freeze` leaves out.
pub fn seeds<'a>(installed: &'a Installed, python: &'a Python) -> impl Iterator<Item = String> + 'a {
    let is_unlisted = |found: &&Distribution| {
        SEEDS.contains(&found.key.as_str()) && !super::freeze::is_listed(&found.key, python.version, false)
    };
    own(installed).filter(is_unlisted).map(|found| format!("{}=={}", found.key, found.version))
}

fn own(installed: &Installed) -> impl Iterator<Item = &Distribution> {
    installed.distributions.iter().filter(|found| found.is_local)
}

/// A line break would begin another line of the file.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_read_and_does_not_count() {
        let text = "# venvwrap-snapshot: 1\n# python: 3.11.7\n# created: 2026-11-27T12:00:00Z\n# reason: upgrade\n\
                    # message: before: it\n# seeds: setuptools==65 wheel==0.4\na==1\n# python: 2\n";
        let head = head(text).unwrap();
        assert_eq!((head.python.as_str(), head.reason.as_str()), ("3.11.7", "upgrade"));
        assert_eq!(head.message.as_deref(), Some("before: it"));
        assert_eq!(seeds_in(text), ["setuptools==65", "wheel==0.4"]);
        assert_eq!(essence(text), essence(&text.replace("before: it", "x").replace("12:00", "13:00")));
        assert_ne!(essence(text), essence(&text.replace("a==1", "a==2")));
        assert_eq!(super::head("a==1\n"), None);
        let without = text.replace("# message: before: it\n", "");
        assert_eq!(with_message(&without, "before:\nit"), text);
    }

    #[test]
    fn any_text_is_read() {
        crate::mutation::check_mutations(&["# venvwrap-snapshot: 1\n# python: 3\n# seeds: a==1\na==1\n"], |input| {
            let text = String::from_utf8_lossy(input);
            let _ = (head(&text), seeds_in(&text), essence(&text));
        });
    }
}
