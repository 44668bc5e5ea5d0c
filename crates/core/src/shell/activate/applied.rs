//! What the unchanged activate script of another tool does, as text that starts no process.
//!
//! Those scripts start `uname`, `basename` and others, which takes longer than everything else in entering an environment.
//! Where a script is, byte for byte, what its tool writes, a shell can as well apply venvwrap's script with the values of
//! that one. A script with one byte changed is sourced.

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use super::known::{Generator, Template};
use super::{Activation, Script, render_text};
use crate::env::{Environment, prompt_name};
use crate::shell::dialect::Dialect;
use crate::shell::quote;

/// Text for a shell to evaluate, and what to set afterwards until the environment is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The text.
    pub text: Vec<u8>,
    /// The names of variables and their values.
    pub variables: Vec<(&'static str, OsString)>,
}

/// Returns what the script of an environment does; nothing where only the script itself can do it. `lookup` returns the
/// variables of the shell.
pub fn apply(
    template: &Template,
    environment: &Environment,
    dialect: Dialect,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Option<Applied> {
    let Named { path, shown, is_other } = named(template, environment)?;
    // venv colours its name in the prompt of fish, and starts no process there.
    let is_fish = dialect == Dialect::Fish;
    let is_fast = template.generator == Generator::Venv && !is_other;
    if is_fish && (is_fast || !template.effects.sets_prompt_variable) {
        return None;
    }
    let values = Activation { env: &path, prompt: &shown };
    let script = if is_fish { Script::Fish } else { Script::Posix };
    let mut text = render_text(script, &source(script, template.effects.defines_pydoc), &values).ok()?;
    if !template.effects.sets_prompt_variable {
        text.extend(b"\\unset VIRTUAL_ENV_PROMPT\n");
    } else if template.effects.is_prompt_decorated && !is_fish {
        text.extend(b"VIRTUAL_ENV_PROMPT=");
        text.extend(quote::posix(format!("({shown}) ").as_bytes()));
        text.push(b'\n');
    }
    Some(Applied { text, variables: variables(template, &path, lookup) })
}

/// Returns whether the prompt would show another name if the script itself ran: `.venv`, or that of a link's target.
pub fn is_renamed(template: &Template, environment: &Environment) -> bool {
    named(template, environment).is_some_and(|named| named.is_other)
}

/// An environment by its path, and what the prompt shows for it.
struct Named<'a> {
    path: Cow<'a, Path>,
    shown: String,
    /// Whether that is not what the script shows.
    is_other: bool,
}

fn named<'a>(template: &'a Template, environment: &Environment) -> Option<Named<'a>> {
    let path = match &template.path {
        Some(path) => Cow::from(path),
        None => Cow::from(environment.path().canonicalize().ok()?),
    };
    let prompt = match &template.prompt {
        Some(prompt) => std::str::from_utf8(prompt).ok()?,
        None => path.file_name()?.to_str()?,
    };
    // What is written out may be what is shown.
    let written = prompt.strip_prefix('(').and_then(|prompt| prompt.strip_suffix(") ")).unwrap_or(prompt);
    let shown = prompt_name::shown(environment, &path, Some(written))?;
    let is_other = shown != written;
    Some(Named { path, shown, is_other })
}

fn variables(
    template: &Template,
    path: &Path,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Vec<(&'static str, OsString)> {
    let mut variables = Vec::new();
    for (name, value) in ["TCL_LIBRARY", "TK_LIBRARY"].into_iter().zip(&template.effects.libraries) {
        if !value.is_empty() {
            variables.push((name, OsString::from_vec(value.clone())));
        }
    }
    if template.effects.sets_pkg_config_path {
        let name = "PKG_CONFIG_PATH";
        let mut value = path.join("lib/pkgconfig").into_os_string();
        if let Some(old) = lookup(name).filter(|old| !old.as_bytes().is_empty()) {
            value.push(":");
            value.push(old);
        }
        variables.push((name, value));
    }
    variables
}

/// venvwrap's script without its comments and what a file says about itself, and without the function `pydoc` if the
/// other script has none.
fn source(script: Script, defines_pydoc: bool) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with('#') && !line.is_empty();
    let mut is_of_file = false;
    let is_of_text = |line: &&str| {
        if let Some(bound) = line.strip_prefix("# What a file says about itself ") {
            is_of_file = bound.starts_with("begins");
        }
        !is_of_file
    };
    let lines = script.template().lines().filter(is_of_text).filter(is_code);
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    if defines_pydoc {
        return text;
    }
    let [undefine, define] = if script == Script::Fish { FISH_PYDOC } else { POSIX_PYDOC };
    text.replacen(undefine, "", 1).replacen(define, "", 1)
}

/// The line that removes `pydoc`, and those that define it.
const POSIX_PYDOC: [&str; 2] = [
    "    \\unset -f pydoc 2>/dev/null || :\n",
    "\\unalias pydoc 2>/dev/null || :\npydoc() {\n    \\python -m pydoc \"$@\"\n}\n",
];
const FISH_PYDOC: [&str; 2] = [
    "    builtin functions -e pydoc\n",
    "function pydoc --description 'Show the documentation of this environment'\n    \
     command python -m pydoc $argv\nend\n",
];

