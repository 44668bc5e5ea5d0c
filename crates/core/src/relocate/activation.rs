//! Activation scripts and `pyvenv.cfg` of a copy: besides the path they hold the name that the prompt shows.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::mapping::{Language, Mapping};
use crate::env::prompt_name;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::shell::activate::{self, Activation, Script};
use crate::shell::dialect::Dialect;

/// The largest script that is compared with those that tools write, in bytes.
const MAX_RECOGNISED: usize = 64 * 1024;

/// What the prompt shows in the source and is to show in the copy.
#[derive(Debug)]
pub(crate) struct Prompt {
    /// The names by which tools call the source.
    pub(crate) old_names: Vec<String>,
    /// The name of the copy.
    pub(crate) new_name: String,
    /// What the user has chosen instead of the name.
    pub(crate) custom: Option<String>,
}

/// An activation script of the copy.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing in it is about the source.
    Unchanged,
    /// The path and the name have been put in.
    Edited(Vec<u8>),
    /// It is a new script, and what was written into the old one by hand is lost: editing it would have needed its
    /// language's quotes.
    Regenerated(Vec<u8>),
    /// It still names the source.
    Stale,
}

/// Returns whether a file of `bin` is one of the activation scripts that tools write.
pub(crate) fn is_script(name: &OsStr) -> bool {
    let name = name.as_bytes().to_ascii_lowercase();
    matches!(
        name.strip_prefix(b"activate"),
        Some(b"" | b".csh" | b".fish" | b".nu" | b".ps1" | b".xsh" | b".bat" | b"_this.py")
    ) || matches!(name.as_slice(), b"deactivate.csh" | b"deactivate.bat")
}

/// Makes an activation script name the copy.
pub(crate) fn script(name: &OsStr, content: &[u8], mapping: &Mapping, prompt: &Prompt) -> Outcome {
    let names_source = mapping.is_in(content);
    let is_plain = prompt.old_names.iter().all(|name| is_plain_name(name))
        && is_plain_name(&prompt.new_name)
        && mapping.is_plain()
        && !mapping.old_paths().iter().any(|path| has_quotes(path));
    if !is_plain && let Some(script) = script_of(name) {
        let shown = prompt.custom.as_deref().unwrap_or(&prompt.new_name);
        let added = added(name, content, mapping.old_paths(), prompt).filter(|added| !mapping.is_in(added));
        return match (activate::render(script, &Activation { env: mapping.new_path(), prompt: shown }), added) {
            (Ok(text), Some(added)) => Outcome::Edited([&text, added].concat()),
            (Ok(text), None) => Outcome::Regenerated(text),
            (Err(_), _) if names_source => Outcome::Stale,
            (Err(_), _) => Outcome::Unchanged,
        };
    }
    let is_edited = is_plain || names_source && is_quoted(content, mapping, prompt);
    if !is_edited {
        return if names_source { Outcome::Stale } else { Outcome::Unchanged };
    }
    let text = mapping.replace(content, Language::Plain);
    let renamed = with_new_name(text.as_deref().unwrap_or(content), prompt);
    renamed.or(text).map_or(Outcome::Unchanged, Outcome::Edited)
}

