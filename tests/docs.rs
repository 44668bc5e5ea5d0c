//! What is generated is what the program prints today, and every link in the documents leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Shell, shim_text};

/// Generated files, and what `venvwrap generate` calls them.
const GENERATED: &[(&str, &str)] = &[("docs/commands.md", "reference"), ("docs/man/venvwrap.1", "man")];

#[test]
fn generated_files_are_fresh() {
    let bless = std::env::var_os("VENVWRAP_BLESS").is_some_and(|value| value == "1");
    for (file, what) in GENERATED {
        let path = root().join(file);
        let printed = generate(what);
        if bless {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &printed).unwrap();
        }
        let is_fresh = fs::read(&path).is_ok_and(|content| content == printed);
        assert!(is_fresh, "{file} is out of date: `VENVWRAP_BLESS=1 tests/run docs` writes it anew");
    }
}

#[test]
fn every_shell_function_is_documented() {
    let page = fs::read_to_string(root().join("docs/commands.md")).unwrap();
    let lines = shim_text(Shell::Bash).lines().filter_map(|line| line.trim_start().strip_prefix("function "));
    let names: Vec<_> = lines.filter_map(|line| Some(line.split_once(" {")?.0)).collect();
    assert!(names.contains(&"workon") && names.contains(&"deactivate"), "{names:?}");
    // The others are for hooks, or our own.
    let is_public = |name: &&&str| !name.contains('_');
    for name in names.iter().filter(is_public) {
        assert!(page.contains(&format!("\n### {name}\n")), "`venvwrap generate reference` leaves out `{name}`");
    }
}

#[test]
fn links_lead_to_files() {
    let documents = markdown_files();
    assert!(documents.len() > 5, "{documents:?}");
    let broken: Vec<_> = documents.iter().flat_map(|document| broken_links(document)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn broken_links_are_found() {
    let scratch = tempfile::tempdir().unwrap();
    let document = scratch.path().join("a.md");
    let text = "# One two\n[x](gone.md) [y](a.md#one-two) [z](#three) `[c](code.md)` [w](https://x.example)\n\
        ```\n[b](block.md)\n```\n";
    fs::write(&document, text).unwrap();
    let found = broken_links(&document);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].ends_with("gone.md") && found[1].ends_with("#three"), "{found:?}");
}

#[test]
fn every_variable_of_the_configuration_is_documented() {
    let page = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let source = fs::read_to_string(root().join("crates/core/src/config/mod.rs")).unwrap();
    let (code, _tests) = source.split_once("#[cfg(test)]").unwrap();
    let variables: Vec<_> = code.split("variable(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let (_, keys) = code.split_once("struct File {\n").unwrap();
    let keys = keys.lines().take_while(|line| *line != "}").filter_map(|line| line.trim().split(':').next());
    let names: Vec<_> = variables.into_iter().chain(keys).collect();
    assert!(names.contains(&"WORKON_HOME") && names.contains(&"installer"), "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "docs/configuration.md does not explain `{name}`");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What the program prints, with nothing of the surrounding environment.
fn generate(what: &str) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_venvwrap"));
    let output = command.args(["generate", what]).env_clear().env("HOME", "/nonexistent").output().unwrap();
    assert!(output.status.success(), "{what}: {output:?}");
    assert!(output.stdout.len() > 1000, "{what}: {output:?}");
    output.stdout
}

fn markdown_files() -> Vec<PathBuf> {
    let is_markdown = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let mut files = Vec::new();
    for directory in ["", "docs", "docs/decisions"] {
        let entries = fs::read_dir(root().join(directory)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()).filter(is_markdown));
    }
    files.sort();
    files
}

/// The links of a document to files or headings that are not there, each after the document's path.
fn broken_links(document: &Path) -> Vec<String> {
    let text = prose(&fs::read_to_string(document).unwrap());
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let broken = targets.filter(|target| !target.contains("://") && !leads_somewhere(document, target));
    broken.map(|target| format!("{}: {target}", document.display())).collect()
}

fn leads_somewhere(document: &Path, target: &str) -> bool {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let file = if file.is_empty() { document.to_path_buf() } else { document.parent().unwrap().join(file) };
    file.exists() && (heading.is_empty() || has_heading(&file, heading))
}

fn has_heading(file: &Path, wanted: &str) -> bool {
    let text = prose(&fs::read_to_string(file).unwrap_or_default());
    text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == wanted)
}

/// The name by which a heading can be linked to.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The text without code, which may hold brackets of its own.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut result = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            // Every second piece stands between backticks. A heading keeps them: they are a part of its name.
            let pieces = line.split('`').enumerate();
            let kept = pieces.filter(|(at, _)| line.starts_with('#') || at % 2 == 0);
            result.extend(kept.map(|(_, piece)| piece));
            result.push('\n');
        }
    }
    result
}
