//! The paths that a file names, and the files that they lead to.

use std::collections::{BTreeMap, BTreeSet};

/// A path such as `crate::fs::PathError`, with the line that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) line: usize,
    pub(super) segments: Vec<String>,
    /// The name under which the file knows it, if it comes from a `use`.
    pub(super) binding: Option<Binding>,
}

/// A name that a `use` brings into a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) name: String,
    pub(super) is_public: bool,
}

/// One file: the children it declares and the paths it names.
pub(super) struct Module {
    pub(super) children: BTreeSet<String>,
    pub(super) named: Vec<Named>,
    code: String,
}

impl Module {
    /// Takes the paths out of a file's code.
    pub(super) fn new(code: &str) -> Self {
        let children: BTreeSet<String> = code.lines().filter_map(declared).map(str::to_owned).collect();
        let mut module = Self { children, named: Vec::new(), code: code.to_owned() };
        let mut at = 0;
        while let Some(start) = module.next_path(at) {
            at = module.take(start);
        }
        module
    }

    /// Returns whether the code uses a name other than by bringing it in.
    pub(super) fn uses(&self, name: &str) -> bool {
        let outside = self.code.split_inclusive(';').filter(|part| !is_use(part));
        outside.flat_map(|part| part.split(|c: char| !is_word(c))).any(|word| word == name)
    }

    /// Finds the next path from `at` on: one that begins with `crate`, `super`, `self` or a child.
    fn next_path(&self, at: usize) -> Option<usize> {
        let bytes = self.code.as_bytes();
        (at..bytes.len()).find(|&start| {
            if !self.code.is_char_boundary(start) {
                return false;
            }
            let before = &self.code[..start];
            let is_start = !before.ends_with(is_word)
                && !before.ends_with("::")
                && !before.ends_with("pub(in ")
                && self.code[start..].starts_with(is_word);
            let word = self.code[start..].split(|c| !is_word(c)).next().unwrap_or_default();
            is_start && self.code[start + word.len()..].starts_with("::") && self.is_root(word)
        })
    }

    fn is_root(&self, word: &str) -> bool {
        matches!(word, "crate" | "super" | "self") || self.children.contains(word)
    }

    /// Takes the path that begins at `start`, with all its branches, and returns where it ends.
    fn take(&mut self, start: usize) -> usize {
        let statement = self.code[..start].rfind([';', '{', '}']).map_or(0, |at| at + 1);
        let head = self.code[statement..start].trim();
        let head = head.rsplit_once(']').map_or(head, |(_, rest)| rest.trim());
        let is_import = head == "use" || head.ends_with(" use") || head.ends_with(")use");
        let line = self.code[..start].matches('\n').count() + 1;
        let mut leaves = Vec::new();
        let length = branches(&self.code[start..], &mut Vec::new(), &mut leaves);
        for (segments, alias) in leaves {
            let name = alias.or_else(|| segments.last().cloned()).unwrap_or_default();
            let binding = is_import.then(|| Binding { name, is_public: head.starts_with("pub") });
            self.named.push(Named { line, segments, binding });
        }
        start + length.max(1)
    }
}

/// Reads a path and its branches in braces; returns how long it is.
fn branches(text: &str, prefix: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, Option<String>)>) -> usize {
    let depth = prefix.len();
    let mut at = 0;
    loop {
        let word = text[at..].split(|c| !is_word(c)).next().unwrap_or_default();
        let word = if word.is_empty() && text[at..].starts_with('*') { "*" } else { word };
        if word.is_empty() {
            break;
        }
        // `x::{self}` names x itself.
        if word != "self" || depth == 0 {
            prefix.push(word.to_owned());
        }
        at += word.len();
        if !text[at..].starts_with("::") || text[at..].starts_with("::<") {
            break;
        }
        at += 2;
        if text[at..].starts_with('{') {
            at += group(&text[at..], prefix, leaves);
            prefix.truncate(depth);
            return at;
        }
    }
    let rest = text[at..].strip_prefix(" as ").map(|rest| rest.split(|c| !is_word(c)).next().unwrap_or_default());
    leaves.push((prefix.clone(), rest.map(str::to_owned)));
    prefix.truncate(depth);
    at + rest.map_or(0, |alias| alias.len() + 4)
}