/// Returns what comes after that which this program or another tool has written into a script for one of these paths:
/// nothing, or what the user has written below it. None where it cannot be told apart.
pub(crate) fn added<'a>(name: &OsStr, content: &'a [u8], paths: &[PathBuf], prompt: &Prompt) -> Option<&'a [u8]> {
    let script = script_of(name)?;
    let own = |env: &PathBuf| {
        let is_shown = |prompt: &String| {
            let text = activate::render(script, &Activation { env, prompt }).ok()?;
            content.strip_prefix(&text[..])
        };
        prompt.custom.as_ref().map_or_else(|| prompt.old_names.iter().find_map(is_shown), is_shown)
    };
    if let Some(added) = paths.iter().find_map(own) {
        return Some(added);
    }
    if !matches!(script, Script::Posix | Script::Fish) || content.len() > MAX_RECOGNISED {
        return None;
    }
    let dialect = Dialect::of_script(Path::new(name));
    // Old versions have written a path without quotes: it counts as one value, whatever is in it.
    let mut masked = content.to_vec();
    for path in paths.iter().filter(|path| path.parent().is_some()) {
        masked = replaced(&masked, path.as_os_str().as_bytes(), b"/x");
    }
    for name in prompt.old_names.iter().filter(|name| has_quotes(Path::new(name))) {
        masked = replaced(&masked, name.as_bytes(), b"x");
    }
    let (ends, masked_ends) = (line_ends(content), line_ends(&masked));
    let is_generated = |end: usize| activate::known::recognise(&masked[..end], dialect).is_some();
    let index = (0..masked_ends.len()).rev().find(|&index| is_generated(masked_ends[index]))?;
    Some(&content[*ends.get(index)?..])
}

fn replaced(content: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let (mut result, mut end) = (Vec::with_capacity(content.len()), 0);
    for start in memchr::memmem::find_iter(content, old) {
        result.extend_from_slice(&content[end..start]);
        result.extend_from_slice(new);
        end = start + old.len();
    }
    result.extend_from_slice(&content[end..]);
    result
}

/// Where the lines end, the last one too.
fn line_ends(content: &[u8]) -> Vec<usize> {
    let ends = memchr::memchr_iter(b'\n', content).map(|at| at + 1);
    ends.chain(Some(content.len()).filter(|_| !content.ends_with(b"\n"))).collect()
}

/// Makes `pyvenv.cfg` name the copy; none when it has nothing to change.
pub(crate) fn configuration(content: &[u8], mapping: &Mapping, prompt: &Prompt) -> Option<Vec<u8>> {
    let replaced = mapping.replace(content, Language::Plain);
    let mut cfg = PyvenvCfg::parse(replaced.as_deref().unwrap_or(content));
    let is_of_source = |shown: &str| prompt.old_names.iter().any(|name| name == shown);
    if cfg.prompt().is_some_and(is_of_source) && cfg.set_prompt(&prompt.new_name).is_ok() {
        return Some(cfg.to_bytes());
    }
    replaced
}

pub(crate) fn script_of(name: &OsStr) -> Option<Script> {
    let names = |script: &&Script| activate::file_names(**script).iter().any(|own| OsStr::new(own) == name);
    Script::ALL.iter().find(names).copied()
}

/// Puts the new name where a line about the prompt has the old one as a separate word, in quotes or parentheses or
/// after an equals sign.
fn with_new_name(content: &[u8], prompt: &Prompt) -> Option<Vec<u8>> {
    let mut has_changed = false;
    let lines: Vec<Vec<u8>> = content
        .split(|&byte| byte == b'\n')
        .map(|line| {
            let renamed = is_about_prompt(line)
                .then(|| prompt.old_names.iter().find_map(|old| line_with_new_name(line, old, &prompt.new_name)))
                .flatten();
            has_changed |= renamed.is_some();
            renamed.unwrap_or_else(|| line.to_vec())
        })
        .collect();
    has_changed.then(|| lines.join(&b'\n'))
}

fn is_about_prompt(line: &[u8]) -> bool {
    let lower = line.to_ascii_lowercase();
    [&b"prompt"[..], b"ps1", b"_enter(", b"let name = "].iter().any(|word| memchr::memmem::find(&lower, word).is_some())
        // The colours of venv's fish script are on the line of the name.
        || memchr::memmem::find(&lower, b"set_color").is_some()
}

