//! Changing one key of `config.toml` by its text, so that comments and order stay.
//!
//! A change is written only when the parser agrees that it changed this key and nothing else.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;
use toml::{Table, Value};

pub use super::keys::{KEYS, Shape};
use super::problem::{self, FileProblem};
use super::quantity::{duration, size};
use super::repair;
use crate::env::similar;
use crate::fs::{self, PathError};

/// The largest file that is changed, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Why a file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFileError {
    /// There is no such key.
    #[error("there is no key `{key}`")]
    Key {
        /// What was asked for.
        key: String,
        /// The key that may be meant.
        nearest: Option<&'static str>,
    },
    /// The key cannot have this value.
    #[error("`{key}` cannot be `{value}`: it must be {wanted}")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What it can be.
        wanted: String,
    },
    /// The file is not TOML.
    #[error(transparent)]
    Syntax(#[from] FileProblem),
    /// The key is written in a way that cannot be changed safely.
    #[error("could not edit `{key}` in `{}` automatically", path.display())]
    Odd {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// The keys that a file sets, in alphabetical order, with their values as text; of a file that is no TOML, those in the
/// lines that are.
pub fn list(path: &Path) -> Result<Vec<(String, String)>, ConfigFileError> {
    let text = read(path)?;
    let table = parse(path, &text).or_else(|error| repair::valid_lines(&text).parse().map_err(|_| error))?;
    Ok(table.into_iter().map(|(key, value)| (key, text_of(&value))).collect())
}

/// The value of a key as text, as [`list`] reads it; none where the file does not set it.
pub fn get(path: &Path, key: &str) -> Result<Option<String>, ConfigFileError> {
    shape(key)?;
    Ok(list(path)?.into_iter().find(|(found, _)| found == key).map(|(_, value)| value))
}

/// Sets a key.
pub fn set(path: &Path, key: &str, text: &str) -> Result<(), ConfigFileError> {
    let value = value(key, text)?;
    change(path, key, Some(&value))
}

/// Removes a key, also one that only another version knows, if the file sets it.
pub fn unset(path: &Path, key: &str) -> Result<(), ConfigFileError> {
    let is_there = || Ok::<_, ConfigFileError>(list(path)?.iter().any(|(found, _)| found == key));
    if shape(key).is_err() && !is_there()? {
        return Err(unknown(key));
    }
    change(path, key, None)
}

fn change(path: &Path, key: &str, value: Option<&Value>) -> Result<(), ConfigFileError> {
    // A file that is a link, as dotfile managers make them, stays one.
    let real = path.canonicalize().unwrap_or_else(|_| target(path));
    if let Some(parent) = real.parent() {
        fs::create_private_all(parent)?;
    }
    let mut is_empty = false;
    fs::update(&real, MAX_BYTES, 0o644, |old| {
        let old = text(path, old.unwrap_or_default().to_vec())?;
        let new = changed(path, &old, key, value)?;
        is_empty = new != old && new.trim().is_empty();
        Ok::<_, ConfigFileError>((new != old).then(|| new.into_bytes()))
    })?;
    if is_empty { fs::remove_empty(&real).map_err(ConfigFileError::Path) } else { Ok(()) }
}

/// Where a link leads whose file is missing.
fn target(path: &Path) -> PathBuf {
    let target = std::fs::read_link(path).ok().and_then(|target| Some(path.parent()?.join(target)));
    target.unwrap_or_else(|| path.to_path_buf())
}

/// The new text, provided that it differs in this key and nothing else.
fn changed(path: &Path, old: &str, key: &str, value: Option<&Value>) -> Result<String, ConfigFileError> {
    let mut expected = match parse(path, old) {
        Ok(table) => table,
        // Only a line that is at fault is removed; whatever was added to such a file might mean something else in it.
        Err(error) => return value.is_none().then(|| repair::without(old, key)).flatten().ok_or(error),
    };
    match value {
        Some(value) => expected.insert(key.to_string(), value.clone()),
        None => expected.remove(key),
    };
    let new = edited(old, key, value).map_err(|error| syntax(path, old, &error))?;
    if parse(path, &new).ok().as_ref() != Some(&expected) {
        return Err(ConfigFileError::Odd { path: path.to_path_buf(), key: key.to_string() });
    }
    Ok(new)
}

/// Returns the text with the key's value replaced, its lines removed, or a line for it added; all else stays as it is.
fn edited(old: &str, key: &str, value: Option<&Value>) -> Result<String, toml::de::Error> {
    let table = DeTable::parse(old)?;
    let entry = table.get_ref().iter().find(|(name, _)| name.get_ref() == key);
    let (range, new) = match (entry, value) {
        (Some((_, current)), Some(value)) => (current.span(), value.to_string()),
        (Some((name, current)), None) => (lines(old, name.span().start, current.span().end), String::new()),
        (None, Some(value)) => {
            let at = end_of_keys(old, table.get_ref());
            let separator = if at == 0 || old[..at].ends_with('\n') { "" } else { "\n" };
            (at..at, format!("{separator}{key} = {value}\n"))
        }
        (None, None) => (0..0, String::new()),
    };
    let mut text = old.to_string();
    text.replace_range(range, &new);
    Ok(text)
}

/// Where a key can be added: at the end, or before the first table, to which it would belong otherwise.
fn end_of_keys(text: &str, table: &DeTable<'_>) -> usize {
    let (tables, keys): (Vec<_>, Vec<_>) = table.iter().partition(|(_, value)| value.get_ref().is_table());
    let last = keys.iter().map(|(_, value)| value.span().end).max();
    if tables.is_empty() { text.len() } else { last.map_or(0, |end| lines(text, end, end).end) }
}

/// Returns the whole lines that hold a part of the text.
fn lines(text: &str, start: usize, end: usize) -> Range<usize> {
    let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
    first..text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

fn value(key: &str, text: &str) -> Result<Value, ConfigFileError> {
    let shape = shape(key)?;
    match (shape, text) {
        (Shape::Switch, "true" | "yes" | "on" | "1") => Ok(Value::Boolean(true)),
        (Shape::Switch, "false" | "no" | "off" | "0") => Ok(Value::Boolean(false)),
        (Shape::OneOf(words), text) if words.contains(&text) => Ok(Value::String(text.to_string())),
        (Shape::Text, text) => Ok(Value::String(text.to_string())),
        (Shape::Duration, text) if duration(text).is_some() => Ok(Value::String(text.to_string())),
        (Shape::Size, text) if size(text).is_some() => Ok(Value::String(text.to_string())),
        (Shape::List, text) => Ok(text.split_whitespace().map(String::from).collect::<Vec<_>>().into()),
        (Shape::Switch | Shape::OneOf(_) | Shape::Duration | Shape::Size, _) => {
            Err(ConfigFileError::Value { key: key.to_string(), value: text.to_string(), wanted: shape.to_string() })
        }
    }
}

fn shape(key: &str) -> Result<Shape, ConfigFileError> {
    let found = KEYS.iter().find(|(known, _)| *known == key);
    found.map(|(_, shape)| *shape).ok_or_else(|| unknown(key))
}

fn unknown(key: &str) -> ConfigFileError {
    let nearest = similar::nearest(key, KEYS.iter().map(|(known, _)| (*known, *known)));
    ConfigFileError::Key { key: key.to_string(), nearest }
}

fn text_of(value: &Value) -> String {
    let texts = value.as_array().and_then(|texts| texts.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    if let Some(texts) = texts {
        return texts.join(" ");
    }
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

fn read(path: &Path) -> Result<String, ConfigFileError> {
    match fs::read_limited(path, MAX_BYTES) {
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        other => text(path, other?),
    }
}

fn text(path: &Path, content: Vec<u8>) -> Result<String, ConfigFileError> {
    String::from_utf8(content).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        problem::broken(path, &String::from_utf8_lossy(error.as_bytes()), at, "not UTF-8".to_string()).into()
    })
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigFileError> {
    toml::from_str(text).map_err(|error: toml::de::Error| syntax(path, text, &error))
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> ConfigFileError {
    problem::syntax(path, text, error).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(old: &str, act: impl Fn(&Path) -> Result<(), ConfigFileError>) -> Result<String, ConfigFileError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        std::fs::write(&path, old).unwrap();
        let result = act(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(result.is_ok() || text == old, "a failed change changes nothing");
        result.map(|()| text)
    }

    #[test]
    fn comments_and_order_stay() {
        let old = "# mine\npicker = false # no list\n  auto=false\ncd = true";
        let new = after(old, |path| set(path, "auto", "on")).unwrap();
        assert_eq!(new, "# mine\npicker = false # no list\n  auto=true\ncd = true");
        let new = after(old, |path| set(path, "picker", "true")).unwrap();
        assert_eq!(new, "# mine\npicker = true # no list\n  auto=false\ncd = true");
        let new = after(old, |path| set(path, "python", "it's \"3.12\"\n")).unwrap();
        assert!(new.starts_with(old) && new.lines().count() >= 5, "{new}");
        assert_eq!(after(old, |path| unset(path, "picker")).unwrap(), "# mine\n  auto=false\ncd = true");
        assert_eq!(after(old, |path| unset(path, "python")).unwrap(), old);
    }

    #[test]
    fn what_is_set_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/config.toml");
        assert_eq!(list(&path).unwrap(), []);
        for value in ["~/a b", "a # b", "x\" = 'y'", "$(touch PWN)\\"] {
            set(&path, "project_home", value).unwrap();
            assert_eq!(get(&path, "project_home").unwrap().as_deref(), Some(value));
        }
        set(&path, "auto", "true").unwrap();
        assert_eq!(list(&path).unwrap()[0], ("auto".to_string(), "true".to_string()));
        set(&path, "default_packages", " ipython  rich>=13 ").unwrap();
        assert_eq!(get(&path, "default_packages").unwrap().as_deref(), Some("ipython rich>=13"));
        assert!(std::fs::read_to_string(&path).unwrap().contains("default_packages = [\"ipython\", \"rich>=13\"]\n"));
    }

    #[test]
    fn every_way_to_write_a_key_can_be_changed() {
        for (old, set_to_true, without) in [
            (
                "python = \"\"\"\nauto = false\n\"\"\"\nauto = false\n",
                "python = \"\"\"\nauto = false\n\"\"\"\nauto = true\n",
                "python = \"\"\"\nauto = false\n\"\"\"\n",
            ),
            ("\"auto\" = false # 'x'\r\ncd = true\r\n", "\"auto\" = true # 'x'\r\ncd = true\r\n", "cd = true\r\n"),
            ("'auto'=\"\"\"\n#\n\"\"\" # é\n# end", "'auto'=true # é\n# end", "# end"),
            ("[x]\ny = 1\n", "auto = true\n[x]\ny = 1\n", "[x]\ny = 1\n"),
            ("cd = true # c\n[x]", "cd = true # c\nauto = true\n[x]", "cd = true # c\n[x]"),
        ] {
            assert_eq!(after(old, |path| set(path, "auto", "true")).unwrap(), set_to_true);
            assert_eq!(after(old, |path| unset(path, "auto")).unwrap(), without);
        }
    }

    #[test]
    fn what_cannot_be_changed_safely_stays() {
        for odd in ["[auto]\nx = 1\n", "auto.x = 1\nauto.y = 2\n", "[[auto]]\n"] {
            assert!(matches!(after(odd, |path| set(path, "auto", "true")), Err(ConfigFileError::Odd { .. })), "{odd}");
        }
        assert!(matches!(after("", |path| set(path, "nothing", "x")), Err(ConfigFileError::Key { .. })));
        assert!(matches!(after("", |path| set(path, "auto", "maybe")), Err(ConfigFileError::Value { .. })));
        assert!(matches!(after("", |path| set(path, "installer", "conda")), Err(ConfigFileError::Value { .. })));
    }

    #[test]
    fn no_empty_file_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("config.toml"), directory.path().join("link.toml"));
        set(&path, "auto", "true").unwrap();
        unset(&path, "auto").unwrap();
        assert!(!path.exists());
        std::fs::write(&path, "# mine\nauto = true\n").unwrap();
        unset(&path, "auto").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "# mine\n");
        std::fs::write(&path, "").unwrap();
        unset(&path, "auto").unwrap();
        assert!(path.exists(), "it was empty before");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        set(&link, "auto", "true").unwrap();
        unset(&link, "auto").unwrap();
        assert!(!link.exists() && link.is_symlink(), "the link of a dotfile manager stays");
        set(&link, "cd", "true").unwrap();
        assert_eq!(get(&path, "cd").unwrap().as_deref(), Some("true"));
    }

    #[test]
    fn a_broken_file_is_repaired_by_its_key() {
        for (old, key, without) in [
            ("auto = \n# c\ncd = true\n", "auto", "# c\ncd = true\n"),
            ("cd = true\npicker = maybe", "picker", "cd = true\n"),
            ("cd = true\ncd = false\npicker = true", "cd", "picker = true"),
            ("auto = \"\"\"\ncd = true\n", "auto", "cd = true\n"),
        ] {
            for key in [key, "link_mode"] {
                assert!(after(old, |path| set(path, key, "copy")).is_err(), "{old:?}");
            }
            assert!(matches!(after(old, |path| set(path, "cd", "true")), Err(ConfigFileError::Syntax(_))), "{old:?}");
            assert_eq!(after(old, |path| unset(path, key)).unwrap(), without, "{old:?}");
        }
        let two = "auto = \npicker = \n";
        assert_eq!(after(two, |path| unset(path, "auto")).unwrap(), "picker = \n");
        assert!(matches!(after("x = 'a\nauto = true\n", |path| unset(path, "auto")), Err(ConfigFileError::Syntax(_))));
    }

    #[test]
    fn what_is_valid_in_a_broken_file_is_listed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        std::fs::write(&path, "cd = true\npicker = maybe\npython = '3.12'\n").unwrap();
        let expected = [("cd", "true"), ("python", "3.12")].map(|(key, value)| (key.to_string(), value.to_string()));
        assert_eq!(list(&path).unwrap(), expected);
    }

    #[test]
    fn a_key_of_another_version_can_be_removed() {
        assert_eq!(after("new = 1\ncd = true\n", |path| unset(path, "new")).unwrap(), "cd = true\n");
        assert!(matches!(after("cd = true\n", |path| unset(path, "new")), Err(ConfigFileError::Key { .. })));
    }

    #[test]
    fn of_several_who_change_at_once_all_are_heard() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        let keys = ["python", "project_home", "workon_home", "hook_dir", "creator", "creator_args", "project_filename"];
        for round in 0..20 {
            std::thread::scope(|scope| {
                for key in keys {
                    let path = &path;
                    scope.spawn(move || set(path, key, &format!("{key} {round}")).unwrap());
                }
            });
            for key in keys {
                assert_eq!(get(&path, key).unwrap().unwrap(), format!("{key} {round}"));
            }
        }
    }
}
