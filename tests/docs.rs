//! What is generated is what the program prints today, and every link in the documents leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
        assert!(is_fresh, "`just generate` brings {file} up to date");
    }
}

/// Every shell function has a manual page, under each of its names.
#[test]
fn manual_pages_of_functions_are_fresh() {
    let bless = std::env::var_os("VENVWRAP_BLESS").is_some_and(|value| value == "1");
    let page = fs::read_to_string(root().join("docs/commands.md")).unwrap();
    let functions = page.split("\n## The program").next().unwrap();
    let names: Vec<_> =
        functions.lines().filter_map(|line| line.strip_prefix("### ")).flat_map(|line| line.split(", ")).collect();
    assert!(names.len() > 15, "{names:?}");
    for name in &names {
        let path = root().join(format!("docs/man/{name}.1"));
        let output = Command::new(env!("CARGO_BIN_EXE_venvwrap")).args(["generate", "man", name]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        if bless {
            fs::write(&path, &output.stdout).unwrap();
        }
        assert!(
            fs::read(&path).is_ok_and(|content| content == output.stdout),
            "`just generate` brings {name}.1 up to date"
        );
    }
    let pages = fs::read_dir(root().join("docs/man")).unwrap().count();
    assert_eq!(pages, names.len() + 1, "a page is of no function");
}

/// The table of the hooks is written from the one in the library.
#[test]
fn the_table_of_hooks_is_fresh() {
    let path = root().join("docs/hooks.md");
    let text = fs::read_to_string(&path).unwrap();
    let start = text.find("| hook | how |").expect("the page has the table");
    let end = start + text[start..].find("\n\n").unwrap() + 1;
    let fresh = [&text[..start], &venvwrap_core::shell::event::markdown_table(), &text[end..]].concat();
    if std::env::var_os("VENVWRAP_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &fresh).unwrap();
    } else {
        assert!(text == fresh, "docs/hooks.md is out of date: `VENVWRAP_BLESS=1 tests/run docs` writes it again");
    }
}

/// The page is the snapshot of all help texts: what `-h` prints is what it says.
#[test]
fn help_is_what_the_page_says() {
    let page = fs::read_to_string(root().join("docs/commands.md")).unwrap();
    let mut checked = 0;
    for section in page.split("\n### ").skip(1) {
        let (name, text) = section.split_once('\n').unwrap();
        let Some((_, help)) = text.split_once("```text\n") else { continue };
        let help = help.split("```").next().unwrap();
        // What the shell or another program answers has no options of ours.
        if !help.contains("--help") {
            continue;
        }
        let words: Vec<_> = match name.strip_prefix("venvwrap ") {
            Some(verb) => verb.split(' ').chain(["-h"]).collect(),
            // Other names come after the first.
            None => vec!["__do", name.split(',').next().unwrap(), "-h"],
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_venvwrap"));
        let output =
            command.args(&words).env_clear().env("HOME", "/nonexistent").env("COLUMNS", "100").output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{words:?}: {output:?}");
        let printed = String::from_utf8(output.stdout).unwrap();
        // `mkproject` lists the templates of this machine after it.
        let printed = printed.split("\nAvailable project templates:").next().unwrap();
        assert_eq!(printed.trim_end(), help.trim_end(), "{words:?}");
        checked += 1;
    }
    assert!(checked > 30, "{checked}");
}

/// Where a table says that something is decided, there is a file.
#[test]
fn paths_in_documents_exist() {
    let mut checked = 0;
    for document in markdown_files() {
        let text = fs::read_to_string(&document).unwrap();
        for path in text.split('`').filter(|path| is_path_of_source(path)) {
            // `shell/*/follow.*` means a file in at least one folder.
            assert!(matches(&root(), path), "{} names `{path}`, which does not exist", document.display());
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

/// The page about the tree names files without their folder where a table is about that folder.
#[test]
fn files_in_the_page_about_the_tree_exist() {
    const ENDINGS: [&str; 6] = ["rs", "sh", "bash", "zsh", "fish", "py"];
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let is_file = |name: &&str| {
        let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        ENDINGS.contains(&ending) && !name.contains(char::is_whitespace)
    };
    let names: Vec<_> = text.split('`').filter(is_file).collect();
    assert!(names.len() > 80, "{names:?}");
    for name in names {
        let places = ["", "crates/core/src", "crates/cli", "shell"];
        assert!(places.iter().any(|place| root().join(place).join(name).is_file()), "there is no `{name}`");
    }
}

/// The page about traps names tests.
#[test]
fn tests_in_the_page_about_traps_exist() {
    let text = fs::read_to_string(root().join("docs/traps.md")).unwrap();
    let is_test = |word: &&str| word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let names: Vec<_> = text.split('`').filter(is_test).collect();
    assert!(names.len() > 30, "{names:?}");
    let sources = [sources(&root().join("tests")), sources(&root().join("crates/core/src"))].concat();
    for name in names {
        assert!(sources.contains(&format!("fn {name}()")), "there is no test `{name}`");
    }
}

/// All code in a directory.
fn sources(directory: &Path) -> String {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: PathBuf| match path.extension() {
        _ if path.is_dir() => sources(&path),
        Some(extension) if extension == "rs" => fs::read_to_string(path).unwrap(),
        _ => String::new(),
    };
    entries.map(text).collect()
}

fn is_path_of_source(text: &str) -> bool {
    const FOLDERS: [&str; 3] = ["crates/", "shell/", "tests/"];
    let is_word = |c: char| c.is_alphanumeric() || "/._-*".contains(c);
    FOLDERS.iter().any(|folder| text.starts_with(folder)) && text.chars().all(is_word)
}

/// Returns whether a path with stars exists below a directory.
fn matches(directory: &Path, path: &str) -> bool {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let fits = |name: &str| match first.split_once('*') {
        Some((start, end)) => name.starts_with(start) && name.ends_with(end),
        None => name == first,
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found = entries.filter(|entry| entry.file_name().to_str().is_some_and(fits)).map(|entry| entry.path());
    found.any(|found| if rest.is_empty() { found.exists() } else { matches(&found, rest) })
}

/// Only tables, code and headings are longer than a window is wide; and links, which cannot be broken.
#[test]
fn prose_fits_in_a_window() {
    for document in markdown_files() {
        let text = fs::read_to_string(&document).unwrap();
        let mut is_code = false;
        for (number, line) in text.lines().enumerate() {
            is_code ^= line.trim_start().starts_with("```");
            let is_link = line.trim_start().starts_with(['-', '*', '[']) && line.ends_with(')');
            let is_exempt = is_code || is_link || line.starts_with(['|', '#', '<']);
            assert!(is_exempt || line.chars().count() <= 120, "{}:{}: {line}", document.display(), number + 1);
        }
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
fn the_site_has_every_page() {
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    for folder in ["", "decisions/"] {
        for entry in std::fs::read_dir(root().join("docs").join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let is_page =
                Path::new(&name).extension().is_some_and(|extension| extension == "md") && name != "SUMMARY.md";
            assert!(
                !is_page || summary.contains(&format!("({folder}{name})")),
                "`{folder}{name}` is not in SUMMARY.md"
            );
        }
    }
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