fn line_with_new_name(line: &[u8], old: &str, new: &str) -> Option<Vec<u8>> {
    let old = old.as_bytes();
    let mut result = Vec::with_capacity(line.len());
    let mut end = 0;
    for start in memchr::memmem::find_iter(line, old) {
        let before = start.checked_sub(1).map(|place| line[place]);
        let after = line.get(start + old.len());
        let begins = before.is_some_and(|byte| b"('\"=".contains(&byte));
        let ends = after.is_none_or(|byte| b")'\"\r".contains(byte));
        if begins && ends {
            result.extend_from_slice(&line[end..start]);
            result.extend_from_slice(new.as_bytes());
            end = start + old.len();
        }
    }
    result.extend_from_slice(&line[end..]);
    (end > 0).then_some(result)
}

/// Returns whether a script of another tool has each path between quotes, in which neither the new one nor the name means
/// anything else in any language: a blank, for instance.
fn is_quoted(content: &[u8], mapping: &Mapping, prompt: &Prompt) -> bool {
    let is_harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b" ()+,-./@_~".contains(byte) || !byte.is_ascii();
    let new = mapping.new_path().as_os_str().as_bytes();
    let is_between = |old: &PathBuf| {
        let places = memchr::memmem::find_iter(content, old.as_os_str().as_bytes());
        places.into_iter().all(|at| at > 0 && b"'\"=".contains(&content[at - 1]))
    };
    let names = prompt.old_names.iter().chain([&prompt.new_name]).map(String::as_bytes);
    names.chain([new]).flatten().all(is_harmless) && mapping.old_paths().iter().all(is_between)
}

/// Returns whether a path has a character that the languages of the scripts escape each in its own way.
fn has_quotes(path: &Path) -> bool {
    path.as_os_str().as_bytes().iter().any(|byte| b"'\"\\$`!".contains(byte))
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte))
}

