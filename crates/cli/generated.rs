//! The parts of hand-written files that follow from the tables: each stands between two comments that name it. The test
//! here compares them; with `VENVWRAP_BLESS=1` it rewrites them.

use std::fs;
use std::path::{Path, PathBuf};

use venvwrap_core::config::variables::{self, Reader, Variable};

use clap::{Command, CommandFactory, ValueHint};

use crate::args::{Cli, DefaultOptions};
use crate::complete;
use crate::functions::{FUNCTIONS, Function, Run};
use venvwrap_core::shell::Shell;

const MAX_WIDTH: usize = 120;

#[test]
fn lists_in_files_are_fresh() {
    let bless = std::env::var_os("VENVWRAP_BLESS").is_some_and(|value| value == "1");
    let stale: Vec<_> =
        files().into_iter().filter(|(path, rewrite)| !is_fresh(&root().join(path), *rewrite, bless)).collect();
    let stale: Vec<_> = stale.iter().map(|(path, _)| path).collect();
    assert!(stale.is_empty(), "`just generate` brings these up to date: {stale:?}");
}

#[test]
fn every_shim_has_every_function() {
    for shell in Shell::ALL {
        let text = crate::shims::command_parts(shell).concat();
        let text = text.replace(" \\\n ", "");
        let defined: Vec<&str> = text
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("function "))
            // One function may have many names, on many lines.
            .flat_map(|rest| rest.split(' ').take_while(|word| !word.starts_with(['{', '-'])))
            .filter(|name| !name.contains('_'))
            .collect();
        let missing: Vec<_> =
            FUNCTIONS.iter().flat_map(Function::names).filter(|name| !defined.contains(name)).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", shell.name());
        let unknown: Vec<_> = defined.iter().filter(|name| Function::find(name).is_none()).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", shell.name());
    }
}

/// One line, imperative, without a period; values that are paths say so.
#[test]
fn help_is_one_plain_line() {
    let mut problems = Vec::new();
    for function in &FUNCTIONS {
        examine(&function.command(), &mut problems);
    }
    examine(&Cli::command(), &mut problems);
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn variables_of_options_are_named_after_them_and_documented() {
    let page = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let command = DefaultOptions::command();
    let visible = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let options: Vec<_> = visible.filter_map(clap::Arg::get_long).collect();
    assert!(options.len() > 10, "{options:?}");
    for option in options {
        let variable = variables::VIRTUALENV.variable(option);
        assert!(page.contains(&format!("`{variable}`")), "{variable}");
    }
}

fn examine(command: &Command, problems: &mut Vec<String>) {
    let mut check = |what: &str, help: Option<String>| {
        let help = help.unwrap_or_default();
        let starts_well = help.starts_with(|letter: char| letter.is_ascii_uppercase());
        if !starts_well || help.ends_with('.') || help.contains('\n') || help.starts_with("The ") {
            problems.push(format!("{} {what}: `{help}`", command.get_name()));
        }
    };
    check("", command.get_about().map(ToString::to_string));
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        check(arg.get_id().as_str(), arg.get_help().map(ToString::to_string));
        let value = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
        let takes_path = ["DIR", "FILE", "PATH", "SUBDIRECTORY"].contains(&value) && arg.get_action().takes_values();
        if takes_path && arg.get_value_hint() == ValueHint::Unknown {
            check(&format!("{value} has no hint"), None);
        }
    }
    command.get_subcommands().for_each(|verb| examine(verb, problems));
}

#[test]
fn regions_are_replaced_and_nothing_else() {
    let text = "a\n  # generated: x; note\nold\n  # end of x\nb\n";
    assert_eq!(with_region(text, "x", "new\n"), "a\n  # generated: x; note\nnew\n  # end of x\nb\n");
    assert_eq!(wrapped("go", ["one".to_string(), "two".to_string()], "", 10), "go one \\\n  two\n");
}

/// The text of a file, as it is to be.
type Rewrite = fn(&str) -> String;

