//! The shape of the tree: folders use only those below them, and no file uses itself by way of others.
//!
//! A re-export is no import: `super::X` counts as an import of the file that defines `X`. Tests may use what they like.

mod paths;
mod source;
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use paths::{Module, Modules, resolve};

/// The folders of the library, from the ground up.
const CORE: [&str; 14] = [
    "fs", "process", "env", "config", "python", "shell", "wheel", "relocate", "snapshot", "store", "pack", "bundle",
    "project", "doctor",
];
/// The files and folders of the program, from the ground up.
const PROGRAM: [&str; 15] = [
    "shell",
    "shims",
    "error",
    "args",
    "process",
    "ui",
    "actions",
    "commands",
    "functions",
    "complete",
    "help",
    "reference",
    "generate",
    "dispatch",
    "main",
];
/// Files whose imports do not count yet. An entry that is not needed any more fails the test.
const EXCEPTIONS: [&str; 0] = [];

#[test]
fn the_library_has_no_import_upwards_and_no_circle() {
    assert_shape("crates/core/src", "lib.rs", &CORE);
}

#[test]
fn the_program_has_no_import_upwards_and_no_circle() {
    assert_shape("crates/cli", "main.rs", &PROGRAM);
}

fn assert_shape(directory: &str, root: &str, order: &[&str]) {
    let sources = source::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(directory));
    let imports = imports(&sources, root);
    assert!(imports.len() > 20, "the imports of {directory} were read: {}", imports.len());
    let (excepted, counted): (Vec<_>, Vec<_>) =
        imports.into_iter().partition(|import| EXCEPTIONS.contains(&import.from.as_str()));
    let mut faults = faults(&counted, root, order);
    for file in excepted.iter().map(|import| &import.from).collect::<BTreeSet<_>>() {
        let own = excepted.iter().filter(|import| import.from == *file);
        let with_it: Vec<Import> = counted.iter().chain(own).cloned().collect();
        if self::faults(&with_it, root, order).len() == faults.len() {
            faults.push(format!("  `{file}` needs no exception in tests/imports any more"));
        }
    }
    assert!(faults.is_empty(), "in {directory}:\n{}", faults.join("\n"));
}

fn faults(imports: &[Import], root: &str, order: &[&str]) -> Vec<String> {
    [upwards(imports, root, order), circles(imports)].concat()
}

/// An import of one file by another, with the line where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    from: String,
    to: String,
    line: usize,
    path: String,
}

/// Returns the imports between the files of a crate.
fn imports(sources: &BTreeMap<String, String>, root: &str) -> Vec<Import> {
    let modules: Modules = sources.iter().map(|(path, code)| (path.clone(), Module::new(code))).collect();
    let mut imports = Vec::new();
    for (from, module) in &modules {
        for named in &module.named {
            let binding = named.binding.as_ref();
            if binding.is_some_and(|binding| binding.is_public && !module.uses(&binding.name)) {
                continue;
            }
            let to = resolve(&modules, root, from, &named.segments);
            if let Some(to) = to.filter(|to| to != from) {
                imports.push(Import { from: from.clone(), to, line: named.line, path: named.segments.join("::") });
            }
        }
    }
    imports
}

/// Returns the imports of a folder that is above the one it is imported by, in words.
fn upwards(imports: &[Import], root: &str, order: &[&str]) -> Vec<String> {
    let mut faults = BTreeSet::new();
    for Import { from, to, line, path } in imports {
        let (lower, upper) = (folder(from), folder(to));
        let place = |name: &str| order.iter().position(|folder| *folder == name);
        let is_root = |file: &str| file == root && place(folder(file)).is_none();
        if lower == upper || is_root(from) || is_root(to) {
            continue;
        }
        match (place(lower), place(upper)) {
            (Some(from_place), Some(to_place)) if from_place > to_place => {}
            (Some(_), Some(_)) => {
                faults.insert(format!("  {from}:{line} imports `{path}`, but `{lower}` is below `{upper}`"));
            }
            (None, _) => drop(faults.insert(format!("  `{lower}` has no place in the order of tests/imports"))),
            (_, None) => drop(faults.insert(format!("  `{upper}` has no place in the order of tests/imports"))),
        }
    }
    faults.into_iter().collect()
}

/// The first component of a path, without `.rs`.
fn folder(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// Returns the shortest circle through each file that is in one, in words.
fn circles(imports: &[Import]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for start in imports.iter().map(|import| &import.from).collect::<BTreeSet<_>>() {
        let Some(circle) = circle(imports, start) else { continue };
        if seen.insert(circle.iter().map(|import| &import.from).collect::<BTreeSet<_>>()) {
            let steps = circle
                .iter()
                .map(|Import { from, to, line, path }| format!("\n    {from}:{line} imports `{path}` of {to}"));
            faults.push(format!("  a circle:{}", steps.collect::<String>()));
        }
    }
    faults
}

/// Finds the shortest way from a file back to itself.
fn circle<'a>(imports: &'a [Import], start: &str) -> Option<Vec<&'a Import>> {
    let mut came_by: BTreeMap<&str, &Import> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for import in imports.iter().filter(|import| import.from == file) {
            if import.to == start {
                let mut way = vec![import];
                while way[0].from != start {
                    way.insert(0, came_by[way[0].from.as_str()]);
                }
                return Some(way);
            }
            if !came_by.contains_key(import.to.as_str()) {
                came_by.insert(&import.to, import);
                queue.push_back(&import.to);
            }
        }
    }
    None
}