/// The prompt of a source, which has these paths: its own when it is not just a name of the directory. That of a copy at
/// `path` is its name.
pub(crate) fn prompt_of(cfg: Option<&PyvenvCfg>, sources: &[&Path], name: &OsStr, path: &Path) -> Prompt {
    let mut old_names: Vec<String> = Vec::new();
    for name in sources.iter().flat_map(|source| prompt_name::defaults(source)) {
        if !old_names.iter().any(|known| known == name) {
            old_names.push(name.to_owned());
        }
    }
    if old_names.is_empty() {
        old_names.extend(sources.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())));
    }
    let custom = cfg.and_then(PyvenvCfg::prompt).filter(|prompt| old_names.iter().all(|name| name != prompt));
    let custom = custom.map(String::from);
    let new_name = prompt_name::of_path(path).filter(|_| path.ends_with(name)).map(str::to_owned);
    let new_name = new_name.unwrap_or_else(|| name.to_string_lossy().into_owned());
    Prompt { old_names, new_name, custom }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::activate_path::path_in_script;

    fn prompt(old: &str, new: &str) -> Prompt {
        Prompt { old_names: vec![old.into()], new_name: new.into(), custom: None }
    }

    fn edited(name: &str, text: &str) -> String {
        let mapping = Mapping::new(&["/e/old".into()], Path::new("/e/new"));
        match script(OsStr::new(name), text.as_bytes(), &mapping, &prompt("old", "new")) {
            Outcome::Edited(text) => String::from_utf8(text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn path_and_name_are_put_into_scripts_of_every_tool() {
        for (text, expected) in [
            ("VIRTUAL_ENV=\"/e/old\"\nPS1=\"(old) ${PS1:-}\"", "VIRTUAL_ENV=\"/e/new\"\nPS1=\"(new) ${PS1:-}\""),
            ("VIRTUAL_ENV_PROMPT=old\n", "VIRTUAL_ENV_PROMPT=new\n"),
            ("PS1=\"(\"old\") ${PS1:-}\"", "PS1=\"(\"new\") ${PS1:-}\""),
            ("printf \"%s%s\" (set_color 4B8BBE) \"(old) \"", "printf \"%s%s\" (set_color 4B8BBE) \"(new) \""),
            ("_enter(_text(b'/e/old'), _text(b'old'))", "_enter(_text(b'/e/new'), _text(b'new'))"),
        ] {
            assert_eq!(edited("activate", text), expected);
        }
    }

    #[test]
    fn words_that_only_look_like_the_name_stay() {
        let mapping = Mapping::new(&["/e/prompt".into()], Path::new("/e/new"));
        let text = b"set prompt = \"(custom) $prompt\"\nif prompt\n";
        assert_eq!(script(OsStr::new("activate.csh"), text, &mapping, &prompt("prompt", "new")), Outcome::Unchanged);
    }

    #[test]
    fn a_path_that_needs_quotes_gets_a_new_script() {
        let mapping = Mapping::new(&["/e/old".into()], Path::new("/e/n w"));
        let outcome = script(OsStr::new("activate"), b"VIRTUAL_ENV=/e/old\n", &mapping, &prompt("old", "n w"));
        let Outcome::Regenerated(text) = outcome else { panic!("{outcome:?}") };
        assert!(memchr::memmem::find(&text, b"'/e/n w'").is_some());
        let of_xonsh = |text: &str, new: &str| {
            let mapping = Mapping::new(&["/e/old".into()], &Path::new("/e").join(new));
            script(OsStr::new("activate.xsh"), text.as_bytes(), &mapping, &prompt("old", new))
        };
        let text = "$VIRTUAL_ENV = r\"/e/old\"\n";
        assert_eq!(of_xonsh(text, "n w"), Outcome::Edited(b"$VIRTUAL_ENV = r\"/e/n w\"\n".to_vec()));
        for (text, new) in [(text, "n'w"), (text, "n\"w"), (text, "$w"), (text, "n%w"), ("cd /e/old\n", "n w")] {
            assert_eq!(of_xonsh(text, new), Outcome::Stale, "{text}: {new}");
        }
    }

    #[test]
    fn nothing_is_lost_where_a_script_is_as_it_was_generated() {
        let mapping = Mapping::new(&["/e/old".into()], Path::new("/e/n w"));
        for script_kind in Script::ALL {
            let values = Activation { env: Path::new("/e/old"), prompt: "old" };
            let text = activate::render(script_kind, &values).unwrap();
            let name = OsStr::new(activate::file_names(script_kind)[0]);
            let outcome = script(name, &text, &mapping, &prompt("old", "n w"));
            assert!(matches!(outcome, Outcome::Edited(_)), "{name:?}: {outcome:?}");
            let edit = |start: &[u8], end: &[u8]| {
                script(name, &[start, &text[..], end].concat(), &mapping, &prompt("old", "n w"))
            };
            let Outcome::Edited(new) = edit(b"", b"# mine\n") else { panic!("{name:?}") };
            assert!(new.ends_with(b"# mine\n"), "{name:?}");
            for (start, end) in [(&b"# mine\n"[..], &b""[..]), (b"", b"cd /e/old\n")] {
                assert!(matches!(edit(start, end), Outcome::Regenerated(_)), "{name:?}");
            }
        }
    }

    #[test]
    fn a_custom_prompt_is_kept_in_the_configuration() {
        let mapping = Mapping::new(&["/e/old".into()], Path::new("/e/new"));
        let edit = |text: &str| configuration(text.as_bytes(), &mapping, &prompt("old", "new"));
        assert_eq!(edit("home = /usr/bin\nprompt = mine\n"), None);
        assert_eq!(edit("prompt = 'old'\r\n").unwrap(), b"prompt = 'new'\r\n");
        assert_eq!(edit("command = python -m venv /e/old\n").unwrap(), b"command = python -m venv /e/new\n");
    }

    #[test]
    fn the_path_in_a_script_is_found() {
        for line in ["VIRTUAL_ENV='/a b/c'", "    VIRTUAL_ENV=\"/a b/c\"", "\\export VIRTUAL_ENV='/a b/c'"] {
            assert_eq!(path_in_script(line.as_bytes()), Some("/a b/c".into()), "{line}");
        }
        assert_eq!(path_in_script(b"VIRTUAL_ENV=$(cygpath /x)\nVIRTUAL_ENV=rel\n"), None);
    }
}