/// Every file that holds such a part.
fn files() -> Vec<(&'static str, Rewrite)> {
    vec![
        ("docs/configuration.md", with_tables),
        ("completions/venvwrap.bash", |text| {
            let names = wrapped("\\builtin complete ${1:+-o \"$1\"} -F __venvwrap_complete", names(), "  ", MAX_WIDTH);
            with_region(text, "names", &names)
        }),
        ("completions/_venvwrap", |text| {
            let (_, rest) = text.split_once('\n').unwrap();
            let text = format!("#compdef {}\n{rest}", complete::names().join(" "));
            with_region(&text, "names", &wrapped("compdef _venvwrap", names(), "    ", MAX_WIDTH))
        }),
        ("completions/venvwrap.fish", |text| {
            // fish indents further lines by four, and the others by two.
            let list = wrapped("set -g __venvwrap_names", names(), "", MAX_WIDTH).replace("\n  ", "\n    ");
            with_region(text, "names", &list)
        }),
        ("shell/bash/commands.bash", |text| {
            let text = with_region(text, "variables", &wrapped("builtin export", passed_on(), "  ", MAX_WIDTH));
            with_region(&text, "functions", &bash_functions())
        }),
        ("shell/zsh/commands.zsh", |text| {
            let text = with_region(text, "variables", &wrapped("builtin typeset -gxm", passed_on(), "  ", MAX_WIDTH));
            with_region(&text, "functions", &zsh_functions())
        }),
        ("shell/fish/commands.fish", |text| {
            let text = with_region(&with_sentences(text), "variables", &fish_variables());
            with_region(&text, "functions", &fish_functions())
        }),
    ]
}

