//! The tests themselves: no file is forgotten, and the folders of verbs and functions hold nothing else.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders with one file for each verb or function.
const MIRRORS: [&str; 2] = ["commands", "functions"];

#[test]
fn every_file_is_in_the_list_of_its_folder() {
    let forgotten = forgotten(&root(), "main.rs");
    assert!(forgotten.is_empty(), "not compiled, so never run: {forgotten:#?}");
}

#[test]
fn a_forgotten_file_is_found() {
    let scratch = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = scratch.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("main.rs", "mod a;\npub(crate) mod b;\n// mod c;\n");
    write("a.rs", "");
    write("b/mod.rs", "mod inner;\n");
    write("b/inner.rs", "");
    write("b/lost.rs", "");
    write("c.rs", "");
    write("d/mod.rs", "");
    write("data/notes.txt", "");
    let found = forgotten(scratch.path(), "main.rs");
    assert_eq!(found, ["b/lost.rs", "c.rs", "d/mod.rs"].map(|path| scratch.path().join(path)));
}

#[test]
fn verbs_and_functions_are_those_of_the_program() {
    let page = fs::read_to_string(root().with_file_name("docs/commands.md")).unwrap();
    for folder in MIRRORS {
        let files = entries(&root().join(folder)).into_iter().filter(|path| is_rust(path) && !path.ends_with("mod.rs"));
        for file in files {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let heading = match folder {
                "commands" => format!("### venvwrap {}", name.replace('_', "-")),
                _ => format!("### {name}"),
            };
            // A verb may have verbs of its own below it, a function other names.
            let is_heading = |line: &str| {
                line == heading || line.starts_with(&format!("{heading} ")) || line.starts_with(&format!("{heading},"))
            };
            assert!(page.lines().any(is_heading), "`{}` is named after nothing in docs/commands.md", file.display());
        }
    }
}

/// The product was asked for with these packages: none may get lost as something that our own code could do.
#[test]
fn required_packages_are_used() {
    let sources = sources(&root().with_file_name("crates"));
    let texts: Vec<_> = sources.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for package in ["clap", "dirs", "serde", "toml", "anyhow", "comfy_table", "shell_words"] {
        let path = format!("{package}::");
        assert!(texts.iter().any(|text| text.contains(&path)), "{package}");
    }
}

#[test]
fn every_verb_has_a_file() {
    let page = fs::read_to_string(root().with_file_name("docs/commands.md")).unwrap();
    let verbs = page.lines().filter_map(|line| line.strip_prefix("### venvwrap ")?.split(' ').next());
    let missing: Vec<_> = verbs
        .filter(|verb| !root().join("commands").join(format!("{}.rs", verb.replace('-', "_"))).is_file())
        .collect();
    assert!(missing.is_empty(), "tests/commands has no file for {missing:?}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The files of Rust in a folder and below it that no list of modules names, sorted.
fn forgotten(folder: &Path, list: &str) -> Vec<PathBuf> {
    let text = fs::read_to_string(folder.join(list)).unwrap();
    let is_named = |name: &str| {
        let mut lines =
            text.lines().map(|line| line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) "));
        lines.any(|line| line.strip_prefix("mod ").is_some_and(|rest| rest == format!("{name};")))
    };
    let mut found = Vec::new();
    for path in entries(folder) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let inner = path.join("mod.rs");
        if inner.is_file() {
            if is_named(name) {
                found.extend(forgotten(&path, "mod.rs"));
            } else {
                found.push(inner);
            }
        } else if is_rust(&path) && !path.ends_with(list) && !is_named(name) {
            found.push(path);
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let of = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    entries(folder).into_iter().flat_map(of).filter(|path| is_rust(path)).collect()
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "rs")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
