//! `config.toml` as it was found: the values that can be used, and what is wrong with the rest.
//!
//! One wrong value does not hide the others. Where the file is no TOML at all, a key counts as affected if its name is
//! anywhere in the text: what the text does not name, the file does not set.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::edit;
use super::keys::{KEYS, Shape};
use super::problem::{FileProblem, broken, line_of, one_line, syntax};
use super::quantity::{duration, size};
use crate::env::similar;
use crate::fs::order::Order as _;
use crate::fs::{self, PathError, PathResult};

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What the file sets.
#[derive(Debug, Default)]
pub(super) struct File {
    path: PathBuf,
    values: BTreeMap<&'static str, Setting>,
    /// What is wrong with it.
    pub(super) problems: Vec<FileProblem>,
}

#[derive(Debug)]
struct Setting {
    value: Value,
    line: usize,
}

#[derive(Debug)]
enum Value {
    Switch(bool),
    Text(String),
    List(Vec<String>),
}

impl File {
    /// Reads the file. One that is missing, or that cannot be reached because of a directory above it, is empty, unless
    /// it is required.
    pub(super) fn read(path: &Path, is_required: bool) -> PathResult<Self> {
        match fs::read_limited(path, MAX_BYTES) {
            Ok(content) => Ok(Self::parse(path, &content)),
            Err(error) if is_required => Err(error),
            Err(error) if is_unreachable(path, &error) => Ok(Self::default()),
            Err(error) => Ok(Self::unreadable(path, &error)),
        }
    }

    /// Returns the text that a key sets.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match &self.values.get(key)?.value {
            Value::Text(text) => Some(text),
            Value::Switch(_) | Value::List(_) => None,
        }
    }

    /// Returns the texts that a key sets.
    pub(super) fn list(&self, key: &str) -> Vec<String> {
        match self.values.get(key).map(|setting| &setting.value) {
            Some(Value::List(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    /// Returns the switch that a key sets.
    pub(super) fn switch(&self, key: &str) -> Option<bool> {
        match self.values.get(key)?.value {
            Value::Switch(switch) => Some(switch),
            Value::Text(_) | Value::List(_) => None,
        }
    }

    /// Takes back a value that turns out to be wrong.
    pub(super) fn reject(&mut self, key: &'static str, message: String) {
        let Some(setting) = self.values.remove(key) else { return };
        self.problems.push(FileProblem {
            file: self.path.clone(),
            line: Some(setting.line),
            key: Some(key.to_string()),
            is_removable: true,
            message,
            affected: vec![key],
        });
    }

    fn unreadable(path: &Path, error: &PathError) -> Self {
        let problem = FileProblem {
            file: path.to_path_buf(),
            line: None,
            key: None,
            is_removable: false,
            message: format!("could not be read: {}", error.source),
            affected: KEYS.iter().map(|(key, _)| *key).collect(),
        };
        Self { path: path.to_path_buf(), problems: vec![problem], ..Self::default() }
    }

    pub(super) fn parse(path: &Path, content: &[u8]) -> Self {
        let mut file = Self { path: path.to_path_buf(), ..Self::default() };
        let text = match std::str::from_utf8(content) {
            Ok(text) => text,
            Err(error) => {
                let text = String::from_utf8_lossy(content);
                file.problems.push(broken(path, &text, error.valid_up_to(), "not UTF-8".to_string()));
                return file;
            }
        };
        match DeTable::parse(text) {
            Ok(table) => file.take_values(text, table.get_ref()),
            Err(error) => file.problems.push(syntax(path, text, &error)),
        }
        file
    }

    fn take_values(&mut self, text: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let (name, line) = (name.get_ref().as_ref(), line_of(text, name.span().start));
            let known = KEYS.iter().find(|(key, _)| *key == name);
            let found = known.and_then(|(key, shape)| Some((*key, usable(*shape, value.get_ref())?)));
            if let Some((key, value)) = found {
                self.values.insert(key, Setting { value, line });
                continue;
            }
            let written = one_line(text.get(value.span()).unwrap_or_default());
            self.problems.push(FileProblem {
                file: self.path.clone(),
                line: Some(line),
                key: Some(name.to_string()),
                is_removable: edit::is_removable(&self.path, text, name),
                message: known
                    .map_or_else(|| unknown(name), |(_, shape)| format!("it must be {shape}, not `{written}`")),
                affected: known.map(|(key, _)| *key).into_iter().collect(),
            });
        }
        self.problems.order_by_key(|problem| problem.line);
    }
}

/// Returns whether there is no such file, as far as this user can see; a file that is there and cannot be read is another
/// matter.
fn is_unreachable(path: &Path, error: &PathError) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound, PermissionDenied};
    let is_loop = |error: &io::Error| error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    match error.source.kind() {
        NotFound | NotADirectory | InvalidFilename => true,
        PermissionDenied => std::fs::metadata(path).is_err_and(|error| error.kind() == PermissionDenied),
        _ => is_loop(&error.source),
    }
}