/// Reads the branches between braces; returns how long they are, braces included.
fn group(text: &str, prefix: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, Option<String>)>) -> usize {
    let mut at = 1;
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start_matches([' ', '\n', ',']).len();
        match text[at..].chars().next() {
            Some('}') => return at + 1,
            None => return at,
            Some(_) => at += branches(&text[at..], prefix, leaves).max(1),
        }
    }
}

fn is_use(statement: &str) -> bool {
    statement.lines().any(|line| line.starts_with("use ") || (line.starts_with("pub") && line.contains(" use ")))
}

fn declared(line: &str) -> Option<&str> {
    let at = line.find("mod ").filter(|&at| at == 0 || line.starts_with("pub"))?;
    line[at + 4..].strip_suffix(';')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The path of a child module without `.rs`: `a/mod.rs` and `a.rs` both hold their children in `a/`.
pub(super) fn child_path(parent: &str, name: &str) -> String {
    let folder = folder_of(parent);
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Where a file's child modules are.
pub(super) fn folder_of(file: &str) -> String {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ => file.trim_end_matches(".rs").to_owned(),
    }
}

/// All files of a crate by their path.
pub(super) type Modules = BTreeMap<String, Module>;

/// Returns the file that defines what a path names, or `None` when it leads out of the crate.
pub(super) fn resolve(modules: &Modules, root: &str, from: &str, segments: &[String]) -> Option<String> {
    follow(modules, root, from, segments, MAX_RE_EXPORTS)
}

/// A type and a function of one name may be re-exported by each other's files: such a chain has no end.
const MAX_RE_EXPORTS: usize = 8;

fn follow(modules: &Modules, root: &str, from: &str, segments: &[String], left: usize) -> Option<String> {
    let mut file = from.to_owned();
    let mut segments = segments.iter().map(String::as_str).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "crate" => root.clone_into(&mut file),
            "self" => {}
            "*" => break,
            "super" => file = parent(modules, root, &file)?,
            _ => match step(modules, root, &file, segment, left)? {
                Step::Into(child) => file = child,
                Step::Elsewhere(named) => {
                    let rest: Vec<String> = named.into_iter().chain(segments.map(str::to_owned)).collect();
                    return follow(modules, root, &file, &rest, left - 1);
                }
                Step::Here => return Some(file),
            },
        }
    }
    Some(file)
}

enum Step {
    Into(String),
    Elsewhere(Vec<String>),
    Here,
}

fn step(modules: &Modules, root: &str, file: &str, segment: &str, left: usize) -> Option<Step> {
    let module = modules.get(file)?;
    if module.children.contains(segment) {
        let path = child_path(file, segment);
        let child =
            [format!("{path}.rs"), format!("{path}/mod.rs")].into_iter().find(|path| modules.contains_key(path));
        return child.map(Step::Into);
    }
    let brought_in = module.named.iter().find(|named| named.binding.as_ref().is_some_and(|use_| use_.name == segment));
    match brought_in {
        // What comes from the standard library or another crate is not looked for.
        Some(named) if left > 0 && follow(modules, root, file, &named.segments, left - 1).is_some() => {
            Some(Step::Elsewhere(named.segments.clone()))
        }
        _ => Some(Step::Here),
    }
}

fn parent(modules: &Modules, root: &str, file: &str) -> Option<String> {
    if file == root {
        return None;
    }
    let folder = folder_of(file);
    let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
    if above.is_empty() {
        return Some(root.to_owned());
    }
    [format!("{above}/mod.rs"), format!("{above}.rs")].into_iter().find(|path| modules.contains_key(path))
}
