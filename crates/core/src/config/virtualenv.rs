//! What is set for virtualenv, whose place this program takes: its options as variables and in `virtualenv.ini`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::variables::{VIRTUALENV, VIRTUALENV_CONFIG_FILE};
use crate::fs::ini::{Ini, IniError, IniProblem};
use crate::fs::{self, PathError};

/// A configuration file of virtualenv has a few lines.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The section of the file that virtualenv reads.
const SECTION: &str = "virtualenv";

/// An option that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The option's own name, without the dashes before it.
    pub option: String,
    /// Its value; several are separated by commas.
    pub value: OsString,
    /// Where it is set.
    pub source: Source,
}

/// Where an option is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In this variable.
    Variable(String),
    /// Under this key of a file.
    Key {
        /// The key, in lower case.
        key: String,
        /// The file.
        file: PathBuf,
    },
}

/// The file, below the platform's directory of configuration files.
const FILE: &str = "virtualenv/virtualenv.ini";

/// Everything that is set.
#[derive(Debug, Default)]
pub struct Settings {
    /// The options, each once: a variable takes precedence over the file.
    pub options: Vec<Setting>,
    /// Values that cannot be used: virtualenv goes on as if they were not set.
    pub unusable: Vec<Setting>,
    /// What the file sets although virtualenv has no such option.
    pub unknown: Vec<Source>,
    /// Why the file is not used.
    pub unreadable: Option<Unreadable>,
}

/// Why nothing of a file counts.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The system refused the file that `VIRTUALENV_CONFIG_FILE` names.
    #[error(transparent)]
    Path(#[from] PathError),
    /// virtualenv uses none of a file with such a line.
    #[error("line {} of `{}` {}", error.line, file.display(), error.problem)]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, and what is wrong with it.
        error: IniError,
    },
}

/// Reads what is set for options. Of the names of each, the first is its own and the others are aliases.
///
/// `base` is the platform's directory of configuration files. A file that nobody names may be missing. `is_usable` says
/// whether a value can be one of the option with this own name.
pub fn read(
    options: &[Vec<String>],
    lookup: &dyn Fn(&str) -> Option<OsString>,
    base: Option<&Path>,
    is_usable: &dyn Fn(&str, &OsStr) -> bool,
) -> Settings {
    let value_of = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let named = value_of(VIRTUALENV_CONFIG_FILE.name).map(PathBuf::from);
    let is_named = named.is_some();
    let file = named.or_else(|| Some(base?.join(FILE)));
    let content = file.as_deref().map_or_else(|| Ok(Vec::new()), |file| fs::read_limited(file, MAX_FILE_BYTES));
    let file = file.unwrap_or_default();
    let found = match content {
        Ok(content) => keys(&content).map_err(|error| Some(Unreadable::Line { file: file.clone(), error })),
        Err(error) => Err(is_named.then_some(error.into())),
    };
    let (keys, unreadable) = found.map_or_else(|error| (Vec::new(), error), |keys| (keys, None));
    let of_variable = |name: &String| {
        let variable = VIRTUALENV.variable(name);
        Some((value_of(&variable)?, Source::Variable(variable)))
    };
    let of_key = |name: &String| {
        let key = keys.iter().find(|key| key.is_of(name))?;
        Some((OsString::from(&key.value), key.source(&file)))
    };
    let mut settings = Settings { unreadable, ..Settings::default() };
    for names in options {
        let found = names.iter().filter_map(of_variable).chain(names.iter().filter_map(of_key));
        for (value, source) in found {
            let setting = Setting { option: names[0].clone(), value, source };
            if is_usable(&setting.option, &setting.value) {
                settings.options.push(setting);
                break;
            }
            settings.unusable.push(setting);
        }
    }
    let is_known = |key: &&Key| !options.iter().flatten().any(|name| key.is_of(name));
    settings.unknown = keys.iter().filter(is_known).map(|key| key.source(&file)).collect();
    settings
}

/// Returns whether there may be anything for [`read`]: one of these variables is set, or the file is there. Costs far
/// less than to list the options.
pub fn may_be_set(mut variables: impl Iterator<Item = OsString>, base: Option<&Path>) -> bool {
    let prefix = VIRTUALENV.variable("");
    variables.any(|name| name.as_encoded_bytes().starts_with(prefix.as_bytes()))
        || base.is_some_and(|base| base.join(FILE).exists())
}

/// A line of the file.
struct Key {
    key: String,
    value: String,
}

impl Key {
    fn is_of(&self, option: &str) -> bool {
        self.key.replace('_', "-") == option
    }

    fn source(&self, file: &Path) -> Source {
        Source::Key { key: self.key.clone(), file: file.to_path_buf() }
    }
}