fn usable(shape: Shape, value: &DeValue<'_>) -> Option<Value> {
    match shape {
        Shape::Switch => value.as_bool().map(Value::Switch),
        Shape::OneOf(words) => value.as_str().filter(|text| words.contains(text)).map(|text| Value::Text(text.into())),
        Shape::Text | Shape::Words => value.as_str().map(|text| Value::Text(text.into())),
        Shape::Duration => quantity(value).filter(|text| duration(text).is_some()).map(Value::Text),
        Shape::Size => quantity(value).filter(|text| size(text).is_some()).map(Value::Text),
        Shape::List => {
            let texts = value.as_array()?.iter().map(|text| text.get_ref().as_str().map(String::from));
            texts.collect::<Option<_>>().map(Value::List)
        }
    }
}

/// A number needs no quotes.
fn quantity(value: &DeValue<'_>) -> Option<String> {
    let number = || value.as_integer().map(ToString::to_string);
    value.as_str().map(String::from).or_else(number)
}

fn unknown(key: &str) -> String {
    match similar::nearest(key, KEYS.iter().map(|(known, _)| (*known, *known))) {
        Some(known) => format!("there is no such key; did you mean `{known}`?"),
        None => "there is no such key".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        File::parse(Path::new("/c"), text.as_bytes()).problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_key_in_one_line() {
        for (text, expected) in [
            ("cd = true\npicker = maybe # ?\n", "`/c`, line 2, `picker`: it must be `true` or `false`, not `maybe`"),
            ("installer = conda", "`/c`, line 1, `installer`: it must be one of auto, pip, uv, not `conda`"),
            ("installer = uv", "`/c`, line 1, `installer`: string values must be quoted"),
            ("project_home = src", "`/c`, line 1, `project_home`: string values must be quoted"),
            ("auto = \n", "`/c`, line 1, `auto`: "),
            ("\n\npython = \"3.12\n", "`/c`, line 3, `python`: "),
            ("picker = \"yes\"", "`/c`, line 1, `picker`: it must be `true` or `false`, not `\"yes\"`"),
            ("installer = 'conda'", "`/c`, line 1, `installer`: it must be one of auto, pip, uv, not `'conda'`"),
            ("python = [\n3,\n12]", "`/c`, line 1, `python`: it must be a string in quotes, not `[ 3, 12]`"),
            ("workon_hme = 1", "`/c`, line 1, `workon_hme`: there is no such key; did you mean `workon_home`?"),
            ("[colours]\nx = 1", "`/c`, line 1, `colours`: there is no such key"),
            ("cd = true\ncd = false\n", "`/c`, line 2, `cd`: it is set twice"),
            ("python = \"3.12\"\npython = \"3.12\"\n", "`/c`, line 2, `python`: it is set twice"),
        ] {
            let found = problems(text);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{text:?}: {found:?}");
            assert!(!found[0].contains('\n'), "{found:?}");
        }
    }

    #[test]
    fn one_wrong_value_hides_no_other() {
        let file = File::parse(Path::new("/c"), b"picker = 1\nworkon_home = '/w'\nnew = 2\nauto = true");
        assert_eq!(
            (file.text("workon_home"), file.switch("auto"), file.switch("picker")),
            (Some("/w"), Some(true), None)
        );
        assert_eq!(
            file.problems.iter().map(|problem| problem.affected.clone()).collect::<Vec<_>>(),
            [vec!["picker"], vec![]]
        );
    }

    #[test]
    fn a_file_that_is_no_toml_sets_at_most_what_it_names() {
        let affected = |text: &[u8]| File::parse(Path::new("/c"), text).problems[0].affected.clone();
        assert_eq!(affected(b"picker = maybe"), ["picker"]);
        assert_eq!(affected(b"creator_args = 'x"), ["creator", "creator_args"]);
        assert_eq!(affected(b"cd = true\nworkon_home = '/\xff'"), ["cd", "workon_home"]);
        assert_eq!(affected(b"\"workon\\u005fhome\" = '/x"), KEYS.map(|(key, _)| key));
    }

    #[test]
    fn what_cannot_be_reached_is_missing_and_what_is_there_is_wrong() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("file"), "").unwrap();
        std::os::unix::fs::symlink("loop", path("loop")).unwrap();
        for missing in [path("no"), path("file/config.toml"), path("loop"), path("loop/x"), path(&"n".repeat(300))] {
            assert!(File::read(&missing, false).unwrap().problems.is_empty(), "{missing:?}");
            assert!(File::read(&missing, true).is_err(), "{missing:?}");
        }
        let wrong = File::read(directory.path(), false).unwrap();
        assert_eq!(wrong.problems[0].affected.len(), KEYS.len());
        assert!(wrong.problems[0].to_string().contains("could not be read"));
    }
}