fn is_fresh(path: &Path, rewrite: Rewrite, bless: bool) -> bool {
    let old = fs::read_to_string(path).unwrap();
    let new = rewrite(&old);
    if bless && new != old {
        fs::write(path, &new).unwrap();
    }
    bless || new == old
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The tables of docs/configuration.md.
fn with_tables(text: &str) -> String {
    let settings: String = variables::ALL.iter().filter_map(setting_row).collect();
    let head = "| variable | key in `config.toml` | meaning | default |\n|---|---|---|---|\n";
    let text = with_region(text, "settings", &[head, &settings, KEY_ROWS].concat());
    let tables = [
        ("directories", &[Reader::Directories][..]),
        ("interpreters", &[Reader::Interpreters]),
        ("wheels", &[Reader::Wheels]),
        ("archives", &[Reader::Archives]),
        ("terminal", &[Reader::Terminal]),
        ("shells", &[Reader::Setup, Reader::Shims]),
    ];
    tables.into_iter().fold(text, |text, (name, readers)| {
        let rows = variables::ALL.iter().filter(|variable| readers.contains(&variable.reader));
        let rows: Vec<_> = rows.map(|variable| format!("| `{}` | {} |\n", variable.name, variable.meaning)).collect();
        with_region(&text, name, &["| variable | meaning |\n|---|---|\n", &rows.concat()].concat())
    })
}

/// The keys that no variable sets.
const KEY_ROWS: &str = "| | `auto_repair` | whether `workon` gives an environment whose Python is gone another one of the \
                             same minor version | `true` |\n\
                             | | `default_packages` | packages to install into every new environment, such as `[\"ipython\"]`; not into \
                             those of `mktmpenv` | none |\n\
                             | | `install_python` | whether uv or pyenv installs a Python that a new environment asks for and that is \
                             missing: `always`, `ask` (on a terminal) or `never`; `--install-python` does so once | `ask` |\n\
                             | | `installer` | what `-i` and `-r` install with: `auto` (uv if it is on PATH, otherwise \
                             the environment's pip), `pip` or `uv` | `auto` |\n\
                             | | `keep` | environments that `venvwrap gc` never proposes, separated by blanks | none |\n\
                             | | `link_mode` | how the code of pip gets from the cache into environments: `hardlink` (root: `clone`), \
                             `clone` (a copy on write, or a copy) or `copy` | `hardlink` |\n\
                             | | `seed_update` | whether a newer pip for new environments is looked for in the background, \
                             at most every 14 days | `true` |\n\
                             | | `trash_keep` | how long removed environments are kept ([trash](trash.md)): `12h`, `7d`; `0` deletes \
                             them at once | `24h` |\n\
                             | | `trash_max` | how much space they may take: `500M`, `10G` | `10G` |\n";

fn setting_row(variable: &Variable) -> Option<String> {
    let key = variable.key.map(|key| format!(" `{key}`")).unwrap_or_default();
    Some(format!("| `{}` |{key} | {} | {} |\n", variable.name, variable.meaning, variable.default?))
}

/// Replaces what stands between the two comments that name a region.
fn with_region(text: &str, name: &str, content: &str) -> String {
    let (first, last) = (format!("generated: {name};"), format!("end of {name}"));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = |mark: &str| lines.iter().position(|line| line.contains(mark)).unwrap_or_else(|| panic!("no `{mark}`"));
    let (begin, end) = (at(&first), at(&last));
    [&lines[..=begin].concat(), content, &lines[end..].concat()].concat()
}

/// A command and its words on as many lines as they need.
fn wrapped(command: &str, words: impl IntoIterator<Item = String>, indent: &str, max_width: usize) -> String {
    let mut text = String::new();
    let mut line = format!("{indent}{command}");
    for word in words {
        if line.len() + 1 + word.len() + " \\".len() > max_width {
            text.push_str(&line);
            text.push_str(" \\\n");
            line = format!("{indent}  {word}");
        } else {
            line.push(' ');
            line.push_str(&word);
        }
    }
    text + &line + "\n"
}

fn names() -> impl Iterator<Item = String> {
    complete::names().into_iter().map(str::to_string)
}

/// The variables that the shims pass on.
fn passed_on() -> impl Iterator<Item = String> {
    variables::ALL.iter().filter(|variable| variable.is_passed_on).map(|variable| variable.name.to_string())
}

fn fish_variables() -> String {
    let line = |name: String| {
        let line = format!("    set -q {name}; and set -lx {name} ${name}\n");
        if line.len() > MAX_WIDTH { line.replace("; and", "\n    and") } else { line }
    };
    passed_on().map(line).collect()
}

/// The functions that only pass their arguments on, each with the helper of the shims that takes them. How the others
/// begin depends on the shell.
fn plain_functions() -> impl Iterator<Item = (&'static Function, &'static str)> {
    FUNCTIONS.iter().filter_map(|function| match function.run {
        // Defined only where there is something to leave.
        _ if function.name == "deactivate" => None,
        Run::Do(_) => Some((function, "__venvwrap_do")),
        Run::Shell | Run::ShellOrDo(_) | Run::ShellOrPlan(_) => Some((function, "__venvwrap_late")),
        Run::Plan(_) | Run::DoThenPlan(..) => None,
    })
}

/// zsh gives one function many names, which takes less time at its start than many functions.
fn zsh_functions() -> String {
    let define = |helper: &str| {
        let names = plain_functions().filter(|(_, of)| *of == helper).map(|(function, _)| function.name.to_string());
        let body = format!("{{ {helper} \"${{(%):-%N}}\" \"$@\"; }}");
        wrapped("function", names.chain([body]), "", MAX_WIDTH)
    };
    ["__venvwrap_do", "__venvwrap_late"].map(define).concat()
}

fn bash_functions() -> String {
    let define =
        |(Function { name, .. }, helper): (&Function, &str)| format!("function {name} {{ {helper} {name} \"$@\"; }}\n");
    plain_functions().map(define).collect::<Vec<_>>().concat()
}

fn fish_functions() -> String {
    let define = |(function, helper): (&Function, &str)| {
        format!("{}\n    {helper} {} $argv\nend\n", fish_head(function, function.name), function.name)
    };
    plain_functions().map(define).collect::<Vec<_>>().join("\n")
}

/// Puts the sentence of every function where fish shows it.
fn with_sentences(text: &str) -> String {
    let line = |line: &str| {
        let name = line.trim_start().strip_prefix("function ").and_then(|rest| rest.split(' ').next()).unwrap_or("");
        match Function::find(name) {
            Some(function) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                format!("{indent}{}\n", fish_head(function, name))
            }
            None => line.to_string(),
        }
    };
    text.split_inclusive('\n').map(line).collect()
}

fn fish_head(function: &Function, name: &str) -> String {
    let sentence = function.sentence();
    assert!(!sentence.contains(['\'', '\\']), "{sentence}");
    format!("function {name} --description '{sentence}'")
}
