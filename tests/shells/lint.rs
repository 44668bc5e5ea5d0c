//! The shims pass each shell's own parser and the usual linters, and keep to the syntax of the oldest bash.

use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::shell::Shell;
use venvwrap_core::shell::plan::VERSION;
use venvwrap_core::shell::render::OTHER_VERSION;

use crate::support::shims::{commands_text, completion_text, file, verbs_text};
use crate::support::tools::find_program;

#[track_caller]
fn passes(program: &str, arguments: &[&str], file: &Path) {
    let Some(program) = find_program(program) else { return };
    let output = Command::new(&program).args(arguments).arg(file).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{} {}\n{}", program.display(), file.display(), String::from_utf8_lossy(&text));
}

/// The files of a directory below `shell/`, or of `shell/` itself, with this ending.
fn files(directory: &str, ending: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("shell").join(directory);
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|found| found == ending)).collect();
    assert!(files.len() > 1, "{files:?}");
    files
}

fn for_bash_and_zsh() -> Vec<PathBuf> {
    [files("", "sh"), files("posix", "sh")].concat()
}

#[test]
fn parsers() {
    for file in [files("bash", "bash"), for_bash_and_zsh()].concat() {
        passes("bash", &["-n"], &file);
    }
    for file in [files("zsh", "zsh"), for_bash_and_zsh()].concat() {
        passes("zsh", &["-f", "-n"], &file);
    }
    for file in files("fish", "fish") {
        passes("fish", &["--no-execute"], &file);
    }
}

#[test]
fn linters() {
    for file in [files("bash", "bash"), for_bash_and_zsh()].concat() {
        passes("shellcheck", &["--norc"], &file);
        // The entry points begin with `#!/bin/sh`, and are read by bash and zsh alone.
        passes("shfmt", &["-ln", "bash", "-i", "2", "-ci", "-d"], &file);
    }
    for file in files("fish", "fish") {
        passes("fish_indent", &["--check"], &file);
    }
}

/// Packages may keep all files in one directory.
#[test]
fn no_two_files_have_the_same_name() {
    let directories = [("bash", "bash"), ("zsh", "zsh"), ("fish", "fish"), ("posix", "sh"), ("", "sh")];
    let files = directories.into_iter().flat_map(|(directory, ending)| files(directory, ending));
    let mut names: Vec<_> = files.map(|file| file.file_name().unwrap().to_owned()).collect();
    names.sort();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

/// With `localvar_inherit` a local variable of bash is a number where a global one of its name is: its text would be
/// evaluated.
#[test]
fn no_local_variable_of_bash_inherits_anything() {
    for file in [files("bash", "bash"), files("posix", "sh")].concat() {
        let text = std::fs::read_to_string(&file).unwrap();
        for (line, next) in text.lines().zip(text.lines().skip(1)) {
            let Some(names) = line.trim_start().strip_prefix("builtin local _vw_") else { continue };
            let unset = format!("builtin unset -v _vw_{names}");
            assert_eq!(next.trim_start(), unset, "{}: {line}", file.display());
        }
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
    for text in [commands_text, verbs_text, completion_text] {
        assert_eq!(newer_syntax(&text(Shell::Bash)), []);
    }
    assert_eq!(newer_syntax(&file("shell/bash/follow.bash")), []);
    assert_eq!(newer_syntax("# mapfile\nlocal -A x\n"), [(1, "local -A x")]);
    assert_eq!(newer_syntax("((BASH_VERSINFO[0] >= 4))\nlocal -A x\nlocal -A y\n"), [(2, "local -A y")]);
}

/// The names of the functions that a text defines; in zsh one function may have many, on many lines.
fn functions(text: &str) -> Vec<String> {
    let text = text.replace(" \\\n  ", " ");
    let lines = text.lines().filter_map(|line| line.strip_prefix("function "));
    let names = lines.flat_map(|line| line.split(' ').take_while(|word| !word.starts_with(['{', '-'])));
    names.map(str::to_string).collect()
}

#[test]
fn every_shell_has_the_same_functions() {
    for text in [commands_text, verbs_text] {
        let fish = text(Shell::Fish);
        let fish = functions(&fish);
        assert!(fish.len() > 20, "{fish:?}");
        for shell in [Shell::Bash, Shell::Zsh] {
            let text = text(shell);
            let there = functions(&text);
            let missing: Vec<_> = fish.iter().filter(|name| !there.contains(name)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", shell.name());
        }
    }
}

#[test]
fn bash_and_zsh_differ_in_the_same_functions() {
    for name in ["verbs", "commands"] {
        let [bash, zsh] = ["bash", "zsh"].map(|shell| file(format!("shell/{shell}/{name}.{shell}")));
        let sorted = |text: &str| {
            let mut names = functions(text);
            names.sort();
            names
        };
        assert_eq!(sorted(&bash), sorted(&zsh), "{name}");
    }
}

/// The verbs of the plan are functions of the same name in each shell, and each shell knows no other version.
#[test]
fn every_verb_has_a_function() {
    for shell in Shell::ALL {
        let follow = file(format!("shell/{0}/follow.{0}", shell.name()));
        let text = [commands_text(shell), verbs_text(shell), follow].concat();
        for verb in ["leave", "enter", "renew", "run", "cd", "source", "set", "tell"] {
            let name = format!("__venvwrap_{verb}");
            assert!(functions(&text).contains(&name), "{}: {verb}", shell.name());
        }
        let version = if shell == Shell::Fish { "__venvwrap_protocol " } else { "__venvwrap_protocol=" };
        assert!(text.contains(&format!("{version}{VERSION}\n")), "{}", shell.name());
        assert!(text.contains(OTHER_VERSION), "{}", shell.name());
        assert!(shell.version_guard().contains("$__venvwrap_protocol") || shell != Shell::Fish);
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
    let commands = file("shell/posix/entry.sh");
    let tests = commands.split("-e $1/").skip(1);
    let mut looked_for: Vec<_> = tests.map(|text| text.split_whitespace().next().unwrap()).collect();
    looked_for.sort_unstable();
    assert_eq!(looked_for, made);
}