#[cfg(test)]
mod tests {
    use super::super::known::Effects;
    use super::*;
    use crate::env::name::EnvName;

    fn template() -> Template {
        Template {
            generator: Generator::Virtualenv,
            version: "1",
            path: Some("/w/a b".into()),
            prompt: None,
            effects: Effects { sets_prompt_variable: true, ..Effects::default() },
            escapes_prompt: false,
        }
    }

    fn environment() -> Environment {
        Environment::new(EnvName::for_existing("a b".as_ref()).unwrap(), "/w/a b".into())
    }

    fn text(template: &Template, dialect: Dialect) -> Option<String> {
        let applied = apply(template, &environment(), dialect, &|_| None)?;
        Some(String::from_utf8(applied.text).unwrap())
    }

    #[test]
    fn it_is_our_script_with_the_values_of_the_other() {
        let bare = text(&template(), Dialect::Posix).unwrap();
        assert!(bare.contains("\nVIRTUAL_ENV='/w/a b'\nVIRTUAL_ENV_PROMPT='a b'\n\\export VIRTUAL_ENV "), "{bare}");
        assert!(!bare.contains("pydoc") && !bare.contains("\n#"), "{bare}");
        let old = Template { effects: Effects::default(), ..template() };
        assert!(text(&old, Dialect::Posix).unwrap().ends_with("\\unset VIRTUAL_ENV_PROMPT\n"));
        let effects = Effects { defines_pydoc: true, is_prompt_decorated: true, ..template().effects };
        let template = Template { prompt: Some(b"(it's) ".to_vec()), effects, ..template() };
        let full = text(&template, Dialect::Posix).unwrap();
        assert!(full.ends_with("\nVIRTUAL_ENV_PROMPT='(it'\\''s) '\n"), "{full}");
        assert_eq!(full.matches("pydoc").count(), 4, "{full}");
        assert_eq!(text(&template, Dialect::Fish).unwrap().matches("pydoc").count(), 3);
        let effects = Effects { defines_pydoc: false, ..template.effects.clone() };
        let template = Template { effects, ..template };
        assert!(!text(&template, Dialect::Fish).unwrap().contains("pydoc"));
    }

    #[test]
    fn what_cannot_be_written_is_sourced() {
        let venv = Template { generator: Generator::Venv, ..template() };
        assert!(text(&venv, Dialect::Fish).is_none() && text(&venv, Dialect::Posix).is_some());
        assert!(text(&Template { prompt: Some(vec![0xff]), ..template() }, Dialect::Posix).is_none());
        assert!(text(&Template { path: Some("/a:b".into()), ..template() }, Dialect::Posix).is_none());
    }

    #[test]
    fn an_environment_in_a_project_is_called_like_the_project() {
        for (path, prompt, expected) in [
            ("/w/web/.venv", Some("(.venv) "), "web"),
            ("/w/web/.venv", Some(".venv"), "web"),
            ("/w/web/.venv", None, "web"),
            ("/w/web/.venv", Some("(mine) "), "mine"),
            ("/w/web/venv", None, "venv"),
            ("/.venv", None, ".venv"),
            ("/w/a$(b)/.venv", None, ".venv"),
            ("/w/50%/.venv", None, ".venv"),
            ("/w/ü 1+2/.venv", None, "ü 1+2"),
        ] {
            for generator in [Generator::Virtualenv, Generator::Venv] {
                let prompt = prompt.map(|prompt| prompt.as_bytes().to_vec());
                let template = Template { generator, path: Some(path.into()), prompt, ..template() };
                let posix = text(&template, Dialect::Posix).unwrap();
                assert!(posix.contains(&format!("\nVIRTUAL_ENV_PROMPT='{expected}'\n")), "{path}: {posix}");
                let fish = text(&template, Dialect::Fish);
                assert_eq!(
                    fish.is_some(),
                    generator == Generator::Virtualenv || !expected.contains("venv") && expected != "mine",
                    "{path}"
                );
            }
        }
    }

    #[test]
    fn other_variables_are_set_behind_it() {
        let libraries = [b"/t".to_vec(), Vec::new()];
        let effects = Effects { sets_pkg_config_path: true, libraries, ..template().effects };
        let template = Template { effects, ..template() };
        let with = |old: Option<&str>| {
            let old = old.map(OsString::from);
            apply(&template, &environment(), Dialect::Posix, &|_| old.clone()).unwrap().variables
        };
        assert_eq!(with(Some("")), [("TCL_LIBRARY", "/t".into()), ("PKG_CONFIG_PATH", "/w/a b/lib/pkgconfig".into())]);
        assert_eq!(with(Some("/x"))[1].1, "/w/a b/lib/pkgconfig:/x");
    }
}
