//! The shims pass each shell's own parser and the usual linters, and keep to the syntax of the oldest bash.

use std::path::Path;
use std::process::Command;

use crate::shell::{Shell, auto_text, completion_text, later_text, legacy_text, shim_text};
use crate::support::shells::find_program;

#[track_caller]
fn passes(program: &str, arguments: &[&str], file: &str) {
    let Some(program) = find_program(program) else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("shell").join(file);
    let output = Command::new(&program).args(arguments).arg(&file).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{} {}\n{}", program.display(), file.display(), String::from_utf8_lossy(&text));
}

const FOR_BASH_AND_ZSH: &[&str] =
    &["find.sh", "legacy.sh", "later.sh", "interactive.sh", "virtualenvwrapper.sh", "virtualenvwrapper_lazy.sh"];
const FOR_FISH: &[&str] = &["venvwrap.fish", "later.fish", "auto.fish"];

#[test]
fn parsers() {
    for file in ["venvwrap.bash", "later.bash", "auto.bash"].iter().chain(FOR_BASH_AND_ZSH) {
        passes("bash", &["-n"], file);
    }
    for file in ["venvwrap.zsh", "later.zsh", "auto.zsh"].iter().chain(FOR_BASH_AND_ZSH) {
        passes("zsh", &["-f", "-n"], file);
    }
    for file in FOR_FISH {
        passes("fish", &["--no-execute"], file);
    }
}

#[test]
fn linters() {
    for file in ["venvwrap.bash", "later.bash", "auto.bash"].iter().chain(FOR_BASH_AND_ZSH) {
        passes("shellcheck", &["--norc"], file);
        passes("shfmt", &["-i", "2", "-ci", "-d"], file);
    }
    for file in FOR_FISH {
        passes("fish_indent", &["--check"], file);
    }
}

/// What bash 3.2 refuses, or takes for something else.
const NEWER_THAN_BASH_3: &[&str] = &[
    "declare -g",
    "declare -n",
    "declare -l",
    "declare -u",
    "declare -A",
    "local -n",
    "local -A",
    "mapfile",
    "readarray",
    "&>>",
    "|&",
    "[[ -v",
    "printf '%(",
    "@Q}",
    "${@:",
    "${!VI",
    "@P}",
    "^^}",
    ",,}",
    "[-1]",
    ":0:-1",
    "read -N",
    "compopt",
    ";&",
    " exec {",
    "globstar",
    "lastpipe",
    "-o nosort",
    "wait -n",
    "coproc",
    "source <(",
    "BASHPID",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "*(",
    "+(",
    "?(",
    "@(",
    "!(",
    "\\u",
];

/// The lines with such syntax; one that a test of the version stands right above may have it.
fn newer_syntax(text: &str) -> Vec<(usize, &str)> {
    let above = std::iter::once("").chain(text.lines());
    let lines = text.lines().enumerate().zip(above).filter(|(_, above)| !above.contains("BASH_VERSINFO[0] >= 4"));
    let lines = lines.map(|(line, _)| line).filter(|(_, line)| !line.trim_start().starts_with('#'));
    lines.filter(|(_, line)| NEWER_THAN_BASH_3.iter().any(|syntax| line.contains(syntax))).collect()
}

#[test]
fn bash_shim_keeps_to_bash_3() {
    assert_eq!(newer_syntax(shim_text(Shell::Bash)), []);
    assert_eq!(newer_syntax(later_text(Shell::Bash)), []);
    assert_eq!(newer_syntax(legacy_text()), []);
    assert_eq!(newer_syntax(auto_text(Shell::Bash)), []);
    assert_eq!(newer_syntax(completion_text(Shell::Bash)), []);
    assert_eq!(newer_syntax("# mapfile\nlocal -A x\n"), [(1, "local -A x")]);
    assert_eq!(newer_syntax("((BASH_VERSINFO[0] >= 4))\nlocal -A x\nlocal -A y\n"), [(2, "local -A y")]);
}

#[test]
fn functions_come_in_the_same_order_everywhere() {
    let names = |text: &'static str| -> Vec<&str> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("function "));
        lines.map(|line| line.split([' ', '{']).next().unwrap()).collect()
    };
    for text in [shim_text, later_text] {
        let fish = names(text(Shell::Fish));
        assert!(fish.len() > 20, "{fish:?}");
        for shell in [Shell::Bash, Shell::Zsh] {
            let common: Vec<_> = names(text(shell)).into_iter().filter(|name| fish.contains(name)).collect();
            assert_eq!(common, fish, "{}", shell.name());
        }
    }
}

/// A shell looks for the hooks by itself, so that it starts no process where all are there.
#[test]
fn the_shell_looks_for_the_hooks_that_the_program_makes() {
    let directory = tempfile::tempdir().unwrap();
    venvwrap_core::shell::stubs::write_global(directory.path(), "/bin/sh").unwrap();
    let made = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut made: Vec<_> = made.map(|name| name.into_string().unwrap()).collect();
    made.sort();
    let tests = legacy_text().split("-e $1/").skip(1);
    let mut looked_for: Vec<_> = tests.map(|text| text.split_whitespace().next().unwrap()).collect();
    looked_for.sort_unstable();
    assert_eq!(looked_for, made);
}