/// The keys of the section. A value that goes on in indented lines is a list. Fails where virtualenv uses none of them.
fn keys(content: &[u8]) -> Result<Vec<Key>, IniError> {
    let content = std::str::from_utf8(content).map_err(|error| {
        let before = content[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n');
        IniError { line: before.count() + 1, problem: IniProblem::NotText }
    })?;
    let (ini, error) = Ini::read(content.strip_prefix('\u{feff}').unwrap_or(content), &str::to_lowercase);
    if let Some(error) = error {
        return Err(error);
    }
    let list = |value: &str| value.trim_start_matches('\n').replace('\n', ",");
    let keys = ini.entries(SECTION).into_iter().map(|entry| Key { key: entry.key.clone(), value: list(&entry.value) });
    Ok(keys.filter(|key| !key.value.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Vec<Vec<String>> {
        let options = [&["copies", "always-copy"][..], &["prompt"], &["extra-search-dir"], &["no-seed", "without-pip"]];
        options.iter().map(|names| names.iter().map(ToString::to_string).collect()).collect()
    }

    fn settings(variables: &[(&str, &str)], file: &str) -> Settings {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("virtualenv")).unwrap();
        std::fs::write(directory.path().join("virtualenv/virtualenv.ini"), file).unwrap();
        let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        let is_usable = |option: &str, value: &OsStr| option != "copies" || value != "maybe";
        read(&options(), &lookup, Some(directory.path()), &is_usable)
    }

    fn values(settings: &Settings) -> Vec<(&str, &str)> {
        settings.options.iter().map(|found| (found.option.as_str(), found.value.to_str().unwrap())).collect()
    }

    #[test]
    fn variables_count_by_every_name_of_an_option_and_before_the_file() {
        let found = settings(&[("VIRTUALENV_ALWAYS_COPY", "1"), ("VIRTUALENV_PROMPT", "")], "[virtualenv]\nprompt=p\n");
        assert_eq!(values(&found), [("copies", "1"), ("prompt", "p")]);
        assert_eq!(found.options[0].source, Source::Variable("VIRTUALENV_ALWAYS_COPY".into()));
        let found = settings(&[("VIRTUALENV_PROMPT", "v")], "[virtualenv]\nprompt = p\n");
        assert_eq!(values(&found), [("prompt", "v")]);
    }

    #[test]
    fn a_value_that_cannot_be_used_is_passed_over() {
        let file = "[virtualenv]\ncopies = 0\n";
        let both = [("VIRTUALENV_COPIES", "maybe"), ("VIRTUALENV_ALWAYS_COPY", "1")];
        let found = settings(&both, file);
        assert_eq!((values(&found), found.unusable.len()), (vec![("copies", "1")], 1));
        assert_eq!(values(&settings(&both[..1], file)), [("copies", "0")]);
        assert_eq!(settings(&both[..1], "[virtualenv]\ncopies = maybe\n").unusable.len(), 2);
    }

    #[test]
    fn the_file_is_read_as_configparser_reads_it() {
        let text = "[other]\nprompt = other\n[virtualenv]\n# no\n; no\nExtra_Search_Dir =\n  /a b\n  /c\n\
                    without-pip: yes\ncolour = red\nempty =\n";
        let found = settings(&[], text);
        assert_eq!(values(&found), [("extra-search-dir", "/a b,/c"), ("no-seed", "yes")]);
        assert!(matches!(&found.unknown[..], [Source::Key { key, .. }] if key == "colour"), "{:?}", found.unknown);
        let marked = settings(&[], &format!("\u{feff}{text}"));
        assert_eq!(values(&marked), values(&found));
        assert!(found.unreadable.is_none() && marked.unreadable.is_none());
    }

    #[test]
    fn nothing_of_a_file_counts_that_configparser_refuses() {
        for (text, line) in [
            ("[virtualenv]\nprompt = p\nfoo\n", 3),
            ("prompt = p\n[virtualenv]\nprompt = p\n", 1),
            ("[virtualenv]\nprompt = p\nPrompt = q\n", 3),
            ("[virtualenv]\nprompt = p\n[virtualenv]\n", 3),
            ("[other]\n[other]\n[virtualenv]\nprompt = p\n", 2),
            ("[virtualenv", 1),
            ("[virtualenv]\nprompt = p\n = x\n=\n:\n  y\n\0\u{feff}", 4),
        ] {
            let found = settings(&[], text);
            assert_eq!(values(&found), [], "{text:?}");
            let told = found.unreadable.unwrap().to_string();
            assert!(told.starts_with(&format!("line {line} of `/")) && told.contains("virtualenv.ini` "), "{told}");
        }
        assert_eq!(keys(b"[virtualenv]\nprompt = \xff\n").err().map(|error| error.line), Some(2));
        let found = settings(&[("VIRTUALENV_PROMPT", "v")], "[virtualenv]\nprompt = p\nfoo\n");
        assert_eq!(values(&found), [("prompt", "v")], "variables count");
    }

    #[test]
    fn only_a_file_that_is_named_must_be_there() {
        let read = |lookup: &dyn Fn(&str) -> Option<OsString>, base| read(&options(), lookup, base, &|_, _| true);
        assert!(read(&|_| None, None).unreadable.is_none());
        assert!(read(&|_| None, Some(Path::new("/nowhere"))).unreadable.is_none());
        let lookup = |name: &str| (name == "VIRTUALENV_CONFIG_FILE").then(|| "/nowhere/at all.ini".into());
        assert!(read(&lookup, None).unreadable.is_some());
    }
}
